// Jackknife of figures that are ratios of sums over replications.
#include "core/stats/paired.hpp"

#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>

#include "core/base/constants.hpp"

namespace retwin {
namespace {

double sum(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

/// The estimate of all replications, and the spread of those with one left out.
/// @param of the two figures: base, variant
template <class Of>
Estimate jackknife(const PairedSums& s, Of of) {
  Estimate made;
  made.n = s.size();
  if (made.n == 0) return made;
  const double v = sum(s.variant), v_per = sum(s.variant_per), b = sum(s.base), b_per = sum(s.base_per);
  made.value = of(b / b_per, v / v_per);
  if (made.n < 2) return made;
  Tally without;
  for (std::size_t k = 0; k < made.n; ++k)
    without.add(of((b - s.base[k]) / (b_per - s.base_per[k]), (v - s.variant[k]) / (v_per - s.variant_per[k])));
  const double n = static_cast<double>(made.n);
  made.error = (n - 1) / std::sqrt(n) * without.sd();
  return made;
}

}  // namespace

Interval Estimate::interval(double level) const {
  Interval made{value, nan, level, n};
  if (n >= 2) made.half_width = error == 0 ? 0 : student_quantile((1 + level) / 2, static_cast<double>(n - 1)) * error;
  return made;
}

double Estimate::p_value() const {
  if (n < 2 || !std::isfinite(value) || std::isnan(error)) return nan;
  if (value == 0) return 1;
  if (error == 0) return 0;
  const boost::math::students_t_distribution<double> student(static_cast<double>(n - 1));
  return 2 * boost::math::cdf(boost::math::complement(student, std::abs(value / error)));
}

Estimate base_figure(const PairedSums& sums) {
  return jackknife(sums, [](double base, double) { return base; });
}
Estimate variant_figure(const PairedSums& sums) {
  return jackknife(sums, [](double, double variant) { return variant; });
}
Estimate paired_change(const PairedSums& sums) {
  return jackknife(sums, [](double base, double variant) { return variant - base; });
}
Estimate relative_change(const PairedSums& sums) {
  return jackknife(sums, [](double base, double variant) {
    if (base == 0) return variant == 0 ? 0 : nan;
    return (variant - base) / std::abs(base);
  });
}

double variance_reduction(const PairedSums& sums) {
  const double base = base_figure(sums).error, variant = variant_figure(sums).error, paired = paired_change(sums).error;
  const double unpaired = base * base + variant * variant;
  return unpaired == 0 ? nan : unpaired / (paired * paired);
}

}  // namespace retwin
