// Bottleneck analysis: periods whose bottlenecks are known, the same answer in one piece or many, and lines with a known culprit.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "core/flow/engine/simulation.hpp"
#include "core/kpi/bottleneck.hpp"
#include "tests/unit/small_plant.hpp"

namespace retwin::bottleneck_test {

namespace {

Plant three() {
  return small::plant(
      {small::station("a", Distribution::exponential(1), 1, 4), small::station("b", Distribution::exponential(1), 2, 4),
       small::station("c", Distribution::exponential(1), 3, 4)},
      {small::saturated("in", 0)});
}

/// Longest period at each instant, straight from the definition; no pruning, no pieces.
std::vector<ActivitySweep::Share> by_definition(const std::vector<ActivePeriod>& periods, Index stations, double begin) {
  std::vector<ActivitySweep::Share> out(stations);
  const auto longest = [&](double time) {
    const ActivePeriod* best = nullptr;
    for (const ActivePeriod& p : periods)
      if (p.begin <= time && p.end > time && (!best || p.end - p.begin > best->end - best->begin)) best = &p;
    return best;
  };
  double position = begin;
  const ActivePeriod* current = nullptr;
  for (;;) {
    if (!current) {
      current = longest(position);
      if (!current) {
        double next = INFINITY;
        for (const ActivePeriod& p : periods)
          if (p.begin > position) next = std::min(next, p.begin);
        if (next == INFINITY) return out;
        position = next;
        continue;
      }
    }
    const ActivePeriod* next = longest(current->end);
    const double overlap = next ? std::max(next->begin, position) : current->end;
    out[current->station].sole_s += overlap - position;
    out[current->station].shifting_s += next ? current->end - overlap : 0;
    if (next) out[next->station].shifting_s += current->end - overlap;
    position = current->end;
    current = next;
  }
}

/// Runs a plant and sweeps its activity in so many pieces.
BottleneckAnalysis analyse(const std::shared_ptr<const Plant>& plant, double begin, double end, int pieces,
                           std::vector<ActivitySweep::Share>* shares = nullptr,
                           const std::vector<std::pair<std::string, double>>& ranking = {}) {
  Simulation simulation(plant, 5);
  simulation.advance(begin);
  Window window(*plant, read(*plant, simulation.state()));
  ActivitySweep sweep(*plant, begin);
  simulation.state().log_activity = true;
  for (int k = 1; k <= pieces; ++k) {
    simulation.advance(begin + (end - begin) * k / pieces);
    if (k < pieces) sweep.take(simulation.state());
  }
  sweep.finish(simulation.state());
  window.extend(*plant, read(*plant, simulation.state()));
  if (shares) *shares = sweep.shares();
  return analyse_bottlenecks(window, sweep, ranking);
}

}  // namespace

TEST_CASE("momentary and shifting bottlenecks of three machines") {
  const auto plant = small::ready(three());
  State state = initial_state(*plant, 1);
  state.now = 30;
  for (Server& server : state.servers) server.shown = ServerState::starved;
  state.activity = {{0, 10, 0, 0}, {12, 15, 0, 0}, {4, 20, 1, 0}, {18, 30, 2, 0}};
  ActivitySweep sweep(*plant, 0);
  sweep.finish(state);
  const auto& shares = sweep.shares();
  CHECK(shares[0].sole_s == doctest::Approx(4));
  CHECK(shares[0].shifting_s == doctest::Approx(6));
  CHECK(shares[1].sole_s == doctest::Approx(8));
  CHECK(shares[1].shifting_s == doctest::Approx(8));
  CHECK(shares[2].sole_s == doctest::Approx(10));
  CHECK(shares[2].shifting_s == doctest::Approx(2));
  CHECK(shares[0].active_period_s() == doctest::Approx(6.5));
  CHECK(state.activity.empty());
}

TEST_CASE("the sweep agrees with the definition, and pieces make no difference") {
  const auto plant = small::ready(three());
  Simulation simulation(plant, 11);
  simulation.state().log_activity = true;
  simulation.advance(400);
  std::vector<ActivePeriod> periods = simulation.state().activity;
  for (std::size_t v = 0; v < simulation.state().servers.size(); ++v)
    if (is_active(simulation.state().servers[v].shown))
      periods.push_back({simulation.state().servers[v].active_since, 400, simulation.state().server_station[v], 0});
  REQUIRE(periods.size() > 100);
  const auto expected = by_definition(periods, 3, 0);
  double covered = 0;
  for (const int pieces : {1, 7, 200}) {
    Simulation again(plant, 11);
    again.state().log_activity = true;
    ActivitySweep sweep(*plant, 0);
    for (int k = 1; k <= pieces; ++k) {
      again.advance(400.0 * k / pieces);
      if (k < pieces) sweep.take(again.state());
    }
    sweep.finish(again.state());
    double n = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      CHECK(sweep.shares()[k].sole_s == doctest::Approx(expected[k].sole_s).epsilon(1e-9));
      CHECK(sweep.shares()[k].shifting_s == doctest::Approx(expected[k].shifting_s).epsilon(1e-9));
      n += sweep.shares()[k].periods;
      covered += sweep.shares()[k].sole_s;
    }
    CHECK(n == static_cast<double>(periods.size()));
  }
  CHECK(covered > 0);
}

TEST_CASE("periods that a station interrupts for no time at all are one") {
  const auto plant = small::ready(three());
  State state = initial_state(*plant, 1);
  ActivitySweep sweep(*plant, 0);
  state.activity = {{0, 5, 0, 0}, {0, 3, 1, 0}, {5, 9, 0, 0}, {3, 8, 1, 0}};
  state.servers[1].shown = ServerState::working;
  state.servers[1].active_since = 8;
  state.now = 9;
  sweep.take(state);
  state.activity = {{8, 20, 1, 0}};
  state.servers[1].shown = ServerState::starved;
  state.now = 20;
  sweep.finish(state);
  CHECK(sweep.shares()[1].periods == 1);
  CHECK(sweep.shares()[1].active_s == doctest::Approx(20));
  CHECK(sweep.shares()[1].sole_s == doctest::Approx(20));
  CHECK(sweep.shares()[0].periods == 1);
}

TEST_CASE("between two servers of one station the bottleneck does not shift") {
  Plant p = three();
  p.stations[0].servers = 2;
  const auto plant = small::ready(p);
  State state = initial_state(*plant, 1);
  state.now = 20;
  state.activity = {{0, 8, 0, 0}, {5, 15, 0, 0}, {14, 20, 2, 0}};
  ActivitySweep sweep(*plant, 0);
  sweep.finish(state);
  CHECK(sweep.shares()[0].sole_s == doctest::Approx(14));
  CHECK(sweep.shares()[0].shifting_s == doctest::Approx(1));
  CHECK(sweep.shares()[2].sole_s == doctest::Approx(5));
}

TEST_CASE("the slow station of a line is found by every method") {
  Plant p = three();
  p.stations[1] = small::station("b", Distribution::exponential(1.6), 2, 4);
  const BottleneckAnalysis a = analyse(small::ready(p), 500, 20500, 3, nullptr, {{"a", 0.6}, {"b", 0.99}, {"c", 0.6}});
  CHECK(a.station == "b");
  CHECK(a.agree);
  CHECK(a.disagreement.empty());
  CHECK(a.plant_limits);
  CHECK(a.rows.front().station == "b");
  CHECK(a.rows.front().turning_point);
  CHECK(a.rows.front().sole > 0.5);
  CHECK(a.verdict.find("b is the first suspect") == 0);
  for (const auto& [method, station] : a.named) CHECK_MESSAGE(station == "b", method);

  p.stations[1] = small::station("b", Distribution::exponential(0.5), 2, 4);  // negative control: another culprit
  p.stations[2] = small::station("c", Distribution::exponential(2), 3, 4);
  CHECK(analyse(small::ready(p), 500, 20500, 3).station == "c");
}

TEST_CASE("methods that name different stations are said to disagree") {
  Plant p = three();
  p.stations[1] = small::station("b", Distribution::exponential(1.6), 2, 4);
  const BottleneckAnalysis a = analyse(small::ready(p), 500, 20500, 3, nullptr, {{"a", 0.99}, {"b", 0.6}});
  CHECK(a.station == "b");
  CHECK_FALSE(a.agree);
  CHECK(a.disagreement.find("static capacity names a") != std::string::npos);
}

TEST_CASE("long jobs of a station with servers to spare do not make it the bottleneck") {
  Plant p = three();
  p.sources = {small::source("in", Distribution::exponential(1.05), 0)};
  p.stations[2] = small::station("c", Distribution::constant(30), 3, unlimited, 60);  // half idle, 30 s a job
  for (Station& s : p.stations) s.buffer_places = unlimited;
  const BottleneckAnalysis a = analyse(small::ready(p), 500, 20500, 3);
  CHECK(a.named[2].second == "c");
  CHECK((a.station == "a" || a.station == "b"));
  CHECK_FALSE(a.agree);
  CHECK(a.disagreement.find("c ") != std::string::npos);
}

TEST_CASE("a plant that keeps up is not limited by its busiest station") {
  Plant p = three();
  p.sources = {small::source("in", Distribution::exponential(3), 0)};
  for (Station& s : p.stations) s.buffer_places = unlimited;
  const BottleneckAnalysis a = analyse(small::ready(p), 500, 30500, 3);
  CHECK_FALSE(a.plant_limits);
  CHECK(a.verdict.find("keeps up") != std::string::npos);
}

TEST_CASE("a window without work has no verdict about a station") {
  Plant p = three();
  p.sources = {small::source("in", Distribution::constant(1e9), 0)};
  const BottleneckAnalysis a = analyse(small::ready(p), 0, 100, 2);
  CHECK(a.station.empty());
  CHECK(a.agree);
}

}  // namespace retwin::bottleneck_test
