// Shift calendars: a weekly pattern of working intervals with holidays, in seconds after the start of the run.
#pragma once
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace retwin {

/// When people or machines are on. The pattern repeats every `cycle_s`; holidays are off whatever the pattern says.
class ShiftCalendar {
 public:
  ShiftCalendar() = default;
  /// @param on intervals [begin, end) within one cycle [s], sorted and disjoint  @param offset_s where in the cycle the run starts
  /// @param holidays intervals [begin, end) after the start of the run [s], sorted and disjoint
  ShiftCalendar(double cycle_s, std::vector<std::pair<double, double>> on, double offset_s,
                std::vector<std::pair<double, double>> holidays = {});
  bool on(double t) const;
  /// The first time after t at which on() changes; infinity if never.
  double next_change(double t) const;
  /// Share of the cycle that is on, holidays aside.
  double share() const;
  /// Time on within [a, b] [s].
  double on_time(double a, double b) const;
  bool always() const { return always_; }

 private:
  bool pattern_on(double t) const;
  double pattern_next(double t) const;
  double cycle_s_ = 0, offset_s_ = 0;
  std::vector<std::pair<double, double>> on_;
  std::vector<std::pair<double, double>> holidays_;
  bool always_ = true;
};

}  // namespace retwin
