// Jobs as the observer tells them, to operations.
#include "core/telemetry/writers/log_writer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "core/base/units.hpp"
#include "core/flow/state/archive.hpp"

namespace retwin {
namespace {

constexpr std::size_t fixed_fields = 3;
const std::string log_section = "log";
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

void LogWriter::lot_made(const Birth& birth) {
  const bool child = birth.origin == Origin::job || birth.origin == Origin::unload || birth.origin == Origin::split;
  if (birth.origin == Origin::step) {
    stands_for_[birth.lot.id] = itself(birth.ancestors.front().lot);
  } else if (child) {
    parents_[birth.lot.id] = itself(birth.ancestors.front().lot);
  }
}

void LogWriter::lot_ended(double, const Lot& lot, Index, std::span<const double>) {
  if (stands_for_.erase(lot.id) > 0) return;
  parents_.erase(lot.id);
  out_->forget(name_of(lot.id, lot.source));
}

void LogWriter::job_started(const JobRecord& job) {
  if (plant_.stations[job.station].special != Special::plan) in_hand_.insert(job.server);
}

void LogWriter::job_scrapped(const JobRecord& job) {
  if (in_hand_.erase(job.server) > 0) ++summary_.broken_off;
}

void LogWriter::job_finished(const JobRecord& job) {
  const Station& spec = plant_.stations[job.station];
  if (spec.special == Special::plan) return;
  if (in_hand_.erase(job.server) == 0) {
    ++summary_.begun_before;
    return;
  }
  double work_s = job.now, setup_s = 0;
  Index pool = none;
  for (const WorkStretch& stretch : job.stretches) {
    if (stretch.state == ServerState::setup) setup_s += stretch.end_s - stretch.begin_s;
    if (stretch.state != ServerState::working) continue;
    work_s = stretch.begin_s;
    if (stretch.crew > 0 && !spec.phases.empty() && !spec.phases.front().needs.empty()) pool = job.crew_of(stretch).back().pool;
    break;
  }
  resource_ = resource_of(job, pool);
  const auto lots = static_cast<std::size_t>(std::count_if(job.inputs.begin(), job.inputs.end(), [](const JobLot& lot) { return !lot.drawn; }));
  batch_ = lots > 1 ? fmt::format("{:016x}", job.batch) : std::string();
  operation_.activity = spec.name;
  operation_.resource = resource_;
  operation_.batch = batch_;
  operation_.start_s = start_s_ + work_s;
  operation_.end_s = start_s_ + job.now;
  operation_.values[0].number = std::max(0.0, work_s - job.began_s - setup_s);
  operation_.values[1].number = setup_s;
  for (std::size_t k = 0; k < lots; ++k) write(job, k);
}

std::string LogWriter::resource_of(const JobRecord& job, Index pool) const {
  if (pool != none) return plant_.pools[pool].name;
  if (plant_.stations[job.station].unlimited_servers) return {};
  return fmt::format("{}#{}", plant_.stations[job.station].name, job.server - plant_.hot[job.station].first_server);
}

void LogWriter::write(const JobRecord& job, std::size_t input) {
  const JobLot& lot = job.inputs[input];
  const auto source = static_cast<std::uint16_t>(lot.source);
  const std::string name = name_of(lot.itself, source);
  const auto parent = parents_.find(lot.itself);
  const std::string parent_name = parent == parents_.end() ? std::string() : name_of(parent->second, source);
  operation_.lot = name;
  operation_.kind = plant_.kinds[lot.kind].name;
  operation_.parent = parent_name;
  operation_.values[2].number = lot.kg;
  const std::span<const double> values = job.attributes_of(input);
  for (std::size_t k = 0; k < attributes_.size(); ++k) {
    LogValue& value = operation_.values[fixed_fields + k];
    const std::vector<std::string>& categories = attributes_[k].attribute->categories;
    value.number = values[static_cast<std::size_t>(attributes_[k].slot)];
    const bool known = value.number >= 0 && value.number < static_cast<double>(categories.size());  // else nobody has looked yet
    value.text = known ? std::string_view(categories[static_cast<std::size_t>(value.number)]) : std::string_view();
  }
  out_->add(operation_);
  ++summary_.operations;
}

LogSummary LogWriter::summary() const {
  LogSummary summary = summary_;
  summary.in_progress = in_hand_.size();
  return summary;
}

void LogWriter::commit() { out_->commit(); }

// Servers whose jobs are under way; pairs of lot and parent; pairs of lot and the lot for which it stands.
void LogWriter::save(Sections& sections) const {
  ArchiveWriter out;
  std::vector<Index> servers(in_hand_.begin(), in_hand_.end());
  std::sort(servers.begin(), servers.end());
  out(servers);
  for (const auto* of : {&parents_, &stands_for_}) {
    std::vector<std::uint64_t> pairs;
    for (const auto& [lot, other] : std::map<std::uint64_t, std::uint64_t>(of->begin(), of->end())) pairs.insert(pairs.end(), {lot, other});
    out(pairs);
  }
  sections[log_section] = std::move(out.bytes);
}

bool LogWriter::restore(const Sections& sections, const Plant&) {
  const auto found = sections.find(log_section);
  if (found == sections.end()) return true;
  ArchiveReader in(found->second);
  std::vector<Index> servers;
  in(servers);
  in_hand_ = {servers.begin(), servers.end()};
  for (auto* of : {&parents_, &stands_for_}) {
    std::vector<std::uint64_t> pairs;
    in(pairs);
    for (std::size_t k = 0; k + 1 < pairs.size(); k += 2) (*of)[pairs[k]] = pairs[k + 1];
  }
  return !in.failed && in.at_end();
}

}  // namespace retwin
