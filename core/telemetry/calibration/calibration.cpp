// Step by step: parallel activities, plans, pools and hours, waiting, services, delays, arrivals.
#include "core/telemetry/calibration/calibration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "core/base/problem.hpp"
#include "core/base/units.hpp"
#include "core/stats/intervals.hpp"
#include "core/stats/regression.hpp"
#include "core/stats/tally.hpp"
#include "core/telemetry/calibration/replay.hpp"
#include "core/telemetry/cases/open_cases.hpp"

namespace retwin {
namespace {

constexpr double day_s = 86400;

Bounds bounds_of(std::span<const double> values) {
  const Interval interval = student_interval(values);
  return {interval.mean, interval.low(), interval.high()};
}

// --- pools

/// Hours of a pool's work, or of one that is spread thin: 24/7.
void find_pools(Calibration& c, double known_until_s) {
  const Pools found = discover_pools(c.log, {}, find_unseen_crews(c.log, c.plans, known_until_s));
  c.pool_of_activity = found.of_activity;
  c.pool_of_work = found.of_work;
  std::vector<std::vector<WorkSpan>> work(found.pools.size());
  for (const LogEvent& event : c.log.events) work[found.of_work(event)].push_back({event.start_s, event.end_s});
  std::map<std::string, int> names;  // of the scenario
  for (std::size_t k = 0; k < found.pools.size(); ++k) {
    CalibratedPool pool;
    pool.seen = found.pools[k];
    pool.hours = discover_hours(work[k]);
    pool.pool.name = pool.seen.name;
    if (const int again = names[scenario_name(pool.seen.name)]++; again > 0) pool.pool.name += fmt::format(" {}", again + 1);
    pool.pool.hours = pool.hours.hours;
    pool.pool.units = pool.seen.units > 0 ? pool.seen.units : std::numeric_limits<double>::infinity();
    c.pools.push_back(std::move(pool));
  }
  c.rules = find_station_rules(c.log, c.plans, found, c.work_pools());
}

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

/// A pool is taken for finite if its resources being busy or off explains most of the waiting for it, or if they are seen to do
/// one thing at a time; else work waits for something that the log does not show.
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
    if (!pool.pool.finite()) pool.pool.suspends = hours_explain_durations(c, k);
  }
  for (const StationRule& rule : c.rules)
    if (CalibratedPool& pool = c.pools[c.pool_of_activity[rule.activity]]; rule.batch) {
      pool.pool.units = static_cast<double>(rule.servers);
      pool.note = "its units work on batches";
    }
}

// --- services

/// Intraclass correlation of what services are above or below the usual of their activity and effort (one-way random effects;
/// Shrout & Fleiss, Psychological Bulletin 86, 1979), with the F statistic of "cases do not differ".
double find_case_effect(Calibration& c) {
  std::vector<Tally> usual(c.log.activities.size());
  const auto value = [&](std::size_t k) {
    return std::log(std::max(1.0, c.waiting.operations[k].service_s / c.efforts.of_event(c.log, k)));
  };
  for (std::size_t k = 0; k < c.log.events.size(); ++k) usual[c.log.events[k].activity].add(value(k));
  std::vector<Tally> of_case(c.log.lots.size());
  Tally all;
  for (std::size_t k = 0; k < c.log.events.size(); ++k) {
    const Tally& activity = usual[c.log.events[k].activity];
    if (activity.count() < 5 || !(activity.sd() > 1e-6)) continue;
    const double z = (value(k) - activity.mean()) / activity.sd();
    of_case[c.log.events[k].lot].add(z);
    all.add(z);
  }
  double within = 0, between = 0, n = 0, groups = 0, squares = 0;
  for (const Tally& one : of_case) {
    const double size = static_cast<double>(one.count());
    if (size < 2) continue;
    groups += 1, n += size, squares += size * size;
    within += one.variance() * (size - 1);
    between += size * (one.mean() - all.mean()) * (one.mean() - all.mean());
  }
  if (groups < 5 || n <= groups) return 0;
  const double ms_within = within / (n - groups), ms_between = between / (groups - 1), size = (n - squares / n) / (groups - 1);
  const double f = ms_between / ms_within;
  return f < 1.5 ? 0 : (ms_between - ms_within) / (ms_between + (size - 1) * ms_within);
}

/// Where a log has far more values than can matter for their distributions, they are gathered in fewer cells, 200,000 in all fits
/// (an estimate: some seconds), at least 800 in each.
FitOptions options_of(std::size_t fits, std::size_t values) {
  constexpr std::size_t all_cells = 200000, fewest = 800;
  FitOptions options;
  if (values > all_cells) options.most_cells = std::clamp(all_cells / std::max<std::size_t>(1, fits), fewest, options.most_cells);
  return options;
}

/// Values of each activity. Instants are no services where ends without a start were made such and most operations take time.
void fit_services(Calibration& c) {
  std::vector<std::vector<double>> values(c.log.activities.size());
  const std::vector<bool> follows = batch_followers(c.log, c.rules);
  for (std::size_t k = 0; k < c.log.events.size(); ++k)
    if (!follows[k]) values[c.log.events[k].activity].push_back(c.waiting.operations[k].service_s / c.efforts.of_event(c.log, k));
  const bool instants = std::any_of(c.log.findings.begin(), c.log.findings.end(),
                                    [](const LogFinding& f) { return f.fault == LogFault::missing_start; });
  for (std::vector<double>& own : values)
    if (instants && 2 * std::count(own.begin(), own.end(), 0.0) < static_cast<std::ptrdiff_t>(own.size())) std::erase(own, 0.0);
  const FitOptions options = options_of(values.size(), c.log.events.size());
  for (std::uint32_t activity = 0; activity < values.size(); ++activity) {
    if (values[activity].empty()) continue;
    CalibratedService service;
    service.activity = activity;
    service.values = std::move(values[activity]);
    service.fit = fit_best(service.values, options);
    service.mean = bounds_of(service.values);
    c.services.push_back(std::move(service));
  }
}

void find_factors(Calibration& c) {
  std::vector<double> service, enabled;
  const std::vector<bool> follows = batch_followers(c.log, c.rules);
  for (std::size_t k = 0; k < c.log.events.size(); ++k) {
    service.push_back(follows[k] ? std::numeric_limits<double>::quiet_NaN() : c.waiting.operations[k].service_s);
    enabled.push_back(c.waiting.operations[k].enabled_s);
  }
  c.factors = find_service_factors(c.log, service, enabled);
  std::vector<std::string> also;
  for (const StationRule& rule : c.rules)
    if (rule.setup) also.push_back(rule.setup->column);
  c.efforts = Efforts(c.log, find_service_efforts(c.log, service, c.factors), also);
}

// --- delays

void fit_delays(Calibration& c) {
  std::vector<std::pair<std::uint64_t, std::uint32_t>> kinds;  // activities before and now, operation
  double seen = 0, late = 0;
  for (std::uint32_t k = 0; k < c.log.events.size(); ++k) {
    const OperationTimes& times = c.waiting.operations[k];
    if (times.first) continue;
    kinds.emplace_back(std::uint64_t{c.log.events[times.before].activity} << 32 | c.log.events[k].activity, k);
    if (times.seen) seen += 1, late += times.delay_s > 1 ? 1 : 0;
  }
  std::sort(kinds.begin(), kinds.end());
  const bool rare = late < 0.01 * seen;  // in the whole log: then they are believed only where most of a kind come late
  std::size_t all = 0;
  for (auto from = kinds.begin(); from != kinds.end();) {
    const auto to = std::find_if(from, kinds.end(), [&](const auto& k) { return k.first != from->first; });
    const auto n_late = std::count_if(from, to, [&](const auto& k) { return c.waiting.operations[k.second].likely_delay_s > 1; });
    if (n_late >= 3 && static_cast<double>(n_late) >= (rare ? 0.5 : 0.02) * static_cast<double>(to - from)) {
      CalibratedDelay delay;
      delay.before = static_cast<std::uint32_t>(from->first >> 32);
      delay.activity = static_cast<std::uint32_t>(from->first);
      for (auto k = from; k != to; ++k) {
        delay.values.push_back(c.waiting.operations[k->second].likely_delay_s);
        delay.bounded += c.waiting.operations[k->second].seen ? 0 : 1;
      }
      all += delay.values.size();
      c.delays.push_back(std::move(delay));
    }
    from = to;
  }
  const FitOptions options = options_of(c.delays.size(), all);
  for (CalibratedDelay& delay : c.delays) delay.fit = fit_best(delay.values, options);
}

// --- arrivals

struct DayCounts {
  long first = 0, last = 0;  // days since 1970-01-01, both ends whole
  std::vector<double> counts;
};

constexpr std::size_t fewest_in_part = 3;  // arrivals on part of a day

int weekday_of(long day) { return static_cast<int>(((day + 3) % 7 + 7) % 7); }  // 1970-01-01 was a Thursday

/// Days of the week that are alike in their arrivals are drawn together: by Pearson's chi-square of their counts. Of a day of the
/// week that was never whole, arrivals on a part of it tell that it is like the others.
std::vector<std::string> group_weekdays(const DayCounts& days, std::span<const double> arrivals_s) {
  static const char* const names[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  std::vector<double> sum(7, 0), n(7, 0);
  for (std::size_t k = 0; k < days.counts.size(); ++k) {
    const auto d = static_cast<std::size_t>(weekday_of(days.first + static_cast<long>(k)));
    sum[d] += days.counts[k], n[d] += 1;
  }
  double top = 0;
  for (std::size_t d = 0; d < 7; ++d) top = std::max(top, n[d] > 0 ? sum[d] / n[d] : 0);
  std::vector<std::size_t> busy;
  for (std::size_t d = 0; d < 7; ++d)
    if (n[d] > 0 && sum[d] / n[d] > 0.25 * top) busy.push_back(d);
  double total = 0, time = 0, statistic = 0;
  for (const std::size_t d : busy) total += sum[d], time += n[d];
  for (const std::size_t d : busy) statistic += std::pow(sum[d] - total * n[d] / time, 2) / (total * n[d] / time);
  // counts may vary more than Poisson's from day to day: judged by their own spread
  Tally spread;
  for (std::size_t k = 0; k < days.counts.size(); ++k)
    if (std::find(busy.begin(), busy.end(), static_cast<std::size_t>(weekday_of(days.first + static_cast<long>(k)))) !=
        busy.end())
      spread.add(days.counts[k]);
  const double dispersion = spread.count() > 1 && spread.mean() > 0 ? std::max(1.0, spread.variance() / spread.mean()) : 1;
  const double limit = static_cast<double>(busy.size()) + 3 * std::sqrt(2.0 * static_cast<double>(busy.size()));
  const bool alike = statistic / dispersion < limit;
  std::vector<std::size_t> in_part(7, 0);
  for (const double at : arrivals_s) ++in_part[static_cast<std::size_t>(weekday_of(static_cast<long>(std::floor(at / day_s))))];
  for (std::size_t d = 0; d < 7; ++d)
    if (n[d] <= 0 && in_part[d] >= fewest_in_part) busy.push_back(d);
  std::sort(busy.begin(), busy.end());
  const bool row = !busy.empty() && busy.back() - busy.front() + 1 == busy.size();
  std::vector<std::string> groups(names, names + 7);
  if (alike && row && busy.size() > 1)
    for (const std::size_t d : busy) groups[d] = fmt::format("{}-{}", names[busy.front()], names[busy.back()]);
  return groups;
}

/// Where the first operations of cases queue, those that came last before the split may have begun after it: the last day is the
/// one before the day on which the last case came, if it had to wait.
long last_whole_day(const Calibration& c) {
  double last = -std::numeric_limits<double>::infinity(), waited = 0;
  for (std::size_t k = 0; k < c.log.events.size(); ++k) {
    if (!c.waiting.operations[k].first || !(c.waiting.operations[k].enabled_s > last)) continue;
    last = c.waiting.operations[k].enabled_s;
    waited = c.log.events[k].start_s - last;
  }
  return waited > 1 ? static_cast<long>(std::floor(last / day_s)) - 1 : std::numeric_limits<long>::max() - 1;
}

/// Of cases that did not begin before the log, unless all did.
void find_arrivals(Calibration& c, bool cut_at_split) {
  CalibratedArrivals& a = c.arrivals;
  std::vector<double> times;
  const auto begun = std::count_if(c.plans.begin(), c.plans.end(), [](const CasePlan& plan) { return plan.begun; });
  const bool all = static_cast<std::size_t>(begun) + 2 > c.plans.size();  // there is no time between one and nothing
  for (const CasePlan& plan : c.plans)
    if (all || !plan.begun) times.push_back(c.waiting.arrivals_s[plan.lot]);
  std::sort(times.begin(), times.end());
  a.hours = discover_arrival_hours(times);
  if (c.waiting.arrival_hours && a.hours.closed_times && !c.waiting.arrival_hours->always_open())
    a.hours = {*c.waiting.arrival_hours, true, 0, "told from when the first queue was empty"};
  std::vector<double> between;
  for (std::size_t k = 1; k < times.size(); ++k) between.push_back(a.hours.hours.open_between(times[k - 1], times[k]));
  a.between = fit_best(between);
  DayCounts days;
  days.first = static_cast<long>(std::floor(times.front() / day_s));
  days.last = static_cast<long>(std::floor(times.back() / day_s));
  const long split_day = static_cast<long>(std::floor(c.split_s / day_s));
  if (cut_at_split && days.last >= split_day && days.last > days.first)
    days.last = std::max(days.first, std::min(split_day, last_whole_day(c) + 1) - 1);  // the day of the split is not whole
  days.counts.assign(static_cast<std::size_t>(days.last - days.first + 1), 0);
  a.days.resize(days.counts.size());
  for (const double at : times) {
    const long day = static_cast<long>(std::floor(at / day_s));
    if (day > days.last) continue;
    const auto k = static_cast<std::size_t>(day - days.first);
    days.counts[k] += 1;
    a.days[k].times_s.push_back(at - static_cast<double>(day) * day_s);
  }
  std::vector<double> with, week;
  for (std::size_t k = 0; k < a.days.size(); ++k) {
    a.days[k].weekday = weekday_of(days.first + static_cast<long>(k));
    a.days[k].name = format_time(days.first + static_cast<long>(k), 0).substr(0, 10);
    if (days.counts[k] <= 0) continue;
    with.push_back(days.counts[k]);
    week.push_back(static_cast<double>(k) / 7);
  }
  a.per_day = bounds_of(with);
  a.groups = group_weekdays(days, times);
  if (with.size() < 5) return;
  const Interval slope = regress(with, {week}).coefficients[1].interval;
  a.trend = {slope.mean, slope.low(), slope.high()};
  if (a.trend.contains(0) || a.days.size() < 14) return;
  c.notes.push_back(fmt::format(
      "Arrivals change by {:+.2g} a day each week ({:.2g} ... {:.2g}): new ones are drawn from the later half of the days.",
      a.trend.estimate, a.trend.low, a.trend.high));
  a.days.erase(a.days.begin(), a.days.begin() + static_cast<std::ptrdiff_t>(a.days.size() / 2));
}

// --- cases in part

/// Which cases the log does not show whole; true if it ends in the midst of some.
bool find_cut_cases(Calibration& c, double first_s, double last_s) {
  mark_cut_cases(c.log, first_s, last_s, c.plans);
  const auto begun = std::count_if(c.plans.begin(), c.plans.end(), [](const CasePlan& plan) { return plan.begun; });
  if (begun > 0)
    c.notes.push_back(fmt::format("{} of {} cases had begun before the log: they do not count as arrivals{}.", begun,
                                  c.plans.size(), c.few_begun() ? ", and new cases are unlike them" : ""));
  return std::any_of(c.plans.begin(), c.plans.end(), [](const CasePlan& plan) { return plan.open; });
}

void continue_open_cases(Calibration& c, double last_s) {
  const Continuations rest(c.log, c.plans, last_s);  // of those that are not open, and stay as they are
  std::size_t open = 0, left = 0;
  for (CasePlan& plan : c.plans) {
    if (!plan.open) continue;
    ++open;
    const std::size_t before = plan.steps.size();
    plan = rest.continued(plan, {replication_key(1, 0), stream_id("open cases"), plan.lot});
    left += plan.steps.size() == before ? 1 : 0;
  }
  std::string what = "each goes on as one that had done the same";
  if (left == open) what = "none that had done the same is seen to its end, so they end there";
  else if (left > 0) what += fmt::format(", but {}: none like these is seen to its end", left);
  c.notes.push_back(fmt::format("{} of {} cases were open when the log ended: {}.", open, c.plans.size(), what));
}

/// Records of work still under way when a log ends are not in it: crews seem idle then. [s]
double longest_operation_s(const EventLog& log) {
  double longest = 0;
  for (const LogEvent& event : log.events) longest = std::max(longest, event.end_s - event.start_s);
  return longest;
}

void refuse(const EventLog& log, const std::string& why, const std::string& hint) {
  Place place;
  place.file = log.source;
  throw InputError({{Code::trace, Severity::error, place, {}, why, hint}});
}

/// What no scenario can be made of: work without duration, activities that would have one name.
void check_work(const EventLog& log) {
  if (std::none_of(log.events.begin(), log.events.end(), [](const LogEvent& event) { return event.end_s > event.start_s; }))
    refuse(log, fmt::format("none of the {} operations takes any time", log.events.size()),
           "name the columns of start and end; a log with one time per operation does not tell how long anything takes");
  std::map<std::string, std::string> names;
  for (const std::string& name : log.activities.all())
    if (const auto [same, fresh] = names.emplace(scenario_name(name), name); !fresh)
      refuse(log, fmt::format("the activities \"{}\" and \"{}\" would both be the station {}", same->second, name, same->first),
             "call them alike in the log if they are the same, else rename one");
}

}  // namespace

CaseSplit split_cases(const EventLog& log, double train) {
  std::vector<double> first(log.lots.size(), std::numeric_limits<double>::infinity());
  for (const LogEvent& event : log.events) first[event.lot] = std::min(first[event.lot], event.start_s);
  std::vector<std::uint32_t> order;
  for (std::uint32_t lot = 0; lot < first.size(); ++lot)
    if (std::isfinite(first[lot])) order.push_back(lot);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return first[a] < first[b]; });
  const auto cut = static_cast<std::size_t>(std::clamp(train, 0.0, 1.0) * static_cast<double>(order.size()) + 1e-9);
  CaseSplit split;
  split.train.assign(log.lots.size(), false);
  split.test.assign(log.lots.size(), false);
  for (std::size_t k = 0; k < order.size(); ++k) (k < cut ? split.train : split.test)[order[k]] = true;
  split.split_s = cut < order.size() ? first[order[cut]] : log.last_s();
  return split;
}

bool Calibration::few_begun() const {
  const auto begun = std::count_if(plans.begin(), plans.end(), [](const CasePlan& plan) { return plan.begun; });
  return 5 * static_cast<std::size_t>(begun) <= plans.size();
}

std::vector<const CasePlan*> Calibration::plans_of_new_cases() const {
  std::vector<const CasePlan*> result;
  const bool without_begun = few_begun();
  for (const CasePlan& plan : plans)
    if (!(plan.begun && without_begun)) result.push_back(&plan);
  return result;
}

std::vector<WorkPool> Calibration::work_pools() const {
  std::vector<WorkPool> result;
  for (const CalibratedPool& pool : pools) result.push_back(pool.pool);
  return result;
}

Calibration calibrate(EventLog log, const CalibrationOptions& options) {
  log.move(log.zone_s);  // people's hours are those of their clocks
  const CaseSplit split = split_cases(log, options.train);
  const double first_s = log.first_s(), last_s = log.last_s();
  Calibration c;
  c.split_s = c.line_until_s = split.split_s;
  if (options.train < 1) {  // of a line the first share of its time: its parts may come again and again
    c.line_until_s = first_s + options.train * (last_s - first_s);
    c.line_log = log.until(c.line_until_s);
    c.log = log.of_lots(split.train);
  } else {
    c.log = std::move(log);
  }
  const auto cases = static_cast<std::size_t>(std::count(split.train.begin(), split.train.end(), true));
  if (cases < 2)
    refuse(c.log, fmt::format("{} case{} to learn from", cases, cases == 1 ? "" : "s"),
           "at least two are needed: give a longer log or a larger --train");
  if (!(c.log.last_s() > c.log.first_s())) refuse(c.log, "no time passes in this log", "check the columns of start and end");
  check_work(c.log);
  c.concurrency = discover_concurrency(c.log);
  c.plans = case_plans(c.log, c.concurrency);
  const bool cut = find_cut_cases(c, first_s, last_s);
  c.variants = plan_variants(c.plans);
  c.routing = routing(c.log, c.plans);
  c.rework = repetitions(c.log, c.plans);
  const double known_until = options.train < 1 ? c.split_s
                             : cut             ? c.split_s - longest_operation_s(c.log)
                                               : std::numeric_limits<double>::infinity();
  find_pools(c, known_until);
  c.waiting = find_waiting_by_rules(c.log, c.plans, c.work_pools(), c.pool_of_work, c.rules, known_until);
  decide_pools(c);
  c.waiting = {};  // two of them take much memory
  c.waiting = find_waiting_by_rules(c.log, c.plans, c.work_pools(), c.pool_of_work, c.rules, known_until);
  find_factors(c);
  fit_services(c);
  fit_delays(c);
  c.case_effect = find_case_effect(c);
  c.own_services = c.case_effect > 0.15;
  find_arrivals(c, options.train < 1 || cut);
  if (cut) continue_open_cases(c, last_s);
  c.line = find_line(c.log_of_line());
  return c;
}

}  // namespace retwin
