// Parts of the procedures with a guarantee (private to core/study).
#pragma once
#include <cstddef>

#include "core/stats/tally.hpp"
#include "core/study/ranking.hpp"

namespace retwin {

void check(const RankingOptions& options);
/// Error of one comparison, if those of the best of `systems` with all others may err with 1 - confidence in all.
double error_of_one(const RankingOptions& options, std::size_t systems);
/// Differences a - b of the first n replications.
Tally paired(const Contest& contest, std::size_t a, std::size_t b, std::size_t n);

}  // namespace retwin
