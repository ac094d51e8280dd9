// Asks for all lots at a time.
#include "core/ledger/stocks.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/problem.hpp"
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
  std::vector<std::size_t> components, attributes;
  for (std::size_t c = 0; c < stock.per_kg.size(); ++c)
    if (stock.per_kg[c] != 0) components.push_back(c);
  if (stock.of)
    for (const int slot : stock.of->slots())
      if (slot >= n_builtins) attributes.push_back(static_cast<std::size_t>(slot - n_builtins));
  const auto amount = [&](Index lot) {
    const Lot& l = state.lots[lot];
    double sum = 0;
    for (const std::size_t c : components) sum += stock.per_kg[c] * state.kg[lot * stock.per_kg.size() + c];
    if (!stock.of) return sum;
    slots_[static_cast<std::size_t>(Builtin::mass)] = l.mass;
    slots_[static_cast<std::size_t>(Builtin::count)] = 1;
    slots_[static_cast<std::size_t>(Builtin::contents)] = plant.contents_slot < 0 ? 0 : state.attributes[lot * plant.attributes.size() + static_cast<std::size_t>(plant.contents_slot)];
    slots_[static_cast<std::size_t>(Builtin::age)] = state.now - l.born;
    slots_[static_cast<std::size_t>(Builtin::kind)] = l.kind;
    for (const std::size_t a : attributes) slots_[static_cast<std::size_t>(n_builtins) + a] = state.attributes[lot * plant.attributes.size() + a];
    return (*stock.of)(slots_.data());
  };
  const auto count = [&](Index lot, Index station) {
    if (group_of_[number][station] == 0 || stands_for_step(state.lots[lot], lot)) return;
    const double here = amount(lot);
    if (!std::isfinite(here))
      throw RunError("stocks." + stock.name + ": what a " + plant.kinds[state.lots[lot].kind].name + " carries is not a finite number", state.now, plant.stations[station].name);
    sums[0] += here;
    sums[group_of_[number][station]] += here;
    out.largest_lot = std::max(out.largest_lot, here);
  };
  each_lot(plant, state, count);
  for (std::size_t g = 0; g < sums.size(); ++g) out.levels[g].push_back(sums[g]);
}

}  // namespace retwin
