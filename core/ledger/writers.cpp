// The trace as CSV, streamed so that memory follows nothing.
#include "core/ledger/writers.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace retwin {
namespace {
std::string hex(std::uint64_t identity) { return fmt::format("{:016x}", identity); }
}  // namespace

void CsvStream::end_row() {
  rows_.end_row();
  if (rows_.text().size() >= piece_bytes) file_.write(rows_.take());
}

void CsvStream::commit() {
  file_.write(rows_.take());
  file_.commit();
}

// --- trace ---------------------------------------------------------------------------------------------------------------------

TraceWriter::TraceWriter(const Plant& plant, const std::string& path)
    : plant_(plant), out_(path, {"time_s", "event", "place", "server", "lot", "from", "to", "mass_kg", "parents"}) {}

const std::string& TraceWriter::place_of(Index node) const {
  const std::size_t nodes = plant_.stations.size() + plant_.sinks.size();
  return node < nodes ? plant_.node_name(node) : plant_.sources[node - nodes].name;
}

std::int64_t TraceWriter::local(Index station, Index server) const {
  const StationHot& hot = plant_.hot[station];
  return server >= hot.first_server && server < hot.first_server + hot.servers ? server - hot.first_server : server;
}

void TraceWriter::lot_row(double now, const char* event, const std::string& place, const Lot& lot, std::span<const Ancestor> parents) {
  std::string made_of;
  for (const Ancestor& parent : parents)
    made_of += fmt::format("{}{}:{:.6g}", made_of.empty() ? "" : " ", hex(parent.lot), parent.share);
  out_.row().cell(now).cell(event).cell(place).cell("").cell(hex(lot.id)).cell("").cell("").cell(lot.mass).cell(made_of);
  out_.end_row();
}

void TraceWriter::job_row(const JobRecord& job, const char* event) {
  const JobLot& lot = job.inputs.front();
  out_.row().cell(job.now).cell(event).cell(plant_.stations[job.station].name).cell(local(job.station, job.server));
  out_.row().cell(hex(lot.id)).cell("").cell("").cell(lot.id == lot.itself ? lot.kg : 0).cell("");
  out_.end_row();
}

void TraceWriter::lot_made(const Birth& birth) {
  const bool from_source = birth.ancestors.empty() && birth.lot.source < plant_.sources.size();
  const std::string place = birth.station != none ? plant_.stations[birth.station].name : from_source ? plant_.sources[birth.lot.source].name : "";
  lot_row(birth.now, "made", place, birth.lot, birth.ancestors);
}
void TraceWriter::lot_entered(double now, Index station, const Lot& lot) {
  lot_row(now, "entered", plant_.stations[station].name, lot);
}
void TraceWriter::lot_ended(double now, const Lot& lot, Index node, std::span<const double>) { lot_row(now, "ended", place_of(node), lot); }
void TraceWriter::lot_mixed(double now, Index station, const Lot& into, const Lot& from, double share, std::span<const double>,
                            std::span<const double>) {
  const Ancestor both[] = {{into.id, 1 - share}, {from.id, share}};
  lot_row(now, "mixed", place_of(station), into, both);
}
void TraceWriter::job_started(const JobRecord& job) { job_row(job, "started"); }
void TraceWriter::job_finished(const JobRecord& job) { job_row(job, "finished"); }
void TraceWriter::job_scrapped(const JobRecord& job) { job_row(job, "scrapped"); }
void TraceWriter::state_changed(double now, Index station, Index server, ServerState from, ServerState to) {
  out_.row().cell(now).cell("state").cell(plant_.stations[station].name).cell(local(station, server)).cell("");
  out_.row()
      .cell(server_state_names[static_cast<std::size_t>(from)])
      .cell(server_state_names[static_cast<std::size_t>(to)])
      .cell("")
      .cell("");
  out_.end_row();
}

// --- several -------------------------------------------------------------------------------------------------------------------

void Observers::lead(Observer* first) {
  in_hand_ = first->in_hand_;
  add(first);
}
void Observers::lot_made(const Birth& birth) {
  for (Observer* o : all_) o->lot_made(birth);
}
void Observers::lot_entered(double now, Index station, const Lot& lot) {
  for (Observer* o : all_) o->lot_entered(now, station, lot);
}
void Observers::lot_ended(double now, const Lot& lot, Index node, std::span<const double> kg) {
  for (Observer* o : all_) o->lot_ended(now, lot, node, kg);
}
void Observers::lot_mixed(double now, Index station, const Lot& into, const Lot& from, double share, std::span<const double> into_kg,
                          std::span<const double> from_kg) {
  for (Observer* o : all_) o->lot_mixed(now, station, into, from, share, into_kg, from_kg);
}
void Observers::job_started(const JobRecord& job) {
  for (Observer* o : all_) o->job_started(job);
}
void Observers::work_began(double now, Index station, Index server, std::uint16_t phase) {
  for (Observer* o : all_) o->work_began(now, station, server, phase);
}
void Observers::job_finished(const JobRecord& job) {
  for (Observer* o : all_) o->job_finished(job);
}
void Observers::job_scrapped(const JobRecord& job) {
  for (Observer* o : all_) o->job_scrapped(job);
}
void Observers::state_changed(double now, Index station, Index server, ServerState from, ServerState to) {
  for (Observer* o : all_) o->state_changed(now, station, server, from, to);
}
void Observers::standing_use(double now, Index which, double per_s) {
  for (Observer* o : all_) o->standing_use(now, which, per_s);
}
void Observers::crew_changed(double now, Index pool, double taken, double on_duty) {
  for (Observer* o : all_) o->crew_changed(now, pool, taken, on_duty);
}
void Observers::memory_renewed(double now, Index station, Index server) {
  for (Observer* o : all_) o->memory_renewed(now, station, server);
}
void Observers::plant_changed(double now, const Plant& plant) {
  for (Observer* o : all_) o->plant_changed(now, plant);
}
bool Observers::between_events() const {
  return std::any_of(all_.begin(), all_.end(), [](const Observer* o) { return o->between_events(); });
}
void Observers::before_event(double next) {
  for (Observer* o : all_)
    if (o->between_events()) o->before_event(next);
}

void Observers::save(Sections& sections) const {
  for (const Observer* o : all_) o->save(sections);
}
bool Observers::restore(const Sections& sections, const Plant& plant) {
  return std::all_of(all_.begin(), all_.end(), [&](Observer* o) { return o->restore(sections, plant); });
}

}  // namespace retwin
