// Two scenarios with the same luck: the difference of a figure, replication by replication, and how sure it is.
#pragma once
#include <cstddef>
#include <limits>
#include <vector>

#include "core/stats/intervals.hpp"

namespace retwin {

/// A figure of two scenarios in the replications that they share: sums whose ratio it is, one entry per replication. Of a figure that is no
/// ratio, the denominators are 1.
struct PairedSums {
  std::vector<double> variant, variant_per, base, base_per;
  std::size_t size() const { return base.size(); }
};

/// An estimate with its standard error; Student's with n - 1 degrees of freedom. NaN where it is undefined, or its spread unknown.
struct Estimate {
  double value = std::numeric_limits<double>::quiet_NaN();
  double error = std::numeric_limits<double>::quiet_NaN();
  std::size_t n = 0;
  Interval interval(double level) const;
  /// Two-sided, of the value 0.
  double p_value() const;
};

/// The figure itself, of all replications together, [its unit].
Estimate base_figure(const PairedSums& sums);
Estimate variant_figure(const PairedSums& sums);

/// Variant less base [unit of the figure], with the jackknife variance of that difference (Miller, The jackknife: a review, Biometrika 61,
/// 1974); of a figure that is no ratio this is Student's paired difference.
Estimate paired_change(const PairedSums& sums);

/// (variant - base) / |base| [1], likewise; NaN where the base is 0, unless the variant is 0 too: then 0.
Estimate relative_change(const PairedSums& sums);

/// How many times smaller the variance of the difference is than with independent luck: variance of base and variant added up, by that of
/// the difference. Infinite where the difference is the same in each replication, NaN where nothing varies.
double variance_reduction(const PairedSums& sums);

}  // namespace retwin
