// What a log tells of the ways of cases: what follows an activity, how often, and how sure that is; rework.
#pragma once
#include <cstdint>
#include <vector>

#include "core/stats/bounds.hpp"
#include "core/telemetry/cases/case_plans.hpp"

namespace retwin {

/// One way on: the activities that wait for the same step directly. One activity is a choice, several a parallel split, none the
/// end (of the case, or of a branch that nothing waits for).
struct RoutingOption {
  std::vector<std::uint32_t> next;  ///< in order of numbers; twice if two steps of an activity wait
  std::uint64_t count = 0;
  Bounds share;
};

struct RoutingPoint {
  std::uint32_t after = 0;             ///< Names::absent: the beginning
  std::vector<RoutingOption> options;  ///< the most frequent first, then by `next`
  std::uint64_t count = 0;             ///< steps of the activity, or cases
};

/// What follows each activity, the beginning first, then in order of activities. At a join all branches name what comes next, so
/// that a choice behind a join is counted after each of its branches.
/// Of plans that are open at the log's end nothing is counted where more could still have followed, of those begun before it no
/// beginning.
/// Shares are equal-tailed intervals of Dirichlet posteriors (see dirichlet_intervals) that hold at `level` simultaneously over
/// all options of all points at which there is a choice (Bonferroni); where there is none the share is 1.
std::vector<RoutingPoint> routing(const EventLog& log, const std::vector<CasePlan>& plans, double level = 0.95);

/// How often an activity is executed more than once in a case (rework, loops).
struct Repetition {
  std::uint32_t activity = 0;
  std::uint64_t cases = 0;       ///< with the activity
  std::uint64_t repeated = 0;    ///< cases with more than one execution
  std::uint64_t executions = 0;  ///< in all cases
  Bounds share;                  ///< of the cases with the activity that repeat it; by itself at `level` (Wilson)
};

/// Activities that some case repeats, in order of activities.
std::vector<Repetition> repetitions(const EventLog& log, const std::vector<CasePlan>& plans, double level = 0.95);

}  // namespace retwin
