// Baselines: the last cases again, cases drawn with replacement; what a log keeps of cases that are open at its end.
#include "core/telemetry/validation/baselines.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "core/base/random.hpp"
#include "core/telemetry/log/clean.hpp"
#include "tests/unit/telemetry/cases/rule_of.hpp"

namespace retwin::baselines_test {

namespace {

void add(EventLog& log, const std::string& lot, const std::string& activity, double start_s, double end_s) {
  LogEvent event;
  event.lot = log.lots.number(lot);
  event.activity = log.activities.number(activity);
  event.row = static_cast<std::uint32_t>(log.events.size() + 1);
  event.start_s = start_s, event.end_s = end_s;
  log.events.push_back(event);
}

/// A case every hour, of three operations with exponential durations; `from` on.
EventLog steady(int cases, double from_s, std::uint64_t seed) {
  EventLog log;
  for (const char* name : {"cut", "weld", "pack"}) log.activities.number(name);
  const Draws draws{replication_key(seed, 0), stream_id("steady"), 0};
  std::uint64_t drawn = 0;
  for (int k = 0; k < cases; ++k) {
    double at = from_s + 3600.0 * k;
    for (const char* name : {"cut", "weld", "pack"}) {
      const double end = at - 40'000 * std::log(1 - draws.uniform(drawn++));
      add(log, std::to_string(k), name, at, end);
      at = end;
    }
  }
  put_in_order(log);
  return log;
}

bool same(const EventLog& a, const EventLog& b) {
  if (a.events.size() != b.events.size()) return false;
  for (std::size_t k = 0; k < a.events.size(); ++k)
    if (a.events[k].start_s != b.events[k].start_s || a.events[k].end_s != b.events[k].end_s ||
        a.events[k].activity != b.events[k].activity)
      return false;
  return true;
}

std::size_t cases_in(const EventLog& log) {
  std::size_t n = 0;
  for (const auto& events : log.by_lot()) n += events.empty() ? 0 : 1;
  return n;
}

}  // namespace

TEST_CASE("replay: the last cases, shifted as they are") {
  const EventLog past = steady(10, 0, 1);
  const EventLog again = replay_last_cases(past, 4, 1e6);
  CHECK(cases_in(again) == 4);
  CHECK(again.events.size() == 12);
  CHECK(again.first_s() == 1e6);
  const auto before = past.by_lot(), after = again.by_lot();
  for (std::uint32_t k = 0; k < 4; ++k)
    for (std::size_t i = 0; i < 3; ++i) {
      const LogEvent &old = past.events[before[past.lots.find(std::to_string(6 + k))][i]], &copy = again.events[after[k][i]];
      CHECK(copy.activity == old.activity);
      CHECK(copy.start_s - 1e6 == doctest::Approx(old.start_s - 6 * 3600.0));
      CHECK(copy.end_s - copy.start_s == doctest::Approx(old.end_s - old.start_s));
    }
  CHECK(cases_in(replay_last_cases(past, 50, 0)) == 10);  // more than there are: all
}

TEST_CASE("replay moves by whole weeks: what repeats itself every week is repeated exactly") {
  constexpr double hour = 3600, week = 7 * 24 * hour;
  EventLog past, test;
  for (int k = 0; k < 4 * 15; ++k) {  // three a day, Monday to Friday; the last week is the test
    const double at = k / 15 * week + k % 15 / 3 * 24 * hour + (8 + 3 * (k % 3)) * hour;
    add(k < 45 ? past : test, std::to_string(k), "mill", at, at + hour);
  }
  const EventLog again = replay_last_cases(past, 15, 3 * week + 8 * hour);
  REQUIRE(again.events.size() == 15);
  for (std::size_t k = 0; k < 15; ++k) CHECK(again.events[k].start_s == test.events[k].start_s);
  // from Wednesday on: the last six came on Thursday and Friday, which is not what is asked
  const EventLog later = replay_last_cases(past, 6, 3 * week + (48 + 8) * hour);
  REQUIRE(later.events.size() == 6);
  for (std::size_t k = 0; k < 6; ++k) CHECK(later.events[k].start_s == test.events[6 + k].start_s);
  CHECK(replay_last_cases(past, 100, 3 * week + 8 * hour).events.size() == 45);
}

TEST_CASE("bootstrap: as many whole cases as asked for, the same by seed and draw, others else") {
  const EventLog past = steady(50, 0, 1);
  const EventLog one = bootstrap_cases(past, 120, 5000, 3, 0);
  CHECK(cases_in(one) == 120);
  CHECK(one.events.size() == 360);
  CHECK(one.first_s() == 5000);
  CHECK(same(one, bootstrap_cases(past, 120, 5000, 3, 0)));
  CHECK_FALSE(same(one, bootstrap_cases(past, 120, 5000, 3, 1)));
  CHECK_FALSE(same(one, bootstrap_cases(past, 120, 5000, 4, 0)));
  for (const auto& events : one.by_lot()) CHECK(events.size() == 3);   // whole ones
  CHECK(cases_in(bootstrap_cases(steady(1, 0, 1), 5, 0, 1, 0)) == 5);  // no time between arrivals is known
}

TEST_CASE("windows: complete keeps all, dropped leaves open cases out, cut leaves their later operations out") {
  EventLog log;
  add(log, "a", "cut", 0, 10);
  add(log, "a", "weld", 10, 20);
  add(log, "b", "cut", 5, 15);
  add(log, "b", "weld", 15, 30.5);
  add(log, "c", "cut", 40, 50);
  CHECK(windowed(log, WindowRule::complete, 30).events.size() == 5);
  const EventLog dropped = windowed(log, WindowRule::dropped, 30);
  REQUIRE(dropped.events.size() == 2);
  CHECK(dropped.events[0].lot == 0);
  CHECK(dropped.events[1].lot == 0);
  const EventLog cut = windowed(log, WindowRule::cut, 30);
  REQUIRE(cut.events.size() == 3);
  CHECK(cut.events[2].lot == 1);
  CHECK(windowed(log, WindowRule::dropped, 30.5).events.size() == 4);  // what ends at the end is in it
}

TEST_CASE("the rule of a log is told from it") {
  const EventLog past = steady(400, 0, 1), test = steady(200, 400 * 3600.0, 2);
  const double end = 600 * 3600.0;
  CHECK(rule_of(past, test).rule == WindowRule::complete);
  const WindowFound dropped = rule_of(past, windowed(test, WindowRule::dropped, end));
  CHECK(dropped.rule == WindowRule::dropped);
  CHECK(dropped.expected_open > 5);
  const WindowFound cut = rule_of(past, windowed(test, WindowRule::cut, end));
  CHECK(cut.rule == WindowRule::cut);
  CHECK(cut.weights[2] > 0.95);
  CHECK(rule_of({}, test).rule == WindowRule::complete);
  CHECK(rule_of(past, {}).rule == WindowRule::complete);
}

}  // namespace retwin::baselines_test
