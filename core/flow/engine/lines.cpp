// Lines of lots that wait to enter a station: of those bound for it alone, and, by route, of those that go to the first of several with
// room. The longest-waiting goes first, whichever line it stands in.
#include <tuple>
#include <utility>

#include "core/flow/engine/engine.hpp"

namespace retwin {

// In one line: who has waited longest; of equals those inside the plant, then the higher priority, then by rank.
bool Engine::stands_before(Index lot, Index other) const {
  const auto right = [&](Index index) {
    const Lot& l = s_.lots[index];
    const bool outside = (l.holder & source_holder) != 0;
    const Index owner = outside ? l.holder & ~source_holder : station_of(l.holder);
    const int priority = outside ? p_.sources[owner].priority : p_.stations[owner].priority;
    return std::tuple{l.entered, outside, -priority, outside ? owner : p_.rank[owner]};
  };
  return right(lot) < right(other);
}

void Engine::wait_to_enter(Index lot, Index station) {
  StationState& st = s_.stations[station];
  Lot& l = s_.lots[lot];
  l.target = station;
  l.entered = s_.now;
  if (is_offer(s_, l) && p_.stations[station].has_no_bound()) {  // aside: everybody else finds room
    st.offers.push_back(s_.lots, lot);
    return;
  }
  Index before = st.line.tail;
  if (before != none && stands_before(lot, before)) {  // others came at this instant
    before = none;
    for (Index next = st.line.head; !stands_before(lot, next); next = s_.lots[next].wait_next) before = next;
  }
  st.line.insert(s_.lots, lot, before);
  ++st.blocked;
  if (held_by_server(l)) s_.accounts.stations[station].held_up.come(s_.now);
  if (p_.hot[station].visit_slot != none) suspect_ = true;  // only along a cycle can lots wait for one another
  if (p_.hot[station].chosen || pulls_first(station)) touch(station);  // there may be room: kept for one that has not chosen yet, or soon
}

void Engine::wait_for_choice(Index lot, Index index) {
  Lot& l = s_.lots[lot];
  l.choice = index;
  l.target = none;
  l.entered = s_.now;
  s_.routes[index].line.push_back(s_.lots, lot);
  ++s_.routes[index].waiting;
  for (const RouteOption& option : p_.route(index).options) {
    const Index gate = p_.route(index).gate(option);
    if (!stands_at(lot, gate)) continue;
    ++s_.stations[gate].blocked;
    if (held_by_server(l)) s_.accounts.stations[gate].held_up.come(s_.now);
    if (p_.hot[gate].visit_slot != none) suspect_ = true;
  }
}

// Whether others have to wait for a lot that has a choice: not where it only stands aside.
bool Engine::stands_at(Index lot, Index gate) const {
  return !p_.is_sink(gate) && !(p_.stations[gate].has_no_bound() && is_offer(s_, s_.lots[lot]));
}

// The first in the line of a route leaves it; those behind it at its gates may be next.
void Engine::leave_line(Index index) {
  const Index lot = s_.routes[index].line.pop_front(s_.lots);
  --s_.routes[index].waiting;
  s_.lots[lot].choice = none;
  for (const RouteOption& option : p_.route(index).options) {
    const Index gate = p_.route(index).gate(option);
    if (!stands_at(lot, gate)) continue;
    if (held_by_server(s_.lots[lot])) s_.accounts.stations[gate].held_up.go(s_.now);
    if (--s_.stations[gate].blocked > 0) touch(gate);
  }
}

// The longest-waiting of all that would enter: of those bound for it alone, and of those that would go elsewhere as well.
Index Engine::first_in_line(Index station) const {
  Index first = s_.stations[station].line.head;
  for (const Index route : p_.choices_into[station]) {
    const Index lot = s_.routes[route].line.head;
    if (lot != none && stands_at(lot, station) && (first == none || s_.lots[lot].entered < s_.lots[first].entered)) first = lot;
  }
  return first;
}

bool Engine::admit_blocked(Index station) {
  StationState& st = s_.stations[station];
  if (st.blocked == 0) return false;
  const Index lot = first_in_line(station);
  if (lot == none || !has_room(station, s_.lots[lot])) return false;
  Lot& l = s_.lots[lot];
  if (l.choice != none) {
    add_choice_turn(l.choice);
    return false;
  }
  leave_head_of_line(station, st, held_by_server(l));
  admit(lot, station);
  return true;
}

// The longest offered of the lots that saturated sources hold out and a free server could do with.
bool Engine::admit_offer(Index station) {
  StationState& st = s_.stations[station];
  Index before = none, lot = st.offers.head;
  for (; lot != none && !lacks(station, s_.lots[lot]); lot = s_.lots[lot].wait_next) before = lot;
  if (lot == none) {
    for (const Index route : p_.choices_into[station]) {
      const Index head = s_.routes[route].line.head;
      if (head != none && !stands_at(head, station) && lacks(station, s_.lots[head])) add_choice_turn(route);
    }
    return false;
  }
  st.offers.remove(s_.lots, lot, before);
  admit(lot, station);
  return true;
}

// A lot that waited to enter does, and whoever held it goes on.
void Engine::admit(Index lot, Index node) {
  const Index holder = s_.lots[lot].holder;
  const bool outside = (holder & source_holder) != 0;
  if (!outside && s_.servers[holder].stage == Stage::reserve) {  // blocking before service: the place is kept
    s_.lots[lot].target = node;
    s_.servers[holder].flags |= flag_reserved;
    if (!p_.is_sink(node)) ++s_.stations[node].reserved;
    begin_phase(holder);
    return;
  }
  if (outside) {
    detach_source(holder & ~source_holder, lot);
  } else {
    detach_output(holder, lot);
  }
  put_in(lot, node);
  if (outside) {
    source_admitted(holder & ~source_holder);
  } else {
    output_left(holder);
  }
}

// --- another plant ---------------------------------------------------------------------------------------------------------------

// Routes may lead elsewhere than they did when lots began to wait: who waits where is counted again. What waits in the line of a route
// that has no choice any more goes where that leads.
void Engine::adopt_lines() {
  std::vector<AnyTime> held_up;
  for (Index station = 0; station < p_.n_stations(); ++station) {
    StationState& st = s_.stations[station];
    AnyTime& held = s_.accounts.stations[station].held_up;
    held_up.push_back(held);
    held.forget();
    st.blocked = 0;
    for (Index lot = st.line.head; lot != none; lot = s_.lots[lot].wait_next) {
      ++st.blocked;
      if (held_by_server(s_.lots[lot])) held.come(s_.now);
    }
  }
  const auto adopt_line = [&](Index index) {
    Index lot = std::exchange(s_.routes[index].line, {}).head;
    s_.routes[index].waiting = 0;
    for (Index next; lot != none; lot = next) {
      next = s_.lots[lot].wait_next;
      const double since = s_.lots[lot].entered;
      if (p_.route(index).chooses()) {
        wait_for_choice(lot, index);
      } else {
        decide_anew(lot);
      }
      s_.lots[lot].entered = since;
    }
    if (s_.routes[index].line.head != none) add_choice_turn(index);
  };
  for (const Index station : p_.by_rank)
    for (Index port = 0; port < p_.stations[station].ports.size(); ++port) adopt_line(p_.route_of_port(station, port));
  for (Index source = 0; source < p_.sources.size(); ++source) adopt_line(p_.route_of_source(source));
  for (Index station = 0; station < p_.n_stations(); ++station) s_.accounts.stations[station].held_up.recounted(held_up[station], s_.now);
}

void Engine::decide_anew(Index lot) {
  const RouteOwner owner = p_.route_owners[s_.lots[lot].choice];
  s_.lots[lot].choice = none;
  if (owner.source != none) {
    wait_outside(owner.source);
    return;
  }
  const Index target = route_lot(lot, owner.station, static_cast<std::uint16_t>(owner.port));
  if (p_.is_sink(target)) {
    admit(lot, target);
  } else {
    wait_to_enter(lot, target);
  }
}

}  // namespace retwin
