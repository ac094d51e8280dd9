// An estimate with two bounds that need not lie evenly about it.
#pragma once
#include <limits>
#include <string>

namespace retwin {

/// Interval of a skewed estimate: likelihood, beta and Kaplan-Meier intervals. NaN where nothing is known, +-inf where open.
struct Bounds {
  double estimate = std::numeric_limits<double>::quiet_NaN();
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = std::numeric_limits<double>::quiet_NaN();
  double level = 0.95;
  bool contains(double x) const { return low <= x && x <= high; }
};

/// " (low ... high)" in a unit, for a comment behind the estimate: nothing where nothing is known, a side left out where it is open.
std::string bounds_text(const Bounds& bounds, int digits, double unit = 1);

}  // namespace retwin
