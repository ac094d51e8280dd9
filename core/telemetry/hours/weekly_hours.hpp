// Opening hours that repeat every week: as a value with its arithmetic, and discovered from the stamps of an event log.
#pragma once
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "core/base/constants.hpp"

namespace retwin {

inline constexpr int days_of_week = 7;
inline constexpr double epoch_in_week_s = 3 * day_s;  ///< 1970-01-01 was a Thursday
inline constexpr double same_instant_s = 1e-6;        ///< below the resolution of a double at today's dates

/// Opening hours that repeat every week; times in seconds since 1970-01-01 on the plant's clock. Monday 00:00 is 0 in a week.
class WeeklyHours {
 public:
  struct Span {
    double from_s = 0, to_s = 0;  ///< within a week [0, 604800] [s]; open in [from, to)
    bool operator==(const Span&) const = default;
  };

  WeeklyHours();  ///< always open
  /// Spans in any order; they may touch and overlap.
  /// @throws std::invalid_argument if there is none, or one is empty or reaches out of the week
  explicit WeeklyHours(std::vector<Span> spans);

  const std::vector<Span>& spans() const { return spans_; }  ///< ascending, disjoint, adjacent ones merged
  bool always_open() const;
  double open_per_week_s() const { return open_s_.back(); }  ///< [s]
  bool open_at(double time_s) const;
  /// Open time between two times [s], 0 if `to_s` is not after `from_s`.
  double open_between(double from_s, double to_s) const;
  /// The earliest time from `time_s` on at which it is open [s].
  double next_open(double time_s) const;
  /// The earliest time after `time_s` at which it closes, infinity: never [s].
  double next_close(double time_s) const;
  /// The earliest time at which `net_s` of open time have passed since `time_s` [s]: a closing time rather than the opening time
  /// after it. Without any net time it is next_open.
  double after(double time_s, double net_s) const;
  /// As scenario files write it, "Mon-Fri 09:00-17:00" or "always": equal days together, to the minute.
  std::vector<std::string> weekly_text() const;

 private:
  double open_before(double position_s) const;
  std::vector<Span> spans_;
  std::vector<double> open_s_;  ///< before each span, and in the whole week [s]
};

struct WorkSpan {
  double start_s = 0, end_s = 0;
};

struct HoursOptions {
  double slot_s = 3600;       ///< stamps are counted in slots of this length; divides a day [s]
  double edge_s = 900;        ///< edges are refined to this where the stamps say so clearly; divides the slot [s]
  double rare_slot = 0.03;    ///< a slot with less than this share of the stamps of a busy one is closed
  double rare_day = 0.05;     ///< the same for a day of the week
  double lacking = 10;        ///< so many stamps must be expected and lacking before alike days are told apart, or a pause is one
  double probability = 1e-3;  ///< closed times are believed if "always open" would give what was seen with less than this
  /// The log is known from here to there [s]; what it never covered of a week is unknown, not closed (see filled_in). NaN: all is known.
  double from_s = std::numeric_limits<double>::quiet_NaN(), to_s = from_s;
  /// When each piece of work was there to be begun, in the order of the work; empty: unknown. Work that was there in closed times
  /// and waited for the opening is evidence that nothing else gives where all work is done before closing [s].
  std::span<const double> offered_s;
};

struct HoursFound {
  WeeklyHours hours;          ///< always open if nothing speaks against it
  bool closed_times = false;  ///< false: open around the clock
  double share_outside = 0;   ///< of the stamps (starts and ends) that lie outside the hours
  std::string note;           ///< why it was decided so, in words
};

/// Hours in which the resources of a pool work, or an activity is done. Times of the week without stamps are closed only if work
/// tells so: pieces begun before them should have ended in them and never did; or what lies across them varies less without them;
/// or work that came in them waited; or nothing starts in them although work does not get less before. Idle nights alone are not
/// closed nights. Weekdays that behave alike are pooled; an end on the stroke belongs to the slot before it.
/// @throws std::invalid_argument: slots do not divide a day, or edges a slot; offers do not match the work; a time is not finite
HoursFound discover_hours(std::span<const WorkSpan> work, const HoursOptions& options = {});

/// Hours in which arrivals occur.
/// @throws std::invalid_argument: slots do not divide a day, or edges a slot; a time is not finite
HoursFound discover_arrival_hours(std::span<const double> arrivals_s, const HoursOptions& options = {});

}  // namespace retwin
