// The hot path and the general one say the same: random lines and nets of plain stations, with masses, meters and failures, are run once
// as they are and once with every station forced off the hot path. RETWIN_HOT_PLANTS says on how many plants (default 60).
#include <doctest/doctest.h>

#include <random>

#include "tests/laws/plants.hpp"

using namespace retwin;
using namespace retwin::plants;

namespace {

std::string net(unsigned number) {
  std::mt19937 random(number);
  const auto chance = [&](unsigned percent) { return random() % 100 < percent; };
  const auto name = [](unsigned k) { return std::string(1, static_cast<char>('a' + k)); };
  const auto n = static_cast<unsigned>(2 + random() % 5);
  const bool masses = chance(40);
  std::string text = "sources:\n  feed: {";
  text += chance(40) ? "saturated: true" : "every: {exponential: 2 min}";
  if (masses) text += ", lot: pack, model: {LFP_car: 60 %, NMC622_car: 40 %}";
  text += ", to: a}\nstations:\n";
  for (unsigned k = 0; k < n; ++k) {
    text += "  " + name(k) + ": {duration: {exponential: " + std::to_string(60 + random() % 120) + " s}, power: 2 kW";
    if (chance(30)) text += ", servers: 2";
    if (chance(60)) text += ", buffer: " + std::to_string(random() % 4);
    if (chance(40)) text += ", energy_per_job: 3 kWh";
    if (masses && chance(40)) text += ", energy_per_mass: 5 kWh/t";
    if (chance(40)) {
      const char* const fates[] = {"resume", "restart", "scrap, scrap_to: bin"};
      text += std::string(", fails: {jam: {every: {exponential: 40 min}, repair: {exponential: 5 min}, job: ") + fates[random() % 3] + "}}";
    }
    if (chance(20)) text += ", maintenance: {oil: {every: {exponential: 2 h}, duration: 9 min}}";
    const std::string next = k + 1 == n ? "out" : name(k + 1), other = k + 2 >= n ? "out" : name(k + 2);
    text += chance(30) && next != other ? ", to: {" + next + ": 70 %, " + other + ": 30 %}}\n" : ", to: " + next + "}\n";
  }
  return text + "sinks: [out, bin]\n";
}

std::map<std::string, double> figures(const Scenario& scenario, std::uint64_t seed, bool general, bool cheat = false) {
  auto plant = std::make_shared<Plant>(*scenario.plant);
  for (StationHot& hot : plant->hot) {
    if (general) hot.rare = 1;
    if (cheat) hot.books = 0;
  }
  Simulation s(plant, seed);
  s.advance(1.5 * day);
  std::map<std::string, double> told = tell(s);
  for (Index k = 0; k < plant->n_stations(); ++k)
    for (std::size_t c = 0; c < plant->n_components; ++c)
      told[plant->stations[k].name + " through " + plant->substances.components[c]] =
          s.state().accounts.port_kg[plant->stations[k].first_port * plant->n_components + c];
  return told;
}

std::string first_difference(const std::map<std::string, double>& a, const std::map<std::string, double>& b) {
  for (const auto& [name, value] : a) {
    const double other = b.at(name);
    if (std::abs(value - other) > 1e-9 * (1 + std::abs(value))) return name + ": " + std::to_string(value) + " and " + std::to_string(other);
  }
  return a.size() == b.size() ? "" : "other figures";
}

const unsigned tries = plants_to_try("RETWIN_HOT_PLANTS", 60);

}  // namespace

TEST_CASE("the hot path says what the general one says") {
  unsigned books = 0, stops = 0, plain = 0, masses = 0;
  for (unsigned number = 0; number < tries; ++number) {
    CAPTURE(number);
    const std::string text = net(number);
    CAPTURE(text);
    const Scenario scenario = compile(text);
    for (const StationHot& hot : scenario.plant->hot) {
      plain += hot.rare == 0;
      books += hot.rare == 0 && hot.books;
      stops += hot.rare == 0 && hot.stops;
    }
    masses += scenario.plant->n_components > 0;
    CHECK(first_difference(figures(scenario, number, false), figures(scenario, number, true)) == "");
  }
  CHECK(plain > 2 * tries);  // the law is about the hot path
  CHECK(books > tries / 2);
  CHECK(stops > tries / 2);
  CHECK(masses > tries / 5);
}

TEST_CASE("control: a hot path that keeps no books is found") {
  unsigned found = 0;
  for (unsigned number = 0; number < 10; ++number) {
    const Scenario scenario = compile(net(number));
    found += first_difference(figures(scenario, number, false, true), figures(scenario, number, true)) != "";
  }
  CHECK(found > 4);
}
