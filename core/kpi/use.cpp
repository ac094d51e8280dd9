// Sums up uses by group.
#include "core/kpi/use.hpp"

#include <algorithm>

#include "core/base/units.hpp"

namespace retwin {
namespace {

double amount_of(const Window& w, const Passing& passing, const Passing::Rate& rate) {
  const auto lots = [&](const Reading& r) {
    if (!passing.source) return static_cast<double>(r.accounts.sinks[passing.node].lots);
    return static_cast<double>(r.accounts.sources[passing.node].made - r.accounts.sources[passing.node].lost);
  };
  return Passing::amount(rate, w.plant(), w.change(lots),
                         [&](std::size_t c) { return passing.source ? w.source_kg(passing.node, c) : w.sink_kg(passing.node, c); });
}

}  // namespace

std::map<std::string, double> filled_by(const Window& w, Index sink, int element) {
  const Plant& plant = w.plant();
  std::map<std::string, double> out;
  double all = 0;
  for (Index k = 0; k < plant.n_stations(); ++k) {
    const Station& station = plant.stations[k];
    for (std::size_t port = 0; port < station.routes.size(); ++port) {
      const auto& options = station.routes[port].options;
      if (std::none_of(options.begin(), options.end(), [&](const RouteOption& o) { return o.target == plant.sink_node(sink); })) continue;
      const double part = plant.n_components == 0 ? 1 : Passing::amount({0, 1, 0, element}, plant, 0, [&](std::size_t c) { return w.port_kg(k, port, c); });
      out[station.group] += part;
      all += part;
    }
  }
  for (auto& [group, part] : out) part = all > 0 ? part / all : 1.0 / static_cast<double>(out.size());
  if (out.empty()) out[""] = 1;
  return out;
}

Groups use_by_group(const KpiInput& in) {
  const Plant& plant = in.window.plant();
  const double T = in.window.length_s();
  Groups groups;
  const auto of = [&](const std::string& name) -> Use& { return groups.try_emplace(name, plant.flows.size()).first->second; };
  for (Index k = 0; k < plant.n_stations(); ++k) {
    Use& use = of(plant.stations[k].group);
    for (Index f = 0; f < plant.flows.size(); ++f) use.add(f, in.window.used(k, f));
  }
  for (const Auxiliary& auxiliary : in.reporting.auxiliaries) {
    Use& use = of(auxiliary.group);
    use.add(plant.electricity, auxiliary.power_W * T, auxiliary.estimate);
    for (const auto& [flow, per_s] : auxiliary.consumes) use.add(flow, per_s * T, auxiliary.estimate);
  }
  for (const Passing& passing : in.reporting.passing)
    for (const Passing::Rate& rate : passing.rates) {
      const double amount = amount_of(in.window, passing, rate);
      const auto shares = passing.source ? std::map<std::string, double>{{passing.group, 1}} : filled_by(in.window, passing.node, rate.element);
      for (const auto& [group, share] : shares) of(group).add(rate.flow, share * amount, passing.estimate);
    }
  return groups;
}

double total_use(const KpiInput& in, Index flow) {
  double amount = in.window.used(flow);
  for (const Auxiliary& auxiliary : in.reporting.auxiliaries) {
    if (flow == in.window.plant().electricity) amount += auxiliary.power_W * in.window.length_s();
    for (const auto& [of, per_s] : auxiliary.consumes) amount += of == flow ? per_s * in.window.length_s() : 0;
  }
  for (const Passing& passing : in.reporting.passing)
    for (const Passing::Rate& rate : passing.rates)
      if (rate.flow == flow) amount += amount_of(in.window, passing, rate);
  return amount;
}

OtherElectricity other_electricity(const KpiInput& in) {
  OtherElectricity other;
  const Plant& plant = in.window.plant();
  for (const Factor& factor : in.reporting.factors)
    if (factor.flow == plant.electricity && factor.scope == 2 && !factor.credit()) other.location += factor.kgCO2e_per_unit;
  const Electricity& electricity = in.reporting.electricity;
  if (!electricity.told()) return other;
  QuarterHours quarters;
  if (in.quarters != nullptr) quarters = *in.quarters;
  double loads_W = 0;
  for (const Auxiliary& auxiliary : in.reporting.auxiliaries) loads_W += auxiliary.power_W;
  for (double& J : quarters.J) J += loads_W * quarter_s;
  other.account = electricity_account(electricity, quarters, other.location, day_of_year(plant.day0), in.year_s);
  if (!electricity.supplies.empty() || electricity.residual_kg_per_J) other.market = other.account.market_kg_per_J;
  if (!electricity.hourly_kg_per_J.empty()) other.hourly = other.account.hourly_kg_per_J;
  return other;
}

}  // namespace retwin
