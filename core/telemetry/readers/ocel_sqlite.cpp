// OCEL 2.0 in SQLite: tables of events, objects and relations, and one table of attributes per type.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "core/base/problem.hpp"
#include "core/base/sqlite_file.hpp"
#include "core/telemetry/log/findings.hpp"
#include "core/telemetry/readers/ocel_data.hpp"

namespace retwin::ocel {
namespace {

constexpr const char* hint =
    "OCEL 2.0 in SQLite has the tables event, object, event_object, event_map_type and object_map_type, and "
    "event_X and object_X per type";

class SqliteReader {
 public:
  explicit SqliteReader(Data& data) : data_(data), file_(data.path, SqliteFile::Mode::read) {}

  void read() {
    need("event", {"ocel_id", "ocel_type"});
    need("object", {"ocel_id", "ocel_type"});
    need("event_object", {"ocel_event_id", "ocel_object_id"});
    need("event_map_type", {"ocel_type", "ocel_type_map"});
    need("object_map_type", {"ocel_type", "ocel_type_map"});
    problems_.throw_if_errors();
    const auto events = types("event"), objects = types("object");
    problems_.throw_if_errors();
    for (const auto& [type, table] : events) read_events(type, table);
    objects_of_all_types();
    for (const auto& [type, table] : objects) read_objects(table);
    relations("event_object", "ocel_event_id", "ocel_object_id", data_.event_ids, data_.event_object);
    if (!file_.columns_of("object_object").empty())
      relations("object_object", "ocel_source_id", "ocel_target_id", data_.object_ids, data_.object_object);
  }

 private:
  /// A problem unless there is such a table with these columns.
  bool need(const std::string& table, const std::vector<std::string>& columns) {
    const std::vector<std::string> there = file_.columns_of(table);
    std::vector<std::string> missing;
    for (const std::string& column : columns)
      if (std::count(there.begin(), there.end(), column) == 0) missing.push_back(column);
    if (missing.empty()) return true;
    Place place;
    place.file = data_.path;
    problems_.error(Code::missing, place, {},
                    there.empty() ? fmt::format("there is no table {}", table)
                                  : fmt::format("the table {} has no column {}", table, fmt::join(missing, ", ")),
                    hint);
    return false;
  }

  /// Types that occur, with their tables.
  std::vector<std::pair<std::string, std::string>> types(const std::string& of) {
    std::vector<std::pair<std::string, std::string>> found;
    const bool event = of == "event";
    SqliteStatement all =
        file_.prepare(fmt::format("SELECT DISTINCT t.ocel_type, m.ocel_type_map FROM {0} t LEFT JOIN {0}_map_type m ON "
                                  "m.ocel_type = t.ocel_type ORDER BY 1",
                                  of));
    while (all.step()) {
      const std::string type(all.text(0)), table = fmt::format("{}_{}", of, all.is_null(1) ? all.text(0) : all.text(1));
      if (need(table, event ? std::vector<std::string>{"ocel_id", "ocel_time"} : std::vector<std::string>{"ocel_id"}))
        found.emplace_back(type, table);
    }
    return found;
  }

  void value(std::vector<Attribute>& to, std::uint32_t owner, const std::string& name, const SqliteStatement& row, int column,
             double time_s = 0) {
    if (row.is_null(column)) return;
    if (row.is_number(column)) data_.add_number(to, owner, name, row.number(column), time_s);
    else data_.add_text(to, owner, name, row.text(column), time_s);
  }

  static std::vector<std::string> names(const SqliteStatement& row) {
    std::vector<std::string> all;
    for (int c = 0; c < row.columns(); ++c) all.push_back(row.column_name(c));
    return all;
  }
  static int column(const std::vector<std::string>& names, const char* name) {
    const auto found = std::find(names.begin(), names.end(), name);
    return found == names.end() ? -1 : static_cast<int>(found - names.begin());
  }

  void read_events(const std::string& type, const std::string& table) {
    SqliteStatement row = file_.prepare("SELECT * FROM " + SqliteFile::quoted(table));
    const std::vector<std::string> all = names(row);
    const int id = column(all, "ocel_id"), time = column(all, "ocel_time");
    while (row.step()) {
      const std::uint32_t event = data_.add_event(row.text(id), type, row.text(time));
      if (event == Names::absent) continue;
      for (int c = 0; c < row.columns(); ++c)
        if (c != id && c != time) value(data_.event_attributes, event, all[static_cast<std::size_t>(c)], row, c);
    }
  }

  void objects_of_all_types() {
    SqliteStatement row = file_.prepare("SELECT ocel_id, ocel_type FROM object");
    while (row.step()) data_.add_object(row.text(0), row.text(1));
  }

  /// The first row of an object has its attributes at the start, the others one change each.
  void read_objects(const std::string& table) {
    SqliteStatement row = file_.prepare("SELECT * FROM " + SqliteFile::quoted(table));
    const std::vector<std::string> all = names(row);
    const int id = column(all, "ocel_id"), time = column(all, "ocel_time"), changed = column(all, "ocel_changed_field");
    while (row.step()) {
      const std::uint32_t object = data_.object_ids.find(row.text(id));
      if (object == Names::absent) continue;
      const double stamp = time < 0 || row.is_null(time) ? 0 : data_.time(row.text(time));
      const double from_s = std::isnan(stamp) ? 0 : stamp;
      const std::string only(changed < 0 ? std::string_view() : row.text(changed));
      for (int c = 0; c < row.columns(); ++c) {
        const std::string& name = all[static_cast<std::size_t>(c)];
        if (c != id && c != time && c != changed && (only.empty() || only == name))
          value(data_.object_attributes, object, name, row, c, from_s);
      }
    }
  }

  void relations(const char* table, const char* from_column, const char* to_column, const Names& from_ids,
                 std::vector<Relation>& to) {
    const std::vector<std::string> columns = file_.columns_of(table);
    const bool qualified = std::count(columns.begin(), columns.end(), "ocel_qualifier") > 0;
    if (!need(table, {from_column, to_column})) problems_.throw_if_errors();
    SqliteStatement row = file_.prepare(
        fmt::format("SELECT {}, {}, {} FROM {}", from_column, to_column, qualified ? "ocel_qualifier" : "''", table));
    std::uint32_t rows = 0;
    while (row.step()) {
      ++rows;
      const std::uint32_t from = from_ids.find(row.text(0)), object = data_.object_ids.find(row.text(1));
      if (from != Names::absent && object != Names::absent) {
        to.push_back({from, object, data_.qualifiers.number(row.text(2))});
        continue;
      }
      note(data_.findings, LogFault::foreign_row, "set aside", true, rows, [&] {
        return fmt::format("{}: {} to {}: one of them is not there, or was set aside", table, row.text(0), row.text(1));
      });
    }
  }

  Data& data_;
  SqliteFile file_;
  Problems problems_;
};

}  // namespace

void read_sqlite(Data& data) { SqliteReader(data).read(); }

}  // namespace retwin::ocel
