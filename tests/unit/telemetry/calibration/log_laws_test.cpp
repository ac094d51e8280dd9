// What is the same plant teaches the same: a log that is shuffled, renamed, doubled, of another zone, thinned or without a day.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>

#include "core/base/random.hpp"
#include "core/telemetry/calibration/calibration.hpp"
#include "core/telemetry/log/clean.hpp"

namespace retwin::log_laws_test {

namespace {

constexpr double hour = 3600, day = 24 * hour, monday = 4 * day;  // 1970-01-05
constexpr int days = 42;
constexpr double per_day = 40;

/// Cases that come around the clock to a saw of two and a press of one, first come, first served, an hour of cooling between.
EventLog shop(std::uint64_t seed) {
  const Draws draws{replication_key(seed, 0), stream_id("shop"), 0};
  std::uint64_t drawn = 0;
  const auto exponential = [&](double mean_s) { return -mean_s * std::log(1 - draws.uniform(drawn++)); };
  EventLog log;
  const auto work = [&](int lot, const char* activity, const std::string& resource, double start_s, double end_s) {
    LogEvent event;
    event.lot = log.lots.number("case " + std::to_string(lot));
    event.activity = log.activities.number(activity);
    event.resource = log.resources.number(resource);
    event.row = static_cast<std::uint32_t>(log.events.size() + 1);
    event.start_s = start_s, event.end_s = end_s;
    log.events.push_back(event);
  };
  std::array<double, 2> saws{monday, monday};
  double press = monday;
  int lot = 0;
  for (double at = monday; at < monday + days * day; at += exponential(day / per_day)) {
    double& saw = saws[0] <= saws[1] ? saws[0] : saws[1];
    const double begun = std::max(at, saw), sawn = begun + 600 + exponential(900);
    work(lot, "saw", &saw == saws.data() ? "saw 1" : "saw 2", begun, sawn);
    saw = sawn;
    const double pressed = std::max(sawn + hour, press);
    press = pressed + 400 + exponential(500);
    work(lot, "press", "press 1", pressed, press);
    ++lot;
  }
  put_in_order(log);
  return log;
}

using Parameters = std::map<std::string, Bounds>;

Parameters taught(EventLog log) {
  clean(log, {});
  Parameters learned;
  const Calibration c = calibrate(std::move(log));
  for (const CalibratedService& service : c.services) learned["service of " + c.log.activities[service.activity]] = service.mean;
  for (const CalibratedPool& pool : c.pools) learned["units of " + std::to_string(pool.seen.resources.size())] = {pool.pool.units, pool.pool.units, pool.pool.units};
  learned["cases a day"] = c.arrivals.per_day;
  return learned;
}

/// Parameters that lie outside of each other's intervals, or are not there.
std::vector<std::string> moved(const Parameters& before, const Parameters& after) {
  std::vector<std::string> out;
  for (const auto& [name, bounds] : before) {
    const auto found = after.find(name);
    if (found == after.end() || found->second.high < bounds.low || found->second.low > bounds.high) out.push_back(name);
  }
  return out;
}

/// Rows anew, as a reader would number them.
EventLog again(const EventLog& log, std::vector<LogEvent> events) {
  EventLog result = log;
  result.events = std::move(events);
  std::uint32_t row = 0;
  for (LogEvent& event : result.events) event.row = ++row;
  return result;
}

}  // namespace

TEST_CASE("a log that is shuffled, renamed or doubled, or tells its times in another zone, teaches exactly the same") {
  const EventLog log = shop(1);
  const Parameters before = taught(log);
  CHECK(before.size() == 5);
  const auto same = [&](const EventLog& other) {
    const Parameters after = taught(other);
    return std::equal(before.begin(), before.end(), after.begin(), after.end(), [](const auto& a, const auto& b) {
      return a.first == b.first && a.second.estimate == doctest::Approx(b.second.estimate) && a.second.low == doctest::Approx(b.second.low);
    });
  };
  std::vector<LogEvent> shuffled = log.events, doubled = log.events;
  const Draws draws{replication_key(7, 0), stream_id("shuffle"), 0};
  for (std::size_t k = shuffled.size(); k > 1; --k) std::swap(shuffled[k - 1], shuffled[std::min(k - 1, static_cast<std::size_t>(draws.uniform(k) * static_cast<double>(k)))]);
  CHECK(same(again(log, shuffled)));
  doubled.insert(doubled.end(), log.events.begin(), log.events.end());
  CHECK(same(again(log, doubled)));
  EventLog renamed = log;
  Names lots, resources;
  for (std::uint32_t k = 0; k < log.lots.size(); ++k) lots.number("z" + std::to_string(log.lots.size() - k));
  for (std::uint32_t k = 0; k < log.resources.size(); ++k) resources.number("machine of " + std::to_string(9 - k));
  renamed.lots = lots, renamed.resources = resources;
  CHECK(same(renamed));
  EventLog zone = log;
  zone.move(-8 * hour);
  zone.zone_s = 8 * hour;
  CHECK(same(zone));
  EventLog slower = log;  // control: half as fast is not the same
  for (LogEvent& event : slower.events) event.start_s = monday + 2 * (event.start_s - monday), event.end_s = monday + 2 * (event.end_s - monday);
  CHECK_FALSE(same(slower));
}

TEST_CASE("a log that is thinned or lacks a day teaches the same within the intervals") {
  std::size_t all = 0, outside = 0, arrivals_moved = 0, controls = 0;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const EventLog log = shop(seed);
    const Parameters before = taught(log);
    const Draws draws{replication_key(seed, 1), stream_id("thin"), 0};
    std::vector<bool> kept;
    for (std::uint32_t lot = 0; lot < log.lots.size(); ++lot) kept.push_back(draws.uniform(lot) < 0.7);
    const std::vector<std::string> thinned = moved(before, taught(log.of_lots(kept)));
    std::vector<LogEvent> without;  // those cases that have work on one Wednesday
    std::vector<bool> there(log.lots.size(), true);
    for (const LogEvent& event : log.events)
      if (event.start_s >= monday + 23 * day && event.start_s < monday + 24 * day) there[event.lot] = false;
    const std::vector<std::string> gap = moved(before, taught(log.of_lots(there)));
    for (const std::string& name : thinned) arrivals_moved += name == "cases a day", outside += name != "cases a day";
    outside += gap.size();
    all += 2 * before.size() - 1;
    EventLog quicker = log;  // control: a press that works a fifth faster
    for (LogEvent& event : quicker.events)
      if (log.activities[event.activity] == "press") event.end_s -= 0.2 * (event.end_s - event.start_s);
    const std::vector<std::string> changed = moved(before, taught(quicker));
    controls += std::find(changed.begin(), changed.end(), "service of press") != changed.end();
  }
  CHECK(arrivals_moved == 8);  // seven tenths of the cases are seven tenths of the arrivals
  CHECK(static_cast<double>(outside) <= 0.05 * static_cast<double>(all));
  CHECK(controls == 8);
}

}  // namespace retwin::log_laws_test
