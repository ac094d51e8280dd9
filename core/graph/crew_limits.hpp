// How much work a pool of resources can do for the stations that share it, each within its own hours. Private to core/graph.
#pragma once
#include <vector>

#include "core/graph/arrival_rate.hpp"
#include "core/graph/process_graph.hpp"

namespace retwin {

/// What a station takes of a pool [units]: per unit of the flow that is scaled up, and anyway.
struct CrewWork {
  Index station;
  double growing, fixed;
};

/// How far the growing work can be scaled up. While a station is on (its calendar, the pool's shifts), the pool works for it and
/// for the others: for those on a way with it, first come first served, for as many lots; for the rest by how much of their
/// hours falls into these. What one station could put off until another is off is thus taken not to be put off.
/// @param base units taken whatever the flow
double crew_scale(const Plant& plant, const ProcessGraph& graph, const Period& period, Index pool, const std::vector<CrewWork>& work,
                  double base);

}  // namespace retwin
