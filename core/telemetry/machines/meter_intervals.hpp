// Readings of meters as amounts over intervals of time.
#pragma once
#include <vector>

#include "core/telemetry/readers/meter_series.hpp"

namespace retwin {

/// A sum that grows over time, each part of it evenly over a time of its own.
class MeterGrowth {
 public:
  /// @param to_s after from_s
  void add(double from_s, double to_s, double amount) { parts_.push_back({from_s, to_s, amount}); }
  /// After the last part, before the first question.
  void finish();
  double between(double from_s, double to_s) const { return at(to_s) - at(from_s); }

 private:
  struct Part {
    double from_s, to_s, amount;
  };
  double at(double time_s) const;
  std::vector<Part> parts_;
  std::vector<double> time_s_, sum_;  // linear between
};

/// Whether readings are those of a counter: they grow, and fall at most now and then, when it starts again.
bool counts_up(const MeterSeries& series);

struct MeteredEnergy {
  double from_s = 0, to_s = 0;
  double energy_J = 0;
};

/// Intervals of a meter of power or energy: what a reading says of the time since the one before, or (`ahead`) until the next.
/// Those in which a counter starts again, and negative ones, are left out; beyond 20,000 neighbours are put together.
std::vector<MeteredEnergy> intervals_of(const MeterSeries& series, bool counter, bool ahead);

}  // namespace retwin
