// Confidence intervals, warm-up and comparisons of samples.
#include "core/stats/intervals.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <functional>
#include <numeric>

#include "core/base/constants.hpp"
#include "core/base/problem.hpp"

namespace retwin {

namespace {

using namespace boost::math::policies;
using QuietInterval = policy<domain_error<ignore_error>, pole_error<ignore_error>, overflow_error<ignore_error>,
                             underflow_error<ignore_error>, evaluation_error<ignore_error>, promote_double<false>>;

Tally tally_of(std::span<const double> values) {
  Tally tally;
  for (const double x : values) tally.add(x);
  return tally;
}

/// Without values, or with one that is not a number, two samples cannot be compared.
bool comparable(std::span<const double> values) {
  return !values.empty() && std::none_of(values.begin(), values.end(), [](double x) { return std::isnan(x); });
}

std::vector<double> sorted(std::span<const double> values) {
  std::vector<double> out(values.begin(), values.end());
  std::sort(out.begin(), out.end());
  return out;
}

/// Limit law of Kolmogorov: probability that sqrt(n) D exceeds x. Two series, each where it converges at once.
double kolmogorov_tail(double x) {
  if (x <= 0) return 1;
  double sum = 0;
  if (x < 1.18) {
    for (int j = 1; j <= 5; ++j) sum += std::exp(-(2 * j - 1) * (2 * j - 1) * pi * pi / (8 * x * x));
    return 1 - std::sqrt(2 * pi) / x * sum;
  }
  for (int j = 1; j <= 5; ++j) sum += (j % 2 == 1 ? 2 : -2) * std::exp(-2.0 * j * j * x * x);
  return std::clamp(sum, 0.0, 1.0);
}

std::vector<double> differences(std::span<const double> a, std::span<const double> b) {
  RETWIN_CHECK(a.size() == b.size());
  std::vector<double> out(a.size());
  std::transform(a.begin(), a.end(), b.begin(), out.begin(), std::minus<>());
  return out;
}

Equivalence judged(Interval difference, double margin) {
  return {difference, -margin <= difference.low() && difference.high() <= margin};
}

/// Calls `piece(width, gap)` for each stretch between neighbouring values of two samples, with the gap between their distribution
/// functions there.
template <class Piece>
void sweep(std::span<const double> sample_a, std::span<const double> sample_b, Piece piece) {
  const std::vector<double> a = sorted(sample_a), b = sorted(sample_b);
  const double of_a = static_cast<double>(a.size()), of_b = static_cast<double>(b.size());
  std::size_t i = 0, j = 0;
  while (i < a.size() || j < b.size()) {
    const double from = j == b.size() || (i < a.size() && a[i] <= b[j]) ? a[i] : b[j];
    while (i < a.size() && a[i] == from) ++i;
    while (j < b.size() && b[j] == from) ++j;
    double to = from;
    if (i < a.size()) to = a[i];
    if (j < b.size()) to = i < a.size() ? std::min(to, b[j]) : b[j];
    piece(to - from, std::abs(static_cast<double>(i) / of_a - static_cast<double>(j) / of_b));
  }
}

}  // namespace

double student_quantile(double p, double degrees_of_freedom) {
  return boost::math::quantile(boost::math::students_t_distribution<double, QuietInterval>(degrees_of_freedom), p);
}

double Interval::relative() const { return half_width / std::abs(mean); }

Interval student_interval(const Tally& tally, double level) {
  Interval out;
  out.level = level;
  out.n = static_cast<std::size_t>(tally.count());
  out.mean = tally.mean();
  if (out.n < 2) return out;
  const double n = static_cast<double>(out.n);
  out.half_width = student_quantile((1 + level) / 2, n - 1) * tally.sd() / std::sqrt(n);
  return out;
}

Interval student_interval(std::span<const double> values, double level) { return student_interval(tally_of(values), level); }

Interval ratio_interval(std::span<const double> numerators, std::span<const double> denominators, double level) {
  RETWIN_CHECK(numerators.size() == denominators.size());
  const std::size_t size = numerators.size();
  const double n = static_cast<double>(size);
  const double above = std::accumulate(numerators.begin(), numerators.end(), 0.0);
  const double below = std::accumulate(denominators.begin(), denominators.end(), 0.0);
  Tally pseudo_values;
  for (std::size_t i = 0; i < size; ++i) {
    pseudo_values.add(n * (above / below) - (n - 1) * ((above - numerators[i]) / (below - denominators[i])));
  }
  Interval out = size > 1 ? student_interval(pseudo_values, level) : Interval{nan, nan, level, size};
  if (size > 0) out.mean = above / below;
  return out;
}

Interval paired_difference(std::span<const double> a, std::span<const double> b, double level) {
  return student_interval(differences(a, b), level);
}

Interval welch_difference(std::span<const double> a, std::span<const double> b, double level) {
  const Tally x = tally_of(a), y = tally_of(b);
  Interval out{x.mean() - y.mean(), nan, level, std::min(a.size(), b.size())};
  if (out.n < 2) return out;
  const double nx = static_cast<double>(a.size()), ny = static_cast<double>(b.size());
  const double vx = x.variance() / nx, vy = y.variance() / ny;
  if (vx + vy == 0) {
    out.half_width = 0;
    return out;
  }
  const double freedom = (vx + vy) * (vx + vy) / (vx * vx / (nx - 1) + vy * vy / (ny - 1));
  out.half_width = student_quantile((1 + level) / 2, freedom) * std::sqrt(vx + vy);
  return out;
}

Equivalence equivalence(std::span<const double> a, std::span<const double> b, double margin, double alpha) {
  return judged(welch_difference(a, b, 1 - 2 * alpha), margin);
}

Equivalence paired_equivalence(std::span<const double> a, std::span<const double> b, double margin, double alpha) {
  return judged(paired_difference(a, b, 1 - 2 * alpha), margin);
}

std::vector<double> batch_means(std::span<const double> series, std::size_t batches) {
  if (batches == 0 || series.size() < batches) return {};
  const std::size_t size = series.size() / batches;
  const std::span<const double> used = series.last(size * batches);
  std::vector<double> means(batches);
  for (std::size_t i = 0; i < batches; ++i) means[i] = tally_of(used.subspan(i * size, size)).mean();
  return means;
}

Interval batch_means_interval(std::span<const double> series, std::size_t batches, double level) {
  return student_interval(batch_means(series, batches), level);
}

double autocorrelation(std::span<const double> series, std::size_t lag) {
  if (series.size() <= lag) return nan;
  const double mean = tally_of(series).mean();
  double product = 0, square = 0;
  for (std::size_t i = 0; i < series.size(); ++i) {
    square += (series[i] - mean) * (series[i] - mean);
    if (i + lag < series.size()) product += (series[i] - mean) * (series[i + lag] - mean);
  }
  return square > 0 ? product / square : nan;
}

double mean(std::span<const double> values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

std::size_t mser(std::span<const double> means) {
  constexpr std::size_t never_alone = 5;  // their spread is by chance near 0
  Tally rest;  // from the end, so that every cut costs one step
  std::size_t best = 0;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t d = means.size(); d-- > 0;) {
    rest.add(means[d]);
    if (means.size() - d < never_alone) continue;
    const double count = static_cast<double>(means.size() - d);
    const double error = rest.variance() * (count - 1) / (count * count);
    if (error <= least) {
      least = error;
      best = d;
    }
  }
  return best;
}

std::optional<std::size_t> mser5(std::span<const double> series) {
  constexpr std::size_t group = 5, at_least = 10;
  const std::size_t n = series.size() / group;
  if (n < at_least) return std::nullopt;
  std::vector<double> means(n);
  for (std::size_t i = 0; i < n; ++i) means[i] = tally_of(series.subspan(i * group, group)).mean();
  const std::size_t best = mser(means);
  if (best > n / 2) return std::nullopt;
  return best * group;
}

TestResult kolmogorov_test(double distance, double size) {
  const double root = std::sqrt(size);
  return {distance, kolmogorov_tail((root + 0.12 + 0.11 / root) * distance)};
}

TestResult ks_two_sample(std::span<const double> a, std::span<const double> b) {
  if (!comparable(a) || !comparable(b)) return {nan, nan};
  double distance = 0;
  sweep(a, b, [&](double, double gap) { distance = std::max(distance, gap); });
  const double m = static_cast<double>(a.size()), n = static_cast<double>(b.size());
  return kolmogorov_test(distance, m * n / (m + n));
}

TestResult ks_one_sample(std::span<const double> values, const std::function<double(double)>& cdf) {
  if (!comparable(values)) return {nan, nan};
  const std::vector<double> ordered = sorted(values);
  const double n = static_cast<double>(ordered.size());
  double distance = 0;
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    const double at = cdf(ordered[i]), rank = static_cast<double>(i);
    distance = std::max({distance, at - rank / n, (rank + 1) / n - at});
  }
  return kolmogorov_test(distance, n);
}

TestResult chi_square(std::span<const double> observed, std::span<const double> expected, std::size_t fitted) {
  RETWIN_CHECK(observed.size() == expected.size());
  if (observed.size() < fitted + 2) return {nan, nan};
  double sum = 0;
  for (std::size_t i = 0; i < observed.size(); ++i) {
    sum += (observed[i] - expected[i]) * (observed[i] - expected[i]) / expected[i];
  }
  const double freedom = static_cast<double>(observed.size() - 1 - fitted);
  return {sum, boost::math::gamma_q(freedom / 2, sum / 2, QuietInterval())};
}

double wasserstein1(std::span<const double> a, std::span<const double> b) {
  if (!comparable(a) || !comparable(b)) return nan;
  double area = 0;
  sweep(a, b, [&](double width, double gap) { area += width * gap; });
  return area;
}

Bounds bounds_of(std::span<const double> values) {
  const Interval interval = student_interval(values);
  const bool positive = interval.mean > 0 && std::all_of(values.begin(), values.end(), [](double x) { return x >= 0; });
  if (!positive || !(interval.low() < 0)) return {interval.mean, interval.low(), interval.high()};
  const double factor = std::exp(interval.half_width / interval.mean);
  return {interval.mean, interval.mean / factor, interval.mean * factor};
}

}  // namespace retwin
