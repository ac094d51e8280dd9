// Any event log by its name: the format from the extension, read and cleaned.
#pragma once
#include <map>
#include <string>

#include "core/registry.hpp"
#include "core/telemetry/log/clean.hpp"
#include "core/telemetry/log/event_log.hpp"
#include "core/telemetry/readers/csv_log.hpp"

namespace retwin {

struct ReadLogOptions {
  LogMapping mapping;  ///< of columns (CSV); its lot is the object type in OCEL
  StampOptions stamps;
  CleanOptions clean;
  std::string reader;  ///< its name; empty: by the file
};

using LogReaders = std::map<std::string, LogReader>;
/// Those that are always there, by name.
const LogReaders& log_readers();
void register_log_readers(Registry& registry);

/// .xes is XES; .json and .jsonocel are OCEL 2.0, and so is an SQLite database with columns called ocel_...; of other databases
/// a table is read ("plant.sqlite#events", see open_records); all else is delimited text; texts also with .gz.
/// Without a name of a reader the first that takes the file reads it.
/// @throws InputError: as the reader of the format, and as clean(); unknown-name for a reader that there is not
EventLog read_log(const std::string& path, const ReadLogOptions& options = {}, const LogReaders& readers = log_readers());

}  // namespace retwin
