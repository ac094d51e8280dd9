// Tells what rules on masses ask for and what was reached, and what things cost and earn.
#include "core/report/account_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/constants.hpp"
#include "core/ledger/rules_and_prices.hpp"

namespace retwin {
namespace {

constexpr double rounding = 1e-6;  ///< by which a share may lie above 1, or a margin below 0 [points]

struct JudgedRule {
  const MassRule* rule;
  const MassRule::Target* target;
  bool coming;
  Interval value;
  double margin() const { return 100 * (rule->at_most ? target->share - value.mean : value.mean - target->share); }
  bool too_much() const { return rule->kind != "content" && value.mean > 1 + rounding; }
  /// One replication is judged by its value: it says nothing of the spread.
  const char* standing() const {
    if (std::isnan(value.mean)) return "nothing went in";
    if (too_much()) return "more out than in";
    const double spread = std::isnan(value.half_width) ? 0 : 100 * value.half_width;
    return margin() >= spread - rounding ? "pass" : margin() < -spread - rounding ? "fail" : "not decided";
  }
};

/// @param day only targets in force on it; empty: all
std::vector<JudgedRule> judged(const Scenario& scenario, const Results& results, std::optional<long> day) {
  std::vector<JudgedRule> out;
  if (!has_rules(scenario)) return out;
  for (const MassRule& rule : scenario.reporting.accounts->rules) {
    const KpiSummary* value = results.find("compliance." + rule.name + ".value");
    for (const MassRule::Target& target : rule.targets)
      if (value != nullptr && (!day || &rule.on(*day) == &target))
        out.push_back({&rule, &target, target.day > day.value_or(scenario.plant->day0), value->interval});
  }
  return out;
}

std::string priced(const Scenario& scenario, const PriceLine& line) {
  const Plant& plant = *scenario.plant;
  switch (line.of) {
    case PriceLine::Of::flow: return plant.flows[line.index].name;
    case PriceLine::Of::labour: return plant.pools[line.index].name;
    case PriceLine::Of::source: return plant.sources[line.index].name;
    case PriceLine::Of::sink: return plant.sinks[line.index].name;
    case PriceLine::Of::fixed: break;
  }
  return line.group.empty() ? "the plant" : line.group;
}

UserUnit unit_of(const Scenario& scenario, const PriceLine& line) {
  switch (line.of) {
    case PriceLine::Of::flow: return user_unit(scenario.plant->flows[line.index].dimension);
    case PriceLine::Of::labour: return {"h", 1 / hour_s};
    case PriceLine::Of::source:
    case PriceLine::Of::sink:
      if (line.per_lot != 0) return {"lots", 1};
      return {"t", 1e-3};
    case PriceLine::Of::fixed: break;
  }
  return {"a", 1};
}

/// What has a price in no line, but for what is made on site.
std::string without_price(const Scenario& scenario) {
  const Plant& plant = *scenario.plant;
  const auto has = [&](PriceLine::Of of, std::size_t index) {
    const auto& lines = scenario.reporting.accounts->prices;
    return std::any_of(lines.begin(), lines.end(), [&](const PriceLine& l) { return l.of == of && l.index == index; });
  };
  std::string out;
  const auto add = [&](const std::string& name) { out += (out.empty() ? "" : ", ") + name; };
  for (std::size_t k = 0; k < plant.flows.size(); ++k) {
    const auto& notes = scenario.reporting.flows;
    const bool made = std::any_of(notes.begin(), notes.end(), [&](const FlowNote& n) { return n.flow == k && n.made_from != none; });
    if (!made && !has(PriceLine::Of::flow, k)) add(plant.flows[k].name);
  }
  for (std::size_t k = 0; k < plant.pools.size(); ++k)
    if (plant.pools[k].people && !has(PriceLine::Of::labour, k)) add(plant.pools[k].name);
  for (std::size_t k = 0; k < plant.sources.size(); ++k)
    if (!has(PriceLine::Of::source, k)) add(plant.sources[k].name);
  for (std::size_t k = 0; k < plant.sinks.size(); ++k)
    if (plant.sinks[k].role != "internal" && plant.sinks[k].role != "emission" && !has(PriceLine::Of::sink, k)) add(plant.sinks[k].name);
  return out;
}

std::string shown(const Results& results, const std::string& path, bool with_unit = false) {
  const KpiSummary* found = results.find(path);
  if (!found || std::isnan(found->interval.mean)) return "-";
  return readable(found->interval) + (with_unit ? " " + found->kpi.unit : "") + (found->kpi.estimate ? " *" : "");
}

}  // namespace

bool has_rules(const Scenario& scenario) { return scenario.reporting.accounts && !scenario.reporting.accounts->rules.empty(); }
bool has_prices(const Scenario& scenario) { return scenario.reporting.accounts && !scenario.reporting.accounts->prices.empty(); }

Table compliance_table(const Scenario& scenario, const Results& results, std::optional<long> day) {
  const Show mark = [](double value) { return value > 0 ? std::string("*") : std::string(); };
  Table table({text_column("rule").as("Rule"), text_column("kind").to_the_left(), number_column("value", "1", "what was reached").as("value", shown_percent),
               number_column("half_width", "1", "of the confidence interval of the value").as("±", shown_percent),
               text_column("bound", "at least or at most").to_the_left(), number_column("target", "1").as("target", shown_percent),
               text_column("from", "first day of the target").to_the_left(),
               number_column("margin", "points", "by which it is kept; below 0: missed").as("margin [points]"),
               text_column("verdict", "pass, fail, not decided (the interval holds the target), nothing went in, more out than in").to_the_left(),
               number_column("coming", {}, "1: the target is not in force yet").as("coming", [](double value) { return value > 0 ? std::string("coming") : std::string(); }),
               number_column("estimate", {}, "1: rests on an estimate").as("*", mark), text_column("of", "document and rule of the library").to_the_left(),
               text_column("confidence").to_the_left(), text_column("source").to_the_left(), text_column("document").to_the_left(),
               text_column("region").to_the_left(), integer_column("year"), text_column("note").to_the_left(), text_column("doc", "the rule in words").to_the_left()});
  for (const JudgedRule& row : judged(scenario, results, day)) {
    const MassRule& rule = *row.rule;
    table.row({rule.name, rule.kind, row.value.mean, row.value.half_width, rule.at_most ? "at most" : "at least", row.target->share, row.target->date,
               row.margin(), row.standing(), row.coming ? 1.0 : 0.0, rule.about.estimate ? 1.0 : 0.0, rule.rule, rule.about.confidence,
               rule.about.source, rule.about.document, rule.about.region, rule.about.year, rule.about.note, rule.doc});
  }
  return table;
}

Table compliance_table(const Scenario& scenario, const Results& results) { return compliance_table(scenario, results, {}); }

bool complies(const Scenario& scenario, const Results& results, long day) {
  const std::vector<JudgedRule> all = judged(scenario, results, day);
  return std::all_of(all.begin(), all.end(), [](const JudgedRule& row) { return std::string(row.standing()) == "pass"; });
}

void refuse_more_out_than_in(const Scenario& scenario, const Results& results) {
  Problems problems;
  for (const JudgedRule& row : judged(scenario, results, scenario.plant->day0))
    if (row.too_much())
      problems.error(Code::range, row.rule->place, "compliance." + row.rule->name,
                     fmt::format("{:.4g} times as much comes out as goes in", row.value.mean),
                     "count elements where an output holds what reagents bring, and list every way in; a longer window, if it came out of stock");
  problems.throw_if_errors();
}

std::string compliance_text(const Scenario& scenario, const Results& results, std::optional<long> day) {
  if (!has_rules(scenario)) return "";
  Table table = Table::for_people({"Rules", "value", "target", "from", "margin [points]", "verdict"});
  bool estimates = false, coming = false;
  for (const JudgedRule& row : judged(scenario, results, day)) {
    const KpiSummary* margin = results.find("compliance." + row.rule->name + ".margin");
    const Interval percent{100 * row.value.mean, 100 * row.value.half_width, row.value.level, row.value.n};
    const Interval points{row.margin(), margin ? margin->interval.half_width : nan, row.value.level, row.value.n};
    table.row({"  " + row.rule->name + (row.rule->about.estimate ? " *" : ""), readable(percent) + " %",
               fmt::format("{} {}", row.rule->at_most ? "at most" : "at least", shown_percent(row.target->share)), row.target->date + (row.coming ? " (coming)" : ""),
               readable(points), row.standing()});
    estimates = estimates || row.rule->about.estimate;
    coming = coming || row.coming;
  }
  std::string out = table.text();
  if (estimates) out += "  * the rule, or how it is counted here, is an estimate\n";
  if (results.replications == 1) out += "  judged by the values of one replication, which says nothing about the spread\n";
  return out;
}

// --- money ---------------------------------------------------------------------------------------------------------------------

Table cost_table(const Scenario& scenario, const Results& results) {
  Table table({text_column("price").as("Price"), text_column("for", "flow, pool, source, sink, or who bears an investment").to_the_left(),
               text_column("kind").to_the_left(), text_column("at", "the price as written").to_the_left(),
               number_column("amount", {}, "in a reporting year"), text_column("unit", "of the amount").to_the_left(),
               number_column("cost", "CNY/a", "in a reporting year"), number_column("revenue", "CNY/a", "in a reporting year"),
               number_column("half_width", "CNY/a", "of the confidence interval").as("±"),
               number_column("estimate", {}, "1: rests on an estimate").as("*", [](double value) { return value > 0 ? std::string("*") : std::string(); })});
  if (!has_prices(scenario)) return table;
  for (const PriceLine& line : scenario.reporting.accounts->prices) {
    const KpiSummary* found = results.find("money.price." + line.name);
    if (found == nullptr) continue;
    const double CNY = found->interval.mean, per = line.per_lot != 0 ? line.per_lot : line.per_unit;
    const UserUnit unit = unit_of(scenario, line);
    const double amount = line.of == PriceLine::Of::fixed || per == 0 ? nan : CNY / per * unit.factor;
    table.row({line.name, priced(scenario, line), line.kind, line.price, amount, std::isnan(amount) ? "" : unit.name, line.revenue ? nan : CNY,
               line.revenue ? CNY : nan, found->interval.half_width, found->kpi.estimate ? 1.0 : 0.0});
  }
  return table;
}

Table prices_table(const Scenario& scenario, const Results&) {
  Table table({text_column("price"), text_column("for").to_the_left(), text_column("kind").to_the_left(), text_column("value", "as written").to_the_left(),
               number_column("per_unit", "CNY", "per unit, in CNY"), number_column("low", "CNY", "least value held possible"),
               number_column("high", "CNY", "largest value held possible"), text_column("unit").to_the_left(), text_column("region").to_the_left(),
               integer_column("year"), text_column("confidence").to_the_left(), text_column("set").to_the_left(), text_column("document").to_the_left(),
               text_column("source").to_the_left(), text_column("note").to_the_left()});
  if (!has_prices(scenario)) return table;
  for (const PriceLine& line : scenario.reporting.accounts->prices) {
    const UserUnit unit = unit_of(scenario, line);
    const Provenance& about = line.about;
    table.row({line.name, priced(scenario, line), line.kind, line.price, (line.per_lot != 0 ? line.per_lot : line.per_unit) / unit.factor,
               line.low / unit.factor, line.high / unit.factor, unit.name, about.region, about.year, about.confidence, about.set, about.document,
               about.source, about.note});
  }
  return table;
}

std::string money_text(const Scenario& scenario, const Results& results) {
  if (!has_prices(scenario)) return "";
  std::string out = fmt::format("Money\n  plant: cost {}, revenue {}, margin {}\n", shown(results, "money.cost", true),
                                shown(results, "money.revenue", true), shown(results, "money.margin", true));
  std::vector<std::string> kinds, columns{"  CNY per t of", "cost"};
  for (const KpiSummary& summary : results.kpis)
    if (summary.kpi.path.starts_with("money.cost.")) kinds.push_back(summary.kpi.path.substr(11));
  columns.insert(columns.end(), kinds.begin(), kinds.end());
  columns.insert(columns.end(), {"revenue", "margin"});
  Table table = Table::for_people(columns);
  for (const FunctionalUnit& unit : scenario.reporting.functional_units) {
    const std::string at = "per." + unit.name + ".";
    std::vector<Cell> row{unit.name, shown(results, at + "cost")};
    for (const std::string& kind : kinds) row.emplace_back(shown(results, at + "cost." + kind));
    row.emplace_back(shown(results, at + "revenue"));
    row.emplace_back(shown(results, at + "margin"));
    table.row(row);
  }
  if (!table.empty()) out += table.text();
  const auto& lines = scenario.reporting.accounts->prices;
  const auto estimates = std::count_if(lines.begin(), lines.end(), [](const PriceLine& line) { return line.about.estimate; });
  if (estimates > 0) out += fmt::format("  * rests on estimates: {} of {} prices are (--table prices)\n", estimates, lines.size());
  const std::string missing = without_price(scenario);
  return out + (missing.empty() ? "" : "  without a price: " + missing + "\n");
}

}  // namespace retwin
