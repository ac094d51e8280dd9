// A plant made of another: derived figures and hashes follow.
#include "core/flow/plant/changed.hpp"

#include "core/base/random.hpp"
#include "core/flow/plant/structure.hpp"

namespace retwin {

std::shared_ptr<Plant> changed(const Plant& plant, std::uint64_t what, const std::function<void(Plant&)>& change) {
  auto other = std::make_shared<Plant>(plant);
  change(*other);
  finish_plant(*other);
  other->by_rank = plant.by_rank;
  other->rank = plant.rank;
  other->choices_into = plant.choices_into;  // in order of rank
  other->structure_hash = structure_hash(*other);
  other->parameter_hash = identity(plant.parameter_hash, what);
  return other;
}

}  // namespace retwin
