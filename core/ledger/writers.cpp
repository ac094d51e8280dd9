// Lineage and trace as CSV, streamed so that memory follows live lots only.
#include "core/ledger/writers.hpp"

#include <fmt/format.h>

namespace retwin {
namespace {
constexpr std::size_t piece_bytes = 1 << 16;
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

// --- lineage -------------------------------------------------------------------------------------------------------------------

LineageWriter::LineageWriter(const Plant& plant, const std::string& path)
    : plant_(plant), out_(path, {"time_s", "parent", "child", "share", "kind", "mass_kg"}) {}

void LineageWriter::lot_made(double now, const Lot& lot, std::uint64_t parent, double share) {
  if (parent == 0) return;
  out_.row().cell(now).cell(hex(parent)).cell(hex(lot.id)).cell(share).cell(plant_.kinds[lot.kind].name).cell(lot.mass);
  out_.end_row();
}

// --- trace ---------------------------------------------------------------------------------------------------------------------

TraceWriter::TraceWriter(const Plant& plant, const std::string& path)
    : plant_(plant), out_(path, {"time_s", "event", "place", "server", "lot", "from", "to", "mass_kg"}) {}

const std::string& TraceWriter::place_of(Index node) const {
  const std::size_t nodes = plant_.stations.size() + plant_.sinks.size();
  return node < nodes ? plant_.node_name(node) : plant_.sources[node - nodes].name;
}

std::int64_t TraceWriter::local(Index station, Index server) const {
  const StationHot& hot = plant_.hot[station];
  return server >= hot.first_server && server < hot.first_server + hot.servers ? server - hot.first_server : server;
}

void TraceWriter::lot_row(double now, const char* event, const std::string& place, const Lot& lot) {
  out_.row().cell(now).cell(event).cell(place).cell("").cell(hex(lot.id)).cell("").cell("").cell(lot.mass);
  out_.end_row();
}

void TraceWriter::job_row(double now, const char* event, Index station, Index server, const State& state) {
  const Index lot = state.servers[server].job;
  out_.row().cell(now).cell(event).cell(plant_.stations[station].name).cell(local(station, server));
  out_.row().cell(lot == none ? "" : hex(state.lots[lot].id)).cell("").cell("").cell(lot == none ? 0 : state.lots[lot].mass);
  out_.end_row();
}

void TraceWriter::lot_made(double now, const Lot& lot, std::uint64_t, double) {
  lot_row(now, "made", lot.source < plant_.sources.size() ? plant_.sources[lot.source].name : "", lot);
}
void TraceWriter::lot_entered(double now, Index station, const Lot& lot) {
  lot_row(now, "entered", plant_.stations[station].name, lot);
}
void TraceWriter::lot_ended(double now, const Lot& lot, Index node) { lot_row(now, "ended", place_of(node), lot); }
void TraceWriter::job_started(double now, Index station, Index server, const State& state) {
  job_row(now, "started", station, server, state);
}
void TraceWriter::job_finished(double now, Index station, Index server, const State& state) {
  job_row(now, "finished", station, server, state);
}
void TraceWriter::state_changed(double now, Index station, Index server, ServerState from, ServerState to) {
  out_.row().cell(now).cell("state").cell(plant_.stations[station].name).cell(local(station, server)).cell("");
  out_.row()
      .cell(server_state_names[static_cast<std::size_t>(from)])
      .cell(server_state_names[static_cast<std::size_t>(to)])
      .cell("");
  out_.end_row();
}

// --- several -------------------------------------------------------------------------------------------------------------------

void Observers::lot_made(double now, const Lot& lot, std::uint64_t parent, double share) {
  for (Observer* o : all_) o->lot_made(now, lot, parent, share);
}
void Observers::lot_entered(double now, Index station, const Lot& lot) {
  for (Observer* o : all_) o->lot_entered(now, station, lot);
}
void Observers::lot_ended(double now, const Lot& lot, Index node) {
  for (Observer* o : all_) o->lot_ended(now, lot, node);
}
void Observers::job_started(double now, Index station, Index server, const State& state) {
  for (Observer* o : all_) o->job_started(now, station, server, state);
}
void Observers::job_finished(double now, Index station, Index server, const State& state) {
  for (Observer* o : all_) o->job_finished(now, station, server, state);
}
void Observers::state_changed(double now, Index station, Index server, ServerState from, ServerState to) {
  for (Observer* o : all_) o->state_changed(now, station, server, from, to);
}

}  // namespace retwin
