// What buffers held and whom they stopped: lines worked out by hand, and the single queue against its closed forms.
#include <doctest/doctest.h>

#include <cmath>

#include "core/flow/engine/simulation.hpp"
#include "core/flow/plant/changed.hpp"
#include "core/kpi/kpi.hpp"
#include "tests/unit/small_plant.hpp"

namespace retwin::buffers_test {

namespace {

/// A window of a run, with its plant.
struct Ran : Window {
  Ran(std::shared_ptr<const Plant> of, double begin, double end) : Window(*of, {}), plant(std::move(of)) {
    Simulation simulation(plant);
    if (begin > 0) simulation.advance(begin);
    static_cast<Window&>(*this) = Window(*plant, read(*plant, simulation.state()));
    simulation.advance(end);
    extend(*plant, read(*plant, simulation.state()));
  }
  double operator[](const std::string& path) const {
    for (const Kpi& kpi : compute_kpis({*this, {}, 3.6e6}))
      if (kpi.path == path) return kpi.value;
    FAIL("no such figure: " << path);
    return 0;
  }
  std::shared_ptr<const Plant> plant;
};

/// A lot of 5 kg at 10, 20, ...; a takes 4 s, b 13 s. With one place before it b is full in [24, 27], [34, 40], [44, 53], [54, ...], and a
/// holds a lot that finds no room in [64, 66], [74, 79], [84, 92], [96, 105] and from 109 to 118.
Plant line(Index places) {
  Plant p = small::plant({small::station("a", Distribution::constant(4), 1), small::station("b", Distribution::constant(13), 2, places)},
                         {small::source("in", Distribution::constant(10), 0)}, {"steel"});
  p.sources[0].maker = std::make_shared<small::Weighed>(std::vector<double>{5});
  return p;
}

}  // namespace

TEST_CASE("a full buffer stops its feeder: by hand") {
  const Ran w(small::ready(line(1)), 0, 110);
  CHECK(w["stations.b.mean_queue"] == doctest::Approx(74.0 / 110));
  CHECK(w["stations.b.queue.p95"] == 1);
  CHECK(w["stations.b.queue.max"] == 1);
  CHECK(w["stations.b.feeder_blocked"] == doctest::Approx(25.0 / 110));
  CHECK(w["stations.b.feeder_blocked_time"] == doctest::Approx(25.0 / 3600));
  CHECK(w["stations.a.blocked"] == doctest::Approx(25.0 / 110));
  CHECK(w["stations.a.feeder_blocked"] == 0);  // lots that wait outside stop nobody
  CHECK(w.queue_times(1).quantile(35.9 / 110) == 0);
  CHECK(w.queue_times(1).quantile(36.1 / 110) == 1);
  CHECK(w.queue_times(0).maximum() == 1);

  const Ran later(small::ready(line(1)), 77, 100);  // begins and ends while a is held up
  CHECK(later["stations.b.feeder_blocked_time"] == doctest::Approx((2 + 8 + 4) / 3600.0));
  CHECK(later["stations.b.mean_queue"] == doctest::Approx(1));

  const Ran roomier(small::ready(line(2)), 0, 110);  // control: with another place less of it
  CHECK(roomier["stations.b.feeder_blocked"] < 25.0 / 110);
  CHECK(roomier["stations.b.queue.max"] == 2);
}

TEST_CASE("a buffer that holds mass: the same line with room for 5 kg") {
  Plant p = line(unlimited);
  p.stations[1].buffer_kg = 5;
  const Ran w(small::ready(p), 0, 110);
  CHECK(w["stations.b.mean_queue_mass"] == doctest::Approx(0.005 * 74 / 110));
  CHECK(w["stations.b.queue_mass.p95"] == 0.005);
  CHECK(w["stations.b.queue_mass.max"] == 0.005);
  CHECK(w.kg_times(1).quantile(35.9 / 110) == 0);
  CHECK(w.kg_times(1).quantile(36.1 / 110) == 5);
  CHECK(w["stations.b.feeder_blocked_time"] == doctest::Approx(25.0 / 3600));
  p.stations[1].buffer_kg = 4999;
  CHECK(Ran(small::ready(p), 0, 110)["stations.b.feeder_blocked_time"] == 0);
}

TEST_CASE("two feeders held up at once are one stop, sources are none") {
  const auto plant = small::ready(small::plant({small::station("a", Distribution::constant(1), 1, 0, 2),
                                                small::station("b", Distribution::constant(10), 2, 0)},
                                               {small::saturated("in", 0)}));
  const Ran w(plant, 0, 100);  // from 1 on there is always one
  CHECK(w["stations.b.feeder_blocked_time"] == doctest::Approx(99.0 / 3600));
  CHECK(w.time_in(0, ServerState::blocked) > 150);
  CHECK(w["stations.a.feeder_blocked_time"] == 0);
}

TEST_CASE("a lot that could go to either of two full buffers is stopped by both") {
  Plant p = small::plant({small::station("a", Distribution::constant(1), 1, 0), small::station("b", Distribution::constant(10), 3, 0),
                          small::station("c", Distribution::constant(10.5), 3, 0)},
                         {small::saturated("in", 0)});
  Route& route = p.stations[0].routes[0];
  route.kind = RouteKind::shortest;
  route.options.push_back(route.options[0]);
  route.options[1].target = 2;
  const Ran w(small::ready(p), 0, 20);  // held in [3, 11], [12, 12.5], [13.5, 21]
  CHECK(w["stations.b.feeder_blocked_time"] == doctest::Approx(15.0 / 3600));
  CHECK(w["stations.c.feeder_blocked_time"] == doctest::Approx(15.0 / 3600));
}

TEST_CASE("a thousand lots that only leave: every number for one second") {
  Plant p = small::plant({small::station("a", Distribution::constant(1), 1)}, {});
  p.initial.push_back({0, 1001, 0, {}, nullptr, {}, 7, none});
  const Ran w(small::ready(p), 0, 1000);  // 1000 lots wait in the first second, 1 in the last
  CHECK(w["stations.a.mean_queue"] == doctest::Approx(500.5));
  CHECK(w["stations.a.queue.p95"] == 950);
  CHECK(w["stations.a.queue.max"] == 1000);
  CHECK(w.queue_times(0).quantile(0.3) == 300);
}

TEST_CASE("the single queue: geometric") {
  const double rho = 0.8;
  const auto plant = small::ready(small::plant({small::station("desk", Distribution::exponential(rho), 1)},
                                               {small::source("in", Distribution::exponential(1), 0)}));
  const Ran w(plant, 1000, 1.5e6);
  const LevelTimes times = w.queue_times(0);
  for (const int n : {0, 1, 3, 6, 10}) {  // P(no more than n wait) = 1 - rho^(n + 2)
    const double share = 1 - std::pow(rho, n + 2);
    CHECK(times.quantile(share - 0.007) == n);
    CHECK(times.quantile(share + 0.007) == n + 1);
  }
  CHECK(w["stations.desk.queue.p95"] == 12);  // 0.945 do not exceed 11, 0.956 not 12
  CHECK(w["stations.desk.mean_queue"] == doctest::Approx(rho * rho / (1 - rho)).epsilon(0.03));
}

TEST_CASE("the single queue with four places in all: a truncated geometric") {
  const double rho = 1.2;
  const Index places = 3;
  Plant p = small::plant({small::station("desk", Distribution::exponential(rho), 1, places)}, {small::source("in", Distribution::exponential(1), 0)});
  p.sources[0].lose = true;
  const Ran w(small::ready(p), 1000, 400000);
  double all = 0, passed = 1;  // of states 0, 1, ... 4 in units of the first
  for (int n = 0; n <= 4; ++n) all += std::pow(rho, n);
  for (int n = 0; n < 3; ++n) {  // n wait: n + 1 are there
    passed += std::pow(rho, n + 1);
    CHECK(w.queue_times(0).quantile(passed / all - 0.01) == n);
    CHECK(w.queue_times(0).quantile(passed / all + 0.01) == n + 1);
  }
  CHECK(w["stations.desk.queue.max"] == places);
}

TEST_CASE("what buffers held goes on through a saved state and a plant of other parameters") {
  const auto plant = small::ready(line(1)), other = small::ready(line(5));
  Simulation straight(plant, 1), first(plant, 1);
  straight.advance(110);
  first.advance(77);
  Simulation second(plant, load_state(save_state(first.state(), *plant), *plant, "test"));
  second.advance(110);
  CHECK(state_digest(second.state(), *plant) == state_digest(straight.state(), *plant));
  const Accounts& there = second.state().accounts;
  CHECK(there.stations[1].held_up.value(110) == 25);

  Simulation changed(plant, 1, 0, {{77, other}});  // at once there is room for the lot that waits
  changed.advance(110);
  CHECK(changed.state().accounts.stations[1].held_up.value(110) == 2 + 3);
  CHECK(changed.state().accounts.stations[1].held_up.count() == 0);
}

}  // namespace retwin::buffers_test
