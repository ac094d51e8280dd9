// A simulation: advances its state, and changes the plant's parameters when their time comes.
#include "core/flow/engine/simulation.hpp"

#include <algorithm>

#include "core/base/random.hpp"
#include "core/flow/engine/engine.hpp"

namespace retwin {

Simulation::Simulation(std::shared_ptr<const Plant> plant, std::uint64_t seed, std::uint64_t replication,
                       std::vector<PlantChange> changes)
    : Simulation(plant, initial_state(*plant, seed, replication), std::move(changes)) {}

Simulation::Simulation(std::shared_ptr<const Plant> plant, State state, std::vector<PlantChange> changes)
    : plant_(std::move(plant)), changes_(std::move(changes)), state_(std::move(state)) {
  if (state_.structure_hash != plant_->structure_hash) {
    Problems problems;
    problems.error(Code::structure, {}, "", "the state belongs to a plant of another structure", "rebase it, or run the plant it was saved from");
    problems.throw_if_errors();
  }
  while (next_change_ < changes_.size() && changes_[next_change_].at_s <= state_.now) plant_ = changes_[next_change_++].plant;
  if (state_.parameter_hash != plant_->parameter_hash) Engine(*plant_, state_, nullptr).adopt();
}

void Simulation::advance(double until_s, Observer* observer, Watch* watch, double goal_s) {
  if (stopped_)
    throw RunError("this simulation was stopped by an error before and cannot go on; begin anew, or from a copy made in time", now(), "");
  stopped_ = true;
  while (next_change_ < changes_.size() && changes_[next_change_].at_s <= until_s) {
    Engine(*plant_, state_, observer, watch).run(changes_[next_change_].at_s);
    plant_ = changes_[next_change_++].plant;
    if (observer) observer->plant_changed(now(), *plant_);
    Engine(*plant_, state_, observer).adopt();
  }
  Engine(*plant_, state_, observer, watch).run(until_s, goal_s);
  stopped_ = false;
}

void Simulation::rekey(std::uint64_t seed) { state_.key = identity(state_.key, seed); }

}  // namespace retwin
