// One column for each scope that has a factor, and each group of stations; or one for each activity.
#include "core/ledger/totals.hpp"

#include <algorithm>

namespace retwin {
namespace {

constexpr int credit = 4;
int scope_of(const Factor& factor) { return factor.credit() ? credit : std::clamp(factor.scope, 1, 3); }

std::size_t places(const Plant& plant, const Reporting& reporting) { return plant.stations.size() + reporting.auxiliaries.size(); }
const std::string& group_of(const Plant& plant, const Reporting& reporting, std::size_t place) {
  return place < plant.stations.size() ? plant.stations[place].group : reporting.auxiliaries[place - plant.stations.size()].group;
}

}  // namespace

Totals::Totals(const Plant& plant, const Reporting& reporting)
    : flows_(plant.flows.size()), uses_(places(plant, reporting) * plant.flows.size()) {
  std::vector<int> scopes;
  for (const Factor& factor : reporting.factors) scopes.push_back(scope_of(factor));
  if (scopes.empty()) scopes.push_back(1);
  std::sort(scopes.begin(), scopes.end());
  scopes.erase(std::unique(scopes.begin(), scopes.end()), scopes.end());
  std::vector<std::string> groups;
  for (std::size_t k = 0; k < places(plant, reporting); ++k)
    if (const std::string& group = group_of(plant, reporting, k); std::find(groups.begin(), groups.end(), group) == groups.end())
      groups.push_back(group);
  const std::size_t stages = std::min(groups.size(), most_totals / scopes.size());
  for (const int scope : scopes)
    for (std::size_t k = 0; k < stages; ++k) {
      const std::string stage = k + 1 == stages && groups.size() > stages ? "other" : groups[k].empty() ? "plant" : groups[k];
      names_.push_back((scope == credit ? "credit." : "scope" + std::to_string(scope) + ".") + stage);
      scopes_.push_back(scope == credit ? 0 : scope);
    }
  for (std::size_t k = 0; k < places(plant, reporting); ++k) {
    const auto group = static_cast<std::size_t>(std::find(groups.begin(), groups.end(), group_of(plant, reporting, k)) - groups.begin());
    for (const Factor& factor : reporting.factors) {
      const auto scope = static_cast<std::size_t>(std::find(scopes.begin(), scopes.end(), scope_of(factor)) - scopes.begin());
      uses_[k * flows_ + factor.flow].emplace_back(scope * stages + std::min(group, stages - 1), factor.kgCO2e_per_unit);
    }
  }
}

Totals::Totals(const Plant& plant, const Reporting& reporting, std::span<const Activity> activities)
    : flows_(plant.flows.size()), scopes_(activities.size(), 1), uses_(places(plant, reporting) * plant.flows.size()) {
  for (const Activity& activity : activities) {
    const bool station = activity.place < plant.stations.size();
    const std::string& place = station ? plant.stations[activity.place].name : reporting.auxiliaries[activity.place - plant.stations.size()].name;
    uses_[activity.place * flows_ + activity.flow].emplace_back(names_.size(), activity.per_unit);
    names_.push_back(place + "." + plant.flows[activity.flow].name);
  }
}

std::vector<Activity> Totals::activities(const Plant& plant, const Reporting& reporting) {
  std::vector<double> per_unit(plant.flows.size());
  for (const Factor& factor : reporting.factors)
    if (!factor.credit()) per_unit[factor.flow] += factor.kgCO2e_per_unit;
  std::vector<Activity> all;
  for (Index place = 0; place < places(plant, reporting); ++place)
    for (Index flow = 0; flow < plant.flows.size(); ++flow)
      if (per_unit[flow] != 0) all.push_back({place, flow, per_unit[flow]});
  return all;
}

}  // namespace retwin
