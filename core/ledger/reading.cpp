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

/// Work that goes on slowly: what is done of it since its speed was last looked at.
void add_slowed_work(const State& state, Reading& out) {
  for (std::size_t v = 0; v < state.server_pulls.size(); ++v) {
    const Server& server = state.servers[v];
    if (state.server_pulls[v].first == none || server.base != ServerState::waiting_utility) continue;
    out.accounts.stations[state.server_station[v]].slowed_work_s += state.server_pulls[v].ahead_s - phase_ahead(state, static_cast<Index>(v));
  }
}

void add_running_waits(const State& state, Reading& out) {
  for (std::size_t k = 0; k < state.stations.size(); ++k) {
    double waits = out.accounts.stations[k].waited;
    for (Index lot = state.stations[k].queue.head; lot != none; lot = state.lots[lot].next)
      waits += state.now - state.lots[lot].entered;
    out.waits_s.push_back(waits);
  }
}

void add_live_lots(const Plant& plant, const State& state, Reading& out) {
  const std::size_t n = plant.n_components;
  for (std::size_t i = 0; i < state.lots.size(); ++i) {
    const Lot& lot = state.lots[i];
    if (lot.id == 0 || stands_for_step(lot, static_cast<Index>(i)) || is_offer(state, lot)) continue;
    for (std::size_t c = 0; c < n; ++c) out.stock_kg[c] += state.kg[i * n + c];
    out.stays_s += state.now - lot.born;
    if (plant.due_slot < 0) continue;
    const double due_s = state.attributes[i * plant.attributes.size() + static_cast<std::size_t>(plant.due_slot)];
    if (due_s > 0 && state.now - lot.born > due_s) ++out.overdue;
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
  for (const SourceState& source : state.sources) out.waiting_outside += source.waiting - source.offered;
  out.accounts.settle(state.now);
  add_running_servers(state, out);
  add_slowed_work(state, out);
  for (std::size_t u = 0; u < state.stores.size(); ++u) settle_store(state, u, out.accounts);
  add_running_waits(state, out);
  add_live_lots(plant, state, out);
  out.tank_kg = state.tank_kg;
  for (std::size_t i = 0; i < plant.tanks.size(); ++i) {
    settle_tank(plant, state, i, out.accounts);
    for (std::size_t c = 0; c < plant.n_components; ++c) out.stock_kg[c] += state.tank_kg[i * plant.n_components + c];
  }
  return out;
}

}  // namespace retwin
