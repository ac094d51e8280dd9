// Routes with a choice: `shortest`, `fastest`, `overflow`, and the next step of a plan. A lot joins only what has room for it; while
// nothing has, it stands in the line of its route, is bound for none of the targets, and goes to the first that has room.
#include <algorithm>

#include "core/flow/engine/engine.hpp"

namespace retwin {

// Lots outside a target that are ahead of one that finds room at the gate to it: none, if that is the target itself.
Index Engine::waits_ahead(const RouteOption& option) const {
  return option.via == none ? 0 : s_.stations[option.target].blocked;
}

// What the controller expects a new lot to wait for: jobs in process by what is left of the believed time, the queue, and lots
// on their way there, shared by the servers.
double Engine::expected_wait(const RouteOption& option) const {
  const Index node = option.target;
  const double believed_s = option.believed_s;
  if (p_.is_sink(node)) return 0;
  const StationState& st = s_.stations[node];
  const StationHot& hot = p_.hot[node];
  if (p_.stations[node].unlimited_servers) return believed_s;
  double work = believed_s * static_cast<double>(st.queued + st.inbound + waits_ahead(option));
  for (Index v = hot.first_server; v < hot.first_server + hot.servers; ++v) {
    const Server& server = s_.servers[v];
    if (server.job == none || server.stage == Stage::idle) continue;
    double done = server.pending != 0 ? s_.now - server.work_start : 0.0;
    if (server.pending != 0 && server.pending == server.first_pending) done += server.done_before;
    work += std::max(0.0, believed_s - done);
  }
  return work / static_cast<double>(hot.servers) + believed_s;
}

// Whether the lot has to wait for its turn, because it looks at what its targets hold.
bool Engine::choose_later(Index server, Index lot, std::uint16_t port) {
  const Index station = station_of(server);
  if (s_.lots[lot].goal != none) return false;
  if (port == 1 && p_.stations[station].special == Special::plan) {
    add_turn({s_.now, p_.stations[station].priority, p_.rank[station], 0, TurnKind::step, server});
    return true;
  }
  if (!p_.stations[station].routes[port].chooses()) return false;
  s_.lots[lot].holder = server;
  wait_for_choice(lot, p_.route_of_port(station, port));
  add_choice_turn(p_.route_of_port(station, port));
  return true;
}

bool Engine::look_for_room(const Route& route, Index lot) {
  bool any = false;
  has_room_.assign(route.options.size(), 0);
  for (std::size_t k = 0; k < route.options.size(); ++k) {
    const Index gate = route.gate(route.options[k]);
    const bool ends = p_.is_sink(gate) || (p_.stations[gate].special == Special::plan && stands_for_step(lot));
    if (!ends && s_.stations[gate].blocked > 0 && stands_at(lot, gate) && first_in_line(gate) != lot) continue;
    if (!ends && !has_room(gate, s_.lots[lot])) continue;
    has_room_[k] = 1;
    any = true;
  }
  return any;
}

// Of the options that were found to have room; the first named of equals.
const RouteOption& Engine::best_with_room(const Route& route) const {
  const auto cost = [&](const RouteOption& option) -> double {
    if (route.kind == RouteKind::fastest) return expected_wait(option);
    if (route.kind == RouteKind::overflow || p_.is_sink(option.target)) return 0;
    const StationState& st = s_.stations[option.target];
    const StationHot& hot = p_.hot[option.target];
    return static_cast<double>(std::uint64_t{st.queued} + waits_ahead(option) + st.inbound + hot.servers - std::min(hot.servers, st.idle));
  };
  const RouteOption* best = nullptr;
  double least = 0;
  for (std::size_t k = 0; k < route.options.size(); ++k) {
    if (!has_room_[k]) continue;
    const double here = cost(route.options[k]);
    if (best && here >= least) continue;
    best = &route.options[k];
    least = here;
  }
  return *best;
}

void Engine::add_choice_turn(Index index) {
  const RouteOwner& owner = p_.route_owners[index];
  const bool source = owner.source != none;
  const int priority = source ? p_.sources[owner.source].priority : p_.stations[owner.station].priority;
  const Index rank = source ? p_.n_stations() + owner.source : p_.rank[owner.station];
  add_turn({s_.lots[s_.routes[index].line.head].entered, priority, rank, 0, TurnKind::choice, index});
}

void Engine::take_choice(Index index) {
  const Index lot = s_.routes[index].line.head;
  if (lot == none) return;
  const Route& route = p_.route(index);
  const Index holder = s_.lots[lot].holder;
  if (!look_for_room(route, lot)) {
    if (!(holder & source_holder)) set_base(holder, ServerState::blocked);
    return;
  }
  leave_line(index);
  const RouteOption& option = best_with_room(route);
  const Index node = set_out(lot, option, index);
  const bool free = node == route.gate(option) || (s_.stations[node].blocked == 0 && has_room(node, s_.lots[lot]));
  if (free) {
    admit(lot, node);
  } else {
    wait_to_enter(lot, node);
  }
  if (s_.routes[index].line.head != none) add_choice_turn(index);
}

void Engine::take_step(Index server) {
  const Index lot = s_.outputs[s_.server_port[server] + 1].head;
  if (lot == none || s_.lots[lot].target != none) return;
  const Index target = route_lot(lot, station_of(server), 1);
  if (s_.stations[target].blocked == 0 && has_room(target, s_.lots[lot])) {
    admit(lot, target);
  } else {
    wait_to_enter(lot, target);
  }
}

}  // namespace retwin
