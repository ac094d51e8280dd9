// Findings counted, laid out for people, and the refusal of a log in which nothing can be used.
#include "core/telemetry/log/findings.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/problem.hpp"

namespace retwin {

const char* const log_fault_names[n_log_faults] = {"unparsable time",  "missing start",     "missing end",    "missing case",
                                                   "missing activity", "negative duration", "duplicate",      "overlap",
                                                   "clock jump",       "unknown station",   "artificial row", "unparsable number",
                                                   "foreign row",      "clock offset"};

LogFinding& finding_of(std::vector<LogFinding>& findings, LogFault fault, std::string_view repair) {
  for (LogFinding& finding : findings)
    if (finding.fault == fault && finding.repair == repair) return finding;
  findings.push_back({fault, 0, 0, 0, std::string(repair), {}});
  return findings.back();
}

std::string text(const std::vector<LogFinding>& findings) {
  if (findings.empty()) return {};
  std::vector<std::vector<std::string>> rows = {{"finding", "count", "set aside", "first at", "done", "for instance"}};
  for (const LogFinding& f : findings)
    rows.push_back({log_fault_names[static_cast<std::size_t>(f.fault)], std::to_string(f.count), std::to_string(f.set_aside),
                    std::to_string(f.first_row), f.repair, f.example});
  std::string out;
  std::vector<std::size_t> widths(rows[0].size());
  for (const auto& row : rows)
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
  for (const auto& row : rows)
    out += fmt::format("{:<{}}  {:>{}}  {:>{}}  {:>{}}  {:<{}}  {}\n", row[0], widths[0], row[1], widths[1], row[2], widths[2],
                       row[3], widths[3], row[4], widths[4], row[5]);
  return out;
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
