// All that a plant has used is found again, twice: with the lots from outside that caused it, and with the lots that left burdened.
// RETWIN_RANDOM_PLANTS says on how many plants (default 150).
#include <doctest/doctest.h>

#include <cstdio>
#include <cstring>
#include <map>
#include <sstream>

#include "core/base/constants.hpp"
#include "core/kpi/use.hpp"
#include "core/ledger/footprint.hpp"
#include "core/ledger/ledger_file.hpp"
#include "core/ledger/rules_and_prices.hpp"
#include "tests/laws/plant_texts.hpp"
#include "tests/laws/plants.hpp"
#include "tests/laws/random_plants.hpp"

namespace retwin::footprint_laws_test {
using namespace plants;

namespace {

const unsigned tries = plants_to_try("RETWIN_RANDOM_PLANTS", 150);

/// A factor for every flow, so that none can be lost; every source and every sink uses something for a lot and for a kilogram.
Reporting all_flows(const Plant& plant) {
  Reporting reporting;
  for (const bool source : {true, false})
    for (Index node = 0; node < (source ? plant.sources.size() : plant.sinks.size()); ++node) {
      if (!source && plant.sinks[node].tank != none) continue;  // no scenario says what a tank uses
      const Index flow = node % static_cast<Index>(plant.flows.size());
      const double some = flow == plant.electricity ? 1e6 : 1;
      reporting.passing.push_back({source, node, "", {{flow, some * (0.3 + node), 0, -1}, {flow, 0, some * (source ? 0.7 : 1.1), -1}}, false});
    }
  for (Index f = 0; f < plant.flows.size(); ++f) {
    Factor factor;
    factor.flow = f;
    factor.kgCO2e_per_unit = f == plant.electricity ? 1e-6 : 0.1 + 0.01 * f;
    factor.scope = 1 + static_cast<int>(f % 3);
    reporting.factors.push_back(factor);
  }
  return reporting;
}

double relative(double difference, double to) { return difference == 0 ? 0 : std::abs(difference) / std::max(std::abs(to), 1e-12); }

/// Edges of a run and what they add up to. @param tamper changes the blocks between the run and the sweeps
struct Found {
  double plant = 0, caused = 0, burdened = 0, on_products = 0, open_kg = 0, root_kg = 0;
  std::uint64_t roots = 0, ends = 0, jobs = 0;
  double worst() const { return std::max(relative(caused - plant, plant), relative(burdened - plant, plant)); }
};

double of(const Totals& totals, const std::vector<std::vector<double>>& station_flow) {
  std::vector<double> columns(totals.size());
  for (Index k = 0; k < station_flow.size(); ++k)
    for (Index f = 0; f < station_flow[k].size(); ++f) totals.add(k, f, station_flow[k][f], columns.data());
  return totals.sum(columns);
}

Found sweep(const Plant& plant, const EdgesInMemory& edges, const EdgeSummary& summary, double plant_total) {
  Found found;
  const Totals totals(plant, all_flows(plant));
  double outside = of(totals, summary.in_hand);
  for (const auto& [key, week] : summary.weeks) {
    if (week.jobs > 0) continue;
    std::vector<double> columns(totals.size());
    for (const Part& flow : week.flows) totals.add(key.first, flow.of, flow.amount, columns.data());
    outside += totals.sum(columns);
  }
  found.plant = plant_total;
  found.jobs = summary.jobs;
  Sweep sweep(edges, summary, totals, plant.substances);
  sweep.forward([&](const Swept& lot) { found.burdened += totals.sum(lot.columns), ++found.ends; });
  found.on_products = found.burdened;
  found.burdened += totals.sum(sweep.left()) + totals.sum(sweep.lost()) + outside;
  sweep.backward([&](const Swept& lot) {
    found.caused += totals.sum(lot.columns), ++found.roots;
    found.open_kg += lot.open_kg, found.root_kg += lot.lot.kg;
  });
  found.caused += totals.sum(sweep.left()) + outside;
  return found;
}

template <class Tamper>
Found run(const Scenario& scenario, double until_s, std::uint64_t seed, Tamper tamper) {
  const Plant& plant = *scenario.plant;
  Simulation s = start(scenario, seed);
  EdgesInMemory edges;
  EdgeCollector collector(plant, all_flows(plant), s.state(), [&](std::string_view block, std::size_t) { edges.all.emplace_back(block); });
  Window window(s.plant(), read(s.plant(), s.state()));
  try {
    double at = 0;
    for (const PlantChange& change : scenario.changes) {
      if (change.at_s <= at || change.at_s >= until_s) continue;
      s.advance(std::nextafter(change.at_s, 0), &collector);
      window.extend(s.plant(), read(s.plant(), s.state()));
      at = change.at_s;
    }
    s.advance(until_s, &collector);
  } catch (const RunError&) {  // a deadlock; what was heard until then holds
  }
  window.extend(s.plant(), read(s.plant(), s.state()));
  const EdgeSummary summary = collector.finish(s.now());
  const Totals totals(plant, all_flows(plant));
  const Reporting reporting = all_flows(plant);
  std::vector<double> columns(totals.size());  // a flow counts the same wherever it is used
  for (Index f = 0; f < plant.flows.size(); ++f) totals.add(0, f, total_use({window, reporting, 365 * day}, f), columns.data());
  tamper(edges);
  return sweep(plant, edges, summary, totals.sum(columns));
}

/// Every station draws power by its state and uses something for each job.
std::string powered(const std::string& text) {
  std::istringstream lines(text);
  std::string out;
  bool stations = false;
  for (std::string line; std::getline(lines, line); out += line + "\n") {
    if (!line.starts_with(" ")) stations = line.starts_with("stations:");
    const std::size_t brace = line.find('{');
    if (stations && line.starts_with("  ") && line[2] != ' ' && brace != std::string::npos)
      line.insert(brace + 1, "power: 3 kW, idle_power: 500 W, down_power: 200 W, off_power: 100 W, energy_per_job: 0.1 kWh, ");
  }
  return out;
}

const auto untouched = [](EdgesInMemory&) {};

/// The edge of a job with flows of its own, in the middle of them, is gone.
bool drop_one(EdgesInMemory& edges) {
  std::vector<std::pair<std::size_t, std::size_t>> jobs;
  Edge edge;
  for (std::size_t k = 0; k < edges.all.size(); ++k)
    for (const std::size_t at : edges_in(edges.all[k])) {
      read_edge(std::string_view(edges.all[k]).substr(at), edge);
      if (!edge.flows.empty()) jobs.emplace_back(k, at);
    }
  if (jobs.empty()) return false;
  const auto [block, at] = jobs[jobs.size() / 2];
  std::uint32_t size = 0;
  std::memcpy(&size, edges.all[block].data() + at, sizeof size);
  edges.all[block].erase(at, size);
  return true;
}

const char* const joined = R"(
sources:
  a: {every: 10 min, lot: a, to: build}
  b: {every: 10 min, lot: b, to: build}
stations:
  build: {duration: 1 min, batch: {parts: {a: 1, b: 1}}, to: out}
sinks: [out]
)";

}  // namespace

TEST_CASE("what random plants used is found with those who caused it, and with those who bear it") {
  double worst = 0;
  std::uint64_t compiled = 0, jobs = 0, roots = 0, ends = 0;
  const auto take = [&](const Scenario& scenario, double until_s, std::uint64_t seed) {
    const Found found = run(scenario, until_s, seed, untouched);
    CHECK(found.worst() < 1e-9);
    if (found.worst() > 1e-9) MESSAGE(found.plant << " caused " << found.caused - found.plant << " burdened " << found.burdened - found.plant);
    worst = std::max(worst, found.worst());
    ++compiled, jobs += found.jobs, roots += found.roots, ends += found.ends;
  };
  for (unsigned number = 0; number < tries; ++number) {
    CAPTURE(number);
    const std::string text = RandomPlant(number).text();
    if (!problems_of(text).empty()) continue;
    take(compile(powered(text)), 1.5 * day, number);
  }
  for (const PlantText& text : plant_texts()) {
    CAPTURE(text.name);
    take(compile(text.text), text.days * day, 1);
  }
  MESSAGE(compiled << " plants, " << jobs << " jobs, " << roots << " roots, " << ends << " ends, worst error " << worst);
  CHECK(compiled > tries / 2);
  CHECK(roots > 1000);
  CHECK(ends > 1000);
}

TEST_CASE("control: an edge that is missing is missed, in every plant") {
  unsigned dropped = 0, caught = 0;
  for (unsigned number = 0; number < std::min(tries, 40u); ++number) {
    const std::string text = RandomPlant(number).text();
    if (!problems_of(text).empty()) continue;
    const Found found = run(compile(powered(text)), day / 2, number, [&](EdgesInMemory& edges) { dropped += drop_one(edges) ? 1 : 0; });
    caught += found.worst() > 1e-9 ? 1 : 0;
  }
  MESSAGE(caught << " of " << dropped << " caught");
  CHECK(dropped > 20);
  CHECK(caught == dropped);
}

TEST_CASE("the reference plant, two days") {
  const Scenario scenario = load_scenario(RETWIN_SOURCE_DIR "/scenarios/plants/qingdao.yaml", registry());
  const Found found = run(scenario, 2 * day, 1, untouched);
  CHECK(found.worst() < 1e-9);
  CHECK(found.on_products > 0);
  MESSAGE(found.jobs << " jobs, error " << found.worst() << ", open " << found.open_kg << " of " << found.root_kg << " kg");
  CHECK(run(scenario, 2 * day, 1, [](EdgesInMemory& edges) { drop_one(edges); }).worst() > 1e-9);
}

TEST_CASE("the reference plant as it is: the sum is the carbon that its figures count") {
  const Scenario scenario = load_scenario(RETWIN_SOURCE_DIR "/scenarios/plants/qingdao.yaml", registry());
  const Plant& plant = *scenario.plant;
  Simulation s = start(scenario, 1);
  EdgesInMemory edges;
  EdgeCollector collector(plant, scenario.reporting, s.state(), [&](std::string_view block, std::size_t) { edges.all.emplace_back(block); });
  Window window(plant, read(plant, s.state()));
  s.advance(7 * day, &collector);
  window.extend(plant, read(plant, s.state()));
  const Footprints all = footprints(plant, scenario.reporting, edges, collector.finish(7 * day));
  double kg = 0, by_passing = 0;
  for (const Factor& factor : scenario.reporting.factors) {
    if (factor.credit()) continue;
    Reporting stations = scenario.reporting;
    stations.passing.clear();
    const double use = total_use({window, scenario.reporting, 365 * day}, factor.flow);
    kg += factor.kgCO2e_per_unit * use;
    by_passing += factor.kgCO2e_per_unit * (use - total_use({window, stations, 365 * day}, factor.flow));
  }
  CHECK(relative(all.plant.sum - kg, kg) < 1e-9);
  CHECK(all.error < 1e-9);
  CHECK(by_passing > 0.05 * kg);  // what sources and sinks use is no trifle
}

TEST_CASE("matter that came from outside is where the plant has it, or has left") {
  // Nothing is bought or made here, so that what is open of all roots is the stock.
  const Scenario scenario = compile(R"(
sources: {modules: {lot: module, chemistry: {LFP: 1}, every: {exponential: 6 min}, to: store}}
stations:
  store: {duration: 3 min, batch: {mass: 40 kg, longest_wait: 1 h, merge: true}, to: cut}
  cut: {unit: split, count: 3, kind: part, duration: 2 min, to: heap}
  heap: {duration: 4 min, buffer: {mass: 300 kg, mixed: true}, batch: {mass: 30 kg, longest_wait: 3 h}, power: 1 kW, to: out}
sinks: [out]
)");
  Simulation s = start(scenario, 3);
  EdgesInMemory edges;
  EdgeCollector collector(*scenario.plant, all_flows(*scenario.plant), s.state(), [&](std::string_view block, std::size_t) { edges.all.emplace_back(block); });
  s.advance(2 * day, &collector);
  const EdgeSummary summary = collector.finish(2 * day);
  double stock = 0, made = 0;
  for (const double kg : read(*scenario.plant, s.state()).stock_kg) stock += kg;
  const Footprints all = footprints(*scenario.plant, all_flows(*scenario.plant), edges, summary);
  double open = 0;
  for (const LotFootprint& lot : all.origins) open += lot.open_share * lot.lot.kg, made += lot.lot.kg;
  CHECK(made > 1000);
  CHECK(stock > 0);
  CHECK(relative(open - stock, made) < 1e-6);  // masses are kept in single precision
  CHECK(all.error < 1e-12);
  CHECK(all.running.size() == s.state().live_lots);
}

TEST_CASE("money goes with matter: what is paid and earned for batteries is what the plant pays and earns") {
  const Scenario scenario = compile(R"(
run: {duration: 10 d, year: 300 d}
resources: {cutter: {count: 2, shifts: day}}
calendars: {day: {weekly: ["Mon-Fri 06:00-22:00"]}, evening: {weekly: ["Mon-Sun 20:00-24:00"]}}
sources: {modules: {lot: module, chemistry: {LFP: 1}, every: {exponential: 40 min}, to: cut}}
stations:
  cut: {unit: split, count: 3, kind: part, duration: 12 min, needs: {cutter: 1}, power: 6 kW, idle_power: 1 kW, to: heap}
  heap: {duration: 4 min, buffer: {mass: 300 kg, mixed: true}, batch: {mass: 30 kg, longest_wait: 3 h}, power: 1 kW, to: {out: 60 %, rest: 40 %}}
sinks: {out: {}, rest: {}}
prices:
  power: {flow: electricity, value: 1 CNY/kWh, source: x}
  people: {labour: cutter, value: 50 CNY/h, source: x}
  late: {labour: cutter, during: evening, value: 20 CNY/h, source: x}
  feed: {feed: modules, value: 8 CNY/kg, source: x}
  sold: {product: out, value: 20 CNY/kg, source: x}
  dumped: {waste: rest, value: 3 CNY/kg, source: x}
  rent: {capital: rent, value: 9000 CNY, life: 365 d, interest: 0 %, source: x}
)");
  const Plant& plant = *scenario.plant;
  Simulation s = start(scenario, 3);
  EdgesInMemory edges;
  EdgeCollector collector(plant, scenario.reporting, s.state(), [&](std::string_view block, std::size_t) { edges.all.emplace_back(block); });
  Window window(plant, read(plant, s.state()));
  s.advance(10 * day, &collector);
  window.extend(plant, read(plant, s.state()));
  const EdgeSummary summary = collector.finish(10 * day);
  const Footprints all = footprints(plant, scenario.reporting, edges, summary, Measure::money, 300 * day);
  const auto kpis = compute_kpis({window, scenario.reporting, 300 * day});
  const auto in_window = [&](const char* path) {
    for (const Kpi& kpi : kpis)
      if (kpi.path == path) return kpi.value * 10 / 300;
    FAIL("no such figure: " << path);
    return 0.0;
  };
  CHECK(all.error < 1e-9);
  CHECK(all.plant.sum == doctest::Approx(in_window("money.cost")).epsilon(1e-9));
  CHECK(all.plant.credit == doctest::Approx(in_window("money.revenue")).epsilon(1e-9));
  REQUIRE(all.origins.size() > 200);
  const LotFootprint& first = all.origins[0];  // one after the other, nothing but LFP: 40 % of each leaves as waste in the end, on average
  CHECK(first.burden.part[1] == doctest::Approx(50 * 0.2));
  CHECK(in_window("money.price.late") == doctest::Approx(8 * 2 * 2 * 20.0));  // eight weekdays of the ten days, two people, two hours
  double feed = 0, kg = 0;
  for (const LotFootprint& lot : all.origins) feed += lot.burden.part[2] - 8 * lot.lot.kg, kg += lot.lot.kg;
  CHECK(feed == doctest::Approx(in_window("money.cost.waste")).epsilon(1e-6));  // the rest of it is what they were bought for
  CHECK(all.caused.back().burden.sum == doctest::Approx(9000.0 * 10 / 300));
  Reporting others = scenario.reporting;  // control: a price that the ledger does not know
  auto accounts = std::make_shared<RulesAndPrices>(*others.accounts);
  accounts->prices[1].name = "unheard of";
  others.accounts = accounts;
  CHECK_THROWS_AS(footprints(plant, others, edges, summary, Measure::money, 300 * day), InputError);
  EdgesInMemory fewer = edges;
  drop_one(fewer);
  CHECK_THROWS_AS(footprints(plant, scenario.reporting, fewer, summary, Measure::money, 300 * day), InputError);
}

TEST_CASE("power beside the jobs is borne by the jobs of that calendar week, of a week without jobs by nobody") {
  const Scenario scenario = compile(R"(
run: {start: 2026-01-04, duration: 9 d}
sources: {parts: {at: [1 h, 30 h], to: press}}
stations: {press: {duration: 1 h, power: 3 kW, idle_power: 1 kW, to: out}}
sinks: [out]
)");
  Simulation s = start(scenario, 1);
  EdgesInMemory edges;
  EdgeCollector collector(*scenario.plant, {}, s.state(), [&](std::string_view block, std::size_t) { edges.all.emplace_back(block); });
  s.advance(9 * day, &collector);
  Reporting reporting;
  reporting.factors.resize(1);
  reporting.factors[0].flow = scenario.plant->electricity;
  reporting.factors[0].kgCO2e_per_unit = 1 / 3.6e6;  // a kg for each kWh
  const Footprints all = footprints(*scenario.plant, reporting, edges, collector.finish(9 * day));
  REQUIRE(all.origins.size() == 2);
  CHECK(all.origins[0].burden.sum == doctest::Approx(3 + 23));          // Sunday the 4th
  CHECK(all.origins[1].burden.sum == doctest::Approx(3 + 7 * 24 - 1));  // the week from the 5th
  CHECK(all.caused[4].burden.sum == doctest::Approx(24));               // the 12th
  CHECK(all.ended[1].burden.sum == doctest::Approx(170));
}

TEST_CASE("a ledger that goes on names the one before; what was there is a line of the sum; a ledger survives the disk, changed it is refused") {
  const Scenario scenario = compile(powered(joined));
  const Plant& plant = *scenario.plant;
  const std::string file = "footprint_law.ledger";
  Simulation s = start(scenario, 1);
  LedgerWriter writer(file);
  EdgeCollector first(plant, all_flows(plant), s.state(), writer.sink());
  s.advance(5 * hour + 55, &first);  // in the midst of a job
  const Sections heard = first.heard();
  const EdgeSummary before = first.finish(5 * hour + 55);
  writer.commit(before, plant, "joined");
  const LedgerFile kept(file, plant);
  CHECK(kept.summary().sha256 == before.sha256);
  const Footprints all = footprints(plant, all_flows(plant), kept, kept.summary());
  CHECK(all.error < 1e-12);
  CHECK(all.caused[2].burden.sum == 0);

  EdgesInMemory edges;
  EdgeCollector child(plant, all_flows(plant), s.state(), [&](std::string_view block, std::size_t) { edges.all.emplace_back(block); });
  child.begin_with(heard, plant, "a state");
  s.advance(10 * hour, &child);
  const EdgeSummary after = child.finish(10 * hour);
  CHECK(after.parent == before.sha256);
  const Footprints later = footprints(plant, all_flows(plant), edges, after);
  CHECK(later.caused[2].burden.sum > 0);
  CHECK(later.error < 1e-12);

  CHECK_THROWS_AS(LedgerFile(file, *compile("sources: {a: {every: 1 h, to: b}}\nstations: {b: {to: c}}\nsinks: [c]").plant), InputError);
  EdgeSummary changed = before;
  changed.sha256[0] = changed.sha256[0] == '0' ? '1' : '0';
  LedgerWriter(file).commit(changed, plant, "joined");
  CHECK_THROWS_AS(LedgerFile(file, plant), InputError);
  std::remove(file.c_str());
}

TEST_CASE("the activities of a lot add up to its footprint") {
  const Scenario scenario = compile(powered(joined));
  const Plant& plant = *scenario.plant;
  Simulation s = start(scenario, 1);
  EdgesInMemory edges;
  EdgeCollector collector(plant, all_flows(plant), s.state(), [&](std::string_view block, std::size_t) { edges.all.emplace_back(block); });
  s.advance(10 * hour, &collector);
  const EdgeSummary summary = collector.finish(10 * hour);
  const Reporting reporting = all_flows(plant);
  const Footprints all = footprints(plant, reporting, edges, summary);
  const auto sum = [](const std::vector<Item>& items) {
    double kg = 0;
    for (const Item& item : items) kg += item.kg;
    return kg;
  };
  const LotFootprint &origin = all.origins[5], &end = all.ended[5];
  CHECK(sum(items_of_origin(plant, reporting, edges, summary, origin.lot.id)) == doctest::Approx(origin.burden.sum).epsilon(1e-12));
  CHECK(sum(items_of_end(plant, reporting, edges, summary, end.lot.id)) == doctest::Approx(end.burden.sum).epsilon(1e-12));
  const std::vector<Swept> origins = origins_of(plant, reporting, edges, summary, end.lot.id);
  REQUIRE(origins.size() == 2);  // its two parts
  CHECK(origins[0].open_kg == doctest::Approx(0.5));
  CHECK(items_of_end(plant, reporting, edges, summary, 12345).empty());
}

}  // namespace retwin::footprint_laws_test
