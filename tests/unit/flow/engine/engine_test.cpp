// The engine by hand: blocking, batches, setups, dispatching, laps and changes on plants whose times can be worked out on paper.
#include <doctest/doctest.h>

#include "tests/laws/plants.hpp"

namespace retwin::engine_test {
using namespace plants;

// Times in minutes from Monday, midnight.

TEST_CASE("a line with finite buffers: blocking after service") {
  Run r(R"(
sources: {s: {at: [0 min, 0 min, 0 min, 0 min], to: a}}
stations:
  a: {duration: 1 min, to: b}
  b: {duration: 5 min, buffer: 1, to: out}
sinks: [out]
)", 60 * minute);
  CHECK(r.left("out") == Times{6, 11, 16, 21});
  CHECK(r.ends("a") == Times{1, 2, 3, 7});   // the third waits on a until b takes the second at 6, the fourth from 7 to 11
  CHECK(r.entries("b") == Times{1, 2, 6, 11});
  CHECK(r.time_in("a", ServerState::blocked) == doctest::Approx(3 + 4));
  CHECK(r.time_in("a", ServerState::working) == doctest::Approx(4));
  CHECK(r.time_in("b", ServerState::starved) == doctest::Approx(1 + 39));
}

TEST_CASE("blocking before service: a job starts when its target has room, and the place is kept") {
  Run r(R"(
sources: {s: {at: [0 min, 0 min, 0 min, 0 min], to: a}}
stations:
  a: {duration: 1 min, blocking: before, to: b}
  b: {duration: 5 min, buffer: 0, to: out}
sinks: [out]
)", 60 * minute);
  CHECK(r.left("out") == Times{6, 12, 18, 24});  // 1 min on a, then 5 on b, and nothing of the next before b is free
  CHECK(r.ends("a") == Times{1, 7, 13, 19});
  CHECK(r.time_in("a", ServerState::blocked) == doctest::Approx(15));
  CHECK(r.simulation.state().stations[r.station("b")].reserved == 0);
}

TEST_CASE("blocking before service: scrapped jobs and jobs that pass a unit operation give their place back") {
  Run r(R"(
sources: {s: {every: 10 min, to: a}}
stations:
  a: {duration: 6 min, blocking: before, fails: {crack: {every: 20 min, clock: working, repair: 1 min, job: scrap}}, to: c}
  c: {unit: hold, duration: 1 min, buffer: 0, blocking: before, batch: {count: 1}, to: b}
  b: {duration: 1 min, buffer: 0, to: out}
sinks: [out]
)", 100 * hour);
  CHECK(r.account("a").scrapped > 50);
  CHECK(r.simulation.state().stations[r.station("b")].reserved <= 1);
  CHECK(r.simulation.state().stations[r.station("c")].reserved <= 1);
  CHECK(r.account("b").jobs + r.account("a").scrapped >= 598);
}

TEST_CASE("the longest-blocked server goes first") {
  Run r(R"(
sources:
  s: {at: [0 min], to: x}
  t: {at: [0 min], to: y}
  u: {at: [0 min], to: z}
stations:
  x: {duration: 3 min, to: m}
  y: {duration: 2 min, to: m}
  z: {duration: 1 min, to: m}
  m: {duration: 10 min, buffer: 0, to: out}
sinks: [out]
)", 60 * minute);
  CHECK(r.time_in("z", ServerState::blocked) == doctest::Approx(0));
  CHECK(r.time_in("y", ServerState::blocked) == doctest::Approx(9));   // blocked at 2, in at 11
  CHECK(r.time_in("x", ServerState::blocked) == doctest::Approx(18));  // blocked at 3, in at 21
}

TEST_CASE("lots that leave one by one: a server is blocked until its last output has gone") {
  Run r(R"(
sources: {s: {at: [0 min, 0 min], to: cut}}
stations:
  cut: {unit: split, count: 3, kind: piece, duration: 2 min, to: wash}
  wash: {duration: 4 min, buffer: 0, to: out}
sinks: [out]
)", 60 * minute);
  CHECK(r.left("out") == Times{6, 10, 14, 18, 22, 26});
  CHECK(r.starts("cut") == Times{0, 10});  // the third piece leaves at 10
  CHECK(r.time_in("cut", ServerState::blocked) == doctest::Approx(8 + 10));  // the last one leaves at 22
}

TEST_CASE("what is done at one instant: everything ends before anything begins, stations of higher priority first") {
  const std::string text = R"(
sources:
  s: {at: [0 min], to: a}
  t: {at: [0 min], to: b}
stations:
  a: {duration: 5 min, to: m}
  b: {duration: 5 min, priority: %, to: m}
  m: {duration: 1 min, buffer: 9, to: {out_a: 0 %, out: 100 %}}
sinks: [out, out_a]
)";
  for (const char* priority : {"0", "7"}) {
    std::string with = text;
    with.replace(with.find('%'), 1, priority);
    Run r(with, 60 * minute);
    const auto& entered = r.recorder.entered[r.station("m")];
    const auto& finished = r.recorder.finished[r.station(priority[0] == '7' ? "b" : "a")];
    CHECK(entered[0].lot == finished[0].lot);
    CHECK(r.entries("m") == Times{5, 5});
  }
}

TEST_CASE("batches by count, with a longest wait") {
  Run r(R"(
sources: {s: {at: [0 min, 1 min, 2 min, 3 min, 4 min, 20 min], to: oven}}
stations: {oven: {duration: 10 min, batch: {count: 2, longest_wait: 5 min}, to: out}}
sinks: [out]
)", 60 * minute);
  CHECK(r.starts("oven") == Times{1, 11, 21});  // 1+2, 3+4, then the fifth is overdue since 9 and goes with nobody when free ...
  CHECK(r.left("out") == Times{11, 11, 21, 21, 31, 31});  // ... but at 21 the sixth is there to fill the batch
}

TEST_CASE("a partial batch starts when its oldest lot has waited long enough") {
  Run r(R"(
sources: {s: {at: [0 min, 3 min, 30 min], to: oven}}
stations: {oven: {duration: 2 min, batch: {count: 5, longest_wait: 10 min}, to: out}}
sinks: [out]
)", 60 * minute);
  CHECK(r.starts("oven") == Times{10, 40});
  CHECK(r.left("out") == Times{12, 12, 42});
}

TEST_CASE("batches by attribute, by mass or count, and the smallest that starts at once") {
  Run r(R"(
attributes: {colour: {categories: [red, blue]}}
sources:
  red: {at: [0 min, 4 min], attributes: {colour: red}, to: oven}
  blue: {at: [1 min, 2 min], attributes: {colour: blue}, to: oven}
stations: {oven: {duration: 10 min, batch: {count: 2, by: colour}, to: out}}
sinks: [out]
)", 60 * minute);
  CHECK(r.starts("oven") == Times{2, 12});  // two blue ones are there first
  Run least(R"(
sources: {s: {at: [0 min, 1 min, 2 min, 3 min, 4 min], to: oven}}
stations: {oven: {duration: 2 min, batch: {count: 3, least: 1}, to: out}}
sinks: [out]
)", 60 * minute);
  CHECK(least.starts("oven") == Times{0, 2, 4});
  CHECK(least.left("out") == Times{2, 4, 4, 6, 6});
  Run mass(R"(
sources: {s: {lot: black_mass, chemistry: {LFP: 1}, mass: 30 kg, at: [0 min, 1 min, 2 min, 3 min, 4 min], to: press}}
stations: {press: {duration: 1 min, batch: {mass: 80 kg, count: 9}, to: out}}
sinks: [out]
)", 60 * minute);
  CHECK(mass.starts("press") == Times{2});  // 90 kg: 80 kg go, 10 kg are cut off and stay; with the last two they make 70 kg
  CHECK(mass.queued("press") == 3);
  CHECK(mass.simulation.state().accounts.sinks[0].kg == doctest::Approx(80));
  Run count(R"(
sources: {s: {lot: black_mass, chemistry: {LFP: 1}, mass: 10 kg, at: [0 min, 1 min, 2 min, 3 min, 4 min], to: press}}
stations: {press: {duration: 1 min, batch: {mass: 80 kg, count: 2}, to: out}}
sinks: [out]
)", 60 * minute);
  CHECK(count.starts("press") == Times{1, 3});  // full by number before it is by mass
}

TEST_CASE("setups from a matrix, and a changeover between jobs") {
  Run r(R"(
sources:
  a: {at: [0 min, 1 min], attributes: {grade: A}, to: mill}
  b: {at: [2 min, 3 min], attributes: {grade: B}, to: mill}
  c: {at: [4 min], attributes: {grade: A}, to: mill}
stations: {mill: {duration: 10 min, setup: {by: grade, time: 5 min, matrix: {A: {B: 3 min}}}, to: out}}
sinks: [out]
)", 120 * minute);
  CHECK(r.left("out") == Times{10, 20, 33, 43, 58});  // A to B takes 3, B to A the usual 5
  CHECK(r.time_in("mill", ServerState::setup) == doctest::Approx(8));
  CHECK(r.account("mill").setups == 2);
  Run change(R"(
sources: {s: {at: [0 min, 1 min, 2 min], to: press}}
stations: {press: {duration: 10 min, changeover: 4 min, to: out}}
sinks: [out]
)", 120 * minute);
  CHECK(change.left("out") == Times{10, 24, 38});
  CHECK(change.time_in("press", ServerState::setup) == doctest::Approx(12));
}

TEST_CASE("campaigns: all of one kind first, but not longer than their time, and not before enough waits") {
  const auto run = [](const std::string& campaign) {
    return Run(R"(
sources:
  a: {at: [0 min, 1 min, 5 min, 15 min], lot: module, mass: 10 kg, chemistry: {LFP: 1}, to: mill}
  b: {at: [2 min, 3 min], lot: module, mass: 10 kg, chemistry: {NMC622: 1}, to: mill}
stations: {mill: {duration: 10 min, dispatch: campaign, setup: {by: label.chemistry, time: 1 min}, )" + campaign + R"( to: {out: 100 %}}}
sinks: [out]
)", 120 * minute);
  };
  CHECK(run("").starts("mill") == Times{0, 10, 20, 30, 40, 51});                           // A A A A B B, one setup
  CHECK(run("campaign: {longest: 15 min},").starts("mill") == Times{0, 10, 20, 31, 41, 52});  // A A | B B (from 20 on for 15) | A A
  Run least = run("campaign: {least: 20 kg},");
  CHECK(least.starts("mill") == Times{1, 11, 21, 31, 41, 52});  // not before two A are there
}

TEST_CASE("dispatch rules") {
  const auto order = [](const std::string& rule) {
    Run r(R"(
sources:
  first: {at: [0 min], attributes: {size: 5}, to: desk}
  s: {at: [1 min], attributes: {size: 3}, to: desk}
  t: {at: [2 min], attributes: {size: 1}, to: desk}
  u: {at: [3 min], attributes: {size: 2}, to: desk}
stations: {desk: {duration: 10 min, dispatch: )" + rule + R"(, to: out}}
sinks: [out]
)", 120 * minute);
    std::string sizes;
    const auto& made = r.recorder.made;
    for (const auto& started : r.recorder.started[r.station("desk")])
      for (std::size_t k = 0; k < made.size(); ++k)
        if (made[k].lot == started.lot) sizes += "5312"[k];
    return sizes;
  };
  CHECK(order("fifo") == "5312");
  CHECK(order("lifo") == "5213");
  CHECK(order("{smallest: size}") == "5123");
  CHECK(order("{largest: size}") == "5321");
  CHECK(order("{smallest: 10 min - age}") == "5312");
}

TEST_CASE("headway: the least time between two starts") {
  Run r(R"(
sources: {s: {at: [0 min, 0 min, 0 min, 30 min], to: a}}
stations: {a: {duration: 10 min, servers: 5, headway: 4 min, to: out}}
sinks: [out]
)", 60 * minute);
  CHECK(r.starts("a") == Times{0, 4, 8, 30});
}

TEST_CASE("visits count every re-entry, and routes may read them") {
  Run r(R"(
sources: {s: {at: [0 min], to: work}}
stations:
  work: {duration: 1 min * visits, to: test}
  test: {duration: 0 s, to: [{when: visits < 3, to: work}, {to: out}]}
sinks: [out]
)", 60 * minute);
  CHECK(r.starts("work") == Times{0, 1, 3});
  CHECK(r.left("out") == Times{6});
  Run draws(R"(
sources: {s: {at: [0 min], to: work}}
stations:
  work: {duration: {exponential: 10 min}, to: test}
  test: {duration: 0 s, to: [{when: visits < 4, to: work}, {to: out}]}
sinks: [out]
)", 50 * hour);
  const Times starts = draws.starts("work");
  REQUIRE(starts.size() == 4);
  CHECK(std::abs((starts[2] - starts[1]) - (starts[1] - starts[0])) > 1e-3);  // each visit has a draw of its own
}

TEST_CASE("lots that are there at the start, waiting or half done") {
  Run r(R"(
sources: {s: {at: [100 min], to: a}}
stations:
  a: {duration: 10 min, servers: 2, to: out}
  d: {unit: delay, duration: 50 min, to: out}
initial:
  - {station: a, remaining: 4 min}
  - {station: a, count: 2}
  - {station: d, count: 3, remaining: 7 min}
sinks: [out]
)", 60 * minute);
  CHECK(r.left("out") == Times{4, 7, 7, 7, 10, 14});
  CHECK(r.simulation.state().accounts.sources.back().left == 6);
}

TEST_CASE("pallets: each lap counts as a product, from one completion to the next") {
  Run r(R"(
stations:
  load: {duration: 2 min, buffer: 2, completes: parts, to: mill}
  mill: {duration: 3 min, buffer: 2, to: load}
initial: [{station: load, count: 1}]
sinks: [parts]
)", 30 * minute);
  CHECK(r.ends("load") == Times{2, 7, 12, 17, 22, 27});
  const SinkAccount& parts = r.simulation.state().accounts.sinks[r.sink("parts")];
  CHECK(parts.lots == 6);
  CHECK(parts.cycle_time.total() == doctest::Approx(27 * minute));
  CHECK(r.simulation.state().live_lots == 1);
}

TEST_CASE("changes at a time leave the running job alone") {
  Run r(R"(
resources: {crew: {count: 1}}
sources: {s: {at: [0 min, 0 min, 0 min, 0 min], to: a}, t: {at: [0 min, 0 min, 0 min], to: b}}
stations:
  a: {duration: 10 min, to: out}
  b: {duration: 10 min, servers: 3, needs: {crew: 1}, to: out}
changes:
  - {at: 15 min, set: {stations.a.duration: 2 min, resources.crew.count: 2}}
sinks: [out]
)", 60 * minute);
  CHECK(r.starts("a") == Times{0, 10, 20, 22});
  CHECK(r.ends("a") == Times{10, 20, 22, 24});
  CHECK(r.ends("b") == Times{10, 20, 25});  // the new hand begins at once
}

TEST_CASE("a change of shifts and buffers is taken over at its time") {
  Run r(R"(
calendars: {early: ["Mon-Sun 00:00-01:00"], long: ["Mon-Sun 00:00-05:00"]}
resources: {crew: {count: 1, shifts: early}}
sources: {s: {saturated: true, to: a}}
stations: {a: {duration: 30 min, needs: {crew: 1}, to: out}}
changes: [{at: 2 h, set: {resources.crew.shifts: long}}]
sinks: [out]
)", 6 * hour);
  CHECK(r.left("out") == Times{30, 60, 150, 180, 210, 240, 270, 300});
}

}  // namespace retwin::engine_test
