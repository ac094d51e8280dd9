// How long a level was at each height: the spread over time behind the quantiles and the maximum of what a buffer holds.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "core/stats/octave_bins.hpp"

namespace retwin {

/// Time by level, in bins of 256 to an octave: whole numbers up to 512 each by themselves, else 0.2 to 0.4 % of the level. Less than
/// about 1e-3 counts as 0, more than 1e9 as 1e9. Only the bins between the lowest and the highest level seen take memory. Like the
/// accumulators beside it, the difference of two readings is the window between.
class LevelTimes {
 public:
  static constexpr double lowest = 0x1.0p-10, highest = 0x1.0p30;
  using Bins = OctaveBins<double, 8>;

  void add(double level, double stay_s) {
    integral_ += level * stay_s;
    if (level >= lowest) bins_.at(Bins::bin(std::min(level, highest))) += stay_s;
    else none_s_ += stay_s;
  }
  double total_s() const {
    double sum = none_s_;
    for (const double stay_s : bins_.counts()) sum += stay_s;
    return sum;
  }
  /// level x time, exact.
  double integral() const { return integral_; }
  /// The lowest level that a share p of the time does not exceed, to the lower end of its bin. NaN without time.
  double quantile(double p) const {
    const double total = total_s(), wanted = (p - 1e-12) * total;
    double passed = none_s_;
    if (!(total > 0)) return std::numeric_limits<double>::quiet_NaN();
    if (passed >= wanted) return 0;
    for (std::size_t i = 0; i < bins_.size(); ++i)
      if ((passed += bins_[i]) >= wanted && bins_[i] > 0) return bins_.low(i);
    return maximum();
  }
  /// The highest level that lasted for any time, to the lower end of its bin.
  double maximum() const {
    for (std::size_t i = bins_.size(); i-- > 0;)
      if (bins_[i] > 0) return bins_.low(i);
    return 0;
  }

  /// What came after `earlier`, a copy of this as it was.
  LevelTimes operator-(const LevelTimes& earlier) const {
    LevelTimes window = *this;
    window.integral_ -= earlier.integral_;
    window.none_s_ -= earlier.none_s_;
    window.bins_ -= earlier.bins_;
    return window;
  }
  /// Whether bins lie where they can, and every time `is` one.
  template <class Is>
  bool sound(Is is) const {
    constexpr std::uint64_t low = Bins::bin(lowest), high = Bins::bin(highest);
    const std::uint64_t first = bins_.first();
    const bool in_range = bins_.size() == 0 || (first >= low && first <= high && bins_.size() <= high - first + 1);
    return in_range && is(integral_) && is(none_s_) && std::all_of(bins_.counts().begin(), bins_.counts().end(), is);
  }
  /// Shows its parts to an archive that writes them or reads them back.
  template <class Self, class Archive>
  static void visit(Self& self, Archive& archive) {
    archive(self.integral_);
    archive(self.none_s_);
    Bins::visit(self.bins_, archive);
  }

 private:
  double integral_ = 0, none_s_ = 0;
  Bins bins_;
};

/// Time in which there was at least one of some things.
class AnyTime {
 public:
  void come(double now_s) {
    if (count_++ == 0) since_s_ = now_s;
  }
  void go(double now_s) {
    if (--count_ == 0) total_s_ += now_s - since_s_;
  }
  std::uint64_t count() const { return count_; }
  double value(double now_s) const { return total_s_ + (count_ > 0 ? now_s - since_s_ : 0); }
  /// They are counted again: what is before `recounted`.
  void forget() { count_ = 0; }
  /// Having been counted again at this instant, it goes on from what it was.
  void recounted(const AnyTime& before, double now_s) {
    if (before.count_ == 0) return;
    total_s_ = count_ > 0 ? before.total_s_ : before.value(now_s);
    since_s_ = before.since_s_;
  }

 private:
  double total_s_ = 0, since_s_ = 0;
  std::uint64_t count_ = 0;
};

}  // namespace retwin
