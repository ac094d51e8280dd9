// Services and delays of a calibration: what they depend on, and the distributions that fit them.
#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

#include "core/stats/intervals.hpp"
#include "core/stats/tally.hpp"
#include "core/telemetry/calibration/steps.hpp"

namespace retwin {

namespace {

/// Where a log has far more values than can matter for their distributions, they are gathered in fewer cells, 200,000 in all fits
/// (an estimate: some seconds), at least 800 in each.
FitOptions options_of(std::size_t fits, std::size_t values) {
  constexpr std::size_t all_cells = 200000, fewest = 800;
  FitOptions options;
  if (values > all_cells) options.most_cells = std::clamp(all_cells / std::max<std::size_t>(1, fits), fewest, options.most_cells);
  return options;
}

/// As many values, as often as they count.
std::vector<double> by_weight(const std::vector<double>& values, const std::vector<double>& weights) {
  const auto [least, most] = std::minmax_element(weights.begin(), weights.end());
  if (values.empty() || *most <= *least) return values;
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0), step = total / static_cast<double>(values.size());
  std::vector<double> result;
  double sum = 0;
  for (const std::size_t k : order) {
    sum += weights[k];
    while (result.size() < values.size() && (static_cast<double>(result.size()) + 0.5) * step <= sum) result.push_back(values[k]);
  }
  while (result.size() < values.size()) result.push_back(values[order.back()]);  // rounding
  return result;
}

/// How often what followed an activity counts: where the log was cut, by the inverse of the share of all that had the time for it (inverse
/// probability of censoring; Robins & Rotnitzky 1992).
class Followed {
 public:
  explicit Followed(const Calibration& c) : c_(c), ends_s_(c.log.activities.size()) {
    if (c.window.rule != WindowRule::cut || std::none_of(c.plans.begin(), c.plans.end(), [](const CasePlan& plan) { return plan.open; })) return;
    for (const LogEvent& event : c.log.events) ends_s_[event.activity].push_back(event.end_s);
    for (std::vector<double>& ends : ends_s_) std::sort(ends.begin(), ends.end());
  }
  double weight(const LogEvent& before, const LogEvent& event, double last_s) const {
    const std::vector<double>& ends = ends_s_[before.activity];
    const auto in_time = std::upper_bound(ends.begin(), ends.end(), last_s - (event.end_s - before.end_s)) - ends.begin();
    return (in_time > 0 ? static_cast<double>(ends.size()) / static_cast<double>(in_time) : 1) * c_.weight_of(event.lot);
  }

 private:
  const Calibration& c_;
  std::vector<std::vector<double>> ends_s_;  ///< by activity
};

}  // namespace

double find_case_effect(const Calibration& c) {
  std::vector<Tally> usual(c.log.activities.size());
  const auto value = [&](std::size_t k) {
    return std::log(std::max(1.0, c.waiting.operations[k].service_s / c.efforts.of_event(c.log, k)));
  };
  for (std::size_t k = 0; k < c.log.events.size(); ++k) usual[c.log.events[k].activity].add(value(k));
  std::vector<Tally> of_case(c.log.lots.size());
  Tally all;
  for (std::size_t k = 0; k < c.log.events.size(); ++k) {
    const Tally& activity = usual[c.log.events[k].activity];
    if (activity.count() < 5 || !(activity.sd() > 1e-6)) continue;
    const double z = (value(k) - activity.mean()) / activity.sd();
    of_case[c.log.events[k].lot].add(z);
    all.add(z);
  }
  double within = 0, between = 0, n = 0, groups = 0, squares = 0;
  for (const Tally& one : of_case) {
    const double size = static_cast<double>(one.count());
    if (size < 2) continue;
    groups += 1, n += size, squares += size * size;
    within += one.variance() * (size - 1);
    between += size * (one.mean() - all.mean()) * (one.mean() - all.mean());
  }
  if (groups < 5 || n <= groups) return 0;
  const double ms_within = within / (n - groups), ms_between = between / (groups - 1), size = (n - squares / n) / (groups - 1);
  const double f = ms_between / ms_within;
  return f < 1.5 ? 0 : (ms_between - ms_within) / (ms_between + (size - 1) * ms_within);
}

/// Values of each activity. Instants are no services where ends without a start were made such and most operations take time.
void fit_services(Calibration& c) {
  std::vector<std::vector<double>> values(c.log.activities.size()), weights(values.size());
  const std::vector<bool> follows = batch_followers(c.log, c.rules);
  for (std::size_t k = 0; k < c.log.events.size(); ++k) {
    if (follows[k]) continue;
    const LogEvent& event = c.log.events[k];
    values[event.activity].push_back(c.waiting.operations[k].service_s / c.efforts.of_event(c.log, k));
    weights[event.activity].push_back(c.weight_of(event.lot));
  }
  for (std::size_t activity = 0; activity < values.size(); ++activity) values[activity] = by_weight(values[activity], weights[activity]);
  constexpr std::ptrdiff_t fewest_whole = 5;  // that tell what an operation takes
  std::size_t made = 0, instant = 0;
  for (const LogFinding& f : c.log.findings) made += f.fault == LogFault::missing_start ? f.count - f.set_aside : 0;
  for (const LogEvent& event : c.log.events) instant += event.end_s > event.start_s ? 0 : 1;
  const bool all_made = 10 * made >= 9 * instant;  // what takes no time is what had no start
  const bool instants = std::any_of(c.log.findings.begin(), c.log.findings.end(),
                                    [](const LogFinding& f) { return f.fault == LogFault::missing_start; });
  for (std::vector<double>& own : values)
    if (const auto zeros = std::count(own.begin(), own.end(), 0.0); instants && (2 * zeros < std::ssize(own) || (all_made && zeros + fewest_whole <= std::ssize(own))))
      std::erase(own, 0.0);
  const FitOptions options = options_of(values.size(), c.log.events.size());
  for (std::uint32_t activity = 0; activity < values.size(); ++activity) {
    if (values[activity].empty()) continue;
    CalibratedService service;
    service.activity = activity;
    service.values = std::move(values[activity]);
    service.fit = fit_best(service.values, options);
    service.mean = bounds_of(service.values);
    c.services.push_back(std::move(service));
  }
}

void find_factors(Calibration& c) {
  std::vector<double> service, enabled;
  const std::vector<bool> follows = batch_followers(c.log, c.rules);
  for (std::size_t k = 0; k < c.log.events.size(); ++k) {
    service.push_back(follows[k] ? std::numeric_limits<double>::quiet_NaN() : c.waiting.operations[k].service_s);
    enabled.push_back(c.waiting.operations[k].enabled_s);
  }
  c.factors = find_service_factors(c.log, service, enabled);
  std::vector<std::string> also;
  for (const StationRule& rule : c.rules)
    if (rule.setup) also.push_back(rule.setup->column);
  c.efforts = Efforts(c.log, find_service_efforts(c.log, service, c.factors), also);
}

void fit_delays(Calibration& c) {
  std::vector<std::pair<std::uint64_t, std::uint32_t>> kinds;  // activities before and now, operation
  double seen = 0, late = 0;
  for (std::uint32_t k = 0; k < c.log.events.size(); ++k) {
    const OperationTimes& times = c.waiting.operations[k];
    if (times.first) continue;
    kinds.emplace_back(std::uint64_t{c.log.events[times.before].activity} << 32 | c.log.events[k].activity, k);
    if (times.seen) seen += 1, late += times.delay_s > 1 ? 1 : 0;
  }
  std::sort(kinds.begin(), kinds.end());
  const bool rare = late < 0.01 * seen;  // in the whole log: then they are believed only where most of a kind come late
  std::size_t all = 0;
  const Followed followed(c);
  const double last_s = c.log.last_s();
  for (auto from = kinds.begin(); from != kinds.end();) {
    const auto to = std::find_if(from, kinds.end(), [&](const auto& k) { return k.first != from->first; });
    const auto n_late = std::count_if(from, to, [&](const auto& k) { return c.waiting.operations[k.second].likely_delay_s > 1; });
    if (n_late >= 3 && static_cast<double>(n_late) >= (rare ? 0.5 : 0.02) * static_cast<double>(to - from)) {
      CalibratedDelay delay;
      delay.before = static_cast<std::uint32_t>(from->first >> 32);
      delay.activity = static_cast<std::uint32_t>(from->first);
      std::vector<double> weights;
      for (auto k = from; k != to; ++k) {
        const OperationTimes& times = c.waiting.operations[k->second];
        delay.values.push_back(times.likely_delay_s);
        delay.bounded += times.seen ? 0 : 1;
        weights.push_back(followed.weight(c.log.events[times.before], c.log.events[k->second], last_s));
      }
      delay.values = by_weight(delay.values, weights);
      all += delay.values.size();
      c.delays.push_back(std::move(delay));
    }
    from = to;
  }
  const FitOptions options = options_of(c.delays.size(), all);
  for (CalibratedDelay& delay : c.delays) delay.fit = fit_best(delay.values, options);
}

}  // namespace retwin
