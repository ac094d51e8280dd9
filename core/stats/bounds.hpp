// An estimate with two bounds that need not lie evenly about it.
#pragma once
#include <limits>

namespace retwin {

/// Interval of a skewed estimate: likelihood, beta and Kaplan-Meier intervals. NaN where nothing is known, +-inf where open.
struct Bounds {
  double estimate = std::numeric_limits<double>::quiet_NaN();
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = std::numeric_limits<double>::quiet_NaN();
  double level = 0.95;
  bool contains(double x) const { return low <= x && x <= high; }
};

}  // namespace retwin
