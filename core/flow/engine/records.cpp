// Telling observers of jobs. Without one, nothing of this runs.
#include <limits>

#include "core/flow/engine/engine.hpp"

namespace retwin {

void JobRecord::clear() {
  inputs.clear();
  outputs.clear();
  stretches.clear();
  metered.clear();
  created.clear();
  transmuted.clear();
  memory.clear();
  attributes.clear();
  input_kg.clear();
  output_kg.clear();
  ancestors.clear();
  shares.clear();
  crews.clear();
}

/// The record of the job in hand, with what goes into it as it is now.
JobRecord& Engine::record_inputs(Index index) {
  const Server& server = s_.servers[index];
  JobRecord& record = observer_->record_;
  const Lot& first = s_.lots[server.job];
  record.now = s_.now;
  record.station = station_of(index);
  record.server = index;
  record.batch = p_.stations[record.station].batch.rule == BatchRule::single ? first.id : server.batch_id;
  const bool plain = n_attributes_ == 0 && p_.n_components == 0 && server.jobs_lots == 1 && first.plan_of == none;
  if (plain && record_is_plain_) {  // nothing else is in it
    record.inputs[0] = {first.id, first.id, first.kind, first.source, first.mass};
    record.outputs.clear();
    record.stretches.clear();
    record.ancestors.clear();
    return record;
  }
  record.clear();
  record_is_plain_ = plain;
  for (Index lot = server.job; lot != none; lot = server.jobs_lots > 1 ? s_.lots[lot].next : none) {
    const Lot& l = s_.lots[lot];
    Index owner = lot;
    while (stands_for_step(owner)) owner = s_.lots[owner].plan_of;
    record.inputs.push_back({l.id, s_.lots[owner].id, l.kind, l.source, s_.lots[owner].mass});
    if (n_attributes_ > 0) record.attributes.insert(record.attributes.end(), attributes_of(lot), attributes_of(lot) + n_attributes_);
    if (p_.n_components > 0) record.input_kg.insert(record.input_kg.end(), kg_of(lot), kg_of(lot) + p_.n_components);
  }
  return record;
}

void Engine::tell_start(Index index) {
  JobsInHand::Heard& heard = observer_->in_hand_.of(index);
  heard.begun = true;
  heard.began_s = s_.now;
  heard.stretches.clear();
  heard.crews.clear();
  JobRecord& record = record_inputs(index);
  record.began_s = s_.now;
  observer_->job_started(record);
}

/// The work of a server stops now, or its phase ends.
void Engine::hear_stretch(Index index) {
  const Server& server = s_.servers[index];
  if (server.stage == Stage::changeover) return;
  JobsInHand::Heard& heard = observer_->in_hand_.of(index);
  WorkStretch stretch{server.work_start, s_.now, server.base, server.phase, static_cast<Index>(heard.crews.size()), 0};
  for (Index grant = server.grant; grant != none; grant = s_.grants[grant].next, ++stretch.crew)
    heard.crews.push_back({s_.grants[grant].pool, s_.grants[grant].count});
  heard.stretches.push_back(stretch);
}

/// The record of a job that ends, before its physics.
JobRecord& Engine::open_record(Index index) {
  JobsInHand::Heard& heard = observer_->in_hand_.of(index);
  JobRecord& record = record_inputs(index);
  record.began_s = heard.begun ? heard.began_s : std::numeric_limits<double>::quiet_NaN();
  if (!heard.stretches.empty()) {
    record.stretches.swap(heard.stretches);
    record.crews.swap(heard.crews);
    record_is_plain_ = record_is_plain_ && record.crews.empty();
  }
  heard.begun = false;
  born_.clear();
  return record;
}

void Engine::record_output(Index lot, std::uint16_t port, bool passed) {
  JobRecord& record = observer_->record_;
  const Lot& l = s_.lots[lot];
  record.outputs.push_back({l.id, l.kind, port, l.mass, passed, static_cast<Index>(record.ancestors.size()), 0});
  if (p_.n_components > 0) record.output_kg.insert(record.output_kg.end(), kg_of(lot), kg_of(lot) + p_.n_components);
}

/// The output recorded last comes from one input.
void Engine::record_ancestor(std::uint64_t input) {
  JobRecord& record = observer_->record_;
  record.ancestors.push_back({input, 1});
  record.shares.insert(record.shares.end(), p_.n_components, 1.0);
  record.outputs.back().ancestors = 1;
}

/// The output recorded last comes from all inputs, or all of which an operation took material, mixed perfectly.
void Engine::record_mixture(bool of_taken) {
  const auto among = [&](std::size_t k) { return !of_taken || job_.taken(static_cast<int>(k)); };
  JobRecord& record = observer_->record_;
  JobOutput& output = record.outputs.back();
  const std::size_t components = p_.n_components, output_row = (record.outputs.size() - 1) * components;
  std::vector<double> total(components);
  double kg = 0, made_kg = 0;
  std::size_t count = 0;
  for (std::size_t k = 0; k < record.inputs.size(); ++k) {
    if (!among(k)) continue;
    ++count;
    for (std::size_t c = 0; c < components; ++c) total[c] += record.masses_in(k)[c], kg += record.masses_in(k)[c];
  }
  for (std::size_t c = 0; c < components; ++c) made_kg += record.output_kg[output_row + c];
  for (std::size_t k = 0; k < record.inputs.size(); ++k) {
    if (!among(k)) continue;
    const std::span<const double> has = record.masses_in(k);
    double mine = 0;
    for (std::size_t c = 0; c < components; ++c) mine += has[c];
    const double of_all = kg > 0 ? mine / kg : 1.0 / static_cast<double>(count);
    double share = 0;
    for (std::size_t c = 0; c < components; ++c) {
      const double of_component = total[c] > 0 ? has[c] / total[c] : of_all;  // what was not there before comes from the whole
      record.shares.push_back(of_component);
      share += of_component * record.output_kg[output_row + c];
    }
    record.ancestors.push_back({record.inputs[k].id, made_kg > 0 ? share / made_kg : of_all});
    ++output.ancestors;
  }
}

/// What the unit operation did.
void Engine::record_operation() {
  JobRecord& record = observer_->record_;
  record_is_plain_ = false;
  for (const Job::Metered& m : job_.metered()) record.metered.push_back({static_cast<Index>(m.flow), m.amount});
  for (const Job::Transmuted& t : job_.created()) record.created.push_back({static_cast<Index>(t.component), t.kg});
  for (const Job::Transmuted& t : job_.transmuted()) record.transmuted.push_back({static_cast<Index>(t.component), t.kg});
  const std::span<const double> memory = memory_of(record.server);
  record.memory.assign(memory.begin(), memory.end());
}

/// Where the output of an operation that was recorded last comes from.
void Engine::record_lineage(const Job::Output& output) {
  const JobRecord& record = observer_->record_;
  if (output.from >= 0) {
    record_ancestor(record.inputs[static_cast<std::size_t>(output.from)].id);
  } else if (output.from == Material::mixed) {
    record_mixture(true);
  } else {
    record_mixture();  // made of reagents alone
  }
}

/// The job has ended: it is told, and then what it made.
void Engine::tell_finish(Origin origin) {
  const JobRecord& record = observer_->record_;
  observer_->job_finished(record);
  for (const auto& [lot, number] : born_) {
    const JobOutput& output = record.outputs[number];
    observer_->lot_made({s_.now, s_.lots[lot], origin, record.ancestors_of(output),
                         output.ancestors > 1 ? record.shares_of(output) : std::span<const double>(), record.station});
  }
  born_.clear();
}

/// A job of the hot path, whose record is open: one lot, one phase, which passes.
void Engine::tell_plain(Index index) {
  const Server& server = s_.servers[index];
  JobRecord& record = observer_->record_;
  const Lot& l = s_.lots[server.job];
  record.stretches.push_back({server.work_start, s_.now, ServerState::working, 0, 0, 0});
  if (record_is_plain_) {
    record.outputs.push_back({l.id, l.kind, 0, l.mass, true, 0, 1});
    record.ancestors.push_back({l.id, 1});
  } else {
    record_output(server.job, 0, true);
    record_ancestor(l.id);
  }
  observer_->job_finished(record);
}

}  // namespace retwin
