// Deadlocks, global and local, are reported and named; what only waits for a weekend, a full batch or a pallet is not.
#include <doctest/doctest.h>

#include "tests/laws/plants.hpp"

namespace retwin::liveness_laws_test {
using namespace plants;

namespace {

struct Verdict {
  bool deadlock = false;
  std::string message, station;
  double at = 0;
};

Verdict judge(const std::string& text, double until_s, int steps = 1) {
  Simulation s = start(compile(text));
  try {
    for (int k = 1; k <= steps; ++k) s.advance(until_s * k / steps);
  } catch (const RunError& e) {
    return {true, e.what(), e.station(), e.time_s()};
  }
  return {};
}

bool names(const Verdict& v, const std::string& text) { return v.message.find(text) != std::string::npos; }

}  // namespace

TEST_CASE("two stations that swap with full buffers") {
  const char* const swap = R"(
sources: {s: {saturated: true, to: a}, t: {saturated: true, to: b}}
stations:
  a: {duration: 3 min, buffer: 1, to: b}
  b: {duration: 2 min, buffer: 1, to: {a: 90 %, out: 10 %}}
sinks: [out]
)";
  for (const int steps : {1, 2, 50}) {
    const Verdict v = judge(swap, 2 * day, steps);
    CHECK(v.deadlock);
    CHECK((names(v, "a -> b -> a") || names(v, "b -> a -> b")));
    CHECK((v.station == "a" || v.station == "b"));
  }
  const double at = judge(swap, 2 * day).at;  // its own time, whenever it is looked for
  CHECK(at > 0);
  CHECK(at < 2 * hour);
  for (const double until_s : {at, 3 * hour, 7 * day, 400 * day}) CHECK(judge(swap, until_s).at == at);
  CHECK_FALSE(judge(swap, at - 1).deadlock);
  std::string room = swap;  // the way back has room for all there is: only new lots are held off
  room.replace(room.find("s: {saturated: true, to: a}, t: {saturated: true, to: b}"), 56, "s: {saturated: true, limit: 3, to: a}");
  CHECK_FALSE(judge(room, 2 * day).deadlock);
}

TEST_CASE("a local deadlock is found while the rest runs on") {
  const char* const text = R"(
sources: {s: {saturated: true, to: a}, t: {saturated: true, to: b}, parts: {every: {exponential: 1 min}, to: line}}
stations:
  a: {duration: 3 min, buffer: 1, to: b}
  b: {duration: 2 min, buffer: 1, to: a}
  line: {duration: {exponential: 30 s}, to: out}
sinks: [out]
)";
  const Verdict v = judge(text, 30 * day);
  CHECK(v.deadlock);
  CHECK(names(v, "a -> b"));
  CHECK(v.at < 7 * day);  // not only at the end of the run
  CHECK(judge(text, hour, 10).deadlock);
}

TEST_CASE("a deadlock has its own time, whatever its machines show afterwards and whenever it is found") {
  for (const char* afterwards : {"", ", fails: {wear: {every: 50 min, repair: 1 min}}", ", calendar: day"}) {
    CAPTURE(afterwards);
    const std::string text = std::string(R"(
calendars: {day: ["Mon-Sun 00:00-00:30", "Mon-Sun 02:00-05:00"]}
sources: {s: {at: [0 min, 0 min], to: a}}
stations:
  a: {duration: 5 min, buffer: 0, to: b}
  b: {duration: 5 min, buffer: 0)") + afterwards + ", to: a}\n";
    for (const double until_s : {15 * minute, 70 * minute, 3 * hour, 30 * hour})
      CHECK(judge(text, until_s).at == 10 * minute);  // the first is done at b, the second at a
  }
}

TEST_CASE("a circle through several stations is named in full") {
  const Verdict v = judge(R"(
sources: {s: {saturated: true, to: a}}
stations:
  a: {duration: 1 min, buffer: 1, to: b}
  b: {duration: 1 min, buffer: 1, to: c}
  c: {duration: 1 min, buffer: 1, to: {a: 99 %, out: 1 %}}
sinks: [out]
)", 10 * day);
  CHECK(v.deadlock);
  for (const char* arrow : {"a -> b", "b -> c", "c -> a"}) CHECK((names(v, arrow) || v.message.find(arrow) != std::string::npos));
}

TEST_CASE("hold and wait for a crew") {
  const char* const text = R"(
resources: {crew: 1}
sources: {s: {every: 10 min, to: a}, t: {every: 7 min, to: line}}
stations:
  a: {duration: 8 min, needs: {crew: 1}, to: out, fails: {jam: {every: 20 min, clock: working, repair: 5 min, keep_crew: true, needs: {crew: 1}}}}
  line: {duration: 1 min, to: out}
sinks: [out]
)";
  const Verdict v = judge(text, 2 * day);
  CHECK(v.deadlock);
  CHECK(v.station == "a");
  CHECK(names(v, "crew"));
  std::string freed = text;
  freed.replace(freed.find("keep_crew: true"), 15, "keep_crew: false");
  CHECK_FALSE(judge(freed, 2 * day).deadlock);
}

TEST_CASE("a buffer full of what can never be a batch") {
  const char* const text = R"(
sources: {s: {saturated: true, attributes: {colour: {red: 34 %, blue: 33 %, green: 33 %}}, to: oven}}
stations: {oven: {duration: 10 min, buffer: 4, batch: {count: 4, by: colour}, to: out}}
sinks: [out]
)";
  const Verdict v = judge(text, 20 * day);
  CHECK(v.deadlock);
  CHECK(v.station == "oven");
  std::string patient = text;
  patient.replace(patient.find("by: colour"), 10, "by: colour, longest_wait: 1 h");
  CHECK_FALSE(judge(patient, 20 * day).deadlock);
}

TEST_CASE("an assembly whose buffer is full of the wrong part") {
  const Verdict v = judge(R"(
sources: {a: {every: 1 min, lot: a, to: pre}, b: {every: 5 min, lot: b, to: build}}
stations:
  pre: {duration: 10 s, buffer: 5, to: build}
  build: {duration: 1 min, buffer: 6, batch: {parts: {a: 1, b: 1}}, to: out}
sinks: [out]
)", day);
  CHECK(v.deadlock);
  CHECK(names(v, "build"));
}

TEST_CASE("time that stands still is an error, not an endless run") {
  const Verdict v = judge(R"(
sources: {s: {every: 1 min, to: a}}
stations:
  a: {duration: 0 s, to: [{when: visits > 0, to: b}, {to: out}]}
  b: {duration: 0 s, to: a}
sinks: [out]
)", day);
  CHECK(v.deadlock);
  CHECK(names(v, "time stands still"));
  CHECK(v.at == doctest::Approx(60));
}

TEST_CASE("what only waits is no deadlock") {
  SUBCASE("a crew off for the weekend, with everything full") {
    CHECK_FALSE(judge(R"(
calendars: {week: ["Mon-Fri 06:00-22:00"]}
resources: {crew: {count: 2, shifts: week}}
sources: {s: {saturated: true, to: a}}
stations:
  a: {duration: 5 min, buffer: 2, to: b}
  b: {duration: 9 min, buffer: 2, needs: {crew: 2}, to: c}
  c: {duration: 9 min, buffer: 2, calendar: week, to: out}
sinks: [out]
)", 6.5 * day, 100).deadlock);
  }
  SUBCASE("a partial batch at the end") {
    CHECK_FALSE(judge(R"(
sources: {s: {every: 1 min, limit: 10, to: a}}
stations:
  a: {duration: 5 s, buffer: 1, to: oven}
  oven: {duration: 10 min, buffer: 8, batch: {count: 4}, to: out}
sinks: [out]
)", day).deadlock);
  }
  SUBCASE("a closed loop of pallets") {
    CHECK_FALSE(judge(R"(
stations:
  load: {duration: 2 min, buffer: 1, completes: parts, to: mill}
  mill: {duration: {exponential: 5 min}, buffer: 1, to: load}
initial: [{station: load, count: 2}, {station: mill}]
sinks: [parts]
)", 10 * day).deadlock);
  }
  SUBCASE("pallets in every place are a deadlock") {
    const Verdict v = judge(R"(
stations:
  load: {duration: 2 min, buffer: 1, completes: parts, to: mill}
  mill: {duration: {exponential: 5 min}, buffer: 1, to: load}
initial: [{station: load, count: 2}, {station: mill, count: 2}]
sinks: [parts]
)", 10 * day);
    CHECK(v.deadlock);
  }
  SUBCASE("a source blocked by a full plant during a holiday") {
    CHECK_FALSE(judge(R"(
calendars: {week: {weekly: ["Mon-Fri 06:00-22:00"], holidays: [2026-01-05..2026-01-18]}}
sources: {s: {every: 10 min, to: a}}
stations:
  a: {duration: 5 min, buffer: 2, calendar: week, to: out}
sinks: [out]
)", 14 * day, 20).deadlock);
  }
  SUBCASE("a machine under repair that waits for a mechanic at night") {
    CHECK_FALSE(judge(R"(
calendars: {day: ["Mon-Fri 08:00-16:00"]}
resources: {mechanic: {count: 1, shifts: day}}
sources: {s: {saturated: true, to: a}}
stations:
  a: {duration: 1 min, buffer: 2, to: b}
  b: {duration: 5 min, buffer: 2, fails: {stop: {every: {exponential: 5 h}, repair: 1 h, needs: {mechanic: 1}}}, to: out}
sinks: [out]
)", 12 * day, 200).deadlock);
  }
  SUBCASE("siblings that wait for one another, and room for the last") {
    CHECK_FALSE(judge(R"(
sources: {s: {every: 30 min, to: fork}}
stations:
  fork: {unit: fork, branches: [x, y], duration: 1 min, to: {x: x, y: y}}
  x: {duration: 1 min, buffer: 1, to: join}
  y: {duration: 2 h, servers: 9, to: join}
  join: {duration: 1 min, buffer: 20, batch: {siblings: true}, to: out}
sinks: [out]
)", 5 * day, 50).deadlock);
  }
}

TEST_CASE("a mechanic at a machine that is blocked comes free; a machine that is blocked does not, whatever is repaired") {
  CHECK_FALSE(judge(R"(
resources: {mechanic: 1}
sources: {s: {saturated: true, to: a}}
stations:
  a: {duration: 5 min, buffer: 0, fails: {x: {every: {exponential: 1 h}, repair: 30 min, needs: {mechanic: 1}}}, to: b}
  b: {duration: 6 min, buffer: 1, fails: {x: {every: {exponential: 2 h}, repair: 20 min, needs: {mechanic: 1}}}, to: out}
sinks: [out]
)", 3 * day, 500).deadlock);
  const Verdict v = judge(R"(
sources: {s: {saturated: true, to: a}, t: {saturated: true, to: b}}
stations:
  a: {duration: 3 min, buffer: 1, fails: {x: {every: {exponential: 10 min}, repair: {exponential: 10 min}}}, to: b}
  b: {duration: 2 min, buffer: 1, fails: {x: {every: {exponential: 10 min}, repair: {exponential: 10 min}}}, to: a}
  c: {duration: 1 min, to: out}
initial: [{station: c}]
sinks: [out]
)", 3 * day);
  CHECK(v.deadlock);
  CHECK(names(v, "->"));
}

}  // namespace retwin::liveness_laws_test
