// Servers: what they show, the phases of a job, shifts.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/flow/engine/engine.hpp"

namespace retwin {

// --- what a server shows ---------------------------------------------------------------------------------------------------------

void Engine::set_base(Index index, ServerState base) {
  s_.servers[index].base = base;
  show(index);
}

void Engine::show(Index index) {
  Server& server = s_.servers[index];
  ServerState state = server.base;
  if (server.conditions & condition_down) {
    state = ServerState::down;
  } else if (server.conditions & condition_maintenance) {
    state = ServerState::maintenance;
  } else if (server.conditions & condition_off) {
    state = ServerState::off_shift;
  }
  change_state(server, station_of(index), index, state);
}

void Engine::link_idle(Index index) {
  StationState& st = s_.stations[station_of(index)];
  st.idlers.push_back(s_.servers, index);
  ++st.idle;
  touch(station_of(index));
}

void Engine::unlink_idle(Index index) {
  StationState& st = s_.stations[station_of(index)];
  if (st.idlers.remove(s_.servers, index)) --st.idle;
}

bool Engine::off_shift(Index station) const {
  const Index calendar = p_.stations[station].calendar;
  return calendar != none && !s_.calendar_on[calendar];
}

// Free for the next job, unless planned work is due or the shift is over.
void Engine::make_idle(Index index) {
  Server& server = s_.servers[index];
  const Index station = station_of(index);
  server.stage = Stage::idle;
  server.job = none;
  server.base = ServerState::starved;
  if (server.conditions & out_of_order) {
    show(index);
    return;
  }
  if (server.due_modes != 0) {
    after_repair(index);
    return;
  }
  if (off_shift(station)) server.conditions |= condition_off;
  show(index);
  if (server.conditions == 0) link_idle(index);
}

// --- phases ----------------------------------------------------------------------------------------------------------------------

const WorkPhase& Engine::current_phase(const Server& server) const {
  const Station& spec = p_.stations[station_of(static_cast<Index>(&server - s_.servers.data()))];
  return spec.phases[server.phase];
}

bool Engine::attended(const Server& server) const {
  return server.stage != Stage::work || current_phase(server).attended;
}

void Engine::begin_phase(Index index) {
  Server& server = s_.servers[index];
  if (server.stage == Stage::reserve) {
    const Station& spec = p_.stations[station_of(index)];
    const std::uint32_t key = key_of(s_.lots[server.job], server.job, spec.setup.by);
    server.stage = spec.setup.by >= 0 && server.key != key && (server.key != none || spec.setup.first) ? Stage::setup : Stage::work;
  }
  continue_phase(index);
}

// Starts or resumes the phase in hand: it needs a sound machine, an open shift (if attended) and its crew.
void Engine::continue_phase(Index index) {
  Server& server = s_.servers[index];
  const Index station = station_of(index);
  if (off_shift(station) && attended(server) && !p_.stations[station].finish_shift) server.conditions |= condition_off;
  if (server.conditions != 0 || crews_.beyond_shift(server.grant)) crews_.release(server.grant);  // the crew has gone home meanwhile
  if (server.conditions != 0) {
    server.flags |= flag_suspended;
    if (server.base == ServerState::starved || server.base == ServerState::blocked) server.base = ServerState::working;
    show(index);
    return;
  }
  if (server.grant != none && crews_.off_duty(index)) {
    server.flags |= flag_suspended;
    set_base(index, ServerState::waiting_resource);
    return;
  }
  const std::vector<Need>* needs = crews_.needs_of(server);
  if (needs && !needs->empty() && server.grant == none) {
    crews_.ask(index);
    return;
  }
  server.flags &= static_cast<std::uint8_t>(~flag_suspended);
  start_work(index);
}

// What is left of the phase in hand, or all of it [s].
double Engine::work_ahead(Index index) {
  const double left = s_.servers[index].remaining;
  return left >= 0 ? left : std::max(0.0, phase_duration(index));
}

void Engine::start_work(Index index) {
  Server& server = s_.servers[index];
  if (server.remaining < 0) {
    server.remaining = std::max(0.0, phase_duration(index));
    drop_pulls(index);  // of one that is begun anew
    if (server.stage == Stage::work && current_phase(server).task != none) await_result(index);
    if (!std::isfinite(server.remaining)) throw RunError("the duration of a job is not a finite number", s_.now, p_.stations[station_of(index)].name);
  }
  resume_work(index);
}

void Engine::resume_work(Index index) {
  Server& server = s_.servers[index];
  const Station& spec = p_.stations[station_of(index)];
  server.work_start = s_.now;
  const bool works = server.stage == Stage::work;
  set_base(index, works ? current_phase(server).state : ServerState::setup);
  if (observer_ && works) observer_->work_began(s_.now, station_of(index), index, server.phase);
  const bool draws = works && !current_phase(server).draws.empty();
  double end = draws ? std::numeric_limits<double>::infinity() : server.remaining / speed_of(server);
  if (works && !draws) server.duration += end;
  EventKind kind = server.stage == Stage::changeover ? EventKind::changeover_end : EventKind::service_end;
  if (works) {
    for (std::uint16_t m = 0; m < spec.failures.size(); ++m) {
      const FailureMode& mode = spec.failures[m];
      if (mode.clock != FailureClock::working || mode.planned) continue;
      const double left = std::max(0.0, clock_of(index, m).left);
      if (left < end) {
        end = left;
        kind = EventKind::failure;
      }
    }
  }
  server.pending = end < std::numeric_limits<double>::infinity() ? schedule(s_.now + end, kind, index) : s_.order++;  // what it draws ends it
  if (draws) begin_pulls(index);
}

void Engine::stop_work(Index index) {
  Server& server = s_.servers[index];
  const double elapsed = s_.now - server.work_start, speed = speed_of(server);
  if (!is_held(server)) run_clocks(index, elapsed);
  if (is_held(server)) {
    server.duration += elapsed;
  } else if (pulls(index)) {
    stop_pulls(index);
    server.remaining = s_.pulls[s_.server_pulls[index].first].left;
    server.duration += elapsed;
  } else {
    server.remaining = std::max(0.0, server.remaining - elapsed * speed);
    if (server.stage == Stage::work) server.duration -= server.remaining / speed;  // until somebody goes on, perhaps at another speed
  }
  if (observer_ && elapsed > 0) hear_stretch(index);
  server.pending = 0;
}

void Engine::end_of_work(Index index) {
  Server& server = s_.servers[index];
  const Index station = station_of(index);
  const Station& spec = p_.stations[station];
  if (!is_held(server)) run_clocks(index, s_.now - server.work_start);
  if (is_held(server) || pulls(index)) server.duration += s_.now - server.work_start;
  drop_pulls(index);
  if (observer_) hear_stretch(index);
  if (server.stage == Stage::work && awaits_result(index)) {
    hold_for_result(index);
    return;
  }
  server.remaining = -1;
  const std::vector<Need>* const before = crews_.needs_of(server);
  if (server.stage == Stage::changeover) {
    crews_.release(server.grant);
    ++s_.accounts.stations[station].setups;
    make_idle(index);
    return;
  }
  if (server.stage == Stage::setup) {
    ++s_.accounts.stations[station].setups;
    server.stage = Stage::work;
    server.phase = 0;
  } else if (server.phase + 1u < spec.phases.size()) {
    ++server.phase;
  } else {
    finish_job(index);
    return;
  }
  if (*before != *crews_.needs_of(server)) crews_.release(server.grant);  // the same crew stays for the next phase
  begin_phase(index);
}

double Engine::phase_duration(Index index) {
  const Server& server = s_.servers[index];
  const Index station = station_of(index);
  const Station& spec = p_.stations[station];
  std::uint64_t visits = 0;
  if (p_.hot[station].visit_slot != none && server.job != none)
    visits = static_cast<std::uint64_t>(attributes_of(server.job)[p_.hot[station].visit_slot]);
  const Draws draws{s_.key, p_.hot[station].stream + (visits << draw::visit_shift), server.batch_id};
  if (server.stage == Stage::setup) return setup_duration(index, draws);
  if (server.stage == Stage::changeover) {
    return spec.changeover.distribution ? spec.changeover.distribution->sample(draws.uniform(draw::changeover)) : 0;
  }
  const PlanStep* step = server.phase == 0 ? step_of(server.job) : nullptr;
  const bool own = step && step->duration.given();
  const Duration& planned = own ? step->duration : spec.phases[server.phase].duration;
  const double effort = spec.effort && !own ? (*spec.effort)(slots_of_job(server)) : 1;
  if (planned.distribution) return effort * planned.distribution->sample(draws.uniform(draw::phase + server.phase));
  if (planned.expression) return effort * (*planned.expression)(slots_of_job(server));
  double kg = 0;
  for (Index lot = server.job; lot != none; lot = s_.lots[lot].next) kg += s_.lots[lot].mass;
  if (spec.throughput_kg_per_s > 0) return kg / spec.throughput_kg_per_s;
  if (spec.throughput_m3_per_s > 0) return kg / spec.density / spec.throughput_m3_per_s;
  if (spec.special == Special::fleet) {
    const std::size_t places = static_cast<std::size_t>(std::sqrt(static_cast<double>(spec.distance_m.size())) + 0.5);
    const Lot& lot = s_.lots[server.job];
    const auto place = [&](Index node) { return node < spec.place_of_node.size() ? spec.place_of_node[node] : none; };
    const Index from = place(lot.origin), to = place(lot.goal);
    double metres = 0;
    if (from != none) metres += spec.distance_m[server.place * places + from];
    if (from != none && to != none) metres += spec.distance_m[from * places + to];
    if (to != none) s_.servers[index].place = to;
    return spec.load_s + metres / spec.speed_m_per_s + spec.unload_s;
  }
  if (spec.duration_from_operation) {
    job_.reset(draws, memory_of(index), 0);
    for (Index lot = server.job; lot != none; lot = s_.lots[lot].next)
      job_.add_input({s_.lots[lot].id, static_cast<int>(s_.lots[lot].kind), attributes_of(lot),
                      p_.n_components > 0 ? kg_of(lot) : nullptr});
    return std::max(0.0, spec.operation->duration_s(job_));
  }
  return 0;
}

double Engine::setup_duration(Index index, const Draws& draws) const {
  const Server& server = s_.servers[index];
  const Setup& setup = p_.stations[station_of(index)].setup;
  const auto n = static_cast<std::size_t>(std::sqrt(static_cast<double>(setup.matrix.size())) + 0.5);
  const std::uint32_t to = key_of(s_.lots[server.job], server.job, setup.by);
  if (n > 0 && server.key < n && to < n)
    if (const auto& entry = setup.matrix[server.key * n + to]) return entry->sample(draws.uniform(draw::setup));
  return setup.time ? setup.time->sample(draws.uniform(draw::setup)) : 0;
}

// --- shifts ----------------------------------------------------------------------------------------------------------------------

void Engine::shift_change(Index calendar) {
  const bool on = p_.calendars[calendar].on(s_.now);
  s_.calendar_on[calendar] = on ? 1 : 0;
  const double next = p_.calendars[calendar].next_change(s_.now);
  s_.calendar_event[calendar] = std::isfinite(next) ? schedule(next, EventKind::shift, calendar) : 0;
}

void Engine::change_shifts(const std::vector<Index>& calendars) {
  if (calendars.empty()) return;
  pool_shifts();
  for (const Index station : p_.by_rank)
    if (std::find(calendars.begin(), calendars.end(), p_.stations[station].calendar) != calendars.end())
      station_shift(station, s_.calendar_on[p_.stations[station].calendar] != 0);
}

void Engine::station_shift(Index station, bool on) {
  const StationHot& hot = p_.hot[station];
  const Station& spec = p_.stations[station];
  for (Index v = hot.first_server; v < hot.first_server + hot.servers; ++v) {
    Server& server = s_.servers[v];
    if (on) {
      if (!(server.conditions & condition_off)) continue;
      server.conditions &= static_cast<std::uint8_t>(~condition_off);
      if (server.conditions == 0) {
        if (server.stage == Stage::idle) {
          link_idle(v);
        } else if (server.flags & flag_suspended) {
          continue_phase(v);
        }
      }
      show(v);
      continue;
    }
    const bool in_hand = server.stage == Stage::work || server.stage == Stage::setup || server.stage == Stage::changeover;
    const bool repair = (server.conditions & out_of_order) != 0, waits = !repair && (server.flags & flag_waiting) != 0;
    if (in_hand && (!attended(server) || (spec.finish_shift && !waits))) continue;  // under repair: after that
    if (waits) {
      crews_.cancel(v);
      server.flags |= flag_suspended;
    } else if (in_hand && !repair && server.pending != 0) {
      suspend(v);
    } else if (server.stage == Stage::idle && server.conditions == 0) {
      unlink_idle(v);
    }
    if (server.grant != none && !crews_.off_duty(v)) crews_.release(server.grant);
    server.conditions |= condition_off;
    show(v);
  }
}

void Engine::suspend(Index index) {
  stop_work(index);
  crews_.release(s_.servers[index].grant);
  s_.servers[index].flags |= flag_suspended;
}

}  // namespace retwin
