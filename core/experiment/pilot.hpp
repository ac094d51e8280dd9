// The static capacity of a scenario, where needed with what a short run shows of its unit operations.
#pragma once
#include "core/graph/capacity.hpp"
#include "core/scenario/scenario.hpp"

namespace retwin {

/// Where the files leave splits or times open, those of a pilot run are used; the first note says so.
Capacity capacity_of(const Scenario& scenario, const ProcessGraph& graph);

}  // namespace retwin
