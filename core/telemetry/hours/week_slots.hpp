// Stamps counted by slots of the week, and the times of the week that have any: the first half of discovering opening hours.
#pragma once
#include <vector>

#include "core/telemetry/hours/weekly_hours.hpp"

namespace retwin {

/// Seconds since Monday 00:00 of a time since 1970-01-01 [s].
double in_week(double time_s);

/// For discover_hours: which times of the week have stamps, without a verdict on the others.
class WeekSlots {
 public:
  /// @throws std::invalid_argument if slots do not divide a day, or edges a slot
  explicit WeekSlots(const HoursOptions& options);
  /// An end on the stroke belongs to the slot before it. @throws std::invalid_argument if the time is not finite
  void add(double time_s, bool is_end);
  /// Times with stamps, filled up between the first and the last of weekdays that behave alike; always open without any stamp.
  WeeklyHours with_stamps();

 private:
  struct Group {  // weekdays that behave alike, with their stamps pooled by slot of the day
    std::vector<int> members;
    std::vector<double> count;
    double total = 0;
    std::vector<char> open;
  };
  struct Hull {
    int first = -1, last = -1;
    bool has(int j) const { return first >= 0 && j >= first && j <= last; }
  };
  void count();
  double rare(const std::vector<double>& count) const;
  Hull hull(const Group& group) const;
  double lacking(const Group& a, const Group& b) const;
  std::vector<int> working_days(const std::vector<std::vector<double>>& count, std::vector<int>& unsure) const;
  int day_begins() const;
  std::vector<Group> groups(int offset) const;
  void merge_alike(std::vector<Group>& all) const;
  void open_slots(Group& group) const;
  void refine(const Group& group, int offset, std::vector<char>& bins) const;
  std::size_t fine_of(int day, int offset, int fine) const {
    return static_cast<std::size_t>((day * per_day_ + offset) * per_slot_ + fine) % fine_.size();
  }

  HoursOptions options_;
  int per_day_, per_slot_;
  std::vector<double> seen_, on_stroke_;  ///< bins of the calendar with stamps; with starts in their first second
  std::vector<double> fine_;              ///< in how many weeks each bin of the week has stamps
};

}  // namespace retwin
