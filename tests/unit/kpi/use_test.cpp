// Uses by group worked out by hand: what comes and leaves uses, elements of a waste, allocation by mass, mass without components.
#include <doctest/doctest.h>

#include "core/flow/engine/simulation.hpp"
#include "core/kpi/use.hpp"
#include "tests/unit/small_plant.hpp"

namespace retwin::use_test {

namespace {

double figure(const std::vector<Kpi>& kpis, const std::string& path) {
  for (const Kpi& kpi : kpis)
    if (kpi.path == path) return kpi.value;
  FAIL("no such figure: " << path);
  return 0;
}

/// Two lines of lots of 3 and 1 kg every 10 s into one sink; coke is 80 % C.
Plant two_lines() {
  Plant p = small::plant({small::station("a", Distribution::constant(4), 2), small::station("b", Distribution::constant(4), 2)},
                         {small::source("large", Distribution::constant(10), 0), small::source("small", Distribution::constant(10), 1)},
                         {"coke", "iron"});
  p.substances.elements = {"C", "Fe"};
  p.substances.fraction = {0.8, 0, 0, 1};
  p.stations[0].group = "front";
  p.stations[1].group = "back";
  p.sources[0].maker = std::make_shared<small::Weighed>(std::vector<double>{1, 2});
  p.sources[1].maker = std::make_shared<small::Weighed>(std::vector<double>{1, 0});
  p.flows.push_back({"carbon", dimension::mass});
  p.flows.push_back({"road", dimension::mass * dimension::length});
  return p;
}

struct Run {
  std::shared_ptr<const Plant> plant = small::ready(two_lines());
  Window window = [this] {
    Simulation simulation(plant, 1);
    simulation.advance(100);
    Window w(*plant, read(*plant, simulation.state()));
    simulation.advance(1100);
    w.extend(*plant, read(*plant, simulation.state()));
    return w;
  }();
  double amount(const Reporting& r, const std::string& group, Index flow) const { return use_by_group({window, r, 3.6e6}).at(group).amount[flow]; }
};

}  // namespace

TEST_CASE("what a source brings uses flows by mass and by lot, in its own group") {
  const Run run;
  Reporting r;
  r.passing.push_back({true, run.plant->find_source("large"), "gate", {{3, 5000, 0, -1}, {1, 0, 0.25, -1}}, true});
  CHECK(run.amount(r, "gate", 3) == doctest::Approx(100 * 3 * 5000.0));
  CHECK(run.amount(r, "gate", 1) == doctest::Approx(100 * 0.25));
  CHECK(use_by_group({run.window, r, 3.6e6}).at("gate").estimate[3]);
  CHECK_FALSE(use_by_group({run.window, r, 3.6e6}).at("gate").estimate[0]);
  CHECK(total_use({run.window, r, 3.6e6}, 3) == doctest::Approx(100 * 3 * 5000.0));
}

TEST_CASE("what a sink uses falls to those who fill it, element by element") {
  const Run run;
  Reporting r;
  r.passing.push_back({false, 0, "", {{2, 1, 0, 0}, {3, 1000, 0, -1}}, false});
  CHECK(run.amount(r, "front", 2) == doctest::Approx(100 * 0.8));  // one kg of coke a lot from each: half and half
  CHECK(run.amount(r, "back", 2) == doctest::Approx(100 * 0.8));
  CHECK(run.amount(r, "front", 3) == doctest::Approx(100 * 3 * 1000.0));  // by mass 3 : 1
  CHECK(run.amount(r, "back", 3) == doctest::Approx(100 * 1 * 1000.0));
  CHECK(total_use({run.window, r, 3.6e6}, 2) == doctest::Approx(160));
  r.factors.push_back({2, 44.0 / 12, "burnt", "stoichiometry", 3, false});
  CHECK(figure(compute_kpis({run.window, r, 1000}), "plant.carbon_per_year") == doctest::Approx(0.160 * 44 / 12));
}

TEST_CASE("a shared group is split by the mass that goes through") {
  const Run run;
  Reporting r;
  r.functional_units.push_back({"coarse", {"a.out"}, {"front"}, "", {}});
  r.functional_units.push_back({"coarse_iron", {"a.out"}, {"front"}, "", {0}});
  r.auxiliaries.push_back({"light", "hall", 36, {}, "", false});
  r.allocations.push_back({"hall", {}, false, {{"front", {"large"}}, {"back", {"b.out"}}}});
  const double light_kWh = 36 * 1000 / 3.6e6;
  const auto kpis = compute_kpis({run.window, r, 3.6e6});
  CHECK(figure(kpis, "per.coarse.electricity") == doctest::Approx(0.75 * light_kWh / 0.3));
  CHECK(figure(kpis, "per.coarse_iron.electricity") == doctest::Approx(0.75 * light_kWh / 0.2));  // less the coke
  r.allocations[0].by_mass[1].second = {"nowhere"};
  CHECK_THROWS_AS(compute_kpis({run.window, r, 3.6e6}), InputError);
  r.allocations[0].by_mass[1].second = {"large"};  // control: another mass, another share
  CHECK(figure(compute_kpis({run.window, r, 3.6e6}), "per.coarse.electricity") == doctest::Approx(0.5 * light_kWh / 0.3));
}

TEST_CASE("of several rules that share a group one counts, and what the others would give is told beside it") {
  const Run run;
  Reporting r;
  r.functional_units.push_back({"coarse", {"a.out"}, {"front"}, "", {}});
  r.auxiliaries.push_back({"light", "hall", 36, {}, "", false});
  r.auxiliaries.push_back({"lamp", "front", 9, {}, "", false});
  r.auxiliaries.push_back({"fan", "back", 27, {}, "", false});
  r.factors.push_back({run.plant->electricity, 1 / 3.6e6, "grid", "test", 2, false});  // 1 kg/kWh
  r.allocations.push_back({"hall", {{"front", 0.9}, {"back", 0.1}}, false, {{"front", {"large"}}, {"back", {"b.out"}}}});
  r.allocations[0].by = Allocation::By::mass;
  const auto kpis = compute_kpis({run.window, r, 3.6e6});
  const double light = 36 * 1000 / 3.6e6 / 0.3, own = 9 * 1000 / 3.6e6 / 0.3;  // [kg/t]
  const double back = figure(kpis, "per.coarse.share.hall.by_electricity");
  CHECK(back == doctest::Approx(9.0 / (9 + 27)));
  CHECK(figure(kpis, "per.coarse.carbon_if.hall.by_mass") == doctest::Approx(own + 0.75 * light));
  CHECK(figure(kpis, "per.coarse.electricity") == doctest::Approx(own + 0.75 * light));  // that is what counts
  CHECK(figure(kpis, "per.coarse.carbon_if.hall.by_shares") == doctest::Approx(own + 0.9 * light));
  CHECK(figure(kpis, "per.coarse.carbon_if.hall.by_electricity") == doctest::Approx(own + back * light));
  CHECK(figure(kpis, "per.coarse.share.hall.by_mass") == doctest::Approx(0.75));
}

}  // namespace retwin::use_test
