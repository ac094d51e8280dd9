// How well what is learned from the first part of a log predicts the rest: the bars of the logs of known truth, and controls.
#include "core/telemetry/validation/validation.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <queue>
#include <string>
#include <vector>

#include "core/base/problem.hpp"
#include "core/telemetry/calibration/calibration.hpp"
#include "core/telemetry/log/clean.hpp"
#include "core/telemetry/validation/baselines.hpp"
#include "tests/laws/plants.hpp"
#include "tests/unit/known_truth.hpp"

namespace retwin::validation_test {
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path = fs::temp_directory_path() / ("retwin_validation_test_" + std::to_string(::getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
};

/// A scenario calibrated from the first two thirds; `slip`: a variant of it with another value of what is there.
std::string calibrated(const Folder& folder, const EventLog& log, const std::string& slip = {}) {
  CalibrationOptions options;
  options.train = 2.0 / 3;
  const std::string path = (folder.path / "cal.yaml").string(), variant = (folder.path / "variant.yaml").string();
  write_calibration(calibrate(log, options), path);
  if (slip.empty()) return path;
  std::ofstream(variant) << "extends: cal.yaml\nset: {" << slip << "}\n";
  return variant;
}

/// Distances [h] that a prototype reached with the log's own arrivals and services, and metrics of five that the free simulation passes.
struct Bar {
  std::string name;
  double aedd, redd, ctdd;
  int passes;
};
const Bar bars[] = {
    {"Loan_Application", 0.8, 3.7, 7.0, 4}, {"Procure_to_Pay", 0.3, 0.09, 0.2, 3}, {"Confidential", 0.5, 0.75, 1.15, 3}};

bool meets(const Bar& bar, const LogDistances& d) { return d.aedd <= bar.aedd && d.redd <= bar.redd && d.ctdd <= bar.ctdd; }

ValidationOptions quick() {
  ValidationOptions options;
  options.replications = 2;
  options.baseline_draws = 2;
  return options;
}

}  // namespace

TEST_CASE("known truth: replay of the log's own work, and free simulation against baselines") {
  for (const Bar& bar : bars) {
    if (!known_truth::there(bar.name)) return;
    CAPTURE(bar.name);
    const EventLog log = known_truth::log(bar.name);
    const Folder folder;
    ValidationOptions options;  // thirty replications
    options.jobs = 2;
    const Validation v = validate(calibrated(folder, log), log, plants::registry(), options);
    CHECK(v.test_cases == 334);
    CHECK(v.trace_driven.aedd <= bar.aedd);
    CHECK(v.trace_driven.redd <= bar.redd);
    CHECK(v.trace_driven.ctdd <= bar.ctdd);
    CHECK(v.passed() >= bar.passes);
    CHECK(v.model.distances.size() == 30);
    const auto inside = std::count_if(v.figures.begin(), v.figures.end(), [](const FigureVerdict& f) { return f.inside; });
    CHECK(inside >= 5);
    CHECK(v.notes.empty());
  }
}

TEST_CASE("known truth, controls: one more or fewer in a crew, a single desk do not replay the log") {
  if (!known_truth::there("Loan_Application")) return;
  const EventLog log = known_truth::log("Loan_Application");
  for (const char* slip : {"resources.Appraiser.count: 3", "resources.Appraiser.count: 1", "stations.Approve_application.servers: 1"}) {
    CAPTURE(slip);
    const Folder folder;
    const Validation v = validate(calibrated(folder, log, slip), log, plants::registry(), quick());
    CAPTURE(v.trace_driven.redd);
    CAPTURE(v.trace_driven.ctdd);
    CHECK_FALSE(meets(bars[0], v.trace_driven));
  }
}

TEST_CASE("a validation is the same by seed, whatever the threads; other seeds simulate otherwise") {
  if (!known_truth::there("Procure_to_Pay")) return;
  const EventLog log = known_truth::log("Procure_to_Pay");
  const Folder folder;
  const std::string path = calibrated(folder, log);
  ValidationOptions options = quick();
  const Validation one = validate(path, log, plants::registry(), options);
  options.jobs = 3;
  const Validation two = validate(path, log, plants::registry(), options);
  options.seed = 2;
  const Validation other = validate(path, log, plants::registry(), options);
  for (std::size_t k = 0; k < 2; ++k) {
    CHECK(one.model.distances[k].ctdd == two.model.distances[k].ctdd);
    CHECK(one.bootstrap.distances[k].ctdd == two.bootstrap.distances[k].ctdd);
  }
  CHECK(one.model.distances[0].ctdd != other.model.distances[0].ctdd);
  CHECK(one.trace_driven.ctdd == other.trace_driven.ctdd);
}

TEST_CASE("services that are no longer those of the scenario are told, and only these") {
  if (!known_truth::there("Loan_Application")) return;
  EventLog log = known_truth::log("Loan_Application");
  const Folder folder;
  const std::string path = calibrated(folder, log);
  for (const ActivityVerdict& a : validate(path, log, plants::registry(), quick()).activities) CHECK_MESSAGE(a.explained, a.name);
  const std::uint32_t slower = log.activities.find("AML Check");
  REQUIRE(slower != Names::absent);
  const CaseSplit split = split_cases(log, 2.0 / 3);
  for (LogEvent& event : log.events)
    if (event.activity == slower && split.test[event.lot]) event.end_s += 120;  // of 1,900 s
  for (const ActivityVerdict& a : validate(path, log, plants::registry(), quick()).activities)
    CHECK_MESSAGE(a.explained == (a.name != "AML Check"), a.name);
}

namespace {

/// Four hundred cases of three steps by two clerks in office hours, a day and more apart; the last ones arrive on a Wednesday.
EventLog days_apart(const std::function<double(int)>& wait_s) {
  constexpr double hour = 3600, day = 24 * hour, monday = 4 * day;
  std::vector<WeeklyHours::Span> spans;
  for (int d = 0; d < 5; ++d) spans.push_back({d * day + 9 * hour, d * day + 17 * hour});
  const WeeklyHours open(spans);
  struct Asked {
    double at_s;
    int lot, step;
    bool operator>(const Asked& other) const { return at_s > other.at_s; }
  };
  std::priority_queue<Asked, std::vector<Asked>, std::greater<>> asked;
  for (int k = 0; k < 416; ++k) asked.push({open.after(monday, 1800.0 * k + 1), k, 0});
  double free[2] = {0, 0};
  EventLog log;
  for (const char* const name : {"a", "b"}) log.activities.number(name), log.resources.number(std::string("clerk ") + name);
  for (int k = 0; k < 416; ++k) log.lots.number(std::to_string(k));
  while (!asked.empty()) {
    const Asked now = asked.top();
    asked.pop();
    const std::size_t unit = free[0] <= free[1] ? 0 : 1;
    LogEvent event;
    event.lot = static_cast<std::uint32_t>(now.lot);
    event.activity = static_cast<std::uint32_t>(now.step);
    event.resource = static_cast<std::uint32_t>(unit);
    event.start_s = open.next_open(std::max(now.at_s, free[unit]));
    event.end_s = free[unit] = open.after(event.start_s, 1200);
    log.events.push_back(event);
    if (now.step == 0) asked.push({event.end_s + wait_s(now.lot), now.lot, 1});
  }
  put_in_order(log);
  return log;
}

}  // namespace

TEST_CASE("the scenario tells whether the cases that are open at the end of a log were dropped") {
  const Folder folder;
  const EventLog whole = days_apart([](int) { return 40 * 3600.0; });
  const CaseSplit split = split_cases(whole, 2.0 / 3);
  const WindowFound by_durations = find_window_rule(whole, case_plans(whole, {}), split.train);
  CHECK(by_durations.rule == WindowRule::dropped);  // they err
  CHECK(validate(calibrated(folder, whole), whole, plants::registry(), quick()).window == WindowRule::complete);
  const EventLog longer = days_apart([](int k) { return (5 + 150 * std::fmod(0.618 * k, 1)) * 3600; });
  const EventLog dropped = windowed(longer, WindowRule::dropped, longer.first_s() + 32.125 * 24 * 3600);
  CHECK(validate(calibrated(folder, dropped), dropped, plants::registry(), quick()).window == WindowRule::dropped);
}

TEST_CASE("scenarios and logs that do not go together are refused") {
  const Folder folder;
  const std::string path = (folder.path / "plant.yaml").string();
  EventLog log;
  for (std::uint32_t k = 0; k < 9; ++k) {
    LogEvent event;
    event.lot = log.lots.number(std::to_string(k));
    event.activity = log.activities.number("cut");
    event.row = k + 1;
    event.start_s = 1000.0 * k, event.end_s = 1000.0 * k + 500;
    log.events.push_back(event);
  }
  const auto code = [&](const ValidationOptions& options) {
    try {
      validate(path, log, plants::registry(), options);
    } catch (const InputError& error) {
      return std::string(code_name(error.problems().front().code));
    }
    return std::string("none");
  };
  std::ofstream(path)
      << "name: p\nrun: {start: 1970-01-01, duration: 1 week}\nsources: {feed: {every: 1 h, to: done}}\nsinks: [done]\n";
  CHECK(code(quick()) == "missing");
  std::ofstream(path) << "name: p\nrun: {start: 1970-01-01, duration: 1 week}\n"
                         "sources: {history: {every: 1 h, to: press}, cases: {every: 1 h, to: press}}\n"
                         "stations: {press: {duration: 5 min, to: done}}\nsinks: [done]\n";
  CHECK(code(quick()) == "unknown-name");
  ValidationOptions all = quick();
  all.test = 1;
  CHECK(code(all) == "trace");
}

}  // namespace retwin::validation_test
