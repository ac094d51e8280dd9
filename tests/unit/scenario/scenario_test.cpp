// Scenarios: from a text to a plant - names and their order, calendars, defaults, overrides, later changes, and what is refused.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "tests/laws/plants.hpp"

namespace retwin::scenario_test {
using namespace plants;

namespace {

/// A small sound plant with something replaced or added.
std::string plant(const std::string& station = "", const std::string& more = "") {
  return "sources: {s: {every: 10 min, to: a}}\nstations:\n  a: {duration: 5 min, to: out" + (station.empty() ? "" : ", " + station) +
         "}\nsinks: [out]\n" + more;
}

std::vector<Problem> station_problems(const std::string& station) { return problems_of(plant(station)); }

}  // namespace

TEST_CASE("a small plant and its defaults") {
  const Scenario s = compile(plant());
  const Plant& p = *s.plant;
  CHECK(p.stations.size() == 1);
  CHECK(p.stations[0].servers == 1);
  CHECK(p.stations[0].buffer_places == unlimited);
  CHECK(p.stations[0].unit == "process");
  CHECK(p.stations[0].mean_s == doctest::Approx(300));
  CHECK(p.hot[0].rare == 0);
  CHECK(p.sinks[0].role == "product");
  CHECK(p.n_components == 0);
  CHECK(s.run.duration_s == doctest::Approx(13 * week));
  CHECK(s.run.replications == 0);  // as many as it takes
  CHECK(s.name == "test");
  CHECK(s.warnings.empty());
}

TEST_CASE("names and not their order make the structure; parameters are no part of it") {
  const std::string one = "sources: {s: {every: 10 min, to: a}}\nstations:\n  a: {duration: 5 min, to: b}\n  b: {duration: 1 min, to: out}\nsinks: [out, bin]\n";
  const std::string two = "sinks: [bin, out]\nstations:\n  b: {to: out, duration: 9 min}\n  a: {to: b, duration: 5 min}\nsources: {s: {to: a, every: 10 min}}\n";
  const std::string three = "sources: {s: {every: 10 min, to: a}}\nstations:\n  a: {duration: 5 min, to: c}\n  c: {duration: 1 min, to: out}\nsinks: [out, bin]\n";
  CHECK(compile(one).plant->structure_hash == compile(two).plant->structure_hash);
  CHECK(compile(one).plant->parameter_hash != compile(two).plant->parameter_hash);
  CHECK(compile(one).plant->structure_hash != compile(three).plant->structure_hash);
  CHECK(compile(one).scenario_hash != compile(two).scenario_hash);
}

TEST_CASE("the hash of a scenario: keys may stand in any order, where order says nothing") {
  const auto hash = [](const std::string& text) { return compile(text).scenario_hash; };
  const auto line = [](const char* stations) {
    return "sources: {s: {every: 10 min, to: a}}\nsinks: [out, bin]\nstations: {" + std::string(stations) + "}\n";
  };
  const std::string a = "a: {duration: 5 min, to: {b: 60 %, bin: 40 %}}", b = "b: {to: out, duration: 1 min}";
  const std::string one = line((a + ", " + b).c_str());
  CHECK(hash(one) == hash(line((b + ", " + a).c_str())));
  CHECK(hash(one) == hash(line("b: {duration: 1 min, to: out}, a: {to: {bin: 40 %, b: 60 %}, duration: 5 min}")));
  CHECK(compile(one).plant->parameter_hash == compile(line((b + ", " + a).c_str())).plant->parameter_hash);
  CHECK(hash(one) != hash(line("a: {duration: 6 min, to: {b: 60 %, bin: 40 %}}, b: {to: out, duration: 1 min}")));
  CHECK(hash(one) != hash(line("a: {duration: 5 min, to: {b: 40 %, bin: 60 %}}, b: {to: out, duration: 1 min}")));

  // where order says something it is kept: lists, the leading part of an assembly, the paths of a change
  const auto differ = [](const char* first, const char* second) {
    return identity(parse(first)) != identity(parse(second));
  };
  CHECK(differ("{to: {overflow: [a, b]}}", "{to: {overflow: [b, a]}}"));
  CHECK(differ("{batch: {parts: {frame: 1, wheel: 4}}}", "{batch: {parts: {wheel: 4, frame: 1}}}"));
  CHECK(differ("{changes: [{at: 1 h, set: {stations.a: {}, stations.a.servers: 2}}]}",
               "{changes: [{at: 1 h, set: {stations.a.servers: 2, stations.a: {}}}]}"));
  CHECK_FALSE(differ("{changes: [{at: 1 h, set: {stations.a: {x: 1, y: 2}}}]}",
                     "{changes: [{set: {stations.a: {y: 2, x: 1}}, at: 1 h}]}"));
  CHECK_FALSE(differ("{batch: {merge: true, parts: {frame: 1}}}", "{batch: {parts: {frame: 1}, merge: true}}"));
}

TEST_CASE("weekly calendars: hours of work, across midnight, across days, breaks, holidays") {
  const auto hours = [](const std::string& weekly) {
    const Scenario s = compile(plant("calendar: c", "calendars: {c: " + weekly + "}\n"));
    const Index c = s.plant->stations[0].calendar;
    return c == none ? 168.0 : s.plant->calendars[c].on_time(0, 4 * week) / hour / 4;
  };
  CHECK(hours("[\"Mon-Fri 08:00-16:00\"]") == doctest::Approx(40));
  CHECK(hours("[\"Mon-Thu 22:00-06:00\"]") == doctest::Approx(32));
  CHECK(hours("[\"Fri-Mon 6-8\"]") == doctest::Approx(8));
  CHECK(hours("[\"Mon 06:00 - Sat 14:00\"]") == doctest::Approx(128));
  CHECK(hours("[\"Sat 20:00 - Mon 04:00\"]") == doctest::Approx(32));
  CHECK(hours("[\"Mon-Fri 06:00-14:00\", \"Mon-Fri 12:00-22:00\"]") == doctest::Approx(80));
  CHECK(hours("{weekly: [\"Mon-Fri 08:00-16:00\"], breaks: [\"12:00-12:30\"]}") == doctest::Approx(37.5));
  CHECK(hours("{weekly: [\"Mon-Fri 08:00-16:00\"], holidays: [2026-01-06, 2026-01-12..2026-01-13]}") == doctest::Approx(34));
  CHECK(hours("[always]") == doctest::Approx(168));
  CHECK(has(problems_of(plant("calendar: c", "calendars: {c: [\"Mon-Fri 8 to 16\"]}\n")), Code::type, "calendars.c.weekly"));
  CHECK(has(problems_of(plant("calendar: two_shifts")), Code::unknown_name, "stations.a.calendar"));
  CHECK(problems_of(plant("calendar: two_shift")).empty());  // of the library
}

TEST_CASE("the first day of the run decides where in the week it begins") {
  const auto first = [](const char* start) {
    Run r(plant("calendar: c", std::string("calendars: {c: [\"Wed 08:00-16:00\"]}\nrun: {start: ") + start + "}\n"), week, 1, hour);
    return r.starts("a").at(0);
  };
  CHECK(first("2026-01-05") == doctest::Approx(56));
  CHECK(first("2026-01-07") == doctest::Approx(8));
  CHECK(first("2026-01-08") == doctest::Approx(6 * 24 + 8));
}

TEST_CASE("what is wrong is told by code and path") {
  CHECK(has(station_problems("servers: 0"), Code::range, "stations.a.servers"));
  CHECK(has(station_problems("buffer: -1"), Code::range, "stations.a.buffer"));
  CHECK(has(station_problems("bufer: 5"), Code::unknown_key, "stations.a.bufer"));
  CHECK(has(station_problems("power: 5 kWh"), Code::unit, "stations.a.power"));
  CHECK(has(station_problems("throughput: 5 t/h"), Code::conflict, "stations.a"));
  CHECK(has(station_problems("unit: shredd"), Code::unknown_name, "stations.a.unit"));
  CHECK(has(station_problems("needs: {crew: 1}"), Code::unknown_name, "stations.a.needs"));
  CHECK(has(station_problems("batch: {}"), Code::missing, "stations.a.batch"));
  CHECK(has(station_problems("batch: {count: 3, siblings: true}"), Code::conflict, "stations.a.batch"));
  CHECK(has(station_problems("batch: {count: 3, least: 4}"), Code::range, "stations.a.batch.least"));
  CHECK(has(station_problems("setup: {time: 5 min}"), Code::missing, "stations.a.setup.by"));
  CHECK(has(station_problems("dispatch: campaign"), Code::missing, "stations.a.dispatch"));
  CHECK(has(station_problems("fails: {jam: {repair: 5 min}}"), Code::missing, "stations.a.fails.jam"));
  CHECK(has(station_problems("fails: {jam: {every: 5 h, repair: 5 min, clock: working, scope: station}}"), Code::conflict, "stations.a.fails.jam"));
  CHECK(has(station_problems("servers: unlimited, fails: {jam: {every: 5 h, repair: 5 min}}"), Code::conflict, "stations.a"));
  CHECK(has(problems_of("sources: {s: {every: 1 min, to: a}}\nstations: {a: {to: out}}\nsinks: [out]\n"), Code::missing, "stations.a.duration"));
  CHECK(has(problems_of(plant() + "sources2: {}\n"), Code::unknown_key, "sources2"));
  CHECK(has(problems_of("sinks: [out]\n"), Code::missing, "stations"));
  CHECK(has(problems_of("sources: {a: {every: 1 min, to: a}}\nstations: {a: {duration: 1 s, to: out}}\nsinks: [out]\n"), Code::duplicate, "sources.a"));
}

TEST_CASE("all problems at once") {
  const auto problems = problems_of(plant("servers: 0, bufer: 4, power: 3 kg", "sinks2: [x]\n"));
  CHECK(problems.size() >= 4);
  for (const Problem& p : problems) CHECK(p.place.line > 0);
}

TEST_CASE("later changes: in order of time, of parameters only") {
  const auto with = [](const std::string& changes) { return plant("", "changes: " + changes + "\n"); };
  CHECK(compile(with("[{at: 1 h, set: {stations.a.duration: 2 min}}, {at: 2 h, set: {stations.a.buffer: 3}}]")).changes.size() == 2);
  CHECK(compile(with("[{at: 1 h, set: {stations.a.duration: 2 min}}]")).changes[0].plant->stations[0].mean_s == doctest::Approx(120));
  const Scenario both = compile(with("[{at: 1 h, set: {stations.a.duration: 2 min}}, {at: 2 h, set: {stations.a.power: 3 kW}}]"));
  CHECK(both.changes[1].plant->stations[0].mean_s == doctest::Approx(120));  // each change adds to those before
  CHECK(has(problems_of(with("[{at: 2 h, set: {stations.a.duration: 2 min}}, {at: 1 h, set: {stations.a.buffer: 3}}]")), Code::range, "changes.1.at"));
  CHECK(has(problems_of(with("[{at: 2 h, set: {stations.a.servers: 2}}]")), Code::conflict, "changes.0"));
  CHECK(has(problems_of(with("[{set: {stations.a.duration: 2 min}}]")), Code::missing, "changes.0.at"));
}

TEST_CASE("files, overrides and their paths") {
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / ("retwin_scenario_" + std::to_string(stream_id("scenario test")));
  fs::create_directories(folder);
  std::ofstream(folder / "base.yaml") << plant();
  std::ofstream(folder / "variant.yaml") << "extends: base.yaml\nset: {stations.a.duration: 2 min}\n";
  const std::string base = (folder / "base.yaml").string(), variant = (folder / "variant.yaml").string();
  const auto mean = [&](const std::string& file, const std::vector<Override>& overrides) {
    return load_scenario(file, registry(), overrides).plant->stations[0].mean_s;
  };
  CHECK(mean(base, {}) == doctest::Approx(300));
  CHECK(mean(variant, {}) == doctest::Approx(120));
  CHECK(mean(base, {{"stations.a.duration", "7 min", ""}}) == doctest::Approx(420));
  CHECK(mean(variant, {{"stations.a.duration", "{exponential: 9 min}", ""}}) == doctest::Approx(540));
  CHECK(load_scenario(base, registry(), {{"stations.a.servers", "4", ""}}).plant->stations[0].servers == 4);
  CHECK_THROWS_AS(mean(base, {{"stations.b.duration", "7 min", ""}}), InputError);
  CHECK_THROWS_AS(mean(base, {{"stations.a.durration", "7 min", ""}}), InputError);
  CHECK_THROWS_AS(mean((folder / "none.yaml").string(), {}), InputError);
  fs::remove_all(folder);
}

TEST_CASE("the teaching plants run, and teach what they say") {
  const auto run = [](const char* name, double until_s, const std::vector<Override>& overrides = {}) {
    const Scenario s = load_scenario(std::string(RETWIN_SOURCE_DIR "/scenarios/plants/") + name, registry(), overrides, {RETWIN_SOURCE_DIR "/scenarios/library"});
    for (const Problem& p : s.warnings) MESSAGE(format(p));
    CHECK(s.warnings.empty());
    Simulation simulation = start(s);
    simulation.advance(until_s);
    return simulation;
  };
  const auto sink = [](const Simulation& s, const char* name) { return s.state().accounts.sinks[s.plant().find_sink(name)]; };
  const Simulation mm1 = run("mm1.yaml", 30 * week);
  CHECK(sink(mm1, "served").cycle_time.mean() == doctest::Approx(5 * minute).epsilon(0.05));
  const Simulation md1 = run("mm1.yaml", 30 * week, {{"stations.desk.duration", "1 min", ""}});
  CHECK(sink(md1, "served").cycle_time.mean() == doctest::Approx(3 * minute).epsilon(0.05));

  const auto per_hour = [&](const Simulation& s) { return static_cast<double>(sink(s, "good").lots + sink(s, "scrap").lots) / (s.now() / hour); };
  const double line = per_hour(run("line.yaml", 8 * week));
  CHECK(line == doctest::Approx(47).epsilon(0.03));
  CHECK(per_hour(run("line.yaml", 8 * week, {{"stations.mill.fails.breakdown.repair", "{exponential: 30 min}", ""}})) > line + 1);
  CHECK(per_hour(run("line.yaml", 8 * week, {{"stations.test.buffer", "40", ""}})) > line + 0.8);

  const Simulation demo = run("demo.yaml", 4 * week);
  for (const char* product : {"black_mass", "copper", "aluminium", "scrap", "quarantine"}) CHECK(sink(demo, product).lots > 0);
  CHECK(sink(demo, "unconnected").kg == 0);
  CHECK(demo.state().stations[demo.plant().find_station("dismantle")].queued > 300);  // what limits
  const Simulation wider = run("demo.yaml", 4 * week, {{"stations.dismantle.servers", "12", ""}, {"resources.technician.count", "14", ""}});
  CHECK(wider.state().stations[wider.plant().find_station("dismantle")].queued < 200);
}

TEST_CASE("servers without number: every lot is worked on at once") {
  Run r("sources: {s: {at: [0 min, 1 min, 2 min], to: a}}\nstations: {a: {duration: 5 min, servers: unlimited, to: out}}\nsinks: [out]\n", hour);
  CHECK(r.left("out") == Times{5, 6, 7});
  CHECK(has(station_problems("servers: 20000000"), Code::range, "stations.a.servers"));
}

}  // namespace retwin::scenario_test
