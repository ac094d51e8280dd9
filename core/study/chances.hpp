// The chance of each system to be the best, by what has been observed.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/study/contest.hpp"

namespace retwin {

struct ChanceOptions {
  bool maximise = true;
  bool common = true;       ///< replication r has the same luck in all systems; else all are independent
  double indifference = 0;  ///< a mean counts as the best if it is not further from it [unit of the values]
  std::size_t draws = 10000;
  std::uint64_t seed = 1;
};

/// Posterior chance of each to have the best mean, from a flat prior of means and logarithms of variances: the share of draws in which it
/// has. Without common random numbers the means are independent, Student's about the mean of the values with S / sqrt(n) and n - 1 degrees
/// of freedom (the posterior of Chen, Lin, Yücesan & Chick, Simulation budget allocation for further enhancing the efficiency of ordinal
/// optimization, Discrete Event Dynamic Systems 10, 2000, with the variances unknown; the joint chance instead of its Bonferroni bound).
/// With them they are jointly Student's, of the degrees of freedom of the smallest n, with covariances r_ij S_i S_j / max(n_i, n_j): those
/// of means of which one has further replications. The correlations r are those of the replications that all have, so that for equal n
/// each difference has the law of the paired test.
/// It is calibrated over problems whose means differ about as much as values do, not for each problem: no function of the values is. Already
/// of two systems with known variances any function is off by .12 on average at some difference (the best, by linear programming). This
/// one says too much where almost equal systems are hardly known, and too little, by .1 to .25, where one stands a little out from many,
/// or means are some tenths of a standard deviation apart and known from ten or twenty values.
/// @param replications of each of `systems`, 2 or more @return for each of `systems`; without indifference the sum is 1
std::vector<double> chances_of_best(const Contest& contest, const std::vector<std::size_t>& systems,
                                    const std::vector<std::size_t>& replications, const ChanceOptions& options);

}  // namespace retwin
