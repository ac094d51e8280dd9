// How sure a calibrated plant's inputs are: plants that the same log could as well have taught.
#pragma once
#include <cstdint>
#include <memory>

#include "core/flow/plant/plant.hpp"

namespace retwin {

/// A copy of the plant in which the categories of attributes (plans among them) and the day blocks from which new lots of a source
/// are drawn have weights of their own: each present one is multiplied by an independent unit exponential. With equal weights
/// before, that is the posterior of the Bayesian bootstrap (Rubin, Ann. Statist. 9, 1981).
std::shared_ptr<const Plant> reweighted(const Plant& plant, Index source, std::uint64_t seed, std::uint64_t replication);

}  // namespace retwin
