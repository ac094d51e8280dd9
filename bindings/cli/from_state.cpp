// Reads a saved state; rebases it if it is of another structure.
#include "bindings/cli/from_state.hpp"

#include <fmt/format.h>

#include "bindings/cli/command.hpp"
#include "core/base/files.hpp"
#include "core/flow/simulation.hpp"
#include "core/flow/snapshot.hpp"

namespace retwin::cli {
namespace {

constexpr std::size_t largest_state = std::size_t{8} << 30;  ///< [bytes]
constexpr std::size_t most_told = 5;

void tell_differences(const std::string& path, const std::vector<Difference>& differ) {
  std::string what;
  for (std::size_t k = 0; k < differ.size() && k < most_told; ++k)
    what += (k == 0 ? "" : "; ") + differ[k].path + ": " + differ[k].message;
  if (differ.size() > most_told) what += fmt::format("; and {} more", differ.size() - most_told);
  Place place;
  place.file = path;
  tell({Code::structure,
        Severity::warning,
        place,
        {},
        "the state is of another structure, carried over by name (" + what + ")",
        "what is new begins empty"});
}

}  // namespace

State state_for(const Plant& plant, const std::string& path) {
  Problems problems;
  const std::optional<std::string> bytes = read_file(path, largest_state, problems);
  problems.throw_if_errors();
  LoadedState loaded = read_state(*bytes, path);
  const std::vector<Difference> differ = differences(loaded.structure, structure_of(plant));
  if (differ.empty()) {
    loaded.state.structure_hash = plant.structure_hash;
    return std::move(loaded.state);
  }
  try {
    State state = rebase(loaded.state, loaded.structure, plant);
    tell_differences(path, differ);
    return state;
  } catch (const InputError& error) {
    std::vector<Problem> named = error.problems();
    for (Problem& problem : named)
      if (problem.place.file.empty()) problem.place.file = path;
    throw InputError(named);
  }
}

}  // namespace retwin::cli
