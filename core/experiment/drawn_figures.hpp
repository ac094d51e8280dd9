// Figures of a run to be drawn on its process graph.
#pragma once
#include <functional>

#include "core/experiment/replications.hpp"
#include "core/graph/draw.hpp"

namespace retwin {

/// Counting on the way needs to know when: a warm-up that is to be found is found. @param tell of a doubt about it
Scenario with_known_warmup(Scenario scenario, const RunOptions& options, const std::function<void(const Problem&)>& tell);
/// Means of the window of a run, without what went along each way.
DrawnFigures figures_of(const Scenario& scenario, const Results& results);
/// With that, from a run of its own. @throws RunError
DrawnFigures figures_of_run(const Scenario& scenario, const ProcessGraph& graph, RunOptions options);

}  // namespace retwin
