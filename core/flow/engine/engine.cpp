// The run loop; and the hot path of plain stations, where one event has an instant to itself. Else see instant.cpp.
#include "core/flow/engine/engine.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/base/interruption.hpp"

namespace retwin {
namespace {
constexpr std::uint64_t look_every = 1000;  // events, between two looks of a watch
}  // namespace

const char* const server_state_names[n_server_states] = {"starved", "working", "setup", "blocked", "waiting_resource",
                                                         "waiting_utility", "waiting_digital", "down", "maintenance", "off_shift"};

Engine::Engine(const Plant& plant, State& state, Observer* observer, Watch* watch)
    : p_(plant), s_(state), observer_(observer), watch_(watch),
      crews_(plant, state, observer, [this](Index server) { return work_ahead(server); }), n_attributes_(plant.attributes.size()),
      plain_lots_(plant.attributes.empty() && plant.n_components == 0), job_(plant.attributes.size(), plant.n_components) {
  if (s_.is_touched.size() != p_.stations.size() + p_.sources.size())
    s_.is_touched.assign(p_.stations.size() + p_.sources.size(), 0);
  is_ready_.assign(p_.stations.size(), 0);
  if (observer_) observer_->in_hand_.expect(s_.servers.size());
}

// --- the loop --------------------------------------------------------------------------------------------------------------------

void Engine::run(double until, double goal) {
  if (!s_.started) start();
  loop(until, std::max(until, goal));
  if (until < std::numeric_limits<double>::infinity()) s_.now = std::max(s_.now, until);
  if (goal <= until) check_liveness();
}

void Engine::loop(double until, double goal) {
  const std::uint64_t until_bits = std::bit_cast<std::uint64_t>(until + 0.0);
  std::uint64_t handled = 0, counted = 0;
  const std::uint64_t check_every = std::max<std::uint64_t>(100000, 20 * s_.servers.size());
  const std::uint64_t suspicion_every = std::max<std::uint64_t>(1000, s_.servers.size());
  std::uint64_t next_check = check_every, next_suspicion = suspicion_every, next_look = look_every;
  const double began_s = s_.now;
  double checked_at = -1;
  const bool large = s_.servers.size() > 500, between_events = observer_ && observer_->between_events();
  Calendar& calendar = s_.calendar;
  for (;;) {
    calendar.settle();
    if (handled >= next_look) {
      next_look = handled + look_every;
      s_.accounts.events += handled - std::exchange(counted, handled);
      if (watch_) watch_->look(s_);
      else check_interruption();
      if (handled >= next_suspicion) {
        next_suspicion = handled + suspicion_every;
        if (!unfinished_ && (suspect_ || handled >= next_check)) check_liveness();
      }
      if (handled >= next_check) {
        if (s_.now <= checked_at) time_stands_still();
        check_events(began_s, handled, goal);
        checked_at = s_.now;
        next_check = handled + check_every;
      }
    }
    if (calendar.empty() || calendar.top().time_bits > until_bits) break;
    if (between_events) observer_->before_event(calendar.top().time());
    const Event event = calendar.open();
    s_.now = event.time();
    ++handled;
    if (large) fetch_ahead();
    if (!calendar.another_at(event.time_bits) && !unfinished_) {
      if (event.kind == EventKind::service_end) {
        if (s_.servers[event.index].pending != event.order) continue;
        if (ends_plain(event.index)) {
          complete_plain(event.index);
          if (!s_.touched.empty() || !turns_.empty()) dispatch_all();
          continue;
        }
      } else if (event.kind == EventKind::arrival && p_.sources[event.index].simple) {
        if (s_.sources[event.index].pending != event.order) continue;
        arrive_plain(event.index);
        if (!s_.touched.empty() || !turns_.empty()) dispatch_all();
        continue;
      }
    }
    handle(event);
    settle_instant(event.time_bits);
    dispatch_all();
  }
  s_.accounts.events += handled - counted;
}

// In a large plant the next event's records are not in the cache. It is one of the two below the open root, unless this event
// schedules an earlier one: both are fetched while this event is handled.
void Engine::fetch_ahead() {
  const std::vector<Event>& heap = s_.calendar.events();
  for (std::size_t k = 1; k < 3 && k < heap.size(); ++k) {
    if (heap[k].kind != EventKind::service_end) continue;
    const Index station = station_of(heap[k].index);
    __builtin_prefetch(&s_.servers[heap[k].index], 1);
    __builtin_prefetch(&s_.stations[station], 1);
    __builtin_prefetch(&p_.hot[station]);
    const char* account = reinterpret_cast<const char*>(&s_.accounts.stations[station]);
    __builtin_prefetch(account, 1);
    __builtin_prefetch(account + 64, 1);
    __builtin_prefetch(account + offsetof(StationAccount, queue_s), 1);
  }
}

void Engine::handle(const Event& event) {
  switch (event.kind) {
    case EventKind::service_end:
    case EventKind::changeover_end:
      if (s_.servers[event.index].pending != event.order) return;
      s_.servers[event.index].pending = 0;
      end_of_work(event.index);
      return;
    case EventKind::failure:
      if (s_.servers[event.index].pending != event.order) return;
      s_.servers[event.index].pending = 0;
      stop_work(event.index);
      working_failure(event.index);
      return;
    case EventKind::clock_failure:
    case EventKind::shift:
      later_.push_back(event);
      return;
    case EventKind::repair_end:
      if (s_.servers[event.index].pending != event.order) return;
      s_.servers[event.index].pending = 0;
      end_repair(event.index);
      return;
    case EventKind::arrival:
      if (s_.sources[event.index].pending == event.order) arrive(event.index);
      return;
    case EventKind::batch_wait:
      if (s_.stations[event.index].wait_event == event.order) {
        s_.stations[event.index].wait_event = 0;
        touch(event.index);
      }
      return;
    case EventKind::headway:
      if (s_.stations[event.index].headway_event == event.order) {
        s_.stations[event.index].headway_event = 0;
        touch(event.index);
      }
      return;
    case EventKind::pull_end:
      if (s_.circles[event.index].pending == event.order) {
        s_.circles[event.index].pending = 0;
        pulls_ended(event.index);
      }
      return;
    case EventKind::outage:
      if (s_.outages[event.index].pending == event.order) turn_outage(event.index);
      return;
    case EventKind::store_end:
      if (s_.stores[event.index].pending == event.order) end_store(event.index);
      return;
    case EventKind::step_end:
      if (s_.step_event == event.order) steps_ended();
      return;
    case EventKind::give_up:
      if (s_.patience[event.index] == event.order) {  // unless it is begun at this instant
        s_.patience[event.index] = patience_over;
        add_turn({s_.now, 0, 0, 0, TurnKind::patience, event.index});
      }
      return;
    case EventKind::task_due:
      if (s_.task_clocks[event.index].pending == event.order) task_due(event.index);
      return;
  }
}

// --- the hot path: plain stations, one event at this instant ---------------------------------------------------------------------

/// Whether the job of a server ends without more ado, as that of a station whose machine is sound.
inline bool Engine::ends_plain(Index index) const {
  const StationHot& hot = p_.hot[station_of(index)];
  if (hot.rare) return false;
  return !hot.stops || (s_.servers[index].stage == Stage::work && s_.servers[index].due_modes == 0);
}

/// The server is free for the next lot as soon as what it holds has left.
inline bool Engine::frees_plain(Index index) const {
  const StationHot& hot = p_.hot[station_of(index)];
  const Server& server = s_.servers[index];
  return !hot.rare && server.outputs == 0 && (!hot.stops || (server.conditions == 0 && server.due_modes == 0));
}

inline double Engine::service_plain(const StationHot& hot, const Station& station, Index lot, std::uint64_t visits) {
  const Draws draws{s_.key, hot.stream + (visits << draw::visit_shift), s_.lots[lot].id};
  if (hot.family == 0) return -hot.service_a * std::log(draws.uniform(draw::phase));
  if (hot.family == 1) return hot.service_a;
  return station.phases[0].duration.distribution->sample(draws.uniform(draw::phase));
}

inline void Engine::start_plain(Index index, Index lot) {
  Server& server = s_.servers[index];
  const Index station = station_of(index);
  const StationHot& hot = p_.hot[station];
  std::uint64_t visits = 0;
  if (hot.visit_slot != none) visits = static_cast<std::uint64_t>(++attributes_of(lot)[hot.visit_slot]);
  const double duration = service_plain(hot, p_.stations[station], lot, visits);
  server.job = lot;
  server.jobs_lots = 1;
  server.stage = Stage::work;
  server.duration = duration;
  server.work_start = s_.now;
  server.base = ServerState::working;
  if (observer_) [[unlikely]] tell_start_plain(station, index, hot.books != 0);
  if (hot.stops) {  // the general path may have to interrupt it
    server.remaining = duration;
    server.phase = 0;
    server.batch_id = s_.lots[lot].id;
    server.began = s_.order++;
    s_.lots[lot].holder = index;
    if (hot.pool != none) crews_.take(server.grant, hot.pool, hot.units);
  }
  change_state(server, station, index, ServerState::working);
  if (observer_) [[unlikely]] observer_->work_began(s_.now, station, index, 0);
  server.pending = schedule(s_.now + duration, EventKind::service_end, index);
}

bool Engine::push_plain(Index lot, Index node) {
  StationState& st = s_.stations[node];
  const StationHot& hot = p_.hot[node];
  if (hot.rare) return enter(lot, node);
  if (!st.idlers.empty()) {
    const Index index = st.idlers.pop_front(s_.servers);
    --st.idle;
    ++come_to(node, lot).left_queue;
    start_plain(index, lot);
    return true;
  }
  if (st.queued >= hot.capacity) return false;
  if (hot.books) st.queued_kg += s_.lots[lot].mass;
  wait_in_buffer(lot, node, st, come_to(node, lot));
  return true;
}

// The freed server takes the next lot, the place it leaves goes to the longest-blocked one, whose server is then free in turn:
// a loop up the line, not recursion.
inline void Engine::free_plain(Index index) {
  for (;;) {
    const Index station = station_of(index);
    StationState& st = s_.stations[station];
    Server& server = s_.servers[index];
    StationAccount& account = s_.accounts.stations[station];
    if (!st.queue.empty()) {
      const Index lot = st.queue.pop_front(s_.lots);
      Lot& l = s_.lots[lot];
      --st.queued;
      if (p_.hot[station].books) st.queued_kg = st.queued == 0 ? 0 : st.queued_kg - l.mass;
      const double waited = s_.now - l.entered;
      l.waited += waited;
      account.waited += waited;
      account.had_to_wait += waited > 0 ? 1 : 0;
      ++account.left_queue;
      count_queued(station, account, -1);
      start_plain(index, lot);
    } else if (st.blocked == 0) {
      if (!st.offers.empty()) {
        take_offer_plain(index);
        return;
      }
      server.job = none;
      server.stage = Stage::idle;
      server.base = ServerState::starved;
      change_state(server, station, index, ServerState::starved);
      st.idlers.push_back(s_.servers, index);
      ++st.idle;
      if (p_.hot[station].chosen) touch(station);  // one that stands aside may choose it
      return;
    } else {
      server.job = none;  // no buffer: the blocked lot below enters this server itself
    }
    if (st.blocked == 0) return;
    const Index lot = st.line.head;
    const Index holder = lot == none ? none : s_.lots[lot].holder;
    if (lot == none || p_.hot[station].chosen ||
        (!(holder & source_holder) && !frees_plain(holder))) {
      if (s_.servers[index].job == none) {
        make_idle(index);
      }
      touch(station);  // the general path admits it
      return;
    }
    Lot& l = s_.lots[lot];
    leave_head_of_line(station, st, !(holder & source_holder));
    if (holder & source_holder) detach_source(holder & ~source_holder, lot);
    l.holder = none;
    come_to(station, lot);
    if (s_.servers[index].job == none) {
      ++account.left_queue;
      start_plain(index, lot);
    } else {
      if (p_.hot[station].books) st.queued_kg += l.mass;
      wait_in_buffer(lot, station, st, account);
    }
    if (holder & source_holder) {
      if (!offer_next_plain(holder & ~source_holder, station)) source_admitted(holder & ~source_holder);
      return;
    }
    StationAccount& left = s_.accounts.stations[station_of(holder)];
    left.content.add(s_.now, -1);
    ++left.lots_out;
    index = holder;
  }
}

// Nobody waits but a saturated source, beside a buffer without bounds.
void Engine::take_offer_plain(Index index) {
  const Index station = station_of(index);
  StationState& st = s_.stations[station];
  const Index lot = st.offers.pop_front(s_.lots);
  Lot& l = s_.lots[lot];
  const Index source = l.holder & ~source_holder;
  detach_source(source, lot);
  l.holder = none;
  ++come_to(station, lot).left_queue;
  start_plain(index, lot);
  if (!offer_next_plain(source, station)) source_admitted(source);
}

// Where the lot of a saturated source has been let in and nothing else happens, the next one stands in line at once. False: it may
// find room, or others come first.
inline bool Engine::offer_next_plain(Index index, Index station) {
  const Source& source = p_.sources[index];
  SourceState& state = s_.sources[index];
  const StationState& st = s_.stations[station];
  const Index capacity = p_.hot[station].capacity;
  if (!source.unceasing || source.route.options.front().target != station || !s_.touched.empty() || !turns_.empty()) return false;
  if (!st.idlers.empty() || (st.blocked == 0 && st.queued < capacity && capacity != unlimited)) return false;
  const Index lot = make_lot(index);
  s_.lots[lot].holder = source_holder | index;
  state.line.push_back(s_.lots, lot);
  state.waiting = state.offered = 1;
  wait_to_enter(lot, station);
  return true;
}

// Where a lot goes that has several ways; none: it waits for the first with room.
Index Engine::way_out_plain(Index lot, Index station) {
  const Route& route = p_.stations[station].routes[0];
  if (!route.chooses()) return route_lot(lot, station, 0);
  return look_for_room(route, lot) ? set_out(lot, best_with_room(route), p_.route_of_port(station, 0)) : none;
}

inline void Engine::complete_plain(Index index) {
  Server& server = s_.servers[index];
  const Index station = station_of(index);
  const Index lot = server.job;
  server.pending = 0;
  StationAccount& account = s_.accounts.stations[station];
  ++account.jobs;
  ++s_.accounts.completions;
  const StationHot& hot = p_.hot[station];
  if (hot.books) {
    book_plain(index, lot);
  } else if (observer_) [[unlikely]] {
    tell_plain(station, index);
  }
  const Index target = hot.target != none ? hot.target : way_out_plain(lot, station);
  if (target != none && p_.is_sink(target)) {
    leave(lot, target - p_.n_stations());
  } else if (target == none || !push_plain(lot, target)) {
    s_.lots[lot].holder = index;
    if (target == none) {
      wait_for_choice(lot, p_.route_of_port(station, 0));
    } else {
      wait_to_enter(lot, target);
    }
    server.stage = Stage::finished;
    server.base = ServerState::blocked;
    change_state(server, station, index, ServerState::blocked);
    return;
  }
  account.content.add(s_.now, -1);
  ++account.lots_out;
  free_plain(index);
}

void Engine::book_plain(Index index, Index lot) {
  const Index station = station_of(index);
  const double kg = s_.lots[lot].mass;
  if (observer_) open_record(index);
  if (p_.hot[station].meters) {
    s_.accounts.stations[station].kg_in += kg;
    meter_job(index, kg);
    count_port(p_.stations[station].first_port, lot);
  }
  if (observer_) tell_metered(index);
  crews_.release(s_.servers[index].grant);
}

void Engine::arrive_plain(Index index) {
  SourceState& state = s_.sources[index];
  const Source& source = p_.sources[index];
  ++state.arrivals;
  state.came(s_.now);
  const Index lot = make_lot(index);
  count_made(lot, index);
  const Draws draws{s_.key, source.stream, state.arrivals};
  state.interval_s = source.every.sample(draws.uniform(0));
  state.next_s = s_.now + state.interval_s;
  state.pending = schedule(state.next_s, EventKind::arrival, index);
  const Index target = source.plain_target;
  if (target != none && state.line.empty() && !s_.is_touched[target] && s_.stations[target].blocked == 0) {
    s_.lots[lot].holder = source_holder | index;
    s_.lots[lot].target = target;
    if (push_plain(lot, target)) return;
  }
  offer(lot, index);
}

}  // namespace retwin
