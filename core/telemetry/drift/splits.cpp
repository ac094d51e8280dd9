// Where a stretch of a series splits best: by ranks, as a step, or by a shift that is large beside the spread.
#include "core/telemetry/drift/splits.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/stats/fit.hpp"
#include "core/stats/intervals.hpp"
#include "core/stats/tally.hpp"

namespace retwin {
namespace {

constexpr std::size_t least_stretch = 40;  // in which ranks tell
constexpr std::size_t least_side = fewest_of_step / 2;
constexpr double even_spread = 0.05;      // sd by mean
constexpr double least_p = 1e-12;         // that a step is said to have
constexpr double large_shift = 5;         // by the spread on either side
constexpr std::size_t least_end = 2, fewest_of_shift = 12, most_searched = 500;

}  // namespace

double median(std::span<const double> values) {
  Values v(values.begin(), values.end());
  std::sort(v.begin(), v.end());
  return (v[(v.size() - 1) / 2] + v[v.size() / 2]) / 2;
}

/// Ranks, ties sharing theirs.
Values ranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  Values out(values.size());
  for (std::size_t i = 0, j = 0; i < order.size(); i = j) {
    while (j < order.size() && values[order[j]] == values[order[i]]) ++j;
    for (std::size_t k = i; k < j; ++k) out[order[k]] = static_cast<double>(i + j - 1) / 2;
  }
  return out;
}

namespace {

/// Normal deviate with the same tail as a sum that lies z standard deviations off and has this skewness.
double normal_equivalent(double z, double skewness) {
  if (std::abs(skewness) < 1e-6) return z;
  return 6 / skewness * (std::cbrt(std::max(0.0, 1 + skewness * z / 2)) - 1) + skewness / 6;
}

}  // namespace

/// Long-run variance over variance of scores that have a level of their own before and after `at`; at least 1.
double correlation_factor(std::span<const double> scores, std::size_t at) {
  Values left(scores.begin(), scores.end());
  for (const auto& [from, to] : {std::pair{std::size_t{0}, at}, std::pair{at, scores.size()}}) {
    const double mean = student_interval(scores.subspan(from, to - from)).mean;
    for (std::size_t i = from; i < to; ++i) left[i] -= mean;
  }
  const double square = std::inner_product(left.begin(), left.end(), left.begin(), 0.0);
  if (!(square > 0)) return 1;
  const auto lags = static_cast<std::size_t>(std::ceil(std::cbrt(static_cast<double>(left.size()))));
  double factor = 1;
  for (std::size_t lag = 1; lag <= lags && lag < left.size(); ++lag) {
    const double product = std::inner_product(left.begin() + static_cast<std::ptrdiff_t>(lag), left.end(), left.begin(), 0.0);
    factor += 2 * (1 - static_cast<double>(lag) / static_cast<double>(lags + 1)) * product / square;
  }
  return std::max(1.0, factor);
}

namespace {

/// Probability that the largest of the standardised differences exceeds x, no side of the split being less than this share.
double largest_tail(double x, double share) {
  if (x < 1.5) return 1;
  const double density = std::exp(-x * x / 2) / std::sqrt(2 * 3.14159265358979323846);
  return std::min(1.0, x * density * (2 * std::log((1 - share) / share) * (1 - 1 / (x * x)) + 4 / (x * x)));
}

/// Where the sums of the scores before and after differ most, and how surely they do.
SeriesSplit scan(std::span<const double> scores, std::size_t shortest) {
  const std::size_t size = scores.size();
  const double n = static_cast<double>(size);
  if (size < 2 * shortest) return {};
  const double mean = std::accumulate(scores.begin(), scores.end(), 0.0) / n;
  double square = 0, cube = 0;
  for (const double s : scores) square += (s - mean) * (s - mean), cube += std::pow(s - mean, 3);
  if (!(square > 0)) return {};
  const double skewness = cube / n / std::pow(square / n, 1.5);
  double sum = 0, largest = 0;
  std::size_t at = 0;
  for (std::size_t i = 1; i + shortest <= size; ++i) {
    sum += scores[i - 1] - mean;
    if (i < shortest) continue;
    const double k = static_cast<double>(i), spread = k * (n - k) / (n - 1);
    const double of_sum = skewness * (n - 2 * k) / (n - 2) / std::sqrt(spread);
    if (std::abs(of_sum) > 1) continue;  // less than one of the rare values is expected on one side
    const double z = std::abs(normal_equivalent(sum / std::sqrt(spread * square / n), of_sum));
    if (z > largest) largest = z, at = i;
  }
  const double share = static_cast<double>(shortest) / n;
  if (at == 0 || largest_tail(largest, share) > 0.2) return {at, 1};
  return {at, largest_tail(largest / std::sqrt(correlation_factor(scores, at)), share)};
}

/// Where the squares about the means of both sides are least, if these are nearly constant.
SeriesSplit step(std::span<const double> values) {
  const std::size_t n = values.size();
  SeriesSplit best;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t k = least_side; k + least_side <= n; ++k) {
    double squares = 0;
    for (const auto side : {values.first(k), values.subspan(k)}) {
      const double mean = student_interval(side).mean;
      for (const double x : side) squares += (x - mean) * (x - mean);
    }
    if (squares < least) least = squares, best.at = k;
  }
  if (best.at == 0) return best;
  const auto before = values.first(best.at), after = values.subspan(best.at);
  for (const auto side : {before, after}) {
    Tally tally;
    for (const double x : side) tally.add(x);
    if (!(tally.sd() < even_spread * tally.mean())) return best;
  }
  const Interval change = welch_difference(after, before);
  if (std::abs(change.mean) <= detect_resolution(values)) return best;
  const double places = static_cast<double>(n - 2 * least_side + 1);
  double p = 1;  // the least level at which they differ, in powers of two
  while (p > least_p && (least == 0 || welch_difference(after, before, 1 - p / 2).half_width < std::abs(change.mean))) p /= 2;
  best.p_value = std::min(1.0, p * places);
  return best;
}

/// Sums of values about their mean, and of their squares, of the first 0, 1, ... of them.
class Squares {
 public:
  explicit Squares(std::span<const double> values) : sums_{0}, squares_{0} {
    const double middle = student_interval(values).mean;
    for (const double x : values) sums_.push_back(sums_.back() + x - middle), squares_.push_back(squares_.back() + (x - middle) * (x - middle));
  }
  struct Group {
    double n = 0, sum = 0, square = 0;
    double mean() const { return sum / n; }
    double left() const { return std::max(0.0, square - sum * sum / n); }  ///< about its mean
    double sd() const { return n > 1 ? std::sqrt(left() / (n - 1)) : 0; }
  };
  Group of(std::size_t from, std::size_t to) const {
    return {static_cast<double>(to - from), sums_[to] - sums_[from], squares_[to] - squares_[from]};
  }

 private:
  Values sums_, squares_;
};

/// The chance of two levels so far apart, by their common variance; 1 if they are not far apart by the spread of either.
double of_levels(const Squares::Group& a, const Squares::Group& b, double resolution, double correlation) {
  const double spread = std::max({std::sqrt((a.left() + b.left()) / (a.n + b.n - 2)), a.sd(), b.sd(), resolution / std::sqrt(12.0)});
  const double apart = std::abs(a.mean() - b.mean());
  if (!(apart > large_shift * spread)) return 1;
  const double t = apart / (spread * std::sqrt((1 / a.n + 1 / b.n) * correlation));
  double p = 1;
  while (p > least_p && student_quantile(1 - p / 4, a.n + b.n - 2) < t) p /= 2;  // the least power of two
  return p;
}

/// The chance that so many of n values stand together at one of these places, were their order of no meaning: no test of theirs says more.
double by_exchange(double n, double together, double places) {
  return std::min(1.0, places * std::exp(std::lgamma(together + 1) + std::lgamma(n - together + 1) - std::lgamma(n + 1)));
}

/// A shift that is large beside the spread on both sides: one side may have two observations only, if the other has many.
SeriesSplit shift(std::span<const double> values) {
  const std::size_t n = values.size();
  SeriesSplit best;
  if (n < fewest_of_shift) return best;
  const Squares squares(values);
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t k = least_end; k + least_end <= n; ++k)
    if (const double left = squares.of(0, k).left() + squares.of(k, n).left(); left < least) least = left, best.at = k;
  const double places = static_cast<double>(n - 2 * least_end + 1);
  best.p_value = std::min(1.0, places * of_levels(squares.of(0, best.at), squares.of(best.at, n), detect_resolution(values), correlation_factor(values, best.at)));
  best.p_value = std::max(best.p_value, by_exchange(static_cast<double>(n), static_cast<double>(best.at), 2));  // at either end
  return best;
}

/// A large shift that is taken back: where it begins. Of stretches that are not longer than can be searched for it.
SeriesSplit visit(std::span<const double> values) {
  const std::size_t n = values.size();
  SeriesSplit best;
  if (n < fewest_of_shift || n > most_searched) return best;
  const Squares squares(values);
  const auto outside = [&](std::size_t a, std::size_t b) {
    const Squares::Group before = squares.of(0, a), after = squares.of(b, n);
    return Squares::Group{before.n + after.n, before.sum + after.sum, before.square + after.square};
  };
  double least = std::numeric_limits<double>::infinity();
  std::size_t end = 0;
  for (std::size_t a = least_end; a + 2 * least_side <= n; ++a)
    for (std::size_t b = a + least_side; b + least_end <= n; ++b)
      if (const double left = squares.of(a, b).left() + outside(a, b).left(); left < least) least = left, best.at = a, end = b;
  const double m = static_cast<double>(n), places = m * m / 2;
  if (end == 0) return best;
  best.p_value = std::min(1.0, places * of_levels(squares.of(best.at, end), outside(best.at, end), detect_resolution(values), 1));
  best.p_value = std::max(best.p_value, by_exchange(m, static_cast<double>(end - best.at), m));
  return best;
}

}  // namespace

/// The best split of a stretch as a whole: by its ranks or, if it is short, as a step; or as a large shift.
SeriesSplit split_of(std::span<const double> values, const Values& scores, std::size_t shortest) {
  SeriesSplit best = scan(scores, shortest);
  double looks = 3;
  if (values.size() < least_stretch) {
    const SeriesSplit other = step(values);
    if (other.p_value < best.p_value) best = other;
    ++looks;
  }
  best.p_value = std::min(1.0, 2 * best.p_value);
  for (const SeriesSplit& other : {shift(values), visit(values)})
    if (other.p_value * looks < best.p_value) best = {other.at, other.p_value * looks};
  return best;
}

/// The best split of a stretch: on the whole, with half of the risk, or on the parts of it.
SeriesSplit best_split(std::span<const double> values, std::size_t shortest) {
  const Values scores = ranks(values);
  SeriesSplit best = split_of(values, scores, shortest), part;
  double parts = 0;
  for (std::size_t length = scores.size() / 2; length >= least_stretch; length /= 2) {
    for (std::size_t from = 0; from + length <= scores.size(); from += length / 2, ++parts) {
      const SeriesSplit here = scan(std::span(scores).subspan(from, length), shortest);
      if (here.p_value < part.p_value) part = {from + here.at, here.p_value};
    }
  }
  if (part.at > 0 && part.p_value * parts < best.p_value) best = {part.at, part.p_value * parts};
  best.p_value = std::min(1.0, 2 * best.p_value);
  return best;
}

/// Moves a split to where the sum of distances to the medians of both sides is least.
std::size_t refined(std::span<const double> values, std::size_t at, std::size_t shortest) {
  const double before = median(values.first(at)), after = median(values.subspan(at));
  if (before == after) return at;
  double sum = 0, least = 0;
  std::size_t best = shortest;
  for (std::size_t i = 0; i + shortest < values.size(); ++i) {
    sum += std::abs(values[i] - before) - std::abs(values[i] - after);
    if (i + 1 == shortest || (i + 1 > shortest && sum < least)) least = sum, best = i + 1;
  }
  return best;
}

/// Splits values[from ... to) as long as the p-value is below the limit.
void segment(const Values& values, std::size_t from, std::size_t to, double factor, double limit, const DriftOptions& options,
             std::vector<SeriesSplit>& out) {
  const auto stretch = std::span(values).subspan(from, to - from);
  SeriesSplit split = best_split(stretch, options.shortest);
  split.p_value = std::min(1.0, split.p_value * factor);
  if (stretch.size() < 2 * options.shortest || split.p_value > limit) return;
  const double before = median(stretch.first(split.at)), after = median(stretch.subspan(split.at));
  const double shift = student_interval(stretch.subspan(split.at)).mean - student_interval(stretch.first(split.at)).mean;
  const double change = std::max(std::abs(after - before), std::abs(shift));
  if (change < options.least_change / 2 * std::abs(before)) return;
  const std::size_t at = from + split.at;
  segment(values, from, at, 2, limit, options, out);
  out.push_back({at, split.p_value});
  segment(values, at, to, 2, limit, options, out);
}

/// Of a series too short for ranks: as a step or a large shift.
SeriesSplit short_split(std::span<const double> values) {
  SeriesSplit best = step(values);
  if (const SeriesSplit other = shift(values); other.p_value < best.p_value) best = other;
  best.p_value = std::min(1.0, 2 * best.p_value);
  return best;
}

}  // namespace retwin
