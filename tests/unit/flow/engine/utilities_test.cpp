// Utilities: closed forms of who gets how much and when he ends, outages, crews and failures in mid-job, what is counted; and other plants on the way.
#include <doctest/doctest.h>

#include "core/flow/state/snapshot.hpp"
#include "core/ledger/reading.hpp"
#include "core/ledger/window.hpp"
#include "tests/laws/plants.hpp"

namespace retwin::utilities_test {

using namespace plants;

namespace {

/// Jobs that come at given hours, each to a station of its own that draws as it says, of steam of 10 kg/h.
std::string jobs(const std::vector<std::pair<std::string, std::string>>& at_and_station, const std::string& utilities = "{steam: 10 kg/h}") {
  std::string sources, stations;
  for (std::size_t k = 0; k < at_and_station.size(); ++k) {
    const auto& [at, station] = at_and_station[k];
    sources += "  s" + std::to_string(k) + ": {at: [" + at + "], to: m" + std::to_string(k) + "}\n";
    stations += "  m" + std::to_string(k) + ": {" + station + ", to: o" + std::to_string(k) + "}\n";
  }
  std::string sinks;
  for (std::size_t k = 0; k < at_and_station.size(); ++k) sinks += (k > 0 ? ", o" : "o") + std::to_string(k);
  return "run: {duration: 1000 h, terminating: true}\nutilities: " + utilities + "\nsources:\n" + sources + "stations:\n" + stations + "sinks: [" + sinks + "]\n";
}

/// When each of them has ended [h].
std::vector<double> ends(const std::string& text, std::size_t n, double until_h = 1000) {
  Run run(text, until_h * hour, 1, hour);
  std::vector<double> out;
  for (std::size_t k = 0; k < n; ++k) {
    const auto& left = run.recorder.ended[run.simulation.plant().sink_node(run.sink("o" + std::to_string(k)))];
    out.push_back(left.empty() ? -1 : left.front().at / hour);
  }
  return out;
}

void check_ends(const std::string& text, const std::vector<double>& expected_h) {
  const std::vector<double> found = ends(text, expected_h.size());
  for (std::size_t k = 0; k < expected_h.size(); ++k) CHECK(found[k] == doctest::Approx(expected_h[k]).epsilon(1e-9));
}

const std::string along = "duration: 2 h, draws: {steam: 10 kg/h}";   // all of it for 2 h
const std::string needs = "duration: 0 h, draws: {steam: 20 kg}";    // as fast as it comes

}  // namespace

TEST_CASE("one user") {
  check_ends(jobs({{"0 h", "duration: 2 h, draws: {steam: 4 kg/h}"}}), {2});
  check_ends(jobs({{"0 h", "duration: 2 h, draws: {steam: 20 kg/h}"}}), {4});
  check_ends(jobs({{"0 h", needs}}), {2});
  check_ends(jobs({{"0 h", "duration: 0 h, draws: {steam: {amount: 20 kg, at_most: 4 kg/h}}"}}), {5});
  check_ends(jobs({{"0 h", "duration: 3 h, draws: {steam: 20 kg}"}}), {3});  // the work is the slowest
}

TEST_CASE("equals, weights, bounds") {
  check_ends(jobs({{"0 h", along}, {"0 h", along}, {"0 h", along}, {"0 h", along}}), {8, 8, 8, 8});
  check_ends(jobs({{"0 h", needs}, {"0 h", "duration: 0 h, draws: {steam: {amount: 20 kg, weight: 3}}"}}), {4, 20 / 7.5});
  // 2 kg/h is all that the first can take; the others share 8 and then, when he has gone, 10.
  check_ends(jobs({{"0 h", "duration: 2 h, draws: {steam: 2 kg/h}"}, {"0 h", needs}, {"0 h", needs}}), {2, 2 + 12 / 5.0, 2 + 12 / 5.0});
  check_ends(jobs({{"0 h", needs}, {"0 h", "duration: 0 h, draws: {steam: {amount: 20 kg, priority: 1}}"}}), {4, 2});
}

TEST_CASE("arrivals and departures in mid-job") {
  // Alone for an hour: 10 of 20 kg; then 5 kg/h each: the first ends at 3 h, when the second has 10 kg left.
  check_ends(jobs({{"0 h", needs}, {"1 h", needs}}), {3, 4});
  check_ends(jobs({{"0 h", along}, {"1 h", along}, {"2 h", along}}), {3.5, 5.5, 6});
}

TEST_CASE("two utilities at once, and two amounts that are needed") {
  const std::string both = "{steam: 10 kg/h, power: 8 kW}";
  // Work that takes 10 kg/h and 16 kW goes on at half its speed; nobody else is hurt who takes steam at 5 kg/h.
  check_ends(jobs({{"0 h", "duration: 2 h, draws: {steam: 10 kg/h, power: 16 kW}"}, {"0 h", "duration: 2 h, draws: {steam: 5 kg/h}"}}, both), {4, 2});
  check_ends(jobs({{"0 h", "duration: 1 h, draws: {steam: 20 kg, power: 40 kWh}"}}, both), {5});
}

TEST_CASE("an outage, whole and in part") {
  check_ends(jobs({{"0 h", needs}}, "{steam: {capacity: 10 kg/h, fails: {trip: {at: [1 h], repair: 3 h}}}}"), {5});
  check_ends(jobs({{"0 h", needs}}, "{steam: {capacity: 10 kg/h, fails: {trip: {at: [1 h], repair: 3 h, leaves: 20 %}}}}"), {1 + 3 + 0.4});
  check_ends(jobs({{"0 h", needs}}, "{steam: {capacity: 10 kg/h, fails: {a: {at: [1 h], repair: 3 h, leaves: 20 %}, b: {at: [2 h], repair: 1 h}}}}"), {1 + 3 + 0.6});
}

TEST_CASE("what is stored is given when there is not enough, and taken up when there is") {
  // 6 kg at the start. 20 kg/h are asked for: 10 from the boiler and 6 of 10 kg in store until that is empty, after an hour; then 10 kg/h.
  const std::string store = "{steam: {capacity: 10 kg/h, storage: {capacity: 10 kg, discharge: 6 kg/h, start: 60 %}}}";
  check_ends(jobs({{"0 h", "duration: 2 h, draws: {steam: 20 kg/h}"}}, store), {1 + 24 / 10.0});
  check_ends(jobs({{"0 h", "duration: 0 h, draws: {steam: {amount: 8 kg, at_most: 16 kg/h}}"}}, store), {0.5});
  // Charged at 2 kg/h from the first hour on, by what one who takes 8 of 10 kg/h leaves: 6 kg and 4 kg, full; the second takes 16 kg/h from 2 h on.
  check_ends(jobs({{"0 h", "duration: 2 h, draws: {steam: 8 kg/h}"}, {"2 h", "duration: 0 h, draws: {steam: {amount: 32 kg, at_most: 16 kg/h}}"}}, store), {2, 2 + 10 / 6.0 + (32 - 160 / 6.0) / 10});
  // An outage of the boiler: the store alone.
  check_ends(jobs({{"0 h", "duration: 1 h, draws: {steam: 3 kg/h}"}}, "{steam: {capacity: 10 kg/h, storage: {capacity: 10 kg, start: 100 %}, fails: {trip: {at: [0 h], repair: 9 h}}}}"), {1});
}

TEST_CASE("failures and shifts in mid-job: what was had is had, and a job that begins anew begins anew") {
  const std::string jam = "fails: {jam: {at: [1 h], repair: 2 h";
  check_ends(jobs({{"0 h", needs + ", " + jam + "}}"}, {"0 h", needs}}), {2 + 3 - 0.5, 2.5 + 0}) ;
  check_ends(jobs({{"0 h", needs + ", " + jam + ", job: restart}}"}}), {5});
}

TEST_CASE("what is drawn is counted once, by the job, or not at all") {
  const std::string text = jobs({{"0 h", "duration: 2 h, draws: {steam: 4 kg/h}"}, {"0 h", "duration: 2 h, draws: {steam: {amount: 3 kg, counted: false}}"}});
  Run run(text, 10 * hour);
  const auto& metered = run.simulation.state().accounts.metered;
  CHECK(metered[run.station("m0") * run.simulation.plant().flows.size() + run.simulation.plant().utilities[0].flow] == doctest::Approx(8).epsilon(1e-12));
  CHECK(metered[run.station("m1") * run.simulation.plant().flows.size() + run.simulation.plant().utilities[0].flow] == 0);
  CHECK(run.simulation.state().accounts.utilities[0].taken.value(10 * hour) == doctest::Approx(11).epsilon(1e-12));
}

TEST_CASE("lost time is that beyond the work at full speed") {
  // Two that would take 2 h each take 4 h: each has lost 2 h.
  Run run(jobs({{"0 h", along}, {"0 h", along}}), 3 * hour, 1, hour);
  for (const double at_h : {3.0, 4.0, 9.0}) {
    run.advance(at_h * hour);
    const Reading now = read(run.simulation.plant(), run.simulation.state());
    const StationAccount& account = now.accounts.stations[run.station("m0")];
    CHECK(account.time_in[static_cast<std::size_t>(ServerState::waiting_utility)] / hour == doctest::Approx(std::min(at_h, 4.0)).epsilon(1e-12));
    CHECK(account.slowed_work_s / hour == doctest::Approx(std::min(at_h, 4.0) / 2).epsilon(1e-12));
  }
}

TEST_CASE("from now on another capacity, another rate, and another structure") {
  const std::string text = jobs({{"0 h", needs}, {"0 h", "duration: 2 h, draws: {steam: 10 kg/h}"}});
  const auto later = [&](const std::string& other) {
    Scenario before = compile(text);
    Simulation simulation = start(before);
    simulation.advance(1 * hour);
    State state = rebase(simulation.state(), structure_of(*before.plant), *compile(other).plant);
    const Scenario after = compile(other);
    Simulation onwards(after.plant, std::move(state));
    Recorder recorder(onwards);
    onwards.advance(100 * hour, &recorder);
    std::vector<double> found;
    for (const char* sink : {"o0", "o1"}) {
      const auto& times = recorder.ended[after.plant->sink_node(after.plant->find_sink(sink))];
      found.push_back(times.empty() ? -1 : times.front().at / hour);
    }
    return found;
  };
  const auto replaced = [&](std::string from, const std::string& to) {
    std::string other = text;
    other.replace(other.find(from), from.size(), to);
    return other;
  };
  // After an hour at 5 kg/h each there are 15 kg and 1.5 h of work left.
  const auto check = [](const std::vector<double>& found, const std::vector<double>& expected) {
    for (std::size_t k = 0; k < expected.size(); ++k) CHECK(found[k] == doctest::Approx(expected[k]).epsilon(1e-9));
  };
  check(later(text), {4, 4});
  check(later(replaced("steam: 10 kg/h}\nsources", "steam: 30 kg/h}\nsources")), {1 + 0.75, 1 + 1.5});
  check(later(replaced("draws: {steam: 10 kg/h}", "draws: {steam: 5 kg/h}")), {1 + 1.5 + 0.75, 1 + 1.5});
  check(later(replaced(", draws: {steam: 10 kg/h}", "")), {1 + 1.5, 1 + 1.5});
  check(later(replaced("utilities: {steam: 10 kg/h}", "utilities: {steam: 10 kg/h, air: 1 m3/h}")), {4, 4});
}

TEST_CASE("what a utility uses for what it gives, with its stand-by use, counted once where it stands") {
  const std::string boiler = "{steam: {capacity: 10 kg/h, input: {flow: gas, station: m1, at: [0 kg/h, 5 kg/h, 10 kg/h], use: [1 m3/h, 6 m3/h, 16 m3/h]}, fails: {trip: {at: [6 h], repair: 1 h}}}}";
  const Scenario scenario = compile(jobs({{"0 h", "duration: 2 h, draws: {steam: 4 kg/h}"}, {"3 h", "duration: 1 h, draws: {steam: 8 kg/h}"}}, boiler));
  Simulation s = start(scenario);
  Window window(*scenario.plant, read(*scenario.plant, s.state()));
  s.advance(10 * hour);
  window.extend(*scenario.plant, read(*scenario.plant, s.state()));
  Index gas = 0;
  while (scenario.plant->flows[gas].name != "gas") ++gas;
  // 2 h at 5 m3/h, 1 h at 12, an hour without any, 6 h at 1.
  CHECK(window.used(gas) == doctest::Approx(2 * 5 + 12 + 6).epsilon(1e-9));
  CHECK(window.used(scenario.plant->find_station("m1"), gas) == doctest::Approx(28).epsilon(1e-9));
}

TEST_CASE("a derating by the calendar") {
  const auto hot = [](const std::string& hours, const std::string& leaves) {
    return "calendars: {hot: [\"Mon-Sun " + hours + "\"]}\n" + jobs({{"0 h", needs}}, "{steam: {capacity: 10 kg/h, fails: {hot: {during: hot" + leaves + "}}}}");
  };
  check_ends(hot("01:00-05:00", ", leaves: 50 %"), {3});
  check_ends(hot("00:00-01:00", ", leaves: 50 %"), {1 + 1.5});
  check_ends(hot("01:00-05:00", ""), {6});
}

TEST_CASE("a store that loses on the way in and by the hour") {
  // Charged at 8 - 1 kg/h from 5 kg on, it is full after 5/7 h, and kept full; in the outage it gives 3 kg/h and loses 1.
  const std::string store = "{steam: {capacity: 10 kg/h, storage: {capacity: 10 kg, start: 50 %, efficiency: 80 %, loss: 1 kg/h}, fails: {trip: {at: [1 h], repair: 9 h}}}}";
  check_ends(jobs({{"1 h", "duration: 2 h, draws: {steam: 3 kg/h}"}}, store), {3});
  check_ends(jobs({{"1 h", "duration: 4 h, draws: {steam: 3 kg/h}"}}, store), {10 + 1.5});
  // A charge of 1 kg/h only just keeps up with what is lost, and less than nothing is never kept.
  const std::string poor = "{steam: {capacity: 10 kg/h, storage: {capacity: 10 kg, charge: 1 kg/h, efficiency: 50 %, loss: 2 kg/h, start: 30 %}, fails: {trip: {at: [5 h], repair: 4 h}}}}";
  check_ends(jobs({{"5 h", "duration: 1 h, draws: {steam: 1 kg/h}"}}, poor), {10});
}

TEST_CASE("of several utilities the weight of that of which most is taken counts") {
  // 8 kW of 10 kW each; the first takes a little steam as well, of which there is enough.
  const std::string both = "{power: 10 kW, steam: 1 t/h}";
  const auto pair = [&](const std::string& steam) { return jobs({{"0 h", "duration: 2 h, draws: {power: {amount: 8 kW, weight: 2}" + steam + "}"}, {"0 h", "duration: 2 h, draws: {power: 8 kW}"}}, both); };
  check_ends(pair(""), {2.4, 3.4});
  check_ends(pair(", steam: 0.2 t/h"), {2.4, 3.4});
}

TEST_CASE("what goes into a store and does not come out of it is counted where that is said") {
  // Charged at 10 kg/h for an hour, half of which is lost; given from 2 h on: 5 kg of the 15 that are drawn in an hour.
  const std::string store = "{steam: {capacity: 10 kg/h, storage: {capacity: 5 kg, charge: 10 kg/h, efficiency: 50 %, station: m0}}}";
  const Scenario scenario = compile(jobs({{"2 h", "duration: 1 h, draws: {steam: 15 kg/h}"}}, store));
  Simulation s = start(scenario);
  Window window(*scenario.plant, read(*scenario.plant, s.state()));
  s.advance(2 * hour);
  window.extend(*scenario.plant, read(*scenario.plant, s.state()));
  const Index flow = scenario.plant->utilities[0].flow;
  CHECK(window.used(flow) == doctest::Approx(10).epsilon(1e-9));
  s.advance(3 * hour);
  window.extend(*scenario.plant, read(*scenario.plant, s.state()));
  CHECK(window.used(flow) == doctest::Approx(10 + 15 - 5).epsilon(1e-9));
  CHECK(s.state().accounts.utilities[0].made.value(3 * hour) == doctest::Approx(20).epsilon(1e-9));
}

TEST_CASE("jobs that give: others have it while they work, and it is metered as less") {
  const std::string give = "duration: 2 h, draws: {steam: -6 kg/h}";
  check_ends(jobs({{"0 h", give}, {"0 h", "duration: 2 h, draws: {steam: 16 kg/h}"}}), {2, 2});
  check_ends(jobs({{"0 h", give}, {"0 h", "duration: 4 h, draws: {steam: 16 kg/h}"}}), {2, 5.2});
  check_ends(jobs({{"1 h", give}, {"0 h", "duration: 0 h, draws: {steam: {amount: 42 kg, at_most: 16 kg/h}}"}}), {3, 3});
  Run run(jobs({{"0 h", give}, {"0 h", "duration: 4 h, draws: {steam: 16 kg/h}"}}), 10 * hour);
  const Plant& plant = run.simulation.plant();
  const auto metered = [&](const char* station) { return run.simulation.state().accounts.metered[run.station(station) * plant.flows.size() + plant.utilities[0].flow]; };
  CHECK(metered("m0") == doctest::Approx(-12).epsilon(1e-9));
  CHECK(metered("m1") == doctest::Approx(64).epsilon(1e-9));
  CHECK(has(problems_of(jobs({{"0 h", "duration: 1 h, draws: {steam: -6 kg/h, power: 3 kW}"}}, "{steam: 10 kg/h, power: 5 kW}")), Code::conflict, "stations.m0.draws.steam"));
}

}  // namespace retwin::utilities_test
