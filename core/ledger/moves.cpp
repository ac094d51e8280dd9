// Collecting moves: who is where follows from what is told, as in series.cpp.
#include "core/ledger/moves.hpp"

#include <cmath>
#include <limits>

#include "core/ledger/whereabouts.hpp"

namespace retwin {
namespace {

void put(std::string& out, std::uint64_t value) {
  for (; value >= 128; value >>= 7) out += static_cast<char>(value | 128);
  out += static_cast<char>(value);
}

double sum(std::span<const double> kg) {
  double all = 0;
  for (const double one : kg) all += one;
  return all;
}

}  // namespace

MovesCollector::MovesCollector(const Plant& plant, const State& state, double from_s, double until_s, double flows_from_s, std::uint64_t most)
    : stations_(plant.n_stations()), sinks_(static_cast<Index>(plant.sinks.size())), flows_from_s_(flows_from_s), most_(most),
      servers_(plant.stations.size() * n_server_states), seen_(state.servers.size(), true) {
  moves_.begin_s = from_s;
  moves_.end_s = until_s;
  for (std::size_t v = 0; v < state.servers.size(); ++v) ++servers_[state.server_station[v] * n_server_states + static_cast<std::size_t>(state.servers[v].shown)];
  each_lot(plant, state, [&](Index lot, Index station) { lots_[state.lots[lot].id] = {station, false, state.lots[lot].kind, state.lots[lot].mass, unnumbered}; });
  for (Index k = 0; k < plant.n_stations(); ++k)
    for (Index lot = state.stations[k].queue.head; lot != none; lot = state.lots[lot].next) lots_[state.lots[lot].id].queued = true;
}

/// Whether what happens now is told of; before the first of it, everybody's place is.
bool MovesCollector::told(double now) {
  if (now < moves_.begin_s || now >= moves_.end_s) return false;
  if (!opened_) open();
  if (moves_.n_places < most_) return true;
  moves_.end_s = now;
  return false;
}

void MovesCollector::open() {
  opened_ = true;
  moves_.servers = servers_;
  std::map<std::uint64_t, Known*> in_order;
  for (auto& [id, lot] : lots_)
    if (lot.node < stations_) in_order.emplace(id, &lot);
  for (const auto& [id, lot] : in_order) tell_place(moves_.begin_s, id, *lot, 1 + 2 * std::uint64_t{lot->node} + (lot->queued ? 0 : 1));
}

std::uint32_t MovesCollector::number(std::uint64_t id, Known& lot) {
  if (lot.number == unnumbered) {
    lot.number = static_cast<std::uint32_t>(moves_.lots.size());
    moves_.lots.push_back({id, lot.kind, lot.kg, {}});
  }
  return lot.number;
}

void MovesCollector::tell_place(double now, std::uint64_t id, Known& lot, std::uint64_t what) {
  const auto ticks = static_cast<std::uint64_t>((now - moves_.begin_s) / Moves::tick_s);
  put(moves_.places, ticks - last_place_);
  put(moves_.places, number(id, lot));
  put(moves_.places, what);
  last_place_ = ticks;
  ++moves_.n_places;
}

void MovesCollector::move(double now, Known& lot, Index node, double kg) {
  if (now >= flows_from_s_ && lot.node != none) {
    Moves::Flow& flow = flows_[{lot.node, node}];
    ++flow.lots;
    flow.kg += kg;
  }
  lot.node = node;
  lot.kg = kg;
}

void MovesCollector::lot_made(const Birth& birth) {
  if (birth.origin == Origin::tank) return;
  const bool tells = told(birth.now);
  const bool inside = birth.station != none && birth.origin != Origin::step;  // what stands for a step enters by itself
  Known& lot = lots_[birth.lot.id];
  lot = {inside ? birth.station : birth.origin == Origin::source ? stations_ + sinks_ + birth.lot.source : none, false, birth.lot.kind, sum(birth.kg), unnumbered};
  if (!tells || !inside) return;
  tell_place(birth.now, birth.lot.id, lot, 2 + 2 * std::uint64_t{lot.node});
  for (const Ancestor& ancestor : birth.ancestors.first(std::min(birth.ancestors.size(), Moves::most_ancestors)))
    if (const auto found = lots_.find(ancestor.lot); found != lots_.end() && found->second.number != unnumbered)
      moves_.lots[lot.number].ancestors.push_back(found->second.number);
}

void MovesCollector::lot_entered(double now, Index station, const Lot& entered) {
  const bool tells = told(now);
  Known& lot = lots_[entered.id];
  lot.kind = entered.kind;
  lot.queued = true;
  move(now, lot, station, entered.mass);
  if (tells) tell_place(now, entered.id, lot, 1 + 2 * std::uint64_t{station});
}

void MovesCollector::lot_ended(double now, const Lot& ended, Index node, std::span<const double> kg) {
  const bool tells = told(now);
  const auto found = lots_.find(ended.id);
  if (found == lots_.end()) return;
  Known lot = found->second;
  const bool at_sink = node >= stations_ && node < stations_ + sinks_;
  const bool was_inside = lot.node < stations_;
  if (at_sink) move(now, lot, node, sum(kg));
  if (tells && (at_sink || was_inside)) {
    if (at_sink) tell_place(now, ended.id, lot, 1 + 2 * std::uint64_t{node});
    tell_place(now, ended.id, lot, 0);
  }
  lots_.erase(found);
}

void MovesCollector::job_started(const JobRecord& job) {
  const bool tells = told(job.now);
  for (const JobLot& input : job.inputs) {
    Known& lot = lots_[input.id];
    if (lot.node != job.station) move(job.now, lot, job.station, input.kg);  // in service from the start
    lot.queued = false;
    if (tells) tell_place(job.now, input.id, lot, 2 + 2 * std::uint64_t{job.station});
  }
}

void MovesCollector::state_changed(double now, Index station, Index server, ServerState from, ServerState to) {
  const bool tells = told(now);
  if (server >= seen_.size()) seen_.resize(server + std::size_t{1});
  double* const of = servers_.data() + station * n_server_states;
  const bool was = seen_[server];
  if (was) --of[static_cast<std::size_t>(from)];
  seen_[server] = true;
  ++of[static_cast<std::size_t>(to)];
  if (!tells) return;
  const auto ticks = static_cast<std::uint64_t>((now - moves_.begin_s) / Moves::tick_s);
  put(moves_.states, ticks - last_state_);
  put(moves_.states, station);
  put(moves_.states, (was ? static_cast<std::uint64_t>(from) : n_server_states) * n_server_states + static_cast<std::uint64_t>(to));
  last_state_ = ticks;
  ++moves_.n_states;
}

Moves MovesCollector::take() {
  if (!opened_) open();
  for (const auto& [ends, flow] : flows_) moves_.flows.push_back({ends.first, ends.second, flow.lots, flow.kg});
  return std::move(moves_);
}

}  // namespace retwin
