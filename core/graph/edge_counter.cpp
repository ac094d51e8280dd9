// Follows each lot from node to node.
#include "core/graph/edge_counter.hpp"

namespace retwin {

EdgeCounter::EdgeCounter(const Plant& plant, const ProcessGraph& graph, double begin_s)
    : plant_(plant), graph_(graph), begin_s_(begin_s), lots_(graph.edges.size()), kg_(graph.edges.size()), edges_of_(graph.n_nodes()) {
  for (std::size_t e = 0; e < graph.edges.size(); ++e) edges_of_[graph.edges[e].origin].push_back(e);
}

void EdgeCounter::lot_made(const Birth& birth) {
  if (birth.origin == Origin::tank) return;
  if (!birth.ancestors.empty()) {
    const auto from = last_.find(birth.ancestors.front().lot);
    if (from != last_.end()) last_[birth.lot.id] = from->second;
  } else if (birth.origin == Origin::source) {
    last_[birth.lot.id] = graph_.source_node(birth.lot.source);
  }
}

void EdgeCounter::lot_entered(double now, Index station, const Lot& lot) {
  if (lot.goal == none) arrive(now, lot, station);  // else it is on a transport
}

void EdgeCounter::lot_ended(double now, const Lot& lot, Index node, std::span<const double>) {
  if (node < graph_.n_nodes() && !graph_.is_station(node)) arrive(now, lot, node);
  last_.erase(lot.id);
}

std::vector<double> EdgeCounter::shares() const {
  std::vector<double> shares(lots_);
  for (std::size_t first = 0, last = 0; first < shares.size(); first = last) {
    const FlowEdge& route = graph_.edges[first];
    double sum = 0;
    for (last = first; last < shares.size() && graph_.edges[last].origin == route.origin && graph_.edges[last].port == route.port; ++last)
      if (last == first || graph_.edges[last].option != graph_.edges[last - 1].option) sum += lots_[last];
    for (std::size_t e = first; e < last; ++e) shares[e] /= sum;
  }
  return shares;
}

void EdgeCounter::arrive(double now, const Lot& lot, Index node) {
  const auto from = last_.find(lot.id);
  if (now >= begin_s_ && from != last_.end()) {
    const Index origin = from->second;
    const bool station = graph_.is_station(origin);
    const bool step = station && plant_.stations[origin].special == Special::plan && stands_for_step(lot, none);
    const Index port = !station || plant_.stations[origin].ports.size() == 1 ? 0 : step ? 1 : lot.port;
    Index option = none;
    for (const std::size_t e : edges_of_[origin])  // the last part of a way names its target
      if (option == none && graph_.edges[e].port == port && graph_.edges[e].to == node) option = graph_.edges[e].option;
    for (const std::size_t e : edges_of_[origin])
      if (option != none && graph_.edges[e].port == port && graph_.edges[e].option == option) lots_[e] += 1, kg_[e] += lot.mass;
  }
  last_[lot.id] = node;
}

}  // namespace retwin
