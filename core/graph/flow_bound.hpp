// Max-flow through the process graph, an upper bound on what a plant can take. Private to core/graph.
#pragma once
#include <vector>

#include "core/graph/process_graph.hpp"

namespace retwin {

/// A network with capacities and gains at its stations.
struct BoundNetwork {
  std::vector<double> source_rate;  ///< [lots/s]; inf: saturated
  std::vector<double> capacity;     ///< per station [lots/s]; inf: unlimited
  std::vector<double> gain;         ///< per station: lots that leave, over all ports, per lot that enters
};

/// The largest total rate of the sources [lots/s] when every split is free (max-flow = min-cut; Ford & Fulkerson, Canadian
/// Journal of Mathematics 8, 1956). Flows are counted in source lots: a station's capacity is divided by the smallest gain on
/// any way to it, so the bound holds where ways of different gain meet (a circle that loses lots thus leaves no bound behind
/// it). Infinity if nothing limits it.
double max_flow(const ProcessGraph& graph, const BoundNetwork& network);

}  // namespace retwin
