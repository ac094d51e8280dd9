// Work that is not begun where it would not end before closing: the rule is told from the log, and what waits for the morning is not
// learned as a delay.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "core/base/random.hpp"
#include "core/telemetry/calibration/calibration.hpp"
#include "core/telemetry/log/clean.hpp"

namespace retwin::closing_laws_test {

namespace {

constexpr double hour = 3600, day = 24 * hour, monday = 4 * day;  // 1970-01-05
constexpr double opens = 8 * hour, closes = 16 * hour;

bool workday(double at) { return std::fmod(std::floor((at - monday) / day), 7) < 5; }
/// What is left of the shift; 0 outside of one.
double left(double at) {
  const double clock = std::fmod(at, day);
  return workday(at) && clock >= opens ? std::max(0.0, closes - clock) : 0;
}
double next_opening(double at) {
  double t = std::floor(at / day) * day + opens;
  while (t <= at || !workday(t)) t += day;
  return t;
}

/// Cases that come around the clock, to two desks of three clerks each on office hours, who begin what came first of what fits.
/// @param fits else what has been begun goes on the next morning
EventLog office(std::uint64_t seed, bool fits, int weeks) {
  const Draws draws{replication_key(seed, 0), stream_id("office"), 0};
  std::uint64_t drawn = 0;
  const auto exponential = [&](double mean_s) { return -mean_s * std::log(1 - draws.uniform(drawn++)); };
  EventLog log;
  std::vector<std::pair<double, int>> coming;  // when, which case
  for (double at = monday; at < monday + weeks * 7 * day; at += exponential(day / 10)) coming.emplace_back(at, static_cast<int>(coming.size()));
  for (const std::string desk : {"first", "second"}) {
    std::array<double, 3> free{};
    std::vector<double> work_s(coming.size());
    for (double& w : work_s) w = std::min(closes - opens, exponential(20 * 60) + exponential(20 * 60) + exponential(20 * 60));
    std::sort(coming.begin(), coming.end());
    std::vector<std::pair<double, int>> waiting, done;
    std::size_t next = 0;
    double now = monday;
    while (next < coming.size() || !waiting.empty()) {
      while (next < coming.size() && coming[next].first <= now) waiting.push_back(coming[next++]);
      const auto clerk = std::min_element(free.begin(), free.end());
      const auto taken = std::find_if(waiting.begin(), waiting.end(), [&](const auto& one) { return !fits || work_s[static_cast<std::size_t>(one.second)] <= left(now); });
      if (*clerk > now || left(now) <= 0 || taken == waiting.end()) {
        double then = next < coming.size() ? coming[next].first : 1e18;
        if (!waiting.empty()) then = std::min(then, *clerk > now && left(*clerk) > 0 ? *clerk : next_opening(std::max(now, *clerk)));
        now = then;
        continue;
      }
      double w = work_s[static_cast<std::size_t>(taken->second)], at = now;
      for (; w > left(at); at = next_opening(at)) w -= left(at);
      LogEvent event;
      event.lot = log.lots.number("case " + std::to_string(taken->second));
      event.activity = log.activities.number(desk);
      event.resource = log.resources.number(desk + " clerk " + std::to_string(clerk - free.begin()));
      event.start_s = now, event.end_s = *clerk = at + w;
      event.row = static_cast<std::uint32_t>(log.events.size() + 1);
      log.events.push_back(event);
      done.emplace_back(event.end_s, taken->second);
      waiting.erase(taken);
    }
    coming = done;
  }
  put_in_order(log);
  return log;
}

double mean_delay_s(const Waiting& waiting) {
  double sum = 0, n = 0;
  for (const OperationTimes& one : waiting.operations)
    if (!one.first) sum += one.likely_delay_s, n += 1;
  return sum / n;
}

}  // namespace

TEST_CASE("whether clerks begin what they cannot end before closing is told, and what waits for the morning is no delay") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const Calibration fits = calibrate(office(seed, true, 20));
    REQUIRE(fits.pools.size() == 2);
    for (const CalibratedPool& pool : fits.pools) {
      CHECK(pool.pool.fits);
      CHECK(pool.pool.hours.weekly_text() == std::vector<std::string>{"Mon-Fri 08:00-16:00"});
    }
    CHECK(mean_delay_s(fits.waiting) < 60);
    // control: without the rule the same waits are taken for delays
    std::vector<WorkPool> pools = fits.work_pools();
    for (WorkPool& pool : pools) pool.fits = false;
    CHECK(mean_delay_s(find_waiting(fits.log, fits.plans, pools, fits.pool_of_work)) > 300);
    const Calibration suspends = calibrate(office(seed, false, 20));
    for (const CalibratedPool& pool : suspends.pools) CHECK_FALSE(pool.pool.fits);
    CHECK(mean_delay_s(suspends.waiting) < 60);
  }
}

}  // namespace retwin::closing_laws_test
