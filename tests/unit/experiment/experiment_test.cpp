// Replications: independence of threads, intervals, errors with their replication, continuing from a state.
#include <doctest/doctest.h>

#include <atomic>
#include <cmath>

#include "core/experiment/replications.hpp"
#include "tests/unit/small_plant.hpp"

namespace retwin::experiment_test {

namespace {

Scenario queue(double duration_s, double warmup_s, std::int64_t replications) {
  Plant p = small::plant({small::station("desk", Distribution::exponential(0.8), 1)},
                         {small::source("in", Distribution::exponential(1), 0)});
  return small::scenario(small::ready(p), duration_s, warmup_s, replications);
}

struct Failing : Observer {
  void lot_entered(double now, Index, const Lot&) override {
    if (now > 50) throw RunError("stuck", now, "desk");
  }
};
struct Counting : Observer {
  explicit Counting(std::atomic<int>& count) : count_(count) {}
  void lot_entered(double, Index, const Lot&) override { ++count_; }
  std::atomic<int>& count_;
};

}  // namespace

TEST_CASE("one thread or two, the same figures") {
  const Scenario scenario = queue(2500, 500, 5);
  RunOptions options;
  const Results one = run_replications(scenario, options);
  options.jobs = 2;
  double last = 0;
  options.progress = [&](double done) { last = std::max(last, done); };
  const Results two = run_replications(scenario, options);
  REQUIRE(one.kpis.size() == two.kpis.size());
  for (std::size_t k = 0; k < one.kpis.size(); ++k) {
    for (std::size_t r = 0; r < 5; ++r) {
      const double a = one.values[k][r], b = two.values[k][r];
      CHECK_MESSAGE((a == b || (std::isnan(a) && std::isnan(b))), one.kpis[k].kpi.path);
    }
  }
  CHECK(one.bottleneck.verdict == two.bottleneck.verdict);
  CHECK(last == doctest::Approx(1));
  CHECK(one.begin_s == 500);
  CHECK(one.end_s == 2500);
  CHECK(one.warmed_up);
  CHECK(one.performance.events == two.performance.events);
  CHECK(one.find("sinks.out.rate") != nullptr);
  CHECK(one.find("sinks.out.nothing") == nullptr);
}

TEST_CASE("intervals: Student's for rates, the ratio estimator for means of lots") {
  const Results results = run_replications(queue(4500, 500, 8));
  const KpiSummary* utilisation = results.find("stations.desk.utilisation");
  REQUIRE(utilisation != nullptr);
  CHECK(utilisation->interval.n == 8);
  CHECK(utilisation->interval.contains(0.8));
  CHECK(utilisation->interval.half_width < 0.05);
  const KpiSummary* waiting = results.find("stations.desk.waiting");
  REQUIRE(waiting != nullptr);
  CHECK(waiting->interval.contains(0.8 * 0.8 / (1 - 0.8)));  // M/M/1: rho x service / (1 - rho)
  std::size_t k = 0;
  while (results.kpis[k].kpi.path != "stations.desk.waiting") ++k;
  double mean_of_ratios = 0;
  for (const double value : results.values[k]) mean_of_ratios += value / 8;
  CHECK(waiting->interval.mean != mean_of_ratios);
  CHECK(waiting->interval.mean == doctest::Approx(mean_of_ratios).epsilon(0.1));
}

TEST_CASE("an error carries its replication, the first one wins") {
  const Scenario scenario = queue(200, 0, 6);
  RunOptions options;
  options.jobs = 2;
  options.observer = [](std::int64_t number) -> std::unique_ptr<Observer> {
    return number >= 2 ? std::make_unique<Failing>() : nullptr;
  };
  try {
    run_replications(scenario, options);
    FAIL("nothing was thrown");
  } catch (const RunError& error) {
    CHECK(std::string(error.what()) == "stuck (replication 2)");
    CHECK(error.station() == "desk");
    CHECK(error.time_s() > 50);
  }
}

TEST_CASE("observers hear every replication that they are made for, further figures join the list") {
  std::atomic<int> entered{0};
  RunOptions options;
  options.replications = 2;
  options.observer = [&](std::int64_t) { return std::make_unique<Counting>(entered); };
  Scenario scenario = queue(300, 100, 1);
  scenario.kpis.push_back(
      [](const KpiInput& in, KpiList& out) { out.add("extra.length", in.window.length_s(), "s", "length"); });
  const Results results = run_replications(scenario, options);
  CHECK(results.replications == 2);
  CHECK(entered > 400);
  REQUIRE(results.find("extra.length") != nullptr);
  CHECK(results.find("extra.length")->interval.mean == 200);
}

TEST_CASE("a run goes on from a state: no warm-up, other futures for the other replications") {
  const Scenario scenario = queue(1000, 100, 1);
  RunOptions first;
  first.keep_state = true;
  const Results before = run_replications(scenario, first);
  REQUIRE(before.state);
  CHECK(before.state->now == 1000);
  RunOptions options;
  options.from = before.state.get();
  options.replications = 2;
  const Results after = run_replications(scenario, options);
  CHECK(after.begin_s == 1000);
  CHECK(after.end_s == 2000);
  CHECK_FALSE(after.warmed_up);
  std::size_t k = 0;
  while (after.kpis[k].kpi.path != "sources.in.made") ++k;
  CHECK(after.values[k][0] != after.values[k][1]);
}

TEST_CASE("a parameter change during the window is seen by the energy") {
  Scenario scenario = queue(1000, 0, 1);
  Plant base = *scenario.plant;
  base.stations[0].power_W[static_cast<std::size_t>(ServerState::working)] = 1000;
  base.stations[0].power_W[static_cast<std::size_t>(ServerState::starved)] = 1000;
  Plant off = base;
  off.stations[0].power_W[static_cast<std::size_t>(ServerState::working)] = 0;
  off.stations[0].power_W[static_cast<std::size_t>(ServerState::starved)] = 0;
  scenario.plant = std::make_shared<const Plant>(base);
  scenario.changes = {{400, std::make_shared<const Plant>(off)}};
  const Results results = run_replications(scenario);
  CHECK(results.find("plant.electricity")->interval.mean == doctest::Approx(400.0 * 1000 / 3.6e6));
}

TEST_CASE("a terminating run has no warm-up cut") {
  Scenario scenario = queue(300, 100, 1);
  scenario.run.terminating = true;
  const Results results = run_replications(scenario);
  CHECK(results.begin_s == 0);
  CHECK_FALSE(results.warmed_up);
}

}  // namespace retwin::experiment_test
