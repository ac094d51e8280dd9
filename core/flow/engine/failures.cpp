// Failures, repairs and maintenance: when they are due, and what becomes of the job in hand.
#include <algorithm>
#include <cmath>
#include <optional>

#include "core/flow/engine/engine.hpp"

namespace retwin {
namespace {
constexpr double time_tolerance_s = 1e-6;  // a clock that has this much left has run out (times of 1e8 s carry 1e-8 s)
}

ClockState& Engine::clock_of(Index index, std::uint16_t mode) {
  const Index station = station_of(index);
  const Station& spec = p_.stations[station];
  const std::size_t local = spec.failures[mode].whole_station ? 0 : index - p_.hot[station].first_server;
  return s_.clocks[spec.first_clock + local * spec.failures.size() + mode];
}

double Engine::draw_failure(const FailureMode& mode, const Duration& time, Index server, std::uint64_t ordinal,
                            std::uint64_t which) const {
  const std::uint64_t local = server - p_.hot[station_of(server)].first_server;
  const Draws draws{s_.key, mode.stream, (local << 40) + ordinal};
  return time.distribution ? std::max(0.0, time.distribution->sample(draws.uniform(which))) : 0;
}

// The first listed time may be the instant itself; one that has come does not come again.
std::optional<double> Engine::listed_failure(const FailureMode& mode, double from, bool first) const {
  const auto next = first ? std::lower_bound(mode.at_s.begin(), mode.at_s.end(), from) : std::upper_bound(mode.at_s.begin(), mode.at_s.end(), from);
  return next == mode.at_s.end() ? std::nullopt : std::optional(*next);
}

void Engine::schedule_clock(Index index, double from) {
  ClockState& clock = s_.clocks[index];
  const FailureMode& mode = p_.stations[station_of(clock.server)].failures[clock.mode];
  ++clock.ordinal;
  if (!mode.at_s.empty()) {
    const std::optional<double> next = listed_failure(mode, from, clock.ordinal == 1);
    clock.left = next.value_or(from);
    clock.pending = next ? schedule(*next, EventKind::clock_failure, index) : 0;
    return;
  }
  const double every = draw_failure(mode, mode.every, clock.server, clock.ordinal, 0);
  if (mode.clock == FailureClock::calendar) {
    clock.left = from + every;
    clock.pending = schedule(std::max(clock.left, s_.now), EventKind::clock_failure, index);
  } else {
    clock.left = mode.clock == FailureClock::count ? std::max(1.0, std::round(every)) : every;
    clock.pending = 0;
  }
}

void Engine::clock_failure(Index index) {
  ClockState& clock = s_.clocks[index];
  clock.pending = 0;
  const Index station = station_of(clock.server);
  const FailureMode& mode = p_.stations[station].failures[clock.mode];
  const auto m = static_cast<std::uint16_t>(clock.mode);
  if (!mode.from_repair) schedule_clock(index, s_.now);
  if (!mode.whole_station) {
    due_failure(clock.server, m);
    return;
  }
  const Index first = p_.hot[station].first_server;
  for (Index v = first; v < first + p_.hot[station].servers; ++v) due_failure(v, m);
}

void Engine::run_clocks(Index index, double elapsed) {
  Server& server = s_.servers[index];
  if (server.stage != Stage::work) return;
  const Station& spec = p_.stations[station_of(index)];
  for (std::uint16_t m = 0; m < spec.failures.size(); ++m) {
    if (spec.failures[m].clock != FailureClock::working) continue;
    ClockState& clock = clock_of(index, m);
    clock.left -= elapsed;
    if (spec.failures[m].planned && clock.left <= time_tolerance_s) server.due_modes |= static_cast<std::uint16_t>(1u << m);
  }
}

void Engine::working_failure(Index index) {
  const Station& spec = p_.stations[station_of(index)];
  for (std::uint16_t m = 0; m < spec.failures.size(); ++m) {
    const FailureMode& mode = spec.failures[m];
    if (mode.clock == FailureClock::working && !mode.planned && clock_of(index, m).left <= time_tolerance_s) due_failure(index, m);
  }
}

void Engine::due_failure(Index index, std::uint16_t m) {
  Server& server = s_.servers[index];
  const FailureMode& mode = p_.stations[station_of(index)].failures[m];
  const bool busy = server.stage != Stage::idle && mode.planned;
  if ((server.conditions & out_of_order) || busy) {
    server.due_modes |= static_cast<std::uint16_t>(1u << m);
    return;
  }
  begin_failure(index, m);
}

void Engine::begin_failure(Index index, std::uint16_t m) {
  Server& server = s_.servers[index];
  const Index station = station_of(index);
  const FailureMode& mode = p_.stations[station].failures[m];
  ++s_.accounts.stations[station].failures;
  server.failed_mode = m;
  server.due_modes &= static_cast<std::uint16_t>(~(1u << m));
  if (server.stage == Stage::idle) {
    unlink_idle(index);
  } else if (server.stage == Stage::work || server.stage == Stage::setup || server.stage == Stage::changeover) {
    interrupt_job(index, mode);
  }
  server.conditions |= mode.planned ? condition_maintenance : condition_down;
  server.flags &= static_cast<std::uint8_t>(~flag_repairing);
  show(index);
  if (mode.needs.empty()) {
    begin_repair(index);
  } else {
    crews_.ask(index);
  }
}

// A setup or a changeover is no job: it is resumed, with `restart` begun anew, never scrapped.
void Engine::interrupt_job(Index index, const FailureMode& mode) {
  Server& server = s_.servers[index];
  const std::vector<Need>* const crew = crews_.needs_of(server);
  if (server.flags & flag_waiting) crews_.cancel(index);
  if (server.pending != 0) stop_work(index);
  server.flags |= flag_suspended;
  if (mode.fate == JobFate::restart) {
    drop_pulls(index);
    forget_result(index);
    server.remaining = -1;
    server.phase = 0;
    server.duration = 0;
  }
  const bool scrapped = mode.fate == JobFate::scrap && server.stage == Stage::work;
  if (scrapped || !mode.keep_crew || *crew != *crews_.needs_of(server)) crews_.release(server.grant);  // another crew begins it anew
  if (scrapped) scrap_job(index, mode.scrap_sink);
}

// The machine stays set for what it worked on.
void Engine::scrap_job(Index index, Index sink) {
  Server& server = s_.servers[index];
  const Index station = station_of(index);
  const int by = p_.stations[station].setup.by;
  if (by >= 0) server.key = key_of(s_.lots[server.job], server.job, by);
  give_up_place(index);
  if (observer_) observer_->job_scrapped(open_record(index));
  drop_pulls(index);
  forget_result(index);
  StationAccount& account = s_.accounts.stations[station];
  for (Index lot = server.job; lot != none;) {
    const Index next = s_.lots[lot].next;
    forget_goal(lot);
    ++account.scrapped;
    account.content.add(s_.now, -1);
    leave(lot, sink);
    lot = next;
  }
  server.flags &= static_cast<std::uint8_t>(~flag_suspended);
  server.stage = Stage::idle;
  server.job = none;
  server.jobs_lots = 0;
  server.base = ServerState::starved;
}

void Engine::begin_repair(Index index) {
  Server& server = s_.servers[index];
  const FailureMode& mode = p_.stations[station_of(index)].failures[server.failed_mode];
  server.flags |= flag_repairing;
  const double repair = draw_failure(mode, mode.repair, index, clock_of(index, server.failed_mode).ordinal, 1);
  server.pending = schedule(s_.now + repair, EventKind::repair_end, index);
}

void Engine::end_repair(Index index) {
  Server& server = s_.servers[index];
  const Station& spec = p_.stations[station_of(index)];
  const FailureMode& mode = spec.failures[server.failed_mode];
  crews_.release(server.repair_grant);
  if (mode.renews) renew_memory(index);
  server.flags &= static_cast<std::uint8_t>(~flag_repairing);
  server.conditions &= static_cast<std::uint8_t>(~out_of_order);
  ClockState& clock = clock_of(index, server.failed_mode);
  if (clock.pending == 0 && (!mode.whole_station || station_repaired(index)))
    schedule_clock(static_cast<Index>(&clock - s_.clocks.data()), s_.now);
  after_repair(index);
}

void Engine::renew_memory(Index index) {
  const Index station = station_of(index);
  const std::span<double> memory = memory_of(index);
  for (std::size_t f = 0; f < memory.size(); ++f) memory[f] = p_.stations[station].memory[f].initial;
  if (observer_) observer_->memory_renewed(s_.now, station, index);
}

// Whether the repair that has just ended was the last one of a failure of the station as a whole.
bool Engine::station_repaired(Index index) const {
  const std::uint16_t m = s_.servers[index].failed_mode;
  const StationHot& hot = p_.hot[station_of(index)];
  for (Index v = hot.first_server; v < hot.first_server + hot.servers; ++v) {
    const Server& server = s_.servers[v];
    const bool under_repair = (server.conditions & out_of_order) != 0 && server.failed_mode == m;
    if (under_repair || (server.due_modes & (1u << m))) return false;
  }
  return true;
}

// Back in order: the next failure that is due, or the shift, or the job in hand, or the next job.
void Engine::after_repair(Index index) {
  Server& server = s_.servers[index];
  const Index station = station_of(index);
  const Station& spec = p_.stations[station];
  for (std::uint16_t m = 0; m < spec.failures.size(); ++m) {
    if (!(server.due_modes & (1u << m))) continue;
    const bool between_jobs = spec.failures[m].planned || spec.failures[m].clock == FailureClock::count;
    if (between_jobs && server.stage != Stage::idle) continue;
    begin_failure(index, m);
    return;
  }
  const bool suspended = (server.flags & flag_suspended) != 0;
  if (off_shift(station) && (server.stage == Stage::idle || server.stage == Stage::finished || !suspended ||
                             (attended(server) && !spec.finish_shift))) {
    server.conditions |= condition_off;
  } else if (!off_shift(station) || !attended(server)) {  // a job may begin anew with unattended work
    server.conditions &= static_cast<std::uint8_t>(~condition_off);
  }
  show(index);
  if (server.conditions != 0) return;
  if (server.stage == Stage::idle) {
    link_idle(index);
  } else if (suspended) {
    continue_phase(index);
  }
}

}  // namespace retwin
