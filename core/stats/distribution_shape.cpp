// Distributions: quantiles, probabilities and moments of every family.
#include <algorithm>
#include <boost/math/policies/policy.hpp>
#include <boost/math/quadrature/tanh_sinh.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <limits>

#include "core/base/problem.hpp"
#include "core/base/constants.hpp"
#include "core/stats/distribution_table.hpp"

namespace retwin {

namespace {

using namespace boost::math::policies;
using Quiet = policy<domain_error<ignore_error>, pole_error<ignore_error>, overflow_error<ignore_error>,
                     underflow_error<ignore_error>, denorm_error<ignore_error>, rounding_error<ignore_error>,
                     evaluation_error<ignore_error>, indeterminate_result_error<ignore_error>, promote_double<false>>;
constexpr Quiet quiet;
constexpr double root_two = 1.41421356237309504880;

/// Quantile of the standard normal; p + q = 1.
double normal_quantile(double p, double q) {
  return p < q ? -root_two * boost::math::erfc_inv(2 * p, quiet) : root_two * boost::math::erfc_inv(2 * q, quiet);
}

/// -log(q), exact for small p too.
double minus_log(double p, double q) { return p < 0.5 ? -std::log1p(-p) : -std::log(q); }

// Gamma distribution of scale 1. Boost's incomplete gamma takes milliseconds where the shape is large; from 1e5 on the cube root is
// taken as normal (Wilson & Hilferty, PNAS 17, 1931), off by less than 1e-7 in probability there (a test measures it).
constexpr double large_shape = 1e5;
double cube_root_deviate(double shape, double x) { return 3 * std::sqrt(shape) * (std::cbrt(x / shape) - 1 + 1 / (9 * shape)); }
double gamma_below(double shape, double x) {
  if (shape < large_shape) return boost::math::gamma_p(shape, x, quiet);
  return std::erfc(-cube_root_deviate(shape, x) / root_two) / 2;
}
double gamma_above(double shape, double x) {
  if (shape < large_shape) return boost::math::gamma_q(shape, x, quiet);
  return std::erfc(cube_root_deviate(shape, x) / root_two) / 2;
}
double gamma_quantile(double shape, double p, double q) {
  if (shape < large_shape) return p < q ? boost::math::gamma_p_inv(shape, p, quiet) : boost::math::gamma_q_inv(shape, q, quiet);
  return shape * std::pow(1 - 1 / (9 * shape) + normal_quantile(p, q) / (3 * std::sqrt(shape)), 3);
}

/// Largest count below x, or at most x; counts that were scaled and back are taken as whole.
double count_until(double x, bool strict) {
  const double near = std::round(x);
  if (std::abs(near - x) <= 1e-9 * std::max(1.0, std::abs(x))) return strict ? near - 1 : near;
  return std::floor(x);
}

/// How many of the ascending values are below x, or at most x.
std::size_t how_many(const std::vector<double>& values, double x, bool strict) {
  const auto end = strict ? std::lower_bound(values.begin(), values.end(), x) : std::upper_bound(values.begin(), values.end(), x);
  return static_cast<std::size_t>(end - values.begin());
}

/// Smallest count whose probability of not being exceeded reaches p (q = 1 - p): start at Cornish and Fisher's expansion (1937),
/// then step; the estimate is within a few counts, so steps are few.
double poisson_quantile(double mean, double p, double q) {
  const double z = normal_quantile(p, q);
  double k = std::max(0.0, std::floor(mean + z * std::sqrt(mean) + (z * z - 1) / 6));
  const auto reaches = [&](double n) { return p < q ? gamma_above(n + 1, mean) >= p : gamma_below(n + 1, mean) <= q; };
  if (!std::isfinite(k) || k + 1 == k) return k;
  while (!reaches(k)) ++k;
  while (k > 0 && reaches(k - 1)) --k;
  return k;
}

}  // namespace

double Distribution::base_low() const {
  switch (family_) {
    case Family::constant:
    case Family::uniform:
    case Family::triangular: return a_;
    case Family::beta: return c_;
    case Family::normal: return -infinity;
    case Family::empirical:
    case Family::discrete: return table_->values.front();
    case Family::mixture: {
      double low = infinity;
      for (std::size_t i = 0; i < table_->parts.size(); ++i) {
        if (table_->weight(i) > 0) low = std::min(low, table_->parts[i].low());
      }
      return low;
    }
    default: return 0;
  }
}

double Distribution::base_high() const {
  switch (family_) {
    case Family::constant: return a_;
    case Family::uniform: return b_;
    case Family::triangular: return c_;
    case Family::beta: return d_;
    case Family::empirical:
    case Family::discrete: return table_->values.back();
    case Family::mixture: {
      double high = -infinity;
      for (std::size_t i = 0; i < table_->parts.size(); ++i) {
        if (table_->weight(i) > 0) high = std::max(high, table_->parts[i].high());
      }
      return high;
    }
    default: return infinity;
  }
}

double Distribution::base_quantile(double p, double q) const {
  switch (family_) {
    case Family::constant: return a_;
    case Family::exponential: return a_ * minus_log(p, q);
    case Family::uniform: return p < q ? a_ + p * (b_ - a_) : b_ - q * (b_ - a_);
    case Family::triangular:
      return p * (c_ - a_) < b_ - a_ ? a_ + std::sqrt(p * (c_ - a_) * (b_ - a_)) : c_ - std::sqrt(q * (c_ - a_) * (c_ - b_));
    case Family::normal: return a_ + b_ * normal_quantile(p, q);
    case Family::lognormal: return std::exp(c_ + d_ * normal_quantile(p, q));
    case Family::gamma: return b_ * gamma_quantile(a_, p, q);
    case Family::weibull: return b_ * std::pow(minus_log(p, q), 1 / a_);
    case Family::beta:
      return c_ + (d_ - c_) * (p < q ? boost::math::ibeta_inv(a_, b_, p, quiet) : boost::math::ibetac_inv(a_, b_, q, quiet));
    case Family::poisson: return poisson_quantile(a_, p, q);
    case Family::empirical: {
      const auto& values = table_->values;
      const double position = p * static_cast<double>(values.size() - 1);
      const std::size_t i = std::min(static_cast<std::size_t>(position), values.size() - 2);
      return values[i] + (position - static_cast<double>(i)) * (values[i + 1] - values[i]);
    }
    case Family::discrete: {
      const auto& sums = table_->cumulative;
      const auto at = std::lower_bound(sums.begin(), sums.end() - 1, p);
      return table_->values[static_cast<std::size_t>(at - sums.begin())];
    }
    case Family::mixture: break;
  }
  // the cdf of a mixture reaches p between the smallest and the largest quantile of its parts
  double low = infinity, high = -infinity;
  for (std::size_t i = 0; i < table_->parts.size(); ++i) {
    if (!(table_->weight(i) > 0)) continue;
    const double x = table_->parts[i].quantile(p);
    low = std::min(low, x);
    high = std::max(high, x);
  }
  if (cdf(low) >= p) return low;
  for (double middle = low / 2 + high / 2; low < middle && middle < high; middle = low / 2 + high / 2) {
    (cdf(middle) >= p ? high : low) = middle;
  }
  return high;
}

Distribution::Tails Distribution::base_tails(double x, bool strict) const {
  if (std::isinf(x)) return x < 0 ? Tails{0, 1} : Tails{1, 0};
  const auto share = [](double below) { return Tails{below, 1 - below}; };
  if (family_ == Family::mixture) {
    Tails sum{0, 0};
    for (std::size_t i = 0; i < table_->parts.size(); ++i) {
      const Tails part = table_->parts[i].tails(x, strict);
      sum.below += table_->weight(i) * part.below;
      sum.above += table_->weight(i) * part.above;
    }
    return sum;
  }
  if (family_ == Family::constant) return (strict ? a_ < x : a_ <= x) ? Tails{1, 0} : Tails{0, 1};
  if (x < base_low() || (x == base_low() && strict)) return {0, 1};
  if (x > base_high() || (x == base_high() && !strict)) return {1, 0};
  switch (family_) {
    case Family::exponential: return {-std::expm1(-x / a_), std::exp(-x / a_)};
    case Family::uniform: return {(x - a_) / (b_ - a_), (b_ - x) / (b_ - a_)};
    case Family::triangular:
      if (x < b_ || b_ == c_) return share((x - a_) / (c_ - a_) * ((x - a_) / (b_ - a_)));
      return share(1 - (c_ - x) / (c_ - a_) * ((c_ - x) / (c_ - b_)));
    case Family::normal: {
      const double z = (x - a_) / b_ / root_two;
      return {std::erfc(-z) / 2, std::erfc(z) / 2};
    }
    case Family::lognormal: {
      const double z = (std::log(x) - c_) / d_ / root_two;
      return {std::erfc(-z) / 2, std::erfc(z) / 2};
    }
    case Family::gamma: return {gamma_below(a_, x / b_), gamma_above(a_, x / b_)};
    case Family::weibull: {
      const double h = std::pow(x / b_, a_);
      return {-std::expm1(-h), std::exp(-h)};
    }
    case Family::beta: {
      const double y = (x - c_) / (d_ - c_);
      return {boost::math::ibeta(a_, b_, y, quiet), boost::math::ibetac(a_, b_, y, quiet)};
    }
    case Family::poisson: {
      const double k = count_until(x, strict);
      if (k < 0) return {0, 1};
      return {gamma_above(k + 1, a_), gamma_below(k + 1, a_)};
    }
    case Family::discrete: {
      const auto& values = table_->values;
      const std::size_t n = how_many(values, x, strict);
      return share(n == 0 ? 0 : table_->cumulative[n - 1]);
    }
    default: break;
  }
  // empirical: x lies between two neighbours, the upper one first reaching (strict) or exceeding it
  const auto& values = table_->values;
  const std::size_t i = how_many(values, x, strict);
  const double part = (x - values[i - 1]) / (values[i] - values[i - 1]);
  return share((static_cast<double>(i - 1) + part) / static_cast<double>(values.size() - 1));
}

Distribution::Tails Distribution::tails(double x, bool strict) const {
  const Tails base = base_tails((x - shift_) / scale_, strict);
  if (!cut_) return base;
  if (base.below < 0.5) {
    const double below = std::clamp((base.below - below_) / inside_, 0.0, 1.0);
    return {below, 1 - below};
  }
  const double above = std::clamp((base.above - above_) / inside_, 0.0, 1.0);
  return {1 - above, above};
}

double Distribution::value_at(double p, double q) const {
  if (!cut_) return shift_ + scale_ * base_quantile(p, q);
  const double x = base_quantile(below_ + p * inside_, above_ + q * inside_);
  return shift_ + scale_ * std::clamp(x, cut_low_, cut_high_);
}

double Distribution::sample_general(double u) const {
  if (family_ == Family::exponential) return value_at(1 - u, u);
  if (family_ != Family::mixture) return value_at(u, 1 - u);
  const auto& sums = table_->cumulative;
  const auto i = static_cast<std::size_t>(std::lower_bound(sums.begin(), sums.end() - 1, u) - sums.begin());
  const double rest = (u - (i == 0 ? 0 : sums[i - 1])) / table_->weight(i);
  return table_->parts[i].sample(std::clamp(rest, 0x1.0p-53, 1 - 0x1.0p-53));
}

double Distribution::quantile(double p) const {
  if (p <= 0) return low();
  if (p >= 1) return high();
  return value_at(p, 1 - p);
}

double Distribution::mean() const { return shift_ + scale_ * base_moments().mean; }

double Distribution::sd() const { return scale_ * base_moments().sd; }

Distribution::Moments Distribution::base_moments() const {
  switch (family_) {
    case Family::constant: return {a_, 0};
    case Family::uniform: return {a_ / 2 + b_ / 2, (b_ - a_) / std::sqrt(12.0)};
    case Family::empirical: return empirical_moments();
    case Family::poisson: return poisson_moments();
    case Family::discrete:
    case Family::mixture: {
      const std::size_t n = table_->cumulative.size();
      const bool parts = family_ == Family::mixture;
      Moments out{0, 0};
      for (std::size_t i = 0; i < n; ++i) {
        out.mean += table_->weight(i) * (parts ? table_->parts[i].mean() : table_->values[i]);
      }
      double variance = 0;
      for (std::size_t i = 0; i < n; ++i) {
        const double away = (parts ? table_->parts[i].mean() : table_->values[i]) - out.mean;
        const double own = parts ? table_->parts[i].sd() : 0;
        variance += table_->weight(i) * (own * own + away * away);
      }
      out.sd = std::sqrt(variance);
      return out;
    }
    default: break;
  }
  if (cut_) return integrated_moments();
  switch (family_) {
    case Family::exponential: return {a_, a_};
    case Family::triangular: {
      const double low = b_ - a_, high = c_ - b_;  // Var = (low^2 + low high + high^2) / 18
      return {(a_ + b_ + c_) / 3, std::sqrt((low * low + low * high + high * high) / 18)};
    }
    case Family::gamma: return {a_ * b_, std::sqrt(a_) * b_};
    case Family::weibull: {
      const double first = std::tgamma(1 + 1 / a_);
      return {b_ * first, b_ * std::sqrt(std::max(0.0, std::tgamma(1 + 2 / a_) - first * first))};
    }
    case Family::beta: {
      const double sum = a_ + b_;
      return {c_ + (d_ - c_) * a_ / sum, (d_ - c_) * std::sqrt(a_ * b_ / (sum + 1)) / sum};
    }
    default: return {a_, b_};
  }
}

Distribution::Moments Distribution::empirical_moments() const {
  // the quantile is linear in each of the n - 1 segments of equal probability; exact, clipped where it is truncated
  const auto& values = table_->values;
  const double segments = static_cast<double>(values.size() - 1);
  const double from = cut_ ? below_ * segments : 0, to = cut_ ? (below_ + inside_) * segments : segments;
  const auto over_segments = [&](auto&& term) {
    double sum = 0;
    for (std::size_t i = 0; i + 1 < values.size(); ++i) {
      const double left = std::max(from - static_cast<double>(i), 0.0), right = std::min(to - static_cast<double>(i), 1.0);
      if (right <= left) continue;
      const double step = values[i + 1] - values[i];
      sum += (right - left) * term(values[i] + left * step, values[i] + right * step);
    }
    return sum / (to - from);
  };
  const double mean = over_segments([](double x, double y) { return (x + y) / 2; });
  const double variance = over_segments([mean](double x, double y) {
    x -= mean, y -= mean;
    return (x * x + x * y + y * y) / 3;
  });
  return {mean, std::sqrt(variance)};
}

Distribution::Moments Distribution::poisson_moments() const {
  if (!cut_) return {a_, std::sqrt(a_)};
  // E[X; l <= X <= h] = m P(l-1 <= X <= h-1) and E[X(X-1); l <= X <= h] = m^2 P(l-2 <= X <= h-2)
  const auto moment = [this](double by) {
    return inside(base_tails(cut_low_ - by, true), base_tails(cut_high_ - by, false)) / inside_;
  };
  const double mean = a_ * moment(1);
  return {mean, std::sqrt(std::max(0.0, a_ * a_ * moment(2) + mean - mean * mean))};
}

Distribution::Moments Distribution::integrated_moments() const {
  // Takahasi and Mori's tanh-sinh rule (1974) bears the infinite ends of the quantile
  boost::math::quadrature::tanh_sinh<double, Quiet> rule;
  const auto integral = [this, &rule](auto&& term) {
    return rule.integrate(
        [&](double u, double to_end) {  // to_end: distance to the nearer end, negative at 0
          const double p = to_end < 0 ? -to_end : u, q = to_end < 0 ? 1 - p : to_end;
          const double x = base_quantile(below_ + p * inside_, above_ + q * inside_);
          return term(std::clamp(x, cut_low_, cut_high_));
        },
        0.0, 1.0);
  };
  const double mean = integral([](double x) { return x; });
  const double variance = integral([mean](double x) { return (x - mean) * (x - mean); });
  return {mean, std::sqrt(variance)};
}

}  // namespace retwin
