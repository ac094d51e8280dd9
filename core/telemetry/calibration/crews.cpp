// Pools of resources of a calibration: found, given their hours, and taken for finite or not.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>

#include "core/stats/tally.hpp"
#include "core/telemetry/hours/closing.hpp"
#include "core/telemetry/hours/coverage.hpp"
#include "core/telemetry/calibration/steps.hpp"
#include "core/telemetry/log/names.hpp"
#include "core/telemetry/work/unseen_crews.hpp"

namespace retwin {

namespace {

/// Whether the resources of a pool do one thing at a time although many pieces of work would overlap if nothing kept them from
/// it: each start would find its resource at work as often as that is at work within the hours.
bool one_at_a_time(const Calibration& c, const CalibratedPool& pool) {
  if (pool.seen.units > static_cast<double>(pool.seen.resources.size())) return false;
  struct Work {
    double n = 0, busy_s = 0, from_s = std::numeric_limits<double>::infinity(), to_s = -std::numeric_limits<double>::infinity();
  };
  std::map<std::uint32_t, Work> work;
  for (const std::uint32_t resource : pool.seen.resources) work[resource];
  for (std::size_t k = 0; k < c.log.events.size(); ++k) {
    const LogEvent& event = c.log.events[k];
    const auto found = work.find(event.resource);
    if (found == work.end()) continue;
    Work& one = found->second;
    one.n += 1;
    one.busy_s += pool.pool.hours.open_between(event.start_s, event.end_s);
    one.from_s = std::min(one.from_s, event.start_s);
    one.to_s = std::max(one.to_s, event.end_s);
  }
  double expected = 0;
  for (const auto& [resource, one] : work) {
    const double open = pool.pool.hours.open_between(one.from_s, one.to_s);
    if (open > 0) expected += one.n * std::min(1.0, one.busy_s / open);
  }
  return expected > 10 && pool.seen.overlap * static_cast<double>(pool.seen.events) < 0.1 * expected;
}

/// Whether durations of a pool's activities vary clearly less within its hours than by the clock (sums of squared variation).
bool hours_explain_durations(const Calibration& c, std::size_t number) {
  const WeeklyHours& hours = c.pools[number].pool.hours;
  if (hours.always_open()) return false;
  std::vector<Tally> gross(c.log.activities.size()), net(c.log.activities.size());
  for (const LogEvent& event : c.log.events) {
    if (c.pool_of_work(event) != number) continue;
    gross[event.activity].add(event.end_s - event.start_s);
    net[event.activity].add(hours.open_between(event.start_s, event.end_s));
  }
  const auto variation = [](const std::vector<Tally>& tallies) {
    double sum = 0;
    for (const Tally& t : tallies)
      if (t.count() > 1 && t.mean() > 0) sum += static_cast<double>(t.count()) * t.variance() / (t.mean() * t.mean());
    return sum;
  };
  return variation(net) < 0.8 * variation(gross);
}

/// Whether work of a pool is seen to have waited over a time at which it is closed. If none is, its hours are those at which it is asked.
bool hours_hold_work_up(const Calibration& c, std::size_t number) {
  constexpr double at_once_s = 1;
  const WeeklyHours& hours = c.pools[number].pool.hours;
  for (std::size_t k = 0; k < c.log.events.size(); ++k) {
    const LogEvent& event = c.log.events[k];
    const OperationTimes& times = c.waiting.operations[k];
    if (times.first || c.pool_of_work(event) != number) continue;
    if (event.start_s - times.enabled_s > hours.open_between(times.enabled_s, event.start_s) + at_once_s) return true;
  }
  return false;
}

/// When each operation could have begun: the end of all before it; nan for the first ones.
std::vector<double> enabled_by_event(const Calibration& c) {
  std::vector<double> result(c.log.events.size(), std::numeric_limits<double>::quiet_NaN());
  for (const CasePlan& plan : c.plans)
    for (std::size_t k = 0; k < plan.steps.size(); ++k) result[plan.steps[k].event] = enabled_s(c.log, plan, k);
  return result;
}

}  // namespace

void find_pools(Calibration& c, double known_until_s) {
  const Pools found = discover_pools(c.log, {}, find_unseen_crews(c.log, c.plans, known_until_s));
  c.pool_of_activity = found.of_activity;
  c.pool_of_work = found.of_work;
  std::vector<std::vector<WorkSpan>> work(found.pools.size());
  std::vector<std::vector<double>> offered(found.pools.size());
  const std::vector<double> enabled = enabled_by_event(c);
  for (std::size_t k = 0; k < c.log.events.size(); ++k) {
    const LogEvent& event = c.log.events[k];
    work[found.of_work(event)].push_back({event.start_s, event.end_s});
    offered[found.of_work(event)].push_back(enabled[k]);
  }
  std::map<std::string, int> names;  // of the scenario
  for (std::size_t k = 0; k < found.pools.size(); ++k) {
    CalibratedPool pool;
    pool.seen = found.pools[k];
    HoursOptions options = covered_by(c.log);
    options.offered_s = offered[k];
    pool.hours = discover_hours(work[k], options);
    pool.pool.name = pool.seen.name;
    if (const int again = names[scenario_name(pool.seen.name)]++; again > 0) pool.pool.name += fmt::format(" {}", again + 1);
    pool.pool.hours = pool.hours.hours;
    pool.pool.fits = across_closing(work[k], pool.pool.hours).avoided();
    pool.pool.units = pool.seen.units > 0 ? pool.seen.units : std::numeric_limits<double>::infinity();
    c.pools.push_back(std::move(pool));
  }
  c.rules = find_station_rules(c.log, c.plans, found, c.work_pools());
}

void decide_pools(Calibration& c) {
  for (std::size_t k = 0; k < c.pools.size(); ++k) {
    CalibratedPool& pool = c.pools[k];
    pool.order = c.waiting.order[k];
    pool.explained = c.waiting.explained[k];
    if (!(pool.seen.units > 0)) {
      pool.note = "no resource is named: never short of units";
    } else if (pool.seen.resources.empty()) {
      pool.note =
          fmt::format("no resource is named; its work begins as other work of it ends, {:.0f} at a time", pool.seen.units);
    } else if (pool.seen.strangers > 0.1) {
      pool.note = fmt::format("{:.0f} % of its work is done by others: never short of units", 100 * pool.seen.strangers);
      pool.pool.units = std::numeric_limits<double>::infinity();
    } else if (pool.explained < 0.5 && one_at_a_time(c, pool)) {
      pool.note = fmt::format("one thing at a time; crew and hours explain {:.0f} % of the waiting", 100 * pool.explained);
    } else if (pool.explained < 0.5) {
      pool.note = fmt::format("crew and hours explain {:.0f} % of the waiting only: never short of units", 100 * pool.explained);
      pool.pool.units = std::numeric_limits<double>::infinity();
    } else {
      pool.note = fmt::format("crew and hours explain {:.0f} % of the waiting", 100 * pool.explained);
    }
    if (pool.pool.finite() && pool.seen.units < static_cast<double>(pool.seen.resources.size()))
      pool.note += fmt::format("; {} take turns, {:.0f} at a time", pool.seen.resources.size(), pool.seen.units);
    if (pool.pool.fits) pool.note += "; what would not end before closing is not begun";
    if (!pool.pool.finite()) pool.pool.suspends = hours_explain_durations(c, k);
    if (!pool.pool.finite() && !pool.pool.suspends && !pool.pool.hours.always_open() && !hours_hold_work_up(c, k)) {
      pool.pool.hours = {};
      pool.note += "; none of its work is seen to wait for its hours: they are those at which it is asked";
    }
  }
  for (const StationRule& rule : c.rules)
    if (CalibratedPool& pool = c.pools[c.pool_of_activity[rule.activity]]; rule.batch) {
      pool.pool.units = static_cast<double>(rule.servers);
      pool.note = "its units work on batches";
    }
}

}  // namespace retwin
