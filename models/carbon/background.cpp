// What a plant used, carried through the matrices of a background system.
#include "models/carbon/background.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/units.hpp"

namespace retwin {

Background background_of(const std::string& folder, const Scenario& scenario, const EdgeSummary& summary) {
  Problems problems;
  ProcessSystem read = ProcessSystem::read(folder, problems);
  problems.throw_if_errors();
  const LifeCycle cycle(std::move(read));
  const ProcessSystem& system = cycle.system();
  const Plant& plant = *scenario.plant;
  std::vector<double> used(plant.flows.size()), demand(system.processes.size());
  for (const std::vector<double>& row : summary.used)
    for (std::size_t f = 0; f < used.size(); ++f) used[f] += row[f];
  const double s = summary.end_s - summary.begin_s;
  for (const Auxiliary& auxiliary : scenario.reporting.auxiliaries) {
    used[plant.electricity] += auxiliary.power_W * s;
    for (const auto& [flow, per_s] : auxiliary.consumes) used[flow] += per_s * s;
  }
  const std::vector<double> intensities = cycle.intensities();
  Table flows({text_column("flow").as("Background"), number_column("amount").as("amount"), text_column("unit").to_the_left(),
               number_column("intensity", "kg CO2e per unit", "of the system").as("kg CO2e a unit"), number_column("carbon", "kg CO2e").as("kg CO2e")});
  for (std::size_t k = 0; k < system.processes.size(); ++k)
    for (std::size_t f = 0; f < plant.flows.size(); ++f) {
      if (plant.flows[f].name != system.processes[k]) continue;
      const std::optional<Quantity> unit = parse_unit(system.units[k]);
      if (!unit || !(unit->dimension == plant.flows[f].dimension)) {
        problems.error(Code::unit, {folder + "/processes.csv", static_cast<int>(k) + 2, 1, 1, ""}, "background",
                       fmt::format("{} is told per \"{}\", and metered as {}", system.processes[k], system.units[k], describe(plant.flows[f].dimension)), "give a unit of that kind");
        continue;
      }
      demand[k] = used[f] / unit->value;
      flows.row({plant.flows[f].name, demand[k], system.units[k], intensities[k], intensities[k] * demand[k]});
    }
  problems.throw_if_errors();
  const Impact impact = cycle.of(demand);
  Table processes({text_column("process").as("Process"), number_column("carbon", "kg CO2e", "that it emits itself").as("kg CO2e"), number_column("share", "1").as("share", shown_percent)});
  for (const auto& [process, kg] : impact.by_process) processes.row({system.processes[process], kg, kg / impact.kg});
  Background made{impact.kg, system.processes.size(), std::move(flows), std::move(processes), {}};
  std::string beyond;
  for (std::size_t f = 0; f < plant.flows.size(); ++f)
    if (used[f] != 0 && std::find(system.processes.begin(), system.processes.end(), plant.flows[f].name) == system.processes.end())
      beyond += (beyond.empty() ? "" : ", ") + plant.flows[f].name;
  if (!beyond.empty())
    made.beyond = Problem{Code::missing, Severity::warning, {}, "background", "the system makes none of " + beyond + ": what they cause is not counted", "add processes of these names"};
  return made;
}

std::string background_text(const Background& background) {
  return fmt::format("{:.6g} kg CO2e of what was bought, by {} processes\n\n", background.kg, background.n_processes) + background.flows.text() + "\n" + background.processes.text();
}

}  // namespace retwin
