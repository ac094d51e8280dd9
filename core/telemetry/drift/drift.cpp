// Changes in the series of a log: rank sums over seeded stretches, Holm over the subjects.
#include "core/telemetry/drift/drift.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "core/base/constants.hpp"
#include "core/stats/fit.hpp"
#include "core/stats/intervals.hpp"
#include "core/stats/tally.hpp"

namespace retwin {

namespace {

constexpr std::size_t least_stretch = 40;  // in which ranks tell
constexpr std::size_t least_side = fewest_of_step / 2;
constexpr double nearly_constant = 0.05;  // sd by mean
constexpr double least_p = 1e-12;         // that a step is said to have
constexpr double large_shift = 5;         // by the spread on either side
constexpr std::size_t least_end = 2, fewest_of_shift = 12, most_searched = 500;
using Values = std::vector<double>;

/// A series in order of time; observations at one stamp are one.
struct Series {
  const DriftSeries* of = nullptr;
  Values time_s, value, weight;
};

struct Split {
  std::size_t at = 0;
  double p_value = 1;
};

Series in_order(const DriftSeries& series) {
  const Values &time_s = series.time_s, &values = series.value;
  if (time_s.size() != values.size()) throw std::invalid_argument("as many times as values are needed");
  Series out{&series, {}, {}, {}};
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i]) && std::isfinite(time_s[i])) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return time_s[a] < time_s[b]; });
  for (const std::size_t i : order) {
    if (out.time_s.empty() || out.time_s.back() != time_s[i]) {
      out.time_s.push_back(time_s[i]);
      out.value.push_back(values[i]);
      out.weight.push_back(1);
    } else {
      double &mean = out.value.back(), &n = out.weight.back();
      mean += (values[i] - mean) / ++n;
    }
  }
  return out;
}

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

/// Normal deviate with the same tail as a sum that lies z standard deviations off and has this skewness.
double normal_equivalent(double z, double skewness) {
  if (std::abs(skewness) < 1e-6) return z;
  return 6 / skewness * (std::cbrt(std::max(0.0, 1 + skewness * z / 2)) - 1) + skewness / 6;
}

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

/// Probability that the largest of the standardised differences exceeds x, no side of the split being less than this share.
double largest_tail(double x, double share) {
  if (x < 1.5) return 1;
  const double density = std::exp(-x * x / 2) / std::sqrt(2 * 3.14159265358979323846);
  return std::min(1.0, x * density * (2 * std::log((1 - share) / share) * (1 - 1 / (x * x)) + 4 / (x * x)));
}

/// Where the sums of the scores before and after differ most, and how surely they do.
Split scan(std::span<const double> scores, std::size_t shortest) {
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
Split step(std::span<const double> values) {
  const std::size_t n = values.size();
  Split best;
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
    if (!(tally.sd() < nearly_constant * tally.mean())) return best;
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
Split shift(std::span<const double> values) {
  const std::size_t n = values.size();
  Split best;
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
Split visit(std::span<const double> values) {
  const std::size_t n = values.size();
  Split best;
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

/// The best split of a stretch as a whole: by its ranks or, if it is short, as a step; or as a large shift.
Split split_of(std::span<const double> values, const Values& scores, std::size_t shortest) {
  Split best = scan(scores, shortest);
  double looks = 3;
  if (values.size() < least_stretch) {
    const Split other = step(values);
    if (other.p_value < best.p_value) best = other;
    ++looks;
  }
  best.p_value = std::min(1.0, 2 * best.p_value);
  for (const Split& other : {shift(values), visit(values)})
    if (other.p_value * looks < best.p_value) best = {other.at, other.p_value * looks};
  return best;
}

/// The best split of a stretch: on the whole, with half of the risk, or on the parts of it.
Split best_split(std::span<const double> values, std::size_t shortest) {
  const Values scores = ranks(values);
  Split best = split_of(values, scores, shortest), part;
  double parts = 0;
  for (std::size_t length = scores.size() / 2; length >= least_stretch; length /= 2) {
    for (std::size_t from = 0; from + length <= scores.size(); from += length / 2, ++parts) {
      const Split here = scan(std::span(scores).subspan(from, length), shortest);
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
             std::vector<Split>& out) {
  const auto stretch = std::span(values).subspan(from, to - from);
  Split split = best_split(stretch, options.shortest);
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

/// What lies far from all others in a stretch: jams among services.
struct Reach {
  double middle = 0, reach = 0;
  bool few = false;
};

Reach reach_of(std::span<const double> values) {
  Reach out{median(values), 0, false};
  Values away;
  for (const double x : values) away.push_back(std::abs(x - out.middle));
  out.reach = 10 * std::max({1.4826 * median(away), detect_resolution(values), 0.01 * std::abs(out.middle)});
  const auto far = std::count_if(away.begin(), away.end(), [&](double x) { return x > out.reach; });
  out.few = out.middle > 0 && 10 * far <= static_cast<std::ptrdiff_t>(values.size());
  return out;
}

/// Mean of a stretch with its variance, from n observations.
struct Level {
  double mean = nan, variance = nan, n = 0;
};

Level level_of(std::span<const double> values, std::span<const double> weights, const Reach& reach, bool aside,
               double resolution) {
  Values kept, of;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (aside && std::abs(values[i] - reach.middle) > reach.reach) continue;
    kept.push_back(values[i]);
    of.push_back(weights[i]);
  }
  const double weight = std::accumulate(of.begin(), of.end(), 0.0);
  Level out;
  out.n = static_cast<double>(kept.size());
  out.mean = std::inner_product(kept.begin(), kept.end(), of.begin(), 0.0) / weight;
  double square = 0;
  for (std::size_t i = 0; i < kept.size(); ++i) square += std::pow(of[i] * (kept[i] - out.mean), 2);
  out.variance = square / (weight * weight) * out.n / (out.n - 1) * correlation_factor(kept, kept.size() / 2);
  out.variance = std::max(out.variance, resolution * resolution / 12 / out.n);  // rounding may make all equal
  return out;
}

Bounds ratio(const Level& before, const Level& after, double level) {
  Bounds out{after.mean / before.mean, nan, nan, level};
  if (!(before.mean > 0 && after.mean > 0)) return out;
  const double a = before.variance / (before.mean * before.mean), b = after.variance / (after.mean * after.mean);
  if (!(a + b > 0)) return {out.estimate, out.estimate, out.estimate, level};
  const double freedom = (a + b) * (a + b) / (a * a / (before.n - 1) + b * b / (after.n - 1));
  const double half = student_quantile((1 + level) / 2, freedom) * std::sqrt(a + b);
  out.low = out.estimate * std::exp(-half);
  out.high = out.estimate * std::exp(half);
  return out;
}

/// When a watch with the last stretch as its reference alarms.
std::size_t alarmed_after(std::span<const double> before, std::span<const double> after, Cusum::Side side, double steady_run) {
  SteadyWatch watch(before.last(std::min<std::size_t>(before.size(), 1000)), steady_run);
  for (const double x : after) {
    const Cusum::Side here = watch.add(x);
    if (here != Cusum::Side::neither) return here == side ? watch.count() : Drift::never;
  }
  return Drift::never;
}

/// The change at `at` between two stretches.
Drift describe(const Series& series, std::size_t from, std::size_t at, std::size_t to, const DriftOptions& options) {
  const auto values = std::span(series.value), weights = std::span(series.weight);
  const auto old = values.subspan(from, at - from), young = values.subspan(at, to - at);
  const auto old_weights = weights.subspan(from, at - from), young_weights = weights.subspan(at, to - at);
  const Reach old_reach = reach_of(old), young_reach = reach_of(young);
  const bool aside = series.of->kind == DriftKind::service && old_reach.few && young_reach.few;
  const double resolution = detect_resolution(values.subspan(from, to - from));
  const Level before = level_of(old, old_weights, old_reach, aside, resolution),
              after = level_of(young, young_weights, young_reach, aside, resolution);
  const auto count = [](std::span<const double> of) {
    return static_cast<std::size_t>(std::accumulate(of.begin(), of.end(), 0.0));
  };
  const DriftSeries& of = *series.of;
  const double time_s = series.time_s[at];
  const std::size_t n_before = count(old_weights), n_after = count(young_weights);
  const Bounds change = of.reciprocal ? ratio(after, before, options.interval) : ratio(before, after, options.interval);
  const double first = of.reciprocal ? 1 / before.mean : before.mean, then = of.reciprocal ? 1 / after.mean : after.mean;
  return {of.kind, of.subject, time_s, first, then, change, 1, n_before, n_after, Drift::never, of.unit};
}

double size(const Drift& drift) { return std::abs(drift.after - drift.before) / std::abs(drift.before); }

std::size_t alarmed_after(const Series& series, const Drift& drift, std::size_t from, std::size_t at, std::size_t to,
                          const DriftOptions& options) {
  const auto values = std::span(series.value);
  const bool above = (drift.after > drift.before) != series.of->reciprocal;
  return alarmed_after(values.subspan(from, at - from), values.subspan(at, to - at),
                       above ? Cusum::Side::above : Cusum::Side::below, options.steady_run);
}

/// Of a series too short for ranks: as a step or a large shift.
Split short_split(std::span<const double> values) {
  Split best = step(values);
  if (const Split other = shift(values); other.p_value < best.p_value) best = other;
  best.p_value = std::min(1.0, 2 * best.p_value);
  return best;
}

/// The step of a series too short for ranks, if there is one.
std::vector<Drift> short_drifts(const Series& series, double limit, double holm, const DriftOptions& options) {
  const Split split = short_split(series.value);
  if (split.at == 0 || split.p_value > limit) return {};
  const std::size_t n = series.value.size();
  Drift drift = describe(series, 0, split.at, n, options);
  if (size(drift) < options.least_change) return {};
  drift.p_value = std::min(1.0, split.p_value * holm);
  drift.alarmed_after = alarmed_after(series, drift, 0, split.at, n, options);
  return {drift};
}

bool too_short_for_ranks(const Series& series, const DriftOptions& options) {
  return series.value.size() < std::max(options.fewest, 2 * options.shortest);
}

/// The drifts of a series: its splits, each tested again between its neighbours and moved to its best place.
std::vector<Drift> drifts(const Series& series, double limit, double holm, const DriftOptions& options) {
  std::vector<Split> splits;
  const std::size_t n = series.value.size();
  segment(series.value, 0, n, 1, limit, options, splits);
  for (std::size_t i = 0; i < splits.size();) {
    const std::size_t from = i > 0 ? splits[i - 1].at : 0, to = i + 1 < splits.size() ? splits[i + 1].at : n;
    const auto stretch = std::span(series.value).subspan(from, to - from);
    const Split again = split_of(stretch, ranks(stretch), options.shortest);
    if (again.p_value > limit) {
      splits.erase(splits.begin() + static_cast<std::ptrdiff_t>(i));
      i = i > 0 ? i - 1 : 0;
      continue;
    }
    splits[i++].at = from + refined(stretch, again.at, std::min({options.shortest, again.at, stretch.size() - again.at}));
  }
  // of changes that are too small the least goes first, as it may be part of a larger one
  const auto at = [&](std::size_t i) { return i == 0 ? 0 : i > splits.size() ? n : splits[i - 1].at; };
  const auto described = [&](std::size_t i) { return describe(series, at(i), at(i + 1), at(i + 2), options); };
  std::vector<Drift> out;
  for (std::size_t i = 0; i < splits.size(); ++i) out.push_back(described(i));
  while (!out.empty()) {
    const auto least = std::min_element(out.begin(), out.end(), [](const Drift& a, const Drift& b) { return size(a) < size(b); });
    if (!(size(*least) < options.least_change)) break;
    const std::ptrdiff_t i = least - out.begin();
    splits.erase(splits.begin() + i);
    out.erase(least);
    for (std::ptrdiff_t k = std::max<std::ptrdiff_t>(i - 1, 0); k <= i && k < std::ssize(out); ++k)
      out[static_cast<std::size_t>(k)] = described(static_cast<std::size_t>(k));
  }
  const auto values = std::span(series.value);
  const bool two_values = std::all_of(values.begin(), values.end(), [](double x) { return x == 0 || x == 1; });
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i].p_value = std::min(1.0, splits[i].p_value * holm);
    if (two_values) continue;
    out[i].alarmed_after = alarmed_after(series, out[i], at(i), at(i + 1), at(i + 2), options);
  }
  return out;
}

}  // namespace

const char* const drift_kind_names[n_drift_kinds] = {"service", "failure rate", "repair", "yield", "energy", "arrivals"};

std::vector<Drift> find_drift(DriftKind kind, const std::string& subject, std::span<const double> time_s,
                              std::span<const double> values, const std::string& unit, const DriftOptions& options) {
  const DriftSeries given{kind, subject, unit, {time_s.begin(), time_s.end()}, {values.begin(), values.end()}, false};
  const Series series = in_order(given);
  if (too_short_for_ranks(series, options)) return short_drifts(series, options.level, 1, options);
  return drifts(series, options.level, 1, options);
}

std::vector<Drift> find_drifts(const std::vector<DriftSeries>& given, const DriftOptions& options) {
  std::vector<Series> all;
  for (const DriftSeries& series : given) all.push_back(in_order(series));
  std::vector<std::pair<double, const Series*>> order;
  for (const Series& series : all) {
    if (series.value.size() < fewest_of_step) continue;
    const Split split = too_short_for_ranks(series, options) ? short_split(series.value) : best_split(series.value, options.shortest);
    order.emplace_back(split.p_value, &series);
  }
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Drift> out;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const double holm = static_cast<double>(order.size() - i);
    if (order[i].first * holm > options.level) break;
    const Series& series = *order[i].second;
    for (Drift& drift : too_short_for_ranks(series, options) ? short_drifts(series, options.level / holm, holm, options)
                                                             : drifts(series, options.level / holm, holm, options))
      out.push_back(std::move(drift));
  }
  std::stable_sort(out.begin(), out.end(), [](const Drift& a, const Drift& b) { return a.time_s < b.time_s; });
  return out;
}

}  // namespace retwin
