// Telling observers of jobs. Without one, nothing of this runs.
#include <limits>

#include "core/base/problem.hpp"
#include "core/flow/engine/engine.hpp"
#include "core/flow/state/archive.hpp"

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

// --- what travels with a saved state ---------------------------------------------------------------------------------------------

namespace {

template <class Heard, class Archive>
void visit_heard(Heard& heard, Archive& archive) {
  archive(heard.begun);
  archive(heard.began_s);
  for (auto& stretch : heard.stretches) {
    archive(stretch.begin_s);
    archive(stretch.end_s);
    archive(stretch.state);
    archive(stretch.phase);
    archive(stretch.first_crew);
    archive(stretch.crew);
  }
  for (auto& part : heard.crews) {
    archive(part.pool);
    archive(part.count);
  }
}

}  // namespace

std::string JobsInHand::bytes() const {
  ArchiveWriter out;
  out(static_cast<std::uint64_t>(servers.size()));
  for (const Heard& heard : servers) {
    out(static_cast<std::uint64_t>(heard.stretches.size()));
    out(static_cast<std::uint64_t>(heard.crews.size()));
    visit_heard(heard, out);
  }
  return std::move(out.bytes);
}

bool JobsInHand::read(std::string_view bytes, const Plant& plant) {
  ArchiveReader in(bytes);
  std::uint64_t count = 0;
  in(count);
  for (servers.clear(); servers.size() < count && !in.failed;) {
    Heard& heard = servers.emplace_back();
    heard.stretches.resize(in.length(1));
    heard.crews.resize(in.length(1));
    visit_heard(heard, in);
    for (const WorkStretch& s : heard.stretches)
      in.failed = in.failed || static_cast<std::size_t>(s.state) >= n_server_states || s.first_crew > heard.crews.size() ||
                  s.crew > heard.crews.size() - s.first_crew;
    for (const CrewPart& part : heard.crews) in.failed = in.failed || part.pool >= plant.pools.size();
  }
  return !in.failed && in.at_end();
}

namespace {
const std::string jobs_section = "jobs in hand";
}  // namespace

Sections Observer::heard() const {
  Sections sections;
  sections[jobs_section] = in_hand_.bytes();
  save(sections);
  return sections;
}

void Observer::begin_with(const Sections& heard, const Plant& plant, const std::string& file) {
  const auto jobs = heard.find(jobs_section);
  if ((jobs == heard.end() || in_hand_.read(jobs->second, plant)) && restore(heard, plant)) return;
  refuse(Code::state, file, "what was told of the state until it was saved is damaged", "save it again, with `retwin run ... --save FILE`");
}

// --- telling ---------------------------------------------------------------------------------------------------------------------

JobRecord JobRecord::plain(std::size_t outputs) {
  JobRecord record;
  record.inputs.resize(1);
  record.outputs.assign(outputs, {.ancestors = 1});
  record.stretches.resize(outputs);
  record.ancestors.assign(outputs, {.share = 1});
  return record;
}

/// A record that says no more than that a lot passes is one that is kept, filled in.
inline const Lot& Engine::fill_in(JobRecord& record, Index station, Index index, double began_s) const {
  const Lot& lot = s_.lots[s_.servers[index].job];
  record.now = s_.now;
  record.began_s = began_s;
  record.station = station;
  record.server = index;
  record.batch = lot.id;
  record.inputs.front() = {lot.id, lot.id, lot.kind, lot.source, lot.mass};
  return lot;
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
  record.clear();
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

/// The same of the hot path. @param meters whether it ends with more to tell than that a lot passes
void Engine::tell_start_plain(Index station, Index index, bool meters) {
  JobsInHand::Heard& heard = observer_->in_hand_.of(index);
  if (!plain_lots_ || meters || !heard.stretches.empty()) return tell_start(index);
  heard.begun = true;
  heard.began_s = s_.now;
  fill_in(observer_->plain_start_, station, index, s_.now);
  observer_->job_started(observer_->plain_start_);
}

/// The work of a server since it last began, with those who are there.
WorkStretch Engine::stretch_of(Index index, ServerState state, std::vector<CrewPart>& crews) const {
  const Server& server = s_.servers[index];
  WorkStretch stretch{server.work_start, s_.now, state, server.phase, static_cast<Index>(crews.size()), 0};
  for (Index grant = server.grant; grant != none; grant = s_.grants[grant].next, ++stretch.crew)
    crews.push_back({s_.grants[grant].pool, s_.grants[grant].count});
  return stretch;
}

/// The work of a server stops now, or its phase ends.
void Engine::hear_stretch(Index index) {
  const Server& server = s_.servers[index];
  if (server.stage == Stage::changeover) return;
  JobsInHand::Heard& heard = observer_->in_hand_.of(index);
  const ServerState state = server.base == ServerState::waiting_utility ? current_phase(server).state : server.base;  // slow work is work
  heard.stretches.push_back(stretch_of(index, state, heard.crews));
}

/// The record of a job that ends, before its physics.
JobRecord& Engine::open_record(Index index) {
  JobsInHand::Heard& heard = observer_->in_hand_.of(index);
  JobRecord& record = record_inputs(index);
  record.began_s = heard.begun ? heard.began_s : std::numeric_limits<double>::quiet_NaN();
  if (!heard.stretches.empty()) {
    record.stretches.swap(heard.stretches);
    record.crews.swap(heard.crews);
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
    const std::size_t row = record.shares.size();
    record.shares.resize(row + components);
    for (std::size_t c = 0; c < components; ++c) {
      const double of_component = total[c] > 0 ? has[c] / total[c] : of_all;  // what was not there before comes from the whole
      record.shares[row + c] = of_component;
      share += of_component * record.output_kg[output_row + c];
    }
    record.ancestors.push_back({record.inputs[k].id, made_kg > 0 ? share / made_kg : of_all});
    ++output.ancestors;
  }
}

/// What the unit operation did.
void Engine::record_operation() {
  JobRecord& record = observer_->record_;
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
    observer_->lot_made({s_.now, s_.lots[lot], masses_of(lot), origin, record.ancestors_of(output),
                         output.ancestors > 1 ? record.shares_of(output) : std::span<const double>(), record.station});
  }
  born_.clear();
}

/// A job of the hot path, without meters: one lot, one phase, which passes.
void Engine::tell_plain(Index station, Index index) {
  JobsInHand::Heard& heard = observer_->in_hand_.of(index);
  if (!plain_lots_ || !heard.begun || !heard.stretches.empty()) {
    open_record(index);
    return tell_metered(index);
  }
  JobRecord& record = observer_->plain_end_;
  heard.begun = false;
  const Lot& lot = fill_in(record, station, index, heard.began_s);
  JobOutput& output = record.outputs.front();
  output.id = lot.id;
  output.kind = lot.kind;
  output.kg = lot.mass;
  record.stretches.front().begin_s = s_.servers[index].work_start;
  record.stretches.front().end_s = s_.now;
  record.ancestors.front().lot = lot.id;
  observer_->job_finished(record);
}

/// The same where its record is open, with what was metered.
void Engine::tell_metered(Index index) {
  const Server& server = s_.servers[index];
  JobRecord& record = observer_->record_;
  record.stretches.push_back(stretch_of(index, ServerState::working, record.crews));
  record_output(server.job, 0, true);
  record_ancestor(s_.lots[server.job].id);
  observer_->job_finished(record);
}

}  // namespace retwin
