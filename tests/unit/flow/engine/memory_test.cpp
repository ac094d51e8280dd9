// What servers remember: a bath that is exhausted, renewed by maintenance, saved, and carried over by name.
#include <doctest/doctest.h>

#include "core/flow/state/snapshot.hpp"
#include "tests/laws/plants.hpp"

namespace retwin::memory_test {
using namespace plants;

namespace {

/// Packs one after another through a bath that takes 3 times as long after 5 t; each pack weighs what it weighs.
std::string bath(const std::string& more = "", const std::string& servers = "1") {
  return "sources: {packs: {saturated: true, lot: pack, model: {LFP_car: 100 %}, to: bath}}\n"
         "stations: {bath: {unit: salt_bath, servers: " + servers + ", soak: 10 min, capacity: 5 t, slowdown: 3, to: out" + more + "}}\nsinks: [out]\n";
}

Simulation after(const Scenario& scenario, double seconds) {
  Simulation s = start(scenario);
  s.advance(seconds);
  return s;
}

/// When the jobs of the first server ended [min].
Times ends(const std::string& text, double until_s) {
  Run run(text, until_s);
  return run.ends("bath");
}

}  // namespace

TEST_CASE("a batch takes longer the more has been bathed, up to exhaustion") {
  Run run(bath(), 10 * hour);
  const Times ends = run.ends("bath");
  const StationAccount& account = run.account("bath");
  const double pack_kg = account.kg_in / static_cast<double>(account.jobs);
  REQUIRE(ends.size() > 12);
  double bathed = 0, at = 0;
  for (std::size_t k = 0; k < ends.size(); ++k) {
    at += 10 * (1 + 2 * std::min(1.0, bathed / 5000));
    CHECK(ends[k] == doctest::Approx(at).epsilon(0.02));  // packs differ a little in mass
    bathed += pack_kg;
  }
  CHECK(ends.back() - ends[ends.size() - 2] == doctest::Approx(bathed > 5000 ? 30 : 10 * (1 + 2 * (bathed - pack_kg) / 5000)).epsilon(0.05));
}

TEST_CASE("maintenance that renews makes it fresh; other maintenance does not") {
  const auto last = [](const std::string& renews) {
    const Times t = ends(bath(", maintenance: {brine: {after_jobs: 8, duration: 1 min" + renews + "}}"), 12 * hour);
    REQUIRE(t.size() > 9);
    return t[8] - t[7];  // the first after the work
  };
  CHECK(last(", renews: true") == doctest::Approx(11));
  CHECK(last("") > 14);
}

TEST_CASE("memory is of each server, and travels with a saved state") {
  const Scenario scenario = compile(bath("", "2"));
  Simulation s = after(scenario, 5 * hour);
  REQUIRE(s.state().memory.size() == 2);
  CHECK(s.state().memory[0] > 1000);
  CHECK(s.state().memory[1] > 1000);
  const LoadedState loaded = read_state(save_state(s.state(), *scenario.plant), "file");
  CHECK(loaded.state.memory == s.state().memory);
  CHECK(loaded.structure.of("station").front()->list("memory") == std::vector<std::string>{"bathed"});
  const Scenario three = compile(bath("", "3"));
  const State moved = rebase(loaded.state, loaded.structure, *three.plant);
  CHECK(moved.memory == std::vector<double>{s.state().memory[0], s.state().memory[1], 0});
}

TEST_CASE("a plant whose unit remembers nothing cannot renew it, nor forget what was remembered") {
  const auto found = problems_of("sources: {s: {every: 1 h, to: a}}\nstations: {a: {duration: 1 min, maintenance: {m: {every: 1 d, duration: 1 min, renews: true}}, to: out}}\nsinks: [out]\n");
  REQUIRE(found.size() == 1);
  CHECK(found[0].path == "stations.a.maintenance.m.renews");
  const Scenario scenario = compile(bath());
  const Simulation s = after(scenario, 5 * hour);
  std::string plain = bath();
  plain.replace(plain.find("unit: salt_bath"), 15, "unit: inspect");
  plain.replace(plain.find("soak: 10 min, capacity: 5 t, slowdown: 3"), 40, "duration: 10 min");
  CHECK_THROWS_AS(rebase(s.state(), structure_of(*scenario.plant), *compile(plain).plant), InputError);
}

}  // namespace retwin::memory_test
