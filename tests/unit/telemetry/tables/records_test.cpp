// Event logs in plain tables of SQLite: read as a CSV of the same rows, chosen among several, refused with all of them named.
#include "core/telemetry/tables/records.hpp"

#include <doctest/doctest.h>

#include <unistd.h>
#include <filesystem>
#include <functional>
#include <string>

#include "core/base/files.hpp"
#include "core/base/problem.hpp"
#include "core/base/sqlite_file.hpp"
#include "core/telemetry/readers/meter_series.hpp"
#include "core/telemetry/readers/read_log.hpp"
#include "core/telemetry/readers/state_log.hpp"

namespace retwin::records_test {

namespace {

/// A database of its own in a folder for temporary files, gone at the end.
class Database {
 public:
  explicit Database(const std::vector<std::string>& statements)
      : path_(std::filesystem::temp_directory_path() / ("retwin_records_" + std::to_string(::getpid()) + ".db")) {
    SqliteFile file(path_, SqliteFile::Mode::write);
    for (const std::string& statement : statements) file.run(statement);
    file.commit();
  }
  ~Database() { std::filesystem::remove(path_); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  const std::string& name() const { return path_; }

 private:
  std::string path_;
};

const char* const events_table =
    "CREATE TABLE events (time REAL, machine_id TEXT, activity_type TEXT, part_id INTEGER, queue TEXT)";
const char* const rows =
    " VALUES (100.25,'saw','START',0,'a'), (110.123456789,'saw','FINISH',0,'b'), (120,' press ','START',0,'a'),"
    " (130,'press','FINISH',0,'b'), (131,'saw','START',NULL,'a'), (140,'press','START',1,'a'), ('soon','press','FINISH',1,'b')";

std::string refusal(const std::function<void()>& read) {
  try {
    read();
  } catch (const InputError& error) {
    std::string all;
    for (const Problem& p : error.problems()) all += std::string(code_name(p.code)) + ": " + p.message + " | " + p.hint + "\n";
    return all;
  }
  return "no problem";
}

bool has(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a table of SQLite is read as the CSV of its rows") {
  const Database database({events_table, std::string("INSERT INTO events") + rows, "CREATE TABLE meta (key TEXT, value TEXT)",
                           "INSERT INTO meta VALUES ('line', 'five')",
                           "CREATE VIEW latest AS SELECT max(time) AS t FROM events"});
  const std::string csv = database.name() + ".csv";
  write_file(
      csv,
      "time,machine_id,activity_type,part_id,queue\n100.25,saw,START,0,a\n110.123456789,saw,FINISH,0,b\n120, press ,START,0,a\n"
      "130,press,FINISH,0,b\n131,saw,START,,a\n140,press,START,1,a\nsoon,press,FINISH,1,b\n");
  const EventLog log = read_log(database.name()), same = read_log(csv);
  std::filesystem::remove(csv);
  REQUIRE(log.events.size() == 2);
  CHECK(log.lots[log.events[0].lot] == "0");
  CHECK(log.activities[log.events[1].activity] == "press");
  CHECK(log.events[0].end_s == 110.123456789);  // all digits
  CHECK(log.sha256.size() == 64);
  REQUIRE(same.events.size() == 2);
  CHECK(same.events[1].start_s == log.events[1].start_s);
  REQUIRE(log.findings.size() == same.findings.size());
  for (std::size_t k = 0; k < log.findings.size(); ++k) {
    CHECK(log.findings[k].fault == same.findings[k].fault);
    CHECK(log.findings[k].count == same.findings[k].count);
    CHECK(log.findings[k].first_row + 1 == same.findings[k].first_row);  // without a header
  }
  CHECK(has(log.findings[0].example, "row 5, column \"part_id\""));
}

TEST_CASE("which table: the named one, the only one that fits, or all of them in the refusal") {
  const std::string second = "CREATE TABLE old (time REAL, machine_id TEXT, activity_type TEXT, part_id INTEGER, queue TEXT)";
  {
    const Database database({events_table, std::string("INSERT INTO events") + rows, second});  // the other is empty
    CHECK(read_log(database.name()).events.size() == 2);
    CHECK(has(refusal([&] { read_log(database.name() + "#old"); }), "no rows"));
  }
  const Database database(
      {events_table, std::string("INSERT INTO events") + rows, second, std::string("INSERT INTO old") + rows});
  const std::string both = refusal([&] { read_log(database.name()); });
  CHECK(has(both, "conflict: "));
  CHECK(has(both, "events (time, machine_id"));
  CHECK(has(both, "old (time, machine_id"));
  CHECK(read_log(database.name() + "#old").events.size() == 2);
  const std::string wrong = refusal([&] { read_log(database.name() + "#odl"); });
  CHECK(has(wrong, "unknown-name: "));
  CHECK(has(wrong, "did you mean old?"));
}

TEST_CASE("databases that hold no log") {
  CHECK(has(refusal([] { read_log(Database({}).name()); }), "missing: "));
  const std::string none = refusal([] {
    const Database database({"CREATE TABLE users (name TEXT)", "CREATE TABLE meta (key TEXT)"});
    read_log(database.name());
  });
  CHECK(has(none, "users (name)"));
  CHECK(has(none, "meta (key)"));
  CHECK(has(refusal([] {
              const Database database({"CREATE TABLE event (ocel_id TEXT, ocel_type TEXT)"});
              read_log(database.name());
            }),
            "event_object"));  // it means to be OCEL
}

TEST_CASE("state logs and meters lie in tables too") {
  const Database database({"CREATE TABLE states (machine TEXT, state TEXT, \"from\" INTEGER, \"to\" INTEGER)",
                           "INSERT INTO states VALUES ('saw', 'Working', 0, 60), ('saw', 'Down', 60, 90)",
                           "CREATE TABLE meters (time INTEGER, \"power [kW]\" REAL)",
                           "INSERT INTO meters VALUES (0, 1.5), (60, 2.5)"});
  CHECK(read_state_log(database.name()).records.size() == 2);
  CHECK(read_meter_series(database.name() + "#meters")[0].value[1] == 2500);
}

}  // namespace retwin::records_test
