// Dirty logs: every class of fault counted, repaired where that is safe, set aside where it is not, never silently dropped.
#pragma once
#include "core/telemetry/log/event_log.hpp"

namespace retwin {

struct CleanOptions {
  bool drop_duplicates = true;    ///< set aside what has the same lot, activity, resource, start and end as an earlier row
  bool drop_artificial = true;    ///< set aside rows called Start or End that take no time
  bool keep_missing_end = false;  ///< make a start without an end an instant at its start
  double slip_s = 1;              ///< an end before its start by less than this is made an instant [s]
  double jump_s = 3600;  ///< a step backwards by more than this is a jump of the clock, if the log is else in order of time [s]
};

/// Goes over a log as a reader left it (nan for missing starts and ends), adds to its findings and puts it in order.
/// @throws InputError (trace) if nothing usable is left
void clean(EventLog& log, const CleanOptions& options = {});

/// Puts events, with their columns, in order of (start, end, row); what has no start stands at its end.
void put_in_order(EventLog& log);

}  // namespace retwin
