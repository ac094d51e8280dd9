// Confidence intervals, warm-up and comparisons of samples: the honest statistics behind every figure that is reported.
#pragma once
#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "core/stats/bounds.hpp"
#include "core/stats/tally.hpp"

namespace retwin {

/// An estimate with the half-width of its confidence interval. With 0 or 1 replication the half-width is NaN: nothing is known
/// about the spread; with 0 the estimate is NaN too.
struct Interval {
  double mean = std::numeric_limits<double>::quiet_NaN();
  double half_width = std::numeric_limits<double>::quiet_NaN();
  double level = 0.95;
  std::size_t n = 0;
  double low() const { return mean - half_width; }
  double high() const { return mean + half_width; }
  double relative() const;                                             ///< half-width / |mean|
  bool contains(double x) const { return low() <= x && x <= high(); }  ///< false if the half-width is NaN
};

/// NaN of nothing.
double mean(std::span<const double> values);

/// Student's interval of independent replications.
Interval student_interval(std::span<const double> values, double level = 0.95);
Interval student_interval(const Tally& tally, double level = 0.95);

/// Ratio of sums over replications (energy over tonnes, ...), with the jackknife variance of that ratio and Student's quantile
/// at n - 1 (Miller, The jackknife: a review, Biometrika 61, 1974). The estimate is the ratio of the sums itself, so that it
/// agrees with the totals printed beside it.
Interval ratio_interval(std::span<const double> numerators, std::span<const double> denominators, double level = 0.95);

/// Mean of a - b for replications with common random numbers (same length).
Interval paired_difference(std::span<const double> a, std::span<const double> b, double level = 0.95);

/// Difference of the means of two independent samples, variances unequal (Welch, Biometrika 34, 1947).
Interval welch_difference(std::span<const double> a, std::span<const double> b, double level = 0.95);

/// Two one-sided tests (Schuirmann, J. Pharmacokinet. Biopharm. 15, 1987): two means are equivalent at `alpha` if the whole
/// interval of their difference at level 1 - 2 alpha lies within -margin ... margin. An unknown half-width is never equivalent.
struct Equivalence {
  Interval difference;
  bool equivalent = false;
};
Equivalence equivalence(std::span<const double> a, std::span<const double> b, double margin, double alpha = 0.05);
Equivalence paired_equivalence(std::span<const double> a, std::span<const double> b, double margin, double alpha = 0.05);

/// Means of `batches` equal batches of a series; the remainder is dropped at its beginning. Empty if the series is too short.
std::vector<double> batch_means(std::span<const double> series, std::size_t batches);
Interval batch_means_interval(std::span<const double> series, std::size_t batches = 20, double level = 0.95);
/// Correlation of a series with itself `lag` later; NaN if it is constant or too short.
double autocorrelation(std::span<const double> series, std::size_t lag = 1);

/// The cut that minimises the squared standard error of the means after it (MSER: White, An effective truncation heuristic for bias
/// reduction in simulation output, Simulation 69, 1997); the last five are never alone.
std::size_t mser(std::span<const double> means);
/// Observations to delete at the start: MSER-5, the cut of means of five that minimises the squared standard error of the rest
/// (White, Cobb & Spratt, Proc. Winter Simulation Conference 2000). Empty if the series is shorter than 50 observations or the
/// minimum lies in its second half: then the run is too short to tell.
std::optional<std::size_t> mser5(std::span<const double> series);

/// Outcome of a test of a hypothesis.
struct TestResult {
  double statistic = 0;
  double p_value = 1;
};
/// Kolmogorov and Smirnov: do the samples have the same distribution? p-value from the limit law with the effective size of
/// Stephens (J. R. Stat. Soc. B 32, 1970); good from about eight values each, conservative with ties. NaN for an empty sample.
TestResult ks_two_sample(std::span<const double> a, std::span<const double> b);
/// The same against a continuous distribution function.
TestResult ks_one_sample(std::span<const double> values, const std::function<double(double)>& cdf);
/// Kolmogorov's test of a distance that was found otherwise, from `size` values.
TestResult kolmogorov_test(double distance, double size);
/// Pearson's chi-square of counts against expected counts; `fitted` parameters reduce the degrees of freedom.
TestResult chi_square(std::span<const double> observed, std::span<const double> expected, std::size_t fitted = 0);
/// First Wasserstein distance of two samples: the area between their distribution functions; NaN if one is empty.
/// [unit of the values]
double wasserstein1(std::span<const double> a, std::span<const double> b);

/// Quantile of Student's t.
double student_quantile(double p, double degrees_of_freedom);

/// Student's interval of a mean at 95 %, as bounds. Where it would reach below 0 although no value does, that of the logarithm of the mean, whose
/// standard error is the relative one (delta method).
Bounds bounds_of(std::span<const double> values);

}  // namespace retwin
