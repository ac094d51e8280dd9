// Saved states: a state as bytes with the structure of its plant, and back.
#pragma once
#include <string>
#include <string_view>

#include "core/flow/plant/structure.hpp"
#include "core/flow/state/state.hpp"

namespace retwin {

/// A state with the structure of the plant it was saved from, to be carried over by `rebase`.
struct LoadedState {
  State state;
  Structure structure;
};

/// Reads a saved state without its plant. @throws InputError (code state: damaged, or no state at all)
LoadedState read_state(std::string_view bytes, const std::string& file_name);

}  // namespace retwin
