// Jobs as the observer tells them, to operations.
#include "core/telemetry/writers/log_writer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/base/units.hpp"

namespace retwin {
namespace {

constexpr std::size_t fixed_fields = 3;
constexpr std::uint64_t most_ordinals = std::uint64_t{1} << 32;  // identities of a source follow its stream

std::string with_unit(const Attribute& attribute) {
  const std::string unit = attribute.categories.empty() ? si_unit(attribute.dimension) : std::string();
  return unit.empty() ? attribute.name : fmt::format("{} [{}]", attribute.name, unit);
}

}  // namespace

LogWriter::LogWriter(const Plant& plant, const std::string& path, const LogWriterOptions& options)
    : plant_(plant), start_s_(static_cast<double>(plant.day0) * 86400 + plant.clock0_s) {
  check_log_path(path);
  std::vector<LogField> fields{{"waited_s", true, false}, {"setup_s", true, false}, {"mass_kg", true, true}};
  choose_attributes(options, fields);
  operation_.values.resize(fields.size());
  out_ = make_log_output(path, fields);
}

LogWriter::LogWriter(const Plant& plant, std::unique_ptr<LogOutput> output)
    : plant_(plant), out_(std::move(output)), start_s_(static_cast<double>(plant.day0) * 86400 + plant.clock0_s) {
  operation_.values.resize(fixed_fields);
}

void LogWriter::choose_attributes(const LogWriterOptions& options, std::vector<LogField>& fields) {
  std::vector<bool> wanted(plant_.attributes.size(), options.attributes.empty());
  if (options.attributes.empty()) {
    for (std::size_t slot = 0; slot < wanted.size(); ++slot) wanted[slot] = !plant_.attributes[slot].truth;
    for (const Station& station : plant_.stations)
      if (station.visit_slot != none) wanted[station.visit_slot] = false;
  }
  std::vector<std::string> known;
  for (const Attribute& attribute : plant_.attributes) known.push_back(attribute.name);
  Problems problems;
  for (const std::string& name : options.attributes) {
    const auto found = std::find(known.begin(), known.end(), name);
    if (found != known.end()) {
      wanted[static_cast<std::size_t>(found - known.begin())] = true;
      continue;
    }
    const std::string near = nearest(name, known);
    problems.error(Code::unknown_name, {}, {}, fmt::format("lots have no attribute \"{}\"", name),
                   near.empty() ? fmt::format("there are: {}", fmt::join(known, ", ")) : fmt::format("did you mean {}?", near));
  }
  problems.throw_if_errors();
  for (std::size_t slot = 0; slot < wanted.size(); ++slot) {
    if (!wanted[slot]) continue;
    const Attribute& attribute = plant_.attributes[slot];
    attributes_.push_back({static_cast<int>(slot), &attribute});
    fields.push_back({with_unit(attribute), attribute.categories.empty(), true});
  }
}

std::string LogWriter::name_of(std::uint64_t identity, std::uint16_t source) const {
  if (source < plant_.sources.size()) {
    const std::uint64_t ordinal = identity - plant_.sources[source].stream;
    if (ordinal > 0 && ordinal < most_ordinals) return fmt::format("{}-{}", plant_.sources[source].name, ordinal);
  }
  return fmt::format("{:016x}", identity);
}

/// The lot itself, of one that may stand for a step of its plan.
std::uint64_t LogWriter::itself(std::uint64_t identity) const {
  const auto found = stands_for_.find(identity);
  return found == stands_for_.end() ? identity : found->second;
}

void LogWriter::lot_made(double, const Lot& lot, std::uint64_t parent, double share) {
  if (parent == 0) return;
  const bool stands = lot.plan_of != none && share <= 0 && lot.family == parent;
  (stands ? stands_for_ : parents_)[lot.id] = itself(parent);
}

void LogWriter::lot_ended(double, const Lot& lot, Index) {
  if (lot.holder < jobs_.size()) {
    Job& job = jobs_[lot.holder];
    if (job.open && job.first_lot == lot.id) {  // it left a job that has not ended
      job.open = false;
      ++summary_.broken_off;
    }
  }
  if (stands_for_.erase(lot.id) > 0) return;
  parents_.erase(lot.id);
  out_->forget(name_of(lot.id, lot.source));
}

void LogWriter::begin_work(Job& job, double now, Index pool) {
  job.works = true;
  job.work_s = now;
  job.pool = pool;
}

void LogWriter::job_started(double now, Index station, Index server, const State& state) {
  if (plant_.stations[station].special == Special::plan) return;
  state_ = &state;
  if (jobs_.size() <= server) jobs_.resize(server + std::size_t{1});
  Job& job = jobs_[server];
  job = Job{};
  job.open = true;
  job.begun_s = now;
  job.first_lot = state.lots[state.servers[server].job].id;
  if (state.servers[server].shown == ServerState::working) begin_work(job, now, none);  // plain stations: at once
}

void LogWriter::state_changed(double now, Index station, Index server, ServerState from, ServerState to) {
  if (server >= jobs_.size() || !jobs_[server].open) return;
  Job& job = jobs_[server];
  if (from == ServerState::setup && !job.works) job.setup_s += now - job.setup_since_s;
  if (to == ServerState::setup) job.setup_since_s = now;
  if (job.works && job.work_s == now && to != ServerState::working) job.works = false;  // it did not come to it
  if (job.works || to != ServerState::working) return;
  Index pool = none;
  if (!plant_.stations[station].phases.empty() && !plant_.stations[station].phases.front().needs.empty())
    for (Index g = state_->servers[server].grant; g != none; g = state_->grants[g].next) pool = state_->grants[g].pool;
  begin_work(job, now, pool);
}

void LogWriter::job_finished(double now, Index station, Index server, const State& state) {
  const Station& spec = plant_.stations[station];
  if (spec.special == Special::plan) return;
  if (server >= jobs_.size() || !jobs_[server].open) {
    ++summary_.begun_before;
    return;
  }
  Job& job = jobs_[server];
  if (!job.works) begin_work(job, now, none);
  resource_ = resource_of(job, station, server);
  const Server& of = state.servers[server];
  batch_ = of.jobs_lots > 1 ? fmt::format("{:016x}", of.batch_id) : std::string();
  for (Index lot = of.job; lot != none; lot = of.jobs_lots > 1 ? state.lots[lot].next : none)
    write(now, station, state, lot, job);
  job.open = false;
  if (!spec.batch.merge && spec.special != Special::lap) return;
  const Lot& first = state.lots[of.job];  // it becomes another lot
  parents_.erase(first.id);
  out_->forget(name_of(first.id, first.source));
}

std::string LogWriter::resource_of(const Job& job, Index station, Index server) const {
  if (job.pool != none) return plant_.pools[job.pool].name;
  if (plant_.stations[station].unlimited_servers) return {};
  return fmt::format("{}#{}", plant_.stations[station].name, server - plant_.hot[station].first_server);
}

void LogWriter::write(double now, Index station, const State& state, Index lot, const Job& job) {
  const Lot& l = state.lots[lot];
  Index owner = lot;
  while (stands_for_step(state.lots[owner], owner)) owner = state.lots[owner].plan_of;
  const std::uint64_t own = state.lots[owner].id;
  const std::string name = name_of(own, l.source);
  const auto parent = parents_.find(own);
  const std::string parent_name = parent == parents_.end() ? std::string() : name_of(parent->second, l.source);
  operation_.lot = name;
  operation_.kind = plant_.kinds[l.kind].name;
  operation_.activity = plant_.stations[station].name;
  operation_.resource = resource_;
  operation_.batch = batch_;
  operation_.parent = parent_name;
  operation_.start_s = start_s_ + job.work_s;
  operation_.end_s = start_s_ + now;
  operation_.values[0].number = std::max(0.0, job.work_s - job.begun_s - job.setup_s);
  operation_.values[1].number = job.setup_s;
  operation_.values[2].number = state.lots[owner].mass;
  const double* values = state.attributes.data() + static_cast<std::size_t>(lot) * plant_.attributes.size();
  for (std::size_t k = 0; k < attributes_.size(); ++k) {
    LogValue& value = operation_.values[fixed_fields + k];
    const std::vector<std::string>& categories = attributes_[k].attribute->categories;
    value.number = values[attributes_[k].slot];
    const bool known = value.number >= 0 && value.number < static_cast<double>(categories.size());  // else nobody has looked yet
    value.text = known ? std::string_view(categories[static_cast<std::size_t>(value.number)]) : std::string_view();
  }
  out_->add(operation_);
  ++summary_.operations;
}

LogSummary LogWriter::summary() const {
  LogSummary summary = summary_;
  summary.in_progress =
      static_cast<std::uint64_t>(std::count_if(jobs_.begin(), jobs_.end(), [](const Job& job) { return job.open; }));
  return summary;
}

void LogWriter::commit() { out_->commit(); }

}  // namespace retwin
