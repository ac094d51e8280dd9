// The hot path and the general one say the same: random lines and nets of plain stations, with masses, meters, failures and crews that are
// never short, are run once as they are and once with every station forced off the hot path. RETWIN_HOT_PLANTS says on how many plants (default 60).
#include <doctest/doctest.h>

#include <random>

#include "core/flow/plant/changed.hpp"
#include "tests/laws/plants.hpp"

namespace retwin::hot_path_laws_test {
using namespace plants;

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
    if (chance(30)) text += ", needs: {fitter: 2}";
    if (chance(20)) text += ", maintenance: {oil: {every: {exponential: 2 h}, duration: 9 min}}";
    const std::string next = k + 1 == n ? "out" : name(k + 1), other = k + 2 >= n ? "out" : name(k + 2);
    text += chance(30) && next != other ? ", to: {" + next + ": 70 %, " + other + ": 30 %}}\n" : ", to: " + next + "}\n";
  }
  return text + "resources: {fitter: " + (chance(70) ? "40" : "3") + "}\nsinks: [out, bin]\n";
}

enum class Way { hot, general, without_books };

/// @param units of each pool from the first half on; negative: as they are
std::map<std::string, double> figures(const Scenario& scenario, std::uint64_t seed, Way way, double units = -1) {
  const auto on_its_way = [way](const Plant& as_it_is) {
    auto plant = std::make_shared<Plant>(as_it_is);
    for (StationHot& hot : plant->hot) {
      if (way == Way::general) hot.rare = 1;
      if (way == Way::without_books) hot.meters = 0;
    }
    return plant;
  };
  const std::shared_ptr<Plant> plant = on_its_way(*scenario.plant);
  std::vector<PlantChange> changes;
  if (units >= 0)
    changes.push_back({0.7 * day, on_its_way(*changed(*scenario.plant, 1, [&](Plant& other) {
                         for (Pool& pool : other.pools) pool.shifts.front().count = units;
                       }))});
  Simulation s(plant, seed, 0, changes);
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
  unsigned books = 0, stops = 0, crews = 0, plain = 0, masses = 0;
  for (unsigned number = 0; number < tries; ++number) {
    CAPTURE(number);
    const std::string text = net(number);
    CAPTURE(text);
    const Scenario scenario = compile(text);
    for (const StationHot& hot : scenario.plant->hot) {
      plain += hot.rare == 0;
      books += hot.rare == 0 && hot.books;
      stops += hot.rare == 0 && hot.stops;
      crews += hot.rare == 0 && hot.pool != none;
    }
    masses += scenario.plant->n_components > 0;
    CHECK(first_difference(figures(scenario, number, Way::hot), figures(scenario, number, Way::general)) == "");
  }
  CHECK(plain > 2 * tries);  // the law is about the hot path
  CHECK(books > tries / 2);
  CHECK(stops > tries / 2);
  CHECK(crews > tries / 2);
  CHECK(masses > tries / 5);
}

TEST_CASE("crews that were never short and are now, or the other way round") {
  unsigned turned = 0;
  for (unsigned number = 0; number < tries; ++number) {
    CAPTURE(number);
    const std::string text = net(number);
    CAPTURE(text);
    const Scenario scenario = compile(text);
    const double units = scenario.plant->pools[0].ample ? 2 : 40;
    CHECK(first_difference(figures(scenario, number, Way::hot, units), figures(scenario, number, Way::general, units)) == "");
    turned += first_difference(figures(scenario, number, Way::hot, units), figures(scenario, number, Way::hot)) != "";
  }
  CHECK(turned > tries / 2);
}

TEST_CASE("control: a hot path that keeps no books is found") {
  unsigned found = 0;
  for (unsigned number = 0; number < 10; ++number) {
    const Scenario scenario = compile(net(number));
    found += first_difference(figures(scenario, number, Way::without_books), figures(scenario, number, Way::general)) != "";
  }
  CHECK(found > 4);
}

}  // namespace retwin::hot_path_laws_test
