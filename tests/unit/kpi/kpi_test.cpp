// Figures and windows: known answers on plants that can be worked out by hand, and laws that a broken account must violate.
#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <iterator>

#include "core/flow/engine/simulation.hpp"
#include "core/kpi/kpi.hpp"
#include "core/ledger/writers.hpp"
#include "tests/unit/small_plant.hpp"

namespace retwin::kpi_test {

namespace {

double figure(const std::vector<Kpi>& kpis, const std::string& path) {
  for (const Kpi& kpi : kpis)
    if (kpi.path == path) return kpi.value;
  FAIL("no such figure: " << path);
  return 0;
}

Window run_window(const std::shared_ptr<const Plant>& plant, double begin, double end, std::uint64_t seed = 1) {
  Simulation simulation(plant, seed);
  if (begin > 0) simulation.advance(begin);
  Window window(*plant, read(*plant, simulation.state()));
  simulation.advance(end);
  window.extend(*plant, read(*plant, simulation.state()));
  return window;
}

/// A lot of 2 kg every 10 s, served in 4 s at 100 W, 10 W when idle; 3 kg of acid per hour of work.
Plant clockwork() {
  Plant p = small::plant({small::station("press", Distribution::constant(4), 1)},
                         {small::source("in", Distribution::constant(10), 0)}, {"steel", "oil"});
  Station& s = p.stations[0];
  s.power_W[static_cast<std::size_t>(ServerState::working)] = 100;
  s.power_W[static_cast<std::size_t>(ServerState::starved)] = 10;
  s.energy_J_per_job = 50;
  s.group = "front";
  Consumption acid;
  acid.flow = 1;
  acid.per_kg = 0.5;
  acid.per_s[static_cast<std::size_t>(ServerState::working)] = 3.0 / 3600;
  s.consumption.push_back(acid);
  p.sources[0].maker = std::make_shared<small::Weighed>(std::vector<double>{1.5, 0.5});
  return p;
}

}  // namespace

TEST_CASE("figures of a clockwork") {
  const auto plant = small::ready(clockwork());
  const Window w = run_window(plant, 100, 1100);  // 100 lots, the window begins with an arrival just behind it
  const auto kpis = compute_kpis({w, {}, 3.6e6});
  CHECK(figure(kpis, "stations.press.utilisation") == doctest::Approx(0.4));
  CHECK(figure(kpis, "stations.press.starved") == doctest::Approx(0.6));
  CHECK(figure(kpis, "stations.press.jobs") == doctest::Approx(100));
  CHECK(figure(kpis, "stations.press.throughput") == doctest::Approx(360));
  CHECK(figure(kpis, "stations.press.rate") == doctest::Approx(0.1));
  CHECK(figure(kpis, "stations.press.waiting") == doctest::Approx(0));
  CHECK(figure(kpis, "stations.press.mean_content") == doctest::Approx(0.4));
  CHECK(figure(kpis, "stations.press.kg_in") == doctest::Approx(200));
  CHECK(figure(kpis, "stations.press.electricity") == doctest::Approx((400 * 100 + 600 * 10 + 100 * 50) / 3.6e6));
  CHECK(figure(kpis, "flows.acid.total") == doctest::Approx(400 * 3.0 / 3600 + 0.5 * 200));
  CHECK(figure(kpis, "sinks.out.mass_rate") == doctest::Approx(0.72));
  CHECK(figure(kpis, "sinks.out.per_year") == doctest::Approx(720));  // a year of 1,000 h
  CHECK(figure(kpis, "sinks.out.cycle_time.mean") == doctest::Approx(4.0 / 3600));
  CHECK(figure(kpis, "sinks.out.cycle_time.p50") == doctest::Approx(4.0 / 3600).epsilon(0.02));
  CHECK(figure(kpis, "sources.in.cycle_time") == doctest::Approx(4));
  CHECK(figure(kpis, "sources.in.lost_share") == 0);
  CHECK(figure(kpis, "plant.wip") == doctest::Approx(0.4));
  CHECK(figure(kpis, "plant.mass_in") == doctest::Approx(720));
  CHECK(w.electricity_by_state(0, ServerState::working) == doctest::Approx(40000));
  CHECK(w.server_time(0) == doctest::Approx(1000));
}

TEST_CASE("a stretch that is still going on counts, and reading changes nothing") {
  const auto plant = small::ready(clockwork());
  Simulation simulation(plant, 1);
  simulation.advance(12);  // two seconds of work on the first lot
  const std::string before = save_state(simulation.state(), *plant);
  const Reading reading = read(*plant, simulation.state());
  CHECK(save_state(simulation.state(), *plant) == before);
  CHECK(reading.accounts.stations[0].time_in[static_cast<std::size_t>(ServerState::working)] == doctest::Approx(2));
  CHECK(reading.accounts.stations[0].time_in[static_cast<std::size_t>(ServerState::starved)] == doctest::Approx(10));
  CHECK(simulation.state().accounts.stations[0].time_in[static_cast<std::size_t>(ServerState::working)] == 0);
  CHECK(reading.stock_kg[0] == doctest::Approx(1.5));
  CHECK(reading.stays_s == doctest::Approx(2));
}

TEST_CASE("functional units divide the use of their groups, shared groups are split") {
  const auto plant = small::ready(clockwork());
  const Window w = run_window(plant, 100, 1100);
  Reporting r;
  r.functional_units.push_back({"product", {"out"}, {"front"}, "tonne that leaves", {}});
  r.functional_units.push_back({"all", {"sources.in"}, {}, "", {}});
  r.functional_units.push_back({"fed", {"stations.press", "press.out"}, {"nobody"}, "", {}});
  r.auxiliaries.push_back({"light", "hall", 36, {}, "", true});
  r.allocations.push_back({"hall", {{"front", 0.75}, {"back", 0.25}}, false});
  r.factors.push_back({0, 0.5 / 3.6e6, "grid", "table 1", 2, false});
  r.factors.push_back({1, 2, "acid", "", 3, false});
  const auto kpis = compute_kpis({w, r, 3.6e6});
  const double direct = 51000 / 3.6e6, light = 36 * 1000 / 3.6e6, acid = 400 * 3.0 / 3600 + 100;
  CHECK(figure(kpis, "per.product.electricity") == doctest::Approx((direct + 0.75 * light) / 0.2));
  CHECK(figure(kpis, "per.all.electricity") == doctest::Approx((direct + light) / 0.2));
  CHECK(figure(kpis, "per.fed.electricity") == 0);
  CHECK(figure(kpis, "per.fed.mass_per_year") == doctest::Approx(1440));
  CHECK(figure(kpis, "per.all.acid") == doctest::Approx(acid / 0.2));
  CHECK(figure(kpis, "per.all.carbon") == doctest::Approx((0.5 * (direct + light) + 2 * acid) / 0.2));
  CHECK(figure(kpis, "per.all.carbon.scope2") == doctest::Approx(0.5 * (direct + light) / 0.2));
  CHECK(figure(kpis, "per.all.carbon.acid") == doctest::Approx(2 * acid / 0.2));
  CHECK(figure(kpis, "plant.electricity") == doctest::Approx(direct + light));
  for (const Kpi& kpi : kpis) {
    if (kpi.path == "per.all.electricity" || kpi.path == "per.all.carbon.grid") CHECK(kpi.estimate);
    if (kpi.path == "per.all.carbon.acid") CHECK_FALSE(kpi.estimate);
    if (kpi.path.starts_with("per.") && kpi.path.ends_with("electricity")) CHECK(kpi.ratio);
  }
  r.allocations[0].by_electricity = true;  // the back uses none: all of the light is the front's
  CHECK(figure(compute_kpis({w, r, 3.6e6}), "per.product.electricity") == doctest::Approx((direct + light) / 0.2));
  r.functional_units[0].ports = {"nowhere"};
  CHECK_THROWS_AS(compute_kpis({w, r, 3.6e6}), InputError);
}

TEST_CASE("laws of a window, and what breaks them") {
  Plant p = small::plant(
      {small::station("a", Distribution::exponential(4), 1, 3, 2), small::station("b", Distribution::exponential(2.5), 2, 2)},
      {small::source("in", Distribution::exponential(3), 0)}, {"steel"});
  p.sources[0].maker = std::make_shared<small::Weighed>(std::vector<double>{0.1});
  const auto plant = small::ready(p);
  Simulation simulation(plant, 7);
  simulation.advance(501.25);
  Window w(*plant, read(*plant, simulation.state()));
  simulation.advance(9999.5);
  w.extend(*plant, read(*plant, simulation.state()));
  CHECK(w.mass_balance_error() < 1e-12);
  CHECK(w.little_error() < 1e-12);
  CHECK(w.little_error(0) < 1e-12);
  CHECK(w.little_error(1) < 1e-12);
  CHECK(w.server_time(0) == doctest::Approx(2 * w.length_s()).epsilon(1e-12));
  CHECK(w.mean_queue(0) > 0.1);

  Reading leaky = w.end(), idle = w.end();  // negative controls
  leaky.accounts.sink_kg[0] *= 1.001;
  Window broken = w;
  broken.extend(*plant, leaky);
  CHECK(broken.mass_balance_error() > 1e-4);
  idle.waits_s[0] *= 1.001;
  idle.stays_s *= 1.001;
  broken = w;
  broken.extend(*plant, idle);
  CHECK(broken.little_error(0) > 1e-4);
  CHECK(broken.little_error() > 1e-4);
}

TEST_CASE("a saturated source's waiting lot is not in the plant yet") {
  const auto plant =
      small::ready(small::plant({small::station("a", Distribution::exponential(4), 1)}, {small::saturated("in", 0)}));
  const Window w = run_window(plant, 100, 5000, 3);
  CHECK(w.little_error() < 1e-12);
  CHECK(w.utilisation(0) == doctest::Approx(1));
  CHECK(w.change([](const Reading& r) { return r.waiting_outside; }) == 0);
}

TEST_CASE("power is counted at the power of its time") {
  const auto plant = small::ready(clockwork());
  Plant stronger = *plant;
  stronger.stations[0].power_W[static_cast<std::size_t>(ServerState::working)] = 300;
  const auto later = std::make_shared<const Plant>(stronger);
  Simulation simulation(plant, 1, 0, {{600, later}});
  simulation.advance(100);
  Window w(*plant, read(*plant, simulation.state()));
  simulation.advance(600);
  w.extend(*plant, read(*plant, simulation.state()));
  simulation.advance(1100);
  w.extend(*later, read(*later, simulation.state()));
  CHECK(w.electricity_by_state(0, ServerState::working) == doctest::Approx(200 * 100 + 200 * 300));
}

TEST_CASE("a trace is streamed to CSV and appears when it is complete") {
  const auto plant = small::ready(clockwork());
  const std::string path = "kpi_test_trace.csv";
  {
    TraceWriter trace(*plant, path);
    Simulation(plant, 1).advance(25, &trace);
    CHECK_FALSE(std::ifstream(path).good());
    trace.commit();
  }
  std::ifstream in(path);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  std::remove(path.c_str());
  CHECK(text.find("time_s,event,place,server,lot,from,to,mass_kg,parents\n10,made,in,,") == 0);
  CHECK(text.find("\n10,state,press,0,,starved,working,,\n") != std::string::npos);
  CHECK(text.find("\n14,ended,out,,") != std::string::npos);
  CHECK(text.find("\n24,finished,press,0,") != std::string::npos);
}

}  // namespace retwin::kpi_test
