// Going on from a saved state: read, checked, and carried over by name if the plant has changed since.
#pragma once
#include <string>

#include "core/flow/plant.hpp"
#include "core/flow/state.hpp"

namespace retwin::cli {

/// The state for this plant; a warning on standard error tells of other structure. @throws InputError (file, state, structure)
State state_for(const Plant& plant, const std::string& path);

}  // namespace retwin::cli
