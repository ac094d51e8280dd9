// Max-flow by Edmonds and Karp, with every station split into a way in and a way out.
#include "core/graph/flow_bound.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/edmonds_karp_max_flow.hpp>

#include "core/base/constants.hpp"

namespace retwin {
namespace {

using Traits = boost::adjacency_list_traits<boost::vecS, boost::vecS, boost::directedS>;
using Network =
    boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, boost::no_property,
                          boost::property<boost::edge_capacity_t, double,
                                          boost::property<boost::edge_residual_capacity_t, double,
                                                          boost::property<boost::edge_reverse_t, Traits::edge_descriptor>>>>;

void add_arc(Network& network, std::size_t from, std::size_t to, double capacity) {
  const auto forth = boost::add_edge(from, to, network).first, back = boost::add_edge(to, from, network).first;
  boost::put(boost::edge_capacity, network, forth, capacity);
  boost::put(boost::edge_capacity, network, back, 0.0);
  boost::put(boost::edge_reverse, network, forth, back);
  boost::put(boost::edge_reverse, network, back, forth);
}

// Smallest number of lots that a source lot has become on any way to each node; 0 where a circle makes it ever smaller.
std::vector<double> lots_per_source_lot(const ProcessGraph& graph, const BoundNetwork& network) {
  std::vector<double> lots(graph.n_nodes(), infinity);
  for (Index s = 0; s < graph.n_sources; ++s) lots[graph.source_node(s)] = 1;
  std::vector<bool> changed(lots.size(), true);
  for (std::size_t round = 0, any = 1; any != 0; ++round) {
    std::vector<bool> next(lots.size(), false);
    any = 0;
    for (const FlowEdge& edge : graph.edges) {
      if (!changed[edge.origin] || std::isinf(lots[edge.origin])) continue;
      const double gain = graph.is_source(edge.origin) ? 1 : network.gain[edge.origin];
      const double here = round >= lots.size() ? 0 : lots[edge.origin] * gain;
      if (here >= lots[edge.to] * (1 - 1e-12)) continue;
      lots[edge.to] = here;
      next[edge.to] = true;
      any = 1;
    }
    changed = next;
  }
  return lots;
}

}  // namespace

double max_flow(const ProcessGraph& graph, const BoundNetwork& network) {
  const std::vector<double> lots = lots_per_source_lot(graph, network);
  std::vector<double> limit(graph.n_stations, infinity);
  double finite = 0;
  for (Index i = 0; i < graph.n_stations; ++i) {
    if (lots[i] > 0 && std::isfinite(lots[i]) && std::isfinite(network.capacity[i]))
      finite += limit[i] = network.capacity[i] / lots[i];
  }
  for (double rate : network.source_rate)
    if (std::isfinite(rate)) finite += rate;
  const double unbounded = 2 * finite + 1;

  // nodes as in the process graph; then the ways out of the stations, the beginning and the end of all
  const std::size_t out = graph.n_nodes(), begin = out + graph.n_stations, end = begin + 1;
  Network flow(end + 1);
  std::vector<bool> goes_on(graph.n_stations, false);
  for (const FlowEdge& edge : graph.edges) {
    if (graph.is_station(edge.from)) goes_on[edge.from] = true;
    add_arc(flow, graph.is_station(edge.from) ? out + edge.from : edge.from, edge.to, unbounded);
  }
  for (Index i = 0; i < graph.n_stations; ++i) {
    add_arc(flow, i, out + i, std::min(limit[i], unbounded));
    if (!goes_on[i]) add_arc(flow, out + i, end, unbounded);
  }
  for (Index k = 0; k < graph.n_sinks; ++k) add_arc(flow, graph.n_stations + k, end, unbounded);
  for (Index s = 0; s < graph.n_sources; ++s)
    add_arc(flow, begin, graph.source_node(s), std::min(network.source_rate[s], unbounded));
  const double most = boost::edmonds_karp_max_flow(flow, begin, end);
  return most >= unbounded ? infinity : most;
}

}  // namespace retwin
