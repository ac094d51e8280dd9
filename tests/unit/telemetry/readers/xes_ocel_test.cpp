// Logs in XES and OCEL 2.0: written by hand, read; written by us, read back; and everything that is wrong with such files.
#include <doctest/doctest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <functional>

#include "core/base/files.hpp"
#include "core/base/sqlite_file.hpp"
#include "core/telemetry/log/clean.hpp"
#include "core/telemetry/readers/csv_log.hpp"
#include "core/telemetry/readers/ocel_log.hpp"
#include "core/telemetry/readers/xes_log.hpp"
#include "core/telemetry/writers/log_output.hpp"

namespace retwin::xes_ocel_test {
namespace fs = std::filesystem;

namespace {

/// A file of its own for one test.
struct File {
  fs::path path;
  explicit File(const std::string& extension)
      : path(fs::temp_directory_path() / ("retwin_xes_ocel_test_" + std::to_string(::getpid()) + extension)) {}
  File(const std::string& extension, std::string_view text) : File(extension) { write_file(name(), text); }
  ~File() { fs::remove(path); }
  std::string name() const { return path.string(); }
};

/// Codes and lines of what is refused, "" if nothing is.
std::string refusal(const std::function<void()>& action) {
  try {
    action();
  } catch (const InputError& error) {
    std::string out;
    for (const Problem& p : error.problems()) {
      out += (out.empty() ? "" : " ") + std::string(code_name(p.code)) + "@" + std::to_string(p.place.line);
      CHECK_FALSE(p.message.empty());
      CHECK_FALSE(p.hint.empty());
      CHECK_FALSE(p.place.file.empty());
    }
    return out;
  }
  return {};
}

constexpr double noon = 1767614400;  // 2026-01-05T12:00:00Z

std::string value_text(const LogColumn& column, std::size_t event) {
  const double value = column.values[event];
  if (std::isnan(value)) return "-";
  return column.numeric ? number_text(value) : column.categories[static_cast<std::uint32_t>(value)];
}

/// "lot activity resource start end values" of each event, times in seconds since noon.
std::string words(const EventLog& log, const std::vector<std::string>& columns = {}) {
  std::string out;
  const auto time = [](double t) { return std::isnan(t) ? std::string("-") : number_text(std::round((t - noon) * 1e6) / 1e6); };
  for (std::size_t k = 0; k < log.events.size(); ++k) {
    const LogEvent& e = log.events[k];
    out += log.lots[e.lot] + " " + log.activities[e.activity] + " ";
    out += (e.resource == Names::absent ? "-" : log.resources[e.resource]) + " " + time(e.start_s) + " " + time(e.end_s);
    for (const std::string& name : columns) out += " " + (log.column(name) ? value_text(*log.column(name), k) : "?");
    out += "\n";
  }
  return out;
}

std::uint64_t count(const std::vector<LogFinding>& findings, LogFault fault) {
  std::uint64_t sum = 0;
  for (const LogFinding& f : findings) sum += f.fault == fault ? f.count : 0;
  return sum;
}

// --- XES -----------------------------------------------------------------------------------------------------------------------

const std::string xes_example = R"(<?xml version="1.0" encoding="UTF-8" ?>
<!-- by hand -->
<x:log xmlns:x="http://www.xes-standard.org/" xes.version="1849-2016">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <global scope="event"><string key="concept:name" value="nobody"/></global>
  <string key="origin" value="of the log"/>
  <x:trace>
    <string key="concept:name" value="p&amp;1"/>
    <int key="modules" value="12"/>
    <x:event>
      <string key="concept:name" value="open"/><string key="org:resource" value="anna"/>
      <string key="lifecycle:transition" value="start"/><date key="time:timestamp" value="2026-01-05T13:00:00+01:00"/>
    </x:event>
    <x:event>
      <string key="concept:name" value="open"/><string key="org:resource" value="anna"/>
      <string key="lifecycle:transition" value="COMPLETE"/><date key="time:timestamp" value="2026-01-05T12:00:30.250Z"/>
      <float key="mass" value="2.5"><string key="unit" value="kg"/></float><boolean key="good" value="true"/>
    </x:event>
  </x:trace>
  <trace>
    <event>
      <string key="concept:name" value="close"/>
      <date key="start_timestamp" value="2026-01-05T12:00:10Z"/><date key="time:timestamp" value="2026-01-05T12:00:40Z"/>
      <int key="mass" value="3"/>
    </event>
  </trace>
</x:log>
)";

std::string xes_refused(std::string_view text) {
  return refusal([&] { read_xes_log(File(".xes", text).name()); });
}
std::string with_events(const std::string& events) { return "<log>\n<trace>\n" + events + "\n</trace>\n</log>"; }
EventLog read_events(const std::string& events) { return read_xes_log(File(".xes", with_events(events)).name()); }

std::string event(const std::string& activity, const std::string& step, int second, const std::string& more = {}) {
  return "<event><string key='concept:name' value='" + activity + "'/><string key='lifecycle:transition' value='" + step +
         "'/><date key='time:timestamp' value='2026-01-05T12:00:" + (second < 10 ? "0" : "") + std::to_string(second) + "Z'/>" +
         more + "</event>";
}

}  // namespace

TEST_CASE("a log in XES written by hand") {
  const EventLog log = read_xes_log(File(".xes", xes_example).name());
  CHECK(words(log, {"mass", "good", "case:modules"}) ==
        "p&1 open anna 0 30.25 2.5 true 12\n"
        "2 close - 10 40 3 - -\n");
  CHECK(log.columns.size() == 3);  // nothing of the log, of scopes, or nested in attributes
  CHECK(log.sha256.size() == 64);
  CHECK(log.findings.empty());
  CHECK(log.events[0].row == 1);
  CHECK(log.events[1].row == 3);
}

TEST_CASE("steps of the lifecycle: pairs, instances, halves, foreign steps") {
  CHECK(words(read_events(event("a", "start", 1) + event("a", "start", 2) + event("a", "complete", 5) +
                          event("a", "complete", 9))) ==
        "1 a - 1 5\n1 a - 2 9\n");
  const auto instance = [](int n) { return "<string key='concept:instance' value='" + std::to_string(n) + "'/>"; };
  CHECK(words(read_events(event("a", "start", 1, instance(1)) + event("a", "start", 2, instance(2)) +
                          event("a", "complete", 5, instance(2)) + event("a", "complete", 9, instance(1)))) ==
        "1 a - 1 9\n1 a - 2 5\n");
  CHECK(words(read_events(event("a", "start", 1) + event("b", "complete", 5))) == "1 a - 1 -\n1 b - - 5\n");
  CHECK(words(read_events(event("a", "complete", 1) + event("b", "complete", 5))) == "1 a - 1 1\n1 b - 5 5\n");  // nobody starts
  const EventLog log = read_events(event("a", "complete", 1) + event("a", "suspend", 3));
  CHECK(log.events.size() == 1);
  CHECK(count(log.findings, LogFault::foreign_row) == 1);
}

TEST_CASE("faults in XES are counted, not fatal") {
  const EventLog log = read_xes_log(File(".xes", "<log><event><string key='concept:name' value='stray'/></event><trace>" +
                                                     event("a", "complete", 1, "<int key='n' value='many'/>") +
                                                     event("", "complete", 2) + "<event><string key='concept:name' value='b'/>" +
                                                     "<date key='time:timestamp' value='soon'/></event><event><string " +
                                                     "key='concept:name' value='b'/></event></trace></log>")
                                        .name());
  CHECK(words(log) == "1 a - 1 1\n");
  CHECK(count(log.findings, LogFault::missing_case) == 1);
  CHECK(count(log.findings, LogFault::missing_activity) == 1);
  CHECK(count(log.findings, LogFault::unparsable_time) == 2);
  CHECK(count(log.findings, LogFault::unparsable_number) == 1);
}

TEST_CASE("what is no log in XES is refused, with its place") {
  CHECK(xes_refused(xes_example) == "");
  CHECK(xes_refused("") == "syntax@1");
  CHECK(xes_refused("<log>\n <trace>\n  <event>\n</log>") == "syntax@4");
  CHECK(xes_refused(xes_example.substr(0, xes_example.find("<float"))) == "syntax@17");
  CHECK(xes_refused("<pnml/>") == "type@1");
  CHECK(xes_refused("<log></log>") == "missing@0");
  CHECK(xes_refused("<log><trace/></log>") == "missing@0");
  CHECK(xes_refused(with_events("<event/>")) == "trace@1");
  CHECK(xes_refused("<!DOCTYPE log [<!ENTITY a 'aaaa'>]>\n<log><trace/></log>") == "syntax@1");
  CHECK(xes_refused("<log><trace>\n<string key='x' value='" + std::string(20 << 20, 'x') + "'/></trace></log>") == "too-large@2");
  CHECK(xes_refused("<log>" + std::string("\xff\xfe", 2) + "</log>") == "syntax@1");
  CHECK(refusal([] { read_xes_log("/nowhere/log.xes"); }) == "file@0");
  const std::string deep = [] {
    std::string text = "<log>";
    for (int k = 0; k < 100000; ++k) text += "<list>";
    return text;
  }();
  CHECK(xes_refused(deep) == "nesting@1");
  try {
    read_xes_log(File(".xes", "<log>\n  <trace></log>").name());
    CHECK(false);
  } catch (const InputError& error) {
    CHECK(error.problems()[0].place.column > 1);
  }
}

// --- OCEL ----------------------------------------------------------------------------------------------------------------------

namespace {

const std::string ocel_example = R"({
"eventTypes": [{"name": "open", "attributes": [{"name": "force", "type": "float"}]}, {"name": "shred", "attributes": []}],
"objectTypes": [{"name": "pack", "attributes": [{"name": "soh", "type": "float"}]}, {"name": "module", "attributes": []},
                {"name": "resource", "attributes": []}],
"events": [
  {"id": "e1", "type": "open", "time": "2026-01-05T12:00:30Z",
   "attributes": [{"name": "force", "value": "2.5"}, {"name": "start_timestamp", "value": "2026-01-05T12:00:00Z"}],
   "relationships": [{"objectId": "p1", "qualifier": "opened"}, {"objectId": "anna", "qualifier": "by"}]},
  {"id": "e2", "type": "shred", "time": "2026-01-05T13:00:00+01:00", "attributes": [{"name": "lifecycle", "value": "start"}],
   "relationships": [{"objectId": "m1", "qualifier": "of"}, {"objectId": "m2", "qualifier": "of"}]},
  {"id": "e3", "type": "shred", "time": "2026-01-05T12:01:00Z", "attributes": [{"name": "lifecycle", "value": "complete"}],
   "relationships": [{"objectId": "m1", "qualifier": "of"}, {"objectId": "m2", "qualifier": "of"},
                     {"objectId": "shredder", "qualifier": "resource"}]}],
"objects": [
  {"id": "p1", "type": "pack", "attributes": [{"name": "soh", "time": "1970-01-01T00:00:00Z", "value": 0.9},
                                              {"name": "soh", "time": "2026-01-05T12:00:30Z", "value": 0.8},
                                              {"name": "soh", "time": "2026-01-06T00:00:00Z", "value": 0.1}],
   "relationships": [{"objectId": "m1", "qualifier": "contains"}]},
  {"id": "m1", "type": "module", "attributes": []},
  {"id": "m2", "type": "module", "attributes": [], "relationships": [{"objectId": "p1", "qualifier": "part of"}]},
  {"id": "anna", "type": "resource", "attributes": []},
  {"id": "shredder", "type": "machine", "attributes": []}]
})";

std::string ocel_refused(std::string_view text) {
  return refusal([&] { read_ocel_log(File(".json", text).name()); });
}

std::string relations(const OcelLog& log) {
  std::string out;
  for (const LotRelation& r : log.relations) out += r.child + " of " + r.parent + " (" + r.qualifier + ")\n";
  return out;
}

/// The example's shredding, as tables.
void write_tables(const std::string& path, const std::vector<std::string>& more = {}) {
  fs::remove(path);
  SqliteFile file(path, SqliteFile::Mode::write);
  for (const char* sql : {
           "CREATE TABLE event_map_type (ocel_type TEXT, ocel_type_map TEXT)",
           "CREATE TABLE object_map_type (ocel_type TEXT, ocel_type_map TEXT)",
           "CREATE TABLE event (ocel_id TEXT, ocel_type TEXT)",
           "CREATE TABLE object (ocel_id TEXT, ocel_type TEXT)",
           "CREATE TABLE event_object (ocel_event_id TEXT, ocel_object_id TEXT, ocel_qualifier TEXT)",
           "CREATE TABLE object_object (ocel_source_id TEXT, ocel_target_id TEXT, ocel_qualifier TEXT)",
           "CREATE TABLE event_CutUp (ocel_id TEXT, ocel_time TIMESTAMP, start_time TIMESTAMP, \"force [N]\" REAL)",
           "CREATE TABLE object_Lot (ocel_id TEXT, ocel_time TIMESTAMP, ocel_changed_field TEXT, kg REAL, colour TEXT)",
           "INSERT INTO event_map_type VALUES ('cut up', 'CutUp')",
           "INSERT INTO object_map_type VALUES ('lot', 'Lot')",
           "INSERT INTO event VALUES ('e1', 'cut up')",
           "INSERT INTO event VALUES ('e2', 'cut up')",
           "INSERT INTO event_CutUp VALUES ('e1', '2026-01-05 12:00:20', '2026-01-05 12:00:05', 7)",
           "INSERT INTO event_CutUp VALUES ('e2', '2026-01-05 12:00:40', NULL, NULL)",
           "INSERT INTO object VALUES ('a', 'lot')",
           "INSERT INTO object VALUES ('b', 'lot')",
           "INSERT INTO object_Lot VALUES ('a', '1970-01-01 00:00:00', NULL, 3, 'red')",
           "INSERT INTO object_Lot VALUES ('a', '2026-01-05 12:00:30', 'kg', 2, 'ignored')",
           "INSERT INTO event_object VALUES ('e1', 'a', '')",
           "INSERT INTO event_object VALUES ('e2', 'a', '')",
           "INSERT INTO event_object VALUES ('e2', 'b', '')",
           "INSERT INTO object_object VALUES ('b', 'a', 'part of')",
       })
    file.run(sql);
  for (const std::string& sql : more) file.run(sql);
  file.commit();
}

std::string tables_refused(const std::vector<std::string>& more) {
  const File file(".sqlite");
  write_tables(file.name(), more);
  return refusal([&] { read_ocel_log(file.name()); });
}

}  // namespace

TEST_CASE("a log in OCEL 2.0 as JSON written by hand") {
  const File file(".json", ocel_example);
  const OcelLog modules = read_ocel_log(file.name());  // modules have the most relations
  CHECK(words(modules.events, {"batch", "kind"}) ==
        "m1 shred shredder 0 60 e3 module\n"
        "m2 shred shredder 0 60 e3 module\n");
  CHECK(count(modules.events.findings, LogFault::missing_case) == 1);  // of the pack's event
  CHECK(relations(modules) == "m1 of p1 (contains)\nm2 of p1 (part of)\n");
  OcelLogOptions packs;
  packs.case_type = "pack";
  const OcelLog log = read_ocel_log(file.name(), packs);
  CHECK(words(log.events, {"force", "soh", "batch"}) == "p1 open anna 0 30 2.5 0.8 ?\n");  // soh as it was at that time
  CHECK(log.events.column("force")->numeric);
  CHECK(log.events.zone_s == 0);  // its stamps are of two zones
  std::string zoned(ocel_example);
  for (const auto& [stamp, other] : {std::pair("12:00:30Z\",", "20:00:30+08:00\","), {"12:01:00Z", "20:01:00+08:00"},
                                     {"13:00:00+01:00", "20:00:00+08:00"}})
    zoned.replace(zoned.find(stamp), std::string_view(stamp).size(), other);
  const File same(".json", zoned);
  const OcelLog eastern = read_ocel_log(same.name());
  CHECK(eastern.events.zone_s == 8 * 3600);
  CHECK(words(eastern.events, {"batch", "kind"}) == words(modules.events, {"batch", "kind"}));
}

TEST_CASE("a log in OCEL 2.0 as XML is that of the JSON, in any case of its name") {
  const std::string xml = R"(<?xml version="1.0" encoding="UTF-8"?>
<log>
<object-types><object-type name="pack"><attributes><attribute name="soh" type="float"/></attributes></object-type></object-types>
<event-types><event-type name="open"><attributes><attribute name="force" type="float"/></attributes></event-type></event-types>
<objects>
<object id="p1" type="pack"><attributes><attribute name="soh" time="1970-01-01T00:00:00Z">0.9</attribute>
<attribute name="soh" time="2026-01-05T12:00:30Z">0.8</attribute><attribute name="soh" time="2026-01-06T00:00:00Z">0.1</attribute></attributes>
<objects><relationship object-id="m1" qualifier="contains"/></objects></object>
<object id="m1" type="module"><attributes/></object>
<object id="m2" type="module"><attributes/><objects><object object-id="p1" qualifier="part of"/></objects></object>
<object id="anna" type="resource"><attributes/></object>
<object id="shredder" type="machine"><attributes/></object>
</objects>
<events>
<event id="e1" type="open" time="2026-01-05T12:00:30Z"><attributes><attribute name="force">2.5</attribute><attribute name="start_timestamp">2026-01-05T12:00:00Z</attribute></attributes>
<objects><relationship object-id="p1" qualifier="opened"/><relationship object-id="anna" qualifier="by"/></objects></event>
<event id="e2" type="shred" time="2026-01-05T13:00:00+01:00"><attributes><attribute name="lifecycle">start</attribute></attributes>
<objects><relationship object-id="m1" qualifier="of"/><relationship object-id="m2" qualifier="of"/></objects></event>
<event id="e3" type="shred" time="2026-01-05T12:01:00Z"><attributes><attribute name="lifecycle">complete</attribute></attributes>
<objects><relationship object-id="m1" qualifier="of"/><relationship object-id="m2" qualifier="of"/><relationship object-id="shredder" qualifier="resource"/></objects></event>
</events>
</log>
)";
  const File json(".json", ocel_example), file(".XML", xml);
  for (const char* type : {"", "pack"}) {
    OcelLogOptions options;
    options.case_type = type;
    const OcelLog a = read_ocel_log(json.name(), options), b = read_ocel_log(file.name(), options);
    CHECK(words(a.events, {"force", "soh", "batch"}) == words(b.events, {"force", "soh", "batch"}));
    CHECK(relations(a) == relations(b));
    CHECK(a.events.findings.size() == b.events.findings.size());
  }
  const auto refused = [](std::string_view text) { return refusal([&] { read_ocel_log(File(".xml", text).name()); }); };
  CHECK(refused("<log><events/></log>") == "missing@0");
  CHECK(refused("<ocel/>") == "type@1");
  CHECK(refused("<log>\n<events>") == "syntax@2");
}

TEST_CASE("the type of resources may be named, and must be one") {
  std::string text(ocel_example);
  const File file(".json", text);
  OcelLogOptions options;
  options.case_type = "module";
  options.resource_type = "machine";
  CHECK(words(read_ocel_log(file.name(), options).events) == "m1 shred shredder 0 60\nm2 shred shredder 0 60\n");
  options.resource_type = "machina";
  CHECK(refusal([&] { read_ocel_log(file.name(), options); }) == "unknown-name@0");
  options.resource_type = "module";
  CHECK(refusal([&] { read_ocel_log(file.name(), options); }) == "conflict@0");
}

TEST_CASE("a log in OCEL 2.0 as tables written by hand") {
  const File file(".sqlite");
  write_tables(file.name());
  const OcelLog log = read_ocel_log(file.name());
  CHECK(words(log.events, {"force [N]", "kg", "colour", "batch", "kind"}) ==
        "a cut up - 5 20 7 3 red - ?\n"
        "a cut up - 40 40 - 2 red e2 ?\n"
        "b cut up - 40 40 - - - e2 ?\n");
  CHECK(relations(log) == "b of a (part of)\n");
  CHECK(log.events.findings.empty());
}

TEST_CASE("what is no log in OCEL is refused, all of it at once") {
  CHECK(ocel_refused(ocel_example) == "");
  CHECK(ocel_refused("") == "syntax@1");
  CHECK(ocel_refused("{\n\"events\": [\n{,}]}") == "syntax@3");
  CHECK(ocel_refused(ocel_example.substr(0, ocel_example.size() / 2)).substr(0, 7) == "syntax@");
  CHECK(ocel_refused("[]") == "type@0");
  CHECK(ocel_refused(R"({"events": [{"id": 1e999}]})") == "range@0");
  CHECK(ocel_refused("{}") == "missing@0 missing@0");
  CHECK(ocel_refused(R"({"events": [], "objects": []})") == "missing@0");
  // no relations
  CHECK(ocel_refused(R"({"events": [{"id": "e", "type": "t", "time": "2026-01-05"}], "objects": []})") == "missing@0");
  CHECK(ocel_refused(R"({"events": [{"id": "e", "type": "t", "time": "soon"}], "objects": []})") == "trace@1");
  CHECK(ocel_refused(R"({"events": [1, [], {"id": 7}], "objects": [{}, {"id": "a", "type": 3}]})") == "trace@1");
  CHECK(ocel_refused(std::string(200000, '[')) == "nesting@0");
  OcelLogOptions unknown;
  unknown.case_type = "packs";
  CHECK(refusal([&] { read_ocel_log(File(".json", ocel_example).name(), unknown); }) == "unknown-name@0");

  CHECK(tables_refused({}) == "");
  CHECK(tables_refused({"DROP TABLE object_object"}) == "");  // nothing has parents
  CHECK(tables_refused({"DELETE FROM event_object"}) == "missing@0");
  CHECK(tables_refused({"DROP TABLE event_object", "DROP TABLE event_map_type"}) == "missing@0 missing@0");
  CHECK(tables_refused({"DROP TABLE event_CutUp"}) == "missing@0");
  CHECK(tables_refused({"DELETE FROM event", "DELETE FROM event_object"}) == "missing@0");
  CHECK(tables_refused({"UPDATE event_CutUp SET ocel_time = 'soon'"}).substr(0, 7) == "trace@1");
  CHECK(tables_refused({"UPDATE event_CutUp SET ocel_id = CAST(x'ff41' AS TEXT)"}) == "encoding@0");
  CHECK(refusal([] { read_ocel_log(File(".sqlite", "SQLite format 3 or so").name()); }) == "file@0");
  CHECK(refusal([] { read_ocel_log("/nowhere/log.sqlite"); }) == "file@0");
  CHECK(refusal([] { read_ocel_log("/nowhere/log.json"); }) == "file@0");
}

// --- round trips ---------------------------------------------------------------------------------------------------------------

namespace {

/// Two lots in a batch, one that came from another, the same activity twice at a time, names that need escaping, values missing.
EventLog sample() {
  EventLog log;
  log.columns = {{"kind", false, {}, {}}, {"batch", false, {}, {}}, {"parent", false, {}, {}}, {"energy [J]", true, {}, {}},
                 {"mass_kg", true, {}, {}}, {"Colour", false, {}, {}}, {"colour", false, {}, {}}};
  std::uint32_t row = 0;
  const auto add = [&](const char* lot, const char* activity, const char* resource, double start, double end,
                       const std::vector<std::string>& values) {
    LogEvent e;
    e.lot = log.lots.number(lot);
    e.activity = log.activities.number(activity);
    if (*resource != '\0') e.resource = log.resources.number(resource);
    e.start_s = noon + start;
    e.end_s = noon + end;
    e.row = ++row;
    log.events.push_back(e);
    for (std::size_t c = 0; c < values.size(); ++c) {
      LogColumn& column = log.columns[c];
      column.values.push_back(values[c].empty()  ? std::nan("")
                              : column.numeric ? std::stod(values[c])
                                               : column.categories.number(values[c]));
    }
  };
  add("pack <1>", "open \"it\"", "crew", 0, 0.000001, {"pack", "", "", "5.5", "250", "red", "x"});
  add("pack <1>", "measure & sort", "", 10, 40, {"pack", "", "", "", "250", "red", ""});
  add("pack <1>", "measure & sort", "", 20, 30, {"pack", "", "", "1e-7", "250", "blue", "y"});
  add("m1", "shred", "pack <1>", 50, 60.25, {"module", "b1", "pack <1>", "7", "20.5", "red", ""});
  add("m2", "shred", "pack <1>", 50, 60.25, {"module", "b1", "nobody", "7", "21", "", ""});
  add("m1", "shred", "pack <1>", 60.25, 60.25, {"module", "", "pack <1>", "8", "20.5", "red", ""});
  add("m1", "shred", "", 70, 71, {"cells", "", "pack <1>", "8", "20", "red", ""});
  return log;
}

const std::vector<std::string> further = {"kind", "batch", "energy [J]", "mass_kg", "Colour"};

EventLog read_back(const std::string& path, std::string* parents = nullptr) {
  if (path.find(".csv") != std::string::npos) {
    LogMapping mapping;
    mapping.categorical = {"kind", "batch", "parent", "Colour", "colour"};
    mapping.numeric = {"energy [J]", "mass_kg"};
    return read_csv_log(path, mapping);
  }
  if (path.find(".xes") != std::string::npos) return read_xes_log(path);
  const OcelLog log = read_ocel_log(path);
  if (parents) *parents = relations(log);
  return log.events;
}

}  // namespace

TEST_CASE("a log written in any format is read back as it was") {
  const EventLog log = sample();
  const std::string told = words(log, further);
  for (const char* extension : {".csv", ".csv.gz", ".xes", ".xes.gz", ".sqlite", ".db", ".json", ".json.gz", ".jsonocel"}) {
    CAPTURE(extension);
    const File file(extension);
    write_log(log, file.name());
    std::string parents = "none told";
    const EventLog back = read_back(file.name(), &parents);
    CHECK(words(back, further) == told);
    CHECK(back.findings.empty());
    if (parents == "none told") CHECK(words(back, {"parent"}) == words(log, {"parent"}));
    else CHECK(parents == "m1 of pack <1> (part of)\nm2 of nobody (part of)\n");
    // and again: what we read we write the same
    const File second(std::string("2") + extension);
    write_log(back, second.name());
    CHECK(words(read_back(second.name()), further) == told);
    // control: another log does not read as this one
    EventLog other = log;
    other.events[3].end_s += 1e-6;
    other.events[4].end_s += 1e-6;
    write_log(other, file.name());
    CHECK(words(read_back(file.name()), further) != told);
    other = log;
    other.columns[4].values[4] = 22;
    write_log(other, file.name());
    CHECK(words(read_back(file.name()), further) != told);
  }
}

TEST_CASE("halves of operations survive") {
  EventLog log = sample();
  log.events[1].end_s = std::nan("");
  log.events[0].start_s = std::nan("");
  put_in_order(log);
  for (const char* extension : {".csv", ".xes", ".sqlite", ".json"}) {
    CAPTURE(extension);
    const File file(extension);
    write_log(log, file.name());
    CHECK(words(read_back(file.name())) == words(log));
  }
}

TEST_CASE("the lots of a batch share one event, and attributes that differ are theirs") {
  const File file(".sqlite");
  write_log(sample(), file.name());
  SqliteFile tables(file.name(), SqliteFile::Mode::read);
  const auto number = [&](const std::string& sql) {
    SqliteStatement s = tables.prepare(sql);
    REQUIRE(s.step());
    return s.number(0);
  };
  CHECK(number("SELECT count(*) FROM event") == 6);
  CHECK(number("SELECT count(*) FROM event_object WHERE ocel_event_id = 'b1' AND ocel_qualifier = 'lot'") == 2);
  CHECK(number("SELECT mass_kg FROM object_module WHERE ocel_id = 'm2'") == 21);
  CHECK(number("SELECT \"energy [J]\" FROM event_shred WHERE ocel_id = 'b1'") == 7);
  CHECK(number("SELECT count(*) FROM object WHERE ocel_type = 'resource'") == 2);  // one of them called like a lot
  CHECK(number("SELECT count(*) FROM pragma_foreign_key_check") == 0);
}

TEST_CASE("where a log cannot be written, nothing is left") {
  const EventLog log = sample();
  CHECK(refusal([&] { write_log(log, "log.txt"); }) == "unknown-name@0");
  CHECK(refusal([&] { write_log(log, ".csv"); }) == "unknown-name@0");
  const fs::path folder = fs::temp_directory_path() / ("retwin_xes_ocel_test_" + std::to_string(::getpid()));
  fs::create_directories(folder);
  for (const char* name : {"a.csv", "a.xes", "a.sqlite", "a.json"}) {
    make_log_output((folder / name).string(), {});  // never committed
    CHECK(fs::is_empty(folder));
    fs::create_directories(folder / name);
    CHECK_THROWS_AS(write_log(log, (folder / name).string()), InputError);
    fs::remove(folder / name);
    CHECK(fs::is_empty(folder));
  }
  fs::remove_all(folder);
}

TEST_CASE("stamps to the microsecond, before 1970 as well") {
  CHECK(utc_stamp(noon + 0.25) == "2026-01-05T12:00:00.250000Z");
  CHECK(utc_stamp(-0.5) == "1969-12-31T23:59:59.500000Z");
  CHECK(utc_stamp(-86400) == "1969-12-31T00:00:00.000000Z");
  CHECK(utc_stamp(std::nan("")) == "");
  CHECK(utc_stamp(0.9999996) == "1970-01-01T00:00:01.000000Z");
}

TEST_CASE("views without end, values without measure and numbers that are none, in a database") {
  const fs::path path = fs::temp_directory_path() / ("retwin_views_" + std::to_string(::getpid()) + ".sqlite");
  const auto refusal = [&](const std::string& view) {
    {
      SqliteFile file(path.string(), SqliteFile::Mode::write);
      file.run("CREATE VIEW log AS " + view);
      file.commit();
    }
    try {
      read_csv_log(path.string());
    } catch (const InputError& error) {
      return std::string(code_name(error.problems().front().code));
    }
    return std::string();
  };
  const std::string row = "1 AS \"case\", 'cut' AS activity, '2026-01-05 08:00:00' AS start, '2026-01-05 08:10:00' AS \"end\"";
  CHECK(refusal("SELECT " + row) == "");
  CHECK(refusal("WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n) SELECT k AS \"case\", 'cut' AS activity, "
                "'2026-01-05 08:00:00' AS start, '2026-01-05 08:10:00' AS \"end\" FROM n") == "too-large");
  CHECK(refusal("WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n) SELECT " + row + " FROM n WHERE k < 0") == "too-large");
  CHECK(refusal("SELECT 1 AS \"case\", hex(zeroblob(40000000)) AS activity, 1 AS start, 2 AS \"end\"") == "too-large");
  fs::remove(path);
}

}  // namespace retwin::xes_ocel_test
