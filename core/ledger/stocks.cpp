// Asks for all lots at a time.
#include "core/ledger/stocks.hpp"

#include <algorithm>
#include <cmath>

#include "core/ledger/whereabouts.hpp"

namespace retwin {
namespace {

double following(double now, double clock0_s, double every_s) { return (std::floor((now + clock0_s) / every_s + 1e-9) + 1) * every_s - clock0_s; }

bool counts(const Stock& stock, Index station) {
  return stock.stations.empty() || std::find(stock.stations.begin(), stock.stations.end(), station) != stock.stations.end();
}
const std::string& group_of(const Station& station) {
  static const std::string none_said = "plant";
  return station.group.empty() ? none_said : station.group;
}

}  // namespace

std::vector<std::string> stock_groups(const Plant& plant, const Stock& stock) {
  std::vector<std::string> groups{""};
  for (Index k = 0; k < plant.n_stations(); ++k)
    if (counts(stock, k) && std::find(groups.begin() + 1, groups.end(), group_of(plant.stations[k])) == groups.end()) groups.push_back(group_of(plant.stations[k]));
  return groups;
}

StockMeter::StockMeter(const Plant& plant, const std::vector<Stock>& stocks, double now) : stocks_(&stocks), clock0_s_(plant.clock0_s) {
  for (const Stock& stock : stocks) {
    const std::vector<std::string> groups = stock_groups(plant, stock);
    std::vector<std::size_t>& of = group_of_.emplace_back();
    for (Index k = 0; k < plant.n_stations(); ++k)
      of.push_back(counts(stock, k) ? static_cast<std::size_t>(std::find(groups.begin() + 1, groups.end(), group_of(plant.stations[k])) - groups.begin()) : 0);
    next_.push_back(following(now, clock0_s_, stock.every_s));
    readings_.push_back({std::vector<std::vector<double>>(groups.size()), 0});
  }
}

double StockMeter::next_s() const { return next_.empty() ? std::numeric_limits<double>::infinity() : *std::min_element(next_.begin(), next_.end()); }

void StockMeter::read(const Plant& plant, const State& state) {
  for (std::size_t k = 0; k < stocks_->size(); ++k) {
    if (state.now < next_[k]) continue;
    read(k, plant, state);
    next_[k] = following(state.now, clock0_s_, (*stocks_)[k].every_s);
  }
}

void StockMeter::read(std::size_t number, const Plant& plant, const State& state) {
  const Stock& stock = (*stocks_)[number];
  StockReadings& out = readings_[number];
  std::vector<double> sums(out.levels.size());
  slots_.resize(static_cast<std::size_t>(n_builtins) + plant.attributes.size());
  const auto amount = [&](Index lot) {
    const Lot& l = state.lots[lot];
    double sum = 0;
    for (std::size_t c = 0; c < stock.per_kg.size(); ++c) sum += stock.per_kg[c] == 0 ? 0 : stock.per_kg[c] * state.kg[lot * stock.per_kg.size() + c];
    if (!stock.of) return sum;
    slots_[static_cast<std::size_t>(Builtin::mass)] = l.mass;
    slots_[static_cast<std::size_t>(Builtin::count)] = 1;
    slots_[static_cast<std::size_t>(Builtin::age)] = state.now - l.born;
    slots_[static_cast<std::size_t>(Builtin::kind)] = l.kind;
    std::copy_n(state.attributes.begin() + static_cast<std::ptrdiff_t>(lot * plant.attributes.size()), plant.attributes.size(), slots_.begin() + n_builtins);
    return (*stock.of)(slots_.data());
  };
  const auto count = [&](Index lot, Index station) {
    if (group_of_[number][station] == 0 || stands_for_step(state.lots[lot], lot)) return;
    const double here = amount(lot);
    if (!std::isfinite(here)) return;
    sums[0] += here;
    sums[group_of_[number][station]] += here;
    out.largest_lot = std::max(out.largest_lot, here);
  };
  each_lot(plant, state, count);
  for (std::size_t g = 0; g < sums.size(); ++g) out.levels[g].push_back(sums[g]);
}

}  // namespace retwin
