// Intensities: use and emissions of the groups that a functional unit stands for, divided by its mass.
#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/base/constants.hpp"
#include "core/base/problem.hpp"
#include "core/kpi/accounts.hpp"

namespace retwin {
namespace {

double mass_through(const std::string& path, const std::string& name, const Window& window) {
  if (const auto kg = window.mass_through(name)) return *kg;
  Problems problems;
  problems.error(Code::unknown_name, {}, path, "no source, sink, station or port is called " + name,
                 "write station.port, or the name of a source or sink");
  problems.throw_if_errors();
  return 0;
}

/// What counts for each group that shares, by one rule.
std::vector<std::pair<std::string, double>> weights_of(const Allocation& allocation, Allocation::By rule, const KpiInput& in, const Groups& groups) {
  using By = Allocation::By;
  if (rule == By::shares) return allocation.to;
  std::vector<std::pair<std::string, double>> weights;
  if (rule == By::electricity)
    for (const std::string& name : allocation.groups()) {
      const auto direct = groups.find(name);
      weights.emplace_back(name, direct == groups.end() ? 0 : direct->second.amount[in.window.plant().electricity]);
    }
  else if (rule == By::mass)
    for (const auto& [name, of] : allocation.by_mass) {
      weights.emplace_back(name, 0);
      for (const std::string& what : of) weights.back().second += mass_through("allocations." + allocation.group, what, in.window);
    }
  else
    for (const auto& [name, sinks] : allocation.by_value) {
      weights.emplace_back(name, 0);
      for (const Index sink : sinks) weights.back().second += earned(in, sink);
    }
  return weights;
}

/// Share of a shared group that falls to the groups of a functional unit.
double allocated(const Allocation& allocation, Allocation::By rule, const std::vector<std::string>& wanted, const KpiInput& in, const Groups& groups) {
  double mine = 0, all = 0;
  for (const auto& [name, weight] : weights_of(allocation, rule, in, groups)) {
    all += weight;
    if (std::find(wanted.begin(), wanted.end(), name) != wanted.end()) mine += weight;
  }
  return all > 0 ? mine / all : 0;
}

/// Share of what a group uses that falls to a functional unit. @param other an allocation that another rule than its own is tried for
double share_of(const FunctionalUnit& unit, const std::string& name, const KpiInput& in, const Groups& groups,
                const std::pair<const Allocation*, Allocation::By>& other = {}) {
  if (unit.groups.empty() || std::find(unit.groups.begin(), unit.groups.end(), name) != unit.groups.end()) return 1;
  double share = 0;
  for (const Allocation& allocation : in.reporting.allocations)
    if (allocation.group == name)
      share += allocated(allocation, &allocation == other.first ? other.second : allocation.counts(), unit.groups, in, groups);
  return share;
}

bool guessed_prices(const KpiInput& in) {
  const auto guessed = [](const PriceLine& line) { return line.revenue && line.about.estimate; };
  return in.reporting.accounts && std::any_of(in.reporting.accounts->prices.begin(), in.reporting.accounts->prices.end(), guessed);
}

/// What emissions per tonne would be if one shared group were shared by another rule.
void allocation_kpis(const FunctionalUnit& unit, const KpiInput& in, const Groups& groups, double tonnes, const std::string& at, KpiList& out) {
  if (unit.groups.empty()) return;
  for (const Allocation& allocation : in.reporting.allocations)
    for (const Allocation::By rule : allocation.rules()) {
      double kg = 0;
      bool estimate = rule == Allocation::By::value && guessed_prices(in);
      const bool guessed = estimate;
      for (const auto& [name, use] : groups)
        if (const double share = share_of(unit, name, in, groups, {&allocation, rule}); share != 0)
          for (const Factor& factor : in.reporting.factors) {
            if (factor.credit()) continue;
            kg += share * factor.kgCO2e_per_unit * use.amount[factor.flow];
            estimate = estimate || factor.estimate || use.estimate[factor.flow];
          }
      const std::string by = allocation_rules[static_cast<int>(rule)], path = allocation.group + ".by_" + by;
      out.ratio(at + "share." + path, allocated(allocation, rule, unit.groups, in, groups), 1, "1", "of the use of " + allocation.group + ", shared by " + by, guessed);
      out.ratio(at + "carbon_if." + path, kg, tonnes, "kg CO2e/t", "emissions if the use of " + allocation.group + " is shared by " + by, estimate);
    }
}

Use use_of(const FunctionalUnit& unit, const KpiInput& in, const Groups& groups) {
  Use sum(in.window.plant().flows.size());
  for (const auto& [name, use] : groups) sum.add(use, share_of(unit, name, in, groups));
  return sum;
}

double mass_of(const FunctionalUnit& unit, const Window& window) {
  double kg = 0;
  for (const std::string& name : unit.ports) {
    kg += mass_through("functional_units." + unit.name, name, window);
    for (const Index component : unit.without) kg -= window.mass_through(name, component).value_or(0);
  }
  return kg;
}

void carbon_kpis(const KpiInput& in, const Use& use, double tonnes, const std::string& at, KpiList& out) {
  struct Sum {
    double kg = 0;
    bool estimate = false;
  };
  Sum total, credit, by_scope[4];
  std::map<std::string, Sum> by_factor, credits;
  std::map<std::string, std::string> sources;
  const auto add = [](Sum& sum, double kg, bool estimate) {
    sum.kg += kg;
    sum.estimate = sum.estimate || (estimate && kg != 0);
  };
  for (const Factor& factor : in.reporting.factors) {
    const double kg = factor.kgCO2e_per_unit * use.amount[factor.flow];
    const bool estimate = factor.estimate || use.estimate[factor.flow];
    add(factor.credit() ? credit : total, kg, estimate);
    add((factor.credit() ? credits : by_factor)[factor.name], kg, estimate);
    if (!factor.credit()) add(by_scope[std::clamp(factor.scope, 0, 3)], kg, estimate);
    sources[factor.name] = "scope " + std::to_string(factor.scope) + (factor.source.empty() ? "" : "; factor: " + factor.source);
  }
  const std::string unit = "kg CO2e/t";
  out.ratio(at + "carbon", total.kg, tonnes, unit, "emissions, all factors; credits aside", total.estimate);
  for (int scope = 1; scope <= 3; ++scope)
    out.ratio(at + "carbon.scope" + std::to_string(scope), by_scope[scope].kg, tonnes, unit,
              "emissions of scope " + std::to_string(scope), by_scope[scope].estimate);
  for (const auto& [name, sum] : by_factor) out.ratio(at + "carbon." + name, sum.kg, tonnes, unit, sources[name], sum.estimate);
  const OtherElectricity other = other_electricity(in);
  const double electricity_J = use.amount[in.window.plant().electricity];
  const auto otherwise = [&](const char* path, const std::optional<double>& factor, const char* doc) {
    if (factor) out.ratio(at + path, total.kg + (*factor - other.location) * electricity_J, tonnes, unit, doc, total.estimate);
  };
  otherwise("carbon_market", other.market, "emissions with electricity by what is bought (market-based), beside the location-based sum");
  otherwise("carbon_hourly", other.hourly, "emissions with electricity by the factor of each hour");
  if (!in.reporting.credits()) return;
  out.ratio(at + "carbon_credit", credit.kg, tonnes, unit, "credits (factors below 0), never netted with the emissions", credit.estimate);
  for (const auto& [name, sum] : credits) out.ratio(at + "carbon_credit." + name, sum.kg, tonnes, unit, sources[name], sum.estimate);
}

}  // namespace

void functional_unit_kpis(const KpiInput& in, KpiList& out) {
  const Plant& plant = in.window.plant();
  if (in.reporting.functional_units.empty()) return;
  const Groups groups = use_by_group(in);
  const std::vector<Paid> money = paid(in, groups);
  for (const FunctionalUnit& unit : in.reporting.functional_units) {
    const std::string at = "per." + unit.name + ".", per = unit.doc.empty() ? "" : " (" + unit.doc + ")";
    const double tonnes = mass_of(unit, in.window) / tonne_kg;
    const Use use = use_of(unit, in, groups);
    out.add(at + "mass_per_year", tonnes * in.year_s / in.window.length_s(), "t/a",
            "mass of the functional unit in a reporting year" + per);
    for (Index f = 0; f < plant.flows.size(); ++f) {
      const UserUnit of = user_unit(plant.flows[f].dimension);
      out.ratio(at + plant.flows[f].name, use.amount[f] * of.factor, tonnes, of.name + "/t", "used per tonne" + per,
                use.estimate[f]);
    }
    if (has_people(plant))
      out.ratio(at + "labour", labour_hours(in.window), tonnes, "h/t", "time on duty of all people of the plant, at work or not, per tonne" + per);
    if (!in.reporting.factors.empty()) {
      carbon_kpis(in, use, tonnes, at, out);
      allocation_kpis(unit, in, groups, tonnes, at, out);
    }
    money_per_unit(money, [&](const std::string& group) { return share_of(unit, group, in, groups); }, tonnes, at, out);
  }
}

}  // namespace retwin
