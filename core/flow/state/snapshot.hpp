// Saved states: named sections of bytes, with the structure of the plant, and back.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "core/flow/plant/structure.hpp"
#include "core/flow/state/state.hpp"

namespace retwin {

/// What travels with a state beside it, of observers for instance, by name.
using Sections = std::map<std::string, std::string>;

/// A state with the structure of the plant it was saved from, to be carried over by `rebase`.
struct LoadedState {
  State state;
  Structure structure;
  Sections sections = {};  ///< beside the state's own
};

/// Bytes of a state with further sections; their names are none of `structure`, `future`, `accounts` and `activity`.
std::string save_state(const State& state, const Plant& plant, const Sections& more);
/// Reads a saved state without its plant. @throws InputError (code state: damaged, or no state at all)
LoadedState read_state(std::string_view bytes, const std::string& file_name);

}  // namespace retwin
