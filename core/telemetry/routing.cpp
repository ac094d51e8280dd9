// What follows an activity, how often, and how sure that is; rework.
#include "core/telemetry/routing.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "core/stats/proportions.hpp"

namespace retwin {

namespace {

using Ways = std::map<std::vector<std::uint32_t>, std::uint64_t>;

void count_ways(const CasePlan& plan, Ways& beginning, std::vector<Ways>& after) {
  std::vector<std::vector<std::uint32_t>> next(plan.steps.size());
  std::vector<std::uint32_t> first;
  for (const CasePlan::Step& step : plan.steps) {
    if (step.after.empty()) first.push_back(step.activity);
    for (const std::uint32_t before : step.after) next[before].push_back(step.activity);
  }
  const auto count = [](Ways& ways, std::vector<std::uint32_t>& way) {
    std::sort(way.begin(), way.end());
    ++ways[way];
  };
  count(beginning, first);
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

/// A walk through the routing: steps that wait to be made.
class Walk {
 public:
  Walk(const std::vector<RoutingPoint>& points, const Concurrency& concurrent, const Draws& draws)
      : points_(points), concurrent_(concurrent), draws_(draws) {}

  CasePlan plan(std::size_t most_steps) {
    go_on(Names::absent, {});
    while (!waiting_.empty() && plan_.steps.size() < most_steps) {
      std::size_t x = 0;  // the first that no branch beside it must come before
      while (x + 1 < waiting_.size() && std::any_of(waiting_.begin(), waiting_.end(), [&](const CasePlan::Step& y) {
        return comes_before(y, waiting_[x]);
      }))
        ++x;
      CasePlan::Step step = std::move(waiting_[x]);
      waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(x));
      std::erase_if(waiting_, [&](const CasePlan::Step& y) {  // other branches that end here
        if (concurrent_(step.activity, y.activity) || comes_before(step, y)) return false;
        step.after.insert(step.after.end(), y.after.begin(), y.after.end());
        return true;
      });
      std::sort(step.after.begin(), step.after.end());
      step.after.erase(std::unique(step.after.begin(), step.after.end()), step.after.end());
      plan_.steps.push_back(step);
      go_on(step.activity, {static_cast<std::uint32_t>(plan_.steps.size() - 1)});
    }
    return std::move(plan_);
  }

 private:
  /// True if y belongs to a branch beside the one that led to x, and x waits for that branch.
  bool comes_before(const CasePlan::Step& y, const CasePlan::Step& x) const {
    return !x.after.empty() && !concurrent_(x.activity, y.activity) &&
           std::all_of(x.after.begin(), x.after.end(),
                       [&](std::uint32_t before) { return concurrent_(plan_.steps[before].activity, y.activity); });
  }

  void go_on(std::uint32_t activity, const std::vector<std::uint32_t>& after) {
    const auto point = std::find_if(points_.begin(), points_.end(), [&](const RoutingPoint& p) { return p.after == activity; });
    if (point == points_.end()) return;
    double left = draws_.uniform(drawn_++) * static_cast<double>(point->count);
    auto option = point->options.begin();
    while (option + 1 != point->options.end() && left >= static_cast<double>(option->count))
      left -= static_cast<double>(option++->count);
    for (const std::uint32_t next : option->next) waiting_.push_back({Names::absent, next, after});
  }

  const std::vector<RoutingPoint>& points_;
  const Concurrency& concurrent_;
  const Draws& draws_;
  std::uint64_t drawn_ = 0;
  std::vector<CasePlan::Step> waiting_;
  CasePlan plan_;
};

}  // namespace

CasePlan draw_plan(const std::vector<RoutingPoint>& points, const Concurrency& concurrency, const Draws& draws,
                   std::size_t most_steps) {
  return Walk(points, concurrency, draws).plan(most_steps);
}

std::vector<RoutingPoint> routing(const EventLog& log, const std::vector<CasePlan>& plans, double level) {
  Ways beginning;
  std::vector<Ways> after(log.activities.size());
  for (const CasePlan& plan : plans) count_ways(plan, beginning, after);
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
