// Tables of the carbon account: what it covers, and the factors that it counts with.
#include <algorithm>
#include <cmath>

#include "core/base/constants.hpp"
#include "core/kpi/kpi.hpp"
#include "core/ledger/coverage.hpp"
#include "core/ledger/rules_and_prices.hpp"
#include "core/report/report.hpp"

namespace retwin {
namespace {

struct Told {
  double value = nan;
  std::string unit;
};

double mean_of(const Results& results, const std::string& path) {
  const KpiSummary* found = results.find(path);
  return found ? found->interval.mean : nan;
}

/// In the window.
Told amount_of(const Scenario& scenario, const Results& results, const Coverage& row) {
  if (row.kind == Coverage::Kind::cut_off) return {};
  if (row.kind == Coverage::Kind::flow)
    return {mean_of(results, "flows." + row.item + ".total"), user_unit(scenario.plant->flows[row.index].dimension).name};
  const std::string at = "sinks." + row.item + ".";
  if (scenario.plant->n_components == 0) return {mean_of(results, at + "lots"), "lots"};
  return {mean_of(results, at + "per_year") * 1000 * (results.end_s - results.begin_s) / scenario.run.year_s, "kg"};
}

/// Emissions of a flow by the factors of one sign; an outlet has none of its own: those of the flows that it meters are theirs.
double carbon_of(const Scenario& scenario, const Coverage& row, double amount, bool credits) {
  if (row.kind != Coverage::Kind::flow) return nan;
  double kg = 0;
  bool any = false;
  for (const Factor* factor : row.factors) {
    if (factor->credit() != credits) continue;
    kg += factor->kgCO2e_per_unit * amount / user_unit(scenario.plant->flows[row.index].dimension).factor;
    any = true;
  }
  return any ? kg : nan;
}

}  // namespace

Table completeness_table(const Scenario& scenario, const Results& results) {
  static const char* const kinds[] = {"flow", "outlet", "cut-off"};
  const Show figure = [](double value) { return std::isnan(value) ? std::string() : readable(value); };
  Table table({text_column("item").as("Completeness"), text_column("kind").to_the_left(),
               number_column("amount", {}, "in the window, mean over the replications").as("amount", figure),
               text_column("unit", "of the amount").to_the_left(), number_column("carbon", "kg CO2e", "by its factors").as("kg CO2e", figure),
               number_column("credit", "kg CO2e", "by its factors below 0").as("credit", figure),
               text_column("status", "counted, reason or uncovered").to_the_left(), text_column("factors", "and their sets").to_the_left(),
               text_column("reason", "why it has none").to_the_left()});
  for (const Coverage& row : coverage(*scenario.plant, scenario.reporting)) {
    std::string factors;
    for (const Factor* factor : row.factors)
      factors += (factors.empty() ? "" : ", ") + factor->name + (factor->about.set.empty() ? "" : " (" + factor->about.set + ")");
    const Told amount = amount_of(scenario, results, row);
    const char* status = !row.factors.empty() ? "counted" : row.covered() ? "reason" : "uncovered";
    table.row({row.item, kinds[static_cast<int>(row.kind)], amount.value, amount.unit, carbon_of(scenario, row, amount.value, false),
               carbon_of(scenario, row, amount.value, true), status, factors, row.reason});
  }
  return table;
}

Table factors_table(const Scenario& scenario, const Results&) {
  Table table({text_column("factor"), text_column("flow").to_the_left(), number_column("value", {}, "kg CO2e per unit of pure flow"),
               number_column("low", {}, "least value held possible"), number_column("high", {}, "largest value held possible"),
               text_column("unit", "of the flow").to_the_left(), integer_column("scope"), text_column("method").to_the_left(),
               text_column("region").to_the_left(), integer_column("year"), text_column("valid_from").to_the_left(),
               text_column("valid_to").to_the_left(), text_column("basis", "strength that it was told for").to_the_left(),
               text_column("confidence").to_the_left(), text_column("gases").to_the_left(), text_column("gwp").to_the_left(),
               text_column("set").to_the_left(), text_column("document").to_the_left(), text_column("source").to_the_left(),
               text_column("note").to_the_left()});
  for (const Factor& factor : scenario.reporting.factors) {
    const FlowInfo& flow = scenario.plant->flows[factor.flow];
    const UserUnit unit = user_unit(flow.dimension);
    const FactorOrigin& about = factor.about;
    table.row({factor.name, flow.name, factor.kgCO2e_per_unit / unit.factor, about.low / unit.factor, about.high / unit.factor, unit.name,
               static_cast<std::int64_t>(factor.scope), about.method, about.region, about.year, about.valid_from, about.valid_to,
               about.basis ? shown_percent(*about.basis) : "not stated", about.confidence, about.gases, about.gwp, about.set, about.document,
               factor.source, about.note});
  }
  return table;
}

Table circular_table(const Scenario& scenario, const Results& results) {
  const Show figure = [](double value) { return std::isnan(value) ? std::string() : readable(value); };
  Table table({text_column("product").as("Circular"), number_column("mass", "t/a").as("t/a", figure), number_column("A", "1", "of the Circular Footprint Formula"),
               number_column("quality", "1", "Qs/Qp"), number_column("primary", "kg CO2e/kg", "of the material that it stands in for"),
               number_column("avoided", "t CO2e/a", "avoided burden, never netted").as("avoided t CO2e/a", figure),
               number_column("cff_benefit", "t CO2e/a", "(1 - A) of it").as("CFF benefit t CO2e/a", figure), text_column("confidence").to_the_left(), text_column("source").to_the_left()});
  for (const Displaced& what : scenario.reporting.displaced) {
    const std::string& name = scenario.plant->sinks[what.sink].name;
    const double mass = mean_of(results, "sinks." + name + ".per_year"), avoided = mass * what.quality * what.kg_per_kg;
    table.row({name, mass, what.allocation, what.quality, what.kg_per_kg, avoided, (1 - what.allocation) * avoided, what.estimate ? "estimate" : "", what.source});
  }
  return table;
}

Table claimed_table(const Scenario& scenario, const Results& results) {
  const Show figure = [](double value) { return std::isnan(value) ? std::string() : readable(value); };
  Table table({text_column("claim").as("Claimed less"), text_column("unit", "functional unit").as("per tonne of").to_the_left(),
               number_column("carbon", "kg CO2e/t", "here; what a baseline emits more is told by `retwin compare BASELINE THIS`").as("kg CO2e/t here", figure),
               number_column("leakage", "1", "that arises elsewhere instead").as("leakage", shown_percent), text_column("additionality", "why it would not have been done anyway").to_the_left(),
               text_column("confidence", "of the leakage").to_the_left(), text_column("source").to_the_left(), text_column("document").to_the_left(), integer_column("year"),
               text_column("region").to_the_left(), text_column("note").to_the_left()});
  if (scenario.reporting.accounts)
    for (const Claim& c : scenario.reporting.accounts->claims)
      table.row({c.name, c.unit, mean_of(results, "per." + c.unit + ".carbon"), c.leakage, c.additionality, c.about.confidence, c.about.source, c.about.document,
                 c.about.year == 0 ? Cell(Table::missing) : Cell(c.about.year), c.about.region, c.about.note});
  return table;
}

Table allocation_table(const Scenario& scenario, const Results& results) {
  const Show figure = [](double value) { return std::isnan(value) ? std::string() : readable(value); };
  Table table({text_column("unit").as("Per tonne of"), text_column("group", "that several units share").as("shared group").to_the_left(),
               text_column("by", "rule that it is shared by").as("by").to_the_left(), flag_column("counts", "Whether the figures of the report are by this rule.").as("counts"),
               number_column("share", "1", "of its use that falls to the unit, mean over the replications").as("share", shown_percent),
               number_column("carbon", "kg CO2e/t", "if this group is shared so and all else is as it is").as("kg CO2e/t", figure),
               number_column("change", "kg CO2e/t", "from what counts").as("change", figure)});
  for (const FunctionalUnit& unit : scenario.reporting.functional_units) {
    if (unit.groups.empty()) continue;
    const std::string at = "per." + unit.name + ".";
    const double counts = mean_of(results, at + "carbon");
    for (const Allocation& allocation : scenario.reporting.allocations)
      for (const Allocation::By rule : allocation.rules()) {
        const std::string by = allocation_rules[static_cast<int>(rule)], path = allocation.group + ".by_" + by;
        const bool own = rule == allocation.counts();
        const double carbon = mean_of(results, at + "carbon_if." + path);
        table.row({unit.name, allocation.group, by, own, mean_of(results, at + "share." + path), carbon, own ? 0 : carbon - counts});
      }
  }
  return table;
}

Table electricity_table(const Scenario& scenario, const Results& results) {
  const Show figure = [](double value) { return std::isnan(value) ? std::string() : readable(value); };
  Table table({text_column("supply").as("Electricity"), number_column("factor", "kg CO2e/kWh").as("kg CO2e/kWh", figure),
               number_column("share", "1", "of the electricity, mean over the replications").as("share", figure), text_column("confidence").to_the_left(),
               text_column("source").to_the_left()});
  constexpr double kWh_J = 3.6e6;
  const Electricity& electricity = scenario.reporting.electricity;
  double left = 1;
  for (const Supply& supply : electricity.supplies) {
    const double share = mean_of(results, "plant.electricity_share." + supply.name);
    left = std::max(0.0, left - share < 1e-12 ? 0.0 : left - share);
    table.row({supply.name, supply.kg_per_J * kWh_J, share, supply.estimate ? "estimate" : "", supply.source});
  }
  double location = 0;
  for (const Factor& factor : scenario.reporting.factors)
    if (factor.flow == scenario.plant->electricity && factor.scope == 2 && !factor.credit()) location += factor.kgCO2e_per_unit;
  if (!electricity.supplies.empty() || electricity.residual_kg_per_J)
    table.row({"the rest", electricity.residual_kg_per_J.value_or(location) * kWh_J, left, "", electricity.residual_kg_per_J ? electricity.residual_source : "as the grid of the location"});
  for (const auto& [name, path] : {std::pair{"all, by what is bought", "market"}, {"all, by the hour", "hourly"}})
    if (const double mean = mean_of(results, std::string("plant.electricity_factor_") + path); !std::isnan(mean)) table.row({name, mean, 1.0, "", ""});
  table.row({"all, by the location", location * kWh_J, 1.0, "", ""});
  return table;
}

std::string uncovered(const Scenario& scenario) {
  std::string out;
  std::size_t counted = 0, reasons = 0;
  for (const Coverage& row : coverage(*scenario.plant, scenario.reporting)) {
    if (row.kind == Coverage::Kind::cut_off) continue;
    if (!row.covered()) out += (out.empty() ? "" : ", ") + row.item;
    else ++(row.factors.empty() ? reasons : counted);
  }
  return std::to_string(counted) + " flows and outlets counted, " + std::to_string(reasons) + " with a reason for no factor" +
         (out.empty() ? "" : "; uncovered: " + out) + " (--table completeness)";
}

}  // namespace retwin
