// Gaps between the lots of a resource, and lots that share their stamps.
#include "core/telemetry/work/station_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "core/base/constants.hpp"
#include "core/stats/intervals.hpp"
#include "core/stats/tally.hpp"
#include "core/telemetry/log/names.hpp"

namespace retwin {
namespace {

constexpr std::size_t fewest_gaps = 10;  // gaps of each kind, and lots that followed at once
constexpr double most_at_once = 0.2;     // of the share among equal lots, for unlike ones
constexpr double least_explained = 0.8;  // of the batches
constexpr double least_together = 0.3;   // of the lots

/// An operation right behind another one on its resource.
struct Gap {
  std::uint32_t before, event;
  double open_s;  ///< between them, within hours
};

std::vector<Gap> gaps_of(const EventLog& log, std::uint32_t activity, const WeeklyHours& hours) {
  std::vector<Gap> gaps;
  std::map<std::uint32_t, std::uint32_t> last;  // by resource
  for (std::uint32_t k = 0; k < log.events.size(); ++k) {
    const LogEvent& event = log.events[k];
    if (event.activity != activity || event.resource == Names::absent) continue;
    const auto [before, fresh] = last.try_emplace(event.resource, k);
    if (!fresh && log.events[before->second].end_s <= event.start_s)
      gaps.push_back({before->second, k, hours.open_between(log.events[before->second].end_s, event.start_s)});
    before->second = k;
  }
  return gaps;
}

/// Gaps shorter than this are none: a hundredth of the usual service, between a millisecond and a minute. [s]
double gap_tick(const EventLog& log, const std::vector<Gap>& gaps) {
  std::vector<double> services;
  for (const Gap& gap : gaps) services.push_back(log.events[gap.event].end_s - log.events[gap.event].start_s);
  if (services.empty()) return 1e-3;
  const auto middle = services.begin() + static_cast<std::ptrdiff_t>(services.size() / 2);
  std::nth_element(services.begin(), middle, services.end());
  return std::clamp(0.01 * *middle, 1e-3, 60.0);
}

bool differ(const LogColumn& column, const Gap& gap) {
  const double a = column.values[gap.before], b = column.values[gap.event];
  return !std::isnan(a) && !std::isnan(b) && a != b;
}

/// The smallest of some values, this share of them.
std::vector<double> smallest(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  const auto n = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
  values.resize(std::clamp<std::size_t>(n, 1, values.size()));
  return values;
}

/// Setups such that with the gaps of equal lots after them the smallest of all are as observed, in mean and standard deviation.
/// Without this they would be too short: among the smallest gaps are short setups of lots that came a little later.
/// @param setups those of the smallest gaps, as many as lots that had waited
std::vector<double> unfolded(std::vector<double> setups, std::vector<double> same, double share) {
  constexpr std::size_t most = 200;
  constexpr int rounds = 20;
  Tally observed;
  for (const double s : setups) observed.add(s);
  const auto thinned = [](std::vector<double> values) {
    std::sort(values.begin(), values.end());
    if (values.size() <= most) return values;
    std::vector<double> some;
    for (std::size_t k = 0; k < most; ++k) some.push_back(values[k * values.size() / most]);
    return some;
  };
  same = thinned(std::move(same));
  for (int round = 0; round < rounds; ++round) {
    std::vector<double> sums;
    Tally now, own;
    const std::vector<double> some = thinned(setups);
    for (const double s : some)
      for (const double gap : same) sums.push_back(s + gap);
    for (const double sum : smallest(std::move(sums), share)) now.add(sum);
    for (const double s : setups) own.add(s);
    const double wider = now.sd() > 0 ? observed.sd() / now.sd() : 1, mean = own.mean() + observed.mean() - now.mean();
    for (double& s : setups) s = std::max(0.0, mean + wider * (s - own.mean()));
  }
  return setups;
}

struct GapsOfKind {
  std::vector<double> changed, same;
  std::vector<double> waited;  ///< changed, of lots that are known to have waited for the one before
};

GapsOfKind gaps_by(const LogColumn& column, const EventLog& log, const std::vector<Gap>& gaps,
                   const std::vector<double>& enabled) {
  GapsOfKind of;
  for (const Gap& gap : gaps) {
    if (std::isnan(column.values[gap.before]) || std::isnan(column.values[gap.event])) continue;
    const bool changed = differ(column, gap);
    (changed ? of.changed : of.same).push_back(gap.open_s);
    if (changed && enabled[gap.event] <= log.events[gap.before].end_s) of.waited.push_back(gap.open_s);
  }
  return of;
}

LearnedSetup setup_by(const LogColumn& column, const GapsOfKind& gaps, double tick_s) {
  LearnedSetup setup;
  setup.column = column.name;
  setup.changed = gaps.changed.size(), setup.same = gaps.same.size();
  const auto at_once = [&](const std::vector<double>& all) {
    return static_cast<double>(std::count_if(all.begin(), all.end(), [&](double gap) { return gap <= tick_s; }));
  };
  const double n1 = static_cast<double>(setup.changed), n2 = static_cast<double>(setup.same);
  const double none_changed = at_once(gaps.changed), none_same = at_once(gaps.same);
  if (setup.changed < fewest_gaps || none_same < static_cast<double>(fewest_gaps)) return setup;
  setup.at_once_changed = none_changed / n1;
  setup.at_once_same = none_same / n2;
  const double all = (none_changed + none_same) / (n1 + n2), sd = std::sqrt(all * (1 - all) * (1 / n1 + 1 / n2));
  if (sd > 0) setup.p_value = 0.5 * std::erfc((setup.at_once_same - setup.at_once_changed) / sd / std::sqrt(2.0));
  if (setup.at_once_changed > most_at_once * setup.at_once_same) setup.p_value = 1;
  setup.values = gaps.waited.size() >= fewest_gaps
                     ? gaps.waited
                     : unfolded(smallest(gaps.changed, setup.at_once_same), gaps.same, setup.at_once_same);
  return setup;
}

std::optional<LearnedSetup> find_setup(const EventLog& log, std::uint32_t activity, const WeeklyHours& hours,
                                       const std::vector<double>& enabled, double level) {
  const std::vector<Gap> gaps = gaps_of(log, activity, hours);
  const double tick_s = gap_tick(log, gaps);
  std::optional<LearnedSetup> best;
  for (const LogColumn& column : log.columns) {
    if (column.numeric || column.destination) continue;
    LearnedSetup setup = setup_by(column, gaps_by(column, log, gaps, enabled), tick_s);
    if (setup.p_value <= level && setup.values.size() >= fewest_gaps && (!best || setup.p_value < best->p_value))
      best = std::move(setup);
  }
  if (!best) return best;
  const Interval mean = student_interval(best->values);
  best->mean = {mean.mean, mean.low(), mean.high()};
  best->time = fit_best(best->values);
  return best;
}

using Stamps = std::tuple<std::uint32_t, double, double, std::uint32_t>;  // activity, start, end, resource

std::map<Stamps, std::vector<std::uint32_t>> batches_of(const EventLog& log, std::uint32_t activity) {
  std::map<Stamps, std::vector<std::uint32_t>> batches;
  for (std::uint32_t k = 0; k < log.events.size(); ++k) {
    const LogEvent& event = log.events[k];
    if (event.activity == activity && event.resource != Names::absent && event.end_s > event.start_s)
      batches[{activity, event.start_s, event.end_s, event.resource}].push_back(k);
  }
  return batches;
}

std::vector<double> enabled_by_event(const EventLog& log, const std::vector<CasePlan>& plans) {
  std::vector<double> enabled(log.events.size(), nan);
  for (const CasePlan& plan : plans)
    for (std::size_t k = 0; k < plan.steps.size(); ++k) enabled[plan.steps[k].event] = enabled_s(log, plan, k);
  return enabled;
}

/// Batches of one size that begin when their last lot has come or a unit comes free; or of all sizes when a unit comes free.
std::optional<LearnedBatch> find_batch(const EventLog& log, std::uint32_t activity, const std::vector<double>& enabled) {
  const auto batches = batches_of(log, activity);
  LearnedBatch found;
  found.batches = batches.size();
  for (const auto& [stamps, lots] : batches) found.count = std::max(found.count, lots.size());
  if (found.count < 2 || found.batches < fewest_gaps) return std::nullopt;
  std::set<double> ends;
  for (const auto& [stamps, lots] : batches) ends.insert(std::get<2>(stamps));
  const auto instant = [](double a, double b) { return std::abs(a - b) <= 1.0; };
  double known = 0, explained = 0, partial = 0, partial_on_free = 0, together = 0, all_lots = 0;
  for (const auto& [stamps, lots] : batches) {
    const double start = std::get<1>(stamps);
    double ready = -std::numeric_limits<double>::infinity();
    bool first = false;
    for (const std::uint32_t k : lots) {
      first = first || std::isnan(enabled[k]);
      ready = std::fmax(ready, enabled[k]);
    }
    all_lots += static_cast<double>(lots.size());
    together += lots.size() > 1 ? static_cast<double>(lots.size()) : 0;
    for (const std::uint32_t k : lots)
      if (!std::isnan(enabled[k])) found.longest_wait_s = std::fmax(found.longest_wait_s, start - enabled[k]);
    const auto end = ends.lower_bound(start - 1.0);
    const bool came_free = end != ends.end() && instant(*end, start);
    found.full += lots.size() == found.count ? 1 : 0;
    if (lots.size() < found.count) partial += 1, partial_on_free += came_free || instant(ready, start) ? 1 : 0;
    if (first) continue;
    known += 1;
    explained += instant(ready, start) || came_free ? 1 : 0;
  }
  if (together < least_together * all_lots) return std::nullopt;
  if (known > 0 && explained < least_explained * known) return std::nullopt;
  const double all = static_cast<double>(found.batches);
  found.waits_until_full = static_cast<double>(found.full) >= 0.9 * all;
  if (!found.waits_until_full && partial_on_free < least_explained * partial) return std::nullopt;
  return found;
}

/// The log as if each setup were part of the work that it is for.
EventLog with_setups(const EventLog& log, const std::vector<CasePlan>& plans, const std::vector<StationRule>& rules,
                     const std::vector<WorkPool>& pools, const std::vector<std::uint32_t>& of_activity) {
  EventLog result = log;
  const bool any = std::any_of(rules.begin(), rules.end(), [](const StationRule& r) { return r.setup.has_value(); });
  const std::vector<double> enabled = any ? enabled_by_event(log, plans) : std::vector<double>{};
  for (const StationRule& rule : rules) {
    if (!rule.setup) continue;
    const LogColumn& column = *log.column(rule.setup->column);
    const WeeklyHours& hours = pools[of_activity[rule.activity]].hours;
    const double longest = *std::max_element(rule.setup->values.begin(), rule.setup->values.end());
    for (const Gap& gap : gaps_of(log, rule.activity, hours)) {
      if (!differ(column, gap)) continue;
      const double start = log.events[gap.event].start_s, free = log.events[gap.before].end_s;
      const double from = std::fmax(free, enabled[gap.event]);  // of a first operation the lot's arrival is not known
      const bool whole = hours.open_between(from, start) <= longest;
      const double setup = whole ? hours.open_between(from, start) : std::min(gap.open_s, rule.setup->mean.estimate);
      // back from the start: as long after the gap's beginning as the rest of it takes
      result.events[gap.event].start_s = whole ? from : std::min(start, hours.after(free, std::max(0.0, gap.open_s - setup)));
    }
  }
  return result;
}

}  // namespace

std::vector<StationRule> find_station_rules(const EventLog& log, const std::vector<CasePlan>& plans, const Pools& found,
                                            const std::vector<WorkPool>& pools, double level) {
  std::vector<StationRule> rules;
  double tests = 0;
  for (const LogColumn& column : log.columns) tests += column.numeric || column.destination ? 0 : static_cast<double>(log.activities.size());
  const std::vector<double> enabled = enabled_by_event(log, plans);
  for (std::size_t p = 0; p < found.pools.size(); ++p) {
    const LogPool& pool = found.pools[p];
    if (pool.activities.size() != 1 || pool.resources.empty() || pool.strangers > 0.1) continue;
    StationRule rule;
    rule.activity = pool.activities.front();
    if (found.of_work.all_of(rule.activity).size() > 1) continue;
    rule.servers = pool.resources.size();
    rule.batch = find_batch(log, rule.activity, enabled);
    const bool one_at_a_time = pool.units <= static_cast<double>(pool.resources.size());
    if (!rule.batch && one_at_a_time && tests > 0)
      rule.setup = find_setup(log, rule.activity, pools[p].hours, enabled, level / tests);
    if (rule.setup || rule.batch) rules.push_back(std::move(rule));
  }
  return rules;
}

Waiting find_waiting_by_rules(const EventLog& log, const std::vector<CasePlan>& plans, std::vector<WorkPool> pools,
                              const PoolOfWork& of_work, const std::vector<StationRule>& rules, double known_until_s) {
  if (rules.empty()) return find_waiting(log, plans, pools, of_work, known_until_s);
  const std::vector<std::uint32_t>& of_activity = of_work.of_activity();  // activities with rules have one pool
  std::set<std::uint32_t> in_batches, set_up;
  for (const StationRule& rule : rules) {
    (rule.batch ? in_batches : set_up).insert(rule.activity);
    if (rule.batch) pools[of_activity[rule.activity]].units = std::numeric_limits<double>::infinity();
  }
  Waiting waiting = find_waiting(with_setups(log, plans, rules, pools, of_activity), plans, pools, of_work, known_until_s);
  for (std::size_t k = 0; k < log.events.size(); ++k) {
    const LogEvent& event = log.events[k];
    OperationTimes& times = waiting.operations[k];
    const WorkPool& pool = pools[of_activity[event.activity]];
    if (set_up.count(event.activity) > 0)
      times.service_s = pool.suspends ? pool.hours.open_between(event.start_s, event.end_s) : event.end_s - event.start_s;
    if (in_batches.count(event.activity) == 0) continue;
    times.delay_s = times.least_delay_s = times.likely_delay_s = 0;
    times.seen = true;
  }
  return waiting;
}

void add_rule_parameters(const EventLog& log, const std::vector<StationRule>& rules, std::vector<LearnedParameter>& parameters) {
  for (const StationRule& rule : rules) {
    const std::string path = "stations." + scenario_name(log.activities[rule.activity]);
    if (const auto& setup = rule.setup)
      parameters.push_back({path + ".setup.time.mean", setup->time.distribution.mean(), "s", setup->mean, setup->values.size(),
                            fmt::format("{} by maximum likelihood, where {} changes; from the gaps between lots",
                                        setup->time.family, setup->column)});
    if (const auto& batch = rule.batch) {
      const double count = static_cast<double>(batch->count);
      parameters.push_back({path + ".batch.count",
                            count,
                            "lots",
                            {count, nan, nan},
                            batch->batches,
                            fmt::format("largest; {} of {} are full", batch->full, batch->batches)});
    }
  }
}

std::vector<bool> batch_followers(const EventLog& log, const std::vector<StationRule>& rules) {
  std::vector<bool> follows(log.events.size(), false);
  for (const StationRule& rule : rules) {
    if (!rule.batch) continue;
    for (const auto& [stamps, lots] : batches_of(log, rule.activity))
      for (std::size_t k = 1; k < lots.size(); ++k) follows[lots[k]] = true;
  }
  return follows;
}

}  // namespace retwin
