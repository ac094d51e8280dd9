// Changes in a series: PELT over sums, and the tabular CUSUM.
#include "core/stats/change_point.hpp"

#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <stdexcept>

#include "core/base/constants.hpp"
#include "core/stats/fit.hpp"
#include "core/stats/tally.hpp"

namespace retwin {

namespace {

constexpr std::size_t most_places = 5000;

/// Costs of segments in constant time, from running sums about the mean.
class Costs {
 public:
  Costs(std::span<const double> values, SegmentLaw law) : law_(law), sums_(values.size() + 1), squares_(values.size() + 1) {
    Tally tally;
    for (const double x : values) tally.add(x);
    centre_ = tally.mean();
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double away = values[i] - centre_;
      sums_[i + 1] = sums_[i] + away;
      squares_[i + 1] = squares_[i] + away * away;
    }
    const double resolution = detect_resolution(values);
    const double tiny = 1e-9 * std::max(std::abs(centre_), 1e-300);
    floor_ = std::max({resolution * resolution / 12, tiny * tiny, tally.count() > 1 ? 1e-12 * tally.variance() : 0.0});
  }

  double mean(std::size_t from, std::size_t to) const {
    return centre_ + (sums_[to] - sums_[from]) / static_cast<double>(to - from);
  }
  /// Minus twice the largest log-likelihood of the observations from ... to - 1, up to a constant per observation.
  double operator()(std::size_t from, std::size_t to) const {
    const double n = static_cast<double>(to - from);
    if (law_ == SegmentLaw::normal) {
      const double sum = sums_[to] - sums_[from];
      const double variance = std::max(0.0, (squares_[to] - squares_[from] - sum * sum / n) / n),
                   kept = std::max(variance, floor_);
      return n * (std::log(kept) + variance / kept);
    }
    const double m = std::max(mean(from, to), std::sqrt(floor_));
    return law_ == SegmentLaw::exponential ? 2 * n * (std::log(m) + 1) : 2 * n * m * (1 - std::log(m));
  }
  int parameters() const { return law_ == SegmentLaw::normal ? 2 : 1; }

 private:
  SegmentLaw law_;
  double centre_ = 0, floor_ = 0;
  std::vector<double> sums_, squares_;
};

void check(std::span<const double> values, SegmentLaw law) {
  for (const double x : values) {
    if (!std::isfinite(x)) throw std::invalid_argument("a series must be finite to be searched for changes");
    if (x < 0 && law != SegmentLaw::normal) throw std::invalid_argument("times between events and counts are not negative");
  }
}

/// Starts of the segments of least total cost, 0 left out. Places are multiples of `step`, and the end.
std::vector<std::size_t> segment(const Costs& cost, std::size_t n, std::size_t step, std::size_t shortest, double penalty) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < n; i += step) places.push_back(i);
  places.push_back(n);
  const std::size_t m = places.size();
  std::vector<double> least(m, infinity);
  std::vector<std::size_t> last(m, 0), open{0};
  least[0] = -penalty;
  // the logarithm of the length may make two segments dearer than one by up to log n, so pruning is that much later
  const double slack = std::log(static_cast<double>(n));
  std::vector<double> costs;
  for (std::size_t t = 1; t < m; ++t) {
    costs.assign(open.size(), infinity);
    for (std::size_t k = 0; k < open.size(); ++k) {
      const std::size_t from = places[open[k]], length = places[t] - from;
      if (length < shortest) continue;
      costs[k] = least[open[k]] + cost(from, places[t]) + std::log(static_cast<double>(length));
      if (costs[k] + penalty < least[t]) least[t] = costs[k] + penalty, last[t] = open[k];
    }
    std::size_t kept = 0;
    for (std::size_t k = 0; k < open.size(); ++k) {
      if (costs[k] == infinity || costs[k] <= least[t] + slack) open[kept++] = open[k];
    }
    open.resize(kept);
    if (least[t] < infinity) open.push_back(t);
  }
  std::vector<std::size_t> starts;
  for (std::size_t t = m - 1; last[t] != 0; t = last[t]) starts.push_back(places[last[t]]);
  std::reverse(starts.begin(), starts.end());
  return starts;
}

}  // namespace

std::vector<ChangePoint> change_points(std::span<const double> values, const ChangePointOptions& options) {
  check(values, options.law);
  const std::size_t n = values.size(), shortest = std::max<std::size_t>(2, options.shortest);
  if (n < 2 * shortest) return {};
  const Costs cost(values, options.law);
  const double penalty =
      std::isnan(options.penalty) ? (cost.parameters() + 2) * std::log(static_cast<double>(n)) : options.penalty;
  const std::size_t step = (n + most_places - 1) / most_places;
  std::vector<std::size_t> edges{0};
  for (const std::size_t start : segment(cost, n, step, shortest, penalty)) edges.push_back(start);
  edges.push_back(n);
  std::vector<ChangePoint> out;
  for (std::size_t i = 1; i + 1 < edges.size(); ++i) {
    const std::size_t from = edges[i - 1], to = edges[i + 1];
    if (step > 1) {
      const std::size_t first = std::max(from + shortest, edges[i] - std::min(edges[i], step)),
                        end = std::min(to - shortest, edges[i] + step);
      for (std::size_t at = first; at <= end; ++at) {
        if (cost(from, at) + cost(at, to) < cost(from, edges[i]) + cost(edges[i], to)) edges[i] = at;
      }
    }
    ChangePoint change{edges[i], cost.mean(from, edges[i]), cost.mean(edges[i], to), 0, 1};
    change.gain = std::max(0.0, cost(from, to) - cost(from, edges[i]) - cost(edges[i], to));
    const double tail = boost::math::gamma_q(cost.parameters() / 2.0, change.gain / 2);
    change.p_value = std::min(1.0, tail * static_cast<double>(to - from));
    out.push_back(change);
  }
  return out;
}

double cusum_threshold(double allowance, double steady_run) {
  // one-sided run length (exp(2 k b) - 2 k b - 1) / (2 k^2) with b = h + 1.166; both sides together halve it
  const auto run = [allowance](double h) {
    const double y = 2 * allowance * (h + 1.166);
    return (std::expm1(y) - y) / (2 * allowance * allowance) / 2;
  };
  double low = 0, high = 1;
  while (run(high) < steady_run) high *= 2;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (run(middle) < steady_run ? low : high) = middle;
  }
  return high;
}

Cusum::Cusum(std::span<const double> reference, const Options& options) : logarithm_(options.logarithm) {
  std::vector<double> values(reference.begin(), reference.end());
  const bool usable =
      std::all_of(values.begin(), values.end(), [this](double x) { return std::isfinite(x) && (!logarithm_ || x > 0); });
  if (values.size() < 2 || !usable)
    throw std::invalid_argument("a reference needs two or more finite values (positive for logarithms)");
  if (!(options.shift > 0) || !(options.steady_run > 1)) throw std::invalid_argument("shift and steady run must be positive");
  Tally tally;
  for (double& x : values) {
    if (logarithm_) x = std::log(x);
    tally.add(x);
  }
  const auto median = [](std::vector<double>& of) {
    std::sort(of.begin(), of.end());
    return (of[(of.size() - 1) / 2] + of[of.size() / 2]) / 2;
  };
  location_ = median(values);
  for (double& x : values) x = std::abs(x - location_);
  scale_ = 1.4826 * median(values);
  if (!(scale_ > 0)) scale_ = tally.sd();
  scale_ = std::max({scale_, options.least_scale * (logarithm_ ? 1 : std::abs(location_)), 1e-300});
  // the error of the reference is not known to be on either side; the threshold is that of the plain allowance
  allowance_ = options.shift / 2 + 1.2533 / std::sqrt(static_cast<double>(values.size()));
  threshold_ = cusum_threshold(options.shift / 2, options.steady_run);
}

Cusum::Side Cusum::add(double x) {
  if (logarithm_) x = std::log(std::max(x, 1e-300));
  const double most = 0.75 * threshold_, z = std::isnan(x) ? 0 : (x - location_) / scale_;
  ++count_;
  above_ = std::max(0.0, above_ + std::min(z - allowance_, most));
  below_ = std::max(0.0, below_ + std::min(-z - allowance_, most));
  if (above_ == 0) since_above_ = count_;
  if (below_ == 0) since_below_ = count_;
  if (alarm_ == Side::neither && above_ > threshold_) alarm_ = Side::above;
  if (alarm_ == Side::neither && below_ > threshold_) alarm_ = Side::below;
  return alarm_;
}

void Cusum::reset() {
  above_ = below_ = 0;
  since_above_ = since_below_ = count_;
  alarm_ = Side::neither;
}

}  // namespace retwin
