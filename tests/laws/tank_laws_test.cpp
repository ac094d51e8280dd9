// Tanks: what builds up in a loop is a geometric series; masses, elements and snapshots know what a tank holds.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "core/base/problem.hpp"
#include "core/flow/plant/structure.hpp"
#include "core/flow/state/snapshot.hpp"
#include "core/kpi/kpi.hpp"
#include "tests/laws/plants.hpp"

namespace retwin::tank_laws_test {
using namespace plants;

namespace {

constexpr double pack_kg = 400, water_per_pack = 0.6, salt_per_pack = 0.05, reused = 0.9;

/// Each lap doses the same water and the same salt; all water has come back before the next.
std::string loop(double rejection, double bleed, const std::string& more = "") {
  return fmt::format(R"(
sources: {{packs: {{lot: pack, model: {{LFP_car: 1}}, mass: 400 kg, every: 1 h, to: bath}}}}
stations:
  bath: {{unit: salt_bath, soak: 10 min, bleed: true, salt: {}, water: {}, to: {{out: out, brine: treat}}}}
  treat: {{unit: wastewater, reuse: {}, solute_rejection: {}, duration: 10 min, to: {{reuse: water, discharge: sewer}}}}
tanks: {{water: {{flow: tap_water, component: H2O, bleed: {}, to: sewer{}}}}}
sinks: {{out: product, sewer: emission}}
)",
                     salt_per_pack, water_per_pack, reused, rejection, bleed, more);
}

double relative(double a, double b) { return a == b ? 0 : std::abs(a - b) / std::max(std::abs(a), std::abs(b)); }

/// Worst difference between the salt in the tank after each lap and the partial sums of the series with this ratio; and of its water.
std::pair<double, double> worst_of_series(const Scenario& scenario, double ratio, double kept, unsigned laps) {
  const Plant& plant = *scenario.plant;
  Simulation s = start(scenario);
  const auto salt = static_cast<std::size_t>(plant.substances.component("NaCl")), water = static_cast<std::size_t>(plant.substances.component("H2O"));
  double sum = 0, in_salt = 0, in_water = 0;
  for (unsigned lap = 1; lap <= laps; ++lap) {
    s.advance(lap * hour + 40 * minute);
    const Accounts& a = s.state().accounts;
    REQUIRE(a.sinks[plant.find_sink("out")].lots == lap);
    sum = 1 + ratio * sum;  // salt in the brine of this lap, in doses
    in_salt = std::max(in_salt, relative(s.state().tank_kg[salt], ratio * sum * pack_kg * salt_per_pack));
    in_water = std::max(in_water, relative(s.state().tank_kg[water], kept * pack_kg * water_per_pack));
    CHECK(relative(a.tanks[0].drawn_kg, (lap - 1) * kept * pack_kg * water_per_pack) < 1e-9);
    CHECK(relative(a.tanks[0].fresh_kg, pack_kg * water_per_pack * (lap - (lap - 1) * kept)) < 1e-9);
    CHECK(relative(a.metered[plant.find_station("bath") * plant.flows.size() + plant.tanks[0].flow], a.tanks[0].fresh_kg) < 1e-9);
  }
  return {in_salt, in_water};
}

double worst_balance(const Plant& plant, const State& begin, const State& end) {
  Window window(plant, read(plant, begin));
  window.extend(plant, read(plant, end));
  return window.mass_balance_error();
}

}  // namespace

TEST_CASE("what is not kept out of a loop builds up as a geometric series, and a bleed lowers its ratio") {
  for (const double rejection : {0.0, 0.4, 0.95, 1.0})
    for (const double bleed : {0.0, 0.02, 0.5}) {
      CAPTURE(rejection);
      CAPTURE(bleed);
      const double kept = reused * (1 - bleed), ratio = kept * (1 - rejection);
      const auto [salt, water] = worst_of_series(compile(loop(rejection, bleed)), ratio, kept, 60);
      CHECK(salt < 1e-9);
      CHECK(water < 1e-9);
    }
  const auto [salt, water] = worst_of_series(compile(loop(0.4, 0.02)), reused * 0.6, reused * 0.98, 60);
  CHECK(salt > 1e-3);  // control: the series without the bleed is another
}

TEST_CASE("what finds no room is let out with what is dissolved in it") {
  const Scenario scenario = compile(loop(0.4, 0, ", capacity: 100 kg"));
  const Plant& plant = *scenario.plant;
  Simulation s = start(scenario);
  const auto salt = static_cast<std::size_t>(plant.substances.component("NaCl")), water = static_cast<std::size_t>(plant.substances.component("H2O"));
  double held = 0, out = 0;
  for (unsigned lap = 1; lap <= 20; ++lap) {
    s.advance(lap * hour + 40 * minute);
    const State& is = s.state();
    const double returned = reused * pack_kg * water_per_pack, with = reused * 0.6 * (pack_kg * salt_per_pack + held), all = returned + with;
    REQUIRE(all > 100);
    held = with * 100 / all;
    out += all - 100;
    CHECK(relative(is.tank_kg[salt], held) < 1e-9);
    CHECK(relative(is.tank_kg[water], returned * 100 / all) < 1e-9);
    CHECK(relative(is.accounts.tanks[0].bled_kg, out) < 1e-9);
    CHECK(is.accounts.sinks[plant.find_sink("sewer")].lots == 2 * lap);
  }
}

TEST_CASE("what a tank holds is in the balance, but is no work in process") {
  const Scenario scenario = compile(loop(0.4, 0.02));
  const Plant& plant = *scenario.plant;
  Simulation s = start(scenario);
  s.advance(30 * day);
  const State begin = s.state();
  s.advance(395 * day + 40 * minute);
  CHECK(worst_balance(plant, begin, s.state()) < 1e-12);
  CHECK(s.state().live_lots == 0);
  CHECK(s.state().tanks[0].kg > 0);
  State forgets = s.state();  // control: it forgets what is dissolved
  const auto salt = static_cast<std::size_t>(plant.substances.component("NaCl"));
  REQUIRE(forgets.tank_kg[salt] > 0);
  forgets.tank_kg[salt] = 0;
  CHECK(worst_balance(plant, begin, forgets) > 1e-9);
}

TEST_CASE("figures of a tank are over time, elements while it holds any") {
  const Scenario scenario = compile(loop(0.4, 0));
  const Plant& plant = *scenario.plant;
  Simulation s = start(scenario);
  s.advance(100 * day);
  Window window(plant, read(plant, s.state()));
  s.advance(101 * day);
  window.extend(plant, read(plant, s.state()));
  const std::vector<Kpi> kpis = compute_kpis({window, scenario.reporting, 365 * day}, {});
  const auto figure = [&](const std::string& path) {
    for (const Kpi& kpi : kpis)
      if (kpi.path == path) return kpi.value;
    return std::nan("");
  };
  const double ratio = reused * 0.6, steady = salt_per_pack * ratio / (1 - ratio), water = water_per_pack * reused, sodium = 22.98977 / (22.98977 + 35.453);
  // filled at 20 minutes past the hour, drawn at 10 minutes past it
  const double pack_t = pack_kg / 1000;
  CHECK(figure("tanks.water.mass.mean") == doctest::Approx(pack_t * (water + steady) * 50 / 60).epsilon(1e-9));
  CHECK(figure("tanks.water.mass.max") == doctest::Approx(pack_t * (water + steady)).epsilon(0.005));
  CHECK(figure("tanks.water.Na.mean") == doctest::Approx(1e6 * sodium * steady / (water + steady)).epsilon(1e-4));
  CHECK(figure("tanks.water.Na.max") == doctest::Approx(1e6 * sodium * steady / (water + steady)).epsilon(0.005));
  CHECK(figure("tanks.water.Na.dosed") == doctest::Approx(1e6 * sodium * steady / water_per_pack).epsilon(1e-4));
  CHECK(figure("tanks.water.Na.dosed") / figure("tanks.water.Cl.dosed") == doctest::Approx(22.98977 / 35.453).epsilon(1e-3));
  CHECK(figure("tanks.water.F.max") == 0);
  CHECK(std::isnan(figure("tanks.water.O.mean")));  // of the component itself
  CHECK(figure("tanks.water.drawn") == doctest::Approx(pack_t * water * 24 * 365));
  CHECK(figure("tanks.water.fresh") == doctest::Approx(pack_t * (water_per_pack - water) * 24 * 365));
  CHECK(figure("tanks.water.bled") == 0);
}

TEST_CASE("a state with a tank goes on from the disk, and into a plant with another bleed, but not into one without the tank") {
  const Scenario scenario = compile(loop(0.4, 0.02)), other = compile(loop(0.4, 0.5));
  std::string without = loop(0.4, 0.02);
  without.replace(without.find("tanks:"), without.find("sinks:") - without.find("tanks:"), "");
  without.replace(without.find("reuse: water"), 12, "reuse: sewer");
  const Scenario none_there = compile(without);
  Simulation whole = start(scenario);
  whole.advance(9 * day);
  std::mt19937 random(5);
  for (int k = 0; k < 12; ++k) {
    Simulation before = start(scenario);
    before.advance(9 * day * std::uniform_real_distribution<double>(0, 1)(random));
    const std::string bytes = save_state(before.state(), *scenario.plant);
    Simulation again(scenario.plant, load_state(bytes, *scenario.plant, "x.state"));
    CHECK(save_state(again.state(), *scenario.plant) == bytes);
    again.advance(9 * day);
    CHECK(state_digest(again.state(), *scenario.plant) == state_digest(whole.state(), *scenario.plant));
    State changed = load_state(bytes, *scenario.plant, "x.state");  // control: the tank is part of the state
    if (changed.tank_kg[static_cast<std::size_t>(scenario.plant->substances.component("NaCl"))] == 0) continue;
    changed.tank_kg[static_cast<std::size_t>(scenario.plant->substances.component("NaCl"))] *= 1.01;
    CHECK(state_digest(changed, *scenario.plant) != state_digest(before.state(), *scenario.plant));
  }
  Simulation s = start(scenario);
  s.advance(5 * day + 30 * minute);
  const State moved = rebase(s.state(), structure_of(*scenario.plant), *other.plant);
  CHECK(moved.tank_kg == s.state().tank_kg);
  CHECK(moved.accounts.tanks[0].drawn_kg == s.state().accounts.tanks[0].drawn_kg);
  CHECK_THROWS_AS(rebase(s.state(), structure_of(*scenario.plant), *none_there.plant), InputError);
  Simulation back = start(none_there);
  back.advance(5 * day);
  CHECK(rebase(back.state(), structure_of(*none_there.plant), *scenario.plant).tanks[0].kg == 0);
}

TEST_CASE("a damaged tank is refused") {
  const Scenario scenario = compile(loop(0.4, 0.02));
  Simulation s = start(scenario);
  s.advance(5 * day + 30 * minute);
  const auto refused = [&](auto damage) {
    State state = s.state();
    damage(state);
    try {
      load_state(save_state(state, *scenario.plant), *scenario.plant, "x.state");
    } catch (const InputError&) {
      return true;
    }
    return false;
  };
  CHECK(!refused([](State&) {}));
  CHECK(refused([](State& x) { x.tank_kg[0] = -1; }));
  CHECK(refused([](State& x) { x.tanks[0].kg *= 2; }));
  CHECK(refused([](State& x) { x.tanks[0].since_s = 1e9; }));
  CHECK(refused([](State& x) { x.tanks.clear(); }));
  CHECK(refused([](State& x) { x.accounts.tanks[0].drawn_kg = std::nan(""); }));
}

}  // namespace retwin::tank_laws_test
