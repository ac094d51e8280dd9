// What services depend on, setups and batches, all the way from a log of known truth into what a learned scenario does.
#include "core/telemetry/work/service_efforts.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cmath>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "core/base/problem.hpp"
#include "core/base/random.hpp"
#include "core/flow/engine/simulation.hpp"
#include "core/scenario/scenario.hpp"
#include "core/stats/tally.hpp"
#include "core/telemetry/calibration/calibration.hpp"
#include "core/telemetry/log/clean.hpp"
#include "core/telemetry/readers/read_log.hpp"
#include "core/telemetry/writers/log_writer.hpp"
#include "tests/laws/plants.hpp"

namespace retwin::service_efforts_test {
namespace fs = std::filesystem;

namespace {

constexpr double day = 86400;

/// What a test says of the shop: services by product (0, 1), pieces and saw; a setup between products; lots per oven.
struct Truth {
  std::function<double(int product, double pieces, int saw)> cut = [](int, double, int) { return 900; };
  double setup_s = 0;
  std::size_t batch = 1;
  double between_s = 800;
};

/// Lots of two products and 1 to 30 pieces through two saws, then through two ovens; round the clock, first come, first served.
class Shop {
 public:
  EventLog log;
  explicit Shop(const Truth& truth, int lots, std::uint64_t seed = 1) : truth_(truth), draws_{replication_key(seed, 0), 1, 0} {
    log.columns = {{"product", false, {}, {}}, {"pieces", true, {}, {}}, {"colour", false, {}, {}}};
    double at = 19'723 * day, saws[2] = {at, at}, ovens[2] = {at, at};
    int last[2] = {-1, -1};
    std::vector<Lot> cut;
    for (int k = 0; k < lots; ++k) {
      at += -truth.between_s * std::log(1 - draw());
      Lot lot{k, draw() < 0.6 ? 0 : 1, 1 + std::floor(30 * draw()), draw() < 0.5 ? 0 : 1, 0};
      const int saw = saws[0] < at && saws[1] < at ? (draw() < 0.5 ? 0 : 1) : (saws[0] <= saws[1] ? 0 : 1);
      double start = std::max(at, saws[saw]);
      if (last[saw] >= 0 && last[saw] != lot.product) start += truth.setup_s * (0.9 + 0.2 * draw());
      last[saw] = lot.product;
      lot.ready_s = saws[saw] = start + truth.cut(lot.product, lot.pieces, saw) * (0.8 + 0.4 * draw());
      add(lot, "cut", saw == 0 ? "saw 1" : "saw 2", start, lot.ready_s);
      cut.push_back(lot);
    }
    std::stable_sort(cut.begin(), cut.end(), [](const Lot& a, const Lot& b) { return a.ready_s < b.ready_s; });
    for (std::size_t k = 0; k + truth.batch <= cut.size(); k += truth.batch) {
      const std::size_t oven = ovens[0] <= ovens[1] ? 0 : 1;
      const double start = std::max(cut[k + truth.batch - 1].ready_s, ovens[oven]);
      ovens[oven] = start + 1000 * (0.8 + 0.4 * draw());
      for (std::size_t i = k; i < k + truth.batch; ++i) add(cut[i], "bake", oven == 0 ? "oven 1" : "oven 2", start, ovens[oven]);
    }
    put_in_order(log);
  }

 private:
  struct Lot {
    int number, product;
    double pieces;
    int colour;
    double ready_s;
  };
  double draw() { return draws_.uniform(drawn_++); }
  void add(const Lot& lot, const char* activity, const char* resource, double start_s, double end_s) {
    LogEvent event;
    event.lot = log.lots.number("lot " + std::to_string(lot.number));
    event.activity = log.activities.number(activity);
    event.resource = log.resources.number(resource);
    event.row = static_cast<std::uint32_t>(log.events.size() + 1);
    event.start_s = start_s, event.end_s = end_s;
    log.events.push_back(event);
    log.columns[0].values.push_back(log.columns[0].categories.number(lot.product == 0 ? "rod" : "tube"));
    log.columns[1].values.push_back(lot.pieces);
    log.columns[2].values.push_back(log.columns[2].categories.number(lot.colour == 0 ? "red" : "blue"));
  }
  Truth truth_;
  Draws draws_;
  std::uint64_t drawn_ = 0;
};

/// The learned scenario's own log, with further columns.
EventLog simulated(const Calibration& c, const std::vector<std::string>& numeric, const std::vector<std::string>& categorical) {
  const fs::path folder = fs::temp_directory_path() / ("retwin_service_efforts_test_" + std::to_string(::getpid()));
  fs::create_directories(folder);
  write_calibration(c, (folder / "cal.yaml").string());
  const Scenario scenario = load_scenario((folder / "cal.yaml").string(), plants::registry(), {}, {});
  LogWriter writer(*scenario.plant, (folder / "log.csv").string());
  Simulation simulation(scenario.plant, 5);
  simulation.advance(40 * day, &writer);
  writer.commit();
  ReadLogOptions options;
  options.mapping.numeric = numeric;
  options.mapping.categorical = categorical;
  EventLog log = read_log((folder / "log.csv").string(), options);
  fs::remove_all(folder);
  return log;
}

/// Mean services of new cases at an activity, by the value of a column.
std::map<std::string, Tally> by_group(const EventLog& log, const std::string& activity, const std::string& column) {
  std::map<std::string, Tally> groups;
  const LogColumn* of = log.column(column);
  REQUIRE(of != nullptr);
  for (std::size_t k = 0; k < log.events.size(); ++k) {
    const LogEvent& event = log.events[k];
    if (log.activities[event.activity] != activity || log.lots[event.lot].rfind("cases-", 0) != 0 || std::isnan(of->values[k]))
      continue;
    const std::string group =
        of->numeric ? (of->values[k] <= 10 ? "few" : "many") : of->categories[static_cast<std::uint32_t>(of->values[k])];
    groups[group].add(event.end_s - event.start_s);
  }
  return groups;
}

}  // namespace

TEST_CASE("services that depend on nothing are multiplied by nothing") {
  const Calibration c = calibrate(Shop({}, 800).log);
  CHECK(c.efforts.all().empty());
  CHECK(c.efforts.attributes().empty());
  CHECK(c.rules.empty());
}

TEST_CASE("a column that tells nothing of other cases is not believed, whatever a test said of it") {
  const EventLog log = Shop({}, 800).log;
  std::vector<double> service;
  for (const LogEvent& event : log.events) service.push_back(event.end_s - event.start_s);
  ServiceFactors claimed;
  for (const char* const column : {"product", "pieces", "colour", "resource"})
    claimed.factors.push_back({log.activities.find("cut"), column, 0.5, 1e-9, 800, {}, 0, {}});
  CHECK(find_service_efforts(log, service, claimed).empty());
}

TEST_CASE("services by quantity and product: found, and drawn so") {
  Truth truth;
  truth.cut = [](int product, double pieces, int) { return (200 + 40 * pieces) * (product == 0 ? 0.8 : 1.4); };
  const Calibration c = calibrate(Shop(truth, 1500).log);
  REQUIRE(c.efforts.all().size() == 1);
  const ServiceEffort& effort = c.efforts.all().front();
  REQUIRE(effort.terms.size() == 2);
  for (const EffortTerm& term : effort.terms) {
    if (term.column == "pieces") CHECK(term.slope / term.constant == doctest::Approx(0.2).epsilon(0.15));
    if (term.column != "product") continue;
    REQUIRE(term.levels.size() == 2);
    CHECK(term.factor(1.0) / term.factor(0.0) == doctest::Approx(term.levels[0].name == "rod" ? 1.75 : 1 / 1.75).epsilon(0.05));
  }
  CHECK_FALSE(c.own_services);
  const EventLog again = simulated(c, {"pieces"}, {"product"});
  auto product = by_group(again, "cut", "product");
  CHECK(product.at("rod").mean() == doctest::Approx(0.8 * (200 + 40 * 15.5)).epsilon(0.06));
  CHECK(product.at("tube").mean() == doctest::Approx(1.4 * (200 + 40 * 15.5)).epsilon(0.06));
  auto pieces = by_group(again, "cut", "pieces");
  CHECK(pieces.at("few").mean() == doctest::Approx(1.04 * (200 + 40 * 5.5)).epsilon(0.08));
  CHECK(pieces.at("many").mean() == doctest::Approx(1.04 * (200 + 40 * 20.5)).epsilon(0.06));
}

TEST_CASE("services by resource: found, and drawn so") {
  Truth truth;
  truth.cut = [](int, double, int saw) { return saw == 0 ? 720 : 1200; };
  const Calibration c = calibrate(Shop(truth, 1200).log);
  REQUIRE(c.efforts.all().size() == 1);
  REQUIRE(c.efforts.all().front().terms.size() == 1);
  CHECK(c.efforts.all().front().terms.front().column == "resource");
  const EventLog again = simulated(c, {}, {"done_by"});
  auto saw = by_group(again, "cut", "done_by");
  CHECK(saw.at("saw 1").mean() == doctest::Approx(720).epsilon(0.05));
  CHECK(saw.at("saw 2").mean() == doctest::Approx(1200).epsilon(0.05));
}

TEST_CASE("setups between products: found, timed, kept out of services, and done") {
  Truth truth;
  truth.setup_s = 500;
  truth.between_s = 700;
  const Calibration c = calibrate(Shop(truth, 1500).log);
  REQUIRE(c.rules.size() == 1);
  REQUIRE(c.rules.front().setup);
  CHECK(c.rules.front().setup->column == "product");
  CHECK(c.rules.front().setup->mean.estimate == doctest::Approx(500).epsilon(0.1));
  for (const CalibratedService& s : c.services)
    if (c.log.activities[s.activity] == "cut") CHECK(s.mean.estimate == doctest::Approx(900).epsilon(0.03));
  const EventLog again = simulated(c, {"setup_s"}, {});
  const LogColumn* setup = again.column("setup_s");
  REQUIRE(setup != nullptr);
  std::size_t n = 0;
  Tally seen;
  for (std::size_t k = 0; k < again.events.size(); ++k) {
    if (again.activities[again.events[k].activity] != "cut") continue;
    ++n;
    if (setup->values[k] > 0) seen.add(setup->values[k]);
  }
  CHECK(seen.mean() == doctest::Approx(500).epsilon(0.1));
  CHECK(static_cast<double>(seen.count()) / static_cast<double>(n) == doctest::Approx(0.48).epsilon(0.2));
  truth.setup_s = 0;
  CHECK(calibrate(Shop(truth, 1500).log).rules.empty());
}

TEST_CASE("batches: found, and formed") {
  Truth truth;
  truth.batch = 4;
  truth.between_s = 600;
  const Calibration c = calibrate(Shop(truth, 1200).log);
  REQUIRE(c.rules.size() == 1);
  REQUIRE(c.rules.front().batch);
  CHECK(c.rules.front().batch->count == 4);
  CHECK(c.rules.front().batch->waits_until_full);
  CHECK(c.delays.empty());  // they wait for each other
  const EventLog again = simulated(c, {}, {});
  std::map<std::pair<double, double>, std::size_t> together;
  for (const LogEvent& event : again.events)
    if (again.activities[event.activity] == "bake") ++together[{event.start_s, event.end_s}];
  std::size_t full = 0;
  for (const auto& [stamps, lots] : together) full += lots == 4 ? 1 : 0;
  CHECK(static_cast<double>(full) >= 0.98 * static_cast<double>(together.size()));
}

}  // namespace retwin::service_efforts_test
