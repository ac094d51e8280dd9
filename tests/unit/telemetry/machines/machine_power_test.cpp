// Power of machines from the energies of records and from meters: simulated truth, coverage, meters that cannot be right.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "core/base/problem.hpp"
#include "core/base/random.hpp"
#include "core/telemetry/machines/states.hpp"

namespace retwin::machine_power_test {

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

MeterSeries series(const char* name, const Dimension& dimension, const char* unit) {
  MeterSeries s;
  s.name = name, s.source = "meter.csv", s.unit = unit, s.dimension = dimension;
  return s;
}

constexpr double hour = 3600;

}  // namespace

TEST_CASE("power by state from the energies of records: coverage") {
  int working = 0, idle = 0;
  std::size_t drifts = 0;
  constexpr int repetitions = 300;
  for (std::uint64_t r = 0; r < repetitions; ++r) {
    const Draws d{replication_key(21, r), stream_id("power"), 0};
    const Distribution noise = Distribution::normal(1, 0.2), time = Distribution::exponential(600);
    Writer w;
    for (std::uint64_t i = 0; i < 40; ++i) {
      w.add("Running", time.sample(d.uniform(4 * i)), 90e3 * noise.sample(d.uniform(4 * i + 1)));
      w.add("Idle", time.sample(d.uniform(4 * i + 2)), 12e3 * noise.sample(d.uniform(4 * i + 3)));
    }
    const MachineStates states = learn_machines(w.log);
    const MachineFigures& m = states.machines[0];
    working += m.of_class(StateClass::working)->power_W.contains(90e3);
    idle += m.of_class(StateClass::idle)->power_W.contains(12e3);
    drifts += states.drifts.empty() ? 0 : 1;
  }
  MESSAGE("covered " << working << " and " << idle << " of " << repetitions);
  CHECK(working >= 0.90 * repetitions);
  CHECK(idle >= 0.90 * repetitions);
  CHECK(drifts <= 9);  // 1 % of 300 expected
}

TEST_CASE("a machine that begins to draw more is a drift of its power") {
  const Draws d{replication_key(22, 0), stream_id("power"), 0};
  const Distribution noise = Distribution::normal(1, 0.05);
  Writer w;
  for (std::uint64_t i = 0; i < 80; ++i)
    w.add("Running", 600, 90e3 * (i < 50 ? 1 : 1.15) * noise.sample(d.uniform(i))),
        w.add("Idle", 100, 1000 * noise.sample(d.uniform(1000 + i)));
  const std::vector<Drift> drifts = learn_machines(w.log).drifts;
  REQUIRE(drifts.size() == 1);
  CHECK(drifts[0].kind == DriftKind::energy);
  CHECK(drifts[0].subject == "mill / Running");
  CHECK(drifts[0].before == doctest::Approx(90).epsilon(0.02));  // kW
  CHECK(std::abs(drifts[0].time_s - 50 * 700) <= 3 * 700);
  CHECK(drifts[0].change.contains(1.15));
}

namespace {

/// A mill with three states and 2 kWh/t, its true powers, and what its meter and scale show every quarter of an hour.
struct Metered {
  StateLog log;
  MeterSeries power = series("mill", dimension::power, "kW"), counter = series("mill", dimension::energy, "kWh"),
              mass = series("mill", dimension::mass, "kg");
};
constexpr double working_W = 90e3, idle_W = 15e3, setup_W = 30e3, per_kg_J = 7200, step_s = 900;

Metered metered(bool ahead, double horizon_s = 400 * hour, std::uint64_t replication = 0) {
  Metered m;
  const Draws d{replication_key(31, replication), stream_id("meter"), 0};
  const Distribution time = Distribution::exponential(1500), load = Distribution::uniform(0.1, 1.5);
  const std::pair<const char*, double> states[] = {{"Running", working_W}, {"Idle", idle_W}, {"Setup", setup_W}};
  struct Span {
    double from_s, to_s, power_W;
  };
  std::vector<Span> spans;
  Writer w;
  for (std::uint64_t i = 0; w.now_s < horizon_s; ++i) {
    const auto& [name, power_W] = states[i % 3];
    const double from_s = w.now_s, duration_s = std::max(60.0, time.sample(d.uniform(2 * i)));
    double drawn_W = power_W;
    if (i % 3 == 0) {
      const double rate = load.sample(d.uniform(2 * i + 1));  // kg/s
      drawn_W += per_kg_J * rate;
      m.mass.time_s.push_back(from_s + duration_s);
      m.mass.value.push_back(rate * duration_s);
    }
    w.add(name, duration_s);
    spans.push_back({from_s, w.now_s, drawn_W});
  }
  m.log = std::move(w.log);
  m.log.has_energy = false;
  const Distribution noise = Distribution::normal(0, 800 * step_s);  // of the meter [J]
  std::size_t first = 0;
  double total_J = 5e9;
  m.counter.time_s.push_back(0), m.counter.value.push_back(total_J);
  for (std::uint64_t k = 0; static_cast<double>(k + 1) * step_s <= spans.back().to_s; ++k) {
    const double from_s = static_cast<double>(k) * step_s, to_s = from_s + step_s;
    double energy_J = 0;
    while (spans[first].to_s <= from_s) ++first;
    for (std::size_t i = first; i < spans.size() && spans[i].from_s < to_s; ++i)
      energy_J += spans[i].power_W * (std::min(spans[i].to_s, to_s) - std::max(spans[i].from_s, from_s));
    energy_J = std::max(0.0, energy_J + noise.sample(d.uniform(1000000 + k)));
    m.power.time_s.push_back(ahead ? from_s : to_s), m.power.value.push_back(energy_J / step_s);
    m.counter.time_s.push_back(to_s), m.counter.value.push_back(total_J += energy_J);
  }
  return m;
}

void check_powers(const MachineStates& learned, const char* what) {
  CAPTURE(what);
  const MachineFigures& m = learned.machines[0];
  const auto near = [](const Bounds& b, double truth) {
    CAPTURE(b.estimate / truth);
    CHECK(b.estimate == doctest::Approx(truth).epsilon(0.03));
    CHECK(std::abs(b.estimate - truth) < (b.high - b.low));
  };
  near(m.of_class(StateClass::working)->power_W, working_W);
  near(m.of_class(StateClass::idle)->power_W, idle_W);
  near(m.of_class(StateClass::setup)->power_W, setup_W);
  near(m.energy_per_kg, per_kg_J);
}

}  // namespace

TEST_CASE("power by state and energy per kg from meters: readings before, readings after, a counter") {
  const Metered after = metered(false), before = metered(true);
  check_powers(learn_machines(after.log, {after.power}, {after.mass}), "readings of the time before");
  check_powers(learn_machines(before.log, {before.power}, {before.mass}), "readings of the time after");
  check_powers(learn_machines(after.log, {after.counter}, {after.mass}), "counter");
  int covered = 0;
  constexpr int repetitions = 50;
  for (int r = 0; r < repetitions; ++r) {
    const Metered once = metered(false, 100 * hour, static_cast<std::uint64_t>(r + 1));
    const MachineFigures m = learn_machines(once.log, {once.power}, {once.mass}).machines[0];
    covered += m.of_class(StateClass::working)->power_W.contains(working_W) +
               m.of_class(StateClass::idle)->power_W.contains(idle_W) + m.of_class(StateClass::setup)->power_W.contains(setup_W) +
               m.energy_per_kg.contains(per_kg_J);
  }
  MESSAGE("covered " << covered << " of " << 4 * repetitions);
  CHECK(covered >= 0.90 * 4 * repetitions);
  // without the mass the power of work is that of the average load, and no energy per kg is known
  const MachineFigures blind = learn_machines(after.log, {after.power}).machines[0];
  CHECK(std::isnan(blind.energy_per_kg.estimate));
  CHECK(blind.of_class(StateClass::working)->power_W.low > working_W);
}

TEST_CASE("two machines on one meter: what it cannot tell is not told") {
  const Draws d{replication_key(51, 0), stream_id("two"), 0};
  const Distribution time = Distribution::exponential(1500);
  Writer w;
  struct Span {
    double from_s, to_s, power_W;
  };
  std::vector<Span> spans;
  const double powers[2][2] = {{90e3, 15e3}, {40e3, 5e3}};
  for (const std::uint64_t k : {0u, 1u}) {
    w.now_s = 0;
    for (std::uint64_t i = 0; w.now_s < 200 * hour; ++i) {
      const double from_s = w.now_s;
      w.add(i % 2 == 0 ? "Running" : "Idle", std::max(60.0, time.sample(d.uniform(100000 * k + i))), std::nan(""),
            k == 0 ? "mill" : "press");
      spans.push_back({from_s, w.now_s, powers[k][i % 2]});
    }
  }
  w.log.has_energy = false;
  MeterSeries meter = series("main", dimension::energy, "kWh");
  for (double from_s = 0; from_s < 200 * hour; from_s += step_s) {
    double energy_J = 0;
    for (const Span& span : spans)
      energy_J += span.power_W * std::max(0.0, std::min(span.to_s, from_s + step_s) - std::max(span.from_s, from_s));
    meter.time_s.push_back(from_s), meter.value.push_back(energy_J);
  }
  const MachineStates learned = learn_machines(w.log, {meter});
  // each of them is always in one of its states: power moved from all states of one to all of the other fits as well
  REQUIRE(learned.machines.size() == 2);
  for (const MachineFigures& m : learned.machines) CHECK(std::isnan(m.of_class(StateClass::idle)->power_W.estimate));
  CHECK(learned.notes.back().find("only differences") != std::string::npos);
}

TEST_CASE("energy per kg from the energies of records") {
  const Draws d{replication_key(41, 0), stream_id("kg"), 0};
  const Distribution load = Distribution::uniform(0.1, 1.5), time = Distribution::uniform(300, 1500);
  Writer w;
  MeterSeries mass = series("mill", dimension::mass, "kg");
  for (std::uint64_t i = 0; i < 200; ++i) {
    const double rate = load.sample(d.uniform(2 * i)), duration_s = time.sample(d.uniform(2 * i + 1));
    w.add("Running", duration_s, working_W + per_kg_J * rate);
    mass.time_s.push_back(w.now_s), mass.value.push_back(rate * duration_s);
    w.add("Idle", 300, idle_W);
    w.add("Setup", 300, setup_W);
  }
  const MachineFigures m = learn_machines(w.log, {}, {mass}).machines[0];
  CHECK(m.energy_per_kg.estimate == doctest::Approx(per_kg_J).epsilon(1e-6));
  CHECK(m.of_class(StateClass::working)->power_W.estimate == doctest::Approx(working_W).epsilon(1e-6));
  CHECK(m.of_class(StateClass::idle)->power_W.estimate == doctest::Approx(idle_W).epsilon(1e-6));
}

TEST_CASE("meters in the wrong unit, of machines that are not there, and one that contradicts the records") {
  Metered m = metered(false);
  const auto codes = [&](const std::vector<MeterSeries>& meters, const std::vector<MeterSeries>& masses = {}) {
    std::vector<Code> result;
    try {
      learn_machines(m.log, meters, masses);
    } catch (const InputError& error) {
      for (const Problem& p : error.problems()) result.push_back(p.code);
    }
    return result;
  };
  MeterSeries steam = m.power, mill2 = m.power;
  steam.dimension = dimension::mass_rate, steam.unit = "t/h";
  mill2.name = "mill 2";
  CHECK(codes({steam}, {m.power}) == std::vector<Code>{Code::unit, Code::unit});
  CHECK(codes({m.power, mill2}) == std::vector<Code>{Code::unknown_name});
  CHECK(codes({mill2}).empty());  // a single meter is that of the plant
  m.log.has_energy = true;
  for (StateRecord& r : m.log.records) r.energy_J = 60e3 * (r.to_s - r.from_s);
  const auto says = [&](const MachineStates& s) {
    return std::any_of(s.notes.begin(), s.notes.end(),
                       [](const std::string& note) { return note.find("is its unit") != std::string::npos; });
  };
  CHECK_FALSE(says(learn_machines(m.log, {m.power})));
  for (double& v : m.power.value) v /= 1000;
  CHECK(says(learn_machines(m.log, {m.power})));
}

}  // namespace retwin::machine_power_test
