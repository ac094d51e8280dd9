// Series of meters: readings of power, steam, mass or anything with a unit, over time.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/base/units.hpp"
#include "core/telemetry/log/event_log.hpp"
#include "core/telemetry/tables/timestamps.hpp"

namespace retwin {

/// Which column is what; an empty name is looked for among the usual ones, "-" says that there is none.
struct MeterMapping {
  std::string time, value;
  std::string meter;                   ///< column that names the meter of a row, where a file holds several
  std::string unit_column;             ///< column with the unit of a row
  std::string unit;                    ///< of all values, if neither a column nor the name of the value column says it
  std::string name;                    ///< of a single series; that of its value column if not given
  std::optional<Dimension> dimension;  ///< what the values must be
  StampOptions stamps;
  char delimiter = '\0';  ///< found in the header if not given
};

struct MeterSeries {
  std::string name;
  std::string source;
  std::string sha256;
  std::string unit;                  ///< as the file or the mapping spells it
  Dimension dimension;               ///< of the values
  std::vector<double> time_s;        ///< since 1970-01-01 00:00, not decreasing
  std::vector<double> value;         ///< in SI
  std::vector<LogFinding> findings;  ///< of the file
};

/// The series of a file, in order of first appearance: one, or one per meter. Readings without a time or a number and readings
/// that stand there twice are set aside; those out of order are put in order.
/// @throws InputError: file, encoding; missing, unknown_name (columns); unit (none, unknown, of another dimension); trace
/// (nothing usable)
std::vector<MeterSeries> read_meter_series(const std::string& path, const MeterMapping& mapping = {});

}  // namespace retwin
