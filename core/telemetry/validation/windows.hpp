// Which cases a window of a log shows: all, those that ended in it, or all as far as they got.
#pragma once
#include <cstdint>
#include <vector>

#include "core/telemetry/log/event_log.hpp"

namespace retwin {

/// What becomes of cases that are open when the log ends.
enum class WindowRule : std::uint8_t {
  complete,  ///< all cases ran to their end
  dropped,   ///< cases still open at the end are not in the log
  cut        ///< they are, as far as they got
};

/// A log as it would be kept if it ended then: cases open at `end_s` dropped or cut; begun later: left out.
EventLog windowed(EventLog log, WindowRule rule, double end_s);

/// Whether the cases that are open at the end of a log were dropped or cut, or whether all ran to their end.
/// Cases of a log in which all complete are as long at its end as before. So: how many of the test cases would be expected to be
/// still open when the log ends, by the durations of earlier ones? If clearly more than are (none, by definition), they were
/// dropped, unless still more would have begun after the last one that did: then arrivals stopped, and all completed. If at least
/// half as many end with an activity that else ends none, they were cut.
struct WindowFound {
  WindowRule rule = WindowRule::complete;
  double expected_open = 0;
  double unusual_ends = 0;
};
WindowFound find_window_rule(const EventLog& past, const EventLog& test);

/// When a case began and ended, and with what. Times as in the log [s]
struct CaseSpan {
  std::uint32_t lot = 0;
  double first_s = 0, last_s = 0;
  std::uint32_t last_activity = 0;
};

/// Cases in order of their first starts. @param by_lot of the same log
std::vector<CaseSpan> cases_of(const EventLog& log, const std::vector<std::vector<std::uint32_t>>& by_lot);

}  // namespace retwin
