// Hours in which cases arrive behind a queue that is hardly ever empty; days of the week seen in part; order at one instant.
#include "core/telemetry/hours/arrival_hours.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "core/telemetry/calibration/calibration.hpp"
#include "core/telemetry/calibration/replay.hpp"

namespace retwin::arrival_hours_test {

namespace {

constexpr double hour = 3600, day = 86400;
constexpr double monday = 4 * day;  // 1970-01-05

WeeklyHours hours_on(int last_day, double from, double to) {
  std::vector<WeeklyHours::Span> spans;
  for (int d = 0; d <= last_day; ++d) spans.push_back({d * day + from * hour, d * day + to * hour});
  return WeeklyHours(spans);
}

/// Cases that come at a constant rate within hours and queue for one desk with hours of its own; then a step that nobody waits for.
EventLog desk_log(const WeeklyHours& arrivals, const WeeklyHours& work, double every_s, double service_s, int n) {
  std::mt19937_64 random(11);
  const auto exponential = [&](double mean) { return -mean * std::log(1 - static_cast<double>(random() >> 11) * 0x1p-53); };
  EventLog log;
  double at = arrivals.next_open(monday), free = monday;
  const auto add = [&](int lot, const std::string& activity, const std::string& who, double start_s, double end_s) {
    LogEvent event;
    event.lot = log.lots.number(std::to_string(lot));
    event.activity = log.activities.number(activity);
    event.resource = log.resources.number(who);
    event.start_s = std::round(start_s * 1000) / 1000, event.end_s = std::round(end_s * 1000) / 1000;
    log.events.push_back(event);
  };
  for (int lot = 0; lot < n; ++lot) {
    at = arrivals.next_open(arrivals.after(at, exponential(every_s)));
    const double start = work.next_open(std::max(at, free));
    free = work.after(start, service_s * (0.8 + 0.4 * exponential(0.5)));
    add(lot, "register", "desk", start, free);
    add(lot, "file", "clerk " + std::to_string(lot % 40), free, free + 600);
  }
  std::stable_sort(log.events.begin(), log.events.end(),
                   [](const LogEvent& a, const LogEvent& b) { return a.start_s < b.start_s; });
  return log;
}

using Text = std::vector<std::string>;

}  // namespace

TEST_CASE("arrivals behind a queue that is hardly ever empty come at the hours that explain when it was") {
  const WeeklyHours office = hours_on(4, 9, 17);
  const EventLog round_the_clock = desk_log(office, WeeklyHours(), 3600, 4 * 3600 * 0.7, 600);  // 40 h a week, of 168
  const Calibration c = calibrate(round_the_clock);
  CHECK(c.arrivals.hours.hours.weekly_text() == Text{"Mon-Fri 09:00-17:00"});
  CHECK(c.arrivals.per_day.estimate == doctest::Approx(8).epsilon(0.1));
  const Calibration longer = calibrate(desk_log(office, hours_on(5, 8, 18), 3600, 1.3 * 3600, 1000));  // 60 h a week
  CHECK(longer.arrivals.hours.hours.weekly_text() == Text{"Mon-Fri 09:00-17:00"});
  const Calibration always = calibrate(desk_log(WeeklyHours(), WeeklyHours(), 3600, 3500, 800));  // control
  CHECK(always.arrivals.hours.hours.always_open());
}

TEST_CASE("the likelihood of hours: what is seen outside them or cannot have come within them speaks against them") {
  const WeeklyHours office = hours_on(4, 9, 17), longer = hours_on(5, 8, 18);
  std::vector<double> seen;
  std::vector<ArrivalBounds> others;
  for (int week = 0; week < 16; ++week)
    for (int d = 0; d < 5; ++d) {
      const double midnight = monday + (7 * week + d) * day;
      seen.push_back(midnight + (9.5 + d) * hour);
      others.push_back({midnight + 14 * hour, midnight + 30 * hour});
    }
  CHECK(arrival_likelihood(office, seen, others) > arrival_likelihood(longer, seen, others) + 10);
  CHECK(likely_arrival_hours(seen, others, longer, std::vector{office}).weekly_text() == Text{"Mon-Fri 09:00-17:00"});
  CHECK(likely_arrival_hours(seen, others, office).weekly_text() == Text{"Mon-Fri 09:00-17:00"});
  CHECK(likely_arrival_hours({}, {}, longer).weekly_text() == longer.weekly_text());
  const double with = arrival_likelihood(office, seen, others);
  seen.push_back(monday + 20 * hour);
  CHECK(arrival_likelihood(office, seen, others) < with - 5);
}

TEST_CASE("a day of the week that the log has in part only is like the others if cases come on it") {
  const EventLog log = desk_log(WeeklyHours(), WeeklyHours(), 900, 60, 1000);  // 10.4 days
  CalibrationOptions options;
  options.train = 0.65;  // to the first Sunday at 18:00
  const Calibration c = calibrate(log, options);
  for (const std::string& group : c.arrivals.groups) CHECK(group == "Mon-Sun");
  const Calibration closed = calibrate(desk_log(hours_on(5, 0, 24), WeeklyHours(), 900, 60, 1000), options);  // control
  CHECK(closed.arrivals.groups.front() == "Mon-Sat");
  CHECK(closed.arrivals.groups.back() == "Sun");
}

TEST_CASE("steps that ask for one pool at one instant are taken up as they are seen to be, not as their ends happen to lie") {
  EventLog log;
  const auto add = [&](int lot, const std::string& activity, double start_s, double end_s) {
    LogEvent event;
    event.lot = log.lots.number(std::to_string(lot));
    event.activity = log.activities.number(activity);
    event.start_s = start_s, event.end_s = end_s;
    log.events.push_back(event);
  };
  std::vector<CasePlan> plans;
  for (int lot = 0; lot < 8; ++lot) {  // of four cases "short" has to wait for "long"; of four both begin at once
    const double t = 1000.0 * lot;
    const auto k = static_cast<std::uint32_t>(log.events.size());
    add(lot, "ask", t, t + 10);
    add(lot, "short", t + (lot < 4 ? 50 : 10), t + 100);
    add(lot, "long", t + 10, t + 500);
    CasePlan plan;
    plan.lot = static_cast<std::uint32_t>(lot);
    for (std::uint32_t s = 0; s < 3; ++s) {
      CasePlan::Step step;
      step.event = k + s, step.activity = s;
      if (s > 0) step.after = {0};
      plan.steps.push_back(step);
    }
    plans.push_back(plan);
  }
  const std::vector<std::uint32_t> one_pool{0, 1, 1}, two_pools{0, 1, 2};
  const AskedFirst first = asked_first(log, plans, one_pool);
  CHECK(first == AskedFirst{{2, 1}});
  CHECK(order_among_equals(plans[0].steps, one_pool, first) == std::vector<std::size_t>{0, 1, 0});
  CHECK(order_among_equals(plans[0].steps, one_pool, {}) == std::vector<std::size_t>{0, 0, 1});  // control: as they stand
  CHECK(asked_first(log, plans, two_pools).empty());
}

}  // namespace retwin::arrival_hours_test
