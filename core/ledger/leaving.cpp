// Follows identities: one that is used up may come back, as a parent does of whom all parts are put together again.
#include "core/ledger/leaving.hpp"

#include <cmath>

#include "core/ledger/whereabouts.hpp"

namespace retwin {

LeavingCollector::LeavingCollector(const Plant& plant, const State& begin) : stations_(plant.n_stations()) {
  if (begin.live_lots == 0 && begin.now == 0)
    for (const InitialLots& initial : plant.initial)
      for (Index ordinal = 0; ordinal < initial.count; ++ordinal) add(identity(initial.stream, ordinal), initial.kind, initial.station);
  std::vector<Index> at(begin.lots.size(), none);
  for (Index k = 0; k < plant.n_stations(); ++k)
    for (Index lot = begin.stations[k].line.head; lot != none; lot = begin.lots[lot].wait_next) at[lot] = k;
  each_lot(plant, begin, [&](Index lot, Index station) { at[lot] = station; });
  for (Index k = 0; k < begin.lots.size(); ++k) {
    const Lot& lot = begin.lots[k];
    if (lot.id != 0 && !stands_for_step(lot, k) && !is_offer(begin, lot)) add(lot.id, lot.kind, at[k]);
  }
}

void LeavingCollector::add(std::uint64_t id, Index kind, Index station) {
  if (!number_.emplace(id, there_.size()).second) return;
  there_.push_back({id, kind, station});
  departures_.emplace_back();
  ++here_;
}

void LeavingCollector::lot_made(const Birth& birth) {
  const auto found = number_.find(birth.lot.id);
  if (found != number_.end()) departures_[found->second] = {};
}

void LeavingCollector::lot_ended(double now, const Lot& lot, Index node, std::span<const double>) {
  const auto found = number_.find(lot.id);
  if (found == number_.end() || !std::isnan(departures_[found->second].at_s)) return;
  departures_[found->second] = {now, node};
  if (node >= stations_) --here_;
}

}  // namespace retwin
