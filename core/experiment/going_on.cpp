// Reads a saved state and rebases it if it is of another structure; advances piece by piece between changes.
#include "core/experiment/going_on.hpp"

#include <fmt/format.h>

#include "core/base/files.hpp"

namespace retwin {
namespace {

constexpr std::size_t largest_state = std::size_t{8} << 30;  ///< [bytes]
constexpr std::size_t most_told = 5;

Problem told(const std::vector<Difference>& differ, const std::string& file) {
  std::string what;
  for (std::size_t k = 0; k < differ.size() && k < most_told; ++k)
    what += (k == 0 ? "" : "; ") + differ[k].path + ": " + differ[k].message;
  if (differ.size() > most_told) what += fmt::format("; and {} more", differ.size() - most_told);
  Place place;
  place.file = file;
  return {Code::structure,
          Severity::warning,
          place,
          {},
          "the state is of another structure, carried over by name (" + what + ")",
          "what is new begins empty"};
}

}  // namespace

CarriedState carry_over(LoadedState from, const Plant& plant, const std::string& file) {
  std::vector<Difference> differ = differences(from.structure, structure_of(plant));
  if (differ.empty()) {
    from.state.structure_hash = plant.structure_hash;
    return {std::move(from.state), std::nullopt, std::move(from.sections), {}};
  }
  try {
    State state = rebase(from.state, from.structure, plant);
    Problem warning = told(differ, file);
    return {std::move(state), std::move(warning), {}, std::move(differ)};
  } catch (const InputError& error) {
    std::vector<Problem> named = error.problems();
    for (Problem& problem : named)
      if (problem.place.file.empty()) problem.place.file = file;
    throw InputError(named);
  }
}

CarriedState read_state_for(const Plant& plant, const std::string& path) {
  Problems problems;
  const std::optional<std::string> bytes = read_file(path, largest_state, problems);
  problems.throw_if_errors();
  return carry_over(read_state(*bytes, path), plant, path);
}

void advance(Simulation& simulation, const std::vector<PlantChange>& changes, double until_s, Window* window,
             Observer* observer, Watch* watch, double goal_s) {
  const auto to = [&](double at_s) {
    const std::shared_ptr<const Plant> in_force = simulation.plant_pointer();
    simulation.advance(at_s, observer, watch, goal_s);
    if (window && simulation.plant_pointer() != in_force) window->extend(*in_force, read(*in_force, simulation.state()));
  };
  for (const PlantChange& change : changes)
    if (change.at_s >= simulation.now() && change.at_s < until_s) to(change.at_s);
  to(until_s);
}

}  // namespace retwin
