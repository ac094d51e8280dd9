// A mixture of cases that ended and cases that wait, by what they had done; and the rest of one case behind another.
#include "core/telemetry/cases/open_cases.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <unordered_map>
#include <utility>

namespace retwin {
namespace {

/// What a case had done when a record of it came, told less and less exactly: all of it in whatever order, the last two, the last.
constexpr std::size_t depths = 3;
using Contexts = std::array<std::uint64_t, depths>;

/// What is seen of a context: times until the next record of the case, and the ages of the last records of cases.
struct Sightings {
  std::vector<double> gaps_s;
  std::vector<std::pair<std::size_t, double>> last;  ///< plan, age [s]
};

/// Records of a plan in the order of time that is looked at, with the context of each.
struct Recorded {
  std::vector<double> at_s;
  std::vector<Contexts> contexts;
};

template <class RecordedAt>
Recorded recorded(const EventLog& log, const CasePlan& plan, RecordedAt at_s) {
  constexpr std::uint64_t beginning = 0x9e3779b97f4a7c15;
  std::vector<std::pair<double, std::uint32_t>> records;
  for (const CasePlan::Step& step : plan.steps) records.emplace_back(at_s(log.events[step.event]), step.activity);
  std::sort(records.begin(), records.end());
  Recorded result;
  std::uint64_t all = beginning, before = beginning;
  for (const auto& [at, activity] : records) {
    const std::uint64_t own = mix64(activity + std::uint64_t{1});
    all += own;
    result.at_s.push_back(at);
    result.contexts.push_back({mix64(all ^ mix64(own)), mix64(own ^ mix64(before)), own});
    before = own;
  }
  return result;
}

/// The mixture of cases that ended and cases that wait: see mark_cut_cases.
struct Waiters {
  std::vector<double> waits;  ///< chance of each of the last records that something comes after it
  double evidence = 0;        ///< log-likelihood ratio to "all of these ended"
};

/// @param own what was seen of the context: both are there @param gaps_s times until the next record, sorted: of all that did the same last
Waiters waiters(const Sightings& own, const std::vector<double>& gaps_s) {
  constexpr double prior = 0.5;
  Waiters found;
  found.waits.assign(own.last.size(), 0);
  const double followed = static_cast<double>(own.gaps_s.size()), all = followed + static_cast<double>(own.last.size());
  std::vector<double> survival;
  for (const auto& [plan, age] : own.last)
    survival.push_back(static_cast<double>(gaps_s.end() - std::upper_bound(gaps_s.begin(), gaps_s.end(), age)) / static_cast<double>(gaps_s.size()));
  double share = followed / all;
  for (double before = 0; std::abs(share - before) > 1e-6;) {  // expectation, maximisation
    before = share;
    for (std::size_t k = 0; k < survival.size(); ++k) found.waits[k] = share * survival[k] / (share * survival[k] + 1 - share);
    const double waiting = std::accumulate(found.waits.begin(), found.waits.end(), 0.0);
    share = all > 1 ? std::clamp((followed + waiting - prior) / (all - 1), 0.0, 1.0) : 1;
  }
  found.evidence = followed * std::log(share * all / followed);
  for (const double s : survival) found.evidence += std::log((share * s + 1 - share) * all / static_cast<double>(own.last.size()));
  return found;
}

struct Cut {
  std::vector<bool> plans;  ///< that something probably comes after
  double evidence = 0;
};

/// @param at_s of each step: when it was recorded, in the direction of time that is looked at
template <class RecordedAt>
Cut likely_to_go_on(const EventLog& log, const std::vector<CasePlan>& plans, double now_s, RecordedAt at_s) {
  constexpr std::size_t fewest = 5;  // sightings that tell what becomes of a context
  std::unordered_map<std::uint64_t, Sightings> seen;
  std::vector<Contexts> last(plans.size());
  for (std::size_t p = 0; p < plans.size(); ++p) {
    const Recorded records = recorded(log, plans[p], at_s);
    last[p] = records.contexts.back();
    for (const std::uint64_t context : last[p]) seen[context].last.emplace_back(p, now_s - records.at_s.back());
  }
  for (const CasePlan& plan : plans) {
    const Recorded records = recorded(log, plan, at_s);
    for (std::size_t k = 0; k + 1 < records.at_s.size(); ++k)
      for (const std::uint64_t context : records.contexts[k])
        if (const auto found = seen.find(context); found != seen.end()) found->second.gaps_s.push_back(records.at_s[k + 1] - records.at_s[k]);
  }
  for (auto& [context, own] : seen) std::sort(own.gaps_s.begin(), own.gaps_s.end());
  Cut result{std::vector<bool>(plans.size(), false), 0};
  std::map<std::uint64_t, std::vector<std::size_t>> asked;  // plans by the context that tells of them
  for (std::size_t p = 0; p < plans.size(); ++p) {
    const Sightings& coarse = seen.at(last[p].back());
    const double longest_s = coarse.gaps_s.empty() ? 0 : coarse.gaps_s.back();
    const auto tells = [&](std::uint64_t context) {
      const Sightings& own = seen.at(context);
      const auto ended = std::count_if(own.last.begin(), own.last.end(), [&](const auto& one) { return one.second > longest_s; });
      return own.gaps_s.size() + static_cast<std::size_t>(ended) >= fewest;
    };
    const auto finest = std::find_if(last[p].begin(), last[p].end() - 1, tells);
    asked[*finest].push_back(p);
  }
  for (const auto& [context, cases] : asked) {
    const Sightings& own = seen.at(context);
    if (own.gaps_s.empty()) continue;
    const Waiters found = waiters(own, seen.at(last[cases.front()].back()).gaps_s);
    result.evidence += found.evidence * static_cast<double>(cases.size()) / static_cast<double>(own.last.size());
    for (std::size_t k = 0; k < own.last.size(); ++k)
      if (found.waits[k] > 0.5 && std::binary_search(cases.begin(), cases.end(), own.last[k].first)) result.plans[own.last[k].first] = true;
  }
  return result;
}

Cut at_end(const EventLog& log, const std::vector<CasePlan>& plans, double last_s) {
  return likely_to_go_on(log, plans, last_s, [](const LogEvent& event) { return event.end_s; });
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

double evidence_of_cut_ends(const EventLog& log, const std::vector<CasePlan>& plans, double last_s) {
  return at_end(log, plans, last_s).evidence;
}

void mark_open_cases(const EventLog& log, double last_s, std::vector<CasePlan>& plans) {
  const Cut open = at_end(log, plans, last_s);
  for (std::size_t p = 0; p < plans.size(); ++p) plans[p].open = open.plans[p];
}

void mark_begun_cases(const EventLog& log, double first_s, std::vector<CasePlan>& plans) {
  constexpr double much = 3;  // of a log-likelihood ratio: 20 to 1
  const Cut begun = likely_to_go_on(log, plans, -first_s, [](const LogEvent& event) { return -event.start_s; });
  for (std::size_t p = 0; p < plans.size(); ++p) plans[p].begun = begun.evidence > much && begun.plans[p];
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
