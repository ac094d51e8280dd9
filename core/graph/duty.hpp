// Duty: when a piece of work can go on, and how fast a bank of servers with a shared crew turns round. Private to core/graph.
#pragma once
#include <vector>

#include "core/flow/plant/plant.hpp"
#include "core/graph/arrival_rate.hpp"

namespace retwin {

/// The times at which a station's calendar is on (none: always) and enough of the crew it needs is on duty, within a period.
class Duty {
 public:
  /// Keeps references to plant and needs.
  Duty(const Plant& plant, const Period& period, Index calendar, const std::vector<Need>& needs);
  bool on(double t) const;
  /// Share of a stretch of time that is on, by default of the whole period.
  double share() const { return share(period_); }
  double share(const Period& period) const;
  /// When work of this length that begins at `start` or later ends [s]; infinity if not within the period.
  double end_of(double start, double work_s) const;
  /// The first time from `start` on at which it is on; infinity if not within the period.
  double next_on(double start) const;
  /// The calendars that matter, sorted.
  const std::vector<Index>& calendars() const { return calendars_; }
  /// Crews that can work side by side, on average while on; infinity without needs.
  double crews() const;
  /// Servers at work on average over the period, off time included, if there are so many and each needs a crew.
  double at_work(double servers) const;
  /// The pool that stands for the crew, the first it needs; none without needs.
  Index crew_pool() const;
  /// Whether one crew may go on from this work to the other.
  bool same(const Duty& other) const { return calendar_ == other.calendar_ && same_crew(other); }

 private:
  bool same_crew(const Duty& other) const;
  double next_change(double t) const;
  double units(const Need& need, double t) const;
  double crews_at(double t) const;
  const Plant* plant_;
  Period period_;
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
/// is on, crews being shared first come first served; -1 if the walk would take too many steps or not finish a job. Of a long
/// period only a part is walked, and what it finishes corrected by how much more or less is on in the whole.
double bank_rate(const std::vector<Stretch>& stretches, const Duty& gate, Index servers, const Period& period);

}  // namespace retwin
