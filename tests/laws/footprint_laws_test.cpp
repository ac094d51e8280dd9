// All that a plant has used is found again, twice: with the lots from outside that caused it, and with the lots that left burdened.
// RETWIN_RANDOM_PLANTS says on how many plants (default 150).
#include <doctest/doctest.h>

#include <cstring>
#include <map>
#include <sstream>

#include "core/ledger/sweep.hpp"
#include "tests/laws/plant_texts.hpp"
#include "tests/laws/plants.hpp"
#include "tests/laws/random_plants.hpp"

using namespace retwin;
using namespace retwin::plants;

namespace {

const unsigned tries = plants_to_try("RETWIN_RANDOM_PLANTS", 150);

/// A factor for every flow, so that none can be lost.
Reporting all_flows(const Plant& plant) {
  Reporting reporting;
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
  EdgeCollector collector(plant, s.state(), [&](std::string_view block, std::size_t) { edges.all.emplace_back(block); });
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
  std::vector<double> columns(totals.size());
  for (Index k = 0; k < plant.n_stations(); ++k)
    for (Index f = 0; f < plant.flows.size(); ++f) totals.add(k, f, window.used(k, f), columns.data());
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
void drop_one(EdgesInMemory& edges) {
  std::vector<std::pair<std::size_t, std::size_t>> jobs;
  Edge edge;
  for (std::size_t k = 0; k < edges.all.size(); ++k)
    for (const std::size_t at : edges_in(edges.all[k])) {
      read_edge(std::string_view(edges.all[k]).substr(at), edge);
      if (!edge.flows.empty()) jobs.emplace_back(k, at);
    }
  REQUIRE(!jobs.empty());
  const auto [block, at] = jobs[jobs.size() / 2];
  std::uint32_t size = 0;
  std::memcpy(&size, edges.all[block].data() + at, sizeof size);
  edges.all[block].erase(at, size);
}

}  // namespace

TEST_CASE("what random plants used is found with those who caused it, and with those who bear it") {
  double worst = 0;
  std::uint64_t compiled = 0, jobs = 0, roots = 0, ends = 0;
  const auto take = [&](const Scenario& scenario, double until_s, std::uint64_t seed) {
    const Found found = run(scenario, until_s, seed, untouched);
    CHECK(found.worst() < 1e-9);
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

TEST_CASE("the reference plant, two days") {
  const Scenario scenario = load_scenario(RETWIN_SOURCE_DIR "/scenarios/plants/qingdao.yaml", registry());
  const Found found = run(scenario, 2 * day, 1, untouched);
  CHECK(found.worst() < 1e-9);
  CHECK(found.on_products > 0);
  MESSAGE(found.jobs << " jobs, error " << found.worst() << ", open " << found.open_kg << " of " << found.root_kg << " kg");
  const Found dropped = run(scenario, 2 * day, 1, drop_one);
  CHECK(dropped.worst() > 1e-9);
}
