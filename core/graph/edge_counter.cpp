// Follows each lot from node to node.
#include "core/graph/edge_counter.hpp"

namespace retwin {

EdgeCounter::EdgeCounter(const Plant& plant, const ProcessGraph& graph, double begin_s)
    : plant_(plant), graph_(graph), begin_s_(begin_s), lots_(graph.edges.size()), edges_of_(graph.n_nodes()) {
  for (std::size_t e = 0; e < graph.edges.size(); ++e) edges_of_[graph.edges[e].origin].push_back(e);
}

void EdgeCounter::lot_made(double, const Lot& lot, std::uint64_t parent, double) {
  const auto from = last_.find(parent);
  if (parent != 0 && from != last_.end()) {
    last_[lot.id] = from->second;
  } else if (parent == 0 && lot.source < plant_.sources.size()) {
    last_[lot.id] = graph_.source_node(lot.source);
  }
}

void EdgeCounter::lot_entered(double now, Index station, const Lot& lot) {
  if (lot.goal == none) arrive(now, lot, station);  // else it is on a transport
}

void EdgeCounter::lot_ended(double now, const Lot& lot, Index node) {
  if (node < graph_.n_nodes() && !graph_.is_station(node)) arrive(now, lot, node);
  last_.erase(lot.id);
}

// A merged lot and a new lap go on under another identity, of which nobody is told: it follows from the station, or the lot.
void EdgeCounter::job_finished(double, Index station, Index server, const State& state) {
  const Station& spec = plant_.stations[station];
  const Lot& first = state.lots[state.servers[server].job];
  if (spec.batch.merge) {
    const bool parent = spec.batch.merge_keeps_parent && first.family != 0;
    last_[parent ? first.family : identity(plant_.hot[station].stream, state.stations[station].merged + 1)] = station;
  } else if (spec.special == Special::lap) {
    for (Index lot = state.servers[server].job; lot != none; lot = state.lots[lot].next) last_[identity(state.lots[lot].id, 1)] = station;
  }
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
      if (option != none && graph_.edges[e].port == port && graph_.edges[e].option == option) lots_[e] += 1;
  }
  last_[lot.id] = node;
}

}  // namespace retwin
