// Which lots are at which station at a time.
#pragma once
#include "core/flow/plant/plant.hpp"
#include "core/flow/state/state.hpp"

namespace retwin {

/// Tells every lot in a buffer, in a job and at a port of a server, whether it waits there for room elsewhere or not, with its station. Not
/// lots that wait outside, nor those that are under way between places.
template <class Visit>
void each_lot(const Plant& plant, const State& state, Visit visit) {
  for (Index k = 0; k < plant.n_stations(); ++k)
    for (Index lot = state.stations[k].queue.head; lot != none; lot = state.lots[lot].next) visit(lot, k);
  for (Index v = 0; v < state.servers.size(); ++v) {
    const Index station = state.server_station[v];
    Index lot = state.servers[v].job;
    for (Index n = 0; lot != none && n < state.servers[v].jobs_lots; ++n, lot = state.lots[lot].next) visit(lot, station);
    for (std::size_t port = 0; port < plant.stations[station].ports.size(); ++port)
      for (Index out = state.outputs[state.server_port[v] + port].head; out != none; out = state.lots[out].next) visit(out, station);
  }
}

}  // namespace retwin
