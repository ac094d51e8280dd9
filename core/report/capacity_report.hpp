// The static capacity of a plant, for people and as tables.
#pragma once
#include <string>

#include "core/base/table.hpp"
#include "core/graph/capacity.hpp"
#include "core/scenario/scenario.hpp"

namespace retwin {

/// One row per station, the busiest first.
Table station_capacity_table(const Plant& plant, const Capacity& capacity);
/// One row per resource.
Table resource_capacity_table(const Plant& plant, const Capacity& capacity);
Table utility_capacity_table(const Plant& plant, const Capacity& capacity);
/// What the scenario is, what could be made at best and what limits it, the tables, what was assumed.
std::string capacity_text(const Scenario& scenario, const Capacity& capacity);

}  // namespace retwin
