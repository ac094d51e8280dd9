// Follows identities: one that is used up may come back, as a parent does of whom all parts are put together again.
#include "core/ledger/leaving.hpp"

#include <cmath>

namespace retwin {

LeavingCollector::LeavingCollector(const Plant& plant, const State& begin) : stations_(plant.n_stations()) {
  if (begin.live_lots == 0 && begin.now == 0)
    for (const InitialLots& initial : plant.initial)
      for (Index ordinal = 0; ordinal < initial.count; ++ordinal) add(identity(initial.stream, ordinal), initial.kind, initial.station);
  std::vector<Index> at(begin.lots.size(), none);
  const auto walk = [&](Index lot, Index station) {
    for (; lot != none; lot = begin.lots[lot].next) at[lot] = station;
  };
  for (Index k = 0; k < plant.n_stations(); ++k) {
    walk(begin.stations[k].queue.head, k);
    for (Index lot = begin.stations[k].line.head; lot != none; lot = begin.lots[lot].wait_next) at[lot] = k;
  }
  for (Index v = 0; v < begin.servers.size(); ++v) {
    const Index station = begin.server_station[v];
    Index lot = begin.servers[v].job;
    for (Index n = 0; lot != none && n < begin.servers[v].jobs_lots; ++n, lot = begin.lots[lot].next) at[lot] = station;
    for (std::size_t port = 0; port < plant.stations[station].ports.size(); ++port) walk(begin.outputs[begin.server_port[v] + port].head, station);
  }
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
