// Intensities: use and emissions of the groups that a functional unit stands for, divided by its mass.
#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/base/problem.hpp"
#include "core/kpi/kpi.hpp"

namespace retwin {
namespace {

constexpr double tonne_kg = 1000;

/// What a group used of each flow in the window [SI unit of the flow], and whether an estimate is among it.
struct Use {
  std::vector<double> amount;
  std::vector<bool> estimate;
  explicit Use(std::size_t flows = 0) : amount(flows), estimate(flows) {}
  void add(std::size_t flow, double value, bool estimated = false) {
    amount[flow] += value;
    if (estimated && value != 0) estimate[flow] = true;
  }
  void add(const Use& other, double share) {
    for (std::size_t f = 0; f < amount.size(); ++f) add(f, share * other.amount[f], other.estimate[f]);
  }
};
using Groups = std::map<std::string, Use>;

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
  return groups;
}

/// Share of a shared group that falls to the groups of a functional unit.
double allocated(const Allocation& allocation, const std::vector<std::string>& wanted, const Groups& groups, Index electricity) {
  double mine = 0, all = 0;
  for (const auto& [name, share] : allocation.to) {
    const auto direct = groups.find(name);
    const double weight = !allocation.by_electricity ? share : direct == groups.end() ? 0 : direct->second.amount[electricity];
    all += weight;
    if (std::find(wanted.begin(), wanted.end(), name) != wanted.end()) mine += weight;
  }
  return all > 0 ? mine / all : 0;
}

Use use_of(const FunctionalUnit& unit, const KpiInput& in, const Groups& groups) {
  const Plant& plant = in.window.plant();
  const auto has = [&](const std::string& name) {
    return unit.groups.empty() || std::find(unit.groups.begin(), unit.groups.end(), name) != unit.groups.end();
  };
  Use sum(plant.flows.size());
  for (const auto& [name, use] : groups) {
    if (has(name)) {
      sum.add(use, 1);
      continue;
    }
    for (const Allocation& allocation : in.reporting.allocations)
      if (allocation.group == name) sum.add(use, allocated(allocation, unit.groups, groups, plant.electricity));
  }
  return sum;
}

double mass_of(const FunctionalUnit& unit, const Window& window) {
  double kg = 0;
  for (const std::string& name : unit.ports) {
    const auto part = window.mass_through(name);
    if (!part) {
      Problems problems;
      problems.error(Code::unknown_name, {}, "functional_units." + unit.name,
                     "no source, sink, station or port is called " + name, "write station.port, or the name of a source or sink");
      problems.throw_if_errors();
    }
    kg += *part;
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
  if (!in.reporting.credits()) return;
  out.ratio(at + "carbon_credit", credit.kg, tonnes, unit, "credits (factors below 0), never netted with the emissions", credit.estimate);
  for (const auto& [name, sum] : credits) out.ratio(at + "carbon_credit." + name, sum.kg, tonnes, unit, sources[name], sum.estimate);
}

}  // namespace

void functional_unit_kpis(const KpiInput& in, KpiList& out) {
  const Plant& plant = in.window.plant();
  if (in.reporting.functional_units.empty()) return;
  const Groups groups = use_by_group(in);
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
    if (!in.reporting.factors.empty()) carbon_kpis(in, use, tonnes, at, out);
  }
}

}  // namespace retwin
