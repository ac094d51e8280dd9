// What a calibration learns: parameters of logs of known truth, hidden timers, the split, and the files of a scenario.
#include "core/telemetry/calibration/calibration.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>
#include <string>

#include "core/base/problem.hpp"
#include "core/base/random.hpp"
#include "core/scenario/scenario.hpp"
#include "core/telemetry/calibration/replay.hpp"
#include "core/telemetry/log/clean.hpp"
#include "tests/laws/plants.hpp"
#include "tests/unit/known_truth.hpp"

namespace retwin::calibration_test {
namespace fs = std::filesystem;

namespace {

constexpr double hour = 3600, day = 86400;

struct Folder {
  fs::path path = fs::temp_directory_path() / ("retwin_calibration_test_" + std::to_string(::getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
  std::string file(const char* name) const { return (path / name).string(); }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(path), fs::directory_iterator()));
  }
};

/// Cases through a crew of one and, `delay_s` later, through a crew that is large enough; round the clock.
EventLog two_steps(int cases, double delay_s) {
  EventLog log;
  const Draws draws{replication_key(3, 0), stream_id("two steps"), 0};
  std::uint64_t drawn = 0;
  const auto exponential = [&](double mean) { return -mean * std::log(1 - draws.uniform(drawn++)); };
  const auto add = [&](int lot, const char* activity, const std::string& resource, double start_s, double end_s) {
    LogEvent event;
    event.lot = log.lots.number("case " + std::to_string(lot));
    event.activity = log.activities.number(activity);
    event.resource = log.resources.number(resource);
    event.row = static_cast<std::uint32_t>(log.events.size() + 1);
    event.start_s = start_s, event.end_s = end_s;
    log.events.push_back(event);
  };
  double at = 19'723 * day, free = 0;  // 2024-01-01
  for (int k = 0; k < cases; ++k) {
    at += exponential(1800);
    const double start = std::max(at, free);
    free = start + 120 + exponential(600);
    add(k, "cut", "cutter", start, free);
    const double weld = free + delay_s;
    add(k, "weld", "welder " + std::to_string(k % 12), weld, weld + 300 + exponential(900));
  }
  put_in_order(log);
  log.source = "two_steps.csv";
  return log;
}

/// min + Exp(mean - min), drawn again above max
double mean_of(const known_truth::Service& service) {
  const auto& p = service.parameters;
  if (service.law == "fix") return p[0];
  const double scale = p[0] - p[1], reach = p[2] - p[1];
  return p[1] + scale - reach / std::expm1(reach / scale);
}

void check_services(const Calibration& c, const std::string& name) {
  const auto truth = known_truth::services(name);
  std::size_t known = 0;
  for (const CalibratedService& service : c.services) {
    const auto found = truth.find(c.log.activities[service.activity]);
    if (found == truth.end()) continue;
    ++known;
    CAPTURE(found->first);
    CHECK(service.fit.distribution.mean() == doctest::Approx(mean_of(found->second)).epsilon(0.03));
    CHECK(service.fit.family == (found->second.law == "fix" ? "constant" : "shifted exponential"));
  }
  CHECK(known + 2 >= c.services.size());  // names with signs that the drawing writes otherwise
}

void check_crews(const Calibration& c, const std::string& name) {
  auto truth = known_truth::crews(name);
  std::size_t known = 0;
  for (const CalibratedPool& pool : c.pools) {
    std::string called = pool.pool.name;
    if (called.size() > 2 && called.ends_with("_0")) called.resize(called.size() - 2);  // a crew of one
    CAPTURE(called);
    REQUIRE(truth.count(called) == 1);
    const known_truth::Crew& crew = truth[called];
    ++known;
    CHECK(pool.pool.units == crew.count);
    if (crew.hours == "24-7") CHECK(pool.pool.hours.always_open());
    if (crew.hours == "Mon-Fri") CHECK(pool.pool.hours.weekly_text() == std::vector<std::string>{"Mon-Fri 09:00-17:00"});
  }
  CHECK(known >= 5);
}

}  // namespace

TEST_CASE("known truth: services, crews, hours and arrivals from the first two thirds") {
  for (const std::string name : {"Loan_Application", "Procure_to_Pay", "Confidential"}) {
    if (!known_truth::there(name)) return;
    CAPTURE(name);
    const EventLog log = known_truth::log(name);
    CalibrationOptions options;
    options.train = 2.0 / 3;
    const Calibration c = calibrate(log, options);
    check_services(c, name);
    check_crews(c, name);
    std::set<long> days;
    for (const auto& events : log.by_lot()) days.insert(static_cast<long>(std::floor(log.events[events.front()].start_s / day)));
    const double observed = static_cast<double>(log.lots.size()) / static_cast<double>(days.size());
    CHECK(c.arrivals.per_day.estimate == doctest::Approx(observed).epsilon(0.03));
    for (int weekday = 0; weekday < 5; ++weekday) CHECK(c.arrivals.groups[static_cast<std::size_t>(weekday)] == "Mon-Fri");
    CHECK_FALSE(c.own_services);
  }
}

TEST_CASE("a hidden timer of 20 minutes is a delay; without one there is none") {
  const Calibration with = calibrate(two_steps(600, 1200));
  REQUIRE(with.delays.size() == 1);
  CHECK(with.log.activities[with.delays[0].before] == "cut");
  CHECK(with.log.activities[with.delays[0].activity] == "weld");
  CHECK(with.delays[0].fit.family == "constant");
  CHECK(with.delays[0].fit.distribution.mean() == doctest::Approx(1200).epsilon(0.01));
  CHECK(calibrate(two_steps(600, 0)).delays.empty());
}

TEST_CASE("a log of less than a week says nothing of what it never covered: arrivals go on as they were seen") {
  const EventLog whole = two_steps(48 * 7, 0);  // a week, every half hour on average
  for (const double hours : {10.0, 30.0, 72.0, 120.0}) {
    CAPTURE(hours);
    EventLog part = whole;
    const double from = 19'723 * day;
    std::erase_if(part.events, [&](const LogEvent& event) { return event.start_s > from + hours * hour; });
    const Calibration c = calibrate(part);
    CHECK(c.arrivals.groups == std::vector<std::string>(7, "Mon-Sun"));
    CHECK(c.arrivals.hours.hours.always_open());
    CHECK(std::any_of(c.notes.begin(), c.notes.end(), [](const std::string& note) { return note.find("never seen") != std::string::npos; }));
    double arrivals = 0, seen = 0;
    for (const auto& one : c.arrivals.days) arrivals += static_cast<double>(one.times_s.size()) / static_cast<double>(c.arrivals.days.size());
    for (const CasePlan& plan : c.plans) seen += c.waiting.arrivals_s[plan.lot] < from + hours * hour;
    CHECK(arrivals == doctest::Approx(seen / hours * 24).epsilon(hours < 24 ? 0.1 : 0.25));  // days that are left out are other days
  }
  const Calibration all = calibrate(whole);  // control: a week has covered all
  CHECK(std::none_of(all.notes.begin(), all.notes.end(), [](const std::string& note) { return note.find("never seen") != std::string::npos; }));
}

TEST_CASE("the split: the first cases by their first start, whole ones, and the moment of the next") {
  const EventLog log = two_steps(9, 0);
  const CaseSplit split = split_cases(log, 2.0 / 3);
  CHECK(std::count(split.train.begin(), split.train.end(), true) == 6);
  CHECK(std::count(split.test.begin(), split.test.end(), true) == 3);
  for (std::uint32_t lot = 0; lot < 9; ++lot) CHECK(split.train[lot] != split.test[lot]);
  CHECK(split.split_s == log.events[log.by_lot()[log.lots.find("case 6")].front()].start_s);
  CHECK(split_cases(log, 1).split_s == log.last_s());
}

TEST_CASE("the files of a scenario: it loads, and only late cases are its history") {
  const Folder folder;
  const Calibration c = calibrate(two_steps(3000, 0));
  write_calibration(c, folder.file("cal.yaml"));
  CHECK(folder.files() == 6);  // two machines in a row are a line, which has a file too
  const Scenario scenario = load_scenario(folder.file("cal.yaml"), plants::registry(), {}, {});
  CHECK(scenario.plant->find_station("weld") != none);
  Problems problems;
  CsvReader history(folder.file("cal_history.csv"), problems);
  std::size_t rows = 0;
  while (history.next()) ++rows;
  CHECK(rows >= 500);
  CHECK(rows < 1000);
  CHECK_FALSE(problems.any_errors());
}

TEST_CASE("all files of a scenario or none, and never over the log") {
  const Folder folder;
  Calibration c = calibrate(two_steps(50, 0));
  fs::create_directories(folder.file("cal_parameters.csv"));
  CHECK_THROWS_AS(write_calibration(c, folder.file("cal.yaml")), InputError);
  CHECK(folder.files() == 1);
  c.log.source = folder.file("other_plans.csv");
  write_file(c.log.source, "the log");
  CHECK_THROWS_AS(write_calibration(c, folder.file("other.yaml")), InputError);
  CHECK(folder.files() == 2);
  CHECK(known_truth::content(c.log.source) == "the log");
}

TEST_CASE("what cannot be calibrated is refused") {
  EventLog log = two_steps(1, 0);
  CHECK_THROWS_AS(calibrate(log), InputError);
  log = two_steps(20, 0);
  CalibrationOptions options;
  options.train = 0.05;
  CHECK_THROWS_AS(calibrate(log, options), InputError);  // one case
  for (LogEvent& event : log.events) event.end_s = event.start_s;
  CHECK_THROWS_AS(calibrate(log), InputError);
  log = two_steps(20, 0);
  log.activities.number("a name");
  CHECK_NOTHROW(calibrate(log));
  log.activities.number("a_name");
  CHECK_THROWS_AS(calibrate(log), InputError);
}

TEST_CASE("names of a scenario") {
  CHECK(scenario_name("Mill 3.5  b") == "Mill_3_5_b");
  CHECK(scenario_name("") == "_");
  CHECK(scenario_name(" ") == "_");
  CHECK(scenario_name("done") == "done_");
  CHECK(scenario_name("null") == "null_");
  CHECK(scenario_name("=1+1") == "_=1+1");
  CHECK(scenario_name("a\x1b[31m\xC2\x85") == "a_[31m_");
  CHECK(scenario_name(std::string(2000, 'x')).size() == 120);
  CHECK(scenario_name(std::string(2000, 'x')) != scenario_name(std::string(2001, 'x')));
  CHECK(scenario_name("extraneous delay") == "extraneous_delay_");
  CHECK(scenario_name("Done") == "Done");
}

}  // namespace retwin::calibration_test
