// The start by hand: lots in service with work left, off shift, without their crew, set up, in phases and in batches.
#include <doctest/doctest.h>

#include "tests/laws/plants.hpp"

namespace retwin::initial_test {
using namespace plants;

// Times in minutes from Monday, midnight.

TEST_CASE("in service off shift: suspended, and goes on with what is left; unattended work and what is finished go on at once") {
  const auto run = [](const std::string& work) {
    return Run("calendars: {d: [\"Mon-Fri 06:00-14:00\"]}\ninitial: [{station: m, remaining: 10 min}]\nstations: {m: {" + work +
                   ", calendar: d, to: out}}\nsinks: [out]\n",
               day);
  };
  Run off = run("duration: 60 min");
  CHECK(off.left("out") == Times{370});
  CHECK(off.time_in("m", ServerState::off_shift) == doctest::Approx(360 + 600));
  CHECK(run("duration: 60 min, at_shift_end: finish").left("out") == Times{10});
  CHECK(run("phases: [{duration: 60 min, attended: false}]").left("out") == Times{10});
}

TEST_CASE("in service without a crew: suspended until it is there, and done at its speed") {
  Run r(R"(
calendars: {d: ["Mon-Fri 06:00-14:00"]}
resources: {crew: {count: 1, shifts: d, speed: 0.5}}
initial: [{station: m, count: 2, remaining: 10 min}]
stations: {m: {servers: 2, duration: 60 min, needs: {crew: 1}, to: out}}
sinks: [out]
)", day);
  CHECK(r.left("out") == Times{380, 400});
}

TEST_CASE("in service the machine is set") {
  Run r(R"(
attributes: {k: {categories: [A, B]}}
initial:
  - {station: m, remaining: 10 min, attributes: {k: A}}
  - {station: m, attributes: {k: A}}
  - {station: m, attributes: {k: B}}
stations: {m: {duration: 60 min, setup: {by: k, time: 30 min, first: true}, to: out}}
sinks: [out]
)", day);
  CHECK(r.left("out") == Times{10, 70, 160});
}

TEST_CASE("what is left is of the last phases") {
  const auto left = [](const std::string& minutes) {
    return Run("resources: {crew: 1}\ninitial: [{station: m, remaining: " + minutes + " min}]\nstations: {m: {phases: " +
                   "[{duration: 10 min, needs: {crew: 1}}, {duration: 20 min}, {duration: 30 min, needs: {crew: 1}}], to: out}}\nsinks: [out]\n",
               day);
  };
  Run last = left("12"), middle = left("45"), first = left("57"), more = left("90");
  CHECK(last.left("out") == Times{12});
  CHECK(middle.left("out") == Times{45});
  CHECK(first.left("out") == Times{57});
  CHECK(more.left("out") == Times{90});
  const auto crew = [](const Run& r) { return r.simulation.state().pools[0].use.value(r.simulation.now()) / minute; };
  CHECK(crew(last) == doctest::Approx(12));
  CHECK(crew(middle) == doctest::Approx(30));
  CHECK(crew(first) == doctest::Approx(37));
  CHECK(crew(more) == doctest::Approx(70));
}

TEST_CASE("lots in service share a server as in a batch; more than the servers hold wait, with a warning") {
  Run r(R"(
initial: [{station: m, count: 7, remaining: 10 min}]
stations: {m: {servers: 2, duration: 60 min, batch: {count: 3, longest_wait: 0 min}, to: out}}
sinks: [out]
)", day);
  CHECK(r.left("out") == Times{10, 10, 10, 10, 10, 10, 70});
  bool warned = false;
  for (const Problem& p : r.scenario.warnings) warned = warned || p.path == "initial.0.count";
  CHECK(warned);
  Run keys(R"(
attributes: {k: {categories: [A, B]}}
initial:
  - {station: m, count: 2, remaining: 10 min, attributes: {k: A}}
  - {station: m, count: 2, remaining: 20 min, attributes: {k: B}}
stations: {m: {servers: 3, duration: 60 min, batch: {count: 4, by: k}, to: out}}
sinks: [out]
)", day);
  CHECK(keys.left("out") == Times{10, 10, 20, 20});
}

TEST_CASE("what cannot be in service is refused") {
  CHECK(has(problems_of("initial: [{station: m, remaining: 10 min}]\nstations: {m: {duration: 1 min, batch: {siblings: true}, to: out}}\nsinks: [out]\n"),
            Code::conflict, "initial.0.remaining"));
}

}  // namespace retwin::initial_test
