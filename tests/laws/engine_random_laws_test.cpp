// The laws on plants thrown together at random; RETWIN_RANDOM_PLANTS says how many (default 60).
#include <doctest/doctest.h>

#include <cstdlib>

#include "tests/laws/plants.hpp"
#include "tests/laws/random_plants.hpp"

namespace retwin::engine_random_laws_test {
using namespace plants;

namespace {

/// What the servers of a station hold, and who waits to enter it.
std::vector<std::uint64_t> holds(const Simulation& simulation, Index station) {
  const State& s = simulation.state();
  std::vector<std::uint64_t> ids;
  const auto add = [&](Index lot) { ids.push_back(lot == none ? 0 : s.lots[lot].id); };
  for (std::size_t v = 0; v < s.servers.size(); ++v) {
    if (s.server_station[v] != station) continue;
    add(s.servers[v].job);
    for (std::size_t p = 0; p < simulation.plant().stations[station].ports.size(); ++p) add(s.outputs[s.server_port[v] + p].head);
  }
  add(s.stations[station].line.head);
  return ids;
}

/// A deadlock that was reported is one: whatever else goes on, something there never moves.
bool stays(Simulation s, const std::string& station, double until_s) {
  const Index k = s.plant().find_station(station);
  const auto before = holds(s, k);
  for (int times = 0; times < 200 && s.now() < until_s; ++times) {
    try {
      s.advance(until_s);
    } catch (const RunError&) {
    }
  }
  const auto after = holds(s, k);
  for (std::size_t i = 0; i < before.size(); ++i)
    if (before[i] != 0 && before[i] == after[i]) return true;
  return false;
}

std::string judge(const Scenario& scenario, unsigned number, bool& deadlocked) {
  constexpr double end = 3.3 * day;
  const Plant& plant = *scenario.plant;
  Simulation s = start(scenario, number);
  Auditor auditor(s);
  Window window(plant, read(plant, s.state()));
  std::string wrong;
  try {
    s.advance(end, &auditor);
  } catch (const RunError& e) {
    deadlocked = true;
    if (!stays(s, e.station(), 8 * day)) wrong += "no deadlock at " + e.station() + "; ";
  }
  for (const auto& [what, times] : auditor.complaints()) wrong += what + "; ";
  const Reading now = read(plant, s.state());
  window.extend(plant, now);
  for (Index k = 0; k < plant.n_stations(); ++k) {
    double sum = 0;
    for (const double t : now.accounts.stations[k].time_in) sum += t;
    if (!plant.stations[k].unlimited_servers && std::abs(sum - plant.hot[k].servers * now.at_s) > 1e-9 * sum) wrong += "state times; ";
    if (!(window.little_error(k) < 1e-9)) wrong += "Little of " + plant.stations[k].name + "; ";
  }
  if (!(window.little_error() < 1e-9)) wrong += "Little; ";
  if (!(window.mass_balance_error() < 1e-9)) wrong += "masses; ";
  if (deadlocked) return wrong;
  Simulation halves = start(scenario, number);
  Simulation copy = halves;
  try {
    halves.advance(end / 3);
    copy = halves;
    halves.advance(end);
    copy.advance(0.7 * end);
    copy.advance(end);
  } catch (const RunError&) {
    wrong += "a deadlock only if the run is cut; ";
  }
  if (state_digest(halves.state(), plant) != state_digest(s.state(), plant)) wrong += "halves differ; ";
  if (state_digest(copy.state(), plant) != state_digest(s.state(), plant)) wrong += "copies differ; ";
  return wrong;
}

}  // namespace

TEST_CASE("random plants") {
  const char* const asked = std::getenv("RETWIN_RANDOM_PLANTS");
  const unsigned n = asked ? static_cast<unsigned>(std::atoi(asked)) : 60;
  unsigned compiled = 0, deadlocks = 0;
  for (unsigned number = 1; number <= n; ++number) {
    CAPTURE(number);
    const std::string text = RandomPlant(number).text();
    std::shared_ptr<Scenario> scenario;
    try {
      scenario = std::make_shared<Scenario>(compile(text));
    } catch (const InputError& e) {
      for (const Problem& p : e.problems())
        if (p.severity == Severity::error && p.code != Code::unreachable && p.code != Code::conflict && p.code != Code::cycle && p.code != Code::route) MESSAGE(format(p));
      continue;
    }
    ++compiled;
    bool deadlocked = false;
    CHECK(judge(*scenario, number, deadlocked) == "");
    deadlocks += deadlocked ? 1 : 0;
    Node shuffled = parse(text);
    std::mt19937 random(number);
    shuffle(shuffled, random);
    const Scenario again = compile(shuffled);
    CHECK(again.plant->structure_hash == scenario->plant->structure_hash);
    if (deadlocked) continue;
    Simulation a = start(*scenario, number), b = start(again, number);
    a.advance(3.3 * day);
    b.advance(3.3 * day);
    CHECK(tell(a) == tell(b));
  }
  CHECK(compiled > n / 4);
  CHECK(deadlocks < compiled / 2);
  MESSAGE(compiled << " of " << n << " plants compiled, " << deadlocks << " locked themselves up");
}

}  // namespace retwin::engine_random_laws_test
