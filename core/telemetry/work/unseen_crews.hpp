// Crews that a log does not name: who works together, and how many, from work that begins the moment other work ends.
#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/telemetry/cases/case_plans.hpp"
#include "core/telemetry/log/event_log.hpp"

namespace retwin {

/// Activities whose work no resource is named for, done by one crew.
struct UnseenCrew {
  std::vector<std::uint32_t> activities;  ///< in order
  double units = 1;                       ///< lots at a time
  std::size_t takeovers = 0;              ///< operations that had waited and began the moment another of the crew's ended
  double at_limit = 0;                    ///< share of these after which just `units` lots were at work
};

/// Where a crew is short, an operation that waits begins when one of the same crew's ends, and so many lots are at work then as the
/// crew has units, neither more nor fewer. Activities are of one crew if operations of the one begin so at the ends of the other's
/// (and of none of their own) clearly more often than at those of a week later, which is chance, and if the number at work is then
/// as steady as it was for either alone. A crew is believed only if it took over at least 20 times, 90 % of them at its limit, and
/// if that was hardly ever (1 % of all starts) exceeded; all other work is left without a crew.
/// @param known_until_s later the log is not whole, see find_waiting
std::vector<UnseenCrew> find_unseen_crews(const EventLog& log, const std::vector<CasePlan>& plans,
                                          double known_until_s = std::numeric_limits<double>::infinity());

}  // namespace retwin
