// What any model has to beat: cases of the past, repeated as they were.
#pragma once
#include <cstdint>

#include "core/telemetry/log/event_log.hpp"
#include "core/telemetry/validation/validation.hpp"

namespace retwin {

/// The last `cases` cases of the past, shifted so that the first begins at `begin_s`.
EventLog replay_last_cases(const EventLog& past, std::size_t cases, double begin_s);

/// `cases` whole cases of the past, drawn with replacement, one after another by times between first starts that are drawn too.
EventLog bootstrap_cases(const EventLog& past, std::size_t cases, double begin_s, std::uint64_t seed, std::uint64_t draw);

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

}  // namespace retwin
