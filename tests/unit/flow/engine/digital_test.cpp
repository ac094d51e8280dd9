// The digital layer: closed forms of tasks alone and together, jobs that wait, outages, streams, tasks by the clock and after jobs; and other plants on the way.
#include <doctest/doctest.h>

#include "core/flow/state/snapshot.hpp"
#include "core/ledger/reading.hpp"
#include "core/ledger/window.hpp"
#include "tests/laws/plants.hpp"

namespace retwin::digital_test {

using namespace plants;

namespace {

// A box of two cores of 10 Gop/s, a camera and a server behind a link of 10 MB/s each, the uplink shared by both ways.
const std::string devices =
    "hosts: {camera: 1 Gop/s, box: {cores: 2, speed: 10 Gop/s, power: 60 W, idle_power: 20 W, station: m0}, server: 10 Gop/s}, "
    "links: {cell: 10 MB/s, uplink: {bandwidth: 10 MB/s, latency: 2 s}}, "
    "routes: [{from: camera, to: box, over: [cell]}, {from: camera, to: server, over: [cell, uplink]}, {from: box, to: server, over: [uplink]}]";

/// Jobs that come at given seconds, each to a station of its own that begins its task as it comes. @param more of the layer
std::string jobs(const std::vector<std::pair<std::string, std::string>>& at_and_station, const std::string& tasks, const std::string& layer = devices, const std::string& more = "") {
  std::string sources, stations, sinks;
  for (std::size_t k = 0; k < at_and_station.size(); ++k) {
    const auto& [at, station] = at_and_station[k];
    const std::string number = std::to_string(k);
    sources += "  s" + number + ": {at: [" + at + "], to: m" + number + "}\n";
    stations += "  m" + number + ": {" + station + ", to: o" + number + "}\n";
    sinks += (k > 0 ? ", o" : "o") + number;
  }
  return "run: {duration: 1 h, terminating: true}\ndigital: {" + layer + ", tasks: {" + tasks + "}" + more + "}\nsources:\n" + sources + "stations:\n" + stations + "sinks: [" + sinks + "]\n";
}

std::vector<double> ends(const std::string& text, std::size_t n) {
  Run run(text, hour, 1, hour);
  std::vector<double> out;
  for (std::size_t k = 0; k < n; ++k) {
    const auto& left = run.recorder.ended[run.simulation.plant().sink_node(run.sink("o" + std::to_string(k)))];
    out.push_back(left.empty() ? -1 : left.front().at);
  }
  return out;
}

void check_ends(const std::string& text, const std::vector<double>& expected_s) {
  const std::vector<double> found = ends(text, expected_s.size());
  for (std::size_t k = 0; k < expected_s.size(); ++k) CHECK(found[k] == doctest::Approx(expected_s[k]).epsilon(1e-9));
}

const std::string compute = "see: {steps: [{compute: 100 Gop, host: box}]}";  // 10 s on a core
const std::string send = "see: {steps: [{send: 100 MB, from: camera, to: box}]}";  // 10 s alone
const std::string far = "see: {steps: [{send: 100 MB, from: camera, to: server}]}";  // 2 s of latency, then 10 s alone
const std::string both = "see: {steps: [{send: 100 MB, from: camera, to: box}, {compute: 100 Gop, host: box}, {send: 20 MB, from: box, to: server}]}";
const std::string waits = "duration: 0 s, waits_for: see";

}  // namespace

TEST_CASE("alone: a core, a link, latency, one step after the other") {
  check_ends(jobs({{"1 s", waits}}, compute), {11});
  check_ends(jobs({{"1 s", waits}}, send), {11});
  check_ends(jobs({{"1 s", waits}}, far), {13});
  check_ends(jobs({{"1 s", waits}}, both), {1 + 10 + 10 + 2 + 2});
  check_ends(jobs({{"1 s", waits}}, "see: {steps: [{send: 5 MB, from: box, to: box}, {compute: 10 Gop, host: box}]}"), {2});  // within a host
}

TEST_CASE("together: cores are shared when there are too few, links always") {
  check_ends(jobs({{"0 s", waits}, {"0 s", waits}}, compute), {10, 10});
  check_ends(jobs({{"0 s", waits}, {"0 s", waits}, {"0 s", waits}}, compute), {15, 15, 15});
  check_ends(jobs({{"0 s", waits}, {"0 s", waits}}, send), {20, 20});
  // Alone for 4 s: 60 MB are left; then halves until the first is done, at 16 s, when the second has 40 MB left.
  check_ends(jobs({{"0 s", waits}, {"4 s", waits}}, send), {16, 20});
  // Three from 0, 2 and 4 s on, on two cores: 80 and 100 Gop are left at 2 s; at 4 s 60, 80, 100, each at 20/3 Gop/s; the first ends at 13 s.
  check_ends(jobs({{"0 s", waits}, {"2 s", waits}, {"4 s", waits}}, compute), {13, 15, 17});
}

TEST_CASE("what is known of the network is asked for only where something is shared, and is the same there") {
  // The same transfer, alone and beside one that takes a link of its own: both goes through neither.
  const std::string other = "see: {steps: [{send: 100 MB, from: camera, to: box}]}, tell: {steps: [{send: 100 MB, from: box, to: server}]}";
  check_ends(jobs({{"0 s", waits}, {"0 s", "duration: 0 s, waits_for: tell"}}, other), {10, 12});
  // A transfer over both links shares the first with one and the second with another: max-min fair.
  const std::string three = "see: {steps: [{send: 100 MB, from: camera, to: box}]}, tell: {steps: [{send: 200 MB, from: box, to: server}]}, far: {steps: [{send: 50 MB, from: camera, to: server}]}";
  const std::vector<double> found = ends(jobs({{"2 s", waits}, {"0 s", "duration: 0 s, waits_for: tell"}, {"0 s", "duration: 0 s, waits_for: far"}}, three), 3);
  // From 2 s on all three flow: 5 MB/s each; far ends at 12 s, see (50 MB left) at 17 s, tell (150 MB left) at 27 s.
  CHECK(found[0] == doctest::Approx(17).epsilon(1e-9));
  CHECK(found[1] == doctest::Approx(27).epsilon(1e-9));
  CHECK(found[2] == doctest::Approx(12).epsilon(1e-9));
}

TEST_CASE("a job waits for its result, and no longer") {
  check_ends(jobs({{"0 s", "duration: 4 s, waits_for: see"}}, compute), {10});
  check_ends(jobs({{"0 s", "duration: 25 s, waits_for: see"}}, compute), {25});
  check_ends(jobs({{"0 s", "phases: [{duration: 4 s}, {duration: 0 s, waits_for: see}, {duration: 1 s}]"}}, compute), {15});
  Run run(jobs({{"0 s", "duration: 4 s, waits_for: see"}}, compute), hour, 1, hour);
  const StationAccount& account = run.simulation.state().accounts.stations[run.station("m0")];
  CHECK(account.time_in[static_cast<std::size_t>(ServerState::working)] == doctest::Approx(4));
  CHECK(account.time_in[static_cast<std::size_t>(ServerState::waiting_digital)] == doctest::Approx(6));
  const TaskAccount& task = run.simulation.state().accounts.tasks[0];
  CHECK(task.delayed == 1);
  CHECK(task.waited == doctest::Approx(6));
  CHECK(task.latency.mean() == doctest::Approx(10));
}

TEST_CASE("off and down: what is under way waits, nothing is lost; a part of a link") {
  const auto fails = [](const std::string& what) {
    return "hosts: {camera: 1 Gop/s, server: 10 Gop/s, box: {cores: 2, speed: 10 Gop/s" + (what[0] == 'h' ? ", fails: {off: {at: [4 s], repair: 30 s}}" : std::string()) +
           "}}, links: {uplink: 10 MB/s, cell: {bandwidth: 10 MB/s" + (what[0] == 'l' ? ", fails: {off: {at: [4 s], repair: 30 s" + what.substr(1) + "}}" : std::string()) +
           "}}, routes: [{from: camera, to: box, over: [cell]}]";
  };
  check_ends(jobs({{"0 s", waits}, {"10 s", waits}}, compute, fails("h")), {40, 44});
  check_ends(jobs({{"0 s", waits}, {"10 s", waits}}, send, fails("l")), {34 + 12 * 0.5 * 2, 34 + 16});  // 60 and 100 MB are left at 34 s
  check_ends(jobs({{"0 s", waits}}, send, fails("l, leaves: 20 %")), {4 + 30});  // 60 MB at 2 MB/s
  check_ends(jobs({{"0 s", waits}, {"0 s", waits}}, send, fails("l, leaves: 50 %")), {34 + 1, 34 + 1});  // 160 MB at 5 MB/s: 10 are left at 34 s
}

TEST_CASE("streams come first") {
  const std::string half = ", streams: {all: {compute: 5 Gop/s, host: box, send: 5 MB/s, from: camera, to: box}}";
  check_ends(jobs({{"0 s", waits}}, send, devices, half), {20});
  check_ends(jobs({{"0 s", waits}}, compute, devices, half), {10});                  // a core and a half is left
  check_ends(jobs({{"0 s", waits}, {"0 s", waits}}, compute, devices, half), {200 / 15.0, 200 / 15.0});
  check_ends(jobs({{"0 s", waits}, {"0 s", waits}}, send, devices, half), {40, 40});
}

TEST_CASE("after jobs and by the clock, nobody waiting; amounts of a lot") {
  Run run(jobs({{"1 s", "duration: 5 s"}}, "record: {after: [m0], steps: [{send: 1 MB, from: camera, to: box}]}, update: {every: 10 min, first: 5 min, steps: [{send: 100 MB, from: server, to: box}]}"), hour - 1);
  const Accounts& a = run.simulation.state().accounts;
  CHECK(a.tasks[0].begun == 1);
  CHECK(a.tasks[0].latency.mean() == doctest::Approx(0.1));
  CHECK(a.tasks[1].begun == 6);  // at 5, 15, ..., 55 min
  CHECK(a.tasks[1].latency.mean() == doctest::Approx(12));
  const std::string batch = "run: {duration: 1 h, terminating: true}\ndigital: {" + devices + ", tasks: {see: {per_lot: true, steps: [{compute: 10 Gop, host: box}]}}}\n"
                            "sources: {s0: {at: [0 s, 0 s, 0 s], to: m0}}\nstations: {m0: {batch: {count: 3}, duration: 1 s, waits_for: see, to: o0}}\nsinks: [o0]\n";
  check_ends(batch, {3});
}

TEST_CASE("so many at once, the others in order") {
  const std::string one = "see: {at_once: 1, steps: [{compute: 100 Gop, host: box}]}";
  check_ends(jobs({{"0 s", waits}, {"1 s", waits}, {"2 s", waits}}, one), {10, 20, 30});
  check_ends(jobs({{"0 s", waits}, {"1 s", waits}, {"2 s", waits}, {"25 s", waits}}, "see: {at_once: 2, steps: [{compute: 100 Gop, host: box}]}"), {10, 11, 20, 35});
}

TEST_CASE("a machine that fails while its job waits: the task goes on; a job that is begun anew begins it anew") {
  const auto station = [](const std::string& fate) { return "duration: 2 s, waits_for: see, fails: {jam: {at: [4 s], repair: 3 s" + fate + "}}"; };
  check_ends(jobs({{"0 s", station("")}}, compute), {10});
  check_ends(jobs({{"0 s", station(", job: restart")}}, compute), {17});
  check_ends(jobs({{"0 s", "duration: 2 s, waits_for: see, fails: {jam: {at: [4 s], repair: 30 s}}"}}, compute), {34});
}

TEST_CASE("an overloaded computer, an hour off: lots queue, nothing is lost, and the backlog clears") {
  // A lot each minute for three hours, 50 s of a core for each, of one core; the computer is off for an hour, then works the backlog off at 10 s a lot.
  const std::string text = "run: {duration: 24 h, terminating: true}\ndigital: {hosts: {box: {speed: 2 Gop/s, fails: {off: {at: [1 h], repair: 1 h}}}}, "
                           "tasks: {see: {steps: [{compute: 100 Gop, host: box}]}}}\nsources: {in: {every: 1 min, until: 3 h, to: look}}\n"
                           "stations: {look: {duration: 30 s, waits_for: see, buffer: 500, to: out}}\nsinks: [out]\n";
  Run run(text, 1.9 * hour, 1, hour);
  const Index look = run.station("look");
  const State& state = run.simulation.state();
  CHECK(state.stations[look].queued >= 50);  // those of the hour
  CHECK(state.accounts.stations[look].time_in[static_cast<std::size_t>(ServerState::waiting_digital)] > 0);
  run.advance(24 * hour);
  CHECK(run.simulation.state().stations[look].queued == 0);
  CHECK(run.simulation.state().accounts.tasks[0].begun == run.simulation.state().accounts.tasks[0].latency.count());
  CHECK(run.simulation.state().accounts.sinks[0].lots == run.simulation.state().sources[0].ordinal);
  CHECK(run.simulation.state().accounts.devices[0].away.value(24 * hour) == doctest::Approx(hour));
}

TEST_CASE("electricity of computers is counted once, where they stand") {
  const Scenario scenario = compile(jobs({{"0 s", waits}, {"0 s", waits}, {"0 s", waits}}, compute));
  Simulation s = start(scenario);
  Window window(*scenario.plant, read(*scenario.plant, s.state()));
  s.advance(100);
  window.extend(*scenario.plant, read(*scenario.plant, s.state()));
  // Two cores for 15 s: 60 W; then 20 W.
  const double J = 15 * 60 + 85 * 20;
  CHECK(window.used(s.plant().electricity) == doctest::Approx(J).epsilon(1e-9));
  CHECK(window.used(s.plant().find_station("m0"), s.plant().electricity) == doctest::Approx(J).epsilon(1e-9));
}

TEST_CASE("other speeds from now on: what is left of a step goes on at them") {
  const std::string text = jobs({{"0 s", waits}, {"0 s", waits}, {"0 s", waits}}, compute);
  const Scenario before = compile(text);
  Simulation s = start(before);
  s.advance(6);  // each has 60 Gop left, of three on two cores
  std::string fast = text;
  fast.replace(fast.find("speed: 10 Gop/s"), 15, "speed: 20 Gop/s");
  const Scenario after = compile(fast);
  Simulation faster(after.plant, rebase(s.state(), structure_of(*before.plant), *after.plant));
  faster.advance(hour);
  CHECK(faster.state().accounts.tasks[0].latency.mean() == doctest::Approx(6 + 60 * 3 / 40.0));
  // Without the task nobody waits for it any more.
  std::string none_text = text;
  for (std::size_t at; (at = none_text.find(", waits_for: see")) != std::string::npos;) none_text.erase(at, 16);
  const Scenario without = compile(none_text);
  Simulation at_once(without.plant, rebase(s.state(), structure_of(*before.plant), *without.plant));
  at_once.advance(7);
  CHECK(at_once.state().accounts.completions == 3);
}

TEST_CASE("use is counted of what there was at the time") {
  const std::string text = "changes: [{at: 15 min, set: {digital.hosts.box.cores: 4}}]\n" + jobs({{"0 s", waits}, {"0 s", waits}}, compute);
  const Scenario scenario = compile(text);
  Simulation s = start(scenario);
  s.advance(hour);
  REQUIRE(s.plant().digital.devices[0].name == "box");
  const DeviceAccount& box = s.state().accounts.devices[0];
  CHECK(box.busy.value(hour) == doctest::Approx(20));
  CHECK(box.offered.value(hour) == doctest::Approx(900 * 2 + 2700 * 4));
}

TEST_CASE("what goes wrong in the network is an error of the run, with its time and station") {
  struct Broken : Cosimulation {
    std::shared_ptr<const Cosimulation> of(std::vector<DigitalDevice>) const override { return std::make_shared<Broken>(); }
    std::vector<double> rates(std::span<const double>, std::span<const DigitalActivity>) const override { throw std::runtime_error("no power"); }
  };
  const Scenario scenario = compile(jobs({{"0 s", waits}, {"3 s", waits}}, send));
  auto plant = std::make_shared<Plant>(*scenario.plant);
  plant->digital.network = std::make_shared<Broken>();
  Simulation s(plant, 1);
  CHECK_NOTHROW(s.advance(2));  // nothing is shared yet
  try {
    s.advance(10);
    FAIL("it went on");
  } catch (const RunError& error) {
    CHECK(std::string(error.what()).find("no power") != std::string::npos);
    CHECK(error.time_s() == 3);
    CHECK(error.station() == "m1");
  }
}

}  // namespace retwin::digital_test
