// Figures of a plant that has not begun: their paths and units.
#include "core/experiment/objective.hpp"

#include <algorithm>

#include "core/flow/engine/simulation.hpp"
#include "core/kpi/kpi.hpp"
#include "core/ledger/window.hpp"

namespace retwin {

namespace {

/// Of a plant that has not begun: what they are called, and in which units.
std::vector<Kpi> figures_of_nothing(const Scenario& scenario) {
  const Simulation empty(scenario.plant);
  Window window(*scenario.plant, read(*scenario.plant, empty.state()));
  window.extend(*scenario.plant, read(*scenario.plant, empty.state()));
  return compute_kpis({window, scenario.reporting, scenario.run.year_s}, scenario.kpis);
}

}  // namespace

std::vector<std::string> figure_paths(const Scenario& scenario) {
  std::vector<std::string> paths;
  for (Kpi& kpi : figures_of_nothing(scenario)) paths.push_back(std::move(kpi.path));
  return paths;
}

std::map<std::string, std::string> figure_units(const Scenario& scenario) {
  std::map<std::string, std::string> units;
  for (Kpi& kpi : figures_of_nothing(scenario)) units.emplace(std::move(kpi.path), std::move(kpi.unit));
  return units;
}

std::string figure_unit(const Scenario& scenario, const std::string& path) {
  for (Kpi& kpi : figures_of_nothing(scenario))
    if (kpi.path == path) return std::move(kpi.unit);
  return {};
}

void check_figure(const Scenario& scenario, const std::string& path, const Place& place) {
  const std::vector<std::string> known = figure_paths(scenario);
  if (std::find(known.begin(), known.end(), path) != known.end()) return;
  const std::string near = nearest(path, known);
  refuse(Code::unknown_name, place, "there is no figure " + path,
         near.empty() ? "see the file kpis.csv of retwin run --out for all of them" : "did you mean " + near + "?");
}

void check_objective(const Scenario& scenario) {
  if (!scenario.objective.empty()) check_figure(scenario, scenario.objective, scenario.objective_place);
}

}  // namespace retwin
