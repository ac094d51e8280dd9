// What matters: how a response changes with each decision, and the share of its variance that each is responsible for.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/base/constants.hpp"
#include "core/stats/bounds.hpp"
#include "core/stats/intervals.hpp"
#include "core/study/designs.hpp"

namespace retwin {

/// What was found at the points of a design: means over replications.
struct Responses {
  std::vector<double> mean;
  std::vector<double> error;  ///< standard errors of the means, independent from point to point; empty: without noise
  double variance(std::size_t k) const { return error.empty() ? 0 : error[k] * error[k]; }  ///< of the noise
};
/// Means and errors of replications. What all points have in common in a replication (as with common random numbers) moves none of
/// them against another; it is taken out of the errors, by the residuals of a two-way layout without interaction (Scheffe, The Analysis
/// of Variance, 1959, ch. 4).
/// @param by_point figures of each point, the same replications in the same order at all; with one replication, or one point, `error` is empty:
/// nothing is known
Responses responses_of(const std::vector<std::vector<double>>& by_point);

/// The response where a decision is at one level, whatever the others are.
struct LevelEffect {
  std::size_t decision = 0, level = 0, points = 0;
  Interval mean;                 ///< Student's over the points: it spans what the other decisions change, and the noise
  double noise_error = nan;      ///< standard error of the mean from the noise alone, points as they are
  double effect = nan;           ///< mean less the mean of all points
};
/// The same of two decisions at one level each. In a balanced design `interaction` is what neither decision alone explains
/// (Montgomery, Design and Analysis of Experiments, ch. 5).
struct PairEffect {
  std::size_t first = 0, second = 0, first_level = 0, second_level = 0, points = 0;
  Interval mean;
  double noise_error = nan;
  double interaction = nan;  ///< mean - mean at the first's level - mean at the second's + mean of all
};
/// Effects of each level of each decision, in order; NaN where there is no point.
/// @param levels of each dimension of the points (see level_of)
std::vector<LevelEffect> main_effects(const Points& points, std::span<const std::size_t> levels, const Responses& responses,
                                      double confidence = 0.95);
/// Of each pair of decisions, first < second.
std::vector<PairEffect> pair_effects(const Points& points, std::span<const std::size_t> levels, const Responses& responses,
                                     double confidence = 0.95);

/// Shares of the variance of the response over the cube. [1]
struct SobolIndex {
  Bounds first;  ///< what this decision explains alone
  Bounds total;  ///< what is left when all others are known: more than `first` by its interactions
};
struct SobolIndices {
  std::vector<SobolIndex> of;  ///< each dimension
  double variance = nan;       ///< of the response, without noise
  double noise = nan;          ///< mean variance of the noise of the responses
};
/// Indices of Sobol from the responses at saltelli_points(): first order by f(B) (f(A_B) - f(A)) (Saltelli et al., Computer Physics
/// Communications 181, 2010, table 2 (b)) with the mean taken off, total by (f(A) - f(A_B))^2 / 2 (Jansen, Computer Physics
/// Communications 117, 1999). Noise of the responses adds its variance to the squares, so it is taken off, term by term: all three sums
/// are without bias. An estimate may thus lie below 0 or above 1; it is not cut.
/// Bounds: percentiles of the bootstrap over groups (Efron, Annals of Statistics 7, 1979; for these indices Archer, Saltelli & Sobol,
/// J. Statistical Computation and Simulation 58, 1997). It takes groups for independent: from points of Sobol the indices are nearer
/// to the truth than the bounds say, never the other way. NaN where the variance is not positive, in the sample or in a resample:
/// nothing moves the response, or the noise hides it; and where a response is NaN.
/// @param dimensions d, of the points; the responses are of n (d + 2) of them
SobolIndices sobol_indices(std::size_t dimensions, const Responses& responses, double confidence = 0.95, std::uint64_t seed = 1,
                           std::size_t resamples = 1000);

}  // namespace retwin
