// A run that would take more events than are admitted says so early, by its pace.
#pragma once
#include <cstdint>

#include "core/flow/plant/plant.hpp"
#include "core/flow/state/state.hpp"

namespace retwin {

/// @param began_s when the run began, with `events_before` events behind it  @param until_s when it will end; inf: when nothing is left
/// @throws RunError if it has taken more events than the plant's limits admit, or would at its pace so far
void check_pace(const Plant& plant, const State& state, double began_s, std::uint64_t events_before, double until_s);

}  // namespace retwin
