// Observers that stream to CSV files: lineage of lots, and a trace of every event; and one that passes on to several.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "core/base/files.hpp"
#include "core/flow/engine/observer.hpp"
#include "core/flow/plant/plant.hpp"

namespace retwin {

/// A CSV file written row by row, which appears under its name when it is committed.
class CsvStream {
 public:
  CsvStream(const std::string& path, const std::vector<std::string>& columns) : file_(path), rows_(columns) {}
  CsvWriter& row() { return rows_; }
  /// Ends the row; every now and then what has gathered goes to the file.
  void end_row();
  void commit();

 private:
  AtomicFile file_;
  CsvWriter rows_;
};

/// Every lot that came from another: time_s, parent, child, share (of the parent's mass), kind, kg. Identities in hexadecimal.
class LineageWriter : public Observer {
 public:
  /// @throws InputError (file)
  LineageWriter(const Plant& plant, const std::string& path);
  void lot_made(double now, const Lot& lot, std::uint64_t parent, double share) override;
  /// The file is complete. Without it nothing is left behind.
  void commit() { out_.commit(); }

 private:
  const Plant& plant_;
  CsvStream out_;
};

/// Every event: time_s, event (made, entered, started, finished, state, ended), place, server (of the station, from 0), lot, from
/// and to (server states), kg.
class TraceWriter : public Observer {
 public:
  /// @throws InputError (file)
  TraceWriter(const Plant& plant, const std::string& path);
  void lot_made(double now, const Lot& lot, std::uint64_t parent, double share) override;
  void lot_entered(double now, Index station, const Lot& lot) override;
  void lot_ended(double now, const Lot& lot, Index node) override;
  void job_started(double now, Index station, Index server, const State& state) override;
  void job_finished(double now, Index station, Index server, const State& state) override;
  void state_changed(double now, Index station, Index server, ServerState from, ServerState to) override;
  void commit() { out_.commit(); }

 private:
  void lot_row(double now, const char* event, const std::string& place, const Lot& lot);
  void job_row(double now, const char* event, Index station, Index server, const State& state);
  const std::string& place_of(Index node) const;
  std::int64_t local(Index station, Index server) const;
  const Plant& plant_;
  CsvStream out_;
};

/// Passes everything on to several observers, in the order in which they were added.
class Observers : public Observer {
 public:
  void add(Observer* observer) { all_.push_back(observer); }
  bool empty() const { return all_.empty(); }
  void lot_made(double now, const Lot& lot, std::uint64_t parent, double share) override;
  void lot_entered(double now, Index station, const Lot& lot) override;
  void lot_ended(double now, const Lot& lot, Index node) override;
  void job_started(double now, Index station, Index server, const State& state) override;
  void job_finished(double now, Index station, Index server, const State& state) override;
  void state_changed(double now, Index station, Index server, ServerState from, ServerState to) override;

 private:
  std::vector<Observer*> all_;
};

}  // namespace retwin
