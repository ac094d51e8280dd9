// The figure that counts, among those that a scenario has.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "core/base/problem.hpp"
#include "core/scenario/scenario.hpp"

namespace retwin {

/// Paths of all figures that a replication of the scenario gives, before any is run.
std::vector<std::string> figure_paths(const Scenario& scenario);
/// Throws unless the scenario has a figure of this path. @param place where it was asked for @throws InputError (unknown_name)
void check_figure(const Scenario& scenario, const std::string& path, const Place& place);

/// The same for the scenario's own objective.
void check_objective(const Scenario& scenario);
/// All of them with their units.
std::map<std::string, std::string> figure_units(const Scenario& scenario);
/// The unit of a figure, "1" for counts and shares; empty if the scenario has none of this path.
std::string figure_unit(const Scenario& scenario, const std::string& path);

}  // namespace retwin
