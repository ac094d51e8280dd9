// Waiting told from working: finite pools, hours, hidden delays, the order of queues, arrivals that the log does not tell.
#include "core/telemetry/work/waiting.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "core/base/random.hpp"
#include "core/telemetry/log/clean.hpp"

namespace retwin::waiting_test {

namespace {

struct Job {
  double ready_s, service_s, start_s = 0, end_s = 0;
};

/// A crew that takes up what has waited longest, or shortest, without hours.
void serve(std::vector<Job>& jobs, std::size_t crew, bool fifo) {
  std::vector<std::size_t> order(jobs.size()), waiting;
  for (std::size_t k = 0; k < order.size(); ++k) order[k] = k;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return jobs[a].ready_s < jobs[b].ready_s; });
  std::multiset<double> free;
  for (std::size_t k = 0; k < crew; ++k) free.insert(-1e18);
  for (std::size_t next = 0; next < order.size() || !waiting.empty();) {
    double now = *free.begin();
    if (waiting.empty()) now = std::max(now, jobs[order[next]].ready_s);
    while (next < order.size() && jobs[order[next]].ready_s <= now) waiting.push_back(order[next++]);
    const auto taken = fifo ? waiting.begin() : waiting.end() - 1;
    Job& job = jobs[*taken];
    waiting.erase(taken);
    job.start_s = now;
    job.end_s = now + job.service_s;
    free.erase(free.begin());
    free.insert(job.end_s);
  }
}

/// Cases through a first crew and, after a hidden timer, a second one.
struct TwoStations {
  EventLog log;
  std::vector<double> arrivals_s;

  TwoStations(std::size_t cases, bool fifo, double timer_s, std::size_t second_crew = 2) {
    const Draws draws{replication_key(7, 0), stream_id("two stations"), 0};
    std::uint64_t drawn = 0;
    const auto exponential = [&](double mean) { return -mean * std::log(1 - draws.uniform(drawn++)); };
    std::vector<Job> first, second;
    double at = 0;
    for (std::size_t k = 0; k < cases; ++k) {
      at += exponential(600);
      arrivals_s.push_back(at);
      first.push_back({at, 60 + exponential(420)});
    }
    serve(first, 1, fifo);
    for (const Job& job : first) second.push_back({job.end_s + timer_s, 120 + exponential(800)});
    serve(second, second_crew, fifo);
    for (std::size_t k = 0; k < cases; ++k) {
      add(k, "cut", "cutter", first[k]);
      add(k, "weld", "welder", second[k]);
    }
    put_in_order(log);
  }

  Waiting waiting(double first_units, double second_units) const {
    const std::vector<CasePlan> plans = case_plans(log, discover_concurrency(log));
    std::vector<WorkPool> pools(2);
    pools[0].units = first_units;
    pools[1].units = second_units;
    return find_waiting(log, plans, pools, {0, 1});
  }

 private:
  void add(std::size_t lot, const char* activity, const char* resource, const Job& job) {
    LogEvent event;
    event.lot = log.lots.number(std::to_string(lot));
    event.activity = log.activities.number(activity);
    event.resource = log.resources.number(resource);
    event.row = static_cast<std::uint32_t>(log.events.size() + 1);
    event.start_s = job.start_s, event.end_s = job.end_s;
    log.events.push_back(event);
  }
};

constexpr double infinite = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("a hidden timer is the delay of those that found the crew free, and bounds the others") {
  for (const double timer_s : {0.0, 1200.0}) {
    CAPTURE(timer_s);
    const TwoStations two(800, true, timer_s);
    const Waiting waiting = two.waiting(1, 2);
    std::size_t seen = 0, bounded = 0;
    for (std::size_t k = 0; k < two.log.events.size(); ++k) {
      const OperationTimes& times = waiting.operations[k];
      CHECK(times.service_s == doctest::Approx(two.log.events[k].end_s - two.log.events[k].start_s));
      if (times.first) continue;
      CHECK(times.enabled_s == two.log.events[times.before].end_s);
      if (times.seen) {
        ++seen;
        CHECK(times.delay_s == doctest::Approx(timer_s));
      } else {
        ++bounded;
        CHECK(times.delay_s > timer_s);
      }
    }
    CHECK(seen > 100);
    CHECK(bounded > 100);
    CHECK(waiting.explained[1] >= (timer_s > 0 ? 0 : 0.999));  // without a timer the crew explains all
    if (timer_s > 0) CHECK(waiting.explained[1] < 0.8);
  }
}

TEST_CASE("a crew that is never short leaves all waiting to be explained otherwise") {
  const TwoStations two(400, true, 0);
  const Waiting waiting = two.waiting(1, infinite);
  double most = 0;
  for (const OperationTimes& times : waiting.operations)
    if (!times.first) {
      CHECK(times.seen);
      most = std::max(most, times.delay_s);
    }
  CHECK(most > 600);  // what was waiting for the crew passes for a delay
  CHECK(waiting.explained[1] == 0);
}

TEST_CASE("the order in which a crew takes up work is told: first come, or last come") {
  const QueueOrder fifo = TwoStations(800, true, 0).waiting(1, 2).order[1];
  const QueueOrder lifo = TwoStations(800, false, 0).waiting(1, 2).order[1];
  REQUIRE(fifo.pairs > 100);
  REQUIRE(lifo.pairs > 50);
  CHECK(fifo.fifo() == 1);
  CHECK(lifo.fifo() < 0.8);  // below which a crew is taken to keep no order
  CHECK(QueueOrder{}.fifo() == 1);
}

TEST_CASE("arrivals: exact where the crew was free, between their neighbours where it was not") {
  const TwoStations two(2000, true, 0);
  const Waiting waiting = two.waiting(1, 2);
  double error = 0, naive = 0, last = -infinite;
  std::size_t exact = 0, waited = 0;
  for (std::size_t k = 0; k < two.log.events.size(); ++k) {
    if (!waiting.operations[k].first) continue;
    const LogEvent& event = two.log.events[k];
    const double truth = two.arrivals_s[std::stoul(two.log.lots[event.lot])], told = waiting.arrivals_s[event.lot];
    CHECK(told <= event.start_s);
    CHECK(told >= last);  // first come, first served
    last = told;
    if (waiting.operations[k].seen) {
      ++exact;
      CHECK(told == doctest::Approx(truth));
      continue;
    }
    ++waited;
    error += std::abs(told - truth);
    naive += event.start_s - truth;
  }
  CHECK(exact > 300);
  CHECK(waited > 800);
  CHECK(error < 0.5 * naive);  // control: the start in place of the arrival
}

TEST_CASE("where first come is not first served the start stands for the arrival") {
  const TwoStations two(800, false, 0);
  std::vector<WorkPool> pools(1);
  pools[0].units = 3;  // one pool for both, which keeps no order
  const Waiting waiting = find_waiting(two.log, case_plans(two.log, discover_concurrency(two.log)), pools, {0, 0});
  REQUIRE(waiting.order[0].fifo() < 0.8);
  for (std::size_t k = 0; k < two.log.events.size(); ++k)
    if (waiting.operations[k].first) CHECK(waiting.arrivals_s[two.log.events[k].lot] == two.log.events[k].start_s);
}

TEST_CASE("hours: work is counted within them, and who began at opening time had waited for it") {
  EventLog log;
  const double day = 86400, monday = 4 * day;  // 1970-01-05
  const auto add = [&](const char* lot, const char* activity, double start_s, double end_s) {
    LogEvent event;
    event.lot = log.lots.number(lot);
    event.activity = log.activities.number(activity);
    event.row = static_cast<std::uint32_t>(log.events.size() + 1);
    event.start_s = monday + start_s, event.end_s = monday + end_s;
    log.events.push_back(event);
  };
  add("a", "cut", 16.9 * 3600, 17 * 3600);
  add("a", "weld", day + 9 * 3600, day + 9.5 * 3600);  // at opening
  add("b", "cut", 10 * 3600, 10.5 * 3600);
  add("b", "weld", 16.5 * 3600, day + 9 * 3600);  // over night: half an hour of work
  add("c", "cut", 2 * day + 10 * 3600, 2 * day + 10.5 * 3600);
  add("c", "weld", 2 * day + 11 * 3600, 2 * day + 11.5 * 3600);  // half an hour late, crew free
  put_in_order(log);
  std::vector<WorkPool> pools(2);
  std::vector<WeeklyHours::Span> spans;
  for (int d = 0; d < 5; ++d) spans.push_back({d * day + 9 * 3600, d * day + 17 * 3600});
  pools[1].hours = WeeklyHours(spans);
  pools[1].units = 5;
  Waiting waiting = find_waiting(log, case_plans(log, discover_concurrency(log)), pools, {0, 1});
  const auto weld_of = [&](const char* lot) -> const OperationTimes& {
    for (std::size_t k = 0; k < log.events.size(); ++k)
      if (log.events[k].activity == 1 && log.events[k].lot == log.lots.find(lot)) return waiting.operations[k];
    FAIL("not there");
    return waiting.operations.front();
  };
  CHECK_FALSE(weld_of("a").seen);
  CHECK(weld_of("a").service_s == doctest::Approx(1800));
  CHECK(weld_of("b").service_s == doctest::Approx(1800));
  CHECK(weld_of("c").seen);
  CHECK(weld_of("c").delay_s == doctest::Approx(1800));
  pools[1].suspends = false;  // control: work that goes on over night
  waiting = find_waiting(log, case_plans(log, discover_concurrency(log)), pools, {0, 1});
  CHECK(weld_of("b").service_s == doctest::Approx(16.5 * 3600));
}

}  // namespace retwin::waiting_test
