// A simulation: advances its state, and changes the plant's parameters when their time comes.
#include "core/flow/engine/simulation.hpp"

#include <algorithm>

#include "core/base/random.hpp"
#include "core/flow/engine/engine.hpp"

namespace retwin {

Simulation::Simulation(std::shared_ptr<const Plant> plant, std::uint64_t seed, std::uint64_t replication,
                       std::vector<PlantChange> changes)
    : plant_(std::move(plant)), changes_(std::move(changes)), state_(initial_state(*plant_, seed, replication)) {}

Simulation::Simulation(std::shared_ptr<const Plant> plant, State state, std::vector<PlantChange> changes)
    : plant_(std::move(plant)), changes_(std::move(changes)), state_(std::move(state)) {
  if (state_.structure_hash != plant_->structure_hash) {
    Problems problems;
    problems.error(Code::structure, {}, "", "the state belongs to a plant of another structure", "rebase it, or run the plant it was saved from");
    problems.throw_if_errors();
  }
  const bool other_parameters = state_.parameter_hash != plant_->parameter_hash;
  state_.parameter_hash = plant_->parameter_hash;
  while (next_change_ < changes_.size() && changes_[next_change_].at_s <= state_.now) plant_ = changes_[next_change_++].plant;
  if (other_parameters) Engine(*plant_, state_, nullptr, nullptr).adopt();
}

void Simulation::advance(double until_s, Observer* observer, Pacer* pacer) {
  while (next_change_ < changes_.size() && changes_[next_change_].at_s <= until_s) {
    Engine(*plant_, state_, observer, pacer).run(changes_[next_change_].at_s);
    plant_ = changes_[next_change_++].plant;
    Engine(*plant_, state_, observer, pacer).adopt();
  }
  Engine(*plant_, state_, observer, pacer).run(until_s);
}

void Simulation::rekey(std::uint64_t seed) { state_.key = identity(state_.key, seed); }

}  // namespace retwin
