// What follows an activity, how often, and how sure that is; rework.
#include "core/telemetry/cases/routing.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "core/stats/proportions.hpp"

namespace retwin {

namespace {

using Ways = std::map<std::vector<std::uint32_t>, std::uint64_t>;

/// Whether a wider split holds all of this way and more.
bool part_of_wider(const std::vector<std::uint32_t>& way, const Ways& ways) {
  return std::any_of(ways.begin(), ways.end(), [&](const auto& other) {
    return other.first.size() > way.size() && std::includes(other.first.begin(), other.first.end(), way.begin(), way.end());
  });
}

/// Of plans cut at an end of the log only what was seen whole is counted, given the ways of whole plans.
void count_ways(const CasePlan& plan, Ways& beginning, std::vector<Ways>& after) {
  std::vector<std::vector<std::uint32_t>> next(plan.steps.size());
  std::vector<std::uint32_t> first;
  for (const CasePlan::Step& step : plan.steps) {
    if (step.after.empty()) first.push_back(step.activity);
    for (const std::uint32_t before : step.after) next[before].push_back(step.activity);
  }
  const auto count = [&plan](Ways& ways, std::vector<std::uint32_t>& way) {
    std::sort(way.begin(), way.end());
    if (!plan.open || (!way.empty() && !part_of_wider(way, ways))) ++ways[way];
  };
  if (!plan.begun) count(beginning, first);
  for (std::size_t s = 0; s < next.size(); ++s) count(after[plan.steps[s].activity], next[s]);
}

RoutingPoint point(std::uint32_t after, const Ways& ways, double level) {
  RoutingPoint result{after, {}, 0};
  std::vector<std::uint64_t> counts;
  for (const auto& [next, count] : ways) {
    counts.push_back(count);
    result.count += count;
  }
  const std::vector<Bounds> shares = dirichlet_intervals(counts, level, false);
  for (const auto& [next, count] : ways) result.options.push_back({next, count, shares[result.options.size()]});
  std::stable_sort(result.options.begin(), result.options.end(),
                   [](const RoutingOption& a, const RoutingOption& b) { return a.count > b.count; });
  return result;
}

}  // namespace

std::vector<RoutingPoint> routing(const EventLog& log, const std::vector<CasePlan>& plans, double level) {
  Ways beginning;
  std::vector<Ways> after(log.activities.size());
  for (const bool open : {false, true})
    for (const CasePlan& plan : plans)
      if (plan.open == open) count_ways(plan, beginning, after);
  std::size_t options = beginning.size() > 1 ? beginning.size() : 0;
  for (const Ways& ways : after) options += ways.size() > 1 ? ways.size() : 0;
  const double each = options > 0 ? 1 - (1 - level) / static_cast<double>(options) : level;
  std::vector<RoutingPoint> points;
  if (!beginning.empty()) points.push_back(point(Names::absent, beginning, each));
  for (std::uint32_t a = 0; a < after.size(); ++a)
    if (!after[a].empty()) points.push_back(point(a, after[a], each));
  for (RoutingPoint& p : points)
    for (RoutingOption& option : p.options) option.share.level = level;
  return points;
}

std::vector<Repetition> repetitions(const EventLog& log, const std::vector<CasePlan>& plans, double level) {
  std::vector<Repetition> all(log.activities.size());
  std::vector<std::uint32_t> executions(log.activities.size());
  for (const CasePlan& plan : plans) {
    for (const CasePlan::Step& step : plan.steps) ++executions[step.activity];
    for (const CasePlan::Step& step : plan.steps) {
      const std::uint32_t here = std::exchange(executions[step.activity], 0);
      if (here == 0) continue;
      Repetition& own = all[step.activity];
      own.activity = step.activity;
      ++own.cases;
      own.repeated += here > 1;
      own.executions += here;
    }
  }
  std::erase_if(all, [](const Repetition& own) { return own.repeated == 0; });
  for (Repetition& own : all) own.share = wilson_interval(own.repeated, own.cases, level);
  return all;
}

}  // namespace retwin
