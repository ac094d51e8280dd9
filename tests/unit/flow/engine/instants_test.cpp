// What happens at one instant, by hand: departures before arrivals, choices when everything has moved, resources last; no names.
#include <doctest/doctest.h>

#include "core/base/problem.hpp"
#include "tests/laws/plants.hpp"

namespace retwin::instants_test {
using namespace plants;

namespace {

std::string replaced(std::string text, const std::vector<std::pair<std::string, std::string>>& by) {
  for (const auto& [from, to] : by)
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) text.replace(at, from.size(), to);
  return text;
}

/// Letters of the lots that a station begins with, in order: a is the first that was made.
std::string order(const Run& r, const char* station) {
  std::string out;
  for (const auto& started : r.recorder.started.at(r.station(station)))
    for (std::size_t k = 0; k < r.recorder.made.size(); ++k)
      if (r.recorder.made[k].lot == started.lot) out += static_cast<char>('a' + k);
  return out;
}

std::uint64_t reached(const Run& r, const char* sink) { return r.simulation.state().accounts.sinks[r.sink(sink)].lots; }

}  // namespace

TEST_CASE("a lot that leaves in the very instant a machine becomes free chooses that one, whatever the names") {
  const std::string text = R"(
sources: {s: {at: [0 min, 2 min, 6 min], to: cut}}
stations:
  cut: {duration: 2 min, buffer: 0, to: {RULE: [p1, p2]}}
  p1: {duration: 10 min, buffer: ROOM, to: out}
  p2: {duration: 4 min, buffer: ROOM, to: out}
sinks: [out]
)";
  for (const auto& [rule, room] : {std::pair{"overflow", "0"}, {"shortest", "unlimited"}, {"shortest", "0"}, {"fastest", "0"}, {"fastest", "unlimited"}})
    for (const char* cut : {"cut", "zcut"})
      for (const char* p2 : {"p2", "a2"}) {
        CAPTURE(rule);
        CAPTURE(cut);
        CAPTURE(p2);
        Run r(replaced(text, {{"RULE", rule}, {"ROOM", room}, {"cut", cut}, {"p2", p2}}), 30 * minute);
        // p1 works 2-12, p2 4-8 and again from 8 on; by `fastest` p2 2-6, p1 4-14 (or, where that can wait, p2 6-10), p2 8-12 or 10-14
        const bool fastest = rule == std::string("fastest");
        CHECK(r.entries(p2) == (!fastest ? Times{4, 8} : room == std::string("0") ? Times{2, 8} : Times{2, 4, 8}));
        CHECK(r.left("out") == (!fastest ? Times{8, 12, 12} : room == std::string("0") ? Times{6, 12, 14} : Times{6, 10, 14}));
      }
}

TEST_CASE("a lot that finds no room goes where room comes first") {
  for (const char* rule : {"overflow", "shortest", "fastest"}) {
    CAPTURE(rule);
    Run r(replaced(R"(
sources: {s: {at: [0 min, 0 min, 0 min], to: cut}}
stations:
  cut: {duration: 1 min, buffer: 5, to: {RULE: [p1, p2]}}
  p1: {duration: 10 min, buffer: 0, to: out}
  p2: {duration: 4 min, buffer: 0, to: out}
sinks: [out]
)", {{"RULE", rule}}), 30 * minute);
    // the second leaves cut at 2, the third at 3; by `fastest` the first takes p2
    CHECK(r.left("out") == (rule == std::string("fastest") ? Times{5, 9, 12} : Times{6, 10, 11}));
    Run outside(replaced(R"(
sources: {s: {at: [0 min, 0 min, 0 min, 0 min], to: {RULE: [p1, p2]}}}
stations:
  p1: {duration: 10 min, buffer: 0, to: out}
  p2: {duration: 4 min, buffer: 0, to: out}
sinks: [out]
)", {{"RULE", rule}}), 30 * minute);
    CHECK(outside.left("out") == Times{4, 8, 10, 12});
    Run before(replaced(R"(
sources: {s: {at: [0 min, 0 min, 0 min], to: cut}}
stations:
  cut: {duration: 1 min, blocking: before, to: {RULE: [p1, p2]}}
  p1: {duration: 10 min, buffer: 0, to: out}
  p2: {duration: 4 min, buffer: 0, to: out}
sinks: [out]
)", {{"RULE", rule}}), 30 * minute);
    CHECK(before.starts("cut") == Times{0, 1, 2});
    CHECK(before.time_in("cut", ServerState::blocked) > 0);
  }
}

TEST_CASE("who waits longest is let in first, whether bound for one station or for several") {
  // at 10 press is free: d waits for it since 2, e for it or mill since 1; mill is busy until 30
  const std::string text = R"(
sources: {x: {at: [0 min], to: press}, y: {at: [0 min], to: mill}, a: {at: [AT_D], to: d}, b: {at: [AT_E], to: e}}
stations:
  d: {duration: 1 min, to: press}
  e: {duration: 1 min, to: {overflow: [mill, press]}}
  press: {duration: 10 min, buffer: 0, to: out}
  mill: {duration: 30 min, buffer: 0, to: out}
sinks: [out]
)";
  Run e_first(replaced(text, {{"AT_D", "1 min"}, {"AT_E", "0 min"}}), 2 * hour);
  CHECK(e_first.time_in("e", ServerState::blocked) == doctest::Approx(9));
  CHECK(e_first.time_in("d", ServerState::blocked) == doctest::Approx(18));
  Run d_first(replaced(text, {{"AT_D", "0 min"}, {"AT_E", "1 min"}}), 2 * hour);
  CHECK(d_first.time_in("d", ServerState::blocked) == doctest::Approx(9));
  CHECK(d_first.time_in("e", ServerState::blocked) == doctest::Approx(18));
}

TEST_CASE("shortest joins only lines with room") {
  Run r(R"(
sources: {s: {at: [0 min, 1 min, 2 min, 3 min, 4 min], when_full: lose, to: {shortest: [a, b]}}}
stations: {a: {duration: 50 min, buffer: 0, to: out}, b: {duration: 50 min, buffer: 5, to: out}}
sinks: [out]
)", hour);
  CHECK(r.source_account("s").lost == 0);
  CHECK(r.account("a").lots_in == 1);
  CHECK(r.account("b").lots_in == 4);
}

TEST_CASE("a departure comes before an arrival") {
  const std::string text = R"(
sources: {s: {every: 1 min, when_full: lose, to: a}}
stations: {a: {duration: 1 min, buffer: 0, NEEDS to: out}}
resources: {crew: 1}
sinks: [out]
)";
  for (const char* needs : {"", "needs: {crew: 1},"}) {
    Run r(replaced(text, {{"NEEDS", needs}}), 10.5 * minute);
    CHECK(r.source_account("s").lost == 0);
    CHECK(reached(r, "out") == 9);
  }
}

TEST_CASE("at one instant resources go to the higher priority, and to who has asked longest") {
  const std::string text = R"(
resources: {op: 1}
sources: {s: {at: [0 min], to: x}, a: {at: [1 min], to: lo}, b: {at: [5 min], to: hi}}
stations:
  x: {duration: 5 min, needs: {op: 1}, to: out}
  lo: {duration: 3 min, needs: {op: 1}, to: out}
  hi: {duration: 4 min, priority: PRIORITY, needs: {op: 1}, to: out}
sinks: [out]
)";
  Run high(replaced(text, {{"PRIORITY", "5"}}), hour);
  CHECK(high.ends("hi") == Times{9});
  CHECK(high.ends("lo") == Times{12});
  Run same(replaced(text, {{"PRIORITY", "0"}}), hour);
  CHECK(same.ends("lo") == Times{8});
  CHECK(same.ends("hi") == Times{12});
}

TEST_CASE("each cyclic route has its own turn") {
  Run r(R"(
sources: {s: {at: [0 min, 1 min], to: fork}}
stations:
  fork: {unit: fork, branches: [x, y], duration: 0 s, to: {x: {cyclic: [a, b]}, y: {cyclic: [a, b]}}}
  a: {duration: 1 s, to: out}
  b: {duration: 1 s, to: out}
sinks: [out]
)", hour);
  CHECK(r.entries("a") == Times{0, 0});
  CHECK(r.entries("b") == Times{1, 1});
}

TEST_CASE("public plants: NIST simprocesd BatchProcessing and ReentrantFlow") {
  const std::string batches = R"(
sources: {s: {saturated: true, to: gen}}
stations:
  gen: {duration: 1 min, buffer: 0, to: {overflow: [m1, m4]}}
  m1: {unit: split, count: 5, duration: 0 min, buffer: 0, to: m2}
  m2: {duration: 1 min, buffer: 0, to: m3}
  m3: {batch: {count: 5}, duration: 0 min, to: done}
  m4: {duration: 5 min, buffer: 0, to: open4}
  open4: {unit: split, count: 5, duration: 0 min, to: done}
sinks: [done]
)";
  const std::vector<std::pair<std::string, std::string>> renamed[] = {
      {}, {{"m1", "a1"}, {"m4", "a4"}}, {{"gen", "z"}}, {{"m2", "z2"}, {"m3", "a3"}}, {{"[m1, m4]", "[m4, m1]"}}};
  for (const auto& names : renamed) {
    Run r(replaced(batches, names), 10080 * minute);
    CHECK(reached(r, "done") == 20150);
  }
  Run reentrant(R"(
sources: {s: {every: 4 min, to: m1}}
stations:
  m1: {duration: 1 min, buffer: 0, to: [{when: visits == 1, to: m2}, {to: done}]}
  m2: {duration: 2 min, buffer: 0, to: m1}
sinks: [done]
)", 1000 * minute);
  CHECK(reached(reentrant, "done") == 249);
  CHECK(has(reentrant.scenario.warnings, Code::cycle, "stations.m1"));
}

TEST_CASE("a circle without a buffer that locks itself up is a deadlock of the run") {
  const std::string text = R"(
sources: {s: {every: 2 min, to: m1}}
stations:
  m1: {duration: 1 min, buffer: 0, to: [{when: visits == 1, to: m2}, {to: done}]}
  m2: {duration: 2 min, buffer: 0, to: m1}
sinks: [done]
)";
  CHECK_THROWS_AS(Run(text, day), RunError);
}

TEST_CASE("no way out of several: a deadlock, told with its circle; one way out is none") {
  const std::string text = R"(
sources: {s: {every: 1 min, to: a}}
stations:
  a: {duration: 1 min, buffer: 0, to: {overflow: [b, c]}}
  b: {duration: 1 min, buffer: 0, to: a}
  c: {duration: 1 min, buffer: 0, to: WAY}
sinks: [out]
)";
  CHECK_THROWS_AS(Run(replaced(text, {{"WAY", "a"}}), day), RunError);
  CHECK_NOTHROW(Run(replaced(text, {{"WAY", "out"}}), day));
}

TEST_CASE("a state in which lots wait for the first of several goes on in another plant") {
  const std::string text = R"(
sources: {s: {at: [0 min, 0 min, 0 min, 0 min], to: cut}, t: {at: [0 min, 0 min, 0 min], to: RULE}, u: {at: [1 h], to: p3}, v: {at: [1.2 h], to: p1}, w: {at: [1.2 h], to: p2}}
stations:
  cut: {duration: 1 min, buffer: 5, to: RULE}
  p1: {duration: 10 min, buffer: 0, to: out}
  p2: {duration: 4 min, buffer: 0, to: out}
  p3: {duration: 4 min, buffer: 0, to: out}
sinks: [out]
)";
  const Scenario first = compile(replaced(text, {{"RULE", "{overflow: [p1, p2]}"}}));
  for (const auto& [rule, third] : {std::pair{"{overflow: [p2, p1]}", false}, {"p2", false}, {"{shortest: [p1, p2, p3]}", true}, {"out", false}}) {
    CAPTURE(rule);
    Simulation s = start(first);
    s.advance(3.5 * minute);
    const Scenario other = compile(replaced(text, {{"RULE", rule}}));
    Simulation gone_on(other.plant, load_state(save_state(s.state(), *first.plant), *other.plant, "state"), {});
    gone_on.advance(2 * hour);
    CHECK(gone_on.state().accounts.sinks[0].lots == 10);
    CHECK(gone_on.state().live_lots == 0);
    const Index p3 = other.plant->find_station("p3");
    CHECK((gone_on.state().accounts.stations[p3].lots_in > 1) == third);
  }
}

TEST_CASE("where the buffer is full, free servers take from those inside before others are let in") {
  const std::string text = R"(
attributes: {size: {}}
sources:
  a: {at: [0 min], attributes: {size: 5}, to: WAY}
  b: {at: [1 min], attributes: {size: 3}, to: WAY}
  c: {at: [2 min], attributes: {size: 4}, to: WAY}
  d: {at: [3 min], attributes: {size: 1}, to: WAY}
stations:
  desk: {duration: 10 min, buffer: 2, dispatch: RULE, to: out}
  full: {duration: 1 min, buffer: 0, to: out}
BEFORE
initial: [{station: full, attributes: {size: 1}, remaining: 90 min}]
sinks: [out]
)";
  // b and c are inside when a is done, d is not
  for (const auto& [way, before] : {std::pair{"desk", ""}, {"{overflow: [desk, full]}", ""}, {"gate", "  gate: {duration: 6 s, to: desk}"},
                                    {"gate", "  gate: {duration: 6 s, to: {overflow: [desk, full]}}"}})
    for (const auto& [rule, expected] : {std::pair{"fifo", "abcd"}, {"lifo", "acdb"}, {"{smallest: size}", "abdc"}, {"{largest: size}", "acbd"}}) {
      CAPTURE(std::string(way) + before);
      CAPTURE(rule);
      std::string letters = order(Run(replaced(text, {{"RULE", rule}, {"WAY", way}, {"BEFORE", before}}), 80 * minute), "desk");
      for (char& letter : letters) --letter;  // the lot at the start was made first
      CHECK(letters == expected);
    }
  Run shift(R"(
attributes: {size: {}}
calendars: {late: ["Mon-Sun 01:00-24:00"]}
sources:
  small: {at: [0 min, 1 min], attributes: {size: 1}, to: desk}
  large: {at: [2 min, 3 min, 4 min], attributes: {size: 2}, to: desk}
stations: {desk: {duration: 10 min, servers: 3, calendar: late, buffer: 2, dispatch: {largest: size}, to: out}}
sinks: [out]
)", 80 * minute);
  CHECK(order(shift, "desk") == "abcde");  // of three that begin at once, two take those inside
}

TEST_CASE("an arrival in the very instant a machine comes free does not overtake those inside, however it comes") {
  for (const char* arrivals : {"every: 5 min", "every: 5 min, limit: 9", "at: [5 min, 10 min, 15 min, 20 min, 25 min, 30 min]"}) {
    CAPTURE(arrivals);
    Run r("sources: {s: {" + std::string(arrivals) + ", to: m}}\nstations: {m: {duration: 10 min, to: out}}\nsinks: [out]\n", 40 * minute);
    CHECK(order(r, "m") == "abcd");
  }
}

TEST_CASE("of two that have waited equally long for one place, the station of higher priority goes first") {
  const std::string text = R"(
sources: {s: {at: [0 min], to: a}, t: {at: [0 min], to: b}, u: {at: [0 min], to: m}}
stations:
  a: {duration: 5 min, to: m}
  b: {duration: 5 min, priority: PRIORITY, to: m}
  m: {duration: 10 min, buffer: 0, to: out}
sinks: [out]
)";
  for (const char* priority : {"-3", "7"}) {
    Run r(replaced(text, {{"PRIORITY", priority}}), 40 * minute);
    CHECK(r.recorder.entered[r.station("m")][1].lot == r.recorder.finished[r.station(priority[0] == '7' ? "b" : "a")][0].lot);
  }
}

TEST_CASE("the shortest line is not longer for those who could join it as well") {
  // a goes to etch, whose job then looks for a place at hone or bench: hone is still empty for b
  Run r(R"(
sources: {s: {at: [0 min, 0 min], to: drill}}
stations:
  drill: {duration: 10 min, batch: {count: 2}, to: {shortest: [etch, hone]}}
  etch: {duration: 10 min, blocking: before, to: {overflow: [hone, bench]}}
  hone: {duration: 20 min, to: out}
  bench: {duration: 30 min, to: out}
sinks: [out]
)", 80 * minute);
  CHECK(r.entries("etch") == Times{10});
  CHECK(r.entries("hone") == Times{10, 20});
}

}  // namespace retwin::instants_test
