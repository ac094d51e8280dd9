// Going on: from a saved state, carried over by name where the plant has changed since; and across later changes of parameters.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/base/problem.hpp"
#include "core/flow/engine/simulation.hpp"
#include "core/flow/state/snapshot.hpp"
#include "core/ledger/window.hpp"

namespace retwin {

/// A state that fits a plant, with what was told on the way.
struct CarriedState {
  State state;
  std::optional<Problem> warning;  ///< the state is of another structure: the first few of the differences
  Sections heard = {};             ///< what observers had saved with it; of another structure nothing
  std::vector<Difference> differences = {};  ///< all of them
};

/// Makes a state fit a plant, by name if its structure is another. @param file named in problems, may be empty
/// @throws InputError (structure) with everything that cannot be carried over
CarriedState carry_over(LoadedState from, const Plant& plant, const std::string& file = {});

/// Reads a saved state and makes it fit. @throws InputError (file, state, structure)
CarriedState read_state_for(const Plant& plant, const std::string& path);

/// Advances to `until_s`; wherever parameters change on the way, the window (may be null) counts what was used until then with the
/// parameters that were in force. After the last change it is left for the caller to extend.
/// @param changes those of the simulation
void advance(Simulation& simulation, const std::vector<PlantChange>& changes, double until_s, Window* window,
             Observer* observer = nullptr, Watch* watch = nullptr, double goal_s = 0);

}  // namespace retwin
