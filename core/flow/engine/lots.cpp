// Lots: their places in the state, and how they leave the plant.
#include <algorithm>

#include "core/flow/engine/engine.hpp"

namespace retwin {

Index Engine::new_lot() {
  Index lot;
  if (s_.free_lot != none) {
    lot = s_.free_lot;
    s_.free_lot = s_.lots[lot].next;
    s_.lots[lot] = Lot{};
  } else {
    if (s_.lots.size() >= p_.limits.lots) too_many_lots();
    lot = static_cast<Index>(s_.lots.size());
    s_.lots.emplace_back();
    s_.attributes.resize(s_.attributes.size() + n_attributes_);
    s_.kg.resize(s_.kg.size() + p_.n_components);
    s_.steps.resize(s_.steps.size() + p_.most_steps);
    if (p_.patience) s_.patience.push_back(0);
  }
  if (n_attributes_ > 0) std::copy_n(p_.blank.begin(), n_attributes_, attributes_of(lot));
  if (p_.n_components > 0) std::fill_n(kg_of(lot), p_.n_components, 0.0);
  ++s_.live_lots;
  return lot;
}

void Engine::free_lot(Index lot) {
  s_.lots[lot].id = 0;
  s_.lots[lot].next = s_.free_lot;
  s_.free_lot = lot;
  --s_.live_lots;
}

double Engine::mass_of(Index lot) const {
  double sum = 0;
  for (std::size_t c = 0; c < p_.n_components; ++c) sum += kg_of(lot)[c];
  return sum;
}

void Engine::leave(Index lot, Index sink) {
  const Lot& l = s_.lots[lot];
  if (stands_for_step(lot)) [[unlikely]] {
    end_step_lot(lot, p_.sink_node(sink));
    return;
  }
  SinkAccount& account = s_.accounts.sinks[sink];
  const double stay = s_.now - l.born;
  const Index tank = p_.sinks[sink].tank;
  ++account.lots;
  if (tank == none) account.kg += l.mass;
  account.cycle_time.add(stay);
  s_.accounts.cycle_time[sink].add(stay);
  if (p_.due_slot >= 0) [[unlikely]] count_due(lot, sink);
  if (const Specification* spec = p_.sinks[sink].specification.get(); spec != nullptr && !spec->met(masses_of(lot))) [[unlikely]] {
    ++account.off_spec;
    account.off_spec_kg += l.mass;
  }
  SourceAccount& source = s_.accounts.sources[l.source];
  ++source.left;
  source.cycle_time.add(stay);
  source.waiting.add(l.waited);
  if (tank != none) [[unlikely]] {
    fill_tank(lot, tank);
    return;
  }
  for (std::size_t c = 0; c < p_.n_components; ++c) s_.accounts.sink_kg[sink * p_.n_components + c] += kg_of(lot)[c];
  end_lot(lot, p_.sink_node(sink));
}

void Engine::count_due(Index lot, Index sink) {
  const double due_s = attributes_of(lot)[p_.due_slot];
  if (due_s > 0) s_.accounts.sinks[sink].due.add(s_.now - s_.lots[lot].born - due_s);
}

void Engine::end_lot(Index lot, Index where) {
  if (stands_for_step(lot)) [[unlikely]] {
    end_step_lot(lot, where);
    return;
  }
  if (observer_) observer_->lot_ended(s_.now, s_.lots[lot], where, masses_of(lot));
  s_.accounts.wip.add(s_.now, -1);
  s_.accounts.wip_cycle_sum += s_.now - s_.lots[lot].born;
  free_lot(lot);
}

void Engine::log_active(Server& server, Index station) {
  if (s_.activity.size() < 4'000'000) s_.activity.push_back({server.active_since, s_.now, station, 0});
}

}  // namespace retwin
