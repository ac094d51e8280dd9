// Laws of utilities: copied, saved and rebased at any moment a plant goes on as it would have; what is taken is what is metered; nothing beyond the capacity.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "core/flow/plant/structure.hpp"
#include "core/flow/state/snapshot.hpp"
#include "tests/laws/plant_texts.hpp"
#include "tests/laws/plants.hpp"

namespace retwin::utility_laws_test {
using namespace plants;

namespace {

const PlantText& sharing_plant() {
  const auto& all = plant_texts();
  return *std::find_if(all.begin(), all.end(), [](const PlantText& one) { return one.name == "utilities that jobs share"; });
}

std::string digest(const Simulation& s) { return state_digest(s.state(), s.plant()); }

/// Twenty moments of the run, and how many of them found a utility that was full.
std::vector<double> moments(double end_s) {
  std::mt19937 random(20);
  std::vector<double> out;
  for (int k = 0; k < 20; ++k) out.push_back(std::uniform_real_distribution<double>(0, end_s)(random));
  std::sort(out.begin(), out.end());
  return out;
}

bool any_full(const State& s) {
  return std::any_of(s.accounts.utilities.begin(), s.accounts.utilities.end(), [](const UtilityAccount& u) { return u.full.level() > 0; });
}

/// Of utilities of which everything is counted: how far what was taken is from what was metered and is drawn by jobs in hand, relative.
double unmetered(const Simulation& s) {
  const State& state = s.state();
  const Plant& plant = s.plant();
  double worst = 0;
  for (Index u = 0; u < plant.utilities.size(); ++u) {
    const bool counted = std::all_of(plant.stations.begin(), plant.stations.end(), [&](const Station& station) {
      return std::all_of(station.phases.begin(), station.phases.end(), [&](const WorkPhase& phase) {
        return std::all_of(phase.draws.begin(), phase.draws.end(), [&](const Draw& draw) { return draw.utility != u || draw.counted; });
      });
    });
    if (!counted) continue;
    const double taken = state.accounts.utilities[u].taken.value(state.now) - state.accounts.utilities[u].fed.value(state.now);  // what jobs give is metered as less
    double found = 0;
    for (Index station = 0; station < plant.n_stations(); ++station) found += state.accounts.metered[station * plant.flows.size() + plant.utilities[u].flow];
    for (std::size_t v = 0; v < state.servers.size(); ++v) found += state.drawn[v * plant.utilities.size() + u].at(state.now);
    worst = std::max(worst, taken > 0 ? std::abs(found - taken) / taken : found);
  }
  return worst;
}

}  // namespace

TEST_CASE("at twenty moments, also of full utilities: copied, saved and loaded, rebased, the run ends the same") {
  const PlantText& text = sharing_plant();
  const Scenario scenario = compile(text.text);
  const double end_s = text.days * day;
  Simulation whole = start(scenario);
  whole.advance(end_s);
  const std::string expected = digest(whole);
  Simulation on_the_way = start(scenario);
  int full = 0;
  for (const double at : moments(end_s)) {
    on_the_way.advance(at);
    full += any_full(on_the_way.state()) ? 1 : 0;
    Simulation copy = on_the_way;
    copy.advance(end_s);
    CHECK(digest(copy) == expected);
    Simulation loaded(scenario.plant, load_state(save_state(on_the_way.state(), *scenario.plant), *scenario.plant, "x.state"));
    loaded.advance(end_s);
    CHECK(digest(loaded) == expected);
    Simulation moved(scenario.plant, rebase(on_the_way.state(), structure_of(*scenario.plant), *scenario.plant));
    moved.advance(end_s);
    CHECK(moved.state().accounts.sinks[0].lots == whole.state().accounts.sinks[0].lots);
    CHECK(moved.state().accounts.completions == whole.state().accounts.completions);
    CHECK(unmetered(moved) < 1e-9);
  }
  CHECK(full >= 5);
}

TEST_CASE("what is taken is metered once, never beyond the capacity, and lost time is no more than the time in which something is lost") {
  const PlantText& text = sharing_plant();
  const Scenario scenario = compile(text.text);
  Simulation s = start(scenario);
  for (double at = 600; at <= text.days * day; at += 600) {
    s.advance(at);
    const State& state = s.state();
    for (std::size_t k = 0; k < state.accounts.utilities.size(); ++k) {
      const UtilityAccount& u = state.accounts.utilities[k];
      const double store = state.stores[k].at(state.now) > 0 ? scenario.plant->utilities[k].storage.discharge : 0;
      CHECK(u.taken.level() <= (u.offered.level() + u.fed.level() + store) * (1 + 1e-9));
      CHECK(state.stores[k].at(state.now) >= -1e-9);
      CHECK(state.stores[k].at(state.now) <= scenario.plant->utilities[k].storage.amount * (1 + 1e-9));
    }
    const Reading now = read(*scenario.plant, state);
    for (const StationAccount& a : now.accounts.stations) {
      CHECK(a.slowed_work_s >= -1e-6);
      CHECK(a.slowed_work_s <= a.time_in[static_cast<std::size_t>(ServerState::waiting_utility)] * (1 + 1e-9) + 1e-6);
    }
  }
  CHECK(unmetered(s) < 1e-9);
  CHECK(s.state().accounts.utilities[0].full.value(s.state().now) > day / 10);
  s.state().accounts.utilities[1].taken.add(s.state().now - 1000, 1);  // a control: a watt more that nobody meters
  CHECK(unmetered(s) > 1e-9);
}

TEST_CASE("who shares with nobody, and asks for less than there is, takes no longer than without utilities") {
  const std::string plain = "run: {duration: 10 d, terminating: true}\nsources: {in: {rate: 4/h, to: a}}\nstations: {a: {servers: 3, duration: {exponential: 20 min}, @to: out}}\nsinks: [out]\n";
  const auto with = [&](const std::string& draws, const std::string& utilities) {
    std::string text = plain;
    text.replace(text.find('@'), 1, draws);
    Run run(utilities + text, 10 * day);
    return run.left("out");
  };
  const Times without = with("", "");
  const Times ample = with("draws: {power: 5 kW}, ", "utilities: {power: 15 kW}\n");
  REQUIRE(without.size() == ample.size());
  REQUIRE(without.size() > 500);
  for (std::size_t k = 0; k < without.size(); ++k) CHECK(ample[k] == doctest::Approx(without[k]).epsilon(1e-12));
  CHECK(with("draws: {power: 5 kW}, ", "utilities: {power: 14 kW}\n") != without);
}

}  // namespace retwin::utility_laws_test
