// Reads a state's accounts and adds the stretches that are still going on, without changing the state.
#include "core/ledger/reading.hpp"

namespace retwin {
namespace {

void add_running_servers(const State& state, Reading& out) {
  for (std::size_t v = 0; v < state.servers.size(); ++v) {
    const Server& server = state.servers[v];
    const Index station = state.server_station[v];
    out.accounts.stations[station].time_in[static_cast<std::size_t>(server.shown)] += state.now - server.since;
  }
}

void add_running_waits(const State& state, Reading& out) {
  for (std::size_t k = 0; k < state.stations.size(); ++k) {
    double waits = out.accounts.stations[k].waited;
    for (Index lot = state.stations[k].queue_head; lot != none; lot = state.lots[lot].next)
      waits += state.now - state.lots[lot].entered;
    out.waits_s.push_back(waits);
  }
}

/// A saturated source holds one lot that is not in the plant yet, whatever it says.
bool is_outside(const Plant& plant, const Lot& lot) {
  if (lot.holder == none || !(lot.holder & source_holder)) return false;
  return plant.sources[lot.holder & ~source_holder].arrivals == Arrivals::saturated;
}

void add_live_lots(const Plant& plant, const State& state, Reading& out) {
  const std::size_t n = plant.n_components;
  for (std::size_t i = 0; i < state.lots.size(); ++i) {
    const Lot& lot = state.lots[i];
    if (lot.id == 0 || stands_for_step(lot, static_cast<Index>(i))) continue;
    for (std::size_t c = 0; c < n; ++c) out.stock_kg[c] += state.kg[i * n + c];
    if (!is_outside(plant, lot)) out.stays_s += state.now - lot.born;
  }
}

}  // namespace

Reading read(const Plant& plant, const State& state) {
  Reading out;
  out.at_s = state.now;
  out.accounts = state.accounts;
  out.pools = state.pools;
  out.stock_kg.assign(plant.n_components, 0);
  out.stays_s = state.accounts.wip_cycle_sum;
  out.live_lots = state.live_lots;
  for (std::size_t k = 0; k < plant.sources.size(); ++k)
    if (plant.sources[k].arrivals != Arrivals::saturated) out.waiting_outside += state.sources[k].waiting;
  add_running_servers(state, out);
  add_running_waits(state, out);
  add_live_lots(plant, state, out);
  return out;
}

}  // namespace retwin
