// The lots that are there at the start: in a buffer, or in service with some work left.
#include <algorithm>

#include "core/flow/engine/engine.hpp"

namespace retwin {

Index Engine::make_initial(const InitialLots& initial, Index ordinal) {
  const Index lot = new_lot();
  Lot& l = s_.lots[lot];
  l.id = identity(initial.stream, ordinal);
  l.kind = initial.kind;
  l.source = static_cast<std::uint16_t>(p_.sources.size());
  if (initial.maker) {
    NewLot made{Draws{s_.key, initial.stream, l.id}, {attributes_of(lot), n_attributes_}, {kg_of(lot), p_.n_components}};
    initial.maker->make(made);
    l.mass = mass_of(lot);
  }
  apply_draws(lot, initial.attributes, initial.stream);
  for (std::size_t c = 0; c < p_.n_components; ++c) s_.accounts.initial_kg[c] += kg_of(lot)[c];
  s_.accounts.wip.add(0, 1);
  if (observer_) observer_->lot_made({0, l, masses_of(lot), Origin::initial});
  const StationHot& hot = p_.hot[initial.station];
  if (initial.bound_for != none && (hot.rare || hot.target == none)) {  // others have one way to go
    l.goal = initial.bound_for;
    l.origin = initial.station;
    ++s_.stations[initial.bound_for].inbound;
  }
  return lot;
}

// A server without a job, whether it is on shift or not: what becomes of a job in service is decided as it goes on.
Index Engine::server_for_initial(Index station) {
  const StationHot& hot = p_.hot[station];
  if (p_.stations[station].unlimited_servers && s_.stations[station].idlers.head == none) add_server(station);
  Index server = s_.stations[station].idlers.head;
  if (server != none) {
    unlink_idle(server);
    return server;
  }
  for (server = hot.first_server; server < hot.first_server + hot.servers; ++server)
    if (s_.servers[server].stage == Stage::idle) {
      s_.servers[server].conditions = 0;
      return server;
    }
  return none;
}

// Those in service share a server as they would in a batch: lots of one key, up to its count or mass, of entries that follow one
// another with the same work left. Those that find no server wait.
void Engine::place_initial() {
  Index entry = 0, ordinal = 0;
  const auto make_next = [&] {
    while (entry < p_.initial.size() && ordinal >= p_.initial[entry].count) ++entry, ordinal = 0;
    return entry < p_.initial.size() ? make_initial(p_.initial[entry], ordinal++) : none;
  };
  for (Index next = make_next(); next != none;) {
    const InitialLots& initial = p_.initial[entry];
    const Station& spec = p_.stations[initial.station];
    const Batch& batch = spec.batch;
    const Index server = initial.remaining_s ? server_for_initial(initial.station) : none;
    std::vector<Index> lots;
    double kg = 0;
    const auto joins = [&](Index lot) {
      const bool together = batch.rule == BatchRule::count || (batch.rule == BatchRule::mass && kg < batch.kg);
      if (lot == none || server == none || !together || lots.size() >= batch.count) return false;
      return p_.initial[entry].station == initial.station && p_.initial[entry].remaining_s == initial.remaining_s &&
             key_of(s_.lots[lot], lot, batch.by) == key_of(s_.lots[lots.front()], lots.front(), batch.by);
    };
    do {
      lots.push_back(next);
      kg += s_.lots[next].mass;
      next = make_next();
    } while (joins(next));
    if (server == none) {
      enqueue(lots.front(), initial.station);
      continue;
    }
    StationAccount& account = s_.accounts.stations[initial.station];
    account.lots_in += lots.size();
    account.left_queue += lots.size();
    account.content.add(0, static_cast<double>(lots.size()));
    begin_job(server, lots, initial.remaining_s);
    Server& v = s_.servers[server];
    if (v.pending == 0) continue;
    v.first_pending = v.pending;
    v.done_before = std::max(0.0, spec.mean_s - *initial.remaining_s);
  }
}

}  // namespace retwin
