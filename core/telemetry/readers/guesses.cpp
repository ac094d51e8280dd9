// The first row is the example.
#include "core/telemetry/readers/guesses.hpp"

#include <memory>

namespace retwin {

void note_guesses(std::vector<LogFinding>& findings, const Records& records, const StampReading& reading, std::size_t column) {
  if (const std::string& encoding = records.encoding(); !encoding.empty())
    note(findings, LogFault::other_encoding, "decoded as " + encoding, false, 1, [] { return "save it as UTF-8 to be sure"; });
  if (reading.numbers == NumberStamps::seconds || !reading.format.empty()) return;
  const char* const as = reading.numbers == NumberStamps::days ? "read as days of a spreadsheet (since 1899-12-30)" : "read as dates without signs";
  const std::unique_ptr<Records> ahead = records.again();
  if (ahead && ahead->next()) note(findings, LogFault::guessed_time, as, false, ahead->line(), [&] { return ahead->where(column); });
}

}  // namespace retwin
