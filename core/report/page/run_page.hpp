// What the page of a run has on it: its result, its tables, what was recorded of the first replication.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/experiment/replications.hpp"
#include "core/experiment/verdict.hpp"
#include "core/graph/lanes.hpp"
#include "core/ledger/moves.hpp"
#include "core/ledger/series.hpp"
#include "core/report/page/page.hpp"
#include "core/registry.hpp"
#include "core/scenario/scenario.hpp"

namespace retwin {

/// Stations, sinks, sources and functional units, so that the page can name them.
void add_plant(Page& page, const Scenario& scenario);
/// The terms of reports.
void add_words(Page& page);
/// What relief has shown.
void add_verdict(Page& page, const Scenario& scenario, const Verdict& verdict);
/// The result, and every table that says something of this plant.
void add_result(Page& page, const Scenario& scenario, const Results& results, const std::vector<Exporter>& exporters);
/// Time between two points of curves: an hour, or longer where there would be too many.
double curve_step_s(const Scenario& scenario);
/// Levels of the first replication, for curves.
void add_series(Page& page, const Scenario& scenario, const Series& series);
/// The map of the plant, where Graphviz is installed; else the page says why there is none. @param figures decide how much room a station takes
void add_map(Page& page, const Scenario& scenario, const DrawnFigures& figures);
/// What went where in the window of the first replication, and the replay of a part of it.
void add_moves(Page& page, const Scenario& scenario, const Moves& moves);
/// One line: what was run, for how long, how often.
std::string heading_of(const Scenario& scenario, const Results& results);

}  // namespace retwin
