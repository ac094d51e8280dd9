// The distribution of interval-censored delays on the values that were seen, by repeated redistribution.
#include "core/telemetry/work/delays.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "core/telemetry/log/event_log.hpp"

namespace retwin {
namespace {

constexpr std::size_t few = 10;
constexpr int most_rounds = 300;
constexpr double settled = 1e-6;

/// Values seen, and how much of all delays has each.
class Seen {
 public:
  explicit Seen(std::span<const DelayBounds> delays) : n_(static_cast<double>(delays.size())) {
    std::vector<double> exact;
    std::vector<DelayBounds> narrow;
    for (const DelayBounds& d : delays)
      if (d.exact()) exact.push_back(d.low_s);
      else if (d.low_s > 0) narrow.push_back(d);
    if (exact.size() < few) {  // the narrowest bounds stand for values
      std::sort(narrow.begin(), narrow.end(),
                [](const DelayBounds& a, const DelayBounds& b) { return a.high_s - a.low_s < b.high_s - b.low_s; });
      if (narrow.size() > few) narrow.resize(std::max(few, narrow.size() / 5));
      for (const DelayBounds& d : narrow) exact.push_back(0.5 * (d.low_s + d.high_s));
    }
    std::sort(exact.begin(), exact.end());
    for (const double x : exact) {
      if (values_.empty() || x > values_.back() + stamp_instant_s) values_.push_back(x), count_.push_back(0);
      count_.back() += 1;
    }
    weight_ = count_;
  }
  /// Numbers of the first value within the bounds, and of the first beyond them.
  std::pair<std::size_t, std::size_t> within(const DelayBounds& d) const {
    const auto first = std::lower_bound(values_.begin(), values_.end(), d.low_s - stamp_instant_s);
    const auto last = std::upper_bound(first, values_.end(), d.high_s + stamp_instant_s);
    return {static_cast<std::size_t>(first - values_.begin()), static_cast<std::size_t>(last - values_.begin())};
  }
  /// Of the values beside bounds that admit none, before number `next` and from it on, the nearer; the lower bound without any value.
  double nearest(std::size_t next, const DelayBounds& d) const {
    if (values_.empty()) return d.low_s;
    if (next == values_.size()) return values_.back();
    return next == 0 || values_[next] - d.high_s < d.low_s - values_[next - 1] ? values_[next] : values_[next - 1];
  }
  /// Gives each delay's share to the values that it can have, in proportion to their weights. Returns the largest change.
  double redistribute(const std::vector<std::pair<std::size_t, std::size_t>>& ranges) {
    accumulate();
    std::vector<double> step(values_.size() + 1, 0);
    for (const auto& [from, to] : ranges) {
      const double sum = up_to_[to] - up_to_[from];
      if (!(sum > 0)) continue;
      step[from] += 1 / sum;
      step[to] -= 1 / sum;
    }
    double factor = 0, change = 0;
    for (std::size_t k = 0; k < values_.size(); ++k) {
      factor += step[k];
      const double next = count_[k] + weight_[k] * factor;
      change = std::max(change, std::abs(next - weight_[k]));
      weight_[k] = next;
    }
    return change / n_;
  }
  void accumulate() {
    up_to_.assign(1, 0);
    for (const double w : weight_) up_to_.push_back(up_to_.back() + w);
  }
  /// The value below which `part` of the weight of a range lies.
  double at(const std::pair<std::size_t, std::size_t>& range, double part) const {
    const auto [from, to] = range;
    const double target = up_to_[from] + part * (up_to_[to] - up_to_[from]);
    const auto place = std::upper_bound(up_to_.begin() + static_cast<std::ptrdiff_t>(from) + 1,
                                        up_to_.begin() + static_cast<std::ptrdiff_t>(to), target);
    return values_[static_cast<std::size_t>(place - up_to_.begin()) - 1];
  }

 private:
  double n_;
  std::vector<double> values_, count_, weight_, up_to_;
};

}  // namespace

std::vector<double> likely_delays(std::span<const DelayBounds> delays) {
  Seen seen(delays);
  std::vector<std::pair<std::size_t, std::size_t>> ranges;
  for (const DelayBounds& d : delays)
    if (!d.exact())
      if (const auto range = seen.within(d); range.first < range.second) ranges.push_back(range);
  for (int round = 0; round < most_rounds && !ranges.empty(); ++round)
    if (seen.redistribute(ranges) < settled) break;
  seen.accumulate();
  std::vector<double> result;
  double part = 0;
  for (const DelayBounds& d : delays) {
    double value = d.low_s;
    if (!d.exact()) {
      part = std::fmod(part + 0.6180339887498949, 1);  // the golden section spreads evenly
      const auto range = seen.within(d);
      value = std::clamp(range.first < range.second ? seen.at(range, part) : seen.nearest(range.first, d), d.low_s, d.high_s);
    }
    result.push_back(value);
  }
  return result;
}

}  // namespace retwin
