// When lots that are there leave: a line by hand from its beginning and from a saved state, lots that are used up, and a queue by its mean.
#include "core/ledger/leaving.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>

#include "core/experiment/replications.hpp"
#include "core/report/report.hpp"
#include "tests/laws/plants.hpp"

namespace retwin::leaving_test {
using namespace plants;

namespace {

std::string line(const std::string& press, const std::string& more = "") {
  return "run: {start: 2026-01-05, duration: 2 h, terminating: true, replications: 3}\nsources: {in: {at: [50 min], to: press}}\n"
         "stations: {press: {duration: " + press + ", to: pack}, pack: {duration: 5 min, to: done}" + more +
         "}\nsinks: [done]\ninitial: [{station: press, count: 3}]\n";
}

std::vector<double> minutes(const Results& results, std::size_t replication = 0) {
  std::vector<double> out;
  for (const Departure& departure : results.departures.at(replication)) out.push_back(departure.at_s / 60);
  return out;
}

}  // namespace

TEST_CASE("three lots in line: they leave after 15, 25 and 35 minutes, and nothing is told of a later one") {
  const Scenario scenario = compile(line("10 min"));
  const Results results = run_replications(scenario);
  REQUIRE(results.there.size() == 3);
  for (const LotThere& lot : results.there) CHECK(lot.station == scenario.plant->find_station("press"));
  for (std::size_t k = 0; k < 3; ++k) CHECK(minutes(results, k) == std::vector<double>{15, 25, 35});
  CHECK(minutes(run_replications(compile(line("20 min")))) == std::vector<double>{25, 45, 65});  // control
  const Table table = leaving_table(scenario, results);
  REQUIRE(table.rows() == 3);
  CHECK(table.csv().find("2026-01-05T00:25:00") != std::string::npos);
  CHECK(table.numbers(static_cast<std::size_t>(table.find("leaves_h")))[2] == doctest::Approx(35.0 / 60));
  CHECK(table.numbers(static_cast<std::size_t>(table.find("late_h")))[2] == doctest::Approx(35.0 / 60));
  CHECK(table.texts(static_cast<std::size_t>(table.find("by")))[0] == "done");
  CHECK(table.numbers(static_cast<std::size_t>(table.find("still_in")))[0] == 0);
}

TEST_CASE("from a state after 12 minutes: the same times, each lot where it was; a shorter run leaves the last one in") {
  const Scenario scenario = compile(line("10 min"));
  Simulation simulation = start(scenario);
  simulation.advance(12 * minute);
  const State state = simulation.state();
  RunOptions options;
  options.from = &state;
  options.replications = 2;
  const Results results = run_replications(scenario, options);
  REQUIRE(results.there.size() == 3);
  std::map<Index, std::vector<double>> by_station;
  for (std::size_t k = 0; k < 3; ++k) by_station[results.there[k].station].push_back(minutes(results)[k]);
  CHECK(by_station[scenario.plant->find_station("pack")] == std::vector<double>{15});
  CHECK(by_station[scenario.plant->find_station("press")] == std::vector<double>{25, 35});
  const Table table = leaving_table(scenario, results);
  CHECK(table.csv().find("2026-01-05T00:15:00") != std::string::npos);
  CHECK(table.numbers(static_cast<std::size_t>(table.find("leaves_h")))[0] <= doctest::Approx(23.0 / 60));  // after the state

  Scenario shorter = compile(line("10 min"));
  shorter.run.duration_s = 15 * minute;
  const Table open = leaving_table(shorter, run_replications(shorter, options));
  std::vector<double> still = open.numbers(static_cast<std::size_t>(open.find("still_in")));
  std::sort(still.begin(), still.end());
  CHECK(still == std::vector<double>{0, 0, 1});
}

TEST_CASE("whoever else listens hears the same, and what is saved with a state is what it heard") {
  const Scenario scenario = compile(line("10 min"));
  int ended = 0;
  struct Counting : Observer {
    explicit Counting(int& n) : n_(n) {}
    void lot_ended(double, const Lot&, Index, std::span<const double>) override { ++n_; }
    int& n_;
  };
  RunOptions options;
  options.keep_state = true;
  options.observer = [&](std::int64_t replication) { return replication == 0 ? std::make_unique<Counting>(ended) : nullptr; };
  const Results with = run_replications(scenario, options), without = run_replications(scenario);
  CHECK(ended == 4);
  CHECK(with.digests == without.digests);
  CHECK(minutes(with) == minutes(without));
  CHECK(with.heard.size() == 1);  // the jobs in hand
}

TEST_CASE("a lot of which others are made is used up where that is") {
  const Scenario scenario = compile(
      "run: {duration: 2 h, terminating: true, replications: 1}\nsources: {in: {at: [90 min], to: cut}}\n"
      "stations: {cut: {unit: split, count: 2, duration: 10 min, to: pack}, pack: {duration: 5 min, to: done}}\nsinks: [done]\n"
      "initial: [{station: cut, count: 2}]\n");
  const Results results = run_replications(scenario);
  CHECK(minutes(results) == std::vector<double>{10, 20});
  const Table table = leaving_table(scenario, results);
  CHECK(table.texts(static_cast<std::size_t>(table.find("by")))[1] == "used up at cut");
}

TEST_CASE("exponential service: the third in line leaves after three services on average, 90 % of the times between the ends") {
  Scenario scenario = compile(
      "run: {duration: 12 h, terminating: true, replications: 400}\nsources: {in: {at: [11 h], to: desk}}\n"
      "stations: {desk: {duration: {exponential: 10 min}, to: {good: 75 %, bad: 25 %}}}\nsinks: [good, bad]\ninitial: [{station: desk, count: 3}]\n");
  const Results results = run_replications(scenario);
  const Table table = leaving_table(scenario, results);
  const auto hours = [&](const char* column) { return table.numbers(static_cast<std::size_t>(table.find(column)))[2]; };
  CHECK(std::abs(hours("leaves_h") - 0.5) < 4 * std::sqrt(3.0) / 6 / 20);  // four standard errors
  CHECK(hours("early_h") == doctest::Approx(0.8177 / 6).epsilon(0.25));    // Erlang of three: 5 % and 95 %
  CHECK(hours("late_h") == doctest::Approx(6.2958 / 6).epsilon(0.12));
  const std::string by = table.texts(static_cast<std::size_t>(table.find("by")))[2];
  CHECK(by.starts_with("good 7"));
  CHECK(by.find(", bad 2") != std::string::npos);
}

TEST_CASE("a plant that begins empty has none, and no file of them") {
  const Scenario scenario = compile(
      "run: {duration: 2 h, terminating: true, replications: 1}\nsources: {in: {every: 10 min, to: desk}}\n"
      "stations: {desk: {duration: 5 min, to: done}}\nsinks: [done]\n");
  CHECK(run_replications(scenario).there.empty());
  const std::string folder = "leaving_test_out";
  Registry registry;
  register_reports(registry);
  for (const bool full : {false, true}) {
    std::filesystem::remove_all(folder);
    const Scenario now = full ? compile(line("10 min")) : scenario;
    write_reports(folder, now, run_replications(now), registry.exporters);
    CHECK(std::filesystem::exists(folder + "/kpis.csv"));
    CHECK(std::filesystem::exists(folder + "/leaving.csv") == full);
  }
  std::filesystem::remove_all(folder);
}

}  // namespace retwin::leaving_test
