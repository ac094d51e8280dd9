// Deadlock by liveness: a lot is live if some chain of holders leads to something scheduled; what is left over is deadlocked.
#include <algorithm>
#include <string>

#include "core/flow/engine/engine.hpp"

namespace retwin {
namespace {

// The lots a server holds that wait to enter somewhere: one per port (of the hot path: the job itself).
template <class F>
void for_waiting_outputs(const State& s, const Plant& p, Index v, F&& f) {
  const Server& server = s.servers[v];
  if (server.outputs == 0) {
    if (server.job != none && (server.stage == Stage::finished || server.stage == Stage::reserve)) f(server.job);
    return;
  }
  const Index ports = static_cast<Index>(p.stations[s.server_station[v]].ports.size());
  for (Index port = 0; port < ports; ++port)
    if (const Index lot = s.outputs[s.server_port[v] + port].head; lot != none) f(lot);
}

// Whether a shift or a repair gets it on: what waits for room elsewhere waits on.
bool moves(const Server& server) { return server.stage != Stage::finished && server.stage != Stage::reserve; }

}  // namespace

// OR over the ports of a server and the servers of a target, AND over the resources a job waits for. A starved server is live while
// its buffer has room; a full buffer whose station cannot start anything holds up those who wait for it.
void Engine::check_liveness() {
  suspect_ = false;
  const std::size_t n = s_.servers.size();
  std::vector<std::uint8_t> live(n, 0), station_live(p_.stations.size(), 0);
  std::vector<std::uint8_t> pool_live(s_.pools.size(), 0);
  std::vector<std::uint8_t> awaited(p_.stations.size(), 0);  // a live job keeps a place there (blocking before service)
  bool any_blocked = false;
  for (const StationState& st : s_.stations) any_blocked = any_blocked || st.blocked > 0;
  if (!any_blocked && s_.requests.empty()) return;
  for (std::size_t k = 0; k < s_.pools.size(); ++k) {
    for (const PoolShift& shift : p_.pools[k].shifts)
      if (shift.calendar != none && s_.calendar_event[shift.calendar] != 0) pool_live[k] = 1;
  }
  const std::vector<std::uint8_t> on_calendar = pool_live;
  const auto may_enter = [&](Index lot) {  // some target of it is live
    const Lot& l = s_.lots[lot];
    if (l.choice == none) return l.target == none || p_.is_sink(l.target) || station_live[l.target] != 0;
    const Route& route = p_.route(l.choice);
    return std::any_of(route.options.begin(), route.options.end(), [&](const RouteOption& option) {
      return p_.is_sink(route.gate(option)) || station_live[route.gate(option)] != 0;
    });
  };
  std::vector<double> most_units(s_.pools.size());
  for (std::size_t k = 0; k < s_.pools.size(); ++k)
    for (const PoolShift& shift : p_.pools[k].shifts) most_units[k] += shift.count;
  const auto will_start = [&](Index station) {  // an idle station whose buffer is full of lots it cannot start
    const StationState& st = s_.stations[station];
    const Index first = first_in_line(station);
    if (first == none || has_room(station, s_.lots[first])) return true;
    return st.wait_event != 0 || st.headway_event != 0;
  };
  for (Index v = 0; v < n; ++v) {
    const Server& server = s_.servers[v];
    const Index station = s_.server_station[v];
    const Index calendar = p_.stations[station].calendar;
    const bool shift_comes = (server.conditions & condition_off) && calendar != none && s_.calendar_event[calendar] != 0;
    const bool free = server.stage == Stage::idle && server.conditions == 0 && will_start(station);
    if (server.pending != 0)  // a repair in hand ends, whatever its machine waits for
      for (Index grant = server.repair_grant; grant != none; grant = s_.grants[grant].next) pool_live[s_.grants[grant].pool] = 1;
    bool kept = false;  // by a crew that comes back
    if ((server.flags & flag_suspended) && server.conditions == 0)
      for (Index grant = server.grant; grant != none; grant = s_.grants[grant].next)
        kept = kept || (p_.pools[s_.grants[grant].pool].keep && on_calendar[s_.grants[grant].pool]);
    const bool steps_go_on = server.stage == Stage::work && p_.stations[station].special == Special::plan;  // judged by themselves
    live[v] = (moves(server) && (server.pending != 0 || shift_comes || kept)) || free || steps_go_on ? 1 : 0;
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (Index v = 0; v < n; ++v) {
      if (live[v] && !station_live[s_.server_station[v]]) station_live[s_.server_station[v]] = 1, changed = true;
      if (!live[v]) continue;
      if ((s_.servers[v].flags & flag_reserved) && s_.servers[v].job != none) {
        const Index target = s_.lots[s_.servers[v].job].target;
        if (target != none && !p_.is_sink(target) && !awaited[target]) awaited[target] = 1, changed = true;
      }
      for (Index head : {s_.servers[v].grant, s_.servers[v].repair_grant})
        for (Index grant = head; grant != none; grant = s_.grants[grant].next)
          if (!pool_live[s_.grants[grant].pool]) pool_live[s_.grants[grant].pool] = 1, changed = true;
    }
    for (Index v = 0; v < n; ++v) {
      if (live[v]) continue;
      const Server& server = s_.servers[v];
      bool now_live = server.stage == Stage::idle && server.conditions == 0 && awaited[s_.server_station[v]];
      if ((server.flags & flag_waiting) && moves(server)) {
        now_live = crews_.meet(*crews_.needs_of(server), [&](Index pool) {
          const PoolState& state = s_.pools[pool];
          return pool_live[pool] ? std::max(state.capacity, most_units[pool]) : state.capacity - state.taken;
        });
      } else {
        for_waiting_outputs(s_, p_, v, [&](Index lot) { now_live = now_live || may_enter(lot); });
      }
      if (now_live) live[v] = 1, changed = true;
    }
  }
  for (Index v = 0; v < n; ++v) {
    if (live[v] || s_.servers[v].stage == Stage::idle) continue;
    std::string circle = p_.stations[station_of(v)].name;
    std::vector<Index> seen{station_of(v)};
    Index at = v;
    for (;;) {
      Index target = none;
      for_waiting_outputs(s_, p_, at, [&](Index lot) {
        const Index choice = s_.lots[lot].choice;
        if (target == none) target = choice == none ? s_.lots[lot].target : p_.route(choice).gate(p_.route(choice).options.front());
      });
      if (target == none || p_.is_sink(target)) break;
      circle += " -> " + p_.stations[target].name;
      if (const auto begins = std::find(seen.begin(), seen.end(), target); begins != seen.end()) {
        seen.erase(seen.begin(), begins);
        break;
      }
      seen.push_back(target);
      Index next = none;
      for (Index w = 0; w < n && next == none; ++w)
        if (s_.server_station[w] == target && !live[w] && s_.servers[w].stage != Stage::idle) next = w;
      if (next == none) break;
      at = next;
    }
    if (s_.servers[v].flags & flag_waiting) {
      for (const Need& need : *crews_.needs_of(s_.servers[v])) circle += ", which waits for " + p_.pools[need.pools.front()].name;
    }
    double since_s = 0;  // the last of the circle to stop closed it, whenever it is found and whatever its machine shows since then
    for (Index w = 0; w < n; ++w) {
      if (live[w] || s_.servers[w].stage == Stage::idle || std::find(seen.begin(), seen.end(), s_.server_station[w]) == seen.end()) continue;
      double stopped_s = -1;
      for_waiting_outputs(s_, p_, w, [&](Index lot) { stopped_s = std::max(stopped_s, s_.lots[lot].entered); });
      since_s = std::max(since_s, stopped_s < 0 ? s_.servers[w].since : stopped_s);
    }
    throw RunError("deadlock: nothing that is scheduled can ever free " + circle, since_s, p_.stations[station_of(v)].name);
  }
  for (Index station = 0; station < p_.n_stations(); ++station)  // its servers are idle and its buffer is full of what it cannot start
    if (s_.stations[station].line.head != none && !station_live[station])
      throw RunError("deadlock: what waits in " + p_.stations[station].name + " can never start, and nothing else finds room there", s_.now,
                     p_.stations[station].name);
  for (Index source = 0; source < p_.sources.size(); ++source) {
    const Index lot = s_.sources[source].line.head;
    if (lot != none && s_.lots[lot].choice != none && !may_enter(lot))
      throw RunError("deadlock: nothing that is scheduled can ever make room for what waits at " + p_.sources[source].name, s_.now,
                     p_.sources[source].name);
  }
}

}  // namespace retwin
