// One column for each scope that has a factor, and each group of stations.
#include "core/ledger/totals.hpp"

#include <algorithm>

namespace retwin {

Totals::Totals(const Plant& plant, const Reporting& reporting) : factors_(plant.flows.size()) {
  constexpr int credit = 4;
  for (int scope = 1; scope <= credit; ++scope)
    for (const Factor& factor : reporting.factors)
      if ((factor.credit() ? credit : std::clamp(factor.scope, 1, 3)) == scope) {
        if (scopes_.empty() || scopes_.back() != scope) scopes_.push_back(scope);
        factors_[factor.flow].emplace_back(scopes_.size() - 1, factor.kgCO2e_per_unit);
      }
  if (scopes_.empty()) scopes_.push_back(1);
  scopes_counted_ = static_cast<int>(scopes_.size()) - (scopes_.back() == credit ? 1 : 0);
  std::vector<std::string> groups;
  const auto note = [&](const std::string& group) {
    if (std::find(groups.begin(), groups.end(), group) == groups.end()) groups.push_back(group);
  };
  for (const Station& station : plant.stations) note(station.group);
  for (const Auxiliary& auxiliary : reporting.auxiliaries) note(auxiliary.group);
  if (groups.empty()) note("");
  stages_ = std::min(groups.size(), most_totals / scopes_.size());
  const auto stage_of = [&](const std::string& group) {
    return std::min(static_cast<std::size_t>(std::find(groups.begin(), groups.end(), group) - groups.begin()), stages_ - 1);
  };
  for (const Station& station : plant.stations) stage_.push_back(stage_of(station.group));
  for (const std::string& group : groups) stage_.push_back(stage_of(group));
  stage_names_ = groups;
  for (const int scope : scopes_)
    for (std::size_t k = 0; k < stages_; ++k) {
      const std::string stage = k + 1 == stages_ && groups.size() > stages_ ? "other" : groups[k].empty() ? "plant" : groups[k];
      names_.push_back((scope == credit ? "credit." : "scope" + std::to_string(scope) + ".") + stage);
      counts_.push_back(scope != credit);
    }
}

Totals Totals::of_flow(const Plant& plant, Index flow) {
  Totals totals;
  totals.factors_.resize(plant.flows.size());
  totals.factors_[flow].emplace_back(0, 1.0);
  totals.stage_.assign(plant.n_stations() + 1, 0);
  totals.stage_names_ = {""};
  totals.scopes_ = {1};
  totals.scopes_counted_ = 1;
  totals.names_ = {plant.flows[flow].name};
  totals.counts_ = {true};
  return totals;
}

Index Totals::place_of_group(const std::string& group) const {
  const auto found = std::find(stage_names_.begin(), stage_names_.end(), group);
  return static_cast<Index>(stage_.size() - stage_names_.size() + static_cast<std::size_t>(found - stage_names_.begin()));
}

}  // namespace retwin
