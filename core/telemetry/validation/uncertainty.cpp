// Weights drawn anew by replication.
#include "core/telemetry/validation/uncertainty.hpp"

#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "core/base/random.hpp"
#include "core/flow/plant/changed.hpp"

namespace retwin {
namespace {

/// Discrete over the same values, each with a new weight.
Distribution redrawn(const Distribution& before, const Draws& draws) {
  std::vector<double> values, weights;
  for (double x = before.low(); x <= before.high(); x += 1) {
    const double weight = before.probability(x, x);
    if (!(weight > 0)) continue;
    values.push_back(x);
    weights.push_back(-weight * std::log(draws.uniform(static_cast<std::uint64_t>(x))));
  }
  return Distribution::discrete(std::move(values), std::move(weights));
}

void redraw(std::array<std::vector<DayBlock>, 7>& days, const Draws& draws) {
  for (std::vector<DayBlock>& blocks : days) {
    double before = 0, sum = 0;
    for (std::size_t k = 0; k < blocks.size(); ++k) {
      DayBlock& block = blocks[k];
      const double weight = block.up_to - std::exchange(before, block.up_to);
      // the same on all weekdays that share a block, where it has the same place; empty ones have the first row of the next
      sum += -weight * std::log(draws.uniform((std::uint64_t{k} << 32) + block.first_row));
      block.up_to = sum;
    }
    for (DayBlock& block : blocks) block.up_to /= sum;
  }
}

}  // namespace

std::shared_ptr<const Plant> reweighted(const Plant& plant, Index source, std::uint64_t seed, std::uint64_t replication) {
  const std::uint64_t key = replication_key(seed, replication), stream = stream_id("weights of cases");
  return changed(plant, identity(key, stream), [&](Plant& other) {
    Source& cases = other.sources[source];
    for (AttributeDraw& attribute : cases.attributes)
      if (attribute.distribution && attribute.distribution->family() == Family::discrete)
        attribute.distribution = redrawn(*attribute.distribution, {key, stream, static_cast<std::uint64_t>(attribute.slot) + 1});
    redraw(cases.day_blocks, {key, stream, 0});
  });
}

}  // namespace retwin
