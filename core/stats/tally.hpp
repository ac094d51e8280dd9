// Streaming accumulators: cheap to add to, read without being changed, and the difference of two readings is the window between.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/stats/octave_bins.hpp"

namespace retwin {

/// Count, mean and standard deviation of observations; sums are kept about the first value, so that a small spread around a large
/// mean is not lost (Chan, Golub & LeVeque, The American Statistician 37, 1983).
class Tally {
 public:
  void add(double x) {
    if (count_ == 0) shift_ = x;
    ++count_;
    const double away = x - shift_;
    sum_ += away;
    squares_ += away * away;
  }
  std::uint64_t count() const { return count_; }
  double total() const { return shift_ * static_cast<double>(count_) + sum_; }
  /// NaN if there is none.
  double mean() const { return shift_ + sum_ / static_cast<double>(count_); }
  /// Of the sample (n - 1); NaN below two observations.
  double variance() const {
    if (count_ < 2) return std::numeric_limits<double>::quiet_NaN();
    const double n = static_cast<double>(count_);
    return std::max(0.0, (squares_ - sum_ * (sum_ / n)) / (n - 1));
  }
  double sd() const { return std::sqrt(variance()); }

  /// What came after `earlier`, a copy of this tally as it was.
  Tally operator-(const Tally& earlier) const {
    Tally window = *this;
    window.count_ -= earlier.count_;
    window.sum_ -= earlier.sum_;
    window.squares_ -= earlier.squares_;
    return window;
  }
  /// Pools the observations of another tally.
  Tally& operator+=(const Tally& other) {
    if (count_ == 0) return *this = other;
    const double n = static_cast<double>(other.count_), by = other.shift_ - shift_;
    squares_ += other.squares_ + by * (2 * other.sum_ + n * by);
    sum_ += other.sum_ + n * by;
    count_ += other.count_;
    return *this;
  }

 private:
  std::uint64_t count_ = 0;
  double shift_ = 0, sum_ = 0, squares_ = 0;
};

/// Time integral of a level that changes in steps (lots in a queue, kW drawn). [level x s]
class LevelIntegral {
 public:
  constexpr LevelIntegral() = default;
  constexpr explicit LevelIntegral(double level, double now_s = 0) : level_(level), since_s_(now_s) {}
  void add(double now_s, double change) { set(now_s, level_ + change); }
  void set(double now_s, double level) {
    integral_ += level_ * (now_s - since_s_);
    since_s_ = now_s;
    level_ = level;
  }
  double level() const { return level_; }
  /// Time since the last change.
  double stay(double now_s) const { return now_s - since_s_; }
  /// Integral up to now (not before the last change); (value(end) - value(start)) / (end - start) is the time average between.
  double value(double now_s) const { return integral_ + level_ * (now_s - since_s_); }

 private:
  double level_ = 0, since_s_ = 0, integral_ = 0;
};

/// The same of a number of things that come and go, as the sum of the times they went less those they came: one addition a change.
/// Its rounding grows with level x time, so it is for levels whose integral is large against that.
class StayIntegral {
 public:
  void add(double now_s, double change) {
    level_ += change;
    signed_times_ -= change * now_s;
  }
  double level() const { return level_; }
  double value(double now_s) const { return signed_times_ + level_ * now_s; }

 private:
  double level_ = 0, signed_times_ = 0;
};

/// How observations are spread. As long as there are few different values (to the microsecond, if they are seconds) each is counted
/// by itself: quantiles of small samples, and of what takes one of a few values, are exact. Beyond that they are counts in fixed
/// bins whose width is 0.8 to 1.6 % of the value (64 to an octave), from about 1e-3 to 1e9; smaller values count as 0, larger ones
/// as the upper end. Only the bins between the smallest and largest value seen take memory.
class Histogram {
 public:
  static constexpr double lowest = 0x1.0p-10, highest = 0x1.0p30;
  using Bins = OctaveBins<std::uint64_t, 6>;
  static constexpr std::size_t most_values = 1000;  ///< that are counted by themselves

  void add(double x) {
    ++count_;
    if (binned_) {
      put(x, 1);
    } else {
      put_value(std::round(x * 1e6) / 1e6, 1);
    }
  }
  std::uint64_t count() const { return count_; }
  /// The p-quantile: the smallest value that a share p does not exceed, and half-way to the next where it is exactly that share
  /// (so that the median of two is their mean); in bins, interpolated. NaN if there is no observation.
  double quantile(double p) const {
    if (count_ == 0) return std::numeric_limits<double>::quiet_NaN();
    const double wanted = std::clamp(p, 0.0, 1.0) * static_cast<double>(count_);
    return binned_ ? quantile_in_bins(wanted) : quantile_of_values(wanted);
  }

  /// What came after `earlier`, a copy of this histogram as it was.
  Histogram operator-(const Histogram& earlier) const {
    Histogram window = *this;
    window.count_ -= earlier.count_;
    if (binned_ && !earlier.binned_) {
      for (const Value& value : earlier.values_) window.put(value.x, std::uint64_t{0} - value.count);
      return window;
    }
    window.under_ -= earlier.under_;
    window.over_ -= earlier.over_;
    window.bins_ -= earlier.bins_;
    for (const Value& value : earlier.values_)
      if (const auto it = window.find(value.x); it != window.values_.end()) it->count -= value.count;
    std::erase_if(window.values_, [](const Value& value) { return value.count == 0; });
    return window;
  }
  /// Pools the observations of another histogram.
  Histogram& operator+=(const Histogram& other) {
    count_ += other.count_;
    if (other.binned_) to_bins();
    under_ += other.under_;
    over_ += other.over_;
    bins_ += other.bins_;
    for (const Value& value : other.values_) binned_ ? put(value.x, value.count) : put_value(value.x, value.count);
    return *this;
  }

  /// Shows its parts to an archive that writes them or reads them back.
  template <class Self, class Archive>
  static void visit(Self& self, Archive& archive) {
    archive(self.count_);
    archive(self.binned_);
    archive(self.values_);
    archive(self.under_);
    archive(self.over_);
    Bins::visit(self.bins_, archive);
  }

 private:
  struct Value {
    double x;
    std::uint64_t count;
  };
  double quantile_of_values(double wanted) const {
    const double slack = 1e-9 * static_cast<double>(count_);
    double passed = 0;
    for (std::size_t i = 0; i + 1 < values_.size(); ++i) {
      passed += static_cast<double>(values_[i].count);
      if (wanted < passed - slack) return values_[i].x;
      if (wanted <= passed + slack) return (values_[i].x + values_[i + 1].x) / 2;
    }
    return values_.empty() ? 0 : values_.back().x;
  }
  double quantile_in_bins(double wanted) const {
    double passed = static_cast<double>(under_);
    if (under_ > 0 && wanted <= passed) return 0;
    for (std::size_t i = 0; i < bins_.size(); ++i) {
      const double here = static_cast<double>(bins_[i]);
      if (here > 0 && wanted <= passed + here) {
        const double low = bins_.low(i);
        return low + (bins_.low(i + 1) - low) * std::max(0.0, wanted - passed) / here;
      }
      passed += here;
    }
    return highest;
  }

  std::vector<Value>::iterator find(double x) {
    return std::lower_bound(values_.begin(), values_.end(), x, [](const Value& value, double y) { return value.x < y; });
  }
  void put_value(double x, std::uint64_t count) {
    const auto it = find(x);
    if (it != values_.end() && it->x == x) {
      it->count += count;
      return;
    }
    values_.insert(it, {x, count});
    if (values_.size() > most_values) to_bins();
  }
  void to_bins() {
    binned_ = true;
    for (const Value& value : values_) put(value.x, value.count);
    values_.clear();
    values_.shrink_to_fit();
  }
  void put(double x, std::uint64_t count) {
    if (!(x >= lowest)) {
      under_ += count;
    } else if (!(x < highest)) {
      over_ += count;
    } else {
      bins_.at(Bins::bin(x)) += count;
    }
  }

  std::uint64_t count_ = 0, under_ = 0, over_ = 0;
  bool binned_ = false;
  std::vector<Value> values_;  ///< in order, while they are few
  Bins bins_;
};

}  // namespace retwin
