// Routes: where a lot goes next.
#include <algorithm>

#include "core/flow/engine/engine.hpp"

namespace retwin {
const double* Engine::slots_of(Index lot, Index count, Index visit_slot) const {
  slots_.resize(n_builtins + n_attributes_);
  const Lot& l = s_.lots[lot];
  slots_[static_cast<std::size_t>(Builtin::mass)] = l.mass;
  slots_[static_cast<std::size_t>(Builtin::count)] = count;
  slots_[static_cast<std::size_t>(Builtin::contents)] = p_.contents_slot < 0 ? 0 : attributes_of(lot)[p_.contents_slot];
  slots_[static_cast<std::size_t>(Builtin::age)] = s_.now - l.born;
  slots_[static_cast<std::size_t>(Builtin::kind)] = l.kind;
  slots_[static_cast<std::size_t>(Builtin::visits)] = visit_slot == none ? 0 : attributes_of(lot)[visit_slot];
  std::copy_n(attributes_of(lot), n_attributes_, slots_.begin() + n_builtins);
  return slots_.data();
}

// Attributes of the job's first lot; mass and count of the whole job.
const double* Engine::slots_of_job(const Server& server) const {
  const Index visit_slot = p_.hot[station_of(static_cast<Index>(&server - s_.servers.data()))].visit_slot;
  const double* slots = slots_of(server.job, server.jobs_lots, visit_slot);
  double kg = 0, contents = 0;
  for (Index lot = server.job; lot != none; lot = s_.lots[lot].next) {
    kg += s_.lots[lot].mass;
    if (p_.contents_slot >= 0) contents += attributes_of(lot)[p_.contents_slot];
  }
  slots_[static_cast<std::size_t>(Builtin::mass)] = kg;
  slots_[static_cast<std::size_t>(Builtin::contents)] = contents;
  return slots;
}

// What the controller expects a new lot to wait for: jobs in process by what is left of the believed time, the queue, and lots
// on their way there, shared by the servers.
double Engine::expected_wait(Index node, double believed_s) const {
  if (p_.is_sink(node)) return 0;
  const StationState& st = s_.stations[node];
  const StationHot& hot = p_.hot[node];
  if (p_.stations[node].unlimited_servers) return believed_s;
  double work = believed_s * static_cast<double>(st.queued + st.inbound + st.blocked);
  for (Index v = hot.first_server; v < hot.first_server + hot.servers; ++v) {
    const Server& server = s_.servers[v];
    if (server.job == none || server.stage == Stage::idle) continue;
    double done = server.pending != 0 ? s_.now - server.work_start : 0.0;
    if (server.pending != 0 && server.pending == server.first_pending) done += server.done_before;
    work += std::max(0.0, believed_s - done);
  }
  return work / static_cast<double>(hot.servers) + believed_s;
}

Index Engine::choose_target(const Route& route, Index lot, std::uint64_t stream, std::uint64_t number, Index& turn, Index& via,
                            Index visit_slot) {
  const RouteOption* chosen = &route.options.front();
  switch (route.kind) {
    case RouteKind::single: break;
    case RouteKind::probability: {
      const double u = Draws{s_.key, stream, s_.lots[lot].id}.uniform(number);
      for (const RouteOption& option : route.options) {
        chosen = &option;
        if (u < option.share) break;
      }
      break;
    }
    case RouteKind::cases: {
      const double* slots = slots_of(lot, 1, visit_slot);
      for (const RouteOption& option : route.options) {
        chosen = &option;
        if (!option.when || (*option.when)(slots) != 0) break;
      }
      break;
    }
    case RouteKind::shortest: {
      const auto length = [&](const RouteOption& option) -> std::uint64_t {
        if (p_.is_sink(option.target)) return 0;
        const StationState& st = s_.stations[option.target];
        const StationHot& hot = p_.hot[option.target];
        return st.queued + st.blocked + st.inbound + hot.servers - std::min(hot.servers, st.idle);
      };
      for (const RouteOption& option : route.options)
        if (length(option) < length(*chosen)) chosen = &option;
      break;
    }
    case RouteKind::fastest: {
      double best = expected_wait(chosen->target, chosen->believed_s);
      for (const RouteOption& option : route.options) {
        const double wait = expected_wait(option.target, option.believed_s);
        if (wait < best) {
          best = wait;
          chosen = &option;
        }
      }
      break;
    }
    case RouteKind::cyclic: {
      chosen = &route.options[turn % route.options.size()];
      turn = static_cast<Index>((turn + 1) % route.options.size());
      break;
    }
    case RouteKind::overflow: {
      for (const RouteOption& option : route.options) {
        if (p_.is_sink(option.target) ||
            (s_.stations[option.target].blocked_head == none && has_room(option.target, s_.lots[lot]))) {
          chosen = &option;
          break;
        }
      }
      break;
    }
  }
  via = chosen->via;
  return chosen->target;
}

Index Engine::route_lot(Index lot, Index station, std::uint16_t port) {
  Lot& l = s_.lots[lot];
  if (l.goal != none) {  // on a transport: it goes where it was bound for
    const Index goal = l.goal;
    l.goal = none;
    if (!p_.is_sink(goal)) --s_.stations[goal].inbound;
    return goal;
  }
  if (port == 1 && p_.stations[station].special == Special::plan) return choose_step(lot);
  std::uint64_t stream = p_.hot[station].stream;
  if (p_.hot[station].visit_slot != none)
    stream += static_cast<std::uint64_t>(attributes_of(lot)[p_.hot[station].visit_slot]) << draw::visit_shift;
  Index via = none;
  const Index target = choose_target(p_.stations[station].routes[port], lot, stream, draw::route + port,
                                     s_.stations[station].cyclic, via, p_.hot[station].visit_slot);
  if (via == none) return target;
  s_.lots[lot].goal = target;
  s_.lots[lot].origin = station;
  if (!p_.is_sink(target)) ++s_.stations[target].inbound;
  return via;
}

// A lot that ends on its way, or goes another way, is no longer expected where it was bound for.
void Engine::forget_goal(Index lot) {
  Index& goal = s_.lots[lot].goal;
  if (goal != none && !p_.is_sink(goal)) --s_.stations[goal].inbound;
  goal = none;
}

}  // namespace retwin
