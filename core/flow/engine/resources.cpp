// Resource pools: requests are granted all or none, in order of priority and age; a request that was overtaken too often closes
// its pools to those behind it, so that a big one cannot starve.
#include <algorithm>

#include "core/flow/engine/engine.hpp"

namespace retwin {
namespace {
constexpr double eps = 1e-9;
constexpr Index overtaken_limit = 8;
}  // namespace

const std::vector<Need>* Engine::needs_of(const Server& server) const {
  const Index index = static_cast<Index>(&server - s_.servers.data());
  const Station& spec = p_.stations[station_of(index)];
  if (server.conditions & (condition_down | condition_maintenance)) return &spec.failures[server.failed_mode].needs;
  if (server.stage == Stage::setup) return &spec.setup.needs;
  if (server.stage == Stage::changeover) return &spec.changeover_needs;
  if (server.stage == Stage::work) return &spec.phases[server.phase].needs;
  return nullptr;
}

bool Engine::try_grant(const std::vector<Need>& needs, Index& grant, const std::vector<std::uint8_t>* closed) {
  struct Part {
    Index pool;
    double count;
  };
  Part parts[16];
  std::size_t n = 0;
  const auto free_units = [&](Index pool) {
    double units = s_.pools[pool].capacity - s_.pools[pool].taken;
    for (std::size_t k = 0; k < n; ++k)
      if (parts[k].pool == pool) units -= parts[k].count;
    return units;
  };
  for (const Need& need : needs) {
    double missing = need.count;
    for (Index pool : need.pools) {
      if (missing <= eps) break;
      if (closed && (*closed)[pool]) continue;
      const double units = std::min(missing, free_units(pool));
      if (units <= eps || n == std::size(parts)) continue;
      parts[n++] = {pool, units};
      missing -= units;
    }
    if (missing > eps) return false;
  }
  for (std::size_t k = 0; k < n; ++k) {
    Index node = s_.free_grant;
    if (node == none) {
      node = static_cast<Index>(s_.grants.size());
      s_.grants.emplace_back();
    } else {
      s_.free_grant = s_.grants[node].next;
    }
    s_.grants[node] = {parts[k].pool, grant, parts[k].count};
    grant = node;
    s_.pools[parts[k].pool].taken += parts[k].count;
    s_.pools[parts[k].pool].use.add(s_.now, parts[k].count);
  }
  return true;
}

void Engine::release(Index& grant) {
  while (grant != none) {
    Grant& g = s_.grants[grant];
    s_.pools[g.pool].taken -= g.count;
    s_.pools[g.pool].use.add(s_.now, -g.count);
    const Index next = g.next;
    g.next = s_.free_grant;
    g.pool = none;
    s_.free_grant = grant;
    grant = next;
    if (!s_.requests.empty()) s_.pools_dirty = true;
  }
}

bool Engine::holds(Index grant, Index pool) const {
  for (; grant != none; grant = s_.grants[grant].next)
    if (s_.grants[grant].pool == pool) return true;
  return false;
}

bool Engine::shares_pool(const std::vector<Need>& a, const std::vector<Need>& b) const {
  for (const Need& x : a)
    for (const Need& y : b)
      for (Index p : x.pools)
        if (std::find(y.pools.begin(), y.pools.end(), p) != y.pools.end()) return true;
  return false;
}

void Engine::insert_request(Index server, int priority) {
  Request r;
  r.server = server;
  r.order = s_.order++;
  r.since = s_.now;
  r.priority = priority;
  const auto behind = [](const Request& a, const Request& b) {
    return a.priority != b.priority ? a.priority > b.priority : a.order < b.order;
  };
  s_.requests.insert(std::upper_bound(s_.requests.begin(), s_.requests.end(), r, behind), r);
  s_.servers[server].flags |= flag_waiting;
}

// True: granted. False: the server waits in line.
bool Engine::request(Index index, const std::vector<Need>& needs, Index& grant) {
  if (s_.pools_dirty) serve_requests();
  const int priority = p_.stations[station_of(index)].priority;
  std::vector<std::uint8_t> closed;
  for (const Request& waiting : s_.requests) {
    if (waiting.priority < priority || waiting.overtaken < overtaken_limit) continue;
    if (closed.empty()) closed.assign(s_.pools.size(), 0);
    for (const Need& need : *needs_of(s_.servers[waiting.server]))
      for (Index pool : need.pools) closed[pool] = 1;
  }
  if (try_grant(needs, grant, closed.empty() ? nullptr : &closed)) {
    for (Request& waiting : s_.requests)
      if (waiting.priority >= priority && shares_pool(needs, *needs_of(s_.servers[waiting.server]))) ++waiting.overtaken;
    return true;
  }
  insert_request(index, priority);
  return false;
}

void Engine::serve_requests() {
  s_.pools_dirty = false;
  std::vector<std::uint8_t> closed(s_.pools.size(), 0);
  std::vector<std::size_t> passed_over;
  for (std::size_t k = 0; k < s_.requests.size();) {
    const Index index = s_.requests[k].server;
    Server& server = s_.servers[index];
    const std::vector<Need>& needs = *needs_of(server);
    const bool repair = (server.conditions & (condition_down | condition_maintenance)) != 0;
    if (try_grant(needs, repair ? server.repair_grant : server.grant, &closed)) {
      for (std::size_t before : passed_over)
        if (shares_pool(needs, *needs_of(s_.servers[s_.requests[before].server]))) ++s_.requests[before].overtaken;
      s_.requests.erase(s_.requests.begin() + static_cast<std::ptrdiff_t>(k));
      server.flags &= static_cast<std::uint8_t>(~flag_waiting);
      if (repair) {
        begin_repair(index);
      } else {
        continue_phase(index);
      }
      continue;
    }
    if (s_.requests[k].overtaken >= overtaken_limit) {
      for (const Need& need : needs)
        for (Index pool : need.pools) closed[pool] = 1;
    }
    passed_over.push_back(k);
    ++k;
  }
}

void Engine::cancel_request(Index index) {
  std::erase_if(s_.requests, [&](const Request& r) { return r.server == index; });
  s_.servers[index].flags &= static_cast<std::uint8_t>(~flag_waiting);
}

double Engine::speed_of(const Server& server) const {
  double speed = 1;
  bool first = true;
  for (Index grant = server.grant; grant != none; grant = s_.grants[grant].next) {
    const double pool_speed = p_.pools[s_.grants[grant].pool].speed;
    speed = first ? pool_speed : std::min(speed, pool_speed);
    first = false;
  }
  return speed;
}

// Whether a crew that was kept during a repair has gone off duty meanwhile.
bool Engine::beyond_shift(Index grant) const {
  for (; grant != none; grant = s_.grants[grant].next) {
    const PoolState& pool = s_.pools[s_.grants[grant].pool];
    const Pool& spec = p_.pools[s_.grants[grant].pool];
    if (!spec.finish && !spec.keep && pool.taken > pool.capacity + eps) return true;
  }
  return false;
}

// Jobs keep their units off duty: those begun last are suspended, and go on when the units are back.
void Engine::keep_crew(Index pool) {
  std::vector<Index> holders;
  for (Index v = 0; v < s_.servers.size(); ++v)
    if (s_.servers[v].conditions == 0 && holds(s_.servers[v].grant, pool)) holders.push_back(v);
  std::stable_sort(holders.begin(), holders.end(),
                   [&](Index a, Index b) { return s_.servers[a].work_start < s_.servers[b].work_start; });
  double left = s_.pools[pool].capacity;
  for (const Index v : holders) {
    for (Index grant = s_.servers[v].grant; grant != none; grant = s_.grants[grant].next)
      if (s_.grants[grant].pool == pool) left -= s_.grants[grant].count;
    const bool suspended = (s_.servers[v].flags & flag_suspended) != 0;
    if (left < -eps && s_.servers[v].pending != 0) {
      stop_work(v);
      s_.servers[v].flags |= flag_suspended;
      set_base(v, ServerState::waiting_resource);
    } else if (left >= -eps && suspended) {
      continue_phase(v);
    }
  }
}

// Units on duty follow the calendars. What is taken beyond them is finished, or the jobs begun last are suspended.
void Engine::pool_shifts() {
  for (Index pool = 0; pool < p_.pools.size(); ++pool) {
    const Pool& spec = p_.pools[pool];
    PoolState& state = s_.pools[pool];
    const double capacity = capacity_of(pool);
    if (capacity == state.capacity) continue;
    state.offered.add(s_.now, capacity - state.capacity);
    if (capacity > state.capacity && !s_.requests.empty()) s_.pools_dirty = true;
    state.capacity = capacity;
    if (spec.finish) continue;
    if (spec.keep) {
      keep_crew(pool);
      continue;
    }
    while (state.taken > state.capacity + eps) {
      Index last = none;
      for (Index v = 0; v < s_.servers.size(); ++v) {
        const Server& server = s_.servers[v];
        if (server.pending == 0 || server.conditions != 0 || !holds(server.grant, pool)) continue;
        if (last == none || server.work_start > s_.servers[last].work_start) last = v;
      }
      if (last == none) break;  // repairs in hand are finished
      suspend(last);
      insert_request(last, p_.stations[station_of(last)].priority + 1);  // ahead of new work of its kind
      set_base(last, ServerState::waiting_resource);
      s_.pools_dirty = true;  // another pool may do as well
    }
  }
}

}  // namespace retwin
