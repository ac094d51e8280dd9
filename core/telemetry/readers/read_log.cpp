// From extensions and first bytes to readers.
#include "core/telemetry/readers/read_log.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/sqlite_file.hpp"
#include "core/telemetry/readers/ocel_log.hpp"
#include "core/telemetry/readers/xes_log.hpp"

namespace retwin {
namespace {

constexpr const char* reader_of_the_rest = "csv";

/// In any case: exports of other systems are called LOG.XES.
bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && std::equal(end.begin(), end.end(), text.end() - static_cast<std::ptrdiff_t>(end.size()), [](char a, char b) {
           return a == static_cast<char>(std::tolower(static_cast<unsigned char>(b)));
         });
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
/// @param types the names of lots and resources are those of types
void refuse_columns(const std::string& path, const ReadLogOptions& options, const char* format, bool types) {
  const LogMapping& m = options.mapping;
  Problems problems;
  Place place;
  place.file = path;
  const auto refuse = [&](bool given, const char* what) {
    if (given) problems.error(Code::conflict, place, what, fmt::format("{} has no columns to name", format), "leave it out");
  };
  for (const auto& [name, what] : {std::pair(&m.lot, "lot"), {&m.activity, "activity"}, {&m.resource, "resource"}, {&m.start, "start"},
                                   {&m.end, "end"}, {&m.stamp, "stamp"}, {&m.lifecycle, "lifecycle"}})
    refuse(!name->empty() && !(types && (name == &m.lot || name == &m.resource)), what);
  const StampOptions& stamps = options.stamps;
  if (!stamps.format.empty() || stamps.unit_s > 0 || stamps.numbers)
    problems.error(Code::conflict, place, "time", fmt::format("{} says how its times are written", format), "leave out --time-format and --time-unit");
  refuse(!m.numeric.empty(), "quantity");
  refuse(!m.categorical.empty(), "attribute");
  problems.throw_if_errors();
}

/// Whether a name ends so, packed or not.
bool named(std::string_view name, std::initializer_list<std::string_view> endings) {
  if (ends_with(name, ".gz")) name.remove_suffix(3);
  return std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) { return ends_with(name, ending); });
}

EventLog read_xes(const std::string& path, const ReadLogOptions& options) {
  XesLogOptions xes;
  xes.stamps = options.stamps;
  refuse_columns(path, options, "XES", false);
  return read_xes_log(path, xes);
}

EventLog read_ocel(const std::string& path, const ReadLogOptions& options) {
  OcelLogOptions ocel;
  ocel.case_type = options.mapping.lot;
  ocel.resource_type = options.mapping.resource;
  ocel.stamps = options.stamps;
  refuse_columns(path, options, "OCEL", true);
  return read_ocel_log(path, ocel).events;
}

EventLog read_csv(const std::string& path, const ReadLogOptions& options) {
  CsvLogOptions csv;
  csv.stamps = options.stamps;
  return read_csv_log(path, options.mapping, csv);
}

const LogReader& reader_of(const std::string& path, const std::string& asked, const LogReaders& readers) {
  if (asked.empty()) {
    for (const auto& [name, reader] : readers)
      if (reader.takes && reader.takes(path)) return reader;
    return readers.at(reader_of_the_rest);
  }
  if (const auto found = readers.find(asked); found != readers.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [name, reader] : readers) names.push_back(name);
  const std::string near = nearest(asked, names);
  Place place;
  place.file = path;
  throw InputError({{Code::unknown_name, Severity::error, place, "reader", "there is no reader " + asked,
                     near.empty() ? fmt::format("there are {}", fmt::join(names, ", ")) : "did you mean " + near + "?"}});
}

}  // namespace

const LogReaders& log_readers() {
  static const LogReaders all{
      {"csv", {"delimited text, or a table of an SQLite database; whatever no other takes", {}, read_csv}},
      {"ocel", {"OCEL 2.0: .json, .jsonocel, .xml, .xmlocel, or an SQLite database",
                [](const std::string& path) { return named(path, {".json", ".jsonocel", ".xml", ".xmlocel"}) || is_ocel_database(path); }, read_ocel}},
      {"xes", {"XES: .xes", [](const std::string& path) { return named(path, {".xes"}); }, read_xes}}};
  return all;
}

void register_log_readers(Registry& registry) {
  for (const auto& [name, reader] : log_readers()) registry.readers.insert_or_assign(name, reader);
}

EventLog read_log(const std::string& path, const ReadLogOptions& options, const LogReaders& readers) {
  EventLog log = reader_of(path, options.reader, readers).read(path, options);
  clean(log, options.clean);
  return log;
}

}  // namespace retwin
