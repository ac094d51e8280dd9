// One column for each scope that has a factor, and each group of stations; or one for each activity.
#include "core/ledger/totals.hpp"

#include <algorithm>

#include "core/base/problem.hpp"
#include "core/ledger/rules_and_prices.hpp"

namespace retwin {
namespace {

constexpr int credit = 4;
int scope_of(const Factor& factor) { return factor.credit() ? credit : std::clamp(factor.scope, 1, 3); }

std::size_t n_places(const Plant& plant, const Reporting& reporting) {
  return Totals::place_of_auxiliary(plant, static_cast<Index>(reporting.auxiliaries.size()));
}

/// Of a sink: that of all stations that fill it, if they are of one.
std::string group_of_sink(const Plant& plant, Index sink) {
  const std::string* group = nullptr;
  for (const Station& station : plant.stations)
    for (const Route& route : station.routes)
      for (const RouteOption& option : route.options) {
        if (option.target != plant.sink_node(sink)) continue;
        if (group != nullptr && *group != station.group) return "";
        group = &station.group;
      }
  return group == nullptr ? "" : *group;
}

}  // namespace

Totals::Totals(const Plant& plant, const Reporting& reporting, Measure of, const std::vector<std::string>& paid)
    : flows_(plant.flows.size() + paid.size()), paid_(paid), uses_(n_places(plant, reporting) * flows_) {
  of == Measure::money ? of_money(plant, reporting) : of_emissions(plant, reporting);
}

std::size_t Totals::paid(const std::string& price) const {
  const auto found = std::find(paid_.begin(), paid_.end(), price);
  if (found == paid_.end())
    refuse(Code::missing, "ledger", "the ledger was written without the price " + price, "write it again, with `retwin run ... --ledger FILE`");
  return static_cast<std::size_t>(found - paid_.begin());
}

void Totals::of_money(const Plant& plant, const Reporting& reporting) {
  names_ = {"flows", "people", "lots", "revenue"};
  scopes_ = {bought, people, lots, 0};
  for (const PriceLine& line : reporting.accounts->prices) {
    if (line.of == PriceLine::Of::fixed) continue;
    const int scope = line.of == PriceLine::Of::flow ? bought : line.of == PriceLine::Of::labour ? people : lots;
    const std::size_t column = line.revenue ? 3 : static_cast<std::size_t>(scope) - 1;
    const std::size_t flow = scope == bought ? line.index : plant.flows.size() + paid(line.name);
    for (std::size_t place = 0; place < n_places(plant, reporting); ++place) uses_[place * flows_ + flow].emplace_back(column, line.per_lot != 0 ? line.per_lot : line.per_unit);
  }
}

void Totals::of_emissions(const Plant& plant, const Reporting& reporting) {
  std::vector<int> scopes;
  for (const Factor& factor : reporting.factors) scopes.push_back(scope_of(factor));
  if (scopes.empty()) scopes.push_back(1);
  std::sort(scopes.begin(), scopes.end());
  scopes.erase(std::unique(scopes.begin(), scopes.end()), scopes.end());
  std::vector<std::string> groups, of_place;
  for (Index k = 0; k < n_places(plant, reporting); ++k) {
    of_place.push_back(stage_of(plant, reporting, k));
    if (std::find(groups.begin(), groups.end(), of_place.back()) == groups.end()) groups.push_back(of_place.back());
  }
  const std::size_t stages = std::min(groups.size(), most_totals / scopes.size());
  for (const int scope : scopes)
    for (std::size_t k = 0; k < stages; ++k) {
      const std::string stage = k + 1 == stages && groups.size() > stages ? "other" : groups[k].empty() ? "plant" : groups[k];
      names_.push_back((scope == credit ? "credit." : "scope" + std::to_string(scope) + ".") + stage);
      scopes_.push_back(scope == credit ? 0 : scope);
    }
  for (std::size_t k = 0; k < n_places(plant, reporting); ++k) {
    const auto group = static_cast<std::size_t>(std::find(groups.begin(), groups.end(), of_place[k]) - groups.begin());
    for (const Factor& factor : reporting.factors) {
      const auto scope = static_cast<std::size_t>(std::find(scopes.begin(), scopes.end(), scope_of(factor)) - scopes.begin());
      uses_[k * flows_ + factor.flow].emplace_back(scope * stages + std::min(group, stages - 1), factor.kgCO2e_per_unit);
    }
  }
}

Totals::Totals(const Plant& plant, const Reporting& reporting, std::span<const Activity> activities, std::size_t paid)
    : flows_(plant.flows.size() + paid), scopes_(activities.size(), 1), uses_(n_places(plant, reporting) * flows_) {
  for (const Activity& activity : activities) {
    uses_[activity.place * flows_ + activity.flow].emplace_back(names_.size(), activity.per_unit);
    names_.push_back(name_of(plant, reporting, activity.place) + "." + plant.flows[activity.flow].name);
  }
}

std::string Totals::stage_of(const Plant& plant, const Reporting& reporting, Index place) {
  const Index sources = plant.source_node(0), auxiliaries = place_of_auxiliary(plant, 0);
  if (place >= auxiliaries) return reporting.auxiliaries[place - auxiliaries].group;
  if (place < plant.n_stations()) return plant.stations[place].group;
  if (place < sources) return group_of_sink(plant, place - plant.n_stations());
  for (const Passing& passing : reporting.passing)
    if (passing.source && passing.node == place - sources) return passing.group;
  return "";
}

std::string Totals::name_of(const Plant& plant, const Reporting& reporting, Index place) {
  const Index sources = plant.source_node(0), auxiliaries = place_of_auxiliary(plant, 0);
  return place < plant.n_stations() ? plant.stations[place].name
         : place < sources          ? plant.sinks[place - plant.n_stations()].name
         : place < auxiliaries      ? plant.sources[place - sources].name
                                    : reporting.auxiliaries[place - auxiliaries].name;
}

std::vector<Activity> Totals::activities(const Plant& plant, const Reporting& reporting) {
  std::vector<double> per_unit(plant.flows.size());
  for (const Factor& factor : reporting.factors)
    if (!factor.credit()) per_unit[factor.flow] += factor.kgCO2e_per_unit;
  std::vector<Activity> all;
  for (Index place = 0; place < n_places(plant, reporting); ++place)
    for (Index flow = 0; flow < plant.flows.size(); ++flow)
      if (per_unit[flow] != 0) all.push_back({place, flow, per_unit[flow]});
  return all;
}

}  // namespace retwin
