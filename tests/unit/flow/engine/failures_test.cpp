// Failures, repairs and maintenance by hand: three clocks, what becomes of the job, who repairs, and when planned work is done.
#include <doctest/doctest.h>

#include "tests/laws/plants.hpp"

namespace retwin::failures_test {
using namespace plants;

namespace {

/// One station that works 10 min a job, with one failure mode or maintenance.
Run machine(const std::string& what, double until_min, const std::string& arrivals = "at: [0 min, 0 min, 0 min]") {
  return Run("resources: {mechanic: 1}\nsources: {s: {" + arrivals + ", to: a}}\nstations:\n  a: {duration: 10 min, " + what +
                 ", to: out}\nsinks: [out]\n",
             until_min * minute);
}

}  // namespace

TEST_CASE("the job in hand is resumed, restarted or scrapped") {
  Run resume = machine("fails: {stop: {every: 13 min, clock: working, repair: 4 min}}", 60);
  CHECK(resume.left("out") == Times{10, 24, 38});  // down at 13-17, and again after 13 more of work: at 30-34
  CHECK(resume.time_in("a", ServerState::down) == doctest::Approx(8));
  CHECK(resume.account("a").failures == 2);
  Run restart = machine("fails: {stop: {every: 13 min, clock: working, repair: 4 min, job: restart}}", 60);
  CHECK(restart.left("out") == Times{10, 27, 44});  // 17-27; at 30 down until 34, then all of it again
  Run scrap = machine("fails: {stop: {every: 13 min, clock: working, repair: 4 min, job: scrap}}", 60);
  CHECK(scrap.left("out") == Times{10, 27});
  CHECK(scrap.left("scrap") == Times{13});
  CHECK(scrap.account("a").scrapped == 1);
  Run bin = machine("fails: {stop: {every: 13 min, clock: working, repair: 4 min, job: scrap, scrap_to: out}}", 60);
  CHECK(bin.left("out") == Times{10, 13, 27});
}

TEST_CASE("calendar time runs while the machine waits, working time does not, and jobs are counted") {
  const char* const arrivals = "at: [0 min, 20 min, 40 min]";
  Run calendar = machine("fails: {stop: {every: 25 min, repair: 5 min}}", 100, arrivals);
  CHECK(calendar.left("out") == Times{10, 35, 50});  // 25-30; then 55-60 and 85-90
  CHECK(calendar.account("a").failures == 3);
  Run start = machine("fails: {stop: {every: 24 min, repair: 5 min, counted_from: start}}", 100, arrivals);
  CHECK(start.left("out") == Times{10, 35, 55});  // 24-29, 48-53, 72-77, 96
  CHECK(start.account("a").failures == 4);
  Run working = machine("fails: {stop: {every: 25 min, clock: working, repair: 5 min}}", 100, arrivals);
  CHECK(working.left("out") == Times{10, 30, 55});  // 25 min of work are over at 45
  Run count = machine("fails: {stop: {after_jobs: 2, repair: 30 min}}", 100, arrivals);
  CHECK(count.left("out") == Times{10, 30, 70});  // after the second job, at 30, until 60
  CHECK(count.account("a").failures == 1);
}

TEST_CASE("a failure while idle, and one that is due while the machine is down already") {
  Run idle = machine("fails: {stop: {every: 25 min, repair: 5 min}}", 60, "at: [26 min]");
  CHECK(idle.left("out") == Times{40});
  Run both = machine("fails: {one: {every: 5 min, repair: 10 min}, two: {every: 8 min, repair: 2 min}}", 19, "at: [0 min]");
  CHECK(both.left("out") == Times{});  // 5-15 one, 15-17 two; one again at 20
  CHECK(both.time_in("a", ServerState::down) == doctest::Approx(12));
  CHECK(both.time_in("a", ServerState::working) == doctest::Approx(7));
}

TEST_CASE("all servers fail together where the clock is the station's") {
  Run r(R"(
sources: {s: {at: [0 min, 0 min], to: a}}
stations: {a: {duration: 10 min, servers: 2, fails: {power: {every: 6 min, repair: 3 min, scope: station}}, to: out}}
sinks: [out]
)", 11.9 * minute);
  CHECK(r.account("a").failures == 2);
  CHECK(r.time_in("a", ServerState::down) == doctest::Approx(6));
}

TEST_CASE("a repair waits for its crew, and the machine is down meanwhile") {
  Run r(R"(
resources: {mechanic: 1}
sources: {s: {at: [0 min], to: a}, t: {at: [0 min], to: b}}
stations:
  a: {duration: 10 min, fails: {stop: {every: 5 min, clock: working, repair: 8 min, needs: {mechanic: 1}}}, to: out}
  b: {duration: 10 min, fails: {stop: {every: 6 min, clock: working, repair: 8 min, needs: {mechanic: 1}}}, to: out}
sinks: [out]
)", 60 * minute);
  CHECK(r.ends("a") == Times{18});
  CHECK(r.ends("b") == Times{25});  // repaired 13-21
  CHECK(r.time_in("b", ServerState::down) == doctest::Approx(15));
}

TEST_CASE("the crew of the job leaves for the repair, or stays") {
  const auto run = [](const char* keep) {
    return Run(std::string(R"(
resources: {crew: 1}
sources: {s: {at: [0 min], to: a}, t: {at: [1 min], to: b}}
stations:
  a: {duration: 10 min, needs: {crew: 1}, fails: {stop: {every: 6 min, clock: working, repair: 5 min, keep_crew: )") + keep + R"(}}, to: out}
  b: {duration: 7 min, needs: {crew: 1}, to: out}
sinks: [out]
)", 60 * minute);
  };
  Run leaves = run("false");
  CHECK(leaves.ends("b") == Times{13});
  CHECK(leaves.ends("a") == Times{17});  // repaired at 11, but its crew is away until 13
  Run stays = run("true");
  CHECK(stays.ends("a") == Times{15});
  CHECK(stays.ends("b") == Times{22});
}

TEST_CASE("maintenance is done between jobs") {
  Run r = machine("maintenance: {oil: {every: 5 min, duration: 3 min}}", 22.9, "at: [0 min, 0 min]");
  CHECK(r.left("out") == Times{10});        // due at 5, done at 10-13; due again at 18 and done at 23
  CHECK(r.starts("a") == Times{0, 13});
  CHECK(r.time_in("a", ServerState::maintenance) == doctest::Approx(3));
  Run idle = machine("maintenance: {oil: {every: 5 min, duration: 3 min}}", 7, "at: [6 min]");
  CHECK(idle.starts("a") == Times{});
  CHECK(idle.time_in("a", ServerState::maintenance) == doctest::Approx(2));
  Run worked = machine("maintenance: {oil: {every: 15 min, clock: working, duration: 3 min}}", 60);
  CHECK(worked.left("out") == Times{10, 20, 33});
  Run jobs = machine("maintenance: {oil: {after_jobs: 2, duration: 3 min, needs: {mechanic: 1}}}", 60);
  CHECK(jobs.left("out") == Times{10, 20, 33});
}

TEST_CASE("a failure of a blocked machine delays what it holds no longer than the repair") {
  Run line(R"(
sources: {s: {at: [0 min, 0 min], to: a}}
stations:
  a: {duration: 10 min, fails: {stop: {every: 30 min, repair: 5 min}}, to: b}
  b: {duration: 21 min, buffer: 0, to: out}
sinks: [out]
)", 60 * minute);
  // a is blocked from 20 on and down at 30-35; the lot itself leaves at 31, as a machine that is down can still be emptied
  CHECK(line.left("out") == Times{31, 52});
  CHECK(line.time_in("a", ServerState::blocked) == doctest::Approx(10));
  CHECK(line.time_in("a", ServerState::down) == doctest::Approx(5));
}

TEST_CASE("down comes before off shift, and the shift is found again after the repair") {
  Run r(R"(
calendars: {day: ["Mon-Sun 00:00-01:00"]}
sources: {s: {at: [0 min], to: a}}
stations: {a: {duration: 90 min, calendar: day, fails: {stop: {every: 50 min, repair: 30 min}}, to: out}}
sinks: [out]
)", 100 * minute);
  CHECK(r.time_in("a", ServerState::down) == doctest::Approx(30));
  CHECK(r.time_in("a", ServerState::off_shift) == doctest::Approx(20));
  CHECK(r.time_in("a", ServerState::working) == doctest::Approx(50));
}

TEST_CASE("an unattended phase that fails outside the shift goes on after its repair") {
  Run r(R"(
calendars: {day: ["Mon-Sun 00:00-01:00"]}
sources: {s: {at: [0 min], to: a}}
stations:
  a: {calendar: day, phases: [{name: load, duration: 10 min}, {name: soak, duration: 100 min, attended: false}],
      fails: {stop: {every: 70 min, clock: working, repair: 30 min}}, to: out}
sinks: [out]
)", 5 * hour);
  CHECK(r.left("out") == Times{140});
}

TEST_CASE("a failure after so many jobs comes between jobs, not while the last lot is held up") {
  Run r(R"(
sources: {s: {at: [0 min, 0 min], to: m}}
stations:
  m: {duration: 5 min, fails: {jam: {after_jobs: 1, repair: 10 min}, wear: {every: 8 min, repair: 1 min}}, to: press}
  press: {duration: 30 min, buffer: 0, to: out}
initial: [{station: press, remaining: 20 min}]
sinks: [out]
)", 33 * minute);
  // held up from 5 to 20, under repair of wear 8-9 and 17-18; jam 20-30, then wear, which was due at 26
  CHECK(r.starts("m") == Times{0, 31});
  CHECK(r.time_in("m", ServerState::down) == doctest::Approx(13));
}

TEST_CASE("outages at given times come then, and no more") {
  Run known = machine("fails: {stop: {at: [25 min, 5 min, 5 min], repair: 3 min}}", 100);
  CHECK(known.left("out") == Times{13, 23, 36});  // 5-8, 25-28
  CHECK(known.account("a").failures == 2);
  Run begin = machine("fails: {stop: {at: 0 min, repair: 3 min}}", 100);
  CHECK(begin.left("out") == Times{13, 23, 33});
  Run during = machine("fails: {stop: {at: [5 min, 6 min], repair: 3 min}}", 100);
  CHECK(during.left("out") == Times{16, 26, 36});  // what comes due during a repair comes at its end: 5-8, 8-11
  Run planned = machine("maintenance: {oil: {at: 5 min, duration: 3 min}}", 100);
  CHECK(planned.left("out") == Times{10, 23, 33});  // between jobs: 10-13
  Run every = machine("fails: {stop: {every: 5 min, repair: 3 min}}", 100);  // control
  CHECK(every.account("a").failures > 2);
}

}  // namespace retwin::failures_test
