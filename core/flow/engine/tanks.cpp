// Tanks: what comes to them, what is let out, and what jobs draw. To observers a tank is a lot of bulk: what comes is mixed into it, what
// leaves is cut off. The part that a job draws is one more input, which the job uses up.
#include <algorithm>

#include "core/flow/engine/engine.hpp"

namespace retwin {

Lot Engine::tank_lot(Index tank) const {
  Lot lot;
  lot.id = s_.tanks[tank].lot;
  lot.kind = p_.tanks[tank].kind;
  lot.source = static_cast<std::uint16_t>(p_.sources.size());
  lot.mass = s_.tanks[tank].kg;
  return lot;
}

std::uint64_t Engine::part_of_tank(Index tank, std::uint64_t from) {
  return identity(identity(from, p_.tanks[tank].stream), ++s_.tanks[tank].parts);
}

/// What it holds changes now.
void Engine::change_tank(Index tank) {
  settle_tank(p_, s_, tank, s_.accounts);
  s_.tanks[tank].since_s = s_.now;
}

/// Less than an atom of something is nothing: else what comes no more would be thinned for ever.
void Engine::weigh_tank(Index tank) {
  constexpr double atom_kg = 1.67e-27;
  double* const kg = tank_kg_of(tank);
  s_.tanks[tank].kg = 0;
  for (std::size_t c = 0; c < p_.n_components; ++c) {
    if (kg[c] < atom_kg) kg[c] = 0;
    s_.tanks[tank].kg += kg[c];
  }
}

// --- what comes ------------------------------------------------------------------------------------------------------------------

void Engine::fill_tank(Index lot, Index tank) {
  const Tank& spec = p_.tanks[tank];
  const Index node = p_.sink_node(spec.sink);
  Lot& l = s_.lots[lot];
  double* const kg = tank_kg_of(tank);
  double* const stays = s_.accounts.tank_kg.data() + static_cast<std::size_t>(tank) * p_.n_components;
  change_tank(tank);
  if (spec.bleed > 0 && l.mass > 0) let_out(tank, l, kg_of(lot), spec.bleed);
  if (l.mass > 0) {
    for (std::size_t c = 0; c < p_.n_components; ++c) {
      kg[c] += kg_of(lot)[c];
      stays[c] += kg_of(lot)[c];
    }
    const bool first = s_.tanks[tank].kg == 0;
    if (first) s_.tanks[tank].lot = part_of_tank(tank, spec.stream);
    weigh_tank(tank);
    Lot whole = tank_lot(tank);
    const Ancestor all{l.id, 1};
    if (observer_ && first) observer_->lot_made({s_.now, whole, {kg, p_.n_components}, Origin::tank, {&all, 1}});
    if (observer_ && !first) observer_->lot_mixed(s_.now, node, whole, l, l.mass / whole.mass, {kg, p_.n_components}, masses_of(lot));
    if (whole.mass > spec.capacity_kg) {
      const double share = 1 - spec.capacity_kg / whole.mass;
      for (std::size_t c = 0; c < p_.n_components; ++c) stays[c] -= kg[c] * share;
      let_out(tank, whole, kg, share);
      weigh_tank(tank);
    }
  }
  end_lot(lot, node);
}

/// A share of what comes, or of what is there, leaves the plant.
void Engine::let_out(Index tank, Lot& from, double* kg, double share) {
  const Tank& spec = p_.tanks[tank];
  Lot part = from;
  part.id = part_of_tank(tank, from.id);
  part.mass = from.mass * share;
  from.mass -= part.mass;
  drawn_kg_.resize(p_.n_components);
  SinkAccount& account = s_.accounts.sinks[spec.to];
  double* const sink_kg = s_.accounts.sink_kg.data() + static_cast<std::size_t>(spec.to) * p_.n_components;
  for (std::size_t c = 0; c < p_.n_components; ++c) {
    drawn_kg_[c] = kg[c] * share;
    kg[c] -= drawn_kg_[c];
    sink_kg[c] += drawn_kg_[c];
  }
  s_.accounts.tanks[tank].bled_kg += part.mass;
  ++account.lots;
  account.kg += part.mass;
  if (const Specification* must = p_.sinks[spec.to].specification.get(); must != nullptr && !must->met(drawn_kg_)) {
    ++account.off_spec;
    account.off_spec_kg += part.mass;
  }
  if (!observer_) return;
  const Ancestor whole{from.id, 1};
  observer_->lot_made({s_.now, part, drawn_kg_, Origin::split, {&whole, 1}, {}, none, share});
  observer_->lot_ended(s_.now, part, p_.sink_node(spec.to), drawn_kg_);
}

// --- what jobs draw --------------------------------------------------------------------------------------------------------------

void Engine::supply_job() {
  for (Index tank = 0; tank < p_.tanks.size(); ++tank)
    job_.add_supply(static_cast<int>(p_.tanks[tank].flow), p_.tanks[tank].component, tank_kg_of(tank));
}

/// Takes out of the tanks what the job has drawn.
void Engine::draw_supplies(Index station) {
  drawn_.clear();
  drawn_kg_.clear();
  const std::vector<Job::Supply>& supplies = job_.supplies();
  for (const Job::Supply& supply : supplies) s_.accounts.tanks[static_cast<std::size_t>(&supply - supplies.data())].fresh_kg += supply.fresh_kg;
  const auto drawn = std::count_if(supplies.begin(), supplies.end(), [](const Job::Supply& s) { return s.input >= 0; });
  for (std::ptrdiff_t n = 0; n < drawn; ++n) {
    const auto input = job_.inputs() + static_cast<int>(n);
    const auto supply = std::find_if(supplies.begin(), supplies.end(), [&](const Job::Supply& s) { return s.input == input; });
    const auto tank = static_cast<Index>(supply - supplies.begin());
    change_tank(tank);
    Lot part = tank_lot(tank);
    part.id = part_of_tank(tank, part.id);
    part.mass = 0;
    double* const kg = tank_kg_of(tank);
    for (std::size_t c = 0; c < p_.n_components; ++c) {
      const double gone = kg[c] * supply->gone;
      drawn_kg_.push_back(gone);
      kg[c] -= gone;
      part.mass += gone;
    }
    s_.accounts.tanks[tank].drawn_kg += drawn_kg_[drawn_kg_.size() - p_.n_components + static_cast<std::size_t>(supply->component)];
    weigh_tank(tank);
    drawn_.push_back(part);
    if (!observer_) continue;
    const Ancestor whole{s_.tanks[tank].lot, 1};
    const std::span<const double> masses(drawn_kg_.data() + drawn_kg_.size() - p_.n_components, p_.n_components);
    observer_->lot_made({s_.now, part, masses, Origin::split, {&whole, 1}, {}, station, supply->gone});
    JobRecord& record = observer_->record_;
    record.inputs.push_back({part.id, part.id, part.kind, part.source, part.mass, true});
    record.attributes.insert(record.attributes.end(), p_.blank.begin(), p_.blank.begin() + static_cast<std::ptrdiff_t>(n_attributes_));
    record.input_kg.insert(record.input_kg.end(), masses.begin(), masses.end());
  }
}

/// The job has used them up.
void Engine::end_drawn(Index station) {
  for (std::size_t k = 0; k < drawn_.size() && observer_; ++k)
    observer_->lot_ended(s_.now, drawn_[k], station, {drawn_kg_.data() + k * p_.n_components, p_.n_components});
  drawn_.clear();
}

}  // namespace retwin
