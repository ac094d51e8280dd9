// Least squares: what a figure is made up of ("service time = 3 min + 25 s per piece"), with the errors of each part.
#pragma once
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "core/stats/intervals.hpp"

namespace retwin {

/// One coefficient of a regression. NaN where there are no degrees of freedom left, or another predictor says the same.
struct Coefficient {
  Interval interval;  ///< estimate and Student's interval
  double standard_error = std::numeric_limits<double>::quiet_NaN();
  double t = std::numeric_limits<double>::quiet_NaN();
  double p_value = std::numeric_limits<double>::quiet_NaN();  ///< of no effect
  double estimate() const { return interval.mean; }
};

/// Ordinary least squares with intercept.
struct Regression {
  std::vector<Coefficient> coefficients;  ///< intercept first, then the predictors in their order
  std::size_t n = 0, rank = 0;            ///< rank below the number of coefficients: predictors depend on each other
  double residual_sd = std::numeric_limits<double>::quiet_NaN();
  double r2 = std::numeric_limits<double>::quiet_NaN();
  double adjusted_r2 = std::numeric_limits<double>::quiet_NaN();
  double f = std::numeric_limits<double>::quiet_NaN();
  double f_p_value = std::numeric_limits<double>::quiet_NaN();  ///< of no predictor having an effect
  /// @param predictors one value for each
  double predict(std::span<const double> predictors) const;
};

/// Fits y = b0 + b1 x1 + b2 x2 + ... (Seber & Lee, Linear Regression Analysis, 2003, ch. 3-4). Columns are scaled and taken by a
/// rank-revealing decomposition; where they depend on each other the shortest (scaled) solution is given, its errors are NaN.
/// @param predictors columns, each as long as y; may be empty (then b0 is the mean)
/// @throws std::invalid_argument if y is empty, the lengths differ or a value is not finite.
Regression regress(std::span<const double> y, const std::vector<std::vector<double>>& predictors, double level = 0.95);

}  // namespace retwin
