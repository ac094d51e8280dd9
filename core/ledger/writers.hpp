// Observers: a trace of every event as a CSV file, and one that passes on to several.
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

/// Every event: time_s, event (made, entered, mixed, started, finished, scrapped, state, ended), place, server (of the station, from 0),
/// (made: the station or the source), lot, from and to (server states), mass_kg, and of what is made of other lots its parents, "lot:share" of its mass, several with a
/// blank between. Lots are called by their identities in hexadecimal.
class TraceWriter : public Observer {
 public:
  /// @throws InputError (file)
  TraceWriter(const Plant& plant, const std::string& path);
  void lot_made(const Birth& birth) override;
  void lot_entered(double now, Index station, const Lot& lot) override;
  void lot_ended(double now, const Lot& lot, Index node, std::span<const double>) override;
  void lot_mixed(double now, Index station, const Lot& into, const Lot& from, double share, std::span<const double> into_kg,
                 std::span<const double> from_kg) override;
  void job_started(const JobRecord& job) override;
  void job_finished(const JobRecord& job) override;
  void job_scrapped(const JobRecord& job) override;
  void state_changed(double now, Index station, Index server, ServerState from, ServerState to) override;
  void commit() { out_.commit(); }

 private:
  void lot_row(double now, const char* event, const std::string& place, const Lot& lot, std::span<const Ancestor> parents = {});
  void job_row(const JobRecord& job, const char* event);
  const std::string& place_of(Index node) const;
  std::int64_t local(Index station, Index server) const;
  const Plant& plant_;
  CsvStream out_;
};

/// Passes everything on to several observers, in the order in which they were added.
class Observers : public Observer {
 public:
  void add(Observer* observer) { all_.push_back(observer); }
  /// Adds one that has begun by itself, and goes on with what it has heard of jobs in hand.
  void lead(Observer* first);
  bool empty() const { return all_.empty(); }
  void lot_made(const Birth& birth) override;
  void lot_entered(double now, Index station, const Lot& lot) override;
  void lot_ended(double now, const Lot& lot, Index node, std::span<const double>) override;
  void lot_mixed(double now, Index station, const Lot& into, const Lot& from, double share, std::span<const double> into_kg,
                 std::span<const double> from_kg) override;
  void job_started(const JobRecord& job) override;
  void work_began(double now, Index station, Index server, std::uint16_t phase) override;
  void job_finished(const JobRecord& job) override;
  void job_scrapped(const JobRecord& job) override;
  void state_changed(double now, Index station, Index server, ServerState from, ServerState to) override;
  void crew_changed(double now, Index pool, double taken, double on_duty) override;
  void standing_use(double now, Index which, double per_s) override;
  void memory_renewed(double now, Index station, Index server) override;
  void plant_changed(double now, const Plant& plant) override;
  bool between_events() const override;
  void before_event(double next) override;

 protected:
  void save(Sections& sections) const override;
  bool restore(const Sections& sections, const Plant& plant) override;

 private:
  std::vector<Observer*> all_;
};

}  // namespace retwin
