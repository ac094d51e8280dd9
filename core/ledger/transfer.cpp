// First what becomes of each component in the job as a whole, then output by output.
#include "core/ledger/transfer.hpp"

#include <algorithm>
#include <cmath>

namespace retwin {

/// A single input is what comes out of it.
void Transfer::complete(Edge& job) {
  if (job.inputs.size() != 1 || job.inputs[0].parts > 0 || !job.created.empty() || !job.transmuted.empty()) return;
  std::vector<double> kg(substances_.size());
  for (const EdgeLot& output : job.outputs)
    for (const Part& part : job.masses_of(output)) kg[part.of] += part.amount;
  job.inputs[0].first_part = static_cast<std::uint32_t>(job.masses.size());
  for (std::size_t c = 0; c < kg.size(); ++c)
    if (kg[c] > 0) job.masses.push_back({static_cast<std::uint16_t>(c), kg[c]});
  job.inputs[0].parts = static_cast<std::uint32_t>(job.masses.size()) - job.inputs[0].first_part;
}

void Transfer::weigh(const Edge& job) {
  has_.resize(components_.size());
  for (const std::uint16_t c : touched_) components_[c] = {}, has_[c].clear();
  touched_.clear();
  const auto touch = [&](std::uint16_t c) -> Fate& {
    touched_.push_back(c);
    return components_[c];
  };
  for (std::uint32_t k = 0; k < job.inputs.size(); ++k) {
    const EdgeLot& input = job.inputs[k];
    for (std::uint32_t m = input.first_part; m < input.first_part + input.parts; ++m) {
      const Part& part = job.masses[m];
      touch(part.of).in += part.amount;
      has_[part.of].push_back({k, m, part.amount});
    }
  }
  for (const Part& part : job.created) touch(part.of).created += part.amount;
  for (const Part& part : job.transmuted) touch(part.of).transmuted += part.amount;
  std::sort(touched_.begin(), touched_.end());
  touched_.erase(std::unique(touched_.begin(), touched_.end()), touched_.end());
  for (const std::uint16_t c : touched_) {
    Fate& fate = components_[c];
    fate.through = fate.in + fate.created;
    const double kept = std::max(0.0, fate.through + std::min(fate.transmuted, 0.0)), made = std::max(fate.transmuted, 0.0);
    fate.kept = kept + made > 0 ? kept / (kept + made) : fate.through > 0 ? 1 : 0;
    fate.made = kept + made > 0 ? made / (kept + made) : 0;
  }
}

/// What each product of a reaction owes to each reactant: element by element the mass of atoms, of all that the reactants gave.
void Transfer::find_reactants() {
  const std::size_t elements = substances_.elements.size();
  const auto fraction = [&](std::uint16_t c, std::size_t e) {
    return substances_.fraction.empty() ? 0.0 : substances_.fraction[c * elements + e];
  };
  std::vector<double> given(elements);
  double all = 0;
  for (const std::uint16_t c : touched_) {
    if (!(components_[c].transmuted < 0) || !(components_[c].through > 0)) continue;
    all -= components_[c].transmuted;
    for (std::size_t e = 0; e < elements; ++e) given[e] -= components_[c].transmuted * fraction(c, e);
  }
  if (!(all > 0)) return;
  for (const std::uint16_t p : touched_) {
    Fate& product = components_[p];
    if (!(product.made > 0)) continue;
    double sum = 0;
    for (const std::uint16_t r : touched_) {
      if (!(components_[r].transmuted < 0) || !(components_[r].through > 0)) continue;
      double atoms = 0;
      for (std::size_t e = 0; e < elements; ++e)
        if (given[e] > 0) atoms += fraction(p, e) * -components_[r].transmuted * fraction(r, e) / given[e];
      if (atoms > 0) product.made_of.emplace_back(r, atoms), sum += atoms;
    }
    if (sum > 0) {
      for (auto& [r, share] : product.made_of) share /= sum;
      continue;
    }
    for (const std::uint16_t r : touched_)  // nothing is known of its atoms
      if (components_[r].transmuted < 0 && components_[r].through > 0) product.made_of.emplace_back(r, -components_[r].transmuted / all);
  }
}

/// So much of an output's component was a component of the inputs that it comes from, or was bought.
void Transfer::take(const Edge& job, std::uint32_t output, std::uint32_t to, std::uint16_t component, double kg) {
  const Fate& fate = components_[component];
  if (!(kg > 0)) return;
  const double of_inputs = kg * fate.in / fate.through;
  if (!(of_inputs > 0)) return;
  const std::span<const std::uint32_t> parents = job.parents_of(job.outputs[output]);
  const auto counts = [&](const Has& has) { return parents.empty() || std::find(parents.begin(), parents.end(), has.input) != parents.end(); };
  double among = 0;
  for (const Has& has : has_[component])
    if (counts(has)) among += has.kg;
  const bool all = !(among > 0);  // its parents have none of it: it comes from all
  for (const Has& has : has_[component])
    if ((all || counts(has)) && has.kg > 0) pieces.push_back({has.input, output, has.mass, to, of_inputs * has.kg / (all ? fate.in : among)});
}

void Transfer::trace(const Edge& job, std::uint32_t output) {
  const EdgeLot& lot = job.outputs[output];
  for (std::uint32_t m = lot.first_part; m < lot.first_part + lot.parts; ++m) {
    const Part& part = job.masses[m];
    const Fate& fate = components_[part.of];
    if (!(fate.kept + fate.made > 0)) continue;
    gone_kg[m] = part.amount;
    if (fate.through > 0) take(job, output, m, part.of, part.amount * fate.kept);
    for (const auto& [reactant, share] : fate.made_of) take(job, output, m, reactant, part.amount * fate.made * share);
  }
}

void Transfer::of(Edge& job) {
  complete(job);
  weigh(job);
  find_reactants();
  pieces.clear();
  gone_kg.assign(job.masses.size(), 0.0);
  for (std::uint32_t k = 0; k < job.outputs.size(); ++k) trace(job, k);
  for (const Piece& piece : pieces) gone_kg[piece.from] += piece.kg;
}

}  // namespace retwin
