// Findings counted, laid out for people, and the refusal of a log in which nothing can be used.
#include "core/telemetry/log/findings.hpp"

#include <fmt/format.h>


#include "core/base/problem.hpp"

namespace retwin {

const char* const log_fault_names[n_log_faults] = {"unparsable time",  "missing start",     "missing end",    "missing case",
                                                   "missing activity", "negative duration", "duplicate",      "overlap",
                                                   "clock jump",       "unknown station",   "artificial row", "unparsable number",
                                                   "other encoding",    "interruption",     "foreign row",      "placeholder date",  "guessed time",      "clock offset"};

LogFinding& finding_of(std::vector<LogFinding>& findings, LogFault fault, std::string_view repair) {
  for (LogFinding& finding : findings)
    if (finding.fault == fault && finding.repair == repair) return finding;
  findings.push_back({fault, 0, 0, 0, std::string(repair), {}});
  return findings.back();
}

Table findings_table(const std::vector<LogFinding>& findings) {
  Table table({text_column("finding"), integer_column("count"), integer_column("set_aside").as("set aside"),
               integer_column("first_row", "where it was first seen").as("first at"),
               text_column("repair", "what was done").as("done").to_the_left(),
               text_column("example", "what stood there first").as("for instance").to_the_left()});
  for (const LogFinding& f : findings)
    table.row({log_fault_names[static_cast<std::size_t>(f.fault)], f.count, f.set_aside, f.first_row, f.repair, f.example});
  return table;
}

std::string text(const std::vector<LogFinding>& findings) { return findings.empty() ? "" : findings_table(findings).text(); }

void note_interruptions(std::vector<LogFinding>& findings, double interrupted_s) {
  if (interrupted_s > 0)
    note(findings, LogFault::interruption, "suspended time is no service: operations begin later by as much", false, 0,
         [&] { return fmt::format("{:.6g} h in all", interrupted_s / 3600); });
}

void refuse_unusable(const std::string& source, const std::vector<LogFinding>& findings, std::string_view hint) {
  Place place;
  place.file = source;
  std::vector<Problem> problems;
  for (const LogFinding& f : findings) {
    if (f.set_aside == 0) continue;
    place.line = static_cast<int>(f.first_row);
    problems.push_back({Code::trace,
                        Severity::error,
                        place,
                        {},
                        fmt::format("no row of this log can be used; {}: {} set aside, first {}",
                                    log_fault_names[static_cast<std::size_t>(f.fault)], f.set_aside, f.example),
                        std::string(hint)});
  }
  if (problems.empty())
    problems.push_back({Code::trace, Severity::error, place, {}, "no row of this log can be used", std::string(hint)});
  throw InputError(std::move(problems));
}

}  // namespace retwin
