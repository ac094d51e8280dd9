// Distances between event logs: golden values of another implementation, cases worked out by hand, and what must not pass.
#include "core/telemetry/validation/distances.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "core/base/files.hpp"
#include "core/base/units.hpp"
#include "core/stats/intervals.hpp"

namespace retwin::distances_test {

namespace {

const std::string logs = RETWIN_SOURCE_DIR "/../shared/logs/";

bool absent(const std::string& folder) {
  if (std::filesystem::exists(logs + folder)) return false;
  MESSAGE("skipped: no event logs at ", logs + folder);
  return true;
}

/// Seconds of "2023-04-20 08:36:32.690154790+00:00" in UTC.
double seconds(const std::string& text) {
  const double day = static_cast<double>(parse_date(text.substr(0, 10)).value());
  const std::size_t zone = text.find_first_of("+-", 19);
  const double offset = std::stod(text.substr(zone + 1, 2)) * 3600 + std::stod(text.substr(zone + 4, 2)) * 60;
  const double clock =
      std::stod(text.substr(11, 2)) * 3600 + std::stod(text.substr(14, 2)) * 60 + std::stod(text.substr(17, zone - 17));
  return day * 86400 + clock - (text[zone] == '-' ? -offset : offset);
}

EventLog read(const std::string& file, const char* lot, const char* activity, const char* start, const char* end) {
  Problems problems;
  CsvReader csv(logs + file, problems);
  EventLog log;
  const int columns[] = {csv.column(lot), csv.column(activity), csv.column(start), csv.column(end)};
  while (csv.next()) {
    LogEvent event;
    event.lot = log.lots.number(csv.cell(columns[0]));
    event.activity = log.activities.number(csv.cell(columns[1]));
    event.start_s = seconds(csv.cell(columns[2]));
    event.end_s = seconds(csv.cell(columns[3]));
    event.row = static_cast<std::uint32_t>(csv.line());
    log.events.push_back(event);
  }
  problems.throw_if_errors();
  REQUIRE_FALSE(log.events.empty());
  return log;
}

EventLog loan(const std::string& file) {
  return read("loanapp/" + file, "case_id", "activity_name", "start_timestamp", "end_timestamp");
}
EventLog tiny(int number) {
  return read("metric_cases/test_event_log_" + std::to_string(number) + ".csv", "case_id", "Activity", "start_time", "end_time");
}

struct Row {
  const char *lot, *activity;
  double start_h, end_h;
};
EventLog log_of(std::initializer_list<Row> rows) {
  EventLog log;
  for (const Row& row : rows) {
    const auto number = static_cast<std::uint32_t>(log.events.size() + 1);
    log.events.push_back({log.lots.number(row.lot), log.activities.number(row.activity), Names::absent, number,
                          row.start_h * 3600, row.end_h * 3600});
  }
  return log;
}

}  // namespace

TEST_CASE("distances of three simulated logs to the real one are those of the golden table") {
  if (absent("loanapp")) return;
  Problems problems;
  CsvReader golden(logs + "loanapp/GOLDEN_metrics.csv", problems);
  const EventLog real = loan("test_preprocessed.csv");
  int compared = 0;
  while (compared < 3 && golden.next()) {
    const LogDistances d = distances(real, loan("simulated_log_" + golden.cell(0) + ".csv"));
    const auto expected = [&](const char* name) { return std::stod(golden.cell(golden.column(name))); };
    CAPTURE(golden.cell(0));
    CHECK(std::abs(d.ngd2 - expected("NGD2")) < 1e-9);
    CHECK(std::abs(d.ngd - expected("NGD")) < 1e-9);
    CHECK(std::abs(d.aedd - expected("AEDD")) < 1e-9);
    CHECK(std::abs(d.cadd - expected("CADD")) < 1e-9);
    CHECK(std::abs(d.cedd - expected("CEDD")) < 1e-9);
    CHECK(std::abs(d.redd - expected("REDD")) < 1e-9);
    CHECK(std::abs(d.ctdd - expected("CTDD")) < 1e-9);
    ++compared;
  }
  CHECK(compared == 3);
  // negative control: the wrong row of the table is told apart by every figure but the arrivals, which are equal
  const LogDistances other = distances(real, loan("simulated_log_1.csv"));
  CHECK(std::abs(other.ngd2 - 0.04068396226415094) > 1e-3);
  CHECK(std::abs(other.aedd - 2.868024736592824) > 1e-3);
  CHECK(std::abs(other.ctdd - 2.2750000000000017) > 1e-3);
}

TEST_CASE("tiny logs: values worked out by hand from the definitions") {
  if (absent("metric_cases")) return;
  // 1 and 2: the same stamps, other names; no n-gram in common
  LogDistances d = distances(tiny(1), tiny(2));
  CHECK(d.ngd == 1);
  CHECK(d.ngd2 == 1);
  CHECK(d.aedd == 0);
  CHECK(d.cedd == 0);
  CHECK(d.redd == 0);
  CHECK(d.ctdd == 0);
  // 1 and 3: two of four cases with C and D swapped; 4 cases of 8 events have 36 pairs and 40 triples per log. Swapping changes
  // 3 pairs and 4 triples of a case, each counted in both logs, in two cases: 12 / 72 and 16 / 80
  d = distances(tiny(1), tiny(3));
  CHECK(d.ngd2 == doctest::Approx(12.0 / 72).epsilon(1e-14));
  CHECK(d.ngd == doctest::Approx(16.0 / 80).epsilon(1e-14));
  CHECK(d.aedd == 0);
  // 1 and 7: everything three days and one hour later; Tuesday to Thursday against Friday to Sunday
  d = distances(tiny(1), tiny(7));
  CHECK(d.ngd == 0);
  CHECK(d.aedd == doctest::Approx(73).epsilon(1e-14));
  CHECK(d.cadd == doctest::Approx(73).epsilon(1e-14));
  CHECK(d.cedd == doctest::Approx(23 * 6.0 / 7).epsilon(1e-14));
  CHECK(d.redd == 0);
  CHECK(d.ctdd == 0);
  // 5 and 8: first starts in hours 11 11 12 12 12 13 13 13 14 and 10 11 11 12 12 13 13 13 14: two of nine are one hour apart.
  d = distances(tiny(5), tiny(8));
  CHECK(d.ngd == 0);
  CHECK(d.cadd == doctest::Approx(2.0 / 9).epsilon(1e-14));
  // of 54 stamps five change their hour: 11 -> 10, 12 -> 11, 13 -> 12, 13 -> 14, 14 -> 16; one crosses each of the six borders
  CHECK(d.aedd == doctest::Approx(6.0 / 54).epsilon(1e-14));
  CHECK(d.cedd == doctest::Approx(6.0 / 54 / 7).epsilon(1e-14));  // all on one Saturday
  // durations [min] 43 80 43 91 34 37 34 64 105 and 103 115 41 211 94 37 34 64 105, in hours above 34 min: 0 0 0 0 0 0 0 0 1 and
  // 1 1 0 2 1 0 0 0 1: in order 0 x 8, 1 against 0 x 4, 1 x 4, 2: differences 4 x 1 + 1 = 5 of nine
  CHECK(d.ctdd == doctest::Approx(5.0 / 9).epsilon(1e-14));
}

TEST_CASE("a log of one activity per case, one of which ends before it starts") {
  if (absent("metric_cases")) return;
  // against itself nothing differs, whatever the sign of a duration
  const LogDistances d = distances(tiny(6), tiny(6));
  CHECK(d.ctdd == 0);
  CHECK(d.redd == 0);
  // 6 and 4: cases A and ABC, nine each (18 and 36 pairs): 9 x (.A, A., AB, BC, C.) = .A in both; 9 (A.) + 27 (AB BC C.) of 54
  CHECK(ngram_distance(tiny(6), tiny(4), 2) == doctest::Approx(36.0 / 54).epsilon(1e-14));
}

TEST_CASE("Wasserstein's distance as moved mass") {
  const std::vector<double> a{1, 1, 1, 3, 4, 4, 6}, b{1, 1, 1, 1, 3, 3, 4};
  CHECK(7 * wasserstein1(a, b) == doctest::Approx(6).epsilon(1e-14));
  // the same as first starts of seven cases
  EventLog x, y;
  for (std::size_t i = 0; i < 7; ++i) {
    const auto add = [&](EventLog& log, double hour) {
      const double start_s = hour * 3600 + 1800;
      log.events.push_back({log.lots.number(std::to_string(i)), log.activities.number("a"), Names::absent, 1, start_s, start_s});
    };
    add(x, a[i]);
    add(y, b[i]);
  }
  CHECK(7 * case_arrival_distance(x, y) == doctest::Approx(6).epsilon(1e-14));
}

TEST_CASE("hours are cut, not rounded; whole hours stay whole") {
  const EventLog a = log_of({{"1", "p", 10.1, 11.1}}), b = log_of({{"1", "p", 10.1, 11.099999}});
  CHECK(relative_event_distance(a, b) == 0.5);  // of two stamps one differs: 1 h against 0 h
  // the same far from 0 and with a fraction that no double holds
  const double far = 473000.1;
  CHECK(relative_event_distance(log_of({{"1", "p", far, far + 1}}), log_of({{"1", "p", far, far + 0.999}})) == 0.5);
  // stamps before 1970 are cut downwards too: -0.5 h and 0.5 h are in different hours, of different days
  CHECK(circadian_event_distance(log_of({{"1", "p", -0.5, -0.5}}), log_of({{"1", "p", 0.5, 0.5}})) == doctest::Approx(46.0 / 7));
}

TEST_CASE("days and hours are those of the plant's clock") {
  // Thursday 23:30 and Friday 00:30 in UTC: two days; at UTC+8 both are Friday, an hour apart
  const EventLog a = log_of({{"1", "p", 23.5, 23.5}}), b = log_of({{"1", "p", 24.5, 24.5}});
  CHECK(circadian_event_distance(a, b) == doctest::Approx(46.0 / 7));
  CHECK(circadian_event_distance(a, b, 8 * 3600) == doctest::Approx(1.0 / 7));
  // at UTC+5:30 the hours begin at half past
  const EventLog c = log_of({{"1", "p", 1.25, 1.25}, {"2", "p", 1.75, 1.75}}), e = log_of({{"1", "p", 1.25, 1.25}});
  CHECK(absolute_event_distance(c, e) == 0);
  CHECK(absolute_event_distance(c, e, 5.5 * 3600) == 0.5);
}

TEST_CASE("activities go by name, cases by start, end and row") {
  const EventLog a = log_of({{"1", "p", 0, 1}, {"1", "q", 1, 2}, {"2", "q", 0, 1}});
  const EventLog b = log_of({{"x", "q", 0, 1}, {"y", "q", 1, 2}, {"y", "p", 0, 1}});  // numbered the other way
  CHECK(ngram_distance(a, b) == 0);
  CHECK(ngram_distance(a, log_of({{"x", "p", 0, 1}, {"y", "p", 1, 2}, {"y", "q", 0, 1}})) > 0);
  const EventLog tie = log_of({{"1", "p", 0, 0}, {"1", "q", 0, 0}}), swapped = log_of({{"1", "q", 0, 0}, {"1", "p", 0, 0}});
  CHECK(ngram_distance(tie, swapped, 2) == 1);
  CHECK(ngram_distance(tie, swapped, 1) == 0);
}

TEST_CASE("empty logs, cases without events, impossible n and stamps") {
  const EventLog some = log_of({{"1", "p", 0, 1}});
  for (const LogDistances& d : {distances(some, EventLog{}), distances(EventLog{}, some), distances(EventLog{}, EventLog{})})
    for (const double value : {d.ngd2, d.ngd, d.aedd, d.cadd, d.cedd, d.redd, d.ctdd}) CHECK(std::isnan(value));
  EventLog more = some;
  more.lots.number("without events");
  const LogDistances d = distances(some, more);
  for (const double value : {d.ngd2, d.ngd, d.aedd, d.cadd, d.cedd, d.redd, d.ctdd}) CHECK(value == 0);
  CHECK_THROWS_AS(ngram_distance(some, some, 0), std::invalid_argument);
  CHECK_THROWS_AS(ngram_distance(some, some, 65), std::invalid_argument);
  CHECK(ngram_distance(some, some, 63) == 0);
  CHECK_THROWS_AS(distances(log_of({{"1", "p", NAN, 1}}), some), std::invalid_argument);
  CHECK_THROWS_AS(distances(some, log_of({{"1", "p", 0, INFINITY}})), std::invalid_argument);
}

}  // namespace retwin::distances_test
