// Changes in the series of a log: rank sums over seeded stretches, Holm over the subjects.
#include "core/telemetry/drift/drift.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "core/base/constants.hpp"
#include "core/stats/fit.hpp"
#include "core/stats/intervals.hpp"
#include "core/telemetry/drift/splits.hpp"

namespace retwin {

namespace {

/// A series in order of time; observations at one stamp are one.
struct Series {
  const DriftSeries* of = nullptr;
  Values time_s, value, weight;
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

/// The step of a series too short for ranks, if there is one.
std::vector<Drift> short_drifts(const Series& series, double limit, double holm, const DriftOptions& options) {
  const SeriesSplit split = short_split(series.value);
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
  std::vector<SeriesSplit> splits;
  const std::size_t n = series.value.size();
  segment(series.value, 0, n, 1, limit, options, splits);
  for (std::size_t i = 0; i < splits.size();) {
    const std::size_t from = i > 0 ? splits[i - 1].at : 0, to = i + 1 < splits.size() ? splits[i + 1].at : n;
    const auto stretch = std::span(series.value).subspan(from, to - from);
    const SeriesSplit again = split_of(stretch, ranks(stretch), options.shortest);
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
    const SeriesSplit split = too_short_for_ranks(series, options) ? short_split(series.value) : best_split(series.value, options.shortest);
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
