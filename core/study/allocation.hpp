// Optimal computing budget allocation: a budget of replications, spent where it tells the best from the others.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/study/contest.hpp"

namespace retwin {

struct AllocationOptions {
  std::size_t budget = 1000;    ///< observations of all systems together, not below those of the first stage
  std::size_t first = 10;       ///< replications of each in the first stage, 2 or more
  std::size_t increment = 20;   ///< observations from one allocation to the next, 1 or more: one batch
  double confidence = 0.95;     ///< it is decided if the stated chance is as large
  bool all = false;             ///< spend all of the budget, decided or not
  bool maximise = true;         ///< the larger the better
  bool common = true;           ///< replication r has the same luck in all systems; else all are independent
  std::uint64_t seed = 1;       ///< of the stated chance
};

/// Selects the best mean after spending the budget in steps by the rule of Chen, Lin, Yücesan & Chick (Simulation budget allocation for
/// further enhancing the efficiency of ordinal optimization, Discrete Event Dynamic Systems 10, 2000), and says the chance that it is
/// the best (chances_of_best). The rule knows nothing of common random numbers; the chance does.
Selected select_with_budget(Contest& contest, const AllocationOptions& options);

/// Shares of the budget by that rule: (S_i / d_i)^2 of the others, d_i their distance from the best mean, and S_b sqrt(sum (share_i / S_i)^2)
/// of the best. A distance counts for at least a tenth of its standard error, or two equal means would take all.
/// @param entrants that take part, with mean, sd and replications @return sum 1; 0 of what does not vary, unless nothing does
std::vector<double> optimal_shares(const std::vector<Entrant>& entrants, bool maximise);

}  // namespace retwin
