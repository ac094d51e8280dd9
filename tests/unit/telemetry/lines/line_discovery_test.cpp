// Lines learned from logs of simulated ones, whose truth is known: machines, changeovers, ways, pallets, clocks, changes.
#include <doctest/doctest.h>

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <tuple>

#include "core/base/files.hpp"
#include "core/telemetry/lines/discovery.hpp"
#include "core/telemetry/readers/read_log.hpp"
#include "core/telemetry/writers/simulated_log.hpp"
#include "tests/laws/plants.hpp"

namespace retwin::line_discovery_test {
using namespace plants;

namespace {

/// How the plant keeps its log.
struct Keeping {
  double resolution_s = 0.1, from_s = 0, until_s = 1200;
  std::map<std::string, double> clock_s;     ///< of a machine, behind
  std::map<std::string, std::string> label;  ///< of a part; else parts are counted from 0
  bool nulls = false;                        ///< rows without a part in between
};

struct Kept {
  EventLog log;
  std::map<std::string, double> service_s;  ///< mean by machine, of what is whole in the log
};

/// Stations of the line are machines; those called mill_... do the same activity; ways are not logged.
Kept keep(const EventLog& all, const Keeping& how) {
  struct Row {
    double time_s;
    std::string part, machine, what;
  };
  std::vector<Row> rows;
  std::map<std::string, std::pair<double, double>> sums;
  const double zero = std::floor(all.first_s() / 86400) * 86400;
  const auto stamp = [&](double t) { return std::round((t - zero) / how.resolution_s) * how.resolution_s; };
  for (const LogEvent& e : all.events) {
    const std::string machine = all.activities[e.activity];
    if (machine.starts_with("way")) continue;
    const auto label = how.label.find(all.lots[e.lot]);
    const std::string part = label == how.label.end() ? std::to_string(e.lot) : label->second;
    const double first = stamp(e.start_s), last = stamp(e.end_s);
    const auto inside = [&](double t) { return t >= how.from_s && t < how.until_s; };
    if (inside(first)) rows.push_back({first, part, machine, "start"});
    if (inside(last)) rows.push_back({last, part, machine, "finish"});
    if (!inside(first) || !inside(last)) continue;
    sums[machine].first += last - first;
    sums[machine].second += 1;
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Row& a, const Row& b) { return std::pair(a.time_s, a.what) < std::pair(b.time_s, b.what); });
  std::string text = "time,part,activity,machine,lifecycle\n";
  int n = 0;
  for (const Row& row : rows) {
    const auto clock = how.clock_s.find(row.machine);
    const double shown_s = row.time_s - (clock == how.clock_s.end() ? 0 : clock->second);
    const std::string activity = row.machine.starts_with("mill") ? "mill" : row.machine;
    text += fmt::format("{:.3f},{},{},{},{}\n", 1767571200 + shown_s, row.part, activity, row.machine, row.what);
    if (how.nulls && ++n % 20 == 0) text += fmt::format("{:.3f},null,{},{},start\n", 1767571200 + shown_s, activity, row.machine);
  }
  const std::filesystem::path path = std::filesystem::temp_directory_path() / fmt::format("retwin_line_{}.csv", ::getpid());
  write_file(path.string(), text);
  ReadLogOptions options;
  options.mapping.lifecycle = "lifecycle";
  options.mapping.resource = "machine";
  Kept kept{read_log(path.string(), options), {}};
  std::filesystem::remove(path);
  for (const auto& [machine, sum] : sums) kept.service_s[machine] = sum.first / sum.second;
  return kept;
}

std::string pallet_line(const std::string& slower_press, const std::string& slower_mill = "19.5 s") {
  return R"(
run: {start: 2026-01-05, duration: 20 min, terminating: true}
initial: [{station: load, count: 12}]
stations:
  load:   {duration: {normal: {mean: 9.4 s, sd: 0.12 s}}, changeover: {uniform: {low: 0.9 s, high: 1.1 s}}, buffer: 14, to: way1}
  press:  {duration: {normal: {mean: 11.2 s, sd: 0.15 s}}, changeover: {uniform: {low: 1.4 s, high: 1.6 s}}, buffer: 2, to: way2}
  mill_a: {duration: {normal: {mean: 16.3 s, sd: 0.2 s}}, changeover: {uniform: {low: 0.7 s, high: 0.9 s}}, buffer: 1, to: way3}
  mill_b: {duration: {normal: {mean: )" +
         slower_mill + R"(, sd: 0.2 s}}, changeover: {uniform: {low: 0.7 s, high: 0.9 s}}, buffer: 1, to: way3}
  wash:   {duration: {normal: {mean: 8.1 s, sd: 0.05 s}}, changeover: {uniform: {low: 0.5 s, high: 0.6 s}}, buffer: 2, to: way4}
  test:   {duration: {normal: {mean: 8.9 s, sd: 0.3 s}}, changeover: {uniform: {low: 1.9 s, high: 2.1 s}}, buffer: 2, completes: parts, to: way5}
  way1: {unit: conveyor, servers: 4, length: 2 m, speed: 0.4 m/s, to: press}
  way2: {unit: conveyor, servers: 4, length: 3.2 m, speed: 0.4 m/s, to: {shortest: [mill_a, mill_b]}}
  way3: {unit: conveyor, servers: 4, length: 1.6 m, speed: 0.4 m/s, to: wash}
  way4: {unit: conveyor, servers: 4, length: 1.2 m, speed: 0.4 m/s, to: test}
  way5: {unit: conveyor, servers: 6, length: 4.8 m, speed: 0.4 m/s, to: load}
)" +
         (slower_press.empty()
              ? ""
              : "changes: [{at: 10 min, set: {stations.press.duration: {normal: {mean: " + slower_press + ", sd: 0.15 s}}}}]\n") +
         "sinks: [parts]\n";
}

EventLog simulated(const std::string& plant, std::uint64_t seed, double until_s = 1200) {
  SimulatedLogOptions options;
  options.seed = seed;
  options.until_s = until_s;
  return simulate_log(compile(plant), options);
}

const LineStation& station(const LineFindings& line, const std::string& name) {
  const auto found =
      std::find_if(line.stations.begin(), line.stations.end(), [&](const LineStation& s) { return s.name == name; });
  REQUIRE_MESSAGE(found != line.stations.end(), name);
  return *found;
}

const LineLink& link(const LineFindings& line, const std::string& from, const std::string& to) {
  const auto found = std::find_if(line.links.begin(), line.links.end(), [&](const LineLink& l) {
    return line.stations[l.from].name == from && line.stations[l.to].name == to;
  });
  REQUIRE_MESSAGE(found != line.links.end(), (from + " -> " + to));
  return *found;
}

const std::map<std::string, std::string> machine_of{
    {"load", "load"}, {"press", "press"}, {"mill / mill_a", "mill_a"}, {"mill / mill_b", "mill_b"},
    {"wash", "wash"}, {"test", "test"}};
const std::vector<std::tuple<std::string, std::string, double>> ways{
    {"load", "press", 5},         {"press", "mill / mill_a", 8}, {"press", "mill / mill_b", 8}, {"mill / mill_a", "wash", 4},
    {"mill / mill_b", "wash", 4}, {"wash", "test", 3},           {"test", "load", 12}};
const std::map<std::string, double> changeovers{{"load", 1},    {"press", 1.5}, {"mill / mill_a", 0.8}, {"mill / mill_b", 0.8},
                                                {"wash", 0.55}, {"test", 2}};

/// What holds whatever is cut off: figures that are called known are right, bounds are bounds.
void check_truth(const LineFindings& line, const Kept& kept) {
  REQUIRE(line.line);
  REQUIRE(line.stations.size() == 6);
  for (const auto& [name, machine] : machine_of)
    CHECK_MESSAGE(std::abs(station(line, name).service.estimate - kept.service_s.at(machine)) < 1e-6, name);
  for (const auto& [from, to, truth_s] : ways) {
    const LineTime& t = link(line, from, to).transport;
    INFO(from, " -> ", to, ": ", t.mean.estimate);
    if (t.known()) CHECK(std::abs(t.mean.estimate - truth_s) < 1);
    else CHECK(t.mean.estimate > truth_s - 1);
  }
  for (const auto& [name, truth_s] : changeovers) {
    const LineTime& c = station(line, name).changeover;
    INFO(name, ": ", c.mean.estimate, " of ", c.n);
    if (c.known()) CHECK(std::abs(c.mean.estimate - truth_s) < 0.2);
    else CHECK(c.mean.estimate > truth_s - 0.2);
  }
}

}  // namespace

TEST_CASE("a quarter of an hour of a closed line: machines, ways, changeovers, pallets, a change of speed") {
  const std::vector<std::pair<std::string, Keeping>> ways_to_keep{
      {"from its beginning", {0.1, 0, 900, {}, {}, true}},
      {"cut in mid-operation at both ends", {0.1, 200.05, 1100.05, {}, {}, true}},
      {"in whole seconds", {1, 200, 1100, {}, {}, false}}};
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    const EventLog all = simulated(pallet_line("13.4 s"), seed);
    for (const auto& [words, how] : ways_to_keep) {
      CAPTURE(seed);
      CAPTURE(words);
      const Kept kept = keep(all, how);
      const LineFindings line = find_line(kept.log);
      if (how.resolution_s < 1) check_truth(line, kept);
      REQUIRE(line.stations.size() == 6);
      CHECK(line.stations[0].name == "load");
      CHECK(line.stations.back().name == "test");
      for (const auto& [name, machine] : machine_of)
        CHECK(std::abs(station(line, name).service.estimate - kept.service_s.at(machine)) < 0.05);
      for (const auto& [from, to, truth_s] : ways)
        if (from != "load")
          CHECK_MESSAGE(std::abs(link(line, from, to).transport.mean.estimate - truth_s) < 1, (from + " -> " + to));
      CHECK(station(line, "press").changeover.known());
      CHECK(std::abs(station(line, "press").changeover.mean.estimate - 1.5) < 0.25);
      CHECK(line.loop.closed);
      CHECK(line.loop.pallets == 12);
      for (const LineStation& s : line.stations) CHECK_MESSAGE(s.drifts.size() == (s.name == "press" ? 1u : 0u), s.name);
      // about 30 parts after the change, each with its own sd and the rounding of two stamps: three standard errors
      const double error_s = 3 * std::sqrt((0.15 * 0.15 + how.resolution_s * how.resolution_s / 6) / 20);
      CHECK(std::abs(station(line, "press").now_s() - 13.4) < error_s);
    }
  }
}

TEST_CASE("no change, equal machines: neither is imagined") {
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    const LineFindings line = find_line(keep(simulated(pallet_line("", "16.3 s"), seed), {}).log);
    REQUIRE(line.line);
    CHECK(line.stations.size() == 5);
    CHECK(station(line, "mill").resources.size() == 2);
    for (const LineStation& s : line.stations) CHECK(s.drifts.empty());
    CHECK(line.notes.empty());
  }
}

TEST_CASE("pallets that keep their labels are counted by them") {
  const EventLog all = simulated(pallet_line("13.4 s"), 4);
  // the k-th lot at the first station takes the pallet that came back as the (k-12)-th
  std::vector<std::uint32_t> entered, left;
  for (const LogEvent& e : all.events)
    if (all.activities[e.activity] == "load") entered.push_back(e.lot);
  std::vector<std::pair<double, std::uint32_t>> ends;
  for (const LogEvent& e : all.events)
    if (all.activities[e.activity] == "test") ends.emplace_back(e.end_s, e.lot);
  std::sort(ends.begin(), ends.end());
  for (const auto& end : ends) left.push_back(end.second);
  Keeping how;
  for (std::size_t k = 0; k < entered.size(); ++k)
    how.label[all.lots[entered[k]]] = k < 12 ? fmt::format("pallet {}", k) : how.label[all.lots[left.at(k - 12)]];
  const LineFindings line = find_line(keep(all, how).log);
  REQUIRE(line.line);
  CHECK(line.loop.closed);
  CHECK(line.loop.pallets == 12);
  CHECK_FALSE(link(line, "test", "load").unlabelled);
  CHECK(std::abs(link(line, "test", "load").transport.mean.estimate - 12) < 1);
}

TEST_CASE("a clock that is behind shows as transport that takes less than no time") {
  Keeping how;
  how.clock_s["wash"] = 6.5;
  const Kept kept = keep(simulated(pallet_line("13.4 s"), 1), how);
  const LineFindings line = find_line(kept.log);
  REQUIRE(line.line);
  CHECK(line.notes.size() == 2);
  for (const char* mill : {"mill / mill_a", "mill / mill_b"}) CHECK(std::abs(link(line, mill, "wash").clock_s - 2.5) < 0.3);
  CHECK(link(line, "wash", "test").clock_s == 0);
  CHECK(std::abs(station(line, "wash").service.estimate - kept.service_s.at("wash")) < 0.05);
}

TEST_CASE("an open line: no pallets; what stands still behind a full way is blocked, not changed over") {
  const std::string plant = R"(
run: {start: 2026-01-05, duration: 40 min, terminating: true}
sources: {parts: {every: {exponential: 11 s}, to: saw}}
stations:
  saw:   {duration: {normal: {mean: 7 s, sd: 0.1 s}}, changeover: 1 s, to: drill}
  drill: {duration: {normal: {mean: 8 s, sd: 0.1 s}}, changeover: 0.7 s, buffer: 2, fails: {jam: {every: {exponential: 3 min}, repair: 30 s}}, to: out}
sinks: [out]
)";
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    Keeping how;
    how.until_s = 2400;
    const LineFindings line = find_line(keep(simulated(plant, seed, 2400), how).log);
    CHECK_FALSE(line.loop.closed);
    CHECK(std::abs(station(line, "saw").changeover.mean.estimate - 1) < 0.2);
    CHECK(std::abs(station(line, "drill").changeover.mean.estimate - 0.7) < 0.2);
  }
}

TEST_CASE("parts that leave half-way are not taken for parts between stations") {
  const std::string plant = R"(
run: {start: 2026-01-05, duration: 1 h, terminating: true}
sources: {parts: {every: {normal: {mean: 12 s, sd: 1 s}}, to: saw}}
stations:
  saw:   {duration: {normal: {mean: 7 s, sd: 0.1 s}}, changeover: 1 s, to: {way: 70 %, scrap: 30 %}}
  way:   {unit: delay, duration: 6 s, to: drill}
  drill: {duration: {normal: {mean: 8 s, sd: 0.1 s}}, to: out}
sinks: {out: product, scrap: waste}
)";
  Keeping how;
  how.until_s = 3600;
  const LineFindings line = find_line(keep(simulated(plant, 1, 3600), how).log);
  REQUIRE(line.line);
  REQUIRE(line.zones.size() == 1);
  CHECK(line.zones[0].most <= 2);
  CHECK(std::abs(link(line, "saw", "drill").transport.mean.estimate - 6) < 0.1);
  CHECK_FALSE(line.loop.closed);
}

TEST_CASE("a second run with the same labels is no loop") {
  const std::string plant = R"(
run: {start: 2026-01-05, duration: 30 min, terminating: true}
sources: {parts: {every: {exponential: 12 s}, to: saw}}
stations:
  saw:   {duration: {normal: {mean: 7 s, sd: 0.1 s}}, to: drill}
  drill: {duration: {normal: {mean: 8 s, sd: 0.1 s}}, to: out}
sinks: [out]
)";
  EventLog log = simulated(plant, 1, 1800);
  const std::vector<LogEvent> run = log.events;
  for (LogEvent e : run) {
    e.start_s += 86400, e.end_s += 86400;
    log.events.push_back(e);
  }
  const LineFindings line = find_line(log);
  CHECK(line.line);
  CHECK_FALSE(line.loop.closed);
  REQUIRE(line.notes.size() == 1);
  CHECK(line.notes[0].find("several runs") != std::string::npos);
}

TEST_CASE("what is no line is none") {
  EventLog office;  // three people who do everything, in any order, for minutes to hours
  std::uint64_t state = 1;
  const auto random = [&] {
    return static_cast<double>((state = state * 6364136223846793005u + 1442695040888963407u) >> 40) / 16777216.0;
  };
  for (int lot = 0; lot < 100; ++lot) {
    double now = 600 * lot;
    for (int k = 0; k < 5; ++k) {
      LogEvent e;
      e.lot = office.lots.number(std::to_string(lot));
      e.activity = office.activities.number(std::string(1, static_cast<char>('A' + static_cast<int>(5 * random()))));
      e.resource = office.resources.number(std::to_string(static_cast<int>(3 * random())));
      e.start_s = now += 3600 * random();
      e.end_s = now += 3600 * random();
      office.events.push_back(e);
    }
  }
  const LineFindings line = find_line(office);
  CHECK_FALSE(line.line);
  CHECK(line.note.starts_with("no line"));
  CHECK(line.note.find("another activity than their own") != std::string::npos);
  CHECK(line.stations.empty());
  CHECK_FALSE(find_line(EventLog()).line);
}

TEST_CASE("the scenario of a line goes on from a time of the log and makes what the line makes") {
  const EventLog all = simulated(pallet_line("13.4 s"), 1, 4800);
  Keeping how;
  how.from_s = 200;
  how.until_s = 1100;
  const Kept kept = keep(all, how);
  const LineFindings line = find_line(kept.log);
  const double at_s = std::floor(kept.log.first_s()) + 700;
  const Scenario scenario = compile(line_scenario(line, kept.log, at_s));
  SimulatedLogOptions options;
  options.until_s = 3600;
  const EventLog predicted = simulate_log(scenario, options);
  const auto made = [&](const EventLog& log, double from_s) {
    return std::count_if(log.events.begin(), log.events.end(), [&](const LogEvent& e) {
      return log.activities[e.activity] == "test" && e.end_s > from_s && e.end_s <= from_s + 3600;
    });
  };
  const auto truth = static_cast<double>(made(all, at_s)), twin = static_cast<double>(made(predicted, at_s));
  CHECK(truth > 200);
  CHECK(std::abs(twin / truth - 1) < 0.03);
  // and the next parts begin when they began
  CHECK(scenario.plant->initial.size() == 12);
  std::vector<double> real, foretold;
  for (const auto& [from, into] : {std::pair(&kept.log, &real), std::pair(&predicted, &foretold)})
    for (const LogEvent& e : from->events)
      if (from->activities[e.activity] == "press" && e.start_s > at_s) into->push_back(e.start_s);
  REQUIRE(real.size() >= 10);
  REQUIRE(foretold.size() >= 10);
  for (std::size_t k = 0; k < 10; ++k) CHECK(std::abs(real[k] - foretold[k]) < 3);
}

}  // namespace retwin::line_discovery_test
