// What-if from now, case by case: arrivals, crews and power after a change, a state that goes on elsewhere, saturated sources.
#include <doctest/doctest.h>

#include <algorithm>

#include "core/experiment/going_on.hpp"
#include "core/experiment/replications.hpp"
#include "tests/laws/plants.hpp"

namespace retwin::what_if_test {
using namespace plants;

namespace {

std::string gate(const std::string& how, const std::string& more = "") {
  return "sources: {s: {" + how + ", to: desk}}\nstations: {desk: {duration: 100 ms, to: out}}\nsinks: [out]\n" + more;
}
std::string changed(const std::string& at, const std::string& set) { return "changes: [{at: " + at + ", set: {" + set + "}}]\n"; }

/// A state of one plant that goes on in another, and lots made until later.
double made_from(const std::string& before, double at_s, const std::string& after, double until_s) {
  const Scenario one = compile(before), two = compile(after);
  Simulation s = start(one);
  s.advance(at_s);
  Simulation further(two.plant, load_state(save_state(s.state(), *one.plant), *two.plant, "x"), two.changes);
  const double made = static_cast<double>(s.state().accounts.sources[0].made);
  further.advance(until_s);
  return static_cast<double>(further.state().accounts.sources[0].made) - made;
}

bool near(double count, double mean) { return std::abs(count - mean) < 5 * std::sqrt(mean); }

}  // namespace

TEST_CASE("a profile that is doubled or halved: the counts follow, and none pile up") {
  const std::string one = gate("profile: {rate: 100/week}"), two = gate("profile: {rate: 200/week}"), half = gate("profile: {rate: 50/week}");
  Run r(one + changed("10 weeks", "sources.s.profile.rate: 200/week"), 20 * week, 1, 1);
  const Times times = r.entries("desk");
  const auto later = std::upper_bound(times.begin(), times.end(), 10 * week);
  CHECK(near(static_cast<double>(later - times.begin()), 1000));
  CHECK(near(static_cast<double>(times.end() - later), 2000));
  CHECK(std::adjacent_find(times.begin(), times.end()) == times.end());
  CHECK(near(made_from(one, 10 * week, two, 20 * week), 2000));
  CHECK(near(made_from(one, 10 * week, half, 20 * week), 500));
}

TEST_CASE("another kind of arrivals takes the place of the one before, in a state and in a change") {
  const std::string profile = gate("profile: {rate: 600/h}"), rate = gate("rate: 600/h");
  CHECK(near(made_from(profile, day, rate, 2 * day), 14400));
  CHECK(near(made_from(rate, day, profile, 2 * day), 14400));
  const Run changes(profile + changed("1 d", "sources.s: {rate: 600/h, to: desk}"), 2 * day);
  CHECK(near(static_cast<double>(changes.source_account("s").made), 28800));
}

TEST_CASE("a limit or an end that is raised lets arrivals begin again; one that is lowered ends them") {
  const auto times = [](const std::string& how, const std::string& set) { return Run(gate(how, changed("5 h", set)), 10 * hour).entries("desk"); };
  const Times limit = times("every: 1 min, limit: 100", "sources.s.limit: 200");
  REQUIRE(limit.size() == 200);
  CHECK(limit[100] == 301);
  CHECK(limit.back() == 400);
  const Times until = times("every: 1 min, until: 2 h", "sources.s.until: 9 h");
  REQUIRE(until.size() == 119 + 239);
  CHECK(until[119] == 301);
  CHECK(until.back() == 539);
  CHECK(times("every: 1 min", "sources.s.until: 3 h").size() == 300);
  CHECK(times("every: 1 min", "sources.s.limit: 20").size() == 300);
  CHECK(times("every: 1 min, until: 8 h", "sources.s.until: 6 h").size() == 359);
}

TEST_CASE("a list goes on with its first time from now on that has not come") {
  const auto times = [](const std::string& before, double at_min, const std::string& after) {
    const Scenario one = compile(gate("at: [" + before + "]")), two = compile(gate("at: [" + after + "]"));
    Simulation s = start(one);
    s.advance(at_min * minute);
    Simulation further(two.plant, s.state());
    Recorder recorder(further);
    Times out(further.state().accounts.sources[0].made - s.state().accounts.sources[0].made, at_min);  // at once
    further.advance(3 * hour, &recorder);
    for (const Recorder::Entry& e : recorder.made) out.push_back(e.at / minute);
    return out;
  };
  CHECK(times("0 min, 30 min", 25, "0 min, 40 min, 50 min") == Times{40, 50});
  CHECK(times("0 min", 25, "0 min, 40 min") == Times{40});
  CHECK(times("0 min, 30 min", 30, "0 min, 30 min, 40 min") == Times{40});
  CHECK(times("0 min, 30 min", 30, "30 min, 30 min, 40 min") == Times{30, 40});
  CHECK(times("0 min, 20 min", 30, "0 min, 30 min, 40 min") == Times{30, 40});
  CHECK(times("0 min, 90 min", 30, "0 min, 10 min") == Times{});
}

TEST_CASE("a state goes on with the parameters of the plant it is given to, whatever change it has seen") {
  const std::string base = R"(
resources: {crew: 1}
sources: {s: {saturated: true, to: desk}}
stations: {desk: {servers: 10, buffer: 0, duration: 1 min, needs: {crew: 1}, to: out}}
sinks: [out]
)";
  const Scenario one = compile(base), five = compile(base + changed("1 h", "resources.crew: 5"));
  CHECK(five.plant->parameter_hash == one.plant->parameter_hash);
  CHECK(five.changes[0].plant->parameter_hash != one.plant->parameter_hash);
  CHECK(compile("run: {seed: 9, duration: 3 d}\n" + base).plant->parameter_hash == one.plant->parameter_hash);
  CHECK(compile("run: {start: 2026-02-01}\n" + base).plant->parameter_hash != one.plant->parameter_hash);
  Simulation s = start(five);
  s.advance(90 * minute);
  CHECK(s.state().pools[0].capacity == 5);
  CHECK(s.state().parameter_hash == five.changes[0].plant->parameter_hash);
  CHECK(Simulation(one.plant, s.state()).state().pools[0].capacity == 1);
  CHECK(Simulation(one.plant, carry_over({s.state(), structure_of(*five.plant)}, *one.plant).state).state().pools[0].capacity == 1);
  const Simulation again(five.plant, s.state(), five.changes);
  CHECK(state_digest(again.state(), again.plant()) == state_digest(s.state(), s.plant()));
  s.advance(60 * minute + 30 * minute);
  Simulation early = start(five);
  early.advance(30 * minute);
  Simulation later(five.plant, early.state(), five.changes);
  later.advance(2 * hour);
  CHECK(later.state().pools[0].capacity == 5);
}

TEST_CASE("hours of a profile that overlap add up, and whole hours are what they are") {
  Run r(gate("profile: {rate: 1000/week, hours: {08-12: 50 %, 10-14: 50 %}}"), 20 * week, 1, hour);
  std::map<int, double> by_hour;
  for (const double t : r.entries("desk")) ++by_hour[static_cast<int>(std::fmod(t, 24))];
  CHECK(near(static_cast<double>(r.source_account("s").made), 20000));
  for (const int h : {8, 9, 12, 13}) CHECK(near(by_hour[h], 2500));
  for (const int h : {10, 11}) CHECK(near(by_hour[h], 5000));
  CHECK(by_hour.size() == 6);
  for (const char* hours : {"08-10x", "8-10:30", "12-8", "20-25", "008-10", "-8-10"})
    CHECK(has(problems_of(gate("profile: {rate: 1/h, hours: {\"" + std::string(hours) + "\": 100 %}}")), Code::type, "sources.s.profile.hours"));
}

TEST_CASE("a change at the start is in force from the start") {
  const Scenario scenario = compile("run: {duration: 1 h, terminating: true}\nsources: {s: {every: 10 min, first: 0 s, to: desk}}\n"
                                    "stations: {desk: {duration: 10 min, power: 1 kW, to: out}}\nsinks: [out]\n" +
                                    changed("0 s", "stations.desk.power: 10 kW, stations.desk.duration: 5 min"));
  Simulation simulation = start(scenario);
  Window window(simulation.plant(), read(simulation.plant(), simulation.state()));
  advance(simulation, scenario.changes, hour, &window);
  window.extend(simulation.plant(), read(simulation.plant(), simulation.state()));
  CHECK(window.electricity(0) / 3.6e6 == doctest::Approx(5));
  const Results results = run_replications(scenario);
  CHECK(results.find("plant.electricity")->interval.mean == doctest::Approx(5));
}

TEST_CASE("a run that goes on from a state is another future by another seed, and the same by none") {
  const Scenario scenario = compile(gate("rate: 60/h", "run: {duration: 50 h}\n"));
  Simulation s = start(scenario);
  s.advance(10 * hour);
  const auto lots = [&](std::optional<std::uint64_t> seed) {
    RunOptions options;
    options.from = &s.state();
    options.reseed = seed;
    options.keep_state = true;
    return run_replications(scenario, options).state->accounts.sources[0].made;
  };
  Simulation as_it_was = s;
  as_it_was.advance(60 * hour);
  CHECK(lots({}) == as_it_was.state().accounts.sources[0].made);
  CHECK(lots(1) != lots({}));
  CHECK(lots(1) == lots(1));
  CHECK(lots(1) != lots(2));
}

TEST_CASE("a saturated source has a beginning, an end and a limit, and makes what enters") {
  const auto starts = [](const std::string& how, const std::string& more = "") {
    return Run("sources: {s: {saturated: true, " + how + " to: m}}\nstations: {m: {duration: 1 h, buffer: 0, to: out}}\nsinks: [out]\n" + more, 10 * hour, 1, hour);
  };
  Run r = starts("from: 2 h, until: 5 h,");
  CHECK(r.starts("m") == Times{2, 3, 4});
  CHECK(r.source_account("s").made == 3);
  CHECK(r.recorder.made.size() == 3);
  CHECK(r.simulation.state().live_lots == 0);
  CHECK(starts("until: 5 h,").starts("m") == Times{0, 1, 2, 3, 4});
  CHECK(starts("from: 8 h 30 min,").starts("m") == Times{8.5, 9.5});
  CHECK(starts("limit: 2,", changed("5 h", "sources.s.limit: 4")).starts("m") == Times{0, 1, 5, 6});
  CHECK(starts("limit: 9,", changed("3 h 30 min", "sources.s.limit: 5")).starts("m") == Times{0, 1, 2, 3, 4});
  CHECK(starts("until: 3 h,", changed("5 h 30 min", "sources.s.until: 7 h")).starts("m") == Times{0, 1, 2, 5.5, 6.5});
  CHECK(starts("", changed("3 h 30 min", "sources.s: {every: 4 h, to: m}")).starts("m") == Times{0, 1, 2, 3, 7.5});
  CHECK(starts("", changed("3 h 30 min", "sources.s.until: 1 h")).starts("m") == Times{0, 1, 2, 3});
}

TEST_CASE("a buffer without bounds stays one for everybody but the saturated source") {
  const std::string press = R"(
sources: {s: {saturated: true, to: press}}
stations:
  press: {duration: 15 min, to: test}
  test: {duration: 12 min, to: {ok: 60 %, press: 40 %}}
sinks: [ok]
)";
  Run r(press, 5000 * hour, 1, hour);
  CHECK(r.account("press").jobs == 20000);
  CHECK(static_cast<double>(r.left("ok").size()) / 5000 == doctest::Approx(2.4).epsilon(0.02));
  CHECK(r.time_in("test", ServerState::working) / 5000 == doctest::Approx(0.8).epsilon(0.001));
  CHECK(r.time_in("test", ServerState::blocked) == 0);
  const std::string other = "sources: {s: {saturated: true, to: a}, t: {at: [0 min, 1 min, 2 min], when_full: lose, to: a}}\nsinks: [out]\n";
  Run three(other + "stations: {a: {duration: 10 min, to: out}}\n", hour);
  CHECK(three.source_account("t").lost == 0);
  CHECK(three.source_account("s").made == 7 - 3);  // begun at 0, 10, ... 60 min
  Run batch(other + "stations: {a: {duration: 10 min, batch: {count: 4}, to: out}}\n", hour);
  CHECK(batch.account("a").jobs == 6);
  CHECK(batch.source_account("s").made == 4 * 7 - 3);
  Run by_mass(R"(
sources: {s: {lot: black_mass, chemistry: {LFP: 1}, mass: 1 t, saturated: true, to: a}, t: {lot: black_mass, chemistry: {LFP: 1}, mass: 1 t, every: 1 h, to: a}}
stations: {a: {duration: 30 min, buffer: 3 t, to: out}}
sinks: [out]
)", 10.1 * hour);
  CHECK(by_mass.queued("a") == 3);  // a bound by mass is filled
  Run assembly(R"(
sources: {s: {lot: nut, saturated: true, to: a}, t: {lot: bolt, saturated: true, to: a}, u: {lot: frame, every: 1 h, to: a}}
stations: {a: {duration: 10 min, batch: {parts: {frame: 1, nut: 2, bolt: 3}}, to: out}}
sinks: [out]
)", 10.5 * hour);
  CHECK(assembly.account("a").jobs == 10);
  CHECK(assembly.queued("a") == 5);
}

TEST_CASE("a saturated source with a choice gives to whoever is free, and keeps nobody out") {
  Run r(R"(
sources: {s: {saturated: true, to: {overflow: [a, b]}}, t: {at: [1 min, 2 min, 3 min], when_full: lose, to: a}}
stations: {a: {duration: 10 min, to: out}, b: {duration: 15 min, to: out}}
sinks: [out]
)", hour);
  CHECK(r.starts("a") == Times{0, 10, 20, 30, 40, 50, 60});
  CHECK(r.starts("b") == Times{0, 15, 30, 45, 60});
  CHECK(r.source_account("s").made == 7 + 5 - 3);
  CHECK(r.source_account("t").lost == 0);
}

TEST_CASE("options of a source that would say nothing are refused") {
  const auto refused = [](const std::string& how, const std::string& field) {
    const auto problems = problems_of(gate(how));
    return problems.size() == 1 && has(problems, Code::conflict, "sources.s." + field) && !problems[0].hint.empty() && problems[0].place.line > 0;
  };
  CHECK(refused("every: 1 min, first: 3 h, until: 2 h", "first"));
  CHECK(refused("every: 1 min, from: 3 h, until: 2 h", "from"));
  CHECK(refused("every: 1 min, repeat: 1 d", "repeat"));
  CHECK(refused("profile: {rate: 1/h}, first: 3 h", "first"));
  CHECK(refused("at: [1 h], first: 3 h", "first"));
  CHECK(refused("saturated: true, first: 3 h", "first"));
  CHECK(refused("saturated: true, batch: 3", "batch"));
  CHECK(refused("saturated: true, when_full: lose", "when_full"));
  CHECK(problems_of(gate("every: 1 min, first: 3 h, from: 1 h, until: 20 h, limit: 0, batch: 2")).empty());
}

TEST_CASE("an outage that is known now comes at its time, in a state that goes on and in a change") {
  const auto plant = [](const std::string& fails, const std::string& more = "") {
    return "sources: {s: {every: 10 min, to: a}}\nstations: {a: {duration: 1 min, " + fails + "to: out}}\nsinks: [out]\n" + more;
  };
  /// Failures of a state that goes on from 30 min to 3 h.
  const auto failures = [](const std::string& before, const std::string& after) {
    const Scenario one = compile(before), two = compile(after);
    Simulation s = start(one);
    s.advance(30 * minute);
    const std::string saved = save_state(s.state(), *one.plant);
    Simulation further(two.plant, carry_over(read_state(saved, "x"), *two.plant).state, two.changes);
    const std::uint64_t had = further.state().accounts.stations[0].failures;
    further.advance(3 * hour);
    return further.state().accounts.stations[0].failures - had;
  };
  const std::string none = plant(""), list = plant("fails: {x: {at: [20 min, 50 min], repair: 2 min}}, "), later = plant("fails: {x: {at: [10 min, 70 min, 90 min], repair: 2 min}}, "),
                    past = plant("fails: {x: {at: 20 min, repair: 2 min}}, "), often = plant("fails: {x: {every: 20 min, repair: 5 min}}, "),
                    rare = plant("fails: {x: {every: 1000 min, repair: 5 min}}, ");
  CHECK(failures(none, list) == 1);   // another structure: begins now
  CHECK(failures(list, list) == 1);
  CHECK(failures(list, later) == 2);  // the list that is in force
  CHECK(failures(rare, list) == 1);
  CHECK(failures(past, past) == 0);
  CHECK(failures(past, often) == 6);  // 50, 75, ... 175: had run out, and begins now
  CHECK(failures(often, past) == 0);
  CHECK(failures(often, rare) == 1);  // control: a clock by `every` that runs is left alone
  const Run changed(plant("fails: {x: {at: 20 min, repair: 2 min}}, ", "changes: [{at: 30 min, set: {stations.a.fails.x.at: [60 min, 80 min]}}]\n"), 3 * hour);
  CHECK(changed.account("a").failures == 3);
}

}  // namespace retwin::what_if_test
