// When did it change? Segments of a finished series, and an alarm for one that still grows.
#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace retwin {

/// What a segment is taken for.
enum class SegmentLaw : std::uint8_t {
  normal,       ///< mean and variance of its own
  exponential,  ///< rate of its own, for times between events
  poisson       ///< mean of its own, for counts
};

struct ChangePointOptions {
  SegmentLaw law = SegmentLaw::normal;
  /// Price of a change; NaN: (parameters of the law + 2) log n, with the logarithm of each segment's length in its cost the
  /// modified Bayesian criterion (after Zhang & Siegmund, Biometrics 63, 2007). [twice the log-likelihood]
  double penalty = std::numeric_limits<double>::quiet_NaN();
  std::size_t shortest = 5;  ///< least observations between changes, at least 2
};

struct ChangePoint {
  std::size_t index = 0;  ///< first observation of the new segment
  double mean_before = 0, mean_after = 0;
  double gain = 0;  ///< twice the log-likelihood ratio of the two segments against one
  /// Chi-square tail of the gain times the number of places it was chosen from; approximate, as the neighbours were chosen too.
  double p_value = 1;
};

/// Best segmentation under an additive cost: PELT (Killick, Fearnhead & Eckley, JASA 107, 2012), exact. Cost of a segment: minus
/// twice its largest log-likelihood plus the logarithm of its length.
/// The variance of a normal segment is not taken below that of rounding (resolution^2 / 12, see detect_resolution), or runs of
/// equal values would be segments of their own. Above 5,000 observations changes are first sought at 5,000 even places, from the
/// sums of all observations, then moved to the best place nearby.
/// @throws std::invalid_argument if a value is not finite, or negative under exponential or poisson.
std::vector<ChangePoint> change_points(std::span<const double> values, const ChangePointOptions& options = {});

/// Tells within a few observations that a mean has shifted: two-sided tabular CUSUM (Page, Biometrika 41, 1954; Montgomery,
/// Introduction to Statistical Quality Control, 2019, ch. 9) of (x - location) / scale. Location and scale of the steady state
/// are the median and 1.4826 x the median absolute deviation of a reference sample (the sd, if that is 0).
/// The threshold h follows from the wanted mean number of steady observations until a false alarm by Siegmund's approximation
/// (Sequential Analysis, 1985), for normal observations. The allowance k is half the shift to detect plus the standard error
/// 1.2533 / sqrt(n) of the reference median, or a slightly wrong reference would alarm by itself. A single observation counts for
/// at most 3/4 h: one outlier alone is no alarm.
class Cusum {
 public:
  struct Options {
    double shift = 1;            ///< to detect soonest [scale]
    double steady_run = 1e6;     ///< mean number of steady observations until a false alarm
    bool logarithm = false;      ///< of the observations, for skewed positive ones
    double least_scale = 0.001;  ///< scale is at least this share of the location, or constants would alarm at any change
  };
  enum class Side : std::int8_t { neither = 0, above = 1, below = -1 };

  /// @throws std::invalid_argument for less than two reference values, one that is not finite, or a logarithm of none positive.
  explicit Cusum(std::span<const double> reference) : Cusum(reference, Options()) {}
  Cusum(std::span<const double> reference, const Options& options);
  /// Next observation (NaN: none was made); the side on which the mean has left the steady state. Stays after an alarm until
  /// reset.
  Side add(double x);
  void reset();
  Side alarm() const { return alarm_; }
  std::size_t count() const { return count_; }
  /// Number of observations before the shift that is alarmed (or suspected) on that side.
  std::size_t changed_at(Side side) const { return side == Side::above ? since_above_ : since_below_; }
  double above() const { return above_; }  ///< sums, alarm at more than threshold() [scale]
  double below() const { return below_; }
  double threshold() const { return threshold_; }
  double allowance() const { return allowance_; }
  double location() const { return location_; }  ///< of the logarithm, if that is taken
  double scale() const { return scale_; }

 private:
  bool logarithm_ = false;
  double location_ = 0, scale_ = 1, allowance_ = 0.5, threshold_ = 0;
  double above_ = 0, below_ = 0;
  std::size_t count_ = 0, since_above_ = 0, since_below_ = 0;
  Side alarm_ = Side::neither;
};

/// Threshold of a two-sided CUSUM with this allowance and mean run length while steady. [standard deviations]
double cusum_threshold(double allowance, double steady_run);

}  // namespace retwin
