// The run is that of replication 0.
#include "core/experiment/ledger_run.hpp"

#include "core/flow/engine/simulation.hpp"
#include "core/ledger/ledger_file.hpp"

namespace retwin {

Ledger read_ledger(const std::string& path, const Plant& plant) {
  auto file = std::make_unique<LedgerFile>(path, plant);
  EdgeSummary summary = file->summary();
  return {std::move(file), std::move(summary)};
}

Ledger ledger_of_run(const Scenario& scenario, const std::function<void()>& stop) {
  constexpr int pieces = 100;
  auto edges = std::make_unique<EdgesInMemory>();
  Simulation simulation(scenario.plant, scenario.run.seed, 0, scenario.changes);
  EdgeCollector collector(simulation.plant(), scenario.reporting, simulation.state(), [&](std::string_view block, std::size_t) { edges->all.emplace_back(block); });
  for (int piece = 1; piece <= pieces; ++piece) {
    simulation.advance(scenario.run.duration_s * piece / pieces, &collector);
    if (stop) stop();
  }
  EdgeSummary summary = collector.finish(scenario.run.duration_s);
  return {std::move(edges), std::move(summary)};
}

}  // namespace retwin
