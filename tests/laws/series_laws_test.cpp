// A series is what one sees who stops at every one of its times: on random plants, hand-made ones, and from a state on.
// RETWIN_RANDOM_PLANTS says on how many plants (default 60).
#include <doctest/doctest.h>

#include "core/ledger/series.hpp"
#include "tests/laws/deaf.hpp"
#include "tests/laws/plant_texts.hpp"
#include "tests/laws/plants.hpp"
#include "tests/laws/random_plants.hpp"

namespace retwin::series_laws_test {
using namespace plants;

namespace {

/// By what it tells; servers without number are counted as they come.
std::map<std::string, std::vector<double>> by_name(const Series& s, const Plant& p) {
  std::map<std::string, std::vector<double>> told{{"time", s.time_s}, {"wip", s.wip}, {"queue", s.queue}, {"content", s.content}, {"power", s.power_W},
                                                  {"taken", s.taken}, {"on duty", s.on_duty}};
  for (const std::uint64_t lots : s.sink_lots) told["sinks"].push_back(static_cast<double>(lots));
  for (std::size_t at = 0; at < s.servers.size(); ++at)
    if (!p.stations[at / n_server_states % p.stations.size()].unlimited_servers) told["servers"].push_back(s.servers[at]);
  return told;
}

/// The series by stopping, against that of a collector that hears the run go through.
template <class Collector = SeriesCollector>
std::string difference(const Scenario& scenario, std::uint64_t seed, double from_s, double until_s, double every_s) {
  Simulation stepped = start(scenario, seed);
  Series stopped;
  try {
    stepped.advance(from_s);
    Simulation heard = stepped;
    Collector collector(heard.plant(), heard.state(), every_s);
    for (std::size_t k = 0; from_s + static_cast<double>(k) * every_s <= until_s; ++k) {
      stepped.advance(from_s + static_cast<double>(k) * every_s);
      add_levels(stopped, stepped.plant(), stepped.state());
    }
    heard.advance(until_s, &collector);
    collector.finish(until_s);
    std::map<std::string, std::vector<double>> told = by_name(collector.series(), heard.plant());
    for (const auto& [what, values] : by_name(stopped, stepped.plant())) {
      if (told[what].size() != values.size()) return what + ": another length";
      for (std::size_t k = 0; k < values.size(); ++k)
        if (std::abs(told[what][k] - values[k]) > 1e-6) return what + " at " + std::to_string(k) + ": " + std::to_string(values[k]) + ", told " + std::to_string(told[what][k]);
    }
  } catch (const RunError&) {  // a deadlock
  }
  return "";
}

using Deaf = DeafTo<SeriesCollector>;

const unsigned tries = plants_to_try("RETWIN_RANDOM_PLANTS", 60);

}  // namespace

TEST_CASE("a series is what one sees who stops at each of its times") {
  unsigned compiled = 0, found_by_control = 0;
  for (unsigned number = 0; number < tries; ++number) {
    CAPTURE(number);
    const std::string text = RandomPlant(number).text();
    if (!problems_of(text).empty()) continue;
    ++compiled;
    const Scenario scenario = compile(text);
    CHECK(difference(scenario, number, 0, 1.2 * day, 47 * minute) == "");
    CHECK(difference(scenario, number, 0.4 * day, 1.1 * day, 1 * hour) == "");
    found_by_control += difference<Deaf>(scenario, number, 0, 1.2 * day, 47 * minute) != "";
  }
  CHECK(compiled > tries / 2);
  CHECK(found_by_control > compiled / 2);
  for (const PlantText& text : plant_texts()) {
    CAPTURE(text.name);
    const Scenario scenario = compile(text.text);
    CHECK(difference(scenario, 1, 0, text.days * day, 1 * hour) == "");
    CHECK(difference(scenario, 1, 0.3 * text.days * day, text.days * day, 2.5 * hour) == "");
  }
}

TEST_CASE("changes on the way, and memory, are in the series and its table") {
  const Scenario scenario = compile(R"(
sources: {packs: {saturated: true, lot: pack, model: {LFP_car: 100 %}, to: bath}}
resources: {crew: 2}
stations: {bath: {unit: salt_bath, soak: 10 min, capacity: 5 t, slowdown: 3, needs: {crew: 1}, power: 3 kW, maintenance: {brine: {after_jobs: 5, duration: 20 min, renews: true}}, to: out}}
sinks: [out]
changes: [{at: 4 h, set: {stations.bath.power: 7 kW, resources.crew.count: 1}}]
)");
  CHECK(difference(scenario, 1, 0, 9 * hour, 10 * minute) == "");
  Simulation s = start(scenario, 1);
  SeriesCollector collector(s.plant(), s.state(), 5 * minute);
  s.advance(9 * hour, &collector);
  collector.finish(9 * hour);
  const Table table = table_of(collector.series(), s.plant());
  CHECK(table.rows() == 109);
  const auto column = [&](const char* name) {
    REQUIRE(table.find(name) >= 0);
    return table.numbers(static_cast<std::size_t>(table.find(name)));
  };
  const std::vector<double> power = column("stations.bath.power"), bathed = column("stations.bath.memory.bathed");
  CHECK(*std::max_element(power.begin(), power.end()) == 7000);
  CHECK(power[1] == 3000);
  CHECK(*std::max_element(bathed.begin(), bathed.end()) > 500);
  CHECK(std::count(bathed.begin() + 20, bathed.end(), 0) > 2);  // just renewed
  CHECK(column("resources.crew.on_duty").back() == 1);
}

}  // namespace retwin::series_laws_test
