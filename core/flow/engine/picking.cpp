// Choosing what a free server works on: by the order of dispatch, in batches, families and assemblies; and which server.
#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "core/flow/engine/engine.hpp"

namespace retwin {

bool Engine::start_job(Index station) {
  StationState& st = s_.stations[station];
  const Station& spec = p_.stations[station];
  if (st.queue.empty()) return false;
  if (st.idlers.empty()) {
    if (!spec.unlimited_servers) return false;
    add_server(station);
  }
  if (spec.headway_s > 0 && s_.now < st.next_start) {
    if (st.headway_event == 0) st.headway_event = schedule(st.next_start, EventKind::headway, station);
    return false;
  }
  picked_.clear();
  bool found = false;
  switch (spec.batch.rule) {
    case BatchRule::single: {
      Index previous = none;
      const Index lot = pick_single(station, previous);
      if (lot != none) {
        take_from_queue(lot, previous, station);
        picked_.push_back(lot);
        found = true;
      }
      break;
    }
    case BatchRule::count:
    case BatchRule::mass: found = pick_batch(station, picked_); break;
    case BatchRule::siblings: found = pick_siblings(station, picked_); break;
    case BatchRule::assembly: found = pick_assembly(station, picked_); break;
  }
  if (spec.batch.longest_wait_s >= 0) schedule_batch_wait(station);
  if (!found) return false;
  if (spec.headway_s > 0) st.next_start = s_.now + spec.headway_s;
  begin_job(pick_server(station, picked_.front()), picked_);
  return true;
}

Index Engine::pick_single(Index station, Index& previous) {
  const StationState& st = s_.stations[station];
  const Station& spec = p_.stations[station];
  previous = none;
  if (spec.dispatch == Dispatch::fifo || spec.dispatch == Dispatch::lifo) return st.queue.head;
  Index best = none, best_previous = none;
  double best_key = 0;
  const bool over = spec.campaign_s > 0 && s_.now >= st.campaign_since + spec.campaign_s;  // another kind's turn, if one waits
  std::vector<double> waiting_kg;  // by kind, where a campaign begins only with so much
  if (spec.dispatch == Dispatch::campaign && spec.campaign_kg > 0)
    for (Index lot = st.queue.head; lot != none; lot = s_.lots[lot].next) {
      const std::uint32_t kind = key_of(s_.lots[lot], lot, spec.setup.by);
      if (kind >= waiting_kg.size()) waiting_kg.resize(kind + 1);
      waiting_kg[kind] += s_.lots[lot].mass;
    }
  Index before = none;
  for (Index lot = st.queue.head; lot != none; before = lot, lot = s_.lots[lot].next) {
    double key = 0;
    if (spec.dispatch == Dispatch::random) {
      const Draws draws{s_.key, p_.hot[station].stream, identity(s_.lots[lot].id, s_.accounts.stations[station].left_queue)};
      key = draws.uniform(draw::turn);
    } else if (spec.dispatch == Dispatch::smallest) {
      key = (*spec.key)(slots_of(lot, 1, p_.hot[station].visit_slot));
    } else if (spec.dispatch == Dispatch::campaign) {
      const std::uint32_t kind = key_of(s_.lots[lot], lot, spec.setup.by);
      if (kind != st.campaign_key && spec.campaign_kg > 0 && waiting_kg[kind] < spec.campaign_kg * (1 - mass_tolerance)) continue;
      key = (kind == st.campaign_key) != over ? 0 : 1;
    }
    if (best == none || key < best_key) {
      best = lot;
      best_previous = before;
      best_key = key;
      if (spec.dispatch == Dispatch::campaign && key == 0) break;
    }
  }
  previous = best_previous;
  return best;
}

bool Engine::pick_batch(Index station, std::vector<Index>& lots) {
  StationState& st = s_.stations[station];
  const Station& spec = p_.stations[station];
  const Batch& batch = spec.batch;
  const auto ready = [&](std::uint32_t key) {
    const std::size_t slot = spec.first_key + key;
    if (batch.least > 0) return s_.key_count[slot] >= batch.least;
    if (batch.rule == BatchRule::mass && s_.key_kg[slot] >= batch.kg * (1 - mass_tolerance)) return true;
    return s_.key_count[slot] >= batch.count;
  };
  const auto due = [&](const Lot& lot) {
    return batch.longest_wait_s >= 0 && s_.now >= lot.entered + batch.longest_wait_s;
  };
  std::uint32_t chosen = none;
  if (spec.dispatch == Dispatch::campaign && st.campaign_key != none && st.campaign_key < spec.n_keys &&
      (spec.campaign_s <= 0 || s_.now < st.campaign_since + spec.campaign_s) && ready(st.campaign_key)) {
    chosen = st.campaign_key;
  }
  if (chosen == none) {
    // a new campaign begins only when enough of its kind waits
    const auto may_begin = [&](std::uint32_t key) {
      return key == st.campaign_key || s_.key_kg[spec.first_key + key] >= spec.campaign_kg * (1 - mass_tolerance);
    };
    bool any = false;
    for (std::uint32_t key = 0; key < spec.n_keys && !any; ++key) any = ready(key) && may_begin(key);
    if (!any && !due(s_.lots[st.queue.head])) return false;
    for (Index lot = st.queue.head; lot != none && chosen == none; lot = s_.lots[lot].next) {
      const std::uint32_t key = key_of(s_.lots[lot], lot, batch.by);
      if ((ready(key) && may_begin(key)) || due(s_.lots[lot])) chosen = key;
    }
  }
  if (chosen == none) return false;
  collect(station, chosen, lots);
  return !lots.empty();
}

// Takes the oldest lots of a key up to the batch's count or mass; the last portion of bulk is cut to fit.
void Engine::collect(Index station, std::uint32_t key, std::vector<Index>& lots) {
  const Batch& batch = p_.stations[station].batch;
  double kg = 0;
  Index previous = none;
  for (Index lot = s_.stations[station].queue.head; lot != none;) {
    const Index next = s_.lots[lot].next;
    if (key_of(s_.lots[lot], lot, batch.by) != key) {
      previous = lot;
      lot = next;
      continue;
    }
    const bool by_mass = batch.rule == BatchRule::mass;
    const double left = batch.kg - kg;
    const double mass = s_.lots[lot].mass;
    if (by_mass && mass > left * (1 + mass_tolerance) && p_.kinds[s_.lots[lot].kind].divisible) {
      lots.push_back(split_lot(lot, left, station));
      return;
    }
    take_from_queue(lot, previous, station);
    lots.push_back(lot);
    kg += mass;
    if (lots.size() >= batch.count || (by_mass && kg >= batch.kg * (1 - mass_tolerance))) return;
    lot = next;
  }
}

// Cuts `kg` off a portion of bulk that stays in the buffer; returns the piece, which has left it.
Index Engine::split_lot(Index lot, double kg, Index station) {
  StationState& st = s_.stations[station];
  const Station& spec = p_.stations[station];
  const Index piece = new_lot();
  Lot& from = s_.lots[lot];
  Lot& to = s_.lots[piece];
  const double share = kg / from.mass;
  const Index keep_next = none;
  to = from;
  to.next = keep_next;
  to.wait_next = none;
  to.id = identity(identity(from.id, p_.hot[station].stream), st.batches);
  std::copy_n(attributes_of(lot), n_attributes_, attributes_of(piece));
  for (std::size_t c = 0; c < p_.n_components; ++c) {
    const double part = kg_of(lot)[c] * share;
    kg_of(piece)[c] = part;
    kg_of(lot)[c] -= part;
  }
  to.mass = kg;
  from.mass -= kg;
  st.queued_kg -= kg;
  s_.accounts.add_kg(station, s_.now, -kg);
  if (spec.n_keys > 0) s_.key_kg[spec.first_key + key_of(from, lot, spec.batch.by)] -= kg;
  s_.accounts.wip.add(s_.now, 1);
  s_.accounts.wip_cycle_sum -= s_.now - from.born;
  s_.accounts.stations[station].content.add(s_.now, 1);
  ++s_.accounts.stations[station].lots_in;
  to.waited += s_.now - from.entered;
  const Ancestor whole_portion{from.id, 1};
  if (observer_) observer_->lot_made({s_.now, to, masses_of(piece), Origin::split, {&whole_portion, 1}, {}, station, share});
  return piece;
}

// The family that is complete and of which one has waited longest.
bool Engine::pick_siblings(Index station, std::vector<Index>& lots) {
  StationState& st = s_.stations[station];
  std::unordered_map<std::uint64_t, Index> there;
  for (Index lot = st.queue.head; lot != none; lot = s_.lots[lot].next) ++there[s_.lots[lot].family];
  Index first = st.queue.head;
  const auto size_of = [&](Index lot) { return std::max<Index>(1, s_.lots[lot].family_size); };
  while (first != none && there[s_.lots[first].family] < size_of(first)) first = s_.lots[first].next;
  if (first == none) return false;
  const std::uint64_t family = s_.lots[first].family;
  const Index size = size_of(first);
  Index previous = none;
  for (Index lot = st.queue.head; lot != none && lots.size() < size;) {
    const Index next = s_.lots[lot].next;
    if (s_.lots[lot].family == family) {
      take_from_queue(lot, previous, station);
      lots.push_back(lot);
    } else {
      previous = lot;
    }
    lot = next;
  }
  return true;
}

bool Engine::pick_assembly(Index station, std::vector<Index>& lots) {
  StationState& st = s_.stations[station];
  const Batch& batch = p_.stations[station].batch;
  std::vector<Index> missing(batch.parts.size());
  for (std::size_t k = 0; k < batch.parts.size(); ++k) missing[k] = batch.parts[k].second;
  const auto slot_of = [&](Index kind) {
    for (std::size_t k = 0; k < batch.parts.size(); ++k)
      if (batch.parts[k].first == kind) return k;
    return batch.parts.size();
  };
  Index open = 0;
  for (Index m : missing) open += m;
  std::vector<Index> chosen;
  for (Index lot = st.queue.head; lot != none && open > 0; lot = s_.lots[lot].next) {
    const std::size_t k = slot_of(s_.lots[lot].kind);
    if (k == missing.size() || missing[k] == 0) continue;
    --missing[k];
    --open;
    chosen.push_back(lot);
  }
  if (open > 0) return false;
  Index previous = none;
  std::size_t next_chosen = 0;
  for (Index lot = st.queue.head; lot != none && next_chosen < chosen.size();) {
    const Index next = s_.lots[lot].next;
    if (lot == chosen[next_chosen]) {
      take_from_queue(lot, previous, station);
      ++next_chosen;
    } else {
      previous = lot;
    }
    lot = next;
  }
  // the first part named leads: the assembly takes its attributes
  std::stable_sort(chosen.begin(), chosen.end(),
                   [&](Index a, Index b) { return slot_of(s_.lots[a].kind) < slot_of(s_.lots[b].kind); });
  lots = chosen;
  return true;
}

void Engine::add_server(Index station) {
  const Index index = static_cast<Index>(s_.servers.size());
  Server server;
  server.since = s_.now;
  s_.servers.push_back(server);
  s_.server_station.push_back(station);
  if (observer_) observer_->in_hand_.expect(s_.servers.size());
  s_.server_port.push_back(static_cast<Index>(s_.outputs.size()));
  s_.outputs.resize(s_.outputs.size() + p_.stations[station].ports.size());
  if (!p_.utilities.empty()) {
    s_.server_pulls.emplace_back();
    s_.drawn.resize(s_.drawn.size() + p_.utilities.size());
  }
  if (!p_.digital.tasks.empty()) s_.awaited.push_back(0);
  link_idle(index);
}

// The longest idle server; of a fleet, the nearest idle vehicle.
Index Engine::pick_server(Index station, Index lot) {
  StationState& st = s_.stations[station];
  const Station& spec = p_.stations[station];
  Index chosen = st.idlers.head;
  if (spec.special == Special::fleet) {
    const std::size_t places = static_cast<std::size_t>(std::sqrt(static_cast<double>(spec.distance_m.size())) + 0.5);
    const Index origin = s_.lots[lot].origin;
    const Index at = origin < spec.place_of_node.size() ? spec.place_of_node[origin] : none;
    if (at != none) {
      double nearest = spec.distance_m[s_.servers[chosen].place * places + at];
      for (Index v = st.idlers.head; v != none; v = s_.servers[v].next) {
        const double distance = spec.distance_m[s_.servers[v].place * places + at];
        if (distance < nearest) {
          nearest = distance;
          chosen = v;
        }
      }
    }
  }
  if (spec.setup.ready_first) {
    const std::uint32_t key = key_of(s_.lots[lot], lot, spec.setup.by);
    for (Index v = st.idlers.head; v != none; v = s_.servers[v].next)
      if (s_.servers[v].key == key) {
        chosen = v;
        break;
      }
  }
  unlink_idle(chosen);
  return chosen;
}

}  // namespace retwin
