// The order of what happens at one instant. It depends on no name: stations come by their rank, which follows the flow.
//
// 1. Everything that ends at the instant ends: jobs, repairs; then failures by the calendar and changes of shift. Arrivals are noted.
// 2. What only moves on moves on, station by station in order of rank, until nothing can: lots with one way to go leave and enter, lots
//    that wait for room are let in, the longest-waiting first; then arrivals with one way to go that find room enter; then jobs begin.
//    Where that has made room, all of this again. Who finds all places taken, lots waiting there and a server free comes in when that has
//    taken one of those inside (or if it cannot).
// 3. Then one turn: who has waited longest; of equals first lots that choose among several targets (`shortest`, `fastest`, `overflow`,
//    the next step of a plan), then other arrivals and saturated sources; of those the higher priority, then by rank. After it, back
//    to 2, so that a departure comes before an arrival and a choice sees what has become free.
// 4. When nothing else moves, resources are granted to those who ask, by priority, then to who has asked longest. Then back to 1.
// 5. At last utilities are shared anew where somebody has come, gone, or asks for more or less.
//
// What takes no time ends within the instant: before each turn and before resources are granted, back to 1.
#include <algorithm>
#include <functional>

#include "core/flow/engine/engine.hpp"

namespace retwin {
namespace {
constexpr std::uint64_t most_turns = 100'000'000;  // of stations at one instant
}  // namespace

void Engine::settle_instant(std::uint64_t time_bits) {
  Calendar& calendar = s_.calendar;
  for (;;) {
    calendar.settle();
    if (calendar.empty() || calendar.top().time_bits != time_bits) {
      if (!settle_later()) return;
      continue;
    }
    const Event event = calendar.open();
    ++s_.accounts.events;
    handle(event);
  }
}

// A job that ends with its shift, or when its machine fails, has ended; and one crew follows another without a gap.
bool Engine::settle_later() {
  if (later_.empty()) return false;
  std::vector<Index> calendars;
  for (const Event& event : later_) {
    if (event.kind == EventKind::clock_failure && s_.clocks[event.index].pending == event.order) clock_failure(event.index);
    if (event.kind == EventKind::shift && s_.calendar_event[event.index] == event.order) {
      shift_change(event.index);
      calendars.push_back(event.index);
    }
  }
  later_.clear();
  change_shifts(calendars);
  return true;
}

void Engine::touch(Index node) {
  if (s_.is_touched[node]) return;
  s_.is_touched[node] = 1;
  if (node >= p_.n_stations()) {
    const Index source = node - p_.n_stations();
    add_turn({s_.now, p_.sources[source].priority, node, 0, TurnKind::saturated, source});
    return;
  }
  s_.touched.push_back(p_.rank[node]);
  std::push_heap(s_.touched.begin(), s_.touched.end(), std::greater<>());
}

void Engine::add_turn(Turn turn) {
  turn.number = next_turn_++;
  turns_.push_back(turn);
  std::push_heap(turns_.begin(), turns_.end(), std::greater<>());
}

bool Engine::another_event_now() {
  s_.calendar.settle();
  return !s_.calendar.empty() && s_.calendar.top().time_bits == std::bit_cast<std::uint64_t>(s_.now);
}

void Engine::move_on(Index station) {
  StationState& st = s_.stations[station];
  do {
    while (!st.finished.empty()) {
      const Index server = st.finished.pop_front(s_.servers);
      s_.servers[server].flags &= static_cast<std::uint8_t>(~flag_listed);
      push_outputs(server);
    }
  } while ((!pulls_first(station) && admit_blocked(station)) || admit_offer(station));
}

// Pull, then admit: where lots wait inside and all places are taken, it is free servers that make room, and jobs begin first.
bool Engine::pulls_first(Index station) const {
  const StationState& st = s_.stations[station];
  return st.idle > 0 && st.queued > 0 && st.queued + st.reserved >= p_.hot[station].capacity;
}

// Returns early if something ends within the instant: the loop handles that and comes back.
void Engine::dispatch_all() {
  const auto next = [](std::vector<Index>& heap) {
    std::pop_heap(heap.begin(), heap.end(), std::greater<>());
    const Index rank = heap.back();
    heap.pop_back();
    return rank;
  };
  for (std::uint64_t turns = 0;; ++turns) {
    if (turns > most_turns) time_stands_still();  // stations that keep nothing pass it on in a circle
    if (!s_.touched.empty()) {
      const Index station = p_.by_rank[next(s_.touched)];
      s_.is_touched[station] = 0;
      move_on(station);
      if (is_ready_[station] == 0) {
        is_ready_[station] = 1;
        ready_.push_back(p_.rank[station]);
        std::push_heap(ready_.begin(), ready_.end(), std::greater<>());
      }
    } else if (!turns_.empty() && arrives_beside(turns_.front())) {
      take_turn();
    } else if (!ready_.empty()) {
      std::vector<Index> passed;  // where none can begin with what waits inside
      while (!ready_.empty()) {   // all of them, before what they leave is filled
        const Index station = p_.by_rank[next(ready_)];
        is_ready_[station] = 0;
        bool any = false;
        while (start_job(station)) any = true;
        if (any) touch(station);  // there may be room now
        if (!any && pulls_first(station)) passed.push_back(station);
      }
      for (const Index station : passed)
        if (admit_blocked(station)) touch(station);
    } else if (another_event_now()) {
      unfinished_ = true;
      return;
    } else if (!turns_.empty()) {
      take_turn();
    } else if (crews_.may_serve()) {
      serve_requests();
    } else if (!to_share_.empty()) {
      share_utilities();
    } else if (share_devices_) {
      share_devices();
    } else {
      unfinished_ = false;
      return;
    }
  }
}

// An arrival that has one way to go and finds room there, so that a job that begins at this instant can be one with it.
bool Engine::arrives_beside(const Turn& turn) const {
  if (turn.kind != TurnKind::arrival) return false;
  const Lot& lot = s_.lots[turn.index];
  const Route& route = p_.sources[lot.source].route;
  if (route.kind != RouteKind::single || route.options.front().via != none || s_.sources[lot.source].line.head != none) return false;
  const Index target = route.options.front().target;
  return p_.is_sink(target) || (s_.stations[target].blocked == 0 && has_room(target, lot) && !pulls_first(target));
}

void Engine::take_turn() {
  std::pop_heap(turns_.begin(), turns_.end(), std::greater<>());
  const Turn turn = turns_.back();
  turns_.pop_back();
  switch (turn.kind) {
    case TurnKind::choice: take_choice(turn.index); return;
    case TurnKind::step: take_step(turn.index); return;
    case TurnKind::patience:
      if (s_.patience[turn.index] == patience_over) give_up(turn.index);
      return;
    case TurnKind::arrival: offer(turn.index, s_.lots[turn.index].source); return;
    case TurnKind::saturated:
      s_.is_touched[p_.n_stations() + turn.index] = 0;
      saturate(turn.index);
      return;
  }
}

}  // namespace retwin
