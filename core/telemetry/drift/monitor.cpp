// The alarm while observations come in: rare ones in a row, and a CUSUM of limited values.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "core/stats/fit.hpp"
#include "core/stats/tally.hpp"
#include "core/telemetry/drift/drift.hpp"

namespace retwin {

namespace {

constexpr double powers[] = {1, 0.5, 0.25, 0};
constexpr double pessimism = 1.96;        // of location and scale: their 97.5 % bounds
constexpr double unseen = 0.227;          // median of Jeffreys' posterior of a rate that was never seen, times observations
constexpr double least_scale = 0.01;      // share of the location: smaller shifts are no drift
constexpr double far_out = 4, limit = 3;  // [scale]
constexpr double soonest_shift = 1;       // that the CUSUM detects soonest [sd]
constexpr double nearly_constant = 0.05;  // scale over location
constexpr double rare_then = 0.04;        // chance of each of three in a row that agree with each other, if nearly constant
constexpr double normal_decile = 1.2815515655446004;

double powered(double x, double power) { return power > 0 ? std::pow(x, power) : std::log(x); }

double quantile(const std::vector<double>& sorted, double p) {
  const double at = p * static_cast<double>(sorted.size() - 1);
  const auto i = static_cast<std::size_t>(at);
  const double part = at - static_cast<double>(i);
  return i + 1 < sorted.size() ? sorted[i] + part * (sorted[i + 1] - sorted[i]) : sorted[i];
}

double normal_tail(double z) { return std::erfc(z / std::sqrt(2.0)) / 2; }

/// Long-run over short-run standard deviation from the first lags; at least 1.
double persistence(const std::vector<double>& values) {
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  double square = 0, product = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    square += (values[i] - mean) * (values[i] - mean);
    for (std::size_t lag = 1; lag <= 3 && lag <= i; ++lag) product += (values[i] - mean) * (values[i - lag] - mean);
  }
  return square > 0 ? std::sqrt(std::max(1.0, 1 + 2 * product / square)) : 1;
}

}  // namespace

SteadyWatch::SteadyWatch(std::span<const double> reference, double steady_run) {
  const auto finite = [](double x) { return std::isfinite(x); };
  if (reference.size() < 2 || !std::all_of(reference.begin(), reference.end(), finite))
    throw std::invalid_argument("a reference needs two or more finite values");
  choose_power(reference);
  std::vector<double> values;
  for (const double x : reference) values.push_back(transformed(x));
  reference_ = values;
  std::sort(reference_.begin(), reference_.end());
  const double n = static_cast<double>(values.size()), root = std::sqrt(n);
  location_ = quantile(reference_, 0.5);
  const double around = power_ == 1 ? location_ : power_ > 0 ? std::pow(location_, 1 / power_) : std::exp(location_);
  const double slope = power_ == 1 ? 1 : power_ > 0 ? power_ * std::pow(around, power_ - 1) : 1 / around;
  const double spread = (quantile(reference_, 0.9) - quantile(reference_, 0.1)) / (2 * normal_decile);
  // equal values tell no resolution; of rounded ones neighbours may come that the reference does not show
  rounding_ = reference_.front() < reference_.back() ? detect_resolution(reference) : 0;
  const double floor = slope * std::max(least_scale * std::abs(around), rounding_ / root);
  scale_ = std::max({spread, floor, 1e-300});
  for (double& y : values) y = limited(y);
  const double persistent = persistence(values);
  scale_ = std::max({spread * persistent * (1 + pessimism * 1.05 / root), floor, 1e-300});
  doubt_ = pessimism * 1.2533 / root;

  Tally tally;
  for (const double y : reference_) tally.add(limited(y));
  mean_ = tally.mean();
  sd_ = std::max(tally.sd() * persistent * (1 + pessimism * 0.71 / root), 1.0);
  allowance_ = soonest_shift / 2 + pessimism / root;
  threshold_ = cusum_threshold(soonest_shift / 2, steady_run);
  for (std::size_t i = 0; i < n_runs; ++i)
    rare_[i] = std::pow((i == 0 ? 4 : 8) * steady_run, -1 / static_cast<double>(first_run + i));
  tight_ = power_ == 1 && scale_ <= nearly_constant * std::abs(location_);
  if (tight_) rare_[0] = rare_then;
}

/// The power that brings the deciles of the reference nearest to symmetry.
void SteadyWatch::choose_power(std::span<const double> reference) {
  std::vector<double> sorted(reference.begin(), reference.end());
  std::sort(sorted.begin(), sorted.end());
  const double low = quantile(sorted, 0.1), middle = quantile(sorted, 0.5), high = quantile(sorted, 0.9);
  if (sorted.front() <= 0 || high <= 1.2 * low) return;
  double least = std::numeric_limits<double>::infinity();
  for (const double power : powers) {
    const double a = powered(low, power), b = powered(middle, power), c = powered(high, power);
    const double skewness = std::abs((a + c - 2 * b) / (c - a));
    if (skewness < least) least = skewness, power_ = power;
  }
}

double SteadyWatch::transformed(double x) const { return power_ == 1 ? x : powered(std::max(x, 1e-300), power_); }

double SteadyWatch::limited(double y) const { return std::clamp((y - location_) / scale_, -limit, limit); }

/// Of an observation at least as far out as y, on the side +1 or -1.
double SteadyWatch::chance(double y, int side) const {
  const double z = side * (y - location_) / scale_;
  if (z <= 0) return 1;
  const double edge = location_ + side * std::min(z * scale_, far_out * scale_ + rounding_);
  const double tiny = side * 1e-9 * std::abs(edge);
  const auto beyond = side > 0 ? reference_.end() - std::lower_bound(reference_.begin(), reference_.end(), edge - tiny)
                               : std::upper_bound(reference_.begin(), reference_.end(), edge - tiny) - reference_.begin();
  const double share = (static_cast<double>(beyond) + unseen) / static_cast<double>(reference_.size());
  return std::max(normal_tail(z - doubt_), share);
}

/// Three observations in a row that are a level of their own rather than three jams.
bool SteadyWatch::agree() const {
  const auto [low, high] = std::minmax_element(last_.begin(), last_.end());
  const double middle = last_[0] + last_[1] + last_[2] - *low - *high;
  return !tight_ || *high - *low <= std::max(far_out * scale_, std::abs(middle - location_) / 2) + rounding_;
}

void SteadyWatch::alarm(int side, std::size_t at) {
  if (alarm_ != Cusum::Side::neither) return;
  alarm_ = side > 0 ? Cusum::Side::above : Cusum::Side::below;
  changed_at_ = at;
}

Cusum::Side SteadyWatch::add(double x) {
  if (alarm_ != Cusum::Side::neither || !std::isfinite(x)) return alarm_;
  ++count_;
  const double y = transformed(x), u = std::clamp((limited(y) - mean_) / sd_, -limit, limit);
  last_[count_ % first_run] = y;
  for (const int side : {1, -1}) {
    const std::size_t s = side > 0 ? 0 : 1;
    const double rare = chance(y, side);
    for (std::size_t i = 0; i < n_runs; ++i) {
      runs_[s][i] = rare <= rare_[i] ? runs_[s][i] + 1 : 0;
      if (runs_[s][i] >= first_run + i && (i > 0 || agree())) alarm(side, count_ - runs_[s][i]);
    }
    sums_[s] = std::max(0.0, sums_[s] + side * u - allowance_);
    if (sums_[s] == 0) since_[s] = count_;
    if (sums_[s] > threshold_) alarm(side, since_[s]);
  }
  return alarm_;
}

DriftMonitor::DriftMonitor(const EventLog& reference, std::span<const double> service_s, const DriftOptions& options)
    : options_(options) {
  if (!service_s.empty() && service_s.size() != reference.events.size())
    throw std::invalid_argument("as many service times as events are needed");
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::pair<std::vector<double>, std::vector<double>>> series;
  std::map<std::uint32_t, std::size_t> resources;
  for (std::size_t i = 0; i < reference.events.size(); ++i) {
    const LogEvent& event = reference.events[i];
    auto& [times, values] = series[{event.activity, event.resource}];
    if (times.empty()) ++resources[event.activity];
    const double value = service_s.empty() ? event.end_s - event.start_s : service_s[i];
    if (!std::isfinite(value) || (!times.empty() && times.back() == event.start_s)) continue;
    times.push_back(event.start_s);
    values.push_back(value);
  }
  for (const auto& [key, of] : series) {
    const std::string activity = reference.activities[key.first];
    const std::string resource = key.second == Names::absent ? "" : reference.resources[key.second];
    Subject& subject = subjects_[{activity, resource}];
    subject.name = resources[key.first] > 1 && !resource.empty() ? activity + " / " + resource : activity;
    std::span<const double> steady = of.second;
    const auto drifts = find_drift(DriftKind::service, subject.name, of.first, of.second, "s", options_);
    if (!drifts.empty()) {
      const auto at = std::lower_bound(of.first.begin(), of.first.end(), drifts.back().time_s) - of.first.begin();
      steady = steady.subspan(static_cast<std::size_t>(at));
    }
    if (steady.size() >= options_.reference) {
      subject.watch.emplace(steady, options_.steady_run);
    } else {
      subject.learning.assign(steady.begin(), steady.end());
    }
  }
}

std::optional<DriftAlarm> DriftMonitor::add(const std::string& activity, const std::string& resource, double time_s,
                                            double service_s) {
  Subject& subject = subjects_[{activity, resource}];
  if (subject.name.empty()) subject.name = resource.empty() ? activity : activity + " / " + resource;
  if (!std::isfinite(service_s) || time_s == subject.last_s) return std::nullopt;
  subject.last_s = time_s;
  if (!subject.watch) {
    subject.learning.push_back(service_s);
    if (subject.learning.size() >= std::max<std::size_t>(2, options_.reference)) {
      subject.watch.emplace(subject.learning, options_.steady_run);
      subject.learning.clear();
    }
    return std::nullopt;
  }
  SteadyWatch& watch = *subject.watch;
  subject.times.push_back(time_s);
  const Cusum::Side side = watch.add(service_s);
  if (side == Cusum::Side::neither) return std::nullopt;
  const std::size_t n = watch.count(), at = watch.changed_at();
  DriftAlarm alarm{subject.name, time_s, n, subject.times[at], n - at, side};
  subject.watch.reset();
  subject.times.clear();
  return alarm;
}

}  // namespace retwin
