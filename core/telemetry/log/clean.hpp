// Dirty logs: every class of fault counted, repaired where that is safe, set aside where it is not, never silently dropped.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

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

/// The finding of a class and a repair, made if it is new.
LogFinding& finding_of(std::vector<LogFinding>& findings, LogFault fault, std::string_view repair);

/// Counts one fault; `example` is called for the first of its kind only.
template <class Example>
void note(std::vector<LogFinding>& findings, LogFault fault, std::string_view repair, bool set_aside, std::uint32_t row,
          Example&& example) {
  LogFinding& finding = finding_of(findings, fault, repair);
  if (finding.count++ == 0) {
    finding.first_row = row;
    finding.example = example();
  }
  if (set_aside) ++finding.set_aside;
}

/// Findings as a table for people: fault, count, set aside, first row, what was done, example. Empty if there are none.
std::string text(const std::vector<LogFinding>& findings);

/// Refuses a log in which nothing can be used, saying what was found. @throws InputError (trace)
[[noreturn]] void refuse_unusable(const std::string& source, const std::vector<LogFinding>& findings, std::string_view hint);

}  // namespace retwin
