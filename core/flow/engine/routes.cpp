// Routes: where a lot goes next.
#include <algorithm>
#include <cmath>

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
  if (!p_.looks.empty()) [[unlikely]] look_around();
  return slots_.data();
}

void Engine::look_around() const {
  for (std::size_t k = 0; k < p_.looks.size(); ++k) {
    const Look& look = p_.looks[k];
    double& value = slots_[static_cast<std::size_t>(Builtin::n) + k];
    switch (look.at) {
      case Look::At::queue: value = s_.stations[look.index].queued; break;
      case Look::At::content: value = s_.accounts.stations[look.index].content.level(); break;
      case Look::At::level: value = s_.tanks[look.index].kg; break;
      case Look::At::time_of_day: value = std::fmod(p_.clock0_s + s_.now, 86400.0); break;
    }
  }
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

// Of a route that does not look at what its targets hold; see choices.cpp for the others.
const RouteOption& Engine::choose_option(Index index, Index lot, std::uint64_t stream, std::uint64_t number, Index visit_slot) {
  const Route& route = p_.route(index);
  switch (route.kind) {
    case RouteKind::probability: {
      const double u = Draws{s_.key, stream, s_.lots[lot].id}.uniform(number);
      for (const RouteOption& option : route.options)
        if (u < option.share) return option;
      return route.options.back();
    }
    case RouteKind::cases: {
      const double* slots = slots_of(lot, 1, visit_slot);
      for (const RouteOption& option : route.options)
        if (!option.when || (*option.when)(slots) != 0) return option;
      return route.options.back();
    }
    case RouteKind::cyclic: {
      Index& turn = s_.routes[index].turn;
      const RouteOption& option = route.options[turn % route.options.size()];
      turn = static_cast<Index>((turn + 1) % route.options.size());
      return option;
    }
    case RouteKind::single:
    case RouteKind::shortest:
    case RouteKind::fastest:
    case RouteKind::overflow: break;
  }
  return route.options.front();
}

// The lot is on its way; returns what it enters first, the target or the transport that takes it there.
Index Engine::set_out(Index lot, const RouteOption& option, Index route) {
  if (option.via == none) return option.target;
  const RouteOwner& owner = p_.route_owners[route];
  s_.lots[lot].goal = option.target;
  s_.lots[lot].origin = owner.source == none ? owner.station : p_.source_node(owner.source);
  if (!p_.is_sink(option.target)) ++s_.stations[option.target].inbound;
  return option.via;
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
  const Index visit_slot = p_.hot[station].visit_slot;
  std::uint64_t stream = p_.hot[station].stream;
  if (visit_slot != none) stream += static_cast<std::uint64_t>(attributes_of(lot)[visit_slot]) << draw::visit_shift;
  const Index route = p_.route_of_port(station, port);
  return set_out(lot, choose_option(route, lot, stream, draw::route + port, visit_slot), route);
}

// A lot that ends on its way, or goes another way, is no longer expected where it was bound for.
void Engine::forget_goal(Index lot) {
  Index& goal = s_.lots[lot].goal;
  if (goal != none && !p_.is_sink(goal)) --s_.stations[goal].inbound;
  goal = none;
}

}  // namespace retwin
