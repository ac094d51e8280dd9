// What was found wrong in a log: faults by class, how often, what was done about them.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/table.hpp"

namespace retwin {

/// What was found wrong in a log, by class: how often, what was done about it, and where it was first seen.
enum class LogFault : std::uint8_t {
  unparsable_time,    ///< a stamp that is no time
  missing_start,      ///< an end without its start: an instant at the end
  missing_end,        ///< a start without its end (also: cut at the end of the log)
  missing_case,       ///< no lot named
  missing_activity,   ///< no activity named
  negative_duration,  ///< an end before its start
  duplicate,          ///< the same record again
  overlap,            ///< one lot at two places, or a resource of capacity one at two lots, at a time
  clock_jump,         ///< stamps that leap backwards in a source that is in order of time
  unknown_station,    ///< an activity that the plant does not know
  artificial,         ///< a row without duration that only marks the start or end of a case
  unparsable_number,  ///< text in a numeric column
  other_encoding,     ///< the text is not UTF-8, and was decoded by a guess
  interruption,       ///< an operation that was suspended and went on
  foreign_row,        ///< no record of work: another number of cells than the header, a lifecycle step neither start nor finish
  placeholder_date,   ///< a date that stands for one that is not known
  guessed_time,       ///< stamps whose reading was decided from the values: numbers that are days or dates
  clock_offset        ///< stamps of a resource that are shifted against those of the others
};
inline constexpr std::size_t n_log_faults = 18;
extern const char* const log_fault_names[n_log_faults];

struct LogFinding {
  LogFault fault = LogFault::unparsable_time;
  std::uint64_t count = 0;
  std::uint64_t set_aside = 0;  ///< records of these that were left out; the others were repaired or kept
  std::uint32_t first_row = 0;
  std::string repair;   ///< what was done, in words
  std::string example;  ///< what stood there first
};

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

/// Says that time was taken out of operations, if it was.
void note_interruptions(std::vector<LogFinding>& findings, double interrupted_s);

/// One row per finding: fault, count, set aside, first row, what was done, example.
Table findings_table(const std::vector<LogFinding>& findings);
/// The same for people; empty if there are none.
std::string text(const std::vector<LogFinding>& findings);

/// Refuses a log in which nothing can be used, saying what was found. @throws InputError (trace)
[[noreturn]] void refuse_unusable(const std::string& source, const std::vector<LogFinding>& findings, std::string_view hint);

}  // namespace retwin
