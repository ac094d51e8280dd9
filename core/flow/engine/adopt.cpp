// Taking over a state whose plant has changed: what the state remembers of the plant is looked at again, the rest goes on.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "core/flow/engine/engine.hpp"

namespace retwin {

double Engine::capacity_of(Index pool) const {
  double capacity = 0;
  for (const PoolShift& shift : p_.pools[pool].shifts)
    if (shift.calendar == none || s_.calendar_on[shift.calendar]) capacity += shift.count;
  return capacity;
}

void Engine::adopt(const std::vector<Index>& new_servers) {
  const bool same = s_.parameter_hash == p_.parameter_hash;
  s_.parameter_hash = p_.parameter_hash;
  if (!s_.started) return;
  s_.calendar.settle();
  adopt_running_jobs();
  for (const Index v : new_servers) {
    if (off_shift(station_of(v))) {
      s_.servers[v].conditions |= condition_off;
      show(v);
    } else {
      link_idle(v);
    }
  }
  adopt_calendars();
  adopt_clocks();
  for (Index pool = 0; pool < p_.pools.size(); ++pool) {  // who has a unit that is no more keeps it until the work is done
    const double capacity = capacity_of(pool);
    if (capacity == s_.pools[pool].capacity) continue;
    s_.pools[pool].offered.set(s_.now, capacity);
    s_.pools[pool].capacity = capacity;
    crews_.tell(pool);
  }
  adopt_outages();
  adopt_utilities(same);
  adopt_digital(same);
  adopt_patience();
  adopt_lines();
  adopt_arrivals();
  for (Index node = 0; node < p_.n_stations(); ++node) {
    adopt_queue(node);
    touch(node);
  }
  for (Index source = 0; source < p_.sources.size(); ++source)
    if (p_.sources[source].arrivals == Arrivals::saturated) touch(p_.n_stations() + source);
  crews_.renew();
  dispatch_all();
  loop(s_.now, s_.now);
}

// Where the law of a source's arrivals is another one, what was to come by the old one does not come, and what comes by the new one is
// asked for anew. A source that has ended begins again where `until` and `limit` now let it; lots that wait outside stay. What the law
// and these leave as it was is left alone, to the order of its event.
void Engine::adopt_arrivals() {
  for (Index index = 0; index < p_.sources.size(); ++index) {
    const Source& source = p_.sources[index];
    SourceState& state = s_.sources[index];
    if (state.law == 0) {
      start_source(index);
      continue;
    }
    const std::uint64_t law = arrival_law(p_, source);
    const bool same = law == state.law, ahead = state.next_s >= s_.now && std::isfinite(state.next_s);
    if (state.offered != 0 && !offer_stands(index, same)) withdraw_offer(index);
    state.law = law;
    if (same && !ahead && !comes(index, s_.now)) continue;  // they have ended, and still are
    const double time = same && ahead ? state.next_s : arrival_kind(source.arrivals).adopt(moment_of(index, true));
    if (!same || time != state.next_s || comes(index, time) != (state.pending != 0)) await_arrival(index, time);
  }
}

// Whether the lot that a saturated source holds out could be held out now, and waits in the line where it would wait.
bool Engine::offer_stands(Index index, bool same_law) const {
  const Source& source = p_.sources[index];
  const SourceState& state = s_.sources[index];
  const Index target = s_.lots[state.line.head].target;
  if (!same_law || !is_open(source, s_.now) || (source.limit != unlimited && state.ordinal > source.limit)) return false;
  if (p_.is_sink(target)) return true;
  bool aside = false;
  for (Index lot = s_.stations[target].offers.head; lot != none; lot = s_.lots[lot].wait_next) aside = aside || lot == state.line.head;
  return aside == p_.stations[target].has_no_bound();
}

// The hot path keeps less about a job than the general one, which may have to go on with it; and a job that was to be interrupted by
// a failure mode that is gone is not interrupted.
void Engine::adopt_running_jobs() {
  for (Index v = 0; v < s_.servers.size(); ++v) {
    const StationHot& hot = p_.hot[station_of(v)];
    if (hot.rare || s_.servers[v].stage != Stage::work) continue;
    if (hot.pool == none) crews_.release(s_.servers[v].grant);
    give_up_place(v);
  }
  const std::vector<Event> events = s_.calendar.events();
  for (const Event& event : events) {
    if (event.kind != EventKind::service_end && event.kind != EventKind::failure) continue;
    Server& server = s_.servers[event.index];
    if (server.pending != event.order || server.stage != Stage::work) continue;
    const Index station = station_of(event.index);
    const Station& spec = p_.stations[station];
    const std::uint64_t id = s_.lots[server.job].id;
    if ((p_.hot[station].rare || p_.hot[station].stops) && server.batch_id != id && (spec.batch.rule == BatchRule::single || server.batch_id == 0)) {
      server.batch_id = id;
      server.remaining = event.time() - server.work_start;
      s_.lots[server.job].next = none;
      s_.lots[server.job].holder = event.index;
    }
    if (event.kind != EventKind::failure) continue;
    bool expected = false;
    for (std::uint16_t m = 0; m < spec.failures.size(); ++m)
      expected = expected || (spec.failures[m].clock == FailureClock::working && !spec.failures[m].planned &&
                              server.work_start + std::max(0.0, clock_of(event.index, m).left) == event.time());
    if (expected) continue;
    stop_work(event.index);
    resume_work(event.index);
  }
}

// A calendar that is on where it was off, or that will change at another time, changes now.
void Engine::adopt_calendars() {
  constexpr double never = std::numeric_limits<double>::infinity();
  std::vector<double> scheduled(p_.calendars.size(), never);
  for (const Event& event : s_.calendar.events())
    if (event.kind == EventKind::shift && s_.calendar_event[event.index] == event.order) scheduled[event.index] = event.time();
  std::vector<Index> changed;
  for (Index c = 0; c < p_.calendars.size(); ++c) {
    const bool on = p_.calendars[c].on(s_.now);
    if (on == (s_.calendar_on[c] != 0) && p_.calendars[c].next_change(s_.now) == scheduled[c]) continue;
    shift_change(c);
    changed.push_back(c);
  }
  change_shifts(changed);
  for (const Index station : p_.by_rank) {  // those that have another calendar than before
    const bool off = off_shift(station);
    const Index first = p_.hot[station].first_server, last = first + p_.hot[station].servers;
    bool differs = false;
    for (Index v = first; v < last; ++v) {
      const Server& server = s_.servers[v];
      const bool marked = (server.conditions & condition_off) != 0;
      differs = differs || (off ? server.stage == Stage::idle && server.conditions == 0 : marked);
    }
    if (differs) station_shift(station, !off);
  }
}

// Whether a clock by the calendar is not what it would be: it goes by a list of times and waits for another one, or it has run out of those
// and now goes by `every`. (One without an event is else that of a failure whose repair will start it.)
bool Engine::clock_stands(Index index) const {
  const ClockState& clock = s_.clocks[index];
  const Index station = station_of(clock.server);
  const FailureMode& mode = p_.stations[station].failures[clock.mode];
  if (mode.clock != FailureClock::calendar) return false;
  if (!mode.at_s.empty()) {
    const std::optional<double> next = listed_failure(mode, s_.now, false);
    return next.has_value() != (clock.pending != 0) || (next && *next != clock.left);
  }
  if (clock.pending != 0) return false;
  const Index first = mode.whole_station ? p_.hot[station].first_server : clock.server, last = mode.whole_station ? first + p_.hot[station].servers : first + 1;
  for (Index v = first; v < last; ++v) {
    const Server& server = s_.servers[v];
    if (((server.conditions & out_of_order) != 0 && server.failed_mode == clock.mode) || (server.due_modes & (1u << clock.mode)) != 0) return false;
  }
  return true;
}

// Clocks that were never drawn start now, and those that stand go on; a job in hand is interrupted if its time is up first.
void Engine::adopt_clocks() {
  for_clocks([&](Index index) {
    const ClockState& clock = s_.clocks[index];
    if (clock.ordinal != 0 && !clock_stands(index)) return;
    const Server& server = s_.servers[clock.server];
    const bool works = server.stage == Stage::work && server.pending != 0 && server.conditions == 0;
    if (works) stop_work(clock.server);
    schedule_clock(index, s_.now);
    if (works) resume_work(clock.server);
  });
}

}  // namespace retwin
