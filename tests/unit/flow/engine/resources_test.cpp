// Crews, shifts and phases by hand: who may work when, who is served first, and what the end of a shift does to a job.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/laws/plants.hpp"

namespace retwin::resources_test {
using namespace plants;

// Times in minutes from Monday, midnight, unless said otherwise.

TEST_CASE("an attended job is suspended at the end of the shift and goes on with the next one") {
  const std::string text = R"(
calendars: {day: ["Mon-Fri 08:00-16:00"]}
sources: {s: {at: [15 h], to: a}}
stations: {a: {duration: 3 h, calendar: day, at_shift_end: %, to: out}}
sinks: [out]
)";
  const auto run = [&](const char* end) {
    std::string with = text;
    with.replace(with.find('%'), 1, end);
    return Run(with, 3 * day, 1, hour);
  };
  Run suspend = run("suspend");
  CHECK(suspend.left("out") == Times{24 + 10});
  CHECK(suspend.time_in("a", ServerState::working) == doctest::Approx(3));
  CHECK(suspend.time_in("a", ServerState::off_shift) == doctest::Approx(72 - 24));
  CHECK(suspend.time_in("a", ServerState::starved) == doctest::Approx(24 - 3));
  Run finish = run("finish");
  CHECK(finish.left("out") == Times{18});
  CHECK(finish.time_in("a", ServerState::working) == doctest::Approx(3));
}

TEST_CASE("an unattended phase runs through the night; the next attended one waits for the shift") {
  Run r(R"(
calendars: {day: ["Mon-Fri 08:00-16:00"]}
resources: {technician: 1}
sources: {s: {at: [14 h, 14 h], to: bath}}
stations:
  bath:
    {servers: 2, calendar: day, needs: {technician: 1}, to: out,
     phases: [{name: load, duration: 1 h}, {name: soak, duration: 10 h, attended: false}, {name: unload, duration: 0.5 h}]}
sinks: [out]
)", 4 * day, 1, hour);
  // loads at 14-15 and 15-16, soaks until 25 and 26; unloads on Tuesday at 8, one after the other
  CHECK(r.left("out") == Times{32.5, 33});
  CHECK(r.time_in("bath", ServerState::working) == doctest::Approx(2 * 11.5));
}

TEST_CASE("a holiday and a break") {
  Run r(R"(
calendars: {day: {weekly: ["Mon-Fri 08:00-16:00"], breaks: ["12:00-13:00"], holidays: [2026-01-06]}}
sources: {s: {at: [11 h], to: a}}
stations: {a: {duration: 5 h, calendar: day, to: out}}
sinks: [out]
)", 4 * day, 1, hour);
  CHECK(r.left("out") == Times{48 + 9});  // 11-12, 13-16, then Wednesday 8-9
}

TEST_CASE("a pool on shifts: the job in hand is suspended, or finished") {
  const std::string text = R"(
calendars: {day: ["Mon-Fri 08:00-16:00"]}
resources: {crew: {count: 1, shifts: day, at_shift_end: %}}
sources: {s: {at: [15 h, 15 h], to: a}}
stations: {a: {duration: 3 h, needs: {crew: 1}, to: out}}
sinks: [out]
)";
  const auto run = [&](const char* end) {
    std::string with = text;
    with.replace(with.find('%'), 1, end);
    return Run(with, 4 * day, 1, hour);
  };
  Run suspend = run("suspend");
  CHECK(suspend.left("out") == Times{24 + 10, 24 + 13});
  CHECK(suspend.time_in("a", ServerState::waiting_resource) == doctest::Approx(16));
  Run finish = run("finish");
  CHECK(finish.left("out") == Times{18, 24 + 11});
}

TEST_CASE("a pool that fits its work into shifts begins what ends within one; what none is long enough for is begun all the same") {
  const auto run = [](const char* pool, const char* jobs, const char* station = "a: {servers: unlimited, duration: 1 h * size, needs: {crew: 1}, to: out}") {
    return Run(fmt::format(R"(
calendars: {{day: ["Mon-Fri 08:00-16:00"], late: ["Mon-Fri 12:00-20:00"]}}
attributes: {{size: {{}}}}
resources: {{crew: {}, mate: {{count: 1, shifts: late, at_shift_end: fit}}}}
sources: {}
stations: {{{}}}
sinks: [out]
)", pool, jobs, station), 5 * day, 1, hour);
  };
  const std::string one = "{count: 1, shifts: day, at_shift_end: fit}";
  const char* three = "{s: {at: [8 h, 8 h, 8 h], attributes: {size: 3}, to: a}}";
  CHECK(run(one.c_str(), three).left("out") == Times{11, 14, 24 + 11});
  CHECK(run("{count: 1, shifts: day}", three).left("out") == Times{11, 14, 24 + 9});
  // eight hours fit, a shorter job behind one that does not fit is done before it, nine are suspended over night
  CHECK(run(one.c_str(), "{s: {at: [8 h], attributes: {size: 8}, to: a}}").left("out") == Times{16});
  CHECK(run(one.c_str(), "{s: {at: [14 h], attributes: {size: 3}, to: a}, t: {at: [14.5 h], attributes: {size: 1.5}, to: a}}").left("out") ==
        Times{16, 24 + 11});
  CHECK(run(one.c_str(), "{s: {at: [14 h], attributes: {size: 9}, to: a}}").left("out") == Times{24 + 15});
  // two pools that share four hours of a day
  CHECK(run(one.c_str(), "{s: {at: [8 h], attributes: {size: 6}, to: a}}", "a: {duration: 1 h * size, needs: {crew: 1, mate: 1}, to: out}").left("out") == Times{24 + 14});
  // where one pool relieves the other, neither stays for ten hours: begun all the same, and handed over
  CHECK(run("{count: 1, shifts: day, at_shift_end: fit}", "{s: {at: [12 h], attributes: {size: 10}, to: a}}").left("out") == Times{24 + 14});
  const char* relieved = "{count: 1, shifts: day, at_shift_end: fit, qualifications: [either]}, night: {count: 1, shifts: late, at_shift_end: fit, qualifications: [either]}";
  const char* either = "a: {duration: 1 h * size, needs: {either: 1}, to: out}";
  CHECK(run(relieved, "{s: {at: [12 h], attributes: {size: 10}, to: a}}", either).left("out").size() == 1);
  CHECK(run(relieved, "{s: {at: [12 h], attributes: {size: 6}, to: a}}", either).left("out") == Times{18});
  // of two shifts the one that goes takes those with it who are left at the change
  const char* two = "{shifts: {day: 1, late: 1}, at_shift_end: fit}";
  CHECK(run(two, "{s: {at: [15 h, 15 h], attributes: {size: 2}, to: a}}").left("out") == Times{17, 19});
}

TEST_CASE("units on duty by calendar: with fewer of them the job begun last is suspended, and goes first when there are more") {
  Run r(R"(
calendars: {early: ["Mon-Sun 00:00-02:00"], late: ["Mon-Sun 02:00-04:00"], third: ["Mon-Sun 04:00-24:00"]}
resources: {crew: {count: 2, shifts: {early: 2, late: 1, third: 2}}}
sources: {s: {at: [0 min, 60 min, 61 min], to: a}}
stations: {a: {duration: 3 h, servers: 3, needs: {crew: 1}, to: out}}
sinks: [out]
)", 12 * hour);
  // first: 0-180; second: 60-120, suspended, again from 180 on, 120 left: 300; third: from 240 on
  CHECK(r.left("out") == Times{180, 300, 420});
}

TEST_CASE("requests are all or none") {
  Run r(R"(
resources: {a: 1, b: 1}
sources: {s: {at: [0 min], to: x}, t: {at: [1 min], to: y}, u: {at: [2 min], to: z}}
stations:
  x: {duration: 10 min, needs: {a: 1}, to: out}
  y: {duration: 10 min, needs: {a: 1, b: 1}, to: out}
  z: {duration: 5 min, needs: {b: 1}, to: out}
sinks: [out]
)", 60 * minute);
  CHECK(r.ends("z") == Times{7});  // y does not sit on b while it waits for a
  CHECK(r.ends("y") == Times{20});
  CHECK(r.time_in("y", ServerState::waiting_resource) == doctest::Approx(9));
}

TEST_CASE("a big request is not starved by small ones") {
  Run r(R"(
resources: {crew: 2}
sources:
  small: {every: 6 min, first: 0 s, limit: 100, to: x}
  big: {at: [1 min], to: y}
stations:
  x: {duration: 10 min, servers: 9, needs: {crew: 1}, to: out}
  y: {duration: 10 min, needs: {crew: 2}, to: out}
sinks: [out]
)", 20 * hour);
  const Times starts = r.ends("y");
  REQUIRE(starts.size() == 1);
  CHECK(starts[0] < 90);  // of the ten hours that the small ones take
}

TEST_CASE("requests of higher priority are served first, and among equals the oldest") {
  Run r(R"(
resources: {crew: 1}
sources: {s: {at: [0 min], to: a}, t: {at: [1 min], to: b}, u: {at: [2 min], to: c}, v: {at: [3 min], to: d}}
stations:
  a: {duration: 10 min, needs: {crew: 1}, to: out}
  b: {duration: 10 min, needs: {crew: 1}, to: out}
  c: {duration: 10 min, needs: {crew: 1}, to: out}
  d: {duration: 10 min, needs: {crew: 1}, priority: 1, to: out}
sinks: [out]
)", 60 * minute);
  CHECK(r.ends("d") == Times{20});
  CHECK(r.ends("b") == Times{30});
  CHECK(r.ends("c") == Times{40});
}

TEST_CASE("qualifications: the least qualified who will do is taken first") {
  Run r(R"(
resources:
  master: {count: 1, qualifications: [weld, lift]}
  helper: {count: 1, qualifications: [lift]}
sources: {s: {at: [0 min, 0 min], to: lift}, t: {at: [1 min], to: weld}}
stations:
  lift: {duration: 10 min, servers: 2, needs: {lift: 1}, to: out}
  weld: {duration: 5 min, needs: {weld: 1}, to: out}
sinks: [out]
)", 60 * minute);
  CHECK(r.ends("lift") == Times{10, 10});  // helper and master
  CHECK(r.ends("weld") == Times{15});
  Run one(R"(
resources:
  master: {count: 1, qualifications: [weld, lift]}
  helper: {count: 1, qualifications: [lift]}
sources: {s: {at: [0 min], to: lift}, t: {at: [1 min], to: weld}}
stations:
  lift: {duration: 10 min, needs: {lift: 1}, to: out}
  weld: {duration: 5 min, needs: {weld: 1}, to: out}
sinks: [out]
)", 60 * minute);
  CHECK(one.ends("weld") == Times{6});  // the master was left for what only a master can do
}

TEST_CASE("when a shift ends, someone else with the skill takes over") {
  Run r(R"(
calendars: {early: ["Mon-Sun 00:00-01:00"]}
resources:
  day_hand: {count: 1, qualifications: [lift], shifts: early}
  other: {count: 1, qualifications: [lift, drive]}
sources: {s: {at: [30 min], to: a}}
stations: {a: {duration: 60 min, needs: {lift: 1}, to: out}}
sinks: [out]
)", 5 * hour);
  CHECK(r.left("out") == Times{90});
}

TEST_CASE("when a shift ends, a job can be kept for those who began it") {
  for (const char* const rule : {"suspend", "keep"}) {
    CAPTURE(rule);
    Run r(std::string(R"(
calendars: {early: ["Mon-Sun 00:00-01:00"]}
resources:
  day_hand: {count: 1, qualifications: [lift], shifts: early, at_shift_end: )") + rule + R"(}
  other: {count: 1, qualifications: [lift, drive]}
sources: {s: {at: [30 min, 90 min, 1450 min], to: a}}
stations: {a: {duration: 60 min, servers: 3, needs: {lift: 1}, to: out}}
sinks: [out]
)", 30 * hour);
    if (rule == std::string("keep")) CHECK(r.left("out") == Times{150, 1470, 1510});  // the third is the other's
    else CHECK(r.left("out") == Times{90, 150, 1510});
  }
}

TEST_CASE("speed of a pool: attended work takes longer or shorter, unattended work its own time") {
  Run r(R"(
resources: {novice: {count: 1, speed: 0.5}}
sources: {s: {at: [0 min], to: a}}
stations: {a: {phases: [{name: do, duration: 10 min, needs: {novice: 1}}, {name: dry, duration: 10 min, attended: false}], to: out}}
sinks: [out]
)", 60 * minute);
  CHECK(r.left("out") == Times{30});
}

TEST_CASE("the same crew stays from phase to phase; another one is waited for") {
  Run r(R"(
resources: {crew: 1}
sources: {s: {at: [0 min], to: a}, t: {at: [1 min], to: b}}
stations:
  a: {phases: [{name: one, duration: 10 min, needs: {crew: 1}}, {name: two, duration: 10 min, needs: {crew: 1}}], to: out}
  b: {duration: 5 min, needs: {crew: 1}, to: out}
sinks: [out]
)", 60 * minute);
  CHECK(r.ends("a") == Times{20});
  CHECK(r.ends("b") == Times{25});
}

TEST_CASE("a crew leaves when the work ends, even if the lot is then blocked") {
  Run r(R"(
resources: {crew: 1}
sources: {s: {at: [0 min, 0 min], to: a}, t: {at: [3 min], to: b}}
stations:
  a: {duration: 2 min, needs: {crew: 1}, to: slow}
  slow: {duration: 30 min, buffer: 0, to: out}
  b: {duration: 1 min, needs: {crew: 1}, to: out}
sinks: [out]
)", 90 * minute);
  CHECK(r.time_in("a", ServerState::blocked) == doctest::Approx(28));
  CHECK(r.ends("b") == Times{5});  // a has the crew until 4
}

TEST_CASE("what cannot be asked for is refused when the file is read") {
  const char* const text = R"(
resources: {crew: 2}
sources: {s: {at: [0 min], to: a}}
stations: {a: {duration: 2 min, needs: {crew: 3}, to: out}}
sinks: [out]
)";
  CHECK(has(problems_of(text), Code::range, "stations.a.needs"));
}

TEST_CASE("a job that ends with its shift has ended, and one crew follows another without a gap") {
  Run r(R"(
calendars: {early: ["Mon-Sun 00:00-02:00"], late: ["Mon-Sun 02:00-04:00"]}
resources: {crew: {count: 2, shifts: {early: 2, late: 2}}}
sources: {s: {saturated: true, limit: 3, to: a}, t: {at: [30 min], to: b}}
stations:
  a: {duration: 60 min, calendar: early, to: out}
  b: {duration: 2 h, needs: {crew: 1}, to: out}
sinks: [out]
)", day + 2 * hour);
  CHECK(r.ends("a") == Times{60, 120, 24 * 60 + 60});
  CHECK(r.ends("b") == Times{150});
  CHECK(r.time_in("b", ServerState::waiting_resource) == doctest::Approx(0));
}

TEST_CASE("a crew that was kept during a repair goes home at the end of its shift") {
  Run r(R"(
calendars: {early: ["Mon-Sun 00:00-02:00"]}
resources: {crew: {count: 1, shifts: early}}
sources: {s: {at: [1 h], to: a}}
stations: {a: {duration: 50 min, needs: {crew: 1}, fails: {stop: {every: 40 min, clock: working, repair: 30 min, keep_crew: true}}, to: out}}
sinks: [out]
)", 3 * day);
  CHECK(r.left("out") == Times{24 * 60 + 10});  // down 1:40-2:10, then nobody is there before midnight
}

TEST_CASE("who waits for a crew when his own shift ends does not get it in the night") {
  Run r(R"(
calendars: {early: ["Mon-Sun 00:00-02:00"], late: ["Mon-Sun 02:00-04:00"]}
resources: {crew: {count: 1, shifts: late}}
sources: {s: {at: [1 h], to: b}, t: {at: [1 h], to: a}}
stations:
  a: {duration: 30 min, needs: {crew: 1}, calendar: late, to: out}
  b: {duration: 30 min, needs: {crew: 1}, calendar: early, to: out}
sinks: [out]
)", 20 * hour);
  CHECK(r.left("out") == Times{150});
  CHECK(r.simulation.state().pools[0].taken == 0);
}

}  // namespace retwin::resources_test
