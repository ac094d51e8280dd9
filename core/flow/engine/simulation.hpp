// A simulation: a plant (immutable, shared) and a state (a value). Copying it forks the future.
#pragma once
#include <memory>
#include <vector>

#include "core/flow/engine/observer.hpp"
#include "core/flow/engine/watch.hpp"
#include "core/flow/plant/plant.hpp"
#include "core/flow/plant/structure.hpp"
#include "core/flow/state/state.hpp"

namespace retwin {

/// From `at_s` on, the plant has these parameters (same structure); the running job is left alone.
struct PlantChange {
  double at_s = 0;
  std::shared_ptr<const Plant> plant;
};

class Simulation {
 public:
  /// @param changes in order of time; those at its beginning are in force from the beginning
  explicit Simulation(std::shared_ptr<const Plant> plant, std::uint64_t seed = 1, std::uint64_t replication = 0,
                      std::vector<PlantChange> changes = {});
  /// Goes on from a state. @throws InputError (code structure) if it is of another structure; see rebase
  Simulation(std::shared_ptr<const Plant> plant, State state, std::vector<PlantChange> changes = {});

  /// Handles every event up to and including `until_s`. After an exception, of an observer's as well, the state is what the report
  /// of the error needs, but incomplete: to go on is refused.
  /// @throws RunError on a deadlock, beyond the limits of the plant, and after an exception
  /// @param goal_s where it goes on to at once, if further: a stop on the way is no time to look for a deadlock, and what the run would
  /// take is foretold up to there
  void advance(double until_s, Observer* observer = nullptr, Watch* watch = nullptr, double goal_s = 0);
  double now() const { return state_.now; }
  /// Whether an exception has left the state in the midst of something.
  bool stopped() const { return stopped_; }
  const State& state() const { return state_; }
  State& state() { return state_; }
  const Plant& plant() const { return *plant_; }
  const std::shared_ptr<const Plant>& plant_pointer() const { return plant_; }
  /// Another future from here: later draws differ.
  void rekey(std::uint64_t seed);

 private:
  std::shared_ptr<const Plant> plant_;
  std::vector<PlantChange> changes_;
  std::size_t next_change_ = 0;
  State state_;
  bool stopped_ = false;
};

/// A state carried over to a plant of another structure, at the same instant: stations, servers (by their number within the station),
/// sources, sinks, pools, calendars, failure modes, attributes, kinds, flows and components are mapped by name; what is new begins
/// now. With the same structure and parameters nothing changes.
/// @param from structure of the plant that the state has run on, see `structure_of` and `read_state`
/// @throws InputError (code structure) with everything that cannot be mapped: lots in a station that is gone, jobs on servers that
/// are gone, lots routed to a node that is gone, a kind that is gone, ...
State rebase(const State& state, const Structure& from, const Plant& to);

}  // namespace retwin
