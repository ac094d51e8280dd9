// What becomes of cases that are open when a log ends is told from it, and what they would have shown is not missed.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "core/base/random.hpp"
#include "core/telemetry/calibration/calibration.hpp"
#include "core/telemetry/cases/open_cases.hpp"
#include "core/telemetry/log/clean.hpp"
#include "tests/unit/telemetry/cases/rule_of.hpp"

namespace retwin::windows_calibration_test {

namespace {

constexpr double hour = 3600, day = 24 * hour, per_day = 12, days = 40;

/// Cases of three steps, each a day and a half after the one before on average, for forty days and as long as the last of them takes.
/// @param same the steps have one name, so that no activity tells that a case is whole
EventLog office(std::uint64_t seed, bool same, double usual_wait_s = 1.5 * day) {
  EventLog log;
  const Draws draws{replication_key(seed, 0), stream_id("office"), 0};
  std::uint64_t drawn = 0;
  const auto exponential = [&](double mean_s) { return -mean_s * std::log(1 - draws.uniform(drawn++)); };
  int lot = 0;
  for (double at = 0; at < days * day; at += exponential(day / per_day)) {
    double begin = at;
    for (const char* name : {"take in", "examine", "answer"}) {
      LogEvent event;
      event.lot = log.lots.number(std::to_string(lot));
      event.activity = log.activities.number(same ? "work" : name);
      event.row = static_cast<std::uint32_t>(log.events.size() + 1);
      event.start_s = begin, event.end_s = begin + 600;
      log.events.push_back(event);
      begin = event.end_s + exponential(usual_wait_s);
    }
    ++lot;
  }
  put_in_order(log);
  return log;
}

WindowRule told(const EventLog& log) {
  return find_window_rule(log, case_plans(log, {}), split_cases(log, 2.0 / 3).train).rule;
}

struct Learned {
  double per_day = 0, wait_s = 0;
  int trends = 0;
};

/// Means over logs that end in one way.
Learned learned(WindowRule rule, std::optional<WindowRule> as) {
  constexpr int logs = 8;
  Learned result;
  for (std::uint64_t seed = 1; seed <= logs; ++seed) {
    CalibrationOptions options;
    options.window = as;
    const Calibration c = calibrate(windowed(office(seed, false), rule, days * day), options);
    double arrivals = 0, waits = 0, n = 0;
    for (const CalibratedArrivals::Day& one : c.arrivals.days) arrivals += static_cast<double>(one.times_s.size());
    for (const CalibratedDelay& delay : c.delays)
      for (const double wait : delay.values) waits += wait, ++n;
    result.per_day += arrivals / static_cast<double>(c.arrivals.days.size()) / logs;
    result.wait_s += waits / n / logs;
    result.trends += !c.arrivals.trend.contains(0);
  }
  return result;
}

}  // namespace

TEST_CASE("the rule of a log's end is told from it, whether or not activities tell that a case is whole") {
  constexpr std::uint64_t logs = 20;
  for (const bool same : {false, true})
    for (const WindowRule rule : {WindowRule::complete, WindowRule::dropped, WindowRule::cut}) {
      std::uint64_t right = 0;
      for (std::uint64_t seed = 1; seed <= logs; ++seed) right += told(windowed(office(seed, same), rule, days * day)) == rule;
      CAPTURE(same);
      CAPTURE(static_cast<int>(rule));
      CHECK(right >= logs - 1);
    }
  // control: where cases take an hour nobody can tell, and nobody needs to
  CHECK(told(windowed(office(1, false, 1), WindowRule::dropped, days * day)) == WindowRule::complete);
}

TEST_CASE("what a log that dropped or cut open cases did not show is not missed") {
  for (const WindowRule rule : {WindowRule::dropped, WindowRule::cut}) {
    const Learned mended = learned(rule, std::nullopt);
    CAPTURE(static_cast<int>(rule));
    CHECK(mended.per_day == doctest::Approx(per_day).epsilon(0.04));
    CHECK(mended.wait_s == doctest::Approx(1.5 * day).epsilon(0.04));
    CHECK(mended.trends <= 1);
  }
  const Learned believed = learned(WindowRule::dropped, WindowRule::complete);  // control: taken as it stands
  CHECK(believed.per_day < 0.97 * per_day);
  CHECK(believed.wait_s < 0.96 * 1.5 * day);
}

TEST_CASE("cases of the first days are whole where nothing shows that they had begun before the log") {
  const auto begun = [](const EventLog& log) {
    std::vector<CasePlan> plans = case_plans(log, {});
    mark_begun_cases(log, log.first_s(), plans);
    return std::count_if(plans.begin(), plans.end(), [](const CasePlan& plan) { return plan.begun; });
  };
  for (const bool same : {false, true}) {
    EventLog log = office(1, same);
    CHECK(begun(log) == 0);
    std::erase_if(log.events, [](const LogEvent& event) { return event.start_s < 10 * day; });  // control
    CHECK(begun(log) > 20);
  }
}

}  // namespace retwin::windows_calibration_test
