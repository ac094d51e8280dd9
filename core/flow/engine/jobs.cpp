// Jobs: from the lots that a server takes to what leaves it, through unit operations, merging and unloading.
#include <algorithm>

#include "core/base/whole.hpp"
#include "core/flow/engine/engine.hpp"

namespace retwin {
void Engine::begin_job(Index index, const std::vector<Index>& lots, std::optional<double> left_s) {
  Server& server = s_.servers[index];
  const Index station = station_of(index);
  const Station& spec = p_.stations[station];
  StationState& st = s_.stations[station];
  server.job = lots.front();
  server.jobs_lots = static_cast<Index>(lots.size());
  for (std::size_t k = 0; k < lots.size(); ++k) {
    s_.lots[lots[k]].next = k + 1 < lots.size() ? lots[k + 1] : none;
    s_.lots[lots[k]].holder = index;
    if (p_.hot[station].visit_slot != none) ++attributes_of(lots[k])[p_.hot[station].visit_slot];
  }
  server.batch_id = spec.batch.rule == BatchRule::single ? s_.lots[server.job].id : identity(p_.hot[station].stream, st.batches);
  ++st.batches;
  server.began = s_.order++;
  server.duration = 0;
  server.remaining = -1;
  server.phase = 0;
  server.flags &= static_cast<std::uint8_t>(~flag_suspended);
  server.stage = Stage::work;
  const int by = spec.setup.by >= 0 ? spec.setup.by : spec.batch.by;
  const std::uint32_t key = key_of(s_.lots[server.job], server.job, by);
  if (spec.dispatch == Dispatch::campaign && st.campaign_key != key) {
    st.campaign_key = key;
    st.campaign_since = s_.now;
  }
  if (left_s) leave_last_phases(index, *left_s);
  if (spec.setup.by >= 0 && server.key != key && (server.key != none || spec.setup.first)) server.stage = Stage::setup;
  if (observer_) tell_start(index);
  if (spec.special == Special::plan) {
    begin_plan(index);
    return;
  }
  if (spec.block_before && choose_later(index, server.job, 0)) {
    server.stage = Stage::reserve;
    return;
  }
  if (spec.block_before) {
    const Index target = route_lot(server.job, station, 0);
    s_.lots[server.job].target = target;
    server.flags |= flag_reserved;
    if (!p_.is_sink(target)) {
      if (s_.stations[target].blocked > 0 || !has_room(target, s_.lots[server.job])) {
        server.stage = Stage::reserve;
        server.flags &= static_cast<std::uint8_t>(~flag_reserved);
        wait_to_enter(server.job, target);
        set_base(index, ServerState::blocked);
        return;
      }
      ++s_.stations[target].reserved;
    }
  }
  begin_phase(index);
}

// In service already: the work left is that of the last phases, and the machine is set for it.
void Engine::leave_last_phases(Index index, double left_s) {
  Server& server = s_.servers[index];
  const Station& spec = p_.stations[station_of(index)];
  if (spec.setup.by >= 0) server.key = key_of(s_.lots[server.job], server.job, spec.setup.by);
  server.flags |= flag_suspended;
  server.phase = static_cast<std::uint16_t>(spec.phases.size() - 1);
  server.remaining = left_s;
  while (server.phase > 0) {
    const double here = std::max(0.0, phase_duration(index));
    if (server.remaining <= here) return;
    server.remaining -= here;
    --server.phase;
  }
}

// The place that the job's first lot was promised goes to others: the lot ends here, or what leaves is not known in advance.
void Engine::give_up_place(Index index) {
  Server& server = s_.servers[index];
  if (!(server.flags & flag_reserved)) return;
  server.flags &= static_cast<std::uint8_t>(~flag_reserved);
  Lot& lot = s_.lots[server.job];
  if (!p_.is_sink(lot.target)) {
    --s_.stations[lot.target].reserved;
    touch(lot.target);
  }
  lot.target = none;
  forget_goal(server.job);
}

void Engine::meter_job(Index index, double kg) {
  const Index station = station_of(index);
  const Station& spec = p_.stations[station];
  double* metered = s_.accounts.metered.data() + station * p_.flows.size();
  const auto use = [&](Index flow, double amount) {
    metered[flow] += amount;
    if (observer_ && amount != 0) observer_->record_.metered.push_back({flow, amount});
    if (flow == p_.electricity) spread_energy(index, amount);
  };
  use(p_.electricity, spec.energy_J_per_job + spec.energy_J_per_kg * kg);
  for (const Consumption& c : spec.consumption) use(c.flow, c.per_job + c.per_kg * kg);
  meter_drawn(index);
}

// Over the time that it took so far; of a job that was interrupted, as if it had run without a break until now.
void Engine::spread_energy(Index server, double J) {
  if (J != 0) s_.accounts.add_job_J(s_.now - s_.servers[server].duration, s_.now, p_.clock0_s, J);
}

void Engine::finish_job(Index index) {
  Server& server = s_.servers[index];
  const Index station = station_of(index);
  const Station& spec = p_.stations[station];
  StationAccount& account = s_.accounts.stations[station];
  if (observer_) open_record(index);
  crews_.release(server.grant);
  server.stage = Stage::finished;
  ++account.jobs;
  ++s_.accounts.completions;
  if (!spec.tasks_after.empty()) tasks_after(index);
  double kg = 0;
  for (Index lot = server.job; lot != none; lot = s_.lots[lot].next) kg += s_.lots[lot].mass;
  account.kg_in += kg;
  account.content.add(s_.now, -static_cast<double>(server.jobs_lots));
  meter_job(index, kg);
  if (spec.setup.by >= 0) server.key = key_of(s_.lots[server.job], server.job, spec.setup.by);
  for (std::uint16_t m = 0; m < spec.failures.size(); ++m) {
    if (spec.failures[m].clock != FailureClock::count) continue;
    ClockState& clock = clock_of(index, m);
    clock.left -= 1;
    if (clock.left <= 0) server.due_modes |= static_cast<std::uint16_t>(1u << m);
  }
  if (spec.special == Special::unload) {
    unload(index);
  } else if (spec.operation) {
    give_up_place(index);
    run_operation(index, spec);
  } else if (spec.batch.merge) {
    merge_job(index);
  } else {
    pass_job(index);
  }
  server.job = none;
  server.jobs_lots = 0;
  if (server.outputs == 0) {
    outputs_done(index);
  } else {
    set_base(index, ServerState::blocked);
    list_finished(index);
  }
  touch(station);
}

// Its lots go on as they are: to another step of their plan, on another lap, or simply on.
void Engine::pass_job(Index index) {
  const Station& spec = p_.stations[station_of(index)];
  const bool laps = spec.special == Special::lap;
  std::vector<std::pair<Lot, Index>> before;  // for observers: a lap is another lot
  for (Index lot = s_.servers[index].job; lot != none;) {
    const Index next = s_.lots[lot].next;
    const std::uint64_t identity_before = s_.lots[lot].id;
    if (laps) {
      if (observer_) before.emplace_back(s_.lots[lot], lot);
      next_lap(lot, spec);
    }
    const bool next_step = spec.special == Special::plan && !plan_done(lot);
    if (spec.special == Special::plan && !next_step) s_.lots[lot].plan_of = none;
    add_output(index, lot, next_step ? 1 : 0);
    if (observer_) {
      record_output(lot, s_.lots[lot].port, !laps);
      record_ancestor(identity_before);
      if (laps) born_.push_back({lot, observer_->record_.outputs.size() - 1});
    }
    lot = next;
  }
  if (!observer_) return;
  tell_finish(Origin::lap);
  for (const auto& [lap, lot] : before) observer_->lot_ended(s_.now, lap, p_.sink_node(spec.lap_sink), masses_of(lot));
}

// A lap is counted as a product; the lot goes on as a new one.
void Engine::next_lap(Index lot, const Station& spec) {
  Lot& l = s_.lots[lot];
  const double lap = s_.now - l.born;
  SinkAccount& sink = s_.accounts.sinks[spec.lap_sink];
  ++sink.lots;
  if (const Specification* must = p_.sinks[spec.lap_sink].specification.get(); must != nullptr && !must->met(masses_of(lot))) ++sink.off_spec;
  sink.cycle_time.add(lap);
  s_.accounts.cycle_time[spec.lap_sink].add(lap);
  if (p_.due_slot >= 0) count_due(lot, spec.lap_sink);
  SourceAccount& source = s_.accounts.sources[l.source];
  ++source.left;
  source.cycle_time.add(lap);
  source.waiting.add(l.waited);
  s_.accounts.wip_cycle_sum += lap;
  l.born = s_.now;
  l.waited = 0;
  l.id = identity(l.id, 1);
  for (const Index slot : p_.visit_slots) attributes_of(lot)[slot] = 0;
}

void Engine::list_finished(Index index) {
  Server& server = s_.servers[index];
  if (server.flags & flag_listed) return;
  server.flags |= flag_listed;
  s_.stations[station_of(index)].finished.push_back(s_.servers, index);
  touch(station_of(index));
}

// What the unit operation of a server remembers.
std::span<double> Engine::memory_of(Index index) {
  const Index station = station_of(index);
  const Station& spec = p_.stations[station];
  const std::size_t local = spec.unlimited_servers ? 0 : index - p_.hot[station].first_server;  // those added share one memory
  return {s_.memory.data() + spec.first_memory + local * spec.memory.size(), spec.memory.size()};
}

void Engine::run_operation(Index index, const Station& spec) {
  const Index station = station_of(index);
  const std::uint64_t stream = p_.hot[station].stream;
  {
    Server& server = s_.servers[index];
    std::uint64_t visits = 0;
    if (p_.hot[station].visit_slot != none)
      visits = static_cast<std::uint64_t>(attributes_of(server.job)[p_.hot[station].visit_slot]);
    job_.reset(Draws{s_.key, stream + (visits << draw::visit_shift), server.batch_id}, memory_of(index), server.duration);
  }
  picked_.clear();
  for (Index lot = s_.servers[index].job; lot != none; lot = s_.lots[lot].next) {
    picked_.push_back(lot);
    job_.add_input({s_.lots[lot].id, static_cast<int>(s_.lots[lot].kind), attributes_of(lot),
                    p_.n_components > 0 ? kg_of(lot) : nullptr});
  }
  if (!p_.tanks.empty()) supply_job();
  spec.operation->process(job_);
  if (const std::string verdict = job_.verdict(spec.ports.size(), p_.kinds.size(), p_.substances); !verdict.empty()) {
    const std::string what = "station " + spec.name + ", unit " + spec.unit + ": " + verdict;
    if (spec.operation->foreign()) throw RunError(what, s_.now, spec.name);
    throw CheckError(what);
  }
  for (const Job::Metered& m : job_.metered()) {
    s_.accounts.metered[station * p_.flows.size() + static_cast<std::size_t>(m.flow)] += m.amount;
    if (static_cast<Index>(m.flow) == p_.electricity) spread_energy(index, m.amount);
  }
  for (const Job::Transmuted& t : job_.created())
    s_.accounts.created_kg[station * p_.n_components + static_cast<std::size_t>(t.component)] += t.kg;
  for (const Job::Transmuted& t : job_.transmuted())
    s_.accounts.transmuted_kg[station * p_.n_components + static_cast<std::size_t>(t.component)] += t.kg;
  if (!p_.tanks.empty()) draw_supplies(station);
  if (observer_) record_operation();
  families_.clear();
  ordinals_.assign(picked_.size() + 1, 0);
  for (const Job::Output& output : job_.outputs())
    if (output.input < 0) ++family_of(output).size;
  for (const Job::Output& output : job_.outputs()) {
    if (output.input >= 0) {
      const Index lot = picked_[static_cast<std::size_t>(output.input)];
      if (job_.taken(output.input)) s_.lots[lot].mass = mass_of(lot);
      add_output(index, lot, static_cast<std::uint16_t>(output.port));
      if (observer_) {
        record_output(lot, static_cast<std::uint16_t>(output.port), true);
        record_lineage(output);
      }
      continue;
    }
    const Index parent = picked_[static_cast<std::size_t>(std::max(0, output.parent))];
    const std::uint64_t ordinal = ordinals_[static_cast<std::size_t>(output.parent + 1)]++;
    const Index child = make_child(parent, identity(identity(s_.lots[parent].id, stream), ordinal));
    Lot& l = s_.lots[child];
    l.family_size = family_of(output).size;
    l.kind = static_cast<Index>(output.kind);
    std::copy_n(job_.output_attributes(output), n_attributes_, attributes_of(child));
    for (const Index slot : p_.visit_slots) attributes_of(child)[slot] = 0;
    if (p_.n_components > 0) {
      std::copy_n(job_.output_kg(output), p_.n_components, kg_of(child));
      l.mass = mass_of(child);
    }
    add_output(index, child, static_cast<std::uint16_t>(output.port));
    if (!observer_) continue;
    born_.push_back({child, observer_->record_.outputs.size()});
    record_output(child, static_cast<std::uint16_t>(output.port), false);
    record_lineage(output);
  }
  if (observer_) tell_finish(Origin::job);
  for (std::size_t k = 0; k < picked_.size(); ++k)
    if (job_.ended(static_cast<int>(k))) end_lot(picked_[k], station);
  if (!drawn_.empty()) end_drawn(station);
}

Engine::Family& Engine::family_of(const Job::Output& output) {
  for (Family& family : families_)
    if (family.parent == output.parent && family.kind == output.kind) return family;
  return families_.emplace_back(Family{output.parent, output.kind, 0});
}

// A lot that comes from another: it counts in the plant from now on, its parent until now.
Index Engine::make_child(Index parent, std::uint64_t id) {
  const Index child = new_lot();
  Lot& l = s_.lots[child];
  const Lot& from = s_.lots[parent];
  l.id = id;
  l.family = from.id;
  l.born = from.born;
  l.waited = from.waited;
  l.source = from.source;
  if (p_.due_slot >= 0) attributes_of(child)[p_.due_slot] = attributes_of(parent)[p_.due_slot];
  s_.accounts.wip.add(s_.now, 1);
  s_.accounts.wip_cycle_sum -= s_.now - from.born;
  return child;
}

// A carrier's contents come out one by one; the carrier itself is gone.
void Engine::unload(Index index) {
  const Index station = station_of(index);
  for (Index carrier = s_.servers[index].job; carrier != none; carrier = s_.lots[carrier].next) {
    const bool loaded = s_.lots[carrier].source < p_.sources.size() && p_.sources[s_.lots[carrier].source].load_kind != none;
    const Source& source = p_.sources[loaded ? s_.lots[carrier].source : 0];
    const Index count = !loaded || p_.contents_slot < 0 ? 0 : whole(attributes_of(carrier)[p_.contents_slot]);
    for (Index k = 0; k < count; ++k) {
      const Index lot = make_child(carrier, identity(identity(s_.lots[carrier].id, p_.hot[station].stream), k));
      Lot& l = s_.lots[lot];
      l.family_size = count;
      l.kind = source.load_kind;
      if (source.load_maker) {
        NewLot made{Draws{s_.key, source.stream + 1, l.id}, {attributes_of(lot), n_attributes_}, {kg_of(lot), p_.n_components}};
        source.load_maker->make(made);
      }
      apply_draws(lot, source.load_attributes, source.stream + 1);
      l.mass = mass_of(lot);
      SourceAccount& account = s_.accounts.sources[l.source];
      account.kg_made += l.mass;
      for (std::size_t c = 0; c < p_.n_components; ++c)
        s_.accounts.source_kg[l.source * p_.n_components + c] += kg_of(lot)[c];
      add_output(index, lot, 0);
      if (!observer_) continue;
      born_.push_back({lot, observer_->record_.outputs.size()});
      record_output(lot, 0, false);
      record_ancestor(s_.lots[carrier].id);
    }
  }
  if (observer_) tell_finish(Origin::unload);
  for (Index carrier = s_.servers[index].job; carrier != none;) {
    const Index next = s_.lots[carrier].next;
    end_lot(carrier, station);
    carrier = next;
  }
}

// The batch becomes one lot with the attributes of its first; siblings that are joined again may take their parent's identity.
void Engine::merge_job(Index index) {
  const Index station = station_of(index);
  const Station& spec = p_.stations[station];
  const Index first = s_.servers[index].job;
  Lot& l = s_.lots[first];
  const Lot before = l;
  const std::vector<double> before_kg(kg_of(first), kg_of(first) + (observer_ ? p_.n_components : 0));
  const Index others = l.next;
  const std::uint64_t id = spec.batch.merge_keeps_parent && l.family != 0 ? l.family : identity(p_.hot[station].stream, ++s_.stations[station].merged);
  for (Index lot = others; lot != none; lot = s_.lots[lot].next) {
    for (std::size_t c = 0; c < p_.n_components; ++c) kg_of(first)[c] += kg_of(lot)[c];
    l.born = std::min(l.born, s_.lots[lot].born);
    l.waited = std::max(l.waited, s_.lots[lot].waited);
  }
  l.mass = mass_of(first);
  l.family = 0;
  l.family_size = 0;
  l.id = id;
  if (spec.batch.kind != none) l.kind = spec.batch.kind;
  if (!spec.batch.merge_keeps_parent)
    for (const Index slot : p_.visit_slots) attributes_of(first)[slot] = 0;
  add_output(index, first, 0);
  if (observer_) {
    born_.push_back({first, 0});
    record_output(first, 0, false);
    record_mixture();
    tell_finish(Origin::merge);
    observer_->lot_ended(s_.now, before, station, before_kg);
  }
  for (Index lot = others; lot != none;) {
    const Index next = s_.lots[lot].next;
    end_lot(lot, station);
    lot = next;
  }
  s_.accounts.wip_cycle_sum -= before.born - l.born;  // it counts from the earliest birth, but each was there only since its own
}

}  // namespace retwin
