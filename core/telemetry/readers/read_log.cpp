// From extensions and first bytes to readers.
#include "core/telemetry/readers/read_log.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "core/base/sqlite_file.hpp"
#include "core/telemetry/readers/ocel_log.hpp"
#include "core/telemetry/readers/xes_log.hpp"

namespace retwin {
namespace {

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

/// Whether a file is, or should be by its name, a database that holds an OCEL log and not plain tables.
bool is_ocel_database(const std::string& path) {
  const bool named = ends_with(path, ".sqlite") || ends_with(path, ".sqlite3") || ends_with(path, ".db");
  if (!is_sqlite(path)) return named;  // its reader says what is wrong
  SqliteFile database(path, SqliteFile::Mode::read);
  const std::vector<std::string> tables = database.tables();
  return std::any_of(tables.begin(), tables.end(), [&](const std::string& table) {
    const std::vector<std::string> columns = database.columns_of(table);
    return std::any_of(columns.begin(), columns.end(), [](const std::string& column) { return column.starts_with("ocel_"); });
  });
}

EventLog read_by_format(const std::string& path, const ReadLogOptions& options) {
  std::string_view name = path;
  if (ends_with(name, ".gz")) name.remove_suffix(3);
  if (ends_with(name, ".xes")) {
    XesLogOptions xes;
    xes.stamps = options.stamps;
    return read_xes_log(path, xes);
  }
  if (ends_with(name, ".json") || ends_with(name, ".jsonocel") || is_ocel_database(path)) {
    OcelLogOptions ocel;
    ocel.case_type = options.mapping.lot;
    ocel.stamps = options.stamps;
    return read_ocel_log(path, ocel).events;
  }
  CsvLogOptions csv;
  csv.stamps = options.stamps;
  return read_csv_log(path, options.mapping, csv);
}

}  // namespace

EventLog read_log(const std::string& path, const ReadLogOptions& options) {
  EventLog log = read_by_format(path, options);
  clean(log, options.clean);
  return log;
}

}  // namespace retwin
