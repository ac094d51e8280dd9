// Stations on a cycle of the process graph: lots may visit them more than once.
#pragma once
#include <utility>
#include <vector>

namespace retwin {

/// For each of n nodes, whether it lies on a cycle of the directed edges (a loop to itself counts).
std::vector<bool> on_cycle(std::size_t n, const std::vector<std::pair<std::size_t, std::size_t>>& edges);

}  // namespace retwin
