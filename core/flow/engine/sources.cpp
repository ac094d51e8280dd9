// Sources: when lots arrive, what they carry, and what happens when there is no room; and the lots that are there at the start.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/flow/engine/engine.hpp"

namespace retwin {
namespace {

// Time at which the cumulated rate of a cyclic, piecewise constant profile reaches `target` (exact inversion).
double profile_time(const Source& source, double target) {
  const auto& t = source.profile_time_s;
  double per_cycle = 0;
  for (std::size_t k = 0; k + 1 < t.size(); ++k) per_cycle += source.profile_rate[k] * (t[k + 1] - t[k]);
  if (per_cycle <= 0) return std::numeric_limits<double>::infinity();
  const double cycles = std::floor(target / per_cycle);
  double left = target - cycles * per_cycle;
  for (std::size_t k = 0; k + 1 < t.size(); ++k) {
    const double here = source.profile_rate[k] * (t[k + 1] - t[k]);
    if (left < here || k + 2 == t.size()) {
      return cycles * t.back() + t[k] + (source.profile_rate[k] > 0 ? left / source.profile_rate[k] : t[k + 1] - t[k]);
    }
    left -= here;
  }
  return cycles * t.back();
}

double profile_cumulated(const Source& source, double time) {
  const auto& t = source.profile_time_s;
  double per_cycle = 0;
  for (std::size_t k = 0; k + 1 < t.size(); ++k) per_cycle += source.profile_rate[k] * (t[k + 1] - t[k]);
  const double cycles = std::floor(time / t.back());
  double left = time - cycles * t.back(), sum = cycles * per_cycle;
  for (std::size_t k = 0; k + 1 < t.size() && left > t[k]; ++k) sum += source.profile_rate[k] * (std::min(left, t[k + 1]) - t[k]);
  return sum;
}

constexpr double day_s = 86400;
constexpr std::uint64_t draw_of_day = 2;  // beside those of a source's arrivals: the time, 0, and the size of a batch, 1
constexpr int longest_search = 100000;    // days: a block that is not drawn within 270 years does not matter

}  // namespace

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
  }
  for (Index clock = 0; clock < s_.clocks.size(); ++clock)
    if (s_.clocks[clock].server != none) schedule_clock(clock, 0);
  for (Index v = 0; v < s_.servers.size(); ++v) {
    if (off_shift(station_of(v))) {
      s_.servers[v].conditions |= condition_off;
      show(v);
    } else {
      link_idle(v);
    }
  }
  for (const InitialLots& initial : p_.initial) place_initial(initial);
  for (Index source = 0; source < p_.sources.size(); ++source) start_source(source);
  settle_instant(std::bit_cast<std::uint64_t>(0.0));
  dispatch_all();
}

void Engine::start_source(Index index) {
  const Source& source = p_.sources[index];
  if (source.arrivals == Arrivals::saturated) {
    touch(p_.n_stations() + index);
  } else if (source.arrivals == Arrivals::profile) {
    s_.sources[index].operational = profile_cumulated(source, source.profile_offset_s + std::max(s_.now, source.start_s));
    schedule_arrival(index);
  } else if (source.arrivals == Arrivals::renewal && source.first_s && *source.first_s >= s_.now) {
    s_.sources[index].pending = schedule(std::max(*source.first_s, source.start_s), EventKind::arrival, index);
  } else {
    schedule_arrival(index);
  }
}

void Engine::schedule_arrival(Index index) {
  const Source& source = p_.sources[index];
  SourceState& state = s_.sources[index];
  const Draws draws{s_.key, source.stream, state.arrivals};
  state.pending = 0;
  double time = std::numeric_limits<double>::infinity();
  switch (source.arrivals) {
    case Arrivals::saturated: return;
    case Arrivals::renewal: time = std::max(s_.now, source.start_s) + std::max(0.0, source.every.sample(draws.uniform(0))); break;
    case Arrivals::profile:
      state.operational += -std::log(draws.uniform(0));
      time = std::max(s_.now, profile_time(source, state.operational) - source.profile_offset_s);
      break;
    case Arrivals::timetable: {
      skip_past_rows(index, source.start_s);
      const std::size_t n = source.rows.size();
      if (n == 0 || (state.row >= n && source.repeat_s <= 0)) return;
      time = source.rows[state.row % n].time_s + static_cast<double>(state.row / n) * source.repeat_s;
      break;
    }
    case Arrivals::blocks: time = next_in_blocks(source, std::max(s_.now, source.start_s), state.row); break;
  }
  if (!std::isfinite(time) || (source.until_s > 0 && time >= source.until_s)) return;
  state.pending = schedule(std::max(time, s_.now), EventKind::arrival, index);
}

// The block of a day of the run depends on nothing but the source and the number of the day; null: none is possible.
const DayBlock* Engine::block_of_day(const Source& source, double day) const {
  const std::vector<DayBlock>& possible = source.day_blocks[static_cast<std::size_t>(std::fmod(day, 7))];
  const double u = Draws{s_.key, source.stream, static_cast<std::uint64_t>(day)}.uniform(draw_of_day);
  const auto above = [](double x, const DayBlock& block) { return x < block.up_to; };
  const auto drawn = std::upper_bound(possible.begin(), possible.end(), u, above);
  return drawn == possible.end() ? nullptr : &*drawn;
}

// The first arrival from a time on, and its row within the block of its day; of those at that very time, the rows before `row`
// have been. An arrival lies within its day even if rounding takes it to midnight, so that the day follows from the time.
double Engine::next_in_blocks(const Source& source, double from, Index& row) const {
  const double first = std::floor((from + p_.clock0_s) / day_s);
  if (source.rows.empty() || !(first < 1e12)) return std::numeric_limits<double>::infinity();
  double last = first + longest_search;
  if (source.until_s > 0) last = std::min(last, (source.until_s + p_.clock0_s) / day_s);
  for (double day = first; day < last; ++day) {
    const DayBlock* block = block_of_day(source, day);
    if (!block) continue;
    const auto begin = source.rows.begin() + block->first_row, end = begin + block->rows;
    const double late = std::nextafter((day + 1) * day_s, 0);
    const auto time = [&](const TraceRow& r) { return std::min(day * day_s + r.time_s, late) - p_.clock0_s; };
    auto next = std::lower_bound(begin, end, from, [&](const TraceRow& r, double t) { return time(r) < t; });
    while (next != end && next - begin < row && time(*next) == from) ++next;
    if (next == end) continue;
    row = static_cast<Index>(next - begin);
    return time(*next);
  }
  return std::numeric_limits<double>::infinity();
}

// The row of a table that an arrival is; null if it is none (a saved state may go on with another table).
const TraceRow* Engine::row_now(const Source& source, Index row) const {
  if (source.rows.empty()) return nullptr;
  if (source.arrivals == Arrivals::timetable) return &source.rows[row % source.rows.size()];
  const DayBlock* block = block_of_day(source, std::floor((s_.now + p_.clock0_s) / day_s));
  return block && row < block->rows ? &source.rows[block->first_row + row] : nullptr;
}

void Engine::arrive(Index index) {
  const Source& source = p_.sources[index];
  SourceState& state = s_.sources[index];
  ++state.arrivals;
  const Draws draws{s_.key, source.stream, state.arrivals - 1};
  const double size = source.batch ? std::max(0.0, std::round(source.batch->sample(draws.uniform(1)))) : 1.0;
  const TraceRow* const row = row_now(source, state.row);
  if (row) ++state.row;
  for (double k = 0; k < size; ++k) {
    if (source.limit != unlimited && state.ordinal >= source.limit) return;
    const Index lot = make_lot(index);
    if (row)
      for (const auto& [slot, value] : row->values) attributes_of(lot)[slot] = value;
    offer(lot, index);
  }
  if (source.limit != unlimited && state.ordinal >= source.limit) return;
  schedule_arrival(index);
}

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
  apply_draws(lot, source.attributes, source.stream);
  if (source.load_count && p_.contents_slot >= 0) {
    const double u = Draws{s_.key, source.stream, l.id}.uniform(2000);
    attributes_of(lot)[p_.contents_slot] = std::max(0.0, std::round(source.load_count->sample(u)));
  }
  SourceAccount& account = s_.accounts.sources[index];
  ++account.made;
  account.kg_made += l.mass;
  for (std::size_t c = 0; c < p_.n_components; ++c) s_.accounts.source_kg[index * p_.n_components + c] += kg_of(lot)[c];
  if (source.arrivals != Arrivals::saturated) s_.accounts.wip.add(s_.now, 1);
  if (observer_) observer_->lot_made(s_.now, l, 0, 0);
  return lot;
}

// Where a lot of a source goes first: its target, or the transport that takes it there.
Index Engine::send_from_source(Index lot, Index index) {
  const Source& source = p_.sources[index];
  Index via = none;
  const Index target = choose_target(source.route, lot, source.stream, draw::route, s_.sources[index].cyclic, via);
  if (via == none) return target;
  s_.lots[lot].goal = target;
  s_.lots[lot].origin = p_.n_stations() + static_cast<Index>(p_.sinks.size()) + index;
  if (!p_.is_sink(target)) ++s_.stations[target].inbound;
  return via;
}

// The lot asks for room; without it, it is lost or waits outside in line.
void Engine::offer(Index lot, Index index) {
  const Source& source = p_.sources[index];
  SourceState& state = s_.sources[index];
  Lot& l = s_.lots[lot];
  l.holder = source_holder | index;
  Index target = source.route.options.front().target;
  if (source.route.kind != RouteKind::single || source.route.options.front().via != none) target = send_from_source(lot, index);
  s_.lots[lot].target = target;
  const bool plain = source.simple && !p_.is_sink(target) && !s_.is_touched[target];  // else others are to start there first
  if (state.waiting_head == none && (plain ? push_plain(lot, target) : enter(lot, target))) return;
  if (source.lose) {
    SourceAccount& account = s_.accounts.sources[index];
    ++account.lost;
    account.kg_lost += s_.lots[lot].mass;
    for (std::size_t c = 0; c < p_.n_components; ++c) s_.accounts.source_kg[index * p_.n_components + c] -= kg_of(lot)[c];
    forget_goal(lot);
    if (observer_) observer_->lot_ended(s_.now, s_.lots[lot], p_.n_stations() + static_cast<Index>(p_.sinks.size()) + index);
    s_.accounts.wip.add(s_.now, -1);
    s_.accounts.wip_cycle_sum += s_.now - s_.lots[lot].born;
    free_lot(lot);
    return;
  }
  s_.lots[lot].next = none;
  if (state.waiting_head == none) {
    state.waiting_head = lot;
    wait_to_enter(lot, target);
  } else {
    s_.lots[state.waiting_tail].next = lot;
  }
  state.waiting_tail = lot;
  ++state.waiting;
}

// The first lot that waits outside is about to be let in: its links will belong to the buffer.
void Engine::detach_source(Index index, Index lot) {
  SourceState& state = s_.sources[index];
  state.waiting_head = s_.lots[lot].next;
  if (state.waiting_head == none) state.waiting_tail = none;
  --state.waiting;
  s_.lots[lot].next = none;
  if (p_.sources[index].arrivals == Arrivals::saturated) {  // now it is in the plant
    s_.lots[lot].born = s_.now;
    s_.accounts.wip.add(s_.now, 1);
  }
}

void Engine::source_admitted(Index index) {
  SourceState& state = s_.sources[index];
  if (p_.sources[index].arrivals == Arrivals::saturated) {
    touch(p_.n_stations() + index);
  } else if (state.waiting_head != none) {
    const Index target = s_.lots[state.waiting_head].target;
    wait_to_enter(state.waiting_head, target);
    touch(target);
  }
}

// A saturated source offers lots until one has to wait. Into an unlimited buffer it gives only what a server takes at once.
void Engine::saturate(Index index) {
  const Source& source = p_.sources[index];
  SourceState& state = s_.sources[index];
  while (state.waiting_head == none && (source.limit == unlimited || state.ordinal < source.limit)) {
    const Index lot = make_lot(index);
    Lot& l = s_.lots[lot];
    l.holder = source_holder | index;
    const Index target = send_from_source(lot, index);
    s_.lots[lot].target = target;
    if (p_.is_sink(target) || s_.stations[target].blocked_head != none || !has_room(target, s_.lots[lot])) {
      state.waiting_head = state.waiting_tail = lot;
      state.waiting = 1;
      if (!p_.is_sink(target)) wait_to_enter(lot, target);
      return;
    }
    s_.accounts.wip.add(s_.now, 1);
    enqueue(lot, target);
    dispatch(target);
  }
}

void Engine::place_initial(const InitialLots& initial) {
  for (Index k = 0; k < initial.count; ++k) {
    const Index lot = new_lot();
    Lot& l = s_.lots[lot];
    l.id = identity(initial.stream, k);
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
    if (observer_) observer_->lot_made(0, l, 0, 0);
    const StationHot& hot = p_.hot[initial.station];
    if (initial.bound_for != none && (hot.rare || hot.target == none)) {  // others have one way to go
      l.goal = initial.bound_for;
      l.origin = initial.station;
      ++s_.stations[initial.bound_for].inbound;
    }
    StationState& st = s_.stations[initial.station];
    if (initial.remaining_s && st.idle_head == none && p_.stations[initial.station].unlimited_servers) add_server(initial.station);
    if (initial.remaining_s && st.idle_head != none) {
      const Index server = st.idle_head;
      unlink_idle(server);
      ++s_.accounts.stations[initial.station].lots_in;
      ++s_.accounts.stations[initial.station].left_queue;
      s_.accounts.stations[initial.station].content.add(0, 1);
      picked_.assign(1, lot);
      Server& v = s_.servers[server];
      begin_job(server, picked_);
      if (v.pending != 0) {  // the draw is replaced by what is known to be left
        v.remaining = *initial.remaining_s;
        v.duration = v.remaining;
        resume_work(server);
        v.first_pending = v.pending;
        v.done_before = std::max(0.0, p_.stations[initial.station].mean_s - v.remaining);
      }
    } else {
      enqueue(lot, initial.station);
    }
  }
}

}  // namespace retwin
