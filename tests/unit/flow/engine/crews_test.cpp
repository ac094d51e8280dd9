// Shifts, crews and failures together, by hand: who goes on with an interrupted job, when, and how fast.
#include <doctest/doctest.h>

#include "tests/laws/plants.hpp"

namespace retwin::crews_test {
using namespace plants;

namespace {

/// Minutes that units of a pool were taken.
double use(const Run& r, const std::string& pool) {
  const auto& pools = r.simulation.plant().pools;
  for (std::size_t k = 0; k < pools.size(); ++k)
    if (pools[k].name == pool) return r.simulation.state().pools[k].use.value(r.simulation.now()) / minute;
  return -1;
}

std::string with(std::string text, const std::string& what) {
  return text.replace(text.find('%'), 1, what);
}

}  // namespace

TEST_CASE("an unattended phase whose machine fails before the end of the shift runs on after the repair") {
  for (const int fails_at : {13, 15, 17}) {
    CAPTURE(fails_at);
    Run r(with(R"(
calendars: {d: {weekly: ["Mon-Sun 08:00-16:00"]}}
sources: {s: {at: [8 h], to: m}}
stations:
  m: {phases: [{duration: 10 h, attended: false}], calendar: d, fails: {f: {every: % h, repair: 2 h}}, to: out}
sinks: [out]
)", std::to_string(fails_at)), 3 * day, 1, hour);
    CHECK(r.left("out") == Times{20});
  }
}

TEST_CASE("a job that is restarted needs the crew of its beginning, kept or not") {
  Run r(R"(
resources: {a: 1, b: 1}
sources: {s: {saturated: true, to: desk}}
stations:
  desk:
    phases: [{name: A, duration: 10 min, needs: {a: 1}}, {name: B, duration: 10 min, needs: {b: 1}}]
    buffer: 0
    fails: {stop: {every: 15 min, repair: 1 min, clock: working, job: restart, keep_crew: true}}
    to: out
sinks: [out]
)", 60 * minute);
  CHECK(use(r, "a") == doctest::Approx(40));
  CHECK(use(r, "b") == doctest::Approx(17));
}

TEST_CASE("a crew that is kept during a repair and for its jobs waits for its next shift") {
  Run r(R"(
calendars: {early: ["Mon-Sun 00:00-02:00"]}
resources: {crew: {count: 1, shifts: early, at_shift_end: keep}}
sources: {s: {at: [1 h], to: a}}
stations: {a: {duration: 50 min, needs: {crew: 1}, fails: {stop: {every: 40 min, clock: working, repair: 30 min, keep_crew: true}}, to: out}}
sinks: [out]
)", 3 * day);
  CHECK(r.left("out") == Times{24 * 60 + 10});  // down 1:40-2:10, then nobody is there before midnight
  Run calendar(R"(
calendars: {early: ["Mon-Sun 00:00-02:00"]}
resources: {crew: {count: 1, shifts: early, at_shift_end: keep}}
sources: {s: {at: [1 h], to: a}}
stations: {a: {duration: 90 min, needs: {crew: 1}, fails: {stop: {every: 5 h, repair: 30 min, keep_crew: true}}, to: out}}
sinks: [out]
)", 3 * day);
  CHECK(calendar.left("out") == Times{24 * 60 + 30});  // it fails in the night, and nobody goes on at 5:30
}

TEST_CASE("the oldest job goes on first") {
  for (const char* const rule : {"suspend", "keep"}) {
    CAPTURE(rule);
    Run r(with(R"(
calendars: {four: {weekly: ["Mon 00:00 - Mon 12:30"]}, one: {weekly: ["Mon 17:00 - Fri 04:00"]}}
resources: {crew: {shifts: {four: 4, one: 1}, at_shift_end: %}}
sources: {c: {every: 3 h, limit: 4, to: d}}
stations: {d: {servers: 4, duration: 10 h, needs: {crew: 1}, to: out}}
sinks: [out]
)", rule), 60 * hour, 1, hour);
    CHECK(r.left("out") == Times{17.5, 21, 27.5, 37});
  }
}

TEST_CASE("kept for two crews, a job goes on when both are back; a crew of another station's hours stays away") {
  Run r(R"(
calendars: {early: ["Mon-Sun 00:00-02:00"], later: ["Mon-Sun 00:00-02:00", "Mon-Sun 06:00-08:00"]}
resources: {one: {count: 1, shifts: later, at_shift_end: keep}, two: {count: 1, shifts: early, at_shift_end: keep}}
sources: {s: {at: [1 h], to: a}}
stations: {a: {duration: 90 min, needs: {one: 1, two: 1}, to: out}}
sinks: [out]
)", 3 * day);
  CHECK(r.left("out") == Times{24 * 60 + 30});
  Run station(R"(
calendars: {day: ["Mon-Sun 00:00-02:00"]}
resources:
  clerk: {count: 1, qualifications: [desk], shifts: day, at_shift_end: keep}
  night: {count: 1, qualifications: [desk, files], shifts: day}
sources: {s: {at: [90 min], to: a}, t: {at: [24 h], to: b}}
stations:
  a: {duration: 60 min, needs: {desk: 1}, calendar: day, to: out}
  b: {duration: 20 min, needs: {desk: 1}, to: out}
sinks: [out]
)", 3 * day);
  CHECK(station.left("out") == Times{24 * 60 + 20, 24 * 60 + 30});  // the clerk goes on with hers, the other takes the new one
}

TEST_CASE("the rest of a job takes the time of the crew that goes on with it") {
  Run r(R"(
calendars: {early: ["Mon-Sun 00:00-01:00"], late: ["Mon-Sun 01:00-12:00"]}
resources:
  quick: {count: 1, qualifications: [lift], shifts: early, speed: 2}
  slow: {count: 1, qualifications: [lift, drive], shifts: late, speed: 0.5}
sources: {s: {at: [30 min], to: a}}
stations: {a: {duration: 100 min, needs: {lift: 1}, to: out}}
sinks: [out]
)", 12 * hour);
  CHECK(r.left("out") == Times{60 + 80});  // 60 min of work are done in 30; 40 are left, at half the speed
}

TEST_CASE("needs that only an assignment meets, of any number of parts") {
  Run r(R"(
calendars: {never: {weekly: ["Sun 23:00-24:00"]}}
resources:
  p0: {count: 1, qualifications: [a, b]}
  p1: {count: 1, qualifications: [a, c]}
  p2: {count: 1, qualifications: [b, c], shifts: never}
sources: {s: {every: 10 min, to: desk}}
stations: {desk: {duration: 1 min, needs: {a: 1, b: 1}, to: out}}
sinks: [out]
)", 2 * hour);
  CHECK(r.left("out").size() == 11);
  std::string pools = "resources: {", needs = "{";
  for (int k = 0; k < 20; ++k) {
    pools += (k ? ", " : "") + std::string("p") + std::to_string(k) + ": 1";
    needs += (k ? ", " : "") + std::string("p") + std::to_string(k) + ": 1";
  }
  Run many(pools + "}\nsources: {s: {at: [0 min], to: desk}}\nstations: {desk: {duration: 1 min, needs: " + needs + "}, to: out}}\nsinks: [out]\n", hour);
  CHECK(many.left("out") == Times{1});
}

TEST_CASE("needs that can never be met are refused: together, or at one time") {
  const auto refused = [](const std::string& resources, const std::string& station) {
    return has(problems_of("calendars: {early: [\"Mon-Fri 06:00-14:00\"], late: [\"Mon-Fri 14:00-22:00\"]}\nresources: {" + resources +
                           "}\nsources: {s: {every: 10 min, to: desk}}\nstations: {desk: {duration: 1 min, " + station +
                           ", to: out}}\nsinks: [out]\n"),
               Code::range, "stations.desk.needs");
  };
  CHECK(refused("w1: {count: 1, qualifications: [weld, drive]}", "needs: {weld: 1, drive: 1}"));
  CHECK(!refused("w1: {count: 2, qualifications: [weld, drive]}", "needs: {weld: 1, drive: 1}"));
  CHECK(refused("w: {count: 1, shifts: {early: 1, late: 1}}", "needs: {w: 2}"));
  CHECK(refused("a: {count: 1, shifts: early}, b: {count: 1, shifts: late}", "needs: {a: 1, b: 1}"));
}

TEST_CASE("a crew that is never on duty while its station is draws a warning") {
  const auto warned = [](const std::string& shifts) {
    const Scenario s = compile("calendars: {early: [\"Mon-Fri 06:00-14:00\"], late: [\"Mon-Fri 14:00-22:00\"]}\nresources: {w: {count: 1, shifts: " +
                               shifts + "}}\nsources: {s: {every: 10 min, to: desk}}\n"
                               "stations: {desk: {duration: 1 min, needs: {w: 1}, calendar: early, to: out}}\nsinks: [out]\n");
    for (const Problem& p : s.warnings)
      if (p.code == Code::range && p.path == "stations.desk.needs") return true;
    return false;
  };
  CHECK(warned("late"));
  CHECK(!warned("{early: 1, late: 1}"));
}

TEST_CASE("a failure of the station as a whole is counted from the end of its last repair") {
  const auto run = [](const char* rest) {
    return Run(with(R"(
resources: {mechanic: 1}
sources: {s: {saturated: true, to: m}}
stations: {m: {duration: 1 h, buffer: 0, fails: {f: {every: 10 h, repair: 2 h, scope: station, %}}, to: out}}
sinks: [out]
)", rest), 47 * hour, 1, hour);
  };
  Run end = run("counted_from: end");
  CHECK(end.account("m").failures == 4);
  CHECK(end.time_in("m", ServerState::down) == doctest::Approx(7));  // 10-12, 22-24, 34-36, 46-47
  Run start = run("counted_from: start");
  CHECK(start.time_in("m", ServerState::down) == doctest::Approx(8));  // 10, 20, 30, 40
  Run two(R"(
resources: {mechanic: 1}
sources: {s: {saturated: true, to: m}}
stations: {m: {servers: 2, duration: 1 h, buffer: 0, fails: {f: {every: 10 h, repair: 2 h, scope: station, needs: {mechanic: 1}}}, to: out}}
sinks: [out]
)", 25 * hour, 1, hour);
  CHECK(two.time_in("m", ServerState::down) == doctest::Approx(2 + 4 + 2));  // 10-12 and 10-14; again at 24
}

TEST_CASE("a request of higher priority keeps what it can have from lower ones; those of its own may overtake it so often") {
  const std::string text = R"(
sources:
  low: {every: 1 h, first: 0 h, to: small}
  high: {at: [9 h], to: large}
resources: {worker: {count: 2%}}
stations:
  small: {servers: 2, duration: 4 h, needs: {worker: 1}, headway: 2 h, to: done}
  large: {servers: 1, duration: 1 h, needs: {worker: 2}, priority: @, to: done}
sinks: [done]
)";
  const auto ends = [&](const std::string& ageing, const std::string& priority) {
    std::string t = with(text, ageing);
    return Run(t.replace(t.find('@'), 1, priority), 400 * hour, 1, hour).ends("large");
  };
  CHECK(ends("", "10") == Times{13});
  CHECK(ends(", ageing: unlimited", "10") == Times{13});
  CHECK(ends(", ageing: 0", "0") == Times{13});
  CHECK(ends("", "0") == Times{29});  // after eight others, at 10, 12, ... 24 h, the last one until 28 h
  CHECK(ends(", ageing: unlimited", "0") == Times{});
}

TEST_CASE("a claim holds nobody while those on duty cannot meet it, nor a repair whose machine keeps its crew") {
  Run weekend(R"(
calendars: {late: ["Mon-Sun 12:00-24:00"]}
resources: {worker: 1, inspector: {count: 1, shifts: late}}
sources: {low: {at: [1 h, 1 h], to: small}, high: {at: [0 h], to: large}}
stations:
  small: {duration: 1 h, needs: {worker: 1}, to: done}
  large: {duration: 1 h, needs: {worker: 1, inspector: 1}, priority: 10, to: done}
sinks: [done]
)", day, 1, hour);
  CHECK(weekend.left("done") == Times{2, 3, 13});
  Run repair(R"(
resources: {a: 1, b: 1}
sources: {low: {at: [0 h], to: x}, high: {at: [1.2 h], to: y}}
stations:
  x: {duration: 2 h, needs: {b: 1}, fails: {f: {every: 1 h, clock: working, repair: 3 h, keep_crew: true, needs: {a: 1}}}, to: done}
  y: {duration: 1 h, needs: {a: 1, b: 1}, priority: 10, to: done}
  z: {duration: 90 min, needs: {a: 1}, to: done}
initial: [{station: z}]
sinks: [done]
)", 12 * hour, 1, hour);
  // x fails at 1 and waits for a, free at 1.5, which y would claim while it waits for b: x has b, and is repaired first
  CHECK(repair.left("done") == Times{1.5, 5.5, 6.5});
}

TEST_CASE("a break over midnight within a night shift") {
  Run r(R"(
calendars: {night: {weekly: ["Mon-Fri 22:00-06:00"], breaks: ["23:45-00:15", "03:00-03:30"]}}
sources: {a: {at: [22 h, 118 h], to: desk}}
stations: {desk: {duration: 5 h, calendar: night, to: done}}
sinks: [done]
)", 14 * day, 1, hour);
  CHECK(r.left("done") == Times{28, 124});
  CHECK(has(problems_of("calendars: {c: [\"Mon 71582789-24\"]}\nstations: {a: {duration: 1 s, calendar: c, to: out}}\nsinks: [out]\n"),
            Code::type, "calendars.c.weekly"));
}

}  // namespace retwin::crews_test
