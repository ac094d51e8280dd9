// Logs in CSV: stamps, records, mappings, pairing, cleaning, states and meters; and the logs of others where they are there.
#include <doctest/doctest.h>

#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <functional>

#include "core/base/files.hpp"
#include "core/telemetry/log/clean.hpp"
#include "core/telemetry/readers/read_log.hpp"
#include "core/telemetry/readers/csv_log.hpp"
#include "core/telemetry/readers/meter_series.hpp"
#include "core/telemetry/readers/state_log.hpp"
#include "core/telemetry/tables/text_stream.hpp"

namespace retwin::csv_log_test {
namespace fs = std::filesystem;

namespace {

/// A file of its own for one test.
struct File {
  fs::path path = fs::temp_directory_path() / ("retwin_csv_log_test_" + std::to_string(::getpid()) + ".csv");
  explicit File(std::string_view text) { write_file(path.string(), text); }
  ~File() { fs::remove(path); }
  std::string name() const { return path.string(); }
};

EventLog read(std::string_view text, const LogMapping& mapping = {}, const CsvLogOptions& options = {}) {
  return read_csv_log(File(text).name(), mapping, options);
}

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
    }
    return out;
  }
  return {};
}

std::string refused(std::string_view text, const LogMapping& mapping = {}) {
  return refusal([&] { read(text, mapping); });
}

/// "lot activity resource start end" of each event, times relative to the first row's day.
std::string words(const EventLog& log, double since_s = 0) {
  std::string out;
  for (const LogEvent& e : log.events) {
    out += log.lots[e.lot] + " " + log.activities[e.activity] + " ";
    out += e.resource == Names::absent ? "-" : log.resources[e.resource];
    out += " " + number_text(e.start_s - since_s) + " " + number_text(e.end_s - since_s) + "\n";
  }
  return out;
}

/// "count/set aside" of a fault over all its repairs.
std::string found(const std::vector<LogFinding>& findings, LogFault fault) {
  std::uint64_t count = 0, aside = 0;
  for (const LogFinding& f : findings) {
    if (f.fault != fault) continue;
    count += f.count;
    aside += f.set_aside;
  }
  return std::to_string(count) + "/" + std::to_string(aside);
}

constexpr const char* header = "case,activity,resource,start,end\n";

}  // namespace

TEST_CASE("stamps are read in the formats of plants") {
  const struct {
    const char* stamp;
    double time_s;
  } good[] = {{"2023-01-02 10:02:58.550936+00:00", 1672653778.550936},
              {"2016-03-12T22:59:55.000", 1457823595},
              {"2016-03-12T22:59:55Z", 1457823595},
              {"2016-03-12T22:59:55 UTC", 1457823595},
              {"2016-03-13T00:59:55+02:00", 1457823595},
              {"2016-03-13T00:59:55+0200", 1457823595},
              {"2016-03-12 17:29:55 -05:30", 1457823595},
              {"2023/04/20 08:00:36.690154790+00:00", 1681977636.690154790},
              {"2/27/2023 08:00:12", 1677484812},
              {"02/27/23 8:00:12 AM", 1677484812},
              {"2/27/2023 8:00:12 pm", 1677484812 + 12 * 3600},
              {"27.2.2023 08:00:12", 1677484812},
              {"2023-02-27 08:00", 1677484800},
              {"  2000-02-29 ", 951782400},
              {"2000-02-28T24:00:00", 951782400},
              {"1969-12-31 23:59:59.5", -0.5},
              {"2100-03-01", 4107542400.0},
              {"1677484812", 1677484812},
              {"1677484812.25", 1677484812.25},
              {"1677484812250", 1677484812.25},
              {"1677484812250000", 1677484812.25},
              {"12.5", 12.5}};
  for (const auto& known : good) {
    CAPTURE(known.stamp);
    CHECK(parse_stamp(known.stamp) == known.time_s);
  }
  for (const char* stamp : {"",
                            "x",
                            "nan",
                            "inf",
                            "2023-02-29",
                            "2023-13-01",
                            "2023-00-10",
                            "2023-01-02x",
                            "2023-01-02 25:00:00",
                            "2023-01-02 10:60",
                            "2023-01-02 24:00:01",
                            "2023-01-02 10:02:58+",
                            "2023-01-02 10:02:58+99:00",
                            "2023-01-02 10:02:58 CST",
                            "13/13/2023",
                            "2023-01/02",
                            "1/2/123",
                            "10:61:58",
                            "2/27/2023 13:00 PM",
                            "1e999", "1900-01-01", "9999-12-31T23:59:59Z", "0001-01-01 00:00:00", "1e300", "-1e10"}) {
    CAPTURE(stamp);
    CHECK(std::isnan(parse_stamp(stamp)));
  }
  CHECK(parse_stamp("3/2/2023", DateOrder::day_first) == parse_stamp("2023-02-03"));
  CHECK(parse_stamp("3.2.2023", DateOrder::month_first) == parse_stamp("2023-02-03"));
  // an offset moves what names no zone, and nothing else
  CHECK(parse_stamp("2023-01-02 10:00", DateOrder::month_first, 7200) == parse_stamp("2023-01-02 08:00"));
  CHECK(parse_stamp("2023-01-02 10:00Z", DateOrder::month_first, 7200) == parse_stamp("2023-01-02 10:00"));
  CHECK(parse_stamp("1677484812", DateOrder::month_first, 7200) == 1677484812);
}

TEST_CASE("stamps of spreadsheets, of ticks, without signs, with months and zones in words") {
  const double noon = parse_stamp("2026-02-02 06:05:28");
  for (const char* stamp : {"20260202060528", "20260202T060528Z", "20260202T070528+01:00", "02-Feb-2026 06:05:28", "2 February 2026 06:05:28", "02/FEB/26 06:05:28",
                            "2026\u5e742\u67082\u65e5 06:05:28", "2026\u5e742\u67082\u65e5 6\u65f65\u520628\u79d2", "2026-02-02 07:05:28 CET", "2026-02-02 01:05:28 EST", "639056091280000000"}) {
    CAPTURE(stamp);
    CHECK(parse_stamp(stamp) == noon);
  }
  CHECK(parse_stamp("20260202060528123") == doctest::Approx(noon + 0.123).epsilon(1e-15));
  for (const char* stamp : {"20261302060528", "20260202T256528Z", "31-Feb-2026 06:05", "02-Fox-2026", "2026\u5e7413\u67082\u65e5", "2026-02-02 06:05 CST", "20260202T"}) {
    CAPTURE(stamp);
    CHECK(std::isnan(parse_stamp(stamp)));
  }
  StampReading days;
  days.numbers = NumberStamps::days;
  CHECK(parse_stamp("46055.2537962963", days) == noon);
  StampReading own;
  own.format = "%d|%m|%Y %H.%M.%S";
  CHECK(parse_stamp("02|02|2026 06.05.28", own) == noon);
  CHECK(parse_stamp("02|02|2026 06.05.28,5", own) == noon + 0.5);
  CHECK(std::isnan(parse_stamp("2026-02-02 06:05:28", own)));
  StampReading minutes;
  minutes.unit_s = 60;
  CHECK(parse_stamp("1.5", minutes) == 90);
}

TEST_CASE("what plain numbers are comes from the column") {
  const auto decided = [](std::initializer_list<const char*> stamps) {
    StampVote vote;
    for (const char* stamp : stamps) vote.look(stamp);
    return vote.decided().numbers;
  };
  CHECK(decided({"46055.25", "46055.5", "46056"}) == NumberStamps::days);
  CHECK(decided({"46055.25", "46055.5", "80000"}) == NumberStamps::seconds);  // no spreadsheet has that day
  CHECK(decided({"30000", "30060"}) == NumberStamps::seconds);                // whole numbers all of them
  CHECK(decided({"20260202", "20260203"}) == NumberStamps::dates);
  CHECK(decided({"202602020605", "202602020610"}) == NumberStamps::dates);
  CHECK(decided({"20260202", "20261302"}) == NumberStamps::seconds);
  CHECK(decided({"0.5", "12.25"}) == NumberStamps::seconds);
  const EventLog log = read(std::string(header) + "a,x,r,46055.25,46055.5\nb,x,r,46055.5,46055.75\n");
  CHECK(log.events[0].start_s == parse_stamp("2026-02-02 06:00"));
  CHECK(found(log.findings, LogFault::guessed_time) == "1/0");
}

TEST_CASE("dates and times of day may have columns of their own") {
  const EventLog log = read("case,activity,start_date,start_clock,end_date,end_clock\na,x,2026-02-02,06:05:28,2026-02-02,06:22:44\nb,x,2026-02-02,23:50,2026-02-03,00:10\n");
  CHECK(log.events[0].end_s - log.events[0].start_s == 1036);
  CHECK(log.events[1].end_s - log.events[1].start_s == 1200);
  CHECK(log.findings.empty());
  const EventLog beside = read("case,activity,date,when\na,x,2026-02-02,06:05\n", [] {
    LogMapping mapping;
    mapping.stamp = "date";
    return mapping;
  }());
  CHECK(beside.events[0].end_s == parse_stamp("2026-02-02 06:05"));
  const EventLog wrong = read("case,activity,start_date,start_clock\na,x,2026-02-02,06:05:28\nb,x,2026-02-02,late\n", [] {  // control: no column of times of day
    LogMapping mapping;
    mapping.start = "start_date";
    return mapping;
  }());
  CHECK(wrong.events[0].start_s == parse_stamp("2026-02-02"));
}

TEST_CASE("suspended time is no service") {
  const EventLog log = read("case,activity,resource,time,lifecycle\n"
                            "a,x,r,2026-02-02 06:00,start\na,x,r,2026-02-02 06:10,suspend\na,x,r,2026-02-02 07:10,resume\na,x,r,2026-02-02 07:30,complete\n"
                            "b,x,r,2026-02-02 08:00,start\nb,x,r,2026-02-02 08:10,suspend\nb,x,r,2026-02-02 08:30,complete\n"
                            "c,x,r,2026-02-02 09:00,resume\nc,x,r,2026-02-02 09:00,start\nc,x,r,2026-02-02 09:20,complete\n");
  REQUIRE(log.events.size() == 3);
  CHECK(log.events[0].end_s - log.events[0].start_s == 30 * 60);
  CHECK(log.events[1].end_s - log.events[1].start_s == 10 * 60);  // it never went on
  CHECK(log.events[2].end_s - log.events[2].start_s == 20 * 60);
  CHECK(found(log.findings, LogFault::foreign_row) == "1/1");
  CHECK(found(log.findings, LogFault::interruption) == "1/0");
}

TEST_CASE("the order of slashed dates comes from the column") {
  const auto decided = [](std::initializer_list<const char*> stamps) {
    StampVote vote;
    for (const char* stamp : stamps) vote.look(stamp);
    return vote.decided().order;
  };
  CHECK(decided({"1/2/2023", "13/2/2023"}) == DateOrder::day_first);
  CHECK(decided({"1/2/2023", "1/13/2023"}) == DateOrder::month_first);
  CHECK(decided({"11/2/2023", "12/2/2023", "1/3/2023"}) == DateOrder::day_first);  // the other way it goes back
  CHECK(decided({"2/11/2023", "2/12/2023", "3/1/2023"}) == DateOrder::month_first);
  CHECK(decided({"10/2/2023", "11/2/2023", "12/2/2023"}) == DateOrder::day_first);  // two days rather than two months
  CHECK(decided({"2/1/2023", "1/2/2023"}) == DateOrder::day_first);                 // as long either way, but one goes back
  CHECK(decided({}) == DateOrder::month_first);
  const std::string text = std::string(header) + "a,x,r,13/2/2023 10:00,13/2/2023 11:00\nb,x,r,1/3/2023 10:00,1/3/2023 11:00\n";
  CHECK(read(text).events[1].start_s == parse_stamp("2023-03-01 10:00"));
  CsvLogOptions options;
  options.stamps.day_first = false;
  const EventLog other = read(text, {}, options);
  REQUIRE(other.events.size() == 1);
  CHECK(other.events[0].start_s == parse_stamp("2023-01-03 10:00"));
  CHECK(found(other.findings, LogFault::unparsable_time) == "1/1");
}

TEST_CASE("records: quotes, line ends, delimiters, byte order marks") {
  const auto cells = [](std::string_view text) {
    const File file(text);
    RecordStream stream(file.name());
    std::string out;
    while (stream.next()) {
      out += std::to_string(stream.line()) + (stream.whole() ? ":" : "?");
      for (const std::string_view cell : stream.cells()) out += std::string(cell) + "|";
      out += "/";
    }
    return out;
  };
  CHECK(cells("a,b\n1,2\n3,4") == "2:1|2|/3:3|4|/");
  CHECK(cells("\xEF\xBB\xBF\r\na;b\r\n1,5;2\r\n\r\n3;4\r\n") == "3:1,5|2|/5:3|4|/");
  CHECK(cells("a\tb\n1\t2\n") == "2:1|2|/");
  CHECK(cells("a,b\n\"x, \"\"y\"\"\nz\",2\n\"\", \"q\" \n") == "2:x, \"y\"\nz|2|/4:|q|/");
  CHECK(cells("a,b\n5\" pipe,6\"\n") == "2:5\" pipe|6\"|/");
  CHECK(cells("a,b\n5\" pipe,6\n7\" pipe,8\n") == "2:5\" pipe|6|/3:7\" pipe|8|/");
  CHECK(cells("a,b\n1\n1,2,3\n1,2,,\n\"x\"y,2\n") == "2?1|/3?1|2|3|/4:1|2|/5?x|2|/");
  CHECK(cells("a,b\n\"open,2\n3,4\n") == "2?\"open|2|/3:3|4|/");  // a quote that never closes costs one line
  CHECK(cells("\"a;x\",b\n1,2\n") == "2:1|2|/");
  // records longer than a block, and many of them
  std::string text = "a,b\n", expected;
  for (int i = 0; i < 5; ++i) text += "\"" + std::string(200000, static_cast<char>('a' + i)) + "\n\"," + std::to_string(i) + "\n";
  const File file(text);
  RecordStream stream(file.name());
  for (int i = 0; i < 5; ++i) {
    REQUIRE(stream.next());
    CHECK(stream.line() == static_cast<std::uint32_t>(2 + 2 * i));
    CHECK(stream.cells()[0].size() == 200001);
    CHECK(stream.cell(0) == std::string(200000, static_cast<char>('a' + i)));
    CHECK(stream.cell(1) == std::to_string(i));
  }
  CHECK_FALSE(stream.next());
}

TEST_CASE("columns are recognised by their usual names") {
  const auto mapping = [](std::string_view head) {
    const File file(std::string(head) + "\n");
    const CsvLogReader reader(file.name());
    const LogMapping& m = reader.mapping();
    return m.lot + "|" + m.activity + "|" + m.resource + "|" + m.start + "|" + m.end + "|" + m.stamp + "|" + m.lifecycle;
  };
  CHECK(mapping("case_id,activity,start_time,end_time,resource,delay") == "case_id|activity|resource|start_time|end_time||");
  CHECK(mapping("Case ID,Activity,Resource,Start Timestamp,Complete Timestamp") ==
        "Case ID|Activity|Resource|Start Timestamp|Complete Timestamp||");
  CHECK(mapping("case_id,agent,activity_name,start_timestamp,end_timestamp,resource") ==
        "case_id|activity_name|resource|start_timestamp|end_timestamp||");
  CHECK(mapping("concept:name,case:concept:name,org:resource,lifecycle:transition,time:timestamp") ==
        "case:concept:name|concept:name|org:resource|||time:timestamp|lifecycle:transition");
  CHECK(mapping("case:concept:name,concept:name,start_timestamp,time:timestamp") ==
        "case:concept:name|concept:name||start_timestamp|time:timestamp||");
  CHECK(mapping("ID,MachineName,StartTime,EndTime,ReasonCode,EnergyConsumption") == "ID|MachineName||StartTime|EndTime||");
  CHECK(mapping(" Lot ; Station ; Machine ; From ; To ") == "Lot|Station|Machine|From|To||");
  CHECK(mapping("case,event,timestamp") == "case|event||||timestamp|");
}

TEST_CASE("a wrong mapping is refused with everything that is missing") {
  LogMapping mapping;
  mapping.lot = "case_idd";
  mapping.end = "finished at";
  mapping.numeric = {"mass"};
  const std::string head = "case_id,activity,start,end\n1,a,0,1\n";
  CHECK(refused(head, mapping) == "unknown-name@1 unknown-name@1 unknown-name@1");
  try {
    read(head, mapping);
  } catch (const InputError& error) {
    CHECK(error.problems()[0].message.find("case_idd") != std::string::npos);
    CHECK(error.problems()[0].hint.find("did you mean \"case_id\"") != std::string::npos);
    CHECK(error.problems()[1].hint.find("activity, start, end") != std::string::npos);
  }
  CHECK(refused("a,b\n1,2\n") == "missing@1 missing@1 missing@1");
  CHECK(refused("\n\nx,activity,start,end\n1,2,3,4\n") == "missing@3");
  LogMapping both;
  both.start = "start";
  both.lifecycle = "activity";
  CHECK(refused(head, both) == "conflict@1");
  LogMapping loose;  // without case, blanks and signs
  loose.lot = "CASE ID";
  CHECK(refused(head, loose).empty());
}

TEST_CASE("what is no log is refused with a place and a hint") {
  CHECK(refused("") == "missing@1");
  CHECK(refused("\n \n") == "missing@1");
  CHECK(refused(header) == "missing@1");
  CHECK(refused(std::string("case,activity\0,start\n", 21)) == "encoding@1");
  CHECK(refused(std::string(header) + std::string(1 << 19, '\n') + "1,caf\xE9,r,0,1\n").starts_with("encoding@"));  // so late nothing is guessed
  CHECK(refused(std::string(header) + "1,caf\xC3\xA9,r,0,1\n").empty());
  CHECK(refused(std::string(header) + "1,a,r,yesterday,today\n2,a,r,soon,late\n,a,r,0,1\n") == "trace@2 trace@4");
  CHECK(refusal([] { read_csv_log("/nonexistent/log.csv"); }) == "file@0");
  CHECK(refused("\x1F\x8B\x08 this is no gzip") == "file@0");
}

TEST_CASE("texts of other encodings are decoded, and that is told") {
  const auto utf16 = [](std::string_view text, bool little, bool mark) {
    std::string out = mark ? little ? "\xFF\xFE" : "\xFE\xFF" : "";
    for (const char c : text) out += little ? std::string{c, '\0'} : std::string{'\0', c};
    return out;
  };
  const std::string plain = std::string(header) + "1,cut,r,2026-01-05 06:00,2026-01-05 07:00\n2,cut,r,2026-01-05 08:00,2026-01-05 09:30\n";
  const EventLog log = read(plain);
  CHECK(log.findings.empty());
  for (const std::string& text : {utf16(plain, true, true), utf16(plain, false, true), utf16(plain, true, false), utf16(plain, false, false)}) {
    const EventLog other = read(text);
    REQUIRE(other.events.size() == 2);
    CHECK(other.events[1].end_s == log.events[1].end_s);
    CHECK(other.activities[0] == "cut");
    CHECK(found(other.findings, LogFault::other_encoding) == "1/0");
  }
  const auto activity = [](const std::string& name) {
    const EventLog other = read(std::string(header) + "1," + name + ",r,2026-01-05 06:00,2026-01-05 07:00\n");
    return other.activities[0] + (found(other.findings, LogFault::other_encoding) == "1/0" ? "" : ", not told");
  };
  CHECK(activity("\xC7\xD0\xB8\xEE") == "\u5207\u5272");                     // GB18030
  CHECK(activity("\xD0\xE5\xE7\xEA\xE0") == "\u0420\u0435\u0437\u043a\u0430");  // Windows-1251
  CHECK(activity("Pr\xFC" "fung") == "Pr\u00fcfung");                          // Windows-1252
  CHECK(activity("Pr\xC3\xBC" "fung") == "Pr\u00fcfung, not told");            // control: it is UTF-8
}

TEST_CASE("columns by the names of other languages") {
  const EventLog chinese = read("\u5de5\u5355\u53f7,\u5de5\u5e8f,\u8bbe\u5907,\u5f00\u59cb\u65f6\u95f4,\u7ed3\u675f\u65f6\u95f4\n1,cut,saw,2026-02-02 06:00,2026-02-02 07:00\n");
  const EventLog german = read("Auftrag;Vorgang;Maschine;Beginn;Ende\n1;cut;saw;02.02.2026 06:00;02.02.2026 07:00\n");
  for (const EventLog* log : {&chinese, &german}) {
    REQUIRE(log->events.size() == 1);
    CHECK(log->activities[0] == "cut");
    CHECK(log->resources[0] == "saw");
    CHECK(log->events[0].end_s - log->events[0].start_s == 3600);
  }
}

TEST_CASE("a log with one row per operation") {
  const EventLog log = read(std::string(header) +
                            " 0 , saw ,None,2023-01-02 10:00:00,2023-01-02 10:00:05\n"
                            "0,\"drill, fine\",nan,2023-01-02 09:00:00,2023-01-02 09:30:00\n"
                            "b,saw,,2023-01-02 10:00:00,\n"
                            "b,saw, M1,,2023-01-02 11:00:00\n"
                            ",saw,M1,2023-01-02 10:00:00,2023-01-02 11:00:00\n"
                            "nan,saw,M1,2023-01-02 10:00:00,2023-01-02 11:00:00\n"
                            "b,,M1,2023-01-02 10:00:00,2023-01-02 11:00:00\n"
                            "b,saw,M1,about ten,2023-01-02 11:00:00\n"
                            "b,saw,M1,,\n"
                            "b,saw,M1\n");
  const double day = parse_stamp("2023-01-02");
  CHECK(words(log, day) == "0 drill, fine - 32400 34200\nb saw - 36000 nan\n0 saw - 36000 36005\nb saw M1 nan 39600\n");
  CHECK(log.events[0].row == 3);
  CHECK(found(log.findings, LogFault::missing_case) == "2/2");
  CHECK(found(log.findings, LogFault::missing_activity) == "1/1");
  CHECK(found(log.findings, LogFault::unparsable_time) == "2/2");
  CHECK(found(log.findings, LogFault::foreign_row) == "1/1");
  for (const LogFinding& f : log.findings)
    if (f.fault == LogFault::unparsable_time) {
      CHECK(f.first_row == 9);
      CHECK(f.example == "line 9, column \"start\": \"about ten\"");
    }
  CHECK(log.sha256.size() == 64);
  CHECK(text(log.findings).find("missing case") != std::string::npos);
  CHECK(text({}).empty());
}

TEST_CASE("a zone that all stamps carry is kept, beside times in UTC") {
  const auto zone = [](const char* second, double given_s = 0) {
    const std::string first = "case,activity,start,end\n1,a,2023-01-02 09:00:00+08:00,2023-01-02 10:00:00+08:00\n";
    const File file(first + "2,a," + second + "\n");
    CsvLogOptions options;
    options.stamps.zone_s = given_s;
    return read_csv_log(file.path.string(), {}, options).zone_s;
  };
  CHECK(zone("2023-01-03 09:00:00+08:00,2023-01-03 10:00:00+0800") == 8 * 3600);
  CHECK(zone("2023-01-03 09:00:00+08:00,2023-01-03 10:00:00+07:00") == 0);
  CHECK(zone("2023-01-03 09:00:00,2023-01-03 10:00:00") == 0);
  CHECK(zone("2023-01-03 09:00:00,2023-01-03 10:00:00", 8 * 3600) == 8 * 3600);
}

TEST_CASE("starts and finishes in rows of their own are paired, first in first out") {
  const EventLog log = read(
      "case,activity,lifecycle,time,resource,mass\n"
      "a,saw,Start,100,M1,1\n"
      "a,saw,start,110,M2,\n"
      "a,saw,start,120,M1,3\n"
      "a,saw,COMPLETE,130,M1,\n"  // the first start at M1
      "a,saw,abort,135,M1,\n"     // neither
      "a,saw,complete,140,M1,7\n"
      "a,saw,complete,150,,2\n"    // takes the resource of its start
      "a,saw,complete,160,M2,2\n"  // nothing waits any more
      "b,saw,start,170,M1,x\n",    // never finished
      [] {
        LogMapping mapping;
        mapping.numeric = {"mass"};
        return mapping;
      }());
  CHECK(words(log) == "a saw M1 100 130\na saw M2 110 150\na saw M1 120 140\na saw M2 nan 160\nb saw M1 170 nan\n");
  CHECK(log.columns.at(0).values[0] == 1);  // where the finish has none, the start's
  CHECK(log.columns.at(0).values[2] == 7);
  CHECK(log.events[0].row == 2);
  CHECK(found(log.findings, LogFault::foreign_row) == "1/1");
  CHECK(found(log.findings, LogFault::unparsable_number) == "1/0");
  // without the lifecycle, each row is an instant
  LogMapping instants;
  instants.lifecycle = "-";
  CHECK(read("case,activity,lifecycle,time\na,saw,start,1\na,saw,complete,2\n", instants).events.size() == 2);
}

TEST_CASE("starts and finishes as machines write them") {
  // no usual name, only words for starts and finishes; a part called 0; parts that are null or empty
  EventLog log = read(
      "timestamp,event,station,part,tag\n"
      "10,x,S1,0,s\n20,x,S1,0,f\n20,x,S2,0,s\n20,x,S1,null,s\n30,x,S1,,f\n31,x,S2,0,f\n",
      [] {
        LogMapping mapping;
        mapping.activity = "station";
        return mapping;
      }());
  CHECK(words(log) == "0 S1 - 10 20\n0 S2 - 20 31\n");
  CHECK(found(log.findings, LogFault::missing_case) == "2/2");
  // not so where one word is neither
  CHECK(read("timestamp,station,part,tag\n10,S1,0,s\n20,S1,0,f\n30,S1,0,idle\n").events.size() == 3);
  // a column called event is no activity if it tells starts from finishes
  log = read("time,event,machine,part\n1,start,M1,a\n3,finish,M1,a\n3,start,M2,a\n4,finish,M2,a\n");
  CHECK(words(log) == "a M1 - 1 3\na M2 - 3 4\n");
  // the finish names the machine that comes next: the work was done where it began
  log = read("time,activity,part,machine,event\n1,S1,a,M1,start\n3,S1,a,M2,finish\n3,S2,a,M2,start\n4,S2,a,M3,finish\n");
  CHECK(words(log) == "a S1 M1 1 3\na S2 M2 3 4\n");
  // the same with the activity itself; a finish at the beginning of the log says nothing then
  const std::string next =
      "time,station,part,event\n0,S2,z,finish\n1,S1,a,start\n3,S2,a,finish\n3,S1,b,start\n4,S2,a,start\n5,S2,b,finish\n6,S3,a,finish\n"
      "7,S2,b,start\n9,S3,b,finish\n";
  log = read(next);
  CHECK(words(log) == "a S1 - 1 3\nb S1 - 3 5\na S2 - 4 6\nb S2 - 7 9\n");
  CHECK(found(log.findings, LogFault::missing_start) == "1/1");
  // a few finishes elsewhere are faults, not a habit
  log = read("time,station,part,event\n1,S1,a,start\n3,S1,a,finish\n3,S2,a,start\n4,S1,a,finish\n5,S2,a,finish\n");
  CHECK(words(log) == "a S1 - 1 3\na S2 - 3 5\na S1 - nan 4\n");
}

TEST_CASE("copies of a run are set aside, events of one second keep their order, operations cut off are told") {
  const std::string run = "0,A,7,start\n0,A,7,finish\n0,B,7,start\n0,B,7,finish\n0,C,7,start\n5,C,7,finish\n";
  EventLog log = read("time,activity,part,event\n" + run + run);
  clean(log);
  CHECK(words(log) == "7 A - 0 0\n7 B - 0 0\n7 C - 0 5\n");
  CHECK(found(log.findings, LogFault::duplicate) == "3/3");
  log = read("time,activity,part,event\n2,A,1,finish\n3,A,2,start\n5,A,2,finish\n5,A,3,start\n");
  clean(log);
  CHECK(words(log) == "1 A - 2 2\n2 A - 3 5\n");
  CHECK(found(log.findings, LogFault::missing_start) == "1/0");
  CHECK(found(log.findings, LogFault::missing_end) == "1/1");
}

TEST_CASE("further columns") {
  LogMapping mapping;
  mapping.numeric = {"Mass kg"};
  mapping.categorical = {"product"};
  const EventLog log =
      read("case;activity;start;end;mass_kg;product\na;x;1;2;1,5;P\nb;x;2;3;;Q\nc;x;0;3;2.5;P\nd;x;9;9;2;\n", mapping);
  REQUIRE(log.columns.size() == 2);
  const LogColumn& mass = *log.column("mass_kg");
  const LogColumn& product = *log.column("product");
  CHECK(mass.values[0] == 2.5);  // in order of start: c first
  CHECK(mass.values[1] == 1.5);
  CHECK(std::isnan(mass.values[2]));
  CHECK(product.categories.all() == std::vector<std::string>{"P", "Q"});
  CHECK(product.values[0] == 0);
  CHECK(product.values[2] == 1);
  CHECK(std::isnan(product.values[3]));
  CHECK(log.column("nothing") == nullptr);
}

TEST_CASE("dates that stand for an unknown one are no times, wherever they lie") {
  const auto log_with = [](const std::string& start, const std::string& end) {
    std::string text = "case,activity,start,end\n";
    for (int k = 0; k < 60; ++k) text += std::to_string(k) + ",cut,2026-01-05 08:" + (k < 10 ? "0" : "") + std::to_string(k) + ":00,2026-01-05 09:00:00\n";
    EventLog log = read(text + "x,cut," + start + "," + end + "\n");
    clean(log);
    return log;
  };
  const std::pair<const char*, bool> placeholders[] = {  // and whether it could be a stamp by itself
      {"1900-01-01", false}, {"9999-12-31 23:59:59", false}, {"1970-01-01 00:00:00", true}, {"2099-12-31", true}, {"0001-01-01", false}};
  for (const auto& [unknown, possible] : placeholders) {
    CAPTURE(unknown);
    const EventLog no_end = log_with("2026-01-05 08:30:00", unknown), no_start = log_with(unknown, "2026-01-05 08:30:00"), neither = log_with(unknown, unknown);
    CHECK(no_end.events.size() == 60);
    CHECK(no_start.events.size() == (possible ? 61 : 60));  // an instant at its end, or set aside by the reader
    CHECK(neither.events.size() == 60);
    for (const EventLog* log : {&no_end, &no_start, &neither}) {
      CHECK(log->last_s() - log->first_s() == 3600);
      CHECK(std::any_of(log->findings.begin(), log->findings.end(), [](const LogFinding& f) { return f.fault == LogFault::placeholder_date; }));
    }
  }
  CHECK(log_with("2027-01-05 08:30:00", "2027-01-05 08:40:00").events.size() == 61);
}

TEST_CASE("cleaning counts every class, repairs the safe ones and sets the others aside") {
  const std::string text_of_log = std::string(header) +
                                  "a,Start,,0,0\n"       // artificial
                                  "a,saw,M1,0,10\n"      //
                                  "a,saw,M1,0,10\n"      // duplicate
                                  "a,start,M1,10,20\n"   // takes time: work
                                  "b,saw,M1,5,12\n"      // overlaps M1
                                  "a,mill,M2,15,30\n"    // overlaps lot a
                                  "a,mill,M2,60,50\n"    // negative
                                  "a,mill,M2,70,69.5\n"  // a slip
                                  "c,saw,M3,80,\n"       // no end
                                  "c,saw,M3,,90\n"       // no start
                                  "c,END,,100,100\n";    // artificial
  EventLog log = read(text_of_log);
  REQUIRE(log.events.size() == 11);
  clean(log);
  CHECK(words(log) == "a saw M1 0 10\nb saw M1 5 12\na start M1 10 20\na mill M2 15 30\na mill M2 70 70\nc saw M3 90 90\n");
  CHECK(found(log.findings, LogFault::artificial) == "2/2");
  CHECK(found(log.findings, LogFault::duplicate) == "1/1");
  CHECK(found(log.findings, LogFault::negative_duration) == "2/1");
  CHECK(found(log.findings, LogFault::missing_end) == "1/1");
  CHECK(found(log.findings, LogFault::missing_start) == "1/0");
  CHECK(found(log.findings, LogFault::overlap) == "3/0");  // b on M1 beside a; a on M1 beside b; a at two activities
  CHECK(found(log.findings, LogFault::clock_jump) == "0/0");
  // nothing is lost: what came in is there or counted
  std::uint64_t aside = 0;
  for (const LogFinding& f : log.findings) aside += f.set_aside;
  CHECK(log.events.size() + aside == 11);

  EventLog kept = read(text_of_log);
  CleanOptions options;
  options.drop_duplicates = options.drop_artificial = false;
  options.keep_missing_end = true;
  options.slip_s = 100;
  clean(kept, options);
  CHECK(kept.events.size() == 11);
  const std::size_t before = kept.findings.size();
  const std::string as_was = words(kept);
  clean(kept, options);  // what is clean stays as it is
  CHECK(words(kept) == as_was);
  CHECK(kept.findings.size() == before);

  EventLog bad = read(std::string(header) + "a,x,r,10,5\nb,start,r,1,1\n");
  CHECK(refusal([&] { clean(bad); }) == "trace@3 trace@2");
}

TEST_CASE("a clock that jumps is seen in a log in order of time, and only there") {
  const auto jumps = [](bool jump, bool shuffled, bool grouped) {
    std::string rows = header;
    for (int i = 0; i < 400; ++i) {
      const int k = shuffled ? (i * 149) % 400 : i;
      const int lot = grouped ? i / 100 : i % 100;
      const int time = (grouped ? i % 100 : k) * 600 - (jump && i >= 250 ? 7 * 3600 : 0);
      rows += std::to_string(lot) + ",x,r," + std::to_string(time) + "," + std::to_string(time + 60) + "\n";
    }
    EventLog log = read(rows);
    clean(log);
    return found(log.findings, LogFault::clock_jump);
  };
  CHECK(jumps(true, false, false) == "1/0");
  CHECK(jumps(false, false, false) == "0/0");
  CHECK(jumps(true, true, false) == "0/0");   // in no order at all
  CHECK(jumps(false, false, true) == "0/0");  // lot by lot: each starts anew
  CHECK(jumps(true, false, true) == "1/0");   // within a lot
}

TEST_CASE("states of machines with their energy") {
  const std::string rows =
      "28,Robot,2/27/2023 08:00:00,2/27/2023 08:00:12,Working,8.64\n"
      "28,Robot,2/27/2023 08:00:12,2/27/2023 08:10:47,Idle,158.76\n"
      "28,Robot,2/27/2023 08:00:12,2/27/2023 08:10:47,Idle,158.76\n"
      "28,,2/27/2023 08:00:12,2/27/2023 08:10:47,Idle,1\n"
      "28,Robot,2/27/2023 08:10:40,2/27/2023 08:11:55,Stopped,much\n"
      "28,Robot,2/27/2023 09:10:40,2/27/2023 08:11:55,Stopped,0\n";
  const auto log_of = [&](const std::string& energy_head, const std::string& unit) {
    const File file("ID,MachineName,StartTime,EndTime,ReasonCode," + energy_head + "\n" + rows);
    StateMapping mapping;
    mapping.energy_unit = unit;
    return read_state_log(file.name(), mapping);
  };
  const StateLog log = log_of("EnergyConsumption", "kJ");
  REQUIRE(log.records.size() == 3);
  CHECK(log.has_energy);
  CHECK(log.records[0].energy_J == doctest::Approx(8640));
  CHECK(log.records[1].to_s - log.records[1].from_s == 635);
  CHECK(log.states[log.records[1].state] == "Idle");
  CHECK(std::isnan(log.records[2].energy_J));
  CHECK(found(log.findings, LogFault::duplicate) == "1/1");
  CHECK(found(log.findings, LogFault::missing_case) == "1/1");
  CHECK(found(log.findings, LogFault::negative_duration) == "1/1");
  CHECK(found(log.findings, LogFault::unparsable_number) == "1/0");
  CHECK(found(log.findings, LogFault::overlap) == "1/0");
  CHECK(log_of("energy_kWh", "").records[0].energy_J == doctest::Approx(8.64 * 3.6e6));
  CHECK(log_of("Energy [Wh]", "").records[0].energy_J == doctest::Approx(8.64 * 3600));
  const StateLog unnamed = log_of("EnergyConsumption", "");
  CHECK_FALSE(unnamed.has_energy);
  CHECK(std::isnan(unnamed.records[0].energy_J));
  CHECK(found(unnamed.findings, LogFault::unparsable_number) == "4/0");
  CHECK(refusal([&] { log_of("EnergyConsumption", "kW"); }) == "unit@1");
  CHECK(refusal([&] { log_of("EnergyConsumption [kg]", ""); }) == "unit@1");
  CHECK(refusal([&] { log_of("EnergyConsumption", "kJoules"); }) == "unit@1");
}

TEST_CASE("series of meters in SI, their unit checked") {
  const auto series_of = [](std::string_view text, const MeterMapping& mapping = {}) {
    return read_meter_series(File(text).name(), mapping);
  };
  const auto power = series_of("timestamp,power_kW\n10,1.5\n20,2\n20,2\n15,3\n30,x\nlater,1\n");
  REQUIRE(power.size() == 1);
  CHECK(power[0].name == "power_kW");
  CHECK(power[0].dimension == dimension::power);
  CHECK(power[0].time_s == std::vector<double>{10, 15, 20});
  CHECK(power[0].value == std::vector<double>{1500, 3000, 2000});
  CHECK(found(power[0].findings, LogFault::duplicate) == "1/1");
  CHECK(found(power[0].findings, LogFault::clock_jump) == "1/0");
  CHECK(found(power[0].findings, LogFault::unparsable_number) == "1/1");
  CHECK(found(power[0].findings, LogFault::unparsable_time) == "1/1");

  const auto days = series_of("time,power_kW\n46055.25,1.5\n46055.5,2\n");  // no other unit in silence
  CHECK(days[0].time_s[1] - days[0].time_s[0] == 6 * 3600);
  CHECK(found(days[0].findings, LogFault::guessed_time) == "1/0");
  const auto many = series_of("time,meter,value,unit\n1,boiler,2,t/h\n1,hall,20,degC\n2,boiler,3000,kg/h\n");
  REQUIRE(many.size() == 2);
  CHECK(many[0].value[0] == doctest::Approx(2000.0 / 3600));
  CHECK(many[0].value[1] == doctest::Approx(3000.0 / 3600));
  CHECK(many[1].value[0] == doctest::Approx(293.15));

  MeterMapping wanted;
  wanted.dimension = dimension::power;
  CHECK(refusal([&] { series_of("time,value [kWh]\n1,2\n", wanted); }) == "unit@1");
  CHECK(refusal([&] { series_of("time,value [kW]\n1,2\n", wanted); }).empty());
  CHECK(refusal([&] { series_of("time,value\n1,2\n", wanted); }) == "unit@1");
  CHECK(refusal([&] { series_of("time,value,unit\n1,2,kW\n2,3,kg\n"); }) == "unit@3");
  CHECK(refusal([&] { series_of("time,value,unit\n1,2,kW\n2,3,spoons\n"); }) == "unit@3");
  CHECK(refusal([&] { series_of("time,reading [kW]\n"); }) == "trace@0");
  CHECK(refusal([&] { series_of("when,what\n1,2\n"); }) == "missing@1 missing@1");
}

TEST_CASE("the logs of others are read as they are") {
  const fs::path folder = fs::path(RETWIN_SOURCE_DIR).parent_path() / "shared" / "logs";
  if (!fs::is_directory(folder)) {
    MESSAGE("skipped: no folder ", folder.string());
    return;
  }
  // Counted with another program: rows, cases, activities, resources, first start, last end, sum of durations [s];
  // then rows that only mark starts and ends, duplicates among the others, negative durations.
  const struct {
    const char* file;
    std::size_t rows, cases, activities, resources;
    double first_s, last_s, work_s;
    std::uint64_t artificial, duplicates, negative;
  } logs[] = {
      {"credentials/AcademicCredentials_train.csv.gz", 1945, 398, 16, 306, 1454325832, 1460668071, 2188188, 0, 10, 0},
      {"known_truth/Confidential.csv.gz", 21798, 1000, 27, 13, 1672653778.550936, 1687937376.194614, 28541377.286694, 0, 0, 0},
      {"known_truth/Loan_Application.csv.gz", 11805, 1000, 17, 47, 1672650900, 1676646809.6, 116654825.23, 0, 0, 0},
      {"known_truth/Procure_to_Pay.csv.gz", 13290, 1000, 24, 21, 1672651800.07, 1680512584.94, 127135129, 0, 0, 0},
      {"loanapp/simulated_log_0.csv", 1502, 200, 12, 19, 1681977600, 1683557599.412510226, 1797671.093713209, 0, 0, 0},
      {"loanapp/simulated_log_1.csv", 1502, 200, 12, 19, 1681977600, 1683557994.398954666, 1755251.92310072, 0, 0, 0},
      {"loanapp/simulated_log_2.csv", 1482, 200, 12, 19, 1681977600, 1683620188.55818495, 1838736.933485837, 0, 0, 0},
      {"loanapp/test_preprocessed.csv", 1490, 200, 12, 19, 1681977600, 1683621073.935, 9236501.905, 0, 0, 0},
      {"loanapp/train_preprocessed.csv", 5976, 797, 12, 19, 1675929600, 1681979226.956, 34617745.581, 0, 0, 0},
      {"metric_cases/test_event_log_1.csv", 32, 4, 9, 3, 1162888200, 1163069280, 0, 0, 0, 0},
      {"metric_cases/test_event_log_2.csv", 32, 4, 9, 3, 1162888200, 1163069280, 0, 8, 0, 0},
      {"metric_cases/test_event_log_3.csv", 32, 4, 9, 3, 1162888200, 1163069280, 0, 0, 0, 0},
      {"metric_cases/test_event_log_4.csv", 27, 9, 3, 2, 1162888200, 1162902720, 47400, 0, 0, 0},
      {"metric_cases/test_event_log_5.csv", 27, 9, 3, 3, 1165656600, 1165672800, 31860, 0, 0, 0},
      {"metric_cases/test_event_log_6.csv", 9, 9, 1, 1, 1162888200, 1162902660, 6780, 0, 0, 1},
      {"metric_cases/test_event_log_7.csv", 32, 4, 9, 3, 1163151000, 1163332080, 0, 0, 0, 0},
      {"metric_cases/test_event_log_8.csv", 27, 9, 3, 3, 1165653000, 1165672860, 48240, 0, 0, 0},
      {"metric_cases/test_event_log_9.csv", 189, 49, 9, 12, 1699250400, 1699983900, 292320, 0, 0, 0},
      {"production/Production_training.csv", 2062, 110, 25, 43, 1325462400, 1330614300, 18975120, 220, 22, 0},
  };
  for (const auto& known : logs) {
    CAPTURE(known.file);
    EventLog log = read_csv_log((folder / known.file).string());
    CHECK(log.events.size() == known.rows);
    CHECK(log.findings.empty());
    CHECK(log.lots.size() == known.cases);
    CHECK(log.activities.size() == known.activities);
    CHECK(log.resources.size() == known.resources);
    CHECK(log.first_s() == known.first_s);
    CHECK(log.last_s() == known.last_s);
    double work_s = 0;
    for (const LogEvent& e : log.events) work_s += e.end_s - e.start_s;
    // a double counts seconds since 1970 in steps of 2.4e-7 s
    CHECK(std::abs(work_s - known.work_s) <= 2.4e-7 * static_cast<double>(known.rows));
    clean(log);
    CHECK(found(log.findings, LogFault::artificial) == std::to_string(known.artificial) + "/" + std::to_string(known.artificial));
    CHECK(found(log.findings, LogFault::duplicate) == std::to_string(known.duplicates) + "/" + std::to_string(known.duplicates));
    CHECK(found(log.findings, LogFault::negative_duration) ==
          std::to_string(known.negative) + "/" + std::to_string(known.negative));
    CHECK(log.events.size() == known.rows - known.artificial - known.duplicates - known.negative);
  }
  StateMapping mapping;
  mapping.energy_unit = "kJ";
  const StateLog states = read_state_log((folder / "mes_sample/workingtest.csv").string(), mapping);
  CHECK(states.records.size() == 19);
  CHECK(states.machines.size() == 7);
  CHECK(states.states.size() == 3);
  double energy_J = 0;
  for (const StateRecord& r : states.records) energy_J += r.energy_J;
  CHECK(energy_J == doctest::Approx(8687.96e3));
  CHECK(refusal([&] { read_csv_log((folder / "loanapp/GOLDEN_metrics.csv").string()); }) == "missing@1 missing@1 missing@1");
}

TEST_CASE("a start whose finish was lost takes no finish of a later start, unless that is as likely") {
  const auto read = [](const std::string& rows) {
    const File file("part,machine,activity,time\n" + rows);
    return read_log(file.path.string(), {});
  };
  std::string usual;
  for (int k = 10; k < 20; ++k) usual += fmt::format("Q{},A,Started,2026-01-05 07:{}:00\nQ{},A,Finished,2026-01-05 07:{}:10\n", k, k, k, k);
  const EventLog lost = read(usual + "P,A,Started,2026-01-05 08:00:00\nP,A,Started,2026-01-05 09:00:00\nP,A,Finished,2026-01-05 09:00:10\n");
  REQUIRE(lost.events.size() == 11);
  CHECK(lost.events.back().end_s - lost.events.back().start_s == 10);
  REQUIRE(lost.unfinished.size() == 1);
  CHECK(lost.unfinished[0].start_s < lost.events.back().start_s);
  // control: two at once, of which one has ended, first in first out
  const EventLog both = read(usual + "P,A,Started,2026-01-05 08:00:00\nP,A,Started,2026-01-05 08:00:02\nP,A,Finished,2026-01-05 08:00:10\n");
  CHECK(both.events.back().end_s - both.events.back().start_s == 10);
}

TEST_CASE("of two columns that could be the times the one that is filled is taken, unless it is named") {
  std::string text = "timestamp,machine,activity,part,timestamp_real\n";
  for (int k = 10; k < 20; ++k) text += fmt::format(",M1,Started,P{},17000000{}\n{},M1,Finished,P{},17000000{}\n", k, k, k == 19 ? "0" : "", k, k + 5);
  const File file(text);
  const EventLog log = read_log(file.path.string(), {});
  REQUIRE(log.events.size() == 10);
  CHECK(log.events[0].start_s == 1700000010);
  ReadLogOptions named;
  named.mapping.stamp = "timestamp";
  CHECK(read_log(file.path.string(), named).events.size() < 2);
}

}  // namespace retwin::csv_log_test
