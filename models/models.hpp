// The recycling half of retwin: every unit operation and kind of lot it knows.
#pragma once
#include "core/registry.hpp"

namespace retwin {

/// Adds all unit operations, lot makers and the component library to a registry.
void register_models(Registry& registry);

}  // namespace retwin
