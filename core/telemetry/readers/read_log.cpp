// From extensions and first bytes to readers.
#include "core/telemetry/readers/read_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
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

/// Columns are named for tables alone: these formats say themselves what is what.
void refuse_columns(const std::string& path, const LogMapping& m, const char* format, bool lot) {
  Problems problems;
  Place place;
  place.file = path;
  const auto refuse = [&](bool given, const char* what) {
    if (given) problems.error(Code::conflict, place, what, fmt::format("{} has no columns to name", format), "leave it out");
  };
  for (const auto& [name, what] : {std::pair(&m.lot, "lot"), {&m.activity, "activity"}, {&m.resource, "resource"}, {&m.start, "start"},
                                   {&m.end, "end"}, {&m.stamp, "stamp"}, {&m.lifecycle, "lifecycle"}})
    refuse(!name->empty() && (lot || name != &m.lot), what);
  refuse(!m.numeric.empty(), "quantity");
  refuse(!m.categorical.empty(), "attribute");
  problems.throw_if_errors();
}

EventLog read_by_format(const std::string& path, const ReadLogOptions& options) {
  std::string_view name = path;
  if (ends_with(name, ".gz")) name.remove_suffix(3);
  if (ends_with(name, ".xes")) {
    XesLogOptions xes;
    xes.stamps = options.stamps;
    refuse_columns(path, options.mapping, "XES", true);
    return read_xes_log(path, xes);
  }
  if (ends_with(name, ".json") || ends_with(name, ".jsonocel") || is_ocel_database(path)) {
    OcelLogOptions ocel;
    ocel.case_type = options.mapping.lot;
    ocel.stamps = options.stamps;
    refuse_columns(path, options.mapping, "OCEL", false);
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
