// Peak power by quarter hours of the calendar, and labour per tonne: worked out by hand.
#include <doctest/doctest.h>

#include <cmath>

#include "core/experiment/replication.hpp"
#include "core/flow/plant/changed.hpp"
#include "tests/unit/small_plant.hpp"

namespace retwin::power_test {

namespace {

constexpr auto working = static_cast<std::size_t>(ServerState::working), starved = static_cast<std::size_t>(ServerState::starved);

double figure(const Scenario& scenario, double begin_s, double end_s, const std::string& path) {
  Task task;
  task.begin_s = begin_s;
  task.end_s = end_s;
  const Replicated done = replicate(scenario, task, {});
  const Kpi* kpi = done.outcome.find(path);
  REQUIRE_MESSAGE(kpi != nullptr, path);
  return kpi->value;
}

/// One lot at 100 s, served in 1000 s; a job takes a million J.
Plant one_job() {
  Plant p = small::plant({small::station("oven", Distribution::constant(1000), 1)}, {small::source("in", Distribution::constant(1e6), 0)});
  p.sources[0].first_s = 100;
  p.stations[0].energy_J_per_job = 1e6;
  return p;
}

double peak_kW(Plant p, double begin_s, double end_s) {
  return figure(small::scenario(small::ready(std::move(p)), end_s), begin_s, end_s, "plant.peak_power");
}

}  // namespace

TEST_CASE("power by state, and energy by job: a clockwork") {
  Plant p = small::plant({small::station("press", Distribution::constant(4), 1)}, {small::source("in", Distribution::constant(10), 0)});
  p.stations[0].power_W[working] = 100;
  p.stations[0].power_W[starved] = 10;
  p.stations[0].energy_J_per_job = 50;
  CHECK(peak_kW(p, 0, 900) == doctest::Approx((89 * 4 * 100 + 544 * 10 + 89 * 50) / 900e3));  // the first lot comes after 10 s
  CHECK(peak_kW(p, 0, 1800) == doctest::Approx(0.051));
  Scenario lit = small::scenario(small::ready(p), 1800);
  lit.reporting.auxiliaries.push_back({"light", "", 36, {}, "", false});
  CHECK(figure(lit, 0, 1800, "plant.peak_power") == doctest::Approx(0.087));
  CHECK(std::isnan(peak_kW(p, 0, 899)));     // no whole quarter of an hour
  CHECK(std::isnan(peak_kW(p, 1, 1799)));
}

TEST_CASE("the energy of a job is spread over its time, and cut at the quarters of the calendar") {
  CHECK(peak_kW(one_job(), 0, 1800) == doctest::Approx(800.0 / 900));  // [100, 1100] at 1 kW; booked at its end it would be 1.11
  CHECK(peak_kW(one_job(), 200, 1800) == doctest::Approx(200.0 / 900));  // only [900, 1800] is whole
  Plant later = one_job();
  later.clock0_s = 500;  // quarters begin at 400 and 1300
  CHECK(peak_kW(later, 0, 1800) == doctest::Approx(700.0 / 900));
  later.clock0_s = 3600;
  CHECK(peak_kW(later, 0, 1800) == doctest::Approx(800.0 / 900));
  Plant general = one_job();  // the same off the hot path
  general.stations[0].changeover.distribution = Distribution::constant(0);
  CHECK(peak_kW(general, 0, 1800) == doctest::Approx(800.0 / 900));
}

TEST_CASE("a plant that draws more from the middle of a quarter on") {
  Plant p = small::plant({small::station("oven", Distribution::constant(1), 1)}, {});
  p.stations[0].power_W[starved] = 1000;
  const auto plant = small::ready(p);
  Scenario scenario = small::scenario(plant, 900);
  CHECK(figure(scenario, 0, 900, "plant.peak_power") == doctest::Approx(1));
  scenario.changes.push_back({450, changed(*plant, 1, [](Plant& other) { other.stations[0].power_W[starved] = 3000; })});
  CHECK(figure(scenario, 0, 900, "plant.peak_power") == doctest::Approx(2));
  CHECK(figure(scenario, 0, 1800, "plant.peak_power") == doctest::Approx(3));
  CHECK(figure(scenario, 0, 1800, "plant.power") == doctest::Approx(2.5));
}

TEST_CASE("labour: units on duty x time of pools of people") {
  Plant p = small::plant({small::station("press", Distribution::constant(4), 1)}, {small::source("in", Distribution::constant(10), 0)}, {"steel"});
  p.sources[0].maker = std::make_shared<small::Weighed>(std::vector<double>{2});
  Pool crew, tools;
  crew.name = "crew";
  crew.shifts = {{none, 3}};
  tools.name = "tools";
  tools.shifts = {{none, 40}};
  tools.people = false;
  p.pools = {crew, tools};
  const auto plant = small::ready(p);
  Scenario scenario = small::scenario(plant, 36000);
  scenario.reporting.functional_units.push_back({"fed", {"in"}, {}, "", {}});
  CHECK(figure(scenario, 3600, 36000, "plant.labour") == doctest::Approx(27));  // nobody is needed, all are on duty
  CHECK(figure(scenario, 3600, 36000, "plant.labour_per_tonne") == doctest::Approx(27 / (3240 * 0.002)));
  CHECK(figure(scenario, 3600, 36000, "per.fed.labour") == doctest::Approx(27 / (3240 * 0.002)));
  scenario.changes.push_back({18000, changed(*plant, 1, [](Plant& other) { other.pools[0].shifts[0].count = 1; })});
  CHECK(figure(scenario, 3600, 36000, "plant.labour") == doctest::Approx(4 * 3 + 5));
  p.pools[1].people = true;  // control: tools that are people
  CHECK(figure(small::scenario(small::ready(p), 36000), 0, 36000, "plant.labour") == doctest::Approx(430));
}

}  // namespace retwin::power_test
