// Resource pools in the run: who goes on when units are granted, and what shifts do to jobs in hand.
#include "core/flow/engine/engine.hpp"

namespace retwin {

double Engine::speed_of(const Server& server) const {
  return server.grant == none || !attended(server) ? 1 : crews_.slowest(server.grant);  // what nobody attends to takes its own time
}

void Engine::serve_requests() {
  if (crews_.kept_are_free) resume_kept();
  crews_.serve([this](Index server) { begin_granted(server); },
               [this](Index server) { set_base(server, ServerState::waiting_resource); });
}

void Engine::begin_granted(Index index) {
  Server& server = s_.servers[index];
  if (server.conditions & out_of_order) {
    begin_repair(index);
    return;
  }
  server.flags &= static_cast<std::uint8_t>(~flag_suspended);
  start_work(index);
}

// The jobs begun last are suspended, and go on before new work when somebody can do them; of a machine under repair the crew leaves.
// Repairs in hand are finished.
void Engine::send_home(Index pool) {
  const PoolState& state = s_.pools[pool];
  if (state.taken <= state.capacity + Crews::eps) return;
  const std::vector<Index> holders = crews_.holders_of(pool);
  for (auto v = holders.rbegin(); v != holders.rend() && state.taken > state.capacity + Crews::eps; ++v) {
    const Server& server = s_.servers[*v];
    if (server.conditions & out_of_order) {
      crews_.release(s_.servers[*v].grant);
    } else if (server.pending != 0) {
      suspend(*v);
      crews_.ask(*v);  // another pool may do as well
    }
  }
}

// Jobs keep their units off duty: those begun last are suspended until the units are back.
void Engine::suspend_kept(Index pool) {
  double left = s_.pools[pool].capacity;
  if (s_.pools[pool].taken <= left + Crews::eps) return;
  for (const Index v : crews_.holders_of(pool)) {
    left -= crews_.units_in(s_.servers[v].grant, pool);
    if (left >= -Crews::eps || s_.servers[v].conditions != 0 || s_.servers[v].pending == 0) continue;
    stop_work(v);
    s_.servers[v].flags |= flag_suspended;
    set_base(v, ServerState::waiting_resource);
  }
}

void Engine::resume_kept() {
  crews_.kept_are_free = false;
  for (Index pool = 0; pool < p_.pools.size(); ++pool) {
    if (!p_.pools[pool].keep) continue;
    for (const Index v : crews_.holders_of(pool)) {
      const Server& server = s_.servers[v];
      if (server.conditions == 0 && server.pending == 0 && (server.flags & flag_suspended)) continue_phase(v);
    }
  }
}

// Units on duty follow the calendars. What is taken beyond them is finished, suspended or kept.
void Engine::pool_shifts() {
  for (Index pool = 0; pool < p_.pools.size(); ++pool) {
    const Pool& spec = p_.pools[pool];
    PoolState& state = s_.pools[pool];
    const double capacity = capacity_of(pool);
    if (capacity == state.capacity) continue;
    state.offered.add(s_.now, capacity - state.capacity);
    if (!s_.requests.empty()) s_.pools_dirty = true;
    const bool more = capacity > state.capacity;
    state.capacity = capacity;
    crews_.tell(pool);
    if (spec.keep && more) crews_.kept_are_free = s_.pools_dirty = true;
    if (!spec.finish && !spec.keep) send_home(pool);
    if (spec.keep && !more) suspend_kept(pool);
  }
}

}  // namespace retwin
