// The density of a sum of normal steps that has not yet crossed a bound, on a grid from look to look.
#include "core/stats/sequential.hpp"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <limits>

#include "core/base/problem.hpp"
#include "core/stats/intervals.hpp"

namespace retwin {
namespace {

constexpr double least_spent = 1e-12;
constexpr double lowest_sd = -8;  // where a density begins, in its standard deviations: beyond is 6e-16
constexpr int grid_steps = 600;   // even, for Simpson's rule

double upper_tail(double z) { return std::erfc(z / std::sqrt(2.0)) / 2; }
double density(double z) { return std::exp(-z * z / 2) / std::sqrt(2 * 3.14159265358979323846); }
double normal_quantile(double p) { return boost::math::quantile(boost::math::normal_distribution<double>(), p); }

/// Density of the sum where it has stayed below the bounds so far.
struct Density {
  std::vector<double> at, weight;  ///< points; value times Simpson's weight

  template <class Function>
  double integral(Function f) const {
    double sum = 0;
    for (std::size_t k = 0; k < at.size(); ++k) sum += weight[k] * f(at[k]);
    return sum;
  }
};

/// @param variance of the sum now @param step of its standard deviation since the look before
Density next_density(const Density* before, double variance, double step, double bound) {
  Density made;
  const double low = lowest_sd * std::sqrt(variance), width = (bound - low) / grid_steps;
  for (int k = 0; k <= grid_steps; ++k) {
    const double x = low + k * width;
    const double simpson = width / 3 * (k == 0 || k == grid_steps ? 1 : k % 2 == 1 ? 4 : 2);
    const double value = before ? before->integral([&](double u) { return density((x - u) / step) / step; }) : density(x / step) / step;
    made.at.push_back(x);
    made.weight.push_back(simpson * value);
  }
  return made;
}

/// The bound that lets so much across, between the lowest and the highest one.
template <class Crossing>
double bound_for(double wanted, double low, double high, Crossing crossing) {
  for (int k = 0; k < 100; ++k) {
    const double middle = (low + high) / 2;
    (crossing(middle) > wanted ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace

double alpha_spent(Spending spending, double alpha, double t) {
  t = std::clamp(t, 0.0, 1.0);
  if (spending == Spending::pocock) return alpha * std::log1p((std::exp(1.0) - 1) * t);
  return t == 0 ? 0 : 2 * upper_tail(normal_quantile(1 - alpha / 2) / std::sqrt(t));
}

std::vector<double> normal_bounds(Spending spending, double alpha, std::span<const double> shares) {
  std::vector<double> bounds;
  Density below;
  double spent = 0, before = 0;
  bool first = true;
  for (const double share : shares) {
    RETWIN_CHECK(share > before);
    const double all = alpha_spent(spending, alpha, share), wanted = all - spent;
    const double step = std::sqrt(share - before), sd = std::sqrt(share);
    const auto crossing = [&](double bound) {
      return first ? upper_tail(bound / step) : below.integral([&](double u) { return upper_tail((bound - u) / step); });
    };
    const bool any = wanted > least_spent;
    const double bound = any ? bound_for(wanted, lowest_sd * sd, -lowest_sd * sd, crossing) : -lowest_sd * sd;
    bounds.push_back(any ? bound / sd : std::numeric_limits<double>::infinity());
    below = next_density(first ? nullptr : &below, share, step, bound);
    if (any) spent = all;
    before = share;
    first = false;
  }
  return bounds;
}

std::vector<double> student_bounds(Spending spending, double alpha, std::span<const std::size_t> sizes) {
  std::vector<double> shares;
  for (const std::size_t size : sizes) shares.push_back(static_cast<double>(size) / static_cast<double>(sizes.back()));
  std::vector<double> bounds = normal_bounds(spending, alpha, shares);
  for (std::size_t k = 0; k < bounds.size(); ++k) {
    RETWIN_CHECK(sizes[k] >= 2);
    if (std::isfinite(bounds[k])) bounds[k] = -student_quantile(upper_tail(bounds[k]), static_cast<double>(sizes[k] - 1));
  }
  return bounds;
}

}  // namespace retwin
