// Small logs in which calibration once went wrong: delays that are rarely seen, crews by their conduct, strokes of closing.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "core/telemetry/calibration/calibration.hpp"
#include "core/telemetry/log/clean.hpp"
#include "core/telemetry/validation/baselines.hpp"
#include "core/telemetry/validation/uncertainty.hpp"
#include "core/telemetry/work/delays.hpp"
#include "core/telemetry/work/waiting.hpp"
#include "tests/unit/telemetry/cases/rule_of.hpp"

namespace retwin::calibration_cases_test {

namespace {

constexpr double hour = 3600, day = 86400;
constexpr double monday = 4 * day;  // 1970-01-05

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double x : values) sum += x;
  return sum / static_cast<double>(values.size());
}

void add(EventLog& log, const std::string& lot, const std::string& activity, const std::string& resource, double start_s, double end_s) {
  LogEvent event;
  event.lot = log.lots.number(lot);
  event.activity = log.activities.number(activity);
  event.resource = log.resources.number(resource);
  event.row = static_cast<std::uint32_t>(log.events.size() + 1);
  event.start_s = start_s, event.end_s = end_s;
  log.events.push_back(event);
}

WeeklyHours office() {
  std::vector<WeeklyHours::Span> spans;
  for (int d = 0; d < 5; ++d) spans.push_back({d * day + 9 * hour, d * day + 17 * hour});
  return WeeklyHours(spans);
}

/// Numbers in (0, 1) that are spread evenly.
double part(std::size_t k) { return std::fmod(0.5 + 0.6180339887498949 * static_cast<double>(k), 1); }

}  // namespace

TEST_CASE("delays known within bounds only take what others of their kind show") {
  std::vector<DelayBounds> constant{{3600, 3600}, {3600, 3600}, {3600, 3600}};
  for (int k = 0; k < 50; ++k) constant.push_back({0, 7200.0 + k});
  for (const double x : likely_delays(constant)) CHECK(x == doctest::Approx(3600));

  std::vector<DelayBounds> exponential;  // mean 2 h; whatever takes longer than a time that varies is known to do so only
  std::vector<double> exact;
  for (std::size_t k = 0; k < 4000; ++k) {
    const double x = -2 * hour * std::log(part(k)), limit = 12 * hour * part(7 * k + 3);
    exponential.push_back(x < limit ? DelayBounds{x, x} : DelayBounds{limit, limit + 16 * hour});
    if (x < limit) exact.push_back(x);
  }
  CHECK(mean(likely_delays(exponential)) == doctest::Approx(2 * hour).epsilon(0.05));
  CHECK(mean(exact) < 0.85 * 2 * hour);  // leaving the others out would be wrong

  const std::vector<DelayBounds> never_seen{{0, 100}, {20, 50}};
  CHECK(likely_delays(never_seen).front() <= 100);
  CHECK(likely_delays({}).empty());
  CHECK(likely_delays(std::vector<DelayBounds>{{5, 5}, {10, 20}, {0, 3}}) == std::vector<double>{5, 15, 3});
}

TEST_CASE("a hidden timer shows in the order of work although the crew is never idle") {
  // One worker without a pause; the third step of a case is asked for 20 min after its second, which others overtake.
  EventLog log;
  struct Asked {
    double at;
    int lot, step;
  };
  std::vector<Asked> asked;
  double now = monday;
  const char* const names[] = {"a", "b", "c"};
  for (int k = 0, lots = 0; k < 600; ++k) {
    auto next = std::min_element(asked.begin(), asked.end(), [](const Asked& x, const Asked& y) { return x.at < y.at; });
    const Asked taken = next != asked.end() && next->at <= now ? *next : Asked{now, lots++, 0};
    if (taken.step > 0) asked.erase(next);
    const double end = now + 100 + 100 * part(static_cast<std::size_t>(k));
    add(log, std::to_string(taken.lot), names[taken.step], "worker", now, end);
    if (taken.step < 2) asked.push_back({taken.step == 1 ? end + 1200 : end, taken.lot, taken.step + 1});
    now = end;
  }
  put_in_order(log);
  const Waiting found = find_waiting(log, case_plans(log, Concurrency{}), {{"worker", 1, WeeklyHours{}, true}}, {0, 0, 0});
  CHECK(found.order[0].fifo() > 0.95);
  std::vector<double> timers, waits;
  for (std::size_t k = 0; k < log.events.size(); ++k) {
    const OperationTimes& times = found.operations[k];
    if (log.activities[log.events[k].activity] == "b") CHECK(times.likely_delay_s == 0);
    if (log.activities[log.events[k].activity] != "c") continue;
    CHECK(!times.seen);
    CHECK(times.least_delay_s <= 1200.001);
    timers.push_back(times.likely_delay_s);
    waits.push_back(times.delay_s);
  }
  REQUIRE(timers.size() > 50);
  CHECK(mean(timers) == doctest::Approx(1200).epsilon(0.1));
}

TEST_CASE("what is never short of units has delays that are known, also after the cases to learn from have ended") {
  EventLog log;
  for (int k = 0; k < 10; ++k) {
    add(log, std::to_string(k), "a", "x", monday + k * hour, monday + k * hour + 60);
    add(log, std::to_string(k), "b", "y", monday + (k + 30) * hour, monday + (k + 30) * hour + 60);
  }
  put_in_order(log);
  const std::vector<CasePlan> plans = case_plans(log, Concurrency{});
  for (const bool finite : {true, false}) {
    const double units = finite ? 1 : std::numeric_limits<double>::infinity();
    const Waiting found = find_waiting(log, plans, {{"x", 1, {}, true}, {"y", units, {}, false}}, {0, 1}, monday + 12 * hour);
    for (std::size_t k = 0; k < log.events.size(); ++k)
      if (log.events[k].activity == 1) CHECK(found.operations[k].seen == !finite);
  }
}

TEST_CASE("work begun on the stroke of closing came just before it") {
  EventLog log;
  add(log, "early", "a", "x", monday + 10 * hour, monday + 11 * hour);
  add(log, "late", "a", "x", monday + 17 * hour, monday + day + 9.5 * hour);
  put_in_order(log);
  const Waiting found = find_waiting(log, case_plans(log, Concurrency{}), {{"x", 1, office(), true}}, {0});
  CHECK(found.arrivals_s[0] == monday + 10 * hour);
  CHECK(found.arrivals_s[1] < monday + 17 * hour);
  CHECK(found.arrivals_s[1] > monday + 17 * hour - 0.1);
  CHECK(found.operations[1].service_s == doctest::Approx(0.5 * hour));
}

TEST_CASE("resources that do one thing at a time are short of units, and pause out of hours, though timers explain the waiting") {
  EventLog log;
  const WeeklyHours hours = office();
  double free[2] = {0, 0};
  double arrival = monday + 9 * hour;
  struct Asked {
    double at;
    int lot;
    const char* activity;
  };
  std::vector<Asked> asked;
  for (int k = 0; k < 300; ++k, arrival = hours.after(arrival, 1800)) asked.push_back({hours.next_open(arrival), k, "a"});
  while (!asked.empty()) {
    const auto next = std::min_element(asked.begin(), asked.end(), [](const Asked& x, const Asked& y) { return x.at < y.at; });
    const Asked now = *next;
    asked.erase(next);
    double& unit = free[0] <= free[1] ? free[0] : free[1];
    const double start = hours.next_open(std::max(now.at, unit)), end = hours.after(start, 1500);
    unit = end;
    add(log, std::to_string(now.lot), now.activity, &unit == free ? "crew 1" : "crew 2", start, end);
    if (now.activity[0] == 'a') asked.push_back({end + 4000 * (1 + part(static_cast<std::size_t>(now.lot))), now.lot, "b"});
  }
  put_in_order(log);
  const Calibration c = calibrate(log);
  REQUIRE(c.pools.size() == 1);
  CHECK(c.pools[0].pool.units == 2);
  CHECK(c.pools[0].pool.suspends);
  CHECK(c.pools[0].pool.hours.weekly_text() == std::vector<std::string>{"Mon-Fri 09:00-17:00"});
  for (const CalibratedService& service : c.services) CHECK(service.mean.estimate == doctest::Approx(1500).epsilon(0.001));
  REQUIRE(c.delays.size() == 1);
  CHECK(mean(c.delays[0].values) == doctest::Approx(6000).epsilon(0.1));
}

TEST_CASE("a log that stops after its last arrivals is whole, though its cases were long in coming") {
  // Four cases an hour; those of the weekend are done on Monday. The log ends with those of a Sunday.
  EventLog past, test;
  for (int k = 0; k < 7 * 96 * 3 - 96 / 12; ++k) {
    const double start = monday + k * 900, monday_after = monday + std::ceil((start - monday) / (7 * day)) * 7 * day;
    const bool weekend = monday_after - start <= 2 * day;
    EventLog& log = k < 96 * 16 ? past : test;
    add(log, std::to_string(k), "a", "x", start, weekend ? monday_after + 14 * hour - 60 * part(static_cast<std::size_t>(k)) : start + hour);
  }
  const WindowFound whole = rule_of(past, test);
  CHECK(whole.expected_open > 3 + 0.02 * static_cast<double>(test.lots.size()));
  CHECK(whole.rule == WindowRule::complete);
  const EventLog dropped = windowed(test, WindowRule::dropped, monday + 20 * day + 12 * hour);
  CHECK(rule_of(past, dropped).rule == WindowRule::dropped);
}

TEST_CASE("a clerk by day behind work that comes around the clock: the hours are found") {
  std::vector<WeeklyHours::Span> spans;
  for (int d = 0; d < 5; ++d) spans.push_back({d * day + 8 * hour, d * day + 16 * hour});
  const WeeklyHours open(spans);
  const auto clerk = [&](const WeeklyHours& hours) {
    EventLog log;
    double free = monday, at = monday;
    for (std::size_t k = 0; k < 300; ++k) {
      at += 6.6 * hour * part(k);
      add(log, std::to_string(k), "scan", "scanner", at, at + 60);
      double start = hours.next_open(std::max(at + 60, free));
      if (hours.open_between(start, start + 1800) < 1799) start = hours.next_open(start + 1800);  // nothing is begun that would not be done
      free = start + 1800;
      add(log, std::to_string(k), "file", "anna", start, free);
    }
    put_in_order(log);
    const Calibration c = calibrate(log);
    for (const CalibratedPool& pool : c.pools)
      if (pool.pool.name == "anna") return pool.pool.hours.weekly_text();
    return std::vector<std::string>();
  };
  CHECK(clerk(open) == std::vector<std::string>{"Mon-Fri 08:00-16:00"});
  CHECK(clerk(WeeklyHours()) == WeeklyHours().weekly_text());  // control: one who is there day and night
}

TEST_CASE("weights drawn anew are other ones each time, over the same plans and days") {
  Plant plant;
  Source source;
  AttributeDraw attribute;
  attribute.distribution = Distribution::discrete({0, 2, 3}, {1, 1, 2});
  source.attributes.push_back(attribute);
  for (auto& blocks : source.day_blocks) blocks = {{0.5, 0, 0}, {1, 0, 4}};
  plant.sources.push_back(source);
  double sum = 0, squares = 0;
  constexpr int n = 2000;
  for (std::uint64_t k = 0; k < n; ++k) {
    const std::shared_ptr<const Plant> other = reweighted(plant, 0, 1, k);
    const Distribution& plans = *other->sources[0].attributes[0].distribution;
    CHECK(plans.probability(1, 1) == 0);
    CHECK(plans.probability(0, 3) == doctest::Approx(1));
    const auto& days = other->sources[0].day_blocks;
    CHECK(days[0][1].up_to == doctest::Approx(1));
    CHECK(days[0][0].up_to == days[6][0].up_to);
    sum += days[0][0].up_to, squares += days[0][0].up_to * days[0][0].up_to;
  }
  const double average = sum / n;  // two equal weights: uniform on (0, 1)
  CHECK(average == doctest::Approx(0.5).epsilon(0.06));
  CHECK(squares / n - average * average == doctest::Approx(1.0 / 12).epsilon(0.15));
  CHECK(plant.sources[0].day_blocks[0][0].up_to == 0.5);
}

}  // namespace retwin::calibration_cases_test
