// Taking over a state whose plant has changed: what the state remembers of the plant is looked at again, the rest goes on.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/flow/engine/engine.hpp"

namespace retwin {

double Engine::capacity_of(Index pool) const {
  double capacity = 0;
  for (const PoolShift& shift : p_.pools[pool].shifts)
    if (shift.calendar == none || s_.calendar_on[shift.calendar]) capacity += shift.count;
  return capacity;
}

void Engine::adopt(const std::vector<Index>& new_servers, const std::vector<Index>& new_sources) {
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
  }
  for (const Index source : new_sources) {
    skip_past_rows(source, s_.now);
    start_source(source);
  }
  for (Index node = 0; node < p_.n_stations(); ++node) touch(node);
  for (Index source = 0; source < p_.sources.size(); ++source)
    if (p_.sources[source].arrivals == Arrivals::saturated) touch(p_.n_stations() + source);
  s_.pools_dirty = !s_.requests.empty();
  dispatch_all();
}

// A timetable that joins in the middle begins with its next row.
void Engine::skip_past_rows(Index index, double before) {
  const Source& source = p_.sources[index];
  const std::size_t n = source.arrivals == Arrivals::timetable ? source.rows.size() : 0;
  Index& row = s_.sources[index].row;
  const auto time = [&] { return source.rows[row % n].time_s + static_cast<double>(row / n) * source.repeat_s; };
  while (n > 0 && (row < n || source.repeat_s > 0) && time() < before) ++row;
}

// The hot path keeps less about a job than the general one, which may have to go on with it; and a job that was to be interrupted by
// a failure mode that is gone is not interrupted.
void Engine::adopt_running_jobs() {
  for (Index v = 0; v < s_.servers.size(); ++v) {
    if (p_.hot[station_of(v)].rare || s_.servers[v].stage != Stage::work) continue;
    release(s_.servers[v].grant);
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
    if (p_.hot[station].rare && server.batch_id != id && (spec.batch.rule == BatchRule::single || server.batch_id == 0)) {
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
  for (Index station = 0; station < p_.n_stations(); ++station) {  // those that have another calendar than before
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

// Clocks that were never drawn start now; a job in hand is interrupted if its time is up first.
void Engine::adopt_clocks() {
  for (Index index = 0; index < s_.clocks.size(); ++index) {
    const ClockState& clock = s_.clocks[index];
    if (clock.server == none || clock.ordinal != 0) continue;
    const Server& server = s_.servers[clock.server];
    const bool works = server.stage == Stage::work && server.pending != 0 && server.conditions == 0;
    if (works) stop_work(clock.server);
    schedule_clock(index, s_.now);
    if (works) resume_work(clock.server);
  }
}

}  // namespace retwin
