// A mixture of cases that ended and cases that wait, activity by activity; and the rest of one case behind another.
#include "core/telemetry/cases/open_cases.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

namespace retwin {
namespace {

/// What is seen of an activity: times until the next record of the case, and the ages of the last records of cases.
struct Sightings {
  std::vector<double> gaps_s;
  std::vector<std::pair<std::size_t, double>> last;  ///< plan, age [s]
};

/// Plans that something probably comes after.
/// @param at_s of each step: when it was recorded, in the direction of time that is looked at
template <class RecordedAt>
std::vector<bool> likely_to_go_on(const EventLog& log, const std::vector<CasePlan>& plans, double now_s, RecordedAt at_s) {
  std::vector<Sightings> seen(log.activities.size());
  for (std::size_t p = 0; p < plans.size(); ++p) {
    std::vector<std::pair<double, std::uint32_t>> records;
    for (const CasePlan::Step& step : plans[p].steps) records.emplace_back(at_s(log.events[step.event]), step.activity);
    std::sort(records.begin(), records.end());
    for (std::size_t k = 1; k < records.size(); ++k)
      seen[records[k - 1].second].gaps_s.push_back(records[k].first - records[k - 1].first);
    seen[records.back().second].last.emplace_back(p, now_s - records.back().first);
  }
  std::vector<bool> result(plans.size(), false);
  for (Sightings& own : seen) {
    if (own.gaps_s.empty() || own.last.empty()) continue;
    std::sort(own.gaps_s.begin(), own.gaps_s.end());
    const double followed = static_cast<double>(own.gaps_s.size()), all = followed + static_cast<double>(own.last.size());
    std::vector<double> survival, waits(own.last.size());
    for (const auto& [plan, age] : own.last)
      survival.push_back(static_cast<double>(own.gaps_s.end() - std::upper_bound(own.gaps_s.begin(), own.gaps_s.end(), age)) /
                         followed);
    double share = followed / all;
    for (double before = 0; std::abs(share - before) > 1e-6;) {  // expectation, maximisation
      before = share;
      for (std::size_t k = 0; k < waits.size(); ++k) waits[k] = share * survival[k] / (share * survival[k] + 1 - share);
      share = (followed + std::accumulate(waits.begin(), waits.end(), 0.0)) / all;
    }
    for (std::size_t k = 0; k < waits.size(); ++k) result[own.last[k].first] = waits[k] > 0.5;
  }
  return result;
}

/// Steps of the second plan that are those of the first, by its steps; empty if it has not done all of the first.
std::vector<std::uint32_t> embedded(const CasePlan& first, const CasePlan& second) {
  std::vector<std::uint32_t> place(first.steps.size()), of(second.steps.size(), Names::absent);
  for (std::uint32_t s = 0; s < first.steps.size(); ++s) {
    std::vector<std::uint32_t> after;
    for (const std::uint32_t before : first.steps[s].after) after.push_back(place[before]);
    std::sort(after.begin(), after.end());
    std::uint32_t d = 0;
    while (d < second.steps.size() &&
           !(of[d] == Names::absent && second.steps[d].activity == first.steps[s].activity && second.steps[d].after == after))
      ++d;
    if (d == second.steps.size()) return {};
    place[s] = d;
    of[d] = s;
  }
  return of;
}

/// The rest of an ended case behind an open one.
/// @param in_open by step of the ended case: that of the open one, or absent
/// @param exact whether these are the same steps; if not, the rest comes behind all of the open case
CasePlan joined(const CasePlan& open, const CasePlan& ended, const std::vector<std::uint32_t>& in_open, bool exact) {
  CasePlan result = open;
  std::vector<bool> waited_for(open.steps.size(), false);
  for (const CasePlan::Step& step : open.steps)
    for (const std::uint32_t before : step.after) waited_for[before] = true;
  std::map<std::uint32_t, std::uint32_t> added;
  for (std::uint32_t d = 0; d < in_open.size(); ++d) {
    if (in_open[d] != Names::absent) continue;
    CasePlan::Step step = ended.steps[d];
    std::vector<std::uint32_t> after;
    bool behind_all = !exact && step.after.empty();
    for (const std::uint32_t before : step.after) {
      if (const auto found = added.find(before); found != added.end()) after.push_back(found->second);
      else if (exact) after.push_back(in_open[before]);
      else behind_all = true;
    }
    if (behind_all)
      for (std::uint32_t s = 0; s < waited_for.size(); ++s)
        if (!waited_for[s]) after.push_back(s);
    std::sort(after.begin(), after.end());
    step.after = std::move(after);
    added[d] = static_cast<std::uint32_t>(result.steps.size());
    result.steps.push_back(std::move(step));
  }
  return result;
}

}  // namespace

void mark_cut_cases(const EventLog& log, double first_s, double last_s, std::vector<CasePlan>& plans) {
  const auto open = likely_to_go_on(log, plans, last_s, [](const LogEvent& event) { return event.end_s; });
  const auto begun = likely_to_go_on(log, plans, -first_s, [](const LogEvent& event) { return -event.start_s; });
  for (std::size_t p = 0; p < plans.size(); ++p) plans[p].open = open[p], plans[p].begun = begun[p];
}

Continuations::Continuations(const EventLog& log, const std::vector<CasePlan>& plans, double last_s) : log_(log) {
  constexpr std::size_t most = 2000;
  std::vector<double> first, duration;
  for (const CasePlan& plan : plans) {
    double from = std::numeric_limits<double>::infinity(), to = -from;
    for (const CasePlan::Step& step : plan.steps) {
      from = std::min(from, log.events[step.event].start_s);
      to = std::max(to, log.events[step.event].end_s);
    }
    first.push_back(from);
    duration.push_back(to - from);
  }
  std::vector<std::size_t> latest;
  for (std::size_t p = 0; p < plans.size(); ++p)
    if (!plans[p].open && !plans[p].begun) latest.push_back(p);
  std::stable_sort(latest.begin(), latest.end(), [&](std::size_t a, std::size_t b) { return first[a] > first[b]; });
  latest.resize(std::min(latest.size(), most));
  std::vector<double> starts = first;
  std::sort(starts.begin(), starts.end());
  for (const std::size_t p : latest) {
    const auto in_time = std::upper_bound(starts.begin(), starts.end(), last_s - duration[p]) - starts.begin();
    ended_.push_back({&plans[p], by_end(plans[p]), 1 / static_cast<double>(std::max<std::ptrdiff_t>(1, in_time))});
  }
}

std::vector<std::uint32_t> Continuations::by_end(const CasePlan& plan) const {
  std::vector<std::uint32_t> order(plan.steps.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return log_.events[plan.steps[a].event].end_s < log_.events[plan.steps[b].event].end_s;
  });
  return order;
}

std::vector<Continuations::Candidate> Continuations::same_plan(const CasePlan& open) const {
  std::vector<Candidate> result;
  for (const Ended& ended : ended_)
    if (ended.plan->steps.size() > open.steps.size())
      if (std::vector<std::uint32_t> in_open = embedded(open, *ended.plan); !in_open.empty())
        result.push_back({&ended, std::move(in_open)});
  return result;
}

std::vector<Continuations::Candidate> Continuations::same_latest(const CasePlan& open) const {
  const std::vector<std::uint32_t> mine = by_end(open);
  std::vector<Candidate> result;
  std::size_t longest = 1;
  for (const Ended& ended : ended_) {
    const auto& steps = ended.plan->steps;
    for (std::size_t at = 0; at + 1 < ended.order.size(); ++at) {
      std::size_t same = 0;
      while (same <= at && same < mine.size() &&
             steps[ended.order[at - same]].activity == open.steps[mine[mine.size() - 1 - same]].activity)
        ++same;
      if (same < longest) continue;
      if (same > longest) result.clear();
      longest = same;
      std::vector<std::uint32_t> in_open(steps.size(), Names::absent);
      for (std::size_t k = 0; k <= at; ++k) in_open[ended.order[k]] = mine.back();
      result.push_back({&ended, std::move(in_open)});
    }
  }
  return result;
}

CasePlan Continuations::continued(const CasePlan& open, const Draws& draws) const {
  std::vector<Candidate> candidates = same_plan(open);
  const bool exact = !candidates.empty();
  if (!exact) candidates = same_latest(open);
  if (candidates.empty()) return open;
  double total = 0;
  for (const Candidate& one : candidates) total += one.ended->weight;
  double left = draws.uniform(0) * total;
  std::size_t drawn = 0;
  while (drawn + 1 < candidates.size() && left >= candidates[drawn].ended->weight) left -= candidates[drawn++].ended->weight;
  return joined(open, *candidates[drawn].ended->plan, candidates[drawn].in_open, exact);
}

}  // namespace retwin
