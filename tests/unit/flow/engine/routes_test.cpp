// Routes of every kind: by share, by case, shortest, fastest as the controller believes, in turn, and to the first with room.
#include <doctest/doctest.h>

#include "tests/laws/plants.hpp"

namespace retwin::routes_test {
using namespace plants;

namespace {

/// A desk without time of its own that routes by `to`, and three targets.
Run desk(const std::string& to, const std::string& arrivals, double until_min, const std::string& targets = R"(
  a: {duration: 10 min, to: out}
  b: {duration: 20 min, to: out}
  c: {duration: 30 min, to: out}
)") {
  return Run("sources: {s: {" + arrivals + ", to: desk}}\nstations:\n  desk: {duration: 0 s, to: " + to + "}\n" + targets + "sinks: [out]\n",
             until_min * minute);
}

}  // namespace

TEST_CASE("by share: frequencies, and the same draw for the same lot") {
  const std::string fast = "\n  a: {duration: 1 s, to: out}\n  b: {duration: 1 s, to: out}\n  c: {duration: 1 s, to: out}\n";
  Run r = desk("{a: 20 %, b: 50 %, c: 30 %}", "every: 10 s, limit: 30000", 6000, fast);
  const double n = 30000;
  for (const auto& [name, share] : {std::pair{"a", 0.2}, {"b", 0.5}, {"c", 0.3}}) {
    CAPTURE(name);
    CHECK(std::abs(static_cast<double>(r.account(name).lots_in) / n - share) < 4 * std::sqrt(share * (1 - share) / n));
  }
  Run again = desk("{c: 30 %, b: 50 %, a: 20 %}", "every: 10 s, limit: 30000", 6000, fast);
  CHECK(r.entries("a") == again.entries("a"));
}

TEST_CASE("by cases: the first that holds, and a warning where a plant cannot know") {
  const auto text = [](const std::string& read) {
    return R"(
attributes: {x: {unit: "", truth: true}, seen: {unit: ""}}
sources: {s: {at: [0 min, 1 min], attributes: {x: 3, seen: 1, weight: 4 kg}, to: desk}}
stations:
  desk: {duration: 0 s, to: [{when: )" + read + R"( > 2 and weight < 3 kg, to: a}, {when: weight >= 4 kg, to: b}, {to: c}]}
  a: {duration: 1 min, to: out}
  b: {duration: 1 min, to: out}
  c: {duration: 1 min, to: out}
sinks: [out]
)";
  };
  Run r(text("x"), hour);
  CHECK(r.account("b").lots_in == 2);
  CHECK(has(r.scenario.warnings, Code::label, "stations.desk.to"));
  CHECK_FALSE(has(compile(text("seen")).warnings, Code::label, "stations.desk.to"));
}

TEST_CASE("to the shortest queue, the first named among equals, and lots on their way count") {
  Run r = desk("{shortest: [b, a, c]}", "at: [0 min, 1 min, 2 min, 3 min, 4 min]", 200);
  CHECK(r.entries("b") == Times{0, 3});
  CHECK(r.entries("a") == Times{1, 4});
  CHECK(r.entries("c") == Times{2});
  Run on_the_way = desk("{shortest: [belt -> a, b]}", "at: [0 min, 1 min, 2 min]", 200, R"(
  belt: {unit: conveyor, servers: 10, length: 10 m, speed: 1 m/min}
  a: {duration: 1 min, to: out}
  b: {duration: 60 min, to: out}
)");
  CHECK(on_the_way.entries("a") == Times{10, 12});
  CHECK(on_the_way.entries("b") == Times{1});
}

TEST_CASE("to where it should be done first, as the controller believes") {
  // a takes 10, b 20: the second lot expects 9 + 10 on a and 20 on b
  const std::string two = R"(
  a: {duration: 10 min, to: out}
  b: {duration: 20 min, to: out}
)";
  Run r = desk("{fastest: [a, b]}", "at: [0 min, 1 min, 2 min]", 200, two);
  CHECK(r.entries("a") == Times{0, 1});
  CHECK(r.entries("b") == Times{2});  // 28 on a, 20 on b
  Run wrong = desk("{fastest: {a: 40 min, b: 20 min}}", "at: [0 min, 1 min, 2 min]", 200, two);
  CHECK(wrong.entries("a") == Times{2});  // 19 + 20 = 39 and then 58 on b, 40 on a
  CHECK(wrong.entries("b") == Times{0, 1});
  Run busy = desk("{fastest: {a: 5 min, b: 7 min}}", "at: [0 min, 8 min]", 200, two);
  CHECK(busy.entries("a") == Times{0, 8});  // it believes that a must be done: nothing left, 5 more
  Run on_the_way = desk("{fastest: {belt -> a: 10 min, b: 25 min}}", "at: [0 min, 1 min, 2 min]", 200, R"(
  belt: {unit: conveyor, servers: 10, length: 10 m, speed: 1 m/min}
  a: {duration: 10 min, to: out}
  b: {duration: 20 min, to: out}
)");
  CHECK(on_the_way.entries("a") == Times{10, 11});  // 10, then 10 + 10 on its way; the third would be the third in line there
  CHECK(on_the_way.entries("b") == Times{2});
}

TEST_CASE("in turn, and to the first with room") {
  Run turn = desk("{cyclic: [a, c, b]}", "at: [0 min, 1 min, 2 min, 3 min]", 200);
  CHECK(turn.entries("a") == Times{0, 3});
  CHECK(turn.entries("c") == Times{1});
  CHECK(turn.entries("b") == Times{2});
  Run overflow = desk("{overflow: [a, b, c]}", "at: [0 min, 1 min, 2 min, 3 min, 4 min]", 200, R"(
  a: {duration: 10 min, buffer: 0, to: out}
  b: {duration: 20 min, buffer: 1, to: out}
  c: {duration: 30 min, buffer: 0, to: out}
)");
  CHECK(overflow.entries("a") == Times{0, 10});  // the fifth finds no room and waits for the first
  CHECK(overflow.entries("b") == Times{1, 2});
  CHECK(overflow.entries("c") == Times{3});
}

TEST_CASE("routes by port") {
  Run r(R"(
sources: {s: {at: [0 min], to: fork}}
stations:
  fork: {unit: fork, branches: [x, y], duration: 1 min, to: {x: {cyclic: [a, b]}, y: {a: 0 %, b: 100 %}}}
  a: {duration: 1 min, to: out}
  b: {duration: 1 min, to: out}
sinks: [out]
)", hour);
  CHECK(r.account("a").lots_in == 1);
  CHECK(r.account("b").lots_in == 1);
}

TEST_CASE("fork and join: siblings are joined with their own, and the parent's identity comes back") {
  Run r(R"(
sources: {s: {at: [0 min, 1 min], to: fork}}
stations:
  fork: {unit: fork, branches: [x, y], duration: 0 s, to: {x: x, y: y}}
  x: {duration: 5 min, to: join}
  y: {duration: 3 min, servers: 2, to: join}
  join: {duration: 1 min, batch: {siblings: true}, to: out}
sinks: [out]
)", hour);
  CHECK(r.left("out") == Times{6, 11});
  const auto& ended = r.recorder.ended[r.simulation.plant().sink_node(r.sink("out"))];
  REQUIRE(r.recorder.made.size() >= 2);
  CHECK(ended[0].lot == r.recorder.made[0].lot);
}

TEST_CASE("wrong routes are refused") {
  const auto problems = [](const std::string& to) {
    return problems_of("sources: {s: {every: 1 min, to: desk}}\nstations:\n  desk: {duration: 1 s, to: " + to + "}\n  a: {duration: 1 s, to: out}\n  b: {duration: 1 s, to: a}\nsinks: [out]\n");
  };
  CHECK(problems("{a: 60 %, b: 40 %}").empty());
  CHECK(has(problems("{a: 60 %, b: 50 %}"), Code::probability, "stations.desk.to"));
  CHECK(has(problems("aa"), Code::route, "stations.desk.to"));
  CHECK(has(problems("[{when: mass > 1 kg, to: a}, {when: mass > 2 kg, to: b}]"), Code::route, "stations.desk.to"));
  CHECK(has(problems("{cyclic: []}"), Code::route, "stations.desk.to"));
  CHECK(has(problems("[{when: mass > 1 s, to: a}, {to: b}]"), Code::unit, "stations.desk.to"));
}

}  // namespace retwin::routes_test
