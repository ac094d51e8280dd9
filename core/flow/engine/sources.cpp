// Sources: when lots arrive, what they carry, and what happens when there is no room.
#include <algorithm>
#include <bit>
#include <cmath>

#include "core/flow/engine/engine.hpp"

namespace retwin {

void Engine::start() {
  s_.started = true;
  for (Index c = 0; c < p_.calendars.size(); ++c) {
    s_.calendar_on[c] = p_.calendars[c].on(0) ? 1 : 0;
    const double next = p_.calendars[c].next_change(0);
    s_.calendar_event[c] = std::isfinite(next) ? schedule(next, EventKind::shift, c) : 0;
  }
  for (Index pool = 0; pool < p_.pools.size(); ++pool) {
    double capacity = 0;
    for (const PoolShift& shift : p_.pools[pool].shifts)
      if (shift.calendar == none || s_.calendar_on[shift.calendar]) capacity += shift.count;
    s_.pools[pool].capacity = capacity;
    s_.pools[pool].offered.add(0, capacity);
    crews_.tell(pool);
  }
  for_clocks([&](Index clock) { schedule_clock(clock, 0); });
  start_outages();
  start_utilities();
  start_digital();
  for (Index v = 0; v < s_.servers.size(); ++v) {
    if (off_shift(station_of(v))) {
      s_.servers[v].conditions |= condition_off;
      show(v);
    } else {
      link_idle(v);
    }
  }
  place_initial();
  for (Index source = 0; source < p_.sources.size(); ++source) start_source(source);
  settle_instant(std::bit_cast<std::uint64_t>(0.0));
  dispatch_all();
}

// --- when lots come --------------------------------------------------------------------------------------------------------------

void Engine::start_source(Index index) {
  const Source& source = p_.sources[index];
  s_.sources[index].law = arrival_law(p_, source);
  await_arrival(index, arrival_kind(source.arrivals).first(moment_of(index)));
  if (source.arrivals == Arrivals::saturated) touch(p_.n_stations() + index);
}

// What is drawn anew at a change is addressed by its instant: nothing that was drawn before says anything about it.
ArrivalMoment Engine::moment_of(Index index, bool changed) {
  const Source& source = p_.sources[index];
  SourceState& state = s_.sources[index];
  const std::uint64_t stream = changed ? identity(source.stream, std::bit_cast<std::uint64_t>(s_.now)) : source.stream;
  return {p_, source, state, s_.key, s_.now, {s_.key, stream, state.arrivals}};
}

// Whether `until` and `limit` let an arrival come. Of a saturated source, to which they mean when it offers lots, every one does.
bool Engine::comes(Index index, double time) const {
  const Source& source = p_.sources[index];
  if (!std::isfinite(time) || source.arrivals == Arrivals::saturated) return std::isfinite(time);
  return (source.until_s <= 0 || time < source.until_s) && within_limit(source, s_.sources[index]);
}

void Engine::await_arrival(Index index, double time) {
  SourceState& state = s_.sources[index];
  state.next_s = time;
  state.pending = comes(index, time) ? schedule(std::max(time, s_.now), EventKind::arrival, index) : 0;
}

void Engine::arrive(Index index) {
  const Source& source = p_.sources[index];
  SourceState& state = s_.sources[index];
  if (source.arrivals == Arrivals::saturated) {
    open_or_close(index);
    return;
  }
  const double size = source.batch ? std::max(0.0, std::round(source.batch->sample(moment_of(index).draws.uniform(1)))) : 1.0;
  ++state.arrivals;
  state.came(s_.now);
  const TraceRow* const row = arrival_row(moment_of(index));
  if (size > static_cast<double>(p_.limits.lots)) too_many_lots();
  for (double k = 0; k < size && within_limit(source, state); ++k) {
    const Index lot = make_lot(index);
    count_made(lot, index);
    if (row)
      for (const auto& [slot, value] : row->values) attributes_of(lot)[slot] = value;
    add_turn({s_.now, source.priority, p_.n_stations() + index, 0, TurnKind::arrival, lot});
  }
  await_arrival(index, arrival_kind(source.arrivals).next(moment_of(index)));
}

// --- lots ------------------------------------------------------------------------------------------------------------------------

void Engine::apply_draws(Index lot, const std::vector<AttributeDraw>& draws, std::uint64_t stream) {
  const Draws of_lot{s_.key, stream, s_.lots[lot].id};
  for (std::size_t k = 0; k < draws.size(); ++k)
    if (draws[k].distribution)
      attributes_of(lot)[draws[k].slot] = draws[k].distribution->sample(of_lot.uniform(draws[k].draw != 0 ? draws[k].draw : 1000 + k));
}

Index Engine::make_lot(Index index) {
  const Source& source = p_.sources[index];
  SourceState& state = s_.sources[index];
  const Index lot = new_lot();
  Lot& l = s_.lots[lot];
  l.id = source.stream + ++state.ordinal;
  l.born = s_.now;
  l.source = static_cast<std::uint16_t>(index);
  l.kind = source.kind;
  if (source.maker) {
    NewLot made{Draws{s_.key, source.stream, l.id}, {attributes_of(lot), n_attributes_}, {kg_of(lot), p_.n_components}};
    source.maker->make(made);
    l.mass = mass_of(lot);
  }
  if (!source.attributes.empty()) apply_draws(lot, source.attributes, source.stream);
  if (source.load_count && p_.contents_slot >= 0) {
    const double u = Draws{s_.key, source.stream, l.id}.uniform(2000);
    attributes_of(lot)[p_.contents_slot] = std::max(0.0, std::round(source.load_count->sample(u)));
  }
  return lot;
}

void Engine::count_made(Index lot, Index index) {
  const Lot& l = s_.lots[lot];
  SourceAccount& account = s_.accounts.sources[index];
  ++account.made;
  account.kg_made += l.mass;
  for (std::size_t c = 0; c < p_.n_components; ++c) s_.accounts.source_kg[index * p_.n_components + c] += kg_of(lot)[c];
  s_.accounts.wip.add(s_.now, 1);
  if (observer_) observer_->lot_made({s_.now, l, masses_of(lot), Origin::source});
}

// Where a lot of a source goes first: its target, or the transport that takes it there.
Index Engine::send_from_source(Index lot, Index index) {
  const Index route = p_.route_of_source(index);
  return set_out(lot, choose_option(route, lot, p_.sources[index].stream, draw::route), route);
}

// The same where a lot that has a choice is undecided while nothing has room.
Index Engine::first_target(Index lot, Index index) {
  const Route& route = p_.sources[index].route;
  if (!route.chooses()) return send_from_source(lot, index);
  return look_for_room(route, lot) ? set_out(lot, best_with_room(route), p_.route_of_source(index)) : none;
}

// The lot asks for room; without it, it is lost or waits outside in line.
void Engine::offer(Index lot, Index index) {
  const Source& source = p_.sources[index];
  SourceState& state = s_.sources[index];
  const Route& route = source.route;
  const bool first = state.line.empty();
  s_.lots[lot].holder = source_holder | index;
  if (source.admit && (*source.admit)(slots_of(lot, 1)) == 0) return lose(lot, index);
  Index target = none;
  if (route.kind == RouteKind::single && route.options.front().via == none) {
    target = route.options.front().target;
  } else if (first || !route.chooses()) {
    target = first_target(lot, index);
  }
  s_.lots[lot].target = target;
  const bool plain = target != none && target == source.plain_target && !s_.is_touched[target] && s_.stations[target].blocked == 0 &&
                     !is_ready_[target];  // nobody waits there to begin
  if (first && target != none && (plain ? push_plain(lot, target) : enter(lot, target))) return;
  if (source.lose) return lose(lot, index);
  state.line.push_back(s_.lots, lot);
  ++state.waiting;
  if (first) wait_outside(index);
}

void Engine::lose(Index lot, Index index) {
  SourceAccount& account = s_.accounts.sources[index];
  ++account.lost;
  account.kg_lost += s_.lots[lot].mass;
  for (std::size_t c = 0; c < p_.n_components; ++c) s_.accounts.source_kg[index * p_.n_components + c] -= kg_of(lot)[c];
  forget_goal(lot);
  if (observer_) observer_->lot_ended(s_.now, s_.lots[lot], p_.source_node(index), masses_of(lot));
  s_.accounts.wip.add(s_.now, -1);
  s_.accounts.wip_cycle_sum += s_.now - s_.lots[lot].born;
  free_lot(lot);
}

// The first of the lots outside stands in line.
void Engine::wait_outside(Index index) {
  while (s_.sources[index].line.head != none) {
    const Index lot = s_.sources[index].line.head;
    const bool undecided = s_.lots[lot].target == none;
    if (undecided && p_.sources[index].route.chooses()) {
      wait_for_choice(lot, p_.route_of_source(index));
      return;
    }
    const Index target = undecided ? send_from_source(lot, index) : s_.lots[lot].target;
    s_.lots[lot].target = target;
    if (!p_.is_sink(target)) {
      wait_to_enter(lot, target);
      return;
    }
    detach_source(index, lot);  // of a source that led elsewhere before
    leave(lot, target - p_.n_stations());
  }
}

// The first lot that waits outside is about to be let in: its links will belong to the buffer.
void Engine::detach_source(Index index, Index lot) {
  SourceState& state = s_.sources[index];
  state.line.pop_front(s_.lots);
  --state.waiting;
  if (state.offered == 0) {
    s_.lots[lot].waited += s_.now - s_.lots[lot].born;
    return;
  }
  state.offered = 0;
  state.came(s_.now);
  s_.lots[lot].born = s_.now;  // now it is in the plant
  count_made(lot, index);
}

void Engine::source_admitted(Index index) {
  SourceState& state = s_.sources[index];
  wait_outside(index);
  if (state.line.head != none) {
    const Lot& next = s_.lots[state.line.head];
    if (next.choice != none) {
      add_choice_turn(next.choice);
    } else {
      touch(next.target);
    }
  } else if (p_.sources[index].arrivals == Arrivals::saturated) {
    touch(p_.n_stations() + index);
  }
}

// --- saturated sources -----------------------------------------------------------------------------------------------------------

// A saturated source offers one lot after another until one has to wait. Into a buffer without bounds it gives only what a free server
// lacks.
void Engine::saturate(Index index) {
  const Source& source = p_.sources[index];
  SourceState& state = s_.sources[index];
  if (state.line.head != none || !is_open(source, s_.now) || !within_limit(source, state)) return;
  const Index lot = make_lot(index);
  s_.lots[lot].holder = source_holder | index;
  state.line.push_back(s_.lots, lot);
  state.waiting = state.offered = 1;
  const Index target = first_target(lot, index);
  s_.lots[lot].target = target;
  if (target != none && p_.is_sink(target)) return;
  if (target == none || s_.stations[target].blocked > 0 || !has_room(target, s_.lots[lot])) {
    wait_outside(index);
    return;
  }
  detach_source(index, lot);
  enqueue(lot, target);
  touch(p_.n_stations() + index);
}

void Engine::open_or_close(Index index) {
  const Source& source = p_.sources[index];
  if (s_.sources[index].offered != 0 && !is_open(source, s_.now)) withdraw_offer(index);
  touch(p_.n_stations() + index);
  await_arrival(index, arrival_kind(source.arrivals).next(moment_of(index)));
}

// The lot that a saturated source holds out has never been: the next one is the same again.
void Engine::withdraw_offer(Index index) {
  SourceState& state = s_.sources[index];
  const Index lot = state.line.head, target = s_.lots[lot].target;
  if (s_.lots[lot].choice != none) {
    leave_line(s_.lots[lot].choice);
  } else if (!p_.is_sink(target)) {
    withdraw_from_line(s_, target, lot);
    touch(target);
  }
  forget_goal(lot);
  state.line = {};
  free_lot(lot);
  state.waiting = state.offered = 0;
  --state.ordinal;
}

}  // namespace retwin
