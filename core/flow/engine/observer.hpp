// The one interface through which ledgers, traces and logs hear of the flow: records, never the state.
#pragma once
#include <cstdint>
#include <span>

#include "core/flow/engine/record.hpp"
#include "core/flow/state/snapshot.hpp"

namespace retwin {

/// Hears what happens, in the order in which it happens; every function does nothing by default. A job that ends is told first, then
/// the lots that it made, then those that it used up. It listens to one simulation at a time.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void lot_made(const Birth&) {}
  virtual void lot_entered(double, Index /*station*/, const Lot&) {}
  /// At a sink (a lap: that which its product is counted at), the station where it was used up, or, beyond the nodes, the source that
  /// lost it.
  virtual void lot_ended(double, const Lot&, Index /*node*/, std::span<const double> /*kg, by component*/) {}
  /// A portion of bulk has become part of one that was there, in a buffer or in the tank of a sink; share: of what that is now; by
  /// component: what both weigh now and then.
  virtual void lot_mixed(double, Index /*node*/, const Lot& /*into*/, const Lot& /*from*/, double /*share*/,
                         std::span<const double> /*into_kg*/, std::span<const double> /*from_kg*/) {}
  virtual void job_started(const JobRecord&) {}   ///< with its inputs only
  /// Work on its job begins or goes on: of a phase, not a setup.
  virtual void work_began(double, Index /*station*/, Index /*server*/, std::uint16_t /*phase*/) {}
  virtual void job_finished(const JobRecord&) {}
  virtual void job_scrapped(const JobRecord&) {}  ///< without outputs, metered and physics
  virtual void state_changed(double, Index /*station*/, Index /*server*/, ServerState /*from*/, ServerState /*to*/) {}
  /// Units of a pool are taken or released, or others come on duty.
  virtual void crew_changed(double, Index /*pool*/, double /*taken*/, double /*on duty*/) {}
  /// So much is used from now on, whatever jobs there are: see Plant::standing.
  virtual void standing_use(double, Index /*which*/, double /*per_s*/) {}
  /// What the server remembers is as at the start again.
  virtual void memory_renewed(double, Index /*station*/, Index /*server*/) {}
  /// From now on the plant has other parameters; the stations are the same.
  virtual void plant_changed(double, const Plant&) {}
  /// Whether to be told before every event of the time that the clock goes to: everything before that has been settled.
  virtual bool between_events() const { return false; }
  virtual void before_event(double /*next*/) {}

 protected:
  /// What it has heard that it needs in order to go on from a saved state: sections of that state, by names of its own.
  virtual void save(Sections&) const {}
  /// Begins with what one like it has saved; what is not there was not heard. @returns false: it is damaged
  virtual bool restore(const Sections&, const Plant&) { return true; }
  friend class Observers;

 public:
  /// All that it has heard and needs in order to go on, beside the state.
  Sections heard() const;
  /// Begins with that, in a plant of the same structure. @throws InputError (state) naming `file` if it is damaged
  void begin_with(const Sections& heard, const Plant& plant, const std::string& file);

 private:
  friend class Engine;
  JobsInHand in_hand_;  ///< of the engine, for the records to come
  JobRecord record_;
  JobRecord plain_start_ = JobRecord::plain(0), plain_end_ = JobRecord::plain(1);  ///< always of one lot, which passes
};

}  // namespace retwin
