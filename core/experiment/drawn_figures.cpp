// Figures of a run to be drawn on its process graph.
#include "core/experiment/drawn_figures.hpp"

#include <cmath>
#include <mutex>

#include "core/graph/edge_counter.hpp"

namespace retwin {
namespace {

/// Adds to a sum when its replication is over.
class Counting : public EdgeCounter {
 public:
  Counting(const Plant& plant, const ProcessGraph& graph, double begin_s, std::vector<double>& sum, std::mutex& adding)
      : EdgeCounter(plant, graph, begin_s), sum_(sum), adding_(adding) {}
  ~Counting() override {
    const std::lock_guard<std::mutex> lock(adding_);
    for (std::size_t e = 0; e < sum_.size(); ++e) sum_[e] += lots()[e];
  }

 private:
  std::vector<double>& sum_;
  std::mutex& adding_;
};

}  // namespace

Scenario with_known_warmup(Scenario scenario, const RunOptions& options, const std::function<void(const Problem&)>& tell) {
  if (!scenario.run.finds_warmup) return scenario;
  const FoundWarmup found = find_warmup(scenario, options);
  if (found.doubt) tell(*found.doubt);
  return with_warmup(scenario, found.warmup_s);
}

DrawnFigures figures_of(const Scenario& scenario, const Results& results) {
  DrawnFigures figures;
  const auto mean = [&](const std::string& path) {
    const KpiSummary* summary = results.find(path);
    return summary ? summary->interval.mean : std::nan("");
  };
  for (const Station& station : scenario.plant->stations) {
    figures.utilisation.push_back(mean("stations." + station.name + ".utilisation"));
    figures.wip.push_back(mean("stations." + station.name + ".mean_content"));
  }
  figures.bottleneck = scenario.plant->find_station(results.bottleneck.station);
  return figures;
}

DrawnFigures figures_of_run(const Scenario& scenario, const ProcessGraph& graph, RunOptions options) {
  const Plant& plant = *scenario.plant;
  const double begin_s = scenario.run.terminating ? 0 : scenario.run.warmup_s;
  DrawnFigures figures;
  figures.edge_rate.assign(graph.edges.size(), 0);
  std::mutex adding;
  options.observer = [&](std::int64_t) {
    return std::make_unique<Counting>(plant, graph, begin_s, figures.edge_rate, adding);
  };
  const Results results = run_replications(scenario, options);
  DrawnFigures of_run = figures_of(scenario, results);
  of_run.edge_rate = std::move(figures.edge_rate);
  for (double& rate : of_run.edge_rate) rate /= (results.end_s - results.begin_s) * static_cast<double>(results.replications);
  return of_run;
}

}  // namespace retwin
