// Duty: when a piece of work can go on, and how fast a bank of servers with a shared crew turns round. Private to core/graph.
#pragma once
#include <vector>

#include "core/flow/plant/plant.hpp"

namespace retwin {

/// The times at which a station's calendar is on (none: always) and enough of the crew it needs is on duty.
class Duty {
 public:
  Duty(const Plant& plant, Index calendar, const std::vector<Need>& needs);  ///< keeps references to both
  bool on(double t) const;
  /// Share of the time that is on, holidays aside.
  double share() const;
  /// When work of this length that begins at `start` or later ends [s]; infinity if never.
  double end_of(double start, double work_s) const;
  /// The first time from `start` on at which it is on; infinity if never.
  double next_on(double start) const;
  /// The calendars that matter, sorted.
  const std::vector<Index>& calendars() const { return calendars_; }
  /// Crews that can work side by side, on average while on; infinity without needs.
  double crews() const;
  /// The pool that stands for the crew, the first it needs; none without needs.
  Index crew_pool() const;
  /// Whether one crew may go on from this work to the other.
  bool same(const Duty& other) const { return calendar_ == other.calendar_ && same_crew(other); }

 private:
  bool same_crew(const Duty& other) const;
  double next_change(double t) const;
  double on_time(double from, double to) const;
  double units(const Need& need, double t) const;
  const Plant* plant_;
  Index calendar_;
  const std::vector<Need>* needs_;
  std::vector<Index> calendars_;
};

/// A stretch of a job.
struct Stretch {
  double duration_s;
  Duty duty;
};

/// Jobs per second that `servers` finish when each walks through the stretches of job after job, jobs beginning only while `gate`
/// is on, crews being shared first come first served; -1 if the walk would take too many steps.
double bank_rate(const Plant& plant, const std::vector<Stretch>& stretches, const Duty& gate, Index servers);

}  // namespace retwin
