// Waiting told from working: when an operation could have begun, what it waited for, and how long it worked.
#pragma once
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "core/telemetry/cases/case_plans.hpp"
#include "core/telemetry/hours/weekly_hours.hpp"
#include "core/telemetry/log/event_log.hpp"
#include "core/telemetry/work/pools.hpp"

namespace retwin {

/// Who works on an activity, and when.
struct WorkPool {
  std::string name;
  double units = 1;      ///< lots at a time; infinity: never a shortage
  WeeklyHours hours;     ///< work outside them is suspended
  bool suspends = true;  ///< else work once begun goes on beyond the hours
  bool fits = false;     ///< work is begun only where it ends within them
  bool finite() const { return units < 1e9; }
};

/// What an event says of its operation. Times as in the log [s].
struct OperationTimes {
  double enabled_s = 0;  ///< when it could have begun: the end of all before it; of a first one: the arrival, see below
  double service_s = 0;  ///< from start to end, within hours
  double delay_s =
      0;  ///< between enabled and start that neither crew nor hours explain, in calendar time; at most this unless `seen`
  double least_delay_s = 0;  ///< the delay is no less: crew was seen idle until then, or what began before was asked for then
  double most_delay_s = std::numeric_limits<double>::infinity();  ///< it is no more: what began later was asked for then
  double likely_delay_s = 0;             ///< `delay_s` if seen, else as others of its kind within these bounds, see likely_delays
  bool first = false;                    ///< nothing comes before it in its case
  bool seen = false;                     ///< it began with crew free and within hours: the delay is exactly known
  std::uint32_t before = Names::absent;  ///< event that it waited for last
};

struct QueueOrder {
  std::uint64_t pairs = 0;     ///< of operations that followed one another in a pool, both having waited for it
  std::uint64_t in_order = 0;  ///< of these, that were taken up in the order in which they were enabled
  double fifo() const { return pairs == 0 ? 1 : static_cast<double>(in_order) / static_cast<double>(pairs); }
};

struct Waiting {
  std::vector<OperationTimes> operations;    ///< by event of the log
  std::vector<double> arrivals_s;            ///< by lot of the log, nan without events
  std::optional<WeeklyHours> arrival_hours;  ///< when cases arrive, if so many have to wait that the starts do not tell
  std::vector<QueueOrder> order;             ///< by pool
  std::vector<double> explained;  ///< by pool: share of the waiting operations that began the moment a unit or the shift came
};

/// The arrival of a case is not recorded. If its first operation began with a unit free and within hours, that was the arrival. If
/// not, the pool's own order tells: under first come, first served it came after those that began before it and before those that
/// began after it; unknown arrivals between two known instants are spread evenly, no later than their start. Where a pool does not
/// keep that order (below 80 % of pairs) the start stands for the arrival.
/// @param of_work number of the pool of each piece of work
/// @param known_until_s later the log is not whole (cases that arrived then are not in it): nothing is concluded from crews seen idle
Waiting find_waiting(const EventLog& log, const std::vector<CasePlan>& plans, const std::vector<WorkPool>& pools,
                     const PoolOfWork& of_work, double known_until_s = std::numeric_limits<double>::infinity());

}  // namespace retwin
