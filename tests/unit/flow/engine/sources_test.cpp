// Sources by hand: when lots arrive, how many, what they carry, and what happens when there is no room.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "tests/laws/plants.hpp"

namespace retwin::sources_test {
using namespace plants;

namespace {

Run source(const std::string& how, double until_min, const std::string& station = "servers: 99, duration: 1 min") {
  return Run("sources: {s: {" + how + ", to: a}}\nstations: {a: {" + station + ", to: out}}\nsinks: [out]\n", until_min * minute);
}

}  // namespace

TEST_CASE("every so often: the first after one interval, or when the file says; from, until, limit, batch") {
  CHECK(source("every: 10 min", 45).entries("a") == Times{10, 20, 30, 40});
  CHECK(source("every: 10 min, first: 0 s", 35).entries("a") == Times{0, 10, 20, 30});
  CHECK(source("every: 10 min, first: 3 min", 35).entries("a") == Times{3, 13, 23, 33});
  CHECK(source("every: 10 min, from: 15 min", 50).entries("a") == Times{25, 35, 45});
  CHECK(source("every: 10 min, until: 30 min", 100).entries("a") == Times{10, 20});
  CHECK(source("every: 10 min, limit: 3", 100).entries("a") == Times{10, 20, 30});
  CHECK(source("every: 10 min, batch: 2, limit: 5", 100).entries("a") == Times{10, 10, 20, 20, 30});
  CHECK(source("every: 10 min, limit: 0", 100).entries("a") == Times{});
}

TEST_CASE("a timetable, once or again and again") {
  CHECK(source("at: [3 min, 1 min, 1 min]", 100).entries("a") == Times{1, 1, 3});
  CHECK(source("at: [1 min, 3 min], repeat: 10 min", 25).entries("a") == Times{1, 3, 11, 13, 21, 23});
  CHECK(source("at: [1 min, 3 min], repeat: 10 min, until: 12 min", 100).entries("a") == Times{1, 3, 11});
  CHECK(source("at: [1 min], batch: 3", 100).entries("a") == Times{1, 1, 1});
  CHECK(source("at: [1 min, 3 min], repeat: 10 min, from: 2 min, until: 14 min", 100).entries("a") == Times{3, 11, 13});
  CHECK(has(problems_of("sources: {s: {at: [1 min, 30 min], repeat: 10 min, to: a}}\nstations: {a: {duration: 1 s, to: out}}\nsinks: [out]\n"),
            Code::range, "sources.s.repeat"));
}

TEST_CASE("a saturated source always has a lot") {
  Run r = source("saturated: true", 35, "duration: 10 min, buffer: 0");
  CHECK(r.entries("a") == Times{0, 10, 20, 30});
  Run unlimited_buffer = source("saturated: true", 35, "duration: 10 min");
  CHECK(unlimited_buffer.entries("a") == Times{0, 10, 20, 30});
  Run buffer = source("saturated: true", 15, "duration: 10 min, buffer: 2");
  CHECK(buffer.entries("a") == Times{0, 0, 0, 10});
  Run limit = source("saturated: true, limit: 2", 60, "duration: 10 min, buffer: 0");
  CHECK(limit.left("out") == Times{10, 20});
}

TEST_CASE("without room, lots wait in line outside, or are lost") {
  Run wait = source("at: [0 min, 1 min, 2 min, 3 min]", 60, "duration: 10 min, buffer: 1");
  CHECK(wait.entries("a") == Times{0, 1, 10, 20});
  CHECK(wait.left("out") == Times{10, 20, 30, 40});
  CHECK(wait.source_account("s").lost == 0);
  Run lose = source("at: [0 min, 1 min, 2 min, 3 min], when_full: lose", 60, "duration: 10 min, buffer: 1");
  CHECK(lose.left("out") == Times{10, 20});
  CHECK(lose.lost("s") == Times{2, 3});
  CHECK(lose.source_account("s").made == 4);
  CHECK(lose.simulation.state().live_lots == 0);
}

TEST_CASE("a weekly profile: so many per weekday and time of day, and none otherwise") {
  Run r(R"(
run: {start: 2026-01-07}
sources: {s: {profile: {rate: 500/week, days: {Mon: 60 %, Thu: 40 %}, hours: {08-10: 75 %, 14-16: 25 %}}, to: a}}
stations: {a: {unit: delay, duration: 1 s, to: out}}
sinks: [out]
)", 40 * week, 3, hour);
  std::map<int, double> by_day, by_hour;
  for (const double t : r.entries("a")) {
    ++by_day[(static_cast<int>(t / 24) + 2) % 7];  // the run starts on a Wednesday
    ++by_hour[static_cast<int>(std::fmod(t, 24))];
  }
  const double n = 40 * 500;
  const auto near = [](double seen, double expected) { return std::abs(seen - expected) < 4 * std::sqrt(expected); };
  CHECK(near(by_day[0], 0.6 * n));
  CHECK(near(by_day[3], 0.4 * n));
  CHECK(by_day.size() == 2);
  for (const int h : {8, 9}) CHECK(near(by_hour[h], 0.375 * n));
  for (const int h : {14, 15}) CHECK(near(by_hour[h], 0.125 * n));
  CHECK(by_hour.size() == 4);
}

TEST_CASE("Poisson arrivals: the mean, and the variance of counts equal to it") {
  Run r = source("rate: 2/min", 20000);
  std::vector<double> counts(2000);
  for (const double t : r.entries("a")) ++counts[std::min<std::size_t>(1999, static_cast<std::size_t>(t / 10))];
  double mean = 0, square = 0;
  for (const double c : counts) mean += c / 2000, square += c * c / 2000;
  CHECK(mean == doctest::Approx(20).epsilon(0.02));
  CHECK(square - mean * mean == doctest::Approx(20).epsilon(0.15));
}

TEST_CASE("a trace from a file brings times and attributes") {
  const std::filesystem::path file = std::filesystem::temp_directory_path() / ("retwin_trace_" + std::to_string(stream_id("trace")) + ".csv");
  std::ofstream(file) << "time [min],size,colour,weight [t]\n0,3,red,0.001\n5,1,blue,0.002\n5,2,red,0.003\n";
  Run r(R"(
attributes: {size: {unit: ""}, colour: {categories: [red, blue]}, weight: {unit: kg}}
sources: {s: {trace: ")" + file.string() + R"(", to: desk}}
stations:
  desk: {duration: 1 min * size + 1 min * weight / 1 kg, servers: 9, to: [{when: colour == red, to: red}, {to: blue}]}
sinks: [red, blue]
)", hour);
  std::filesystem::remove(file);
  CHECK(r.left("red") == Times{4, 10});
  CHECK(r.left("blue") == Times{8});
}

TEST_CASE("attributes of a lot do not depend on what else it carries") {
  const auto sizes = [](const std::string& attributes) {
    Run r("sources: {s: {every: 1 min, limit: 50, attributes: {" + attributes + "}, to: a}}\nstations: {a: {servers: 99, duration: 1 min * size, to: out}}\nsinks: [out]\n",
          3 * hour);
    return r.left("out");
  };
  const std::string size = "size: {uniform: {low: 1, high: 9}}", colour = "colour: {red: 50 %, blue: 50 %}";
  CHECK(sizes(size) == sizes(colour + ", " + size));
  CHECK(sizes(size) == sizes(size + ", " + colour));
  CHECK(sizes(size) != sizes("size: {uniform: {low: 1, high: 8}}"));
}

TEST_CASE("carriers are unloaded; what they hold is counted, and one without a load is just gone") {
  Run r(R"(
sources: {s: {lot: truck, at: [0 min, 1 min], load: {lot: box, count: 3}, to: dock}}
stations:
  dock: {unit: unload, duration: 5 min + 1 min * contents, to: a}
  a: {duration: 1 min, servers: 9, to: out}
initial: [{station: dock, lot: truck, attributes: {contents: 5}}]
sinks: [out]
)", hour);
  CHECK(r.ends("dock") == Times{10, 18, 26});
  CHECK(r.left("out") == Times{19, 19, 19, 27, 27, 27});
  CHECK(r.simulation.state().live_lots == 0);
}

TEST_CASE("a source says when lots arrive, in one way") {
  const auto problems = [](const std::string& how) {
    return problems_of("sources: {s: {" + how + "to: a}}\nstations: {a: {duration: 1 s, to: out}}\nsinks: [out]\n");
  };
  CHECK(problems("every: 1 min, ").empty());
  CHECK(has(problems(""), Code::missing, "sources.s"));
  CHECK(has(problems("every: 1 min, saturated: true, "), Code::conflict, "sources.s"));
  CHECK(has(problems("every: 0 min, "), Code::range, "sources.s.every"));
}

TEST_CASE("lots that wait outside in line keep their order and their number when much happens at one instant") {
  Run r(R"(
sources:
  s: {every: 6 min, first: 0 s, batch: 4, limit: 40, to: a}
  t: {every: 3 min, first: 0 s, limit: 20, to: a}
  u: {every: 3 min, first: 0 s, limit: 20, to: b}
stations:
  a: {duration: 3 min, buffer: 0, to: c}
  b: {duration: 3 min, buffer: 0, to: c}
  c: {duration: 1 min, buffer: 1, to: out}
sinks: [out]
)", 5 * hour);
  CHECK(r.left("out").size() == 80);
  CHECK(r.simulation.state().live_lots == 0);
  CHECK(r.account("a").content.level() == doctest::Approx(0));
  CHECK(r.account("a").lots_in == 60);
}

TEST_CASE("first come, first served, also among lots that come at one instant") {
  Run r(R"(
sources:
  s: {every: 10 min, first: 10 min, limit: 1, to: a}
  t: {at: [10 min], to: a}
stations: {a: {duration: 5 min, buffer: 1, to: out}}
sinks: [out]
)", hour);
  const auto& entered = r.recorder.entered[r.station("a")];
  const auto& started = r.recorder.started[r.station("a")];
  REQUIRE(entered.size() == 2);
  REQUIRE(started.size() == 2);
  CHECK(entered[0].lot == started[0].lot);
}

}  // namespace retwin::sources_test
