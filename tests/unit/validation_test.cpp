// How well what is learned from the first part of a log predicts the rest: the bars of the logs of known truth, and controls.
#include "core/telemetry/validation.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "core/base/problem.hpp"
#include "core/telemetry/calibration.hpp"
#include "tests/laws/plants.hpp"
#include "tests/unit/known_truth.hpp"

using namespace retwin;
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path = fs::temp_directory_path() / ("retwin_validation_test_" + std::to_string(::getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
};

/// A scenario calibrated from the first two thirds, with a text in it replaced.
std::string calibrated(const Folder& folder, const EventLog& log, const std::string& from = {}, const std::string& to = {}) {
  CalibrationOptions options;
  options.train = 2.0 / 3;
  const std::string path = (folder.path / "cal.yaml").string();
  write_calibration(calibrate(log, options), path);
  if (from.empty()) return path;
  std::string text = known_truth::content(path);
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  std::ofstream(path) << text.replace(at, from.size(), to);
  return path;
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
  const std::pair<std::string, std::string> slips[] = {
      {"\"Appraiser\": {count: 2", "\"Appraiser\": {count: 3"},
      {"\"Appraiser\": {count: 2", "\"Appraiser\": {count: 1"},
      {"\"Approve_application\": {servers: unlimited", "\"Approve_application\": {servers: 1"}};
  for (const auto& [from, to] : slips) {
    CAPTURE(to);
    const Folder folder;
    const Validation v = validate(calibrated(folder, log, from, to), log, plants::registry(), quick());
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
