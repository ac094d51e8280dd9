// One collector for each scenario that is run; observers borrow it.
#include "core/report/page/compared_replays.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/experiment/drawn_figures.hpp"
#include "core/ledger/writers.hpp"
#include "core/report/page/run_page.hpp"
#include "core/report/report.hpp"

namespace retwin {
namespace {

/// Means of a contender's replications.
Results results_of(const PairedRuns& runs, std::size_t contender) {
  Results results;
  results.replications = static_cast<std::int64_t>(runs.replications(contender));
  const double level = runs.contenders()[contender].scenario->run.confidence;
  for (const FigureRows::Path& path : runs.figures(contender).by_path()) results.kpis.push_back(summarise(path, level));
  return results;
}

}  // namespace

ComparedReplays::ComparedReplays(PairedRuns& runs, double replay_s) : runs_(runs) {
  const std::vector<Contender>& all = runs.contenders();
  const std::uint64_t most = std::min(MovesCollector::most_records, most_records / all.size());
  for (std::size_t k = 0; k < all.size(); ++k) {
    moves_.emplace_back();
    if (runs.same_as(k) != k) continue;
    const Scenario& scenario = *all[k].scenario;
    const double from_s = scenario.run.terminating ? 0 : scenario.run.warmup_s;
    moves_.back() = std::make_unique<MovesCollector>(*scenario.plant, initial_state(*scenario.plant, runs.seed()), from_s,
                                                     std::min(scenario.run.duration_s, from_s + replay_s), from_s, most);
  }
  runs.listen([this](std::size_t contender, std::int64_t replication) -> std::unique_ptr<Observer> {
    if (replication != 0) return nullptr;
    auto listeners = std::make_unique<Observers>();
    listeners->add(moves_[contender].get());
    return listeners;
  });
}

void ComparedReplays::add_to(Page& page) {
  runs_.listen({});
  std::string all;
  for (std::size_t k = 0; k < moves_.size(); ++k) {
    const Contender& contender = runs_.contenders()[k];
    Page one("replay", contender.label, "");
    if (!moves_[k]) {
      one.part("same_as", std::to_string(runs_.same_as(k)));
    } else {
      const Results results = results_of(runs_, k);
      add_plant(one, *contender.scenario);
      one.table("stations", "means of the window", stations_table(*contender.scenario, results));
      add_moves(one, *contender.scenario, moves_[k]->take());
      add_map(one, *contender.scenario, figures_of(*contender.scenario, results));
    }
    all += (all.empty() ? "" : ",") + one.model();
  }
  page.part("replays", "[" + all + "]");
}

}  // namespace retwin
