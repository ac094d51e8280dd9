// Least squares with coefficients that cannot be negative: powers, rates and shares estimated from sums.
#pragma once
#include <cstddef>
#include <limits>
#include <vector>

namespace retwin {

/// Coefficients x >= 0 of the smallest sum of squares of targets - rows x.
struct NonnegativeFit {
  std::vector<double> values;
  std::vector<double>
      standard_errors;  ///< of the positive ones, the others held at 0; nan for these, and without degrees of freedom
  /// Whether the data tell a coefficient from the others: false if its column is 0 or a combination of other columns. Such a
  /// value is one of many that fit as well.
  std::vector<bool> identified;
  double residual_squares = 0;
  double r2 =
      std::numeric_limits<double>::quiet_NaN();  ///< 1 - residual squares / squares about the mean; nan if targets are equal
  double residual_sd = std::numeric_limits<double>::quiet_NaN();  ///< nan without degrees of freedom
  std::size_t degrees_of_freedom = 0;                             ///< rows less positive coefficients
};

/// By active sets (Lawson & Hanson, Solving Least Squares Problems, 1974, chapter 23), after one orthogonal factorisation of
/// all rows with columns scaled to the same length, so that units do not matter and many rows cost little.
/// @throws std::invalid_argument naming all that is wrong: no rows, no columns, rows of different lengths, another number of
///   targets, values that are not finite
NonnegativeFit nonnegative_least_squares(const std::vector<std::vector<double>>& rows, const std::vector<double>& targets);

}  // namespace retwin
