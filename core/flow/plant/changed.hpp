// A compiled plant is closed; this makes another one of it.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>

#include "core/flow/plant/plant.hpp"

namespace retwin {

/// A plant of the same stations that differs by what `change` does. What follows from its figures follows anew, but who goes first at
/// one instant stays as it was. Its parameter hash is that of the plant and of `what`, which tells this change from every other.
std::shared_ptr<Plant> changed(const Plant& plant, std::uint64_t what, const std::function<void(Plant&)>& change);

}  // namespace retwin
