// Logs in OCEL 2.0 as SQLite, operation by operation in one transaction: tables of types are made as types appear.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_map>

#include "core/base/sqlite_file.hpp"
#include "core/telemetry/tables/columns.hpp"
#include "core/telemetry/writers/log_output.hpp"

namespace retwin {
namespace {

constexpr const char* tables[] = {
    "CREATE TABLE event_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT)",
    "CREATE TABLE object_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT)",
    "CREATE TABLE event (ocel_id TEXT PRIMARY KEY, ocel_type TEXT, FOREIGN KEY (ocel_type) REFERENCES event_map_type(ocel_type))",
    "CREATE TABLE object (ocel_id TEXT PRIMARY KEY, ocel_type TEXT, FOREIGN KEY (ocel_type) REFERENCES "
    "object_map_type(ocel_type))",
    "CREATE TABLE event_object (ocel_event_id TEXT, ocel_object_id TEXT, ocel_qualifier TEXT, PRIMARY KEY (ocel_event_id, "
    "ocel_object_id, ocel_qualifier), FOREIGN KEY (ocel_event_id) REFERENCES event(ocel_id), FOREIGN KEY (ocel_object_id) "
    "REFERENCES object(ocel_id))",
    "CREATE TABLE object_object (ocel_source_id TEXT, ocel_target_id TEXT, ocel_qualifier TEXT, PRIMARY KEY (ocel_source_id, "
    "ocel_target_id, ocel_qualifier), FOREIGN KEY (ocel_source_id) REFERENCES object(ocel_id), FOREIGN KEY (ocel_target_id) "
    "REFERENCES object(ocel_id))"};

class OcelSqlite : public LogOutput {
 public:
  OcelSqlite(const std::string& path, const std::vector<LogField>& fields, std::string prefix)
      : fields_(fields), prefix_(std::move(prefix)), file_(path, SqliteFile::Mode::write) {
    for (const char* table : tables) file_.run(table);
    event_ = file_.prepare("INSERT OR IGNORE INTO event VALUES (?, ?)");
    object_ = file_.prepare("INSERT OR IGNORE INTO object VALUES (?, ?)");
    event_object_ = file_.prepare("INSERT OR IGNORE INTO event_object VALUES (?, ?, ?)");
    type_of_ = file_.prepare("SELECT ocel_type FROM object WHERE ocel_id = ?");
    object_object_ = file_.prepare("INSERT OR IGNORE INTO object_object VALUES (?, ?, ?)");
    std::set<std::string> taken{"ocel_id", "ocel_time", "ocel_changed_field"};
    for (const char* own : {"start_timestamp", "lifecycle", "kind"}) taken.insert(lower(own));
    for (LogField& field : fields_)
      while (!taken.insert(lower(field.name)).second) field.name += "_";  // columns of SQLite have no upper and lower case
  }

  void add(const LoggedOperation& o) override {
    const bool alone = o.batch.empty();
    const std::string id = alone ? fmt::format("{}{}", prefix_, ++singles_) : std::string(o.batch);
    lot(o);
    if (event_.bind(0, id).bind(1, o.activity).run() > 0) {
      of_event(id, o);
      if (!o.resource.empty()) resource(id, o.resource);
    }
    event_object_.bind(0, id).bind(1, o.lot).bind(2, "lot").run();
  }

  void forget(std::string_view lot) override { last_.erase(std::string(lot)); }

  void commit() override {
    const std::string unseen =
        "FROM (SELECT DISTINCT ocel_target_id AS id FROM object_object) WHERE id NOT IN (SELECT ocel_id FROM object)";
    SqliteStatement any = file_.prepare("SELECT count(*) " + unseen);
    any.step();
    if (any.number(0) > 0) {  // parents without an operation of their own
      type(objects_, "object", "lot");
      file_.run("INSERT INTO object SELECT id, 'lot' " + unseen);
    }
    any = {};
    for (SqliteStatement* s : {&event_, &object_, &event_object_, &object_object_, &type_of_}) *s = {};
    events_.clear();
    objects_.clear();
    file_.commit();
  }

 private:
  using Types = std::unordered_map<std::string, SqliteStatement>;

  static std::string lower(std::string_view name) {
    std::string out(name);
    for (char& c : out)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    return out;
  }

  static double time_of(const LoggedOperation& o) { return std::isnan(o.end_s) ? o.start_s : o.end_s; }

  /// The statement that adds to the table of a type; the first time, the table.
  SqliteStatement& type(Types& types, const std::string& of, std::string_view name) {
    const auto known = types.find(std::string(name));
    if (known != types.end()) return known->second;
    std::string map = plain_name(name);
    while (!tables_.insert(of + "_" + map).second || map == "object" || map == "maptype") map += fmt::format("_{}", types.size());
    const std::string table = of + "_" + map;
    std::string columns, places = "?, ?";
    const bool event = of == "event";
    if (event) {
      columns = ", start_timestamp TIMESTAMP, lifecycle TEXT";
      places += ", ?, ?";
    } else {
      columns = ", ocel_changed_field TEXT, kind TEXT";
      places += ", ?, ?";
    }
    for (const LogField& field : fields_) {
      if (!event && (!field.of_lot || name == "resource")) continue;
      columns += ", " + SqliteFile::quoted(field.name) + (field.numeric ? " REAL" : " TEXT");
      places += ", ?";
    }
    file_.run(fmt::format("CREATE TABLE {} (ocel_id TEXT{}, ocel_time TIMESTAMP{})", SqliteFile::quoted(table),
                          event ? " PRIMARY KEY" : "", columns));
    file_.prepare(fmt::format("INSERT INTO {}_map_type VALUES (?, ?)", of)).bind(0, name).bind(1, map).run();
    SqliteStatement insert = file_.prepare(fmt::format("INSERT INTO {} VALUES ({})", SqliteFile::quoted(table), places));
    return types.emplace(name, std::move(insert)).first->second;
  }

  void bind(SqliteStatement& statement, int place, const LogField& field, const LogValue& value) const {
    if (field.numeric || value.text.empty()) statement.bind(place, field.numeric ? value.number : std::nan(""));
    else statement.bind(place, value.text);
  }

  void of_event(const std::string& id, const LoggedOperation& o) {
    SqliteStatement& row = type(events_, "event", o.activity);
    row.unbind();
    row.bind(0, id).bind(1, utc_stamp(time_of(o)));
    if (!std::isnan(o.start_s) && !std::isnan(o.end_s)) row.bind(2, utc_stamp(o.start_s));
    row.bind(3, std::isnan(o.end_s) ? "start" : "complete");
    const bool alone = o.batch.empty();
    for (std::size_t c = 0; c < fields_.size(); ++c)
      bind(row, 4 + static_cast<int>(c), fields_[c], alone || !fields_[c].of_lot ? o.values[c] : LogValue{});
    row.run();
  }

  void resource(const std::string& event, std::string_view name) {
    const std::string id = "resource:" + std::string(name);
    if (object_.bind(0, id).bind(1, "resource").run() > 0) bare_row("resource", id, utc_stamp(0)).run();
    event_object_.bind(0, event).bind(1, id).bind(2, "resource").run();
  }

  /// What was told last of a lot: its type, then (what it has become) its kind, then its fields.
  struct Told {
    std::string type, kind;
    std::vector<std::string> values;
  };

  /// All attributes of a lot that is new; of one that is known, those that have changed.
  void lot(const LoggedOperation& o) {
    const std::string kind(o.kind.empty() || o.kind == "resource" ? std::string_view("lot") : o.kind);
    const bool fresh = object_.bind(0, o.lot).bind(1, kind).run() > 0;
    Told& last = last_[std::string(o.lot)];
    if (last.type.empty()) last = {fresh ? kind : type_of(o.lot), {}, std::vector<std::string>(fields_.size())};
    if (last.kind.empty()) last.kind = last.type;
    if (fresh) {
      if (!o.parent.empty()) object_object_.bind(0, o.lot).bind(1, o.parent).bind(2, "part of").run();
      SqliteStatement& row = bare_row(last.type, o.lot, utc_stamp(0));
      int place = 4;
      for (std::size_t c = 0; c < fields_.size(); ++c)
        if (fields_[c].of_lot) bind(row, place++, fields_[c], o.values[c]);
      row.run();
    }
    if (kind != last.kind) bare_row(last.type, o.lot, utc_stamp(time_of(o))).bind(2, "kind").bind(3, kind).run();
    last.kind = kind;
    int place = 4;
    for (std::size_t c = 0; c < fields_.size(); ++c) {
      if (!fields_[c].of_lot) continue;
      std::string now = fields_[c].numeric ? number_text(o.values[c].number) : std::string(o.values[c].text);
      if (!fresh && now != last.values[c]) {
        SqliteStatement& row = bare_row(last.type, o.lot, utc_stamp(time_of(o))).bind(2, fields_[c].name);
        bind(row, place, fields_[c], o.values[c]);
        row.run();
      }
      last.values[c] = std::move(now);
      ++place;
    }
  }

  std::string type_of(std::string_view lot) {
    type_of_.bind(0, lot);
    type_of_.step();
    std::string type(type_of_.text(0));
    type_of_.run();
    return type;
  }

  /// A row of the table of an object's type, with everything missing but id and time.
  SqliteStatement& bare_row(const std::string& of, std::string_view id, const std::string& stamp) {
    SqliteStatement& row = type(objects_, "object", of);
    row.unbind();
    return row.bind(0, id).bind(1, stamp);
  }

  std::vector<LogField> fields_;
  std::string prefix_;
  SqliteFile file_;
  SqliteStatement event_, object_, event_object_, object_object_, type_of_;
  Types events_, objects_;
  std::set<std::string> tables_;
  std::unordered_map<std::string, Told> last_;  ///< of the lots that are about
  std::uint64_t singles_ = 0;
};

}  // namespace

std::unique_ptr<LogOutput> ocel_sqlite_output(const std::string& path, const std::vector<LogField>& fields) {
  return std::make_unique<OcelSqlite>(path, fields, std::string(single_event));
}

void write_ocel_sqlite(const EventLog& log, const std::string& path) {
  LogOperations operations(log);
  OcelSqlite out(path, operations.fields(), single_event_prefix(log));
  for (const std::size_t e : operations.in_order_of_ends()) out.add(operations(e));
  out.commit();
}

}  // namespace retwin
