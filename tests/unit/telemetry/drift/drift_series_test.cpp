// Changes of yields, ways, energies, failures and repairs are found in logs, with their size; steady logs have none.
#include "core/telemetry/drift/series.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <string>

#include "core/base/problem.hpp"
#include "core/base/random.hpp"
#include "core/telemetry/machines/states.hpp"

namespace retwin::drift_series_test {

namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t half = 400, all = 800;

Draws draws(std::uint64_t replication, const char* name) { return {replication_key(37, replication), stream_id(name), 0}; }

/// Lots that go from A to B or to C, a tenth of them rejected at A; from the middle on `c_later` to C and `bad_later` rejected, and
/// A takes `energy_later` times as much energy. The last ones are cut: they have not gone on yet.
EventLog log_of(std::uint64_t r, double c_later = 0.3, double bad_later = 0.1, double energy_later = 1) {
  const Draws d = draws(r, "log");
  EventLog log;
  log.columns = {{"Rejected", false, {}, {}}, {"energy [kJ]", true, {}, {}}, {"mass_kg", true, {}, {}}};
  for (std::size_t i = 0; i < all; ++i) {
    const bool later = i >= half, to_c = d.uniform(4 * i) < (later ? c_later : 0.3);
    const std::uint32_t lot = log.lots.number(std::to_string(i));
    const double start_s = 60.0 * static_cast<double>(i), kg = 1 + d.uniform(4 * i + 1);
    const auto add = [&](const char* activity, double from_s, const char* word, double energy, double mass) {
      LogEvent event;
      event.lot = lot, event.activity = log.activities.number(activity), event.start_s = from_s, event.end_s = from_s + 30;
      log.events.push_back(event);
      log.columns[0].values.push_back(*word ? log.columns[0].categories.number(word) : none);
      log.columns[1].values.push_back(energy);
      log.columns[2].values.push_back(mass);
    };
    const double noise = 0.8 + 0.4 * d.uniform(4 * i + 2);
    add("A", start_s, d.uniform(4 * i + 3) < (later ? bad_later : 0.1) ? "NOK" : "ok",
        3600 * kg * noise * (later ? energy_later : 1), kg);
    if (i + 5 < all) add(to_c ? "C" : "B", start_s + 240, "", none, none);
  }
  return log;
}

std::vector<Drift> found(const EventLog& log) {
  std::vector<std::string> notes;
  std::vector<DriftSeries> series = route_series(log);
  for (const auto& more : {yield_series(log, {}, notes), energy_series(log, {}, notes)})
    series.insert(series.end(), more.begin(), more.end());
  return find_drifts(series);
}

double off(const Drift& drift) { return std::abs(drift.time_s / 60 - static_cast<double>(half)); }

/// States of a machine: work for times of this mean, then a repair of that mean; both as functions of the time [s].
StateLog states(std::uint64_t r, std::size_t failures, const std::function<double(double)>& work_s,
                const std::function<double(double)>& repair_s) {
  const Draws d = draws(r, "states");
  StateLog log;
  const std::uint32_t machine = log.machines.number("press"), working = log.states.number("Working"),
                      down = log.states.number("Down");
  double now_s = 0;
  for (std::size_t i = 0; i < failures; ++i) {
    const double work = work_s(now_s) * -std::log1p(-d.uniform(2 * i));
    log.records.push_back({machine, working, 0, now_s, now_s + work, none});
    now_s += work;
    const double repair = repair_s(now_s) * (0.5 + d.uniform(2 * i + 1));
    log.records.push_back({machine, down, 0, now_s, now_s + repair, none});
    now_s += repair;
  }
  log.records.push_back({machine, working, 0, now_s, now_s + 600, none});
  return log;
}

}  // namespace

TEST_CASE("rejects, ways and energies that change are found at their place and in their size") {
  for (std::uint64_t r = 0; r < 5; ++r) {
    const auto drifts = found(log_of(r, 0.7, 0.3, 1.25));
    REQUIRE(drifts.size() == 3);
    for (const Drift& drift : drifts) {
      CAPTURE(drift.subject);
      CAPTURE(drift.unit);
      CHECK(off(drift) < 40);
      if (drift.kind == DriftKind::energy) {
        CHECK(drift.subject == "A");
        CHECK(drift.unit == "kWh/kg");
        CHECK(drift.before == doctest::Approx(1).epsilon(0.03));
        CHECK(drift.change.estimate == doctest::Approx(1.25).epsilon(0.03));
      } else if (drift.subject == "A") {
        CHECK(drift.unit == "share of rejects");
        CHECK(drift.before == doctest::Approx(0.1).epsilon(0.5));
        CHECK(drift.after == doctest::Approx(0.3).epsilon(0.3));
      } else {
        CHECK(drift.subject.starts_with("A to "));
        CHECK(drift.kind == DriftKind::yield);
        CHECK(std::abs(drift.after - drift.before) == doctest::Approx(0.4).epsilon(0.3));
      }
      CHECK(drift.n_before + drift.n_after > 700);
    }
  }
}

TEST_CASE("steady logs have no change of yield or energy") {
  std::size_t wrong = 0;
  for (std::uint64_t r = 0; r < 40; ++r) wrong += found(log_of(r)).empty() ? 0 : 1;
  MESSAGE("false alarms at a level of 1 %: ", wrong, " of 40");
  CHECK(wrong <= 3);  // more with a chance of 0.07 %
}

TEST_CASE("where lots went at the end of a log is not known, where they left is") {
  EventLog log = log_of(1);
  for (const DriftSeries& series : route_series(log)) CHECK(series.subject.find("nowhere") == std::string::npos);
  // control: from the middle on every second lot really leaves after A
  std::vector<bool> keep(log.events.size(), true);
  EventLog leaves = log;
  leaves.events.clear();
  for (const LogEvent& event : log.events) {
    const bool after = log.activities[event.activity] != "A", later = event.lot >= half;
    if (!after || !later || event.lot % 2 == 0) leaves.events.push_back(event);
  }
  bool nowhere = false;
  for (const Drift& drift : find_drifts(route_series(leaves)))
    nowhere = nowhere || (drift.subject == "A to nowhere" && drift.before == 0 && std::abs(drift.after - 0.5) < 0.05);
  CHECK(nowhere);
}

TEST_CASE("yields of amounts, of words, and of what says nothing") {
  EventLog log = log_of(2);
  std::vector<std::string> notes;
  DriftColumns nothing;
  nothing.rejected = nothing.energy = "-";
  CHECK(yield_series(log, nothing, notes).empty());
  CHECK(energy_series(log, nothing, notes).empty());
  CHECK(notes.size() == 2);
  log.columns = {{"Qty Completed", true, {}, std::vector<double>(log.events.size(), 6)},
                 {"Qty Rejected", true, {}, std::vector<double>(log.events.size(), 2)}};
  const auto yields = yield_series(log, {}, notes);
  REQUIRE(yields.size() == 3);
  CHECK(yields[0].value[0] == 0.25);
  log.columns = {{"good", true, {}, std::vector<double>(log.events.size(), 6)},
                 {"Qty", true, {}, std::vector<double>(log.events.size(), 8)}};
  CHECK(yield_series(log, {}, notes)[0].value[0] == 0.75);
  DriftColumns wrong;
  wrong.rejected = "goood";
  CHECK_THROWS_AS(yield_series(log, wrong, notes), InputError);
  EventLog volts = log_of(2);
  volts.columns[1].name = "energy [V]";
  CHECK_THROWS_AS(energy_series(volts, {}, notes), InputError);
}

TEST_CASE("failures that come more often, and repairs that take longer") {
  constexpr double later_s = 200 * 3600;
  const auto drifts = learn_machines(states(
                                         3, 300, [](double t) { return t < later_s ? 7200 : 2400; },
                                         [](double t) { return t < later_s ? 600 : 900; }))
                          .drifts;
  REQUIRE(drifts.size() == 2);
  for (const Drift& drift : drifts) {
    CAPTURE(drift.subject);
    CHECK(std::abs(drift.time_s - later_s) < 0.1 * later_s);
    CHECK(drift.subject == "press / breakdown");
    if (drift.kind == DriftKind::failure_rate) {
      CHECK(drift.unit == "per h at work");
      CHECK(drift.before == doctest::Approx(0.5).epsilon(0.25));
      CHECK(drift.change.contains(3));
    } else {
      CHECK(drift.kind == DriftKind::repair);
      CHECK(drift.change.contains(1.5));
    }
  }
  std::size_t wrong = 0;
  for (std::uint64_t r = 0; r < 40; ++r)
    wrong += learn_machines(states(
                                r, 60, [](double) { return 7200; }, [](double) { return 600; }))
                     .drifts.empty()
                 ? 0
                 : 1;
  MESSAGE("false alarms of steady machines at a level of 1 %: ", wrong, " of 40");
  CHECK(wrong <= 3);
}

TEST_CASE("a meter that shows more than before for the same states, and for the same mass") {
  StateLog log;
  const std::uint32_t machine = log.machines.number("mill"), working = log.states.number("Working"),
                      idle = log.states.number("Idle");
  MeterSeries meter{"mill", "meter.csv", {}, "kW", dimension::power, {}, {}, {}};
  MeterSeries mass{"mill", "mass.csv", {}, "kg", dimension::mass, {}, {}, {}};
  const Draws d = draws(1, "meter");
  for (std::size_t i = 0; i < 400; ++i) {
    const double from_s = 900.0 * static_cast<double>(i), work_s = 300 + 500 * d.uniform(2 * i);
    log.records.push_back({machine, working, 0, from_s, from_s + work_s, none});
    log.records.push_back({machine, idle, 0, from_s + work_s, from_s + 900, none});
    meter.time_s.push_back(from_s + 900);
    meter.value.push_back((50e3 * work_s * (i < 250 ? 1 : 1.2) + 5e3 * (900 - work_s)) / 900 *
                          (0.98 + 0.04 * d.uniform(2 * i + 1)));
    mass.time_s.push_back(from_s + work_s / 2);
    mass.value.push_back(work_s);
  }
  for (const bool with_mass : {false, true}) {
    const auto drifts = learn_machines(log, {meter}, with_mass ? std::vector{mass} : std::vector<MeterSeries>()).drifts;
    REQUIRE(drifts.size() == 1);
    CHECK(drifts[0].kind == DriftKind::energy);
    CHECK(drifts[0].subject == "mill / meter");
    CHECK(drifts[0].unit == (with_mass ? "kWh/kg" : "of explained"));
    CHECK(drifts[0].change.estimate == doctest::Approx(1.19).epsilon(0.03));
    CHECK(std::abs(drifts[0].time_s - 250 * 900) < 5 * 900);
  }
  for (std::size_t i = 250; i < 400; ++i) meter.value[i] /= 1.19;  // control: as before, but for the idle power
  CHECK(learn_machines(log, {meter}).drifts.empty());
}

}  // namespace retwin::drift_series_test
