// The pilot run: the first replication from the empty plant, until enough has happened.
#include "bindings/cli/pilot.hpp"

#include <fmt/format.h>

#include "core/base/units.hpp"
#include "core/flow/engine/simulation.hpp"

namespace retwin::cli {
namespace {

constexpr std::uint64_t enough_events = 500000;
constexpr int steps = 100;  ///< of the run, after each of which it may be enough

}  // namespace

Capacity capacity_of(const Scenario& scenario, const ProcessGraph& graph) {
  const Plant& plant = *scenario.plant;
  Capacity told = static_capacity(plant, graph);
  if (told.notes.empty()) return told;
  Simulation pilot(scenario.plant, scenario.run.seed, 0, scenario.changes);
  std::string stopped;
  try {
    for (int k = 1; k <= steps && pilot.state().accounts.events < enough_events; ++k)
      pilot.advance(scenario.run.duration_s * k / steps);
  } catch (const RunError& error) {
    stopped = std::string("; it stopped: ") + error.what();
  }
  Capacity seen = static_capacity(plant, graph, observed(plant, pilot.state().accounts));
  seen.notes.insert(
      seen.notes.begin(),
      fmt::format("Splits and times that the files do not tell are those of a pilot run of {} from the empty plant{}.",
                  format_duration(pilot.now()), stopped));
  return seen;
}

}  // namespace retwin::cli
