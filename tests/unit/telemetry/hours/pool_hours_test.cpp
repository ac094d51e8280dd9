// Pools with hours of their own that share work: shifts, pools that share an activity, their services; arrivals behind a queue.
#include "core/telemetry/hours/pool_hours.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <queue>
#include <string>
#include <vector>

#include "core/base/random.hpp"
#include "core/telemetry/calibration/calibration.hpp"
#include "core/telemetry/log/clean.hpp"
#include "core/telemetry/work/pools.hpp"
#include "core/telemetry/work/waiting.hpp"

namespace retwin::pool_hours_test {

namespace {

constexpr double hour = 3600, day = 24 * hour, monday = 4 * day;  // 1970-01-05

WeeklyHours weekdays(double from_h, double to_h) {
  std::vector<WeeklyHours::Span> spans;
  for (int d = 0; d < 5; ++d) spans.push_back({d * day + from_h * hour, d * day + to_h * hour});
  return WeeklyHours(spans);
}

struct Worker {
  std::string name;
  WeeklyHours hours;
  std::vector<std::string> does;
};

/// Each works without a rest for so many weeks: jobs of `net_s` each, of the activities in turn, suspended outside the hours.
EventLog log_of(const std::vector<Worker>& workers, double net_s, int weeks = 8) {
  EventLog log;
  for (const Worker& w : workers)
    for (const std::string& activity : w.does) log.activities.number(activity);
  for (const Worker& w : workers) {
    double at = monday;
    for (std::size_t k = 0; at < monday + weeks * 7 * day; ++k) {
      LogEvent event;
      event.lot = log.lots.number(w.name + std::to_string(k));
      event.activity = log.activities.number(w.does[k % w.does.size()]);
      event.resource = log.resources.number(w.name);
      event.start_s = w.hours.next_open(at);
      event.end_s = at = w.hours.after(event.start_s, net_s + 600 * static_cast<double>(k % 3));
      event.row = static_cast<std::uint32_t>(log.events.size() + 1);
      log.events.push_back(event);
    }
  }
  put_in_order(log);
  return log;
}

std::vector<Worker> two_shifts(double second_from_h) {
  std::vector<Worker> workers;
  for (int k = 0; k < 4; ++k)
    workers.push_back(
        {"w" + std::to_string(k), weekdays(k < 2 ? 6 : second_from_h, k < 2 ? 14 : second_from_h + 8), {"cut", "weld"}});
  return workers;
}

}  // namespace

TEST_CASE("two shifts that do the same work are two pools; at the same hours they are one") {
  const EventLog log = log_of(two_shifts(14), 2 * hour);
  const Pools pools = discover_pools(log);
  REQUIRE(pools.pools.size() == 2);
  for (const LogPool& pool : pools.pools) {
    CHECK(pool.units == 2);
    CHECK(pool.activities == std::vector<std::uint32_t>{0, 1});
    CHECK(pool.strangers == 0);
  }
  for (const LogEvent& event : log.events)
    CHECK(std::count(pools.pools[pools.of_work(event)].resources.begin(), pools.pools[pools.of_work(event)].resources.end(),
                     event.resource) == 1);
  CHECK(pools.of_work.all_of(0) == std::vector<std::uint32_t>{0, 1});
  CHECK(discover_pools(log_of(two_shifts(6), 2 * hour)).pools.size() == 1);
}

TEST_CASE("pools with other hours that share an activity stay apart, and others still become one") {
  for (const double from_h : {0.0, 9.0}) {
    CAPTURE(from_h);
    const WeeklyHours second = from_h > 0 ? weekdays(9, 17) : WeeklyHours{};
    const EventLog log =
        log_of({{"clerk", weekdays(9, 17), {"shared", "own"}}, {"guard", second, {"shared", "other", "other"}}}, 2 * hour);
    const Pools pools = discover_pools(log);
    CHECK(pools.pools.size() == (from_h > 0 ? 1 : 2));
    CHECK(pools.of_work.all_of(log.activities.find("shared")).size() == pools.pools.size());
    CHECK(pools.of_work.all_of(log.activities.find("own")).size() == 1);
  }
}

TEST_CASE("services of shared activities are net of the hours of whoever did them; the scenario asks for either") {
  const EventLog log = log_of(two_shifts(14), 2 * hour);
  const Calibration c = calibrate(log);
  REQUIRE(c.services.size() == 2);
  for (const CalibratedService& service : c.services) {
    CHECK(service.mean.estimate == doctest::Approx(2 * hour + 600).epsilon(0.01));
    CHECK(*std::max_element(service.values.begin(), service.values.end()) == doctest::Approx(2 * hour + 1200));
  }
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / "retwin_pool_hours";
  std::filesystem::create_directories(folder);
  write_calibration(c, (folder / "c.yaml").string());
  std::ifstream in(folder / "c.yaml");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  CHECK(text.find("qualifications: [") != std::string::npos);
  CHECK(text.find("_or_") != std::string::npos);
  std::filesystem::remove_all(folder);
}

TEST_CASE("arrivals that queue beyond their hours are not taken for late ones") {
  // 09:00-17:00, two steps at one desk that works around the clock and is busy until late
  const Draws draws{replication_key(3, 0), stream_id("late queue"), 0};
  const WeeklyHours open = weekdays(9, 17);
  std::uint64_t drawn = 0;
  const auto exponential = [&](double mean) { return -mean * std::log(1 - draws.uniform(drawn++)); };
  struct Asked {
    double at_s;
    std::uint32_t lot, step;
    bool operator>(const Asked& other) const { return at_s > other.at_s; }
  };
  std::priority_queue<Asked, std::vector<Asked>, std::greater<>> asked;
  double at = monday + 9 * hour, free = monday;
  EventLog log;
  log.resources.number("desk");
  for (const char* const name : {"a", "b"}) log.activities.number(name);
  for (std::uint32_t k = 0; k < 1000; ++k, at = open.after(at, exponential(2000))) {
    log.lots.number(std::to_string(k));
    asked.push({at, k, 0});
  }
  while (!asked.empty()) {
    const Asked now = asked.top();
    asked.pop();
    LogEvent event;
    event.lot = now.lot;
    event.activity = now.step;
    event.resource = 0;
    event.row = static_cast<std::uint32_t>(log.events.size() + 1);
    event.start_s = std::max(now.at_s, free);
    event.end_s = free = event.start_s + 700 + exponential(300);
    log.events.push_back(event);
    if (now.step == 0) asked.push({event.end_s, now.lot, 1});
  }
  put_in_order(log);
  const Calibration c = calibrate(log);
  CHECK(c.pools.at(0).pool.hours.always_open());
  CHECK(c.arrivals.hours.hours.weekly_text() == std::vector<std::string>{"Mon-Fri 09:00-17:00"});
}

TEST_CASE("hours are those of the log's own zone") {
  EventLog log = log_of({{"clerk", weekdays(9, 17), {"check"}}}, 2 * hour);
  log.move(-8 * hour);                                                                                             // to UTC
  CHECK(calibrate(log).pools.at(0).hours.hours.weekly_text() == std::vector<std::string>{"Mon-Fri 01:00-09:00"});  // control
  log.zone_s = 8 * hour;
  const Calibration c = calibrate(log);
  CHECK(c.pools.at(0).hours.hours.weekly_text() == std::vector<std::string>{"Mon-Fri 09:00-17:00"});
  CHECK(c.log.first_s() == doctest::Approx(monday + 9 * hour));
}

}  // namespace retwin::pool_hours_test
