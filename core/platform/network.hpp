// Who answers for computers and links: SimGrid, in processes of its own.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/flow/plant/cosimulation.hpp"
#include "core/platform/simgrid.hpp"

namespace retwin {

/// @param ways the links of each transfer that may be asked about
std::shared_ptr<const Cosimulation> simulated_network(std::vector<DigitalDevice> devices, std::vector<std::vector<std::uint32_t>> ways);

/// Reads a platform file of SimGrid; what is wrong with it is in `failure`.
Platform read_platform(const std::string& file, const std::vector<std::pair<std::string, std::string>>& routes);

}  // namespace retwin
