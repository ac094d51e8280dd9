// The recycling half of retwin: every unit operation, kind of lot, KPI and exporter it knows.
#pragma once
#include "core/registry.hpp"

namespace retwin {

/// Adds all unit operations, lot makers, KPIs, exporters and the component library to a registry.
void register_models(Registry& registry);
/// Everything there is: of every plant, and of this domain.
Registry whole_registry();

}  // namespace retwin
