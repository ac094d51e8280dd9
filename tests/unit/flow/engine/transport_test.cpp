// Transport by hand: vehicles and their ways, conveyors that keep their order, delays.
#include <doctest/doctest.h>

#include "tests/laws/plants.hpp"

namespace retwin::transport_test {
using namespace plants;

TEST_CASE("a vehicle drives empty to the lot, loads, drives loaded, unloads") {
  Run r(R"(
sources: {s: {at: [0 min, 1 min], to: a}}
stations:
  a: {duration: 1 min, to: agv -> b}
  b: {duration: 1 min, to: agv -> out}
  agv: {unit: vehicles, speed: 1 m/s, load_time: 10 s, unload_time: 20 s, distances: {a: {b: 60 m}, b: {out: 120 m}}}
sinks: [out]
)", hour, 1, 1);
  // Seconds. The vehicle begins at a, the first place by name.
  CHECK(r.ends("a") == Times{60, 120});
  CHECK(r.entries("b") == Times{150, 300});  // 60 + 10 + 60 + 20; back from b: 60, and again 90
  CHECK(r.ends("agv") == Times{150, 300, 450, 720});
  // then the lots of b, done at 210 and 360, in the order of asking: from 300 at b 10 + 120 + 20, back over b 120 m, the same again
  CHECK(r.left("out") == Times{450, 720});
  CHECK(r.time_in("agv", ServerState::working) == doctest::Approx(90 + 150 + 150 + 270));
}

TEST_CASE("the nearest idle vehicle comes, and the shortest way over other places is found") {
  Run r(R"(
sources: {s: {at: [0 s], to: agv -> far}, t: {at: [500 s, 500 s], to: agv -> near}}
stations:
  far: {duration: 1 s, to: out}
  near: {duration: 1 s, to: out}
  agv: {unit: vehicles, servers: 2, speed: 1 m/s, distances: {s: {t: 10 m}, t: {near: 10 m}, near: {far: 200 m}}}
sinks: [out]
)", hour, 1, 1);
  // places by name: far, near, s, t. Both begin at far; one fetches s (220 m) and brings it back to far (220 m): 440.
  CHECK(r.entries("far") == Times{440});
  CHECK(r.entries("near") == Times{500 + 210 + 10, 500 + 210 + 10});
}

TEST_CASE("a vehicle waits with its load until there is room") {
  Run r(R"(
sources: {s: {at: [0 s, 0 s], to: agv -> a}}
stations:
  a: {duration: 100 s, buffer: 0, to: out}
  agv: {unit: vehicles, servers: 2, speed: 1 m/s, distances: {s: {a: 10 m}}}
sinks: [out]
)", hour, 1, 1);
  CHECK(r.left("out") == Times{120, 220});  // 10 m empty, 10 m loaded
  CHECK(r.time_in("agv", ServerState::blocked) == doctest::Approx(100));
}

TEST_CASE("a saturated source feeds over a transport") {
  Run r(R"(
sources: {s: {saturated: true, limit: 3, to: agv -> a}}
stations:
  a: {duration: 1 s, to: out}
  agv: {unit: vehicles, speed: 1 m/s, distances: {s: {a: 10 m}}}
sinks: [out]
)", hour, 1, 1);
  CHECK(r.account("agv").jobs == 3);
  CHECK(r.left("out") == Times{21, 41, 61});  // from a: 10 m back, 10 m loaded
}

TEST_CASE("lots lost or scrapped on a transport are no longer expected") {
  Run r(R"(
sources: {s: {every: 1 min, when_full: lose, to: agv -> a}, t: {every: 7 min, to: desk}}
stations:
  desk: {duration: 1 s, to: {shortest: [a, b]}}
  a: {duration: 1 s, to: out}
  b: {duration: 1 s, to: out}
  agv: {unit: vehicles, speed: 1 m/min, buffer: 0, distances: {s: {a: 10 m}}, fails: {crash: {every: 25 min, repair: 1 min, job: scrap}}}
sinks: [out]
)", 20 * hour);
  CHECK(r.source_account("s").lost > 100);
  CHECK(r.account("agv").scrapped > 10);
  CHECK(r.simulation.state().stations[r.station("a")].inbound <= 1);
}

TEST_CASE("a conveyor: every lot takes its time, in order, and they pile up behind a full target") {
  Run r(R"(
sources: {s: {at: [0 s, 0 s, 1 s, 30 s], to: belt}}
stations:
  belt: {unit: conveyor, servers: 5, length: 10 m, speed: 0.5 m/s, to: a}
  a: {duration: 30 s, buffer: 0, to: out}
sinks: [out]
)", hour, 1, 1);
  CHECK(r.starts("belt") == Times{0, 4, 8, 30});  // one place after the other: 10 m / 5 places / 0.5 m/s
  CHECK(r.entries("a") == Times{20, 50, 80, 110});
  CHECK(r.left("out") == Times{50, 80, 110, 140});
  const auto& in = r.recorder.started[r.station("belt")];
  const auto& out = r.recorder.started[r.station("a")];
  for (std::size_t k = 0; k < in.size(); ++k) CHECK(in[k].lot == out[k].lot);
}

TEST_CASE("a delay has a place for every lot") {
  Run r(R"(
sources: {s: {at: [0 min], batch: 1000, to: cool}}
stations: {cool: {unit: delay, duration: 50 min, buffer: 0, to: out}}
sinks: [out]
)", 2 * hour);
  CHECK(r.left("out").size() == 1000);
  CHECK(r.left("out").back() == 50);
  CHECK(r.simulation.state().accounts.queue_integral(r.station("cool")) == doctest::Approx(0));
  CHECK(has(problems_of(R"(
sources: {s: {saturated: true, to: cool}}
stations: {cool: {unit: delay, duration: 50 min, buffer: 5, to: out}}
sinks: [out]
)"), Code::route, "sources.s.to"));  // it would be filled for ever
}

TEST_CASE("what transports need is asked for") {
  const auto problems = [](const std::string& transport) {
    return problems_of("sources: {s: {every: 1 min, to: t -> a}}\nstations:\n  a: {duration: 1 s, to: out}\n  t: {" + transport + "}\nsinks: [out]\n");
  };
  CHECK(problems("unit: vehicles, speed: 1 m/s, distances: {s: {a: 5 m}}").empty());
  CHECK(has(problems("unit: vehicles"), Code::missing, "stations.t"));
  CHECK(has(problems("unit: vehicles, speed: 1 m/s, distances: {s: {b: 5 m}}"), Code::unknown_name, "stations.t.distances"));
  CHECK(has(problems("unit: conveyor, speed: 1 m/s"), Code::missing, "stations.t"));
}

}  // namespace retwin::transport_test
