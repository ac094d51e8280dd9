// What a log tells of the order of work: which activities run in parallel, and each case's plan as a precedence graph.
#pragma once
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/telemetry/log/event_log.hpp"

namespace retwin {

/// Which activities are concurrent: may run in either order or at once, because neither waits for the other.
class Concurrency {
 public:
  Concurrency() = default;
  explicit Concurrency(const std::vector<std::pair<std::uint32_t, std::uint32_t>>& pairs);
  bool operator()(std::uint32_t a, std::uint32_t b) const;              ///< symmetric, false for a == b
  std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs() const;  ///< first < second, in order

 private:
  std::vector<std::uint32_t> members_;  ///< activities that have a partner, in order
  std::vector<std::uint32_t> number_;   ///< of an activity among the members
  std::vector<bool> related_;           ///< members x members
};

/// What it takes to call two activities concurrent.
struct ConcurrencyOptions {
  double order_noise = 0.05;    ///< share of the cases with both that chance may show in the wrong order
  double overlap_noise = 0.01;  ///< share of the cases with both that mistaken clocks may show at the same time
  double overlap_part = 0.25;   ///< of the shorter operation, below which two are taken to overlap because clocks disagree only
  std::uint32_t min_cases = 3;  ///< that must show the rarer order or overlap, in any case
  double repeats = 0.5;         ///< a a and b b per a b and b a, from which on a choice in a loop explains both orders
  double lasting = 0.25;        ///< share of the cases with both that must overlap if repetitions would explain them
  double handovers = 0.5;       ///< share of a b and of b a in which the second, on another resource, begins as the first ends
  double instant_s = 1e-3;      ///< stamps closer than this are the same instant [s]
  std::uint32_t most_activities = 1000;  ///< rarer ones are taken to be in sequence with all (memory grows with the square)
};

/// Learns which activities are concurrent. Two activities are if enough cases show the rarer of both orders. In a case, a comes
/// before b if its first and its last a come before its first and last b (which leaves out a b a, the loop). If some a and b
/// overlap in time, the one that began first comes first, and both orders are shown if they began at once; few such cases are
/// enough. Three things look alike and are told apart:
/// - a choice in a loop (a a b a ...) shows both orders, but about as many repetitions as changes; parts of a lot that run one
///   after the other through two stations overlap, with many repetitions too: then only lasting overlaps are believed;
/// - a loop that can be entered and left anywhere (a b a b ...) has odd words (a b a) and hardly a double letter (a b b a);
/// - sequences in either order hand over: the second begins on another resource at the instant that the first ends.
/// An overlap with one order only needs as many cases as two orders do; fewer are enough where the precedence within a branch
/// explains the order: a overlaps b, which always begins later, because b follows some c that is concurrent with a. If a likewise
/// precedes some d that is concurrent with b and c, the slightest overlaps will do: a before b would make of the branches a, d
/// and c, b an N, which no nesting of sequences and parallel blocks has (Valdes, Tarjan & Lawler, SIAM J. Comput. 11, 1982).
/// Other overlaps are no concurrency; plans show them all the same, as a step waits only for those that ended before it.
/// Akin to Augusto et al., Split Miner, Knowl. Inf. Syst. 59 (2019) - both orders frequent, short loops told apart - but with
/// orders over whole cases instead of direct successors, so that long branches need no lucky neighbours. The limits are
/// estimates.
Concurrency discover_concurrency(const EventLog& log, const ConcurrencyOptions& options = {});

/// The operations of one case, in order of (start, end, row), each with those that it waits for (transitively reduced).
struct CasePlan {
  struct Step {
    std::uint32_t event = 0;  ///< number in the log
    std::uint32_t activity = 0;
    std::vector<std::uint32_t> after;  ///< numbers of earlier steps of this plan, in order
  };
  std::uint32_t lot = 0;
  std::vector<Step> steps;
  bool open = false;   ///< the log ends before the case does
  bool begun = false;  ///< the case began before the log
};

/// The plans of all lots that have events, in order of lots. A step waits for an earlier one that ended no later than it started
/// (the same instant counts), unless their activities are concurrent; what follows from others is left out.
std::vector<CasePlan> case_plans(const EventLog& log, const Concurrency& concurrency);

/// When a step could have begun: the latest end of those before it; nan for the first ones. [s]
double enabled_s(const EventLog& log, const CasePlan& plan, std::size_t step);

/// Plans with the same activities and the same precedence, whatever the order in which concurrent steps happened.
struct PlanVariant {
  std::vector<CasePlan::Step> steps;  ///< in canonical order, with the events of the first case that has it
  std::vector<std::uint32_t> lots;    ///< in order of the plans
};

/// Distinct plans, the most frequent first, then by their first case. Steps of the same activity with the same steps before them
/// and behind them (up to a 64-bit hash) are taken to be alike.
std::vector<PlanVariant> plan_variants(const std::vector<CasePlan>& plans);

}  // namespace retwin
