// What a reader of a table has guessed is told with what it found.
#pragma once
#include <cstddef>
#include <vector>

#include "core/telemetry/log/findings.hpp"
#include "core/telemetry/tables/records.hpp"
#include "core/telemetry/tables/timestamps.hpp"

namespace retwin {

/// Another encoding, and plain numbers that were not taken for seconds. @param column of times
void note_guesses(std::vector<LogFinding>& findings, const Records& records, const StampReading& reading, std::size_t column);

}  // namespace retwin
