// The options that tell what state logs, meters and masses hold, shared by the subcommands that read them.
#pragma once
#include <string>
#include <vector>

#include "core/telemetry/machines/states.hpp"

namespace CLI {
class App;
}

namespace retwin::cli {

struct StateOptions {
  std::string path;  ///< of the state log; declared by the subcommand
  std::string meters, masses, meter_unit, mass_unit;
  StateMapping mapping;
  std::vector<std::string> of_class[n_state_classes];
  /// All but the state log itself and the columns of its times and energies.
  void declare(CLI::App& app);
  /// @throws InputError
  MachineStates learn() const;
};

/// Refuses the unit of a file of readings that is not given. @throws InputError
void refuse_units_alone(const CLI::App& app);

}  // namespace retwin::cli
