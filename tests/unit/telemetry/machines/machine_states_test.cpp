// Machines learned from state logs: simulated truth, coverage of the intervals, and what must not be found.
#include "core/telemetry/machines/states.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "core/base/files.hpp"
#include "core/base/random.hpp"

namespace retwin::machine_states_test {

namespace {

/// A state log written down record by record, one after the other.
struct Writer {
  StateLog log;
  double now_s = 0;
  Writer() { log.source = "simulated", log.has_energy = true; }
  void add(const std::string& state, double duration_s, double power_W = std::nan(""), const std::string& machine = "mill") {
    log.records.push_back({log.machines.number(machine), log.states.number(state),
                           static_cast<std::uint32_t>(log.records.size() + 2), now_s, now_s + duration_s, power_W * duration_s});
    now_s += duration_s;
  }
};

/// Work until it fails, repair, work ... up to the horizon, where the log ends in mid-life.
StateLog failing(const Distribution& life, const Distribution& repair, double horizon_s, std::uint64_t replication,
                 const Distribution* jam = nullptr, double jam_share = 0) {
  const Draws lives{replication_key(11, replication), stream_id("life"), 0}, repairs{lives.key, stream_id("repair"), 0},
      kinds{lives.key, stream_id("kind"), 0};
  Writer w;
  for (std::uint64_t i = 0; w.now_s < horizon_s; ++i) {
    w.add("Running", std::min(horizon_s - w.now_s, life.sample(lives.uniform(i))));
    const bool jams = jam && kinds.uniform(i) < jam_share;
    if (w.now_s < horizon_s) w.add("Down", std::min(horizon_s - w.now_s, (jams ? *jam : repair).sample(repairs.uniform(i))));
  }
  return std::move(w.log);
}

const FailureFigures* of(const MachineFigures& m, StateClass kind) {
  const auto found = std::find_if(m.failures.begin(), m.failures.end(), [&](const FailureFigures& f) { return f.kind == kind; });
  return found == m.failures.end() ? nullptr : &*found;
}

constexpr double hour = 3600;

}  // namespace

TEST_CASE("words for states in several languages; the first row that is met decides") {
  const std::pair<const char*, StateClass> known[] = {{"Working", StateClass::working},
                                                      {"in production", StateClass::working},
                                                      {"RUNNING", StateClass::working},
                                                      {"Bearbeitung", StateClass::working},
                                                      {"Cutting", StateClass::working},
                                                      {"运行", StateClass::working},
                                                      {"Idle", StateClass::idle},
                                                      {"waiting for material", StateClass::idle},
                                                      {"Starved", StateClass::idle},
                                                      {"LEERLAUF", StateClass::idle},
                                                      {"Setup", StateClass::setup},
                                                      {"RÜSTEN", StateClass::setup},
                                                      {"change-over", StateClass::setup},
                                                      {"MachineDown", StateClass::breakdown},
                                                      {"Störung", StateClass::breakdown},
                                                      {"STÖRUNG", StateClass::breakdown},
                                                      {"Stoerung", StateClass::breakdown},
                                                      {"Fault 17", StateClass::breakdown},
                                                      {"en panne", StateClass::breakdown},
                                                      {"défaut", StateClass::breakdown},
                                                      {"unplanned stop", StateClass::breakdown},
                                                      {"avería", StateClass::breakdown},
                                                      {"故障", StateClass::breakdown},
                                                      {"paper jam", StateClass::jam},
                                                      {"MinorStop", StateClass::jam},
                                                      {"planned downtime", StateClass::planned},
                                                      {"Wartung", StateClass::planned},
                                                      {"off_shift", StateClass::planned},
                                                      {"Stopped", StateClass::unknown},
                                                      {"not running", StateClass::unknown},
                                                      {"state 7", StateClass::unknown},
                                                      {"storage", StateClass::unknown},
                                                      {"", StateClass::unknown}};
  for (const auto& [name, meaning] : known) {
    CAPTURE(name);
    CHECK(state_class_names[static_cast<std::size_t>(class_of_state(name))] ==
          std::string(state_class_names[static_cast<std::size_t>(meaning)]));
  }
}

TEST_CASE("a name that the caller tells decides; one that no record has is refused with all others") {
  Writer w;
  w.add("Running", 100);
  w.add("Stopped", 10);
  w.add("Running", 100);
  CHECK(learn_machines(w.log).machines[0].failures.empty());
  MachineOptions told;
  told.given = {{"stopped", StateClass::breakdown}};
  CHECK(learn_machines(w.log, {}, {}, told).machines[0].failures.size() == 1);
  told.given = {{"Stoped", StateClass::breakdown}, {"Jammed", StateClass::jam}};
  try {
    learn_machines(w.log, {}, {}, told);
    FAIL("not refused");
  } catch (const InputError& error) {
    REQUIRE(error.problems().size() == 2);
    CHECK(error.problems()[0].code == Code::unknown_name);
    CHECK(error.problems()[0].hint.find("Stopped") != std::string::npos);
  }
}

TEST_CASE("fragments are one stay; gaps and overlaps are counted; time is not counted twice") {
  Writer w;
  w.add("Running", 100, 10);
  w.add("Running", 50, 10);  // touches: the same stay
  w.now_s += 30;             // a gap
  w.add("Running", 20, 10);
  w.now_s -= 5;  // an overlap
  w.add("Idle", 25, 2);
  w.now_s -= 15;
  w.add("Setup", 10, 2);  // within the one before
  const MachineStates learned = learn_machines(w.log);
  const MachineFigures& m = learned.machines[0];
  REQUIRE(m.timeline.stays.size() == 3);
  CHECK(m.timeline.stays[0].duration_s() == 150);
  CHECK(m.timeline.stays[0].energy_J == 1500);
  CHECK(m.timeline.records == 5);
  CHECK(m.timeline.gaps == 1);
  CHECK(m.timeline.gap_s == 30);
  CHECK(m.timeline.overlaps == 2);
  CHECK(m.timeline.overlap_s == 15);
  double share = 0, total_s = 0;
  for (const StateFigures& f : m.states) share += f.share, total_s += f.total_s;
  CHECK(share == doctest::Approx(1));
  CHECK(total_s == doctest::Approx(190));
  CHECK(m.of_class(StateClass::idle)->total_s == doctest::Approx(20));
  CHECK(m.of_class(StateClass::idle)->power_W.estimate == doctest::Approx(2));
}

TEST_CASE("lives: working time, cut by the end of the log; repairs across a planned stop are one") {
  Writer w;
  w.add("Running", 1000);  // the rest of a life that began unseen
  for (const double life : {300.0, 400.0, 500.0}) {
    w.add("Down", 10);
    w.add("Off shift", 1000);
    w.add("Down", 20);
    w.add("Running", life / 2);
    w.add("Idle", 77);
    w.add("Running", life / 2);
  }
  const MachineStates learned = learn_machines(w.log);
  const FailureFigures* f = of(learned.machines[0], StateClass::breakdown);
  REQUIRE(f);
  CHECK(f->count == 3);
  CHECK(f->repair.lives.values == std::vector<double>{30, 30, 30});
  CHECK(f->working.lives.values == std::vector<double>{300, 400, 500});
  CHECK(f->working.lives.censored == std::vector<bool>{false, false, true});
  CHECK(f->calendar.lives.values == std::vector<double>{377, 477, 577});
  // without gaps between: two failures are two
  Writer gap;
  gap.add("Running", 10), gap.add("Down", 5);
  gap.now_s += 100;
  gap.add("Down", 5), gap.add("Running", 10);
  CHECK(of(learn_machines(gap.log).machines[0], StateClass::breakdown)->count == 2);
}

TEST_CASE("MTBF and MTTR: family and mean of the truth, and intervals that cover it as often as they say") {
  struct Law {
    std::string family;
    Distribution life, repair;
  };
  const Law laws[] = {{"exponential", Distribution::exponential(10 * hour), Distribution::exponential(hour)},
                      {"weibull", Distribution::weibull(2.5, 12 * hour), Distribution::lognormal(hour, hour)},
                      {"lognormal", Distribution::lognormal(10 * hour, 8 * hour), Distribution::lognormal(hour, 0.5 * hour)}};
  for (const Law& law : laws) {
    CAPTURE(law.family);
    const MachineStates big = learn_machines(failing(law.life, law.repair, 20000 * hour, 1000));
    const FailureFigures* all = of(big.machines[0], StateClass::breakdown);
    REQUIRE(all);
    CHECK(big.machines[0].failures.size() == 1);
    CHECK(all->working.fit.family == law.family);
    CHECK(all->working.mean_s.estimate == doctest::Approx(law.life.mean()).epsilon(0.06));
    CHECK(all->repair.mean_s.estimate == doctest::Approx(law.repair.mean()).epsilon(0.06));
    int life = 0, repair = 0;
    constexpr int repetitions = 200;
    for (int r = 0; r < repetitions; ++r) {
      const MachineStates learned = learn_machines(failing(law.life, law.repair, 500 * hour, static_cast<std::uint64_t>(r)));
      const FailureFigures* f = of(learned.machines[0], StateClass::breakdown);
      REQUIRE(f);
      life += f->working.mean_s.contains(law.life.mean());
      repair += f->repair.mean_s.contains(law.repair.mean());
    }
    MESSAGE(law.family << ": covered " << life << " and " << repair << " of " << repetitions);
    CHECK(life >= 0.90 * repetitions);
    CHECK(repair >= 0.90 * repetitions);
  }
}

TEST_CASE("negative control: lives taken for whole that the log has cut miss the truth") {
  // machines watched for half a life each: most lives are cut
  Lives lives, blind;
  const Distribution life = Distribution::exponential(10 * hour);
  for (std::uint64_t r = 0; r < 200; ++r) {
    Writer w;
    const double lasts_s = life.sample(Draws{replication_key(5, r), stream_id("life"), 0}.uniform(0));
    w.add("Running", std::min(lasts_s, 5 * hour));
    if (lasts_s < 5 * hour) w.add("Down", 60), w.add("Idle", 60);
    const MachineFigures m = learn_machines(w.log).machines[0];
    const FailureFigures* f = of(m, StateClass::breakdown);
    const double x = f ? f->working.lives.values.at(0) : m.of_class(StateClass::working)->total_s;
    lives.values.push_back(x), lives.censored.push_back(!f);
    blind.values.push_back(x);
  }
  CHECK(mean_interval(lives, "exponential").contains(life.mean()));
  CHECK_FALSE(mean_interval(blind, "exponential").contains(life.mean()));
}

TEST_CASE("jams and breakdowns under one name are told apart by their durations") {
  const Distribution jam = Distribution::lognormal(4 * 60, 2 * 60), repair = Distribution::lognormal(3 * hour, 1.5 * hour);
  const Distribution life = Distribution::exponential(2 * hour);
  const MachineStates learned = learn_machines(failing(life, repair, 2000 * hour, 3, &jam, 0.85));
  const MachineFigures& m = learned.machines[0];
  CHECK(m.apart.separated);
  CHECK(m.apart.threshold_s > 8 * 60);
  CHECK(m.apart.threshold_s < 1.5 * hour);
  const FailureFigures *jams = of(m, StateClass::jam), *breakdowns = of(m, StateClass::breakdown);
  REQUIRE((jams && breakdowns));
  CHECK(jams->repair.mean_s.contains(jam.mean()));
  CHECK(breakdowns->repair.mean_s.contains(repair.mean()));
  CHECK(jams->working.mean_s.contains(life.mean() / 0.85));
  CHECK(breakdowns->working.mean_s.contains(life.mean() / 0.15));
}

TEST_CASE("negative control: repairs of one kind are not split, however long their tail; names decide where they differ") {
  int split = 0;
  for (const Distribution& repair : {Distribution::exponential(hour), Distribution::lognormal(hour, 2 * hour),
                                     Distribution::weibull(0.7, hour), Distribution::gamma(hour, 0.5 * hour)})
    for (std::uint64_t r = 0; r < 5; ++r) {
      const MachineStates learned = learn_machines(failing(Distribution::exponential(5 * hour), repair, 2000 * hour, r));
      split += learned.machines[0].apart.separated ? 1 : 0;
    }
  CHECK(split == 0);
  Writer w;
  for (int i = 0; i < 10; ++i) w.add("Running", 100), w.add("Jam", 5), w.add("Running", 100), w.add("Breakdown", 50);
  const MachineStates named = learn_machines(w.log);
  REQUIRE(named.machines[0].failures.size() == 2);
  CHECK(named.machines[0].failures[0].count == 10);
  CHECK(named.machines[0].failures[0].working.lives.values[1] == 200);  // the clock of jams does not start again at a breakdown
}

TEST_CASE("the sample of a manufacturing execution system is read and told") {
  const std::string path = RETWIN_SOURCE_DIR "/../shared/logs/mes_sample/workingtest.csv";
  if (!std::filesystem::exists(path)) {
    MESSAGE("skipped: no " << path);
    return;
  }
  StateMapping mapping;
  mapping.energy_unit = "kJ";
  const MachineStates learned = learn_machines(read_state_log(path, mapping));
  REQUIRE(learned.machines.size() == 7);
  const auto& washing = *std::find_if(learned.machines.begin(), learned.machines.end(), [&](const MachineFigures& m) {
    return learned.log.machines[m.machine] == "Washing machine";
  });
  CHECK(washing.of_class(StateClass::working)->power_W.estimate == doctest::Approx(493360.0 / 14));
  CHECK(washing.of_class(StateClass::idle)->power_W.estimate == doctest::Approx(4816610.0 / 1125));
  CHECK(washing.of_class(StateClass::unknown)->total_s == 269);
  CHECK(washing.failures.empty());
}

TEST_CASE("every parameter stands in the table with its interval") {
  const MachineStates learned =
      learn_machines(failing(Distribution::exponential(10 * hour), Distribution::exponential(hour), 500 * hour, 1));
  const std::string path = "machines_test.yaml", table = "machines_test_parameters.csv";
  write_machines(learned, path, "plant.yaml");
  Problems problems;
  const std::string text = read_file(path, 1 << 20, problems).value_or(""),
                    rows = read_file(table, 1 << 20, problems).value_or("");
  std::filesystem::remove(path), std::filesystem::remove(table);
  CHECK_FALSE(problems.any_errors());
  CHECK(text.find("extends: plant.yaml") != std::string::npos);
  CHECK(text.find("clock: working") != std::string::npos);
  CHECK(rows.find("stations.mill.fails.breakdown.every.mean") != std::string::npos);
  CHECK(rows.find("stations.mill.fails.breakdown.repair.mean") != std::string::npos);
  Writer silent;
  silent.add("Stopped", 100);
  CHECK_THROWS_AS(write_machines(learn_machines(silent.log), path), InputError);
}

}  // namespace retwin::machine_states_test
