// Emissions in kg CO2e; credits have a column of their own where there are any.
#include "core/report/footprint_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "core/base/readable.hpp"

namespace retwin {
namespace {

constexpr const char* carbon_unit = "kg CO2e";

/// What the burdens of a report are called.
std::vector<Column> burden_columns(Measure of) {
  const Show few = [](double x) { return x == 0 ? "-" : readable(x); };
  if (of == Measure::money)
    return {number_column("cost", "CNY", "What is paid, by the prices that are stated.").as("cost CNY"), number_column("flows", "CNY", "Of the cost: for metered flows."),
            number_column("people", "CNY", "Of the cost: time at jobs."), number_column("lots", "CNY", "Of the cost: for what comes, and to be rid of what goes."),
            number_column("revenue", "CNY", "What products earn, never netted.").as("revenue", few)};
  return {number_column("carbon", carbon_unit, "Emissions, credits aside.").as("kg CO2e"), number_column("scope1", carbon_unit).as("scope 1"),
          number_column("scope2", carbon_unit).as("scope 2"), number_column("scope3", carbon_unit).as("scope 3"),
          number_column("credit", carbon_unit, "What is avoided elsewhere, never netted.").as("credits", few)};
}
void add_cells(std::vector<Cell>& row, const Burden& b) {
  row.insert(row.end(), {b.sum, b.part[0], b.part[1], b.part[2], b.credit});
}
Table with_burdens(const Footprints& all, std::vector<Column> first, std::vector<Column> last = {}) {
  for (Column& column : burden_columns(all.of)) first.push_back(std::move(column));
  for (Column& column : last) first.push_back(std::move(column));
  return Table(std::move(first));
}
Column per_kg(const Footprints& all) {
  return all.of == Measure::money ? number_column("cost_per_kg", "CNY/kg").as("per kg") : number_column("carbon_per_kg", "kg CO2e/kg").as("per kg");
}

Column kg_column() { return number_column("mass", "kg").as("kg"); }
double per(double value, double kg) { return kg > 0 ? value / kg : std::numeric_limits<double>::quiet_NaN(); }
double moment(const Plant& plant, double now) { return static_cast<double>(plant.day0) * 86400 + plant.clock0_s + now; }
std::string kind_of(const Plant& plant, std::uint32_t kind) { return kind < plant.kinds.size() ? plant.kinds[kind].name : ""; }
std::string origin_of(const Plant& plant, std::uint32_t source) {
  return source == none ? "unloaded" : source < plant.sources.size() ? plant.sources[source].name : "there at the start";
}

void sum_lines(Table& table, const char* side, const std::vector<FootprintLine>& lines) {
  Burden sum;
  for (const FootprintLine& line : lines) {
    std::vector<Cell> row{side, line.name, line.lots > 0 ? Cell(line.lots) : Cell(Table::missing)};
    add_cells(row, line.burden);
    table.row(row);
    sum += line.burden;
  }
  std::vector<Cell> row{side, "sum", Table::missing};
  add_cells(row, sum);
  table.row(row);
}

/// Lots of a kind, or at a sink, together.
Table by_name(const Footprints& all, const char* head, const std::vector<std::pair<std::string, const LotFootprint*>>& lots) {
  std::map<std::string, FootprintLine> lines;
  for (const auto& [name, lot] : lots) {
    FootprintLine& line = lines[name];
    ++line.lots;
    line.kg += lot->lot.kg;
    line.burden += lot->burden;
  }
  Table table = with_burdens(all, {text_column("name").as(head), integer_column("lots").as("lots"), kg_column()},
                               {per_kg(all)});
  for (const auto& [name, line] : lines) {
    std::vector<Cell> row{name, line.lots, line.kg};
    add_cells(row, line.burden);
    row.emplace_back(per(line.burden.sum, line.kg));
    table.row(row);
  }
  return table;
}

}  // namespace

std::string lot_text(std::uint64_t id) { return fmt::format("{:016x}", id); }

Table footprint_sum_table(const Footprints& all) {
  Table table = with_burdens(all, {text_column("side", "Whose line it is: of those who caused it, or of those who bear it.").as("Sum"),
                                text_column("line").as("line").to_the_left(), integer_column("lots").as("lots")});
  sum_lines(table, "caused by", all.caused);
  sum_lines(table, "borne by", all.borne);
  std::vector<Cell> row{"plant", "", Table::missing};
  add_cells(row, all.plant);
  table.row(row);
  return table;
}

Table origins_table(const Footprints& all, const Plant& plant) {
  Table table = with_burdens(all, 
      {text_column("lot").as("Lot"), text_column("kind").as("kind").to_the_left(), text_column("from").as("from").to_the_left(),
       time_column("came").as("came"), kg_column()},
      {per_kg(all),
       number_column("open", "1", "Part of its mass that is still in the plant: it has not caused all that it will.").as("open", shown_percent),
       flag_column("final", "Nothing of it, or next to nothing, is still there.").as("final")});
  for (const LotFootprint& lot : all.origins) {
    const bool unloaded = lot.place == none;
    std::vector<Cell> row{lot_text(lot.lot.id), kind_of(plant, lot.lot.kind), origin_of(plant, lot.place),
                          unloaded ? Cell(std::numeric_limits<double>::quiet_NaN()) : Cell(moment(plant, lot.now)), lot.lot.kg};
    add_cells(row, lot.burden);
    row.insert(row.end(), {per(lot.burden.sum, lot.lot.kg), lot.open_share, lot.open_share <= closed_share});
    table.row(row);
  }
  return table;
}

Table products_table(const Footprints& all, const Plant& plant) {
  Table table = with_burdens(all, {text_column("lot").as("Lot"), text_column("sink").as("sink").to_the_left(),
                                text_column("kind").as("kind").to_the_left(), time_column("left").as("left"), kg_column()},
                               {per_kg(all)});
  for (const LotFootprint& lot : all.ended) {
    std::vector<Cell> row{lot_text(lot.lot.id), plant.sinks[lot.place].name, kind_of(plant, lot.lot.kind), moment(plant, lot.now), lot.lot.kg};
    add_cells(row, lot.burden);
    row.emplace_back(per(lot.burden.sum, lot.lot.kg));
    table.row(row);
  }
  return table;
}

Table running_table(const Footprints& all, const Plant& plant) {
  Table table = with_burdens(all, {text_column("lot").as("Lot"), text_column("station", "That it has left last, or is at.").as("last at").to_the_left(),
                                text_column("kind").as("kind").to_the_left(), kg_column()});
  for (const LotFootprint& lot : all.running) {
    std::vector<Cell> row{lot_text(lot.lot.id), lot.place < plant.stations.size() ? plant.stations[lot.place].name : "",
                          kind_of(plant, lot.lot.kind), lot.lot.kg};
    add_cells(row, lot.burden);
    table.row(row);
  }
  return table;
}

Table product_rules_table(const Footprints& all, const Plant& plant, const std::vector<double>& earned) {
  struct Sum {
    double kg = 0, burden = 0;
  };
  std::vector<Sum> sinks(plant.sinks.size());
  for (const LotFootprint& lot : all.ended) sinks[lot.place].kg += lot.lot.kg, sinks[lot.place].burden += lot.burden.sum;
  const auto product = [&](std::size_t k) { return plant.sinks[k].role == "product"; };
  Sum products, others;
  double revenue = 0;
  for (std::size_t k = 0; k < sinks.size(); ++k) {
    Sum& sum = product(k) ? products : others;
    sum.kg += sinks[k].kg, sum.burden += sinks[k].burden;
    if (product(k)) revenue += earned[k];
  }
  const Show figure = [](double x) { return std::isnan(x) ? std::string("-") : readable(x); };
  Table table({text_column("product").as("Product"), kg_column(),
               number_column("by_matter", "kg CO2e/kg", "As the ledger shares it; what goes by waste, emission and internal sinks stays with them.").as("kg CO2e/kg by matter", figure),
               number_column("by_mass", "kg CO2e/kg", "What other sinks bear is moved onto products, by mass.").as("and others' by mass", figure),
               number_column("by_value", "kg CO2e/kg", "What all sinks bear is shared among products by what they earn.").as("all by value", figure)});
  for (std::size_t k = 0; k < sinks.size(); ++k) {
    if (!product(k) || !(sinks[k].kg > 0)) continue;
    const double mine = sinks[k].burden / sinks[k].kg;
    table.row({plant.sinks[k].name, sinks[k].kg, mine, mine + others.burden / products.kg,
               revenue > 0 ? (products.burden + others.burden) * earned[k] / revenue / sinks[k].kg : std::numeric_limits<double>::quiet_NaN()});
  }
  return table;
}

Table activities_table(const Scenario& scenario, const EdgeSummary& summary) {
  const Plant& plant = *scenario.plant;
  const Reporting& reporting = scenario.reporting;
  struct Row {
    Index place;
    const Factor* factor;
    double kg;
    bool estimate;
  };
  std::vector<Row> rows;
  double all = 0;
  const auto add = [&](Index place, const Factor& factor, double amount, bool estimate) {
    if (amount == 0) return;
    rows.push_back({place, &factor, factor.kgCO2e_per_unit * amount, estimate || factor.estimate});
    if (!factor.credit()) all += rows.back().kg;
  };
  const auto guessed = [&](Index place) {
    return std::any_of(reporting.passing.begin(), reporting.passing.end(), [&](const Passing& passing) {
      return passing.estimate && place == (passing.source ? plant.source_node(passing.node) : plant.sink_node(passing.node));
    });
  };
  for (const Factor& factor : reporting.factors) {
    for (Index place = 0; place < summary.used.size(); ++place)
      if (factor.flow < summary.used[place].size()) add(place, factor, summary.used[place][factor.flow], guessed(place));
    for (Index k = 0; k < reporting.auxiliaries.size(); ++k) {
      const Auxiliary& load = reporting.auxiliaries[k];
      double per_s = factor.flow == plant.electricity ? load.power_W : 0;
      for (const auto& [flow, rate] : load.consumes) per_s += flow == factor.flow ? rate : 0;
      add(Totals::place_of_auxiliary(plant, k), factor, per_s * (summary.end_s - summary.begin_s), load.estimate);
    }
  }
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.kg > b.kg; });
  Table table({text_column("place").as("Activity"), text_column("stage").to_the_left(), text_column("factor").to_the_left(),
               integer_column("scope", "Of the factor; credits have one too, and are below 0."), number_column("carbon", carbon_unit).as("kg CO2e"),
               number_column("share", "1", "Of all emissions, credits aside.").as("share", shown_percent), flag_column("estimate", "Its factor, or its use, is one.").as("estimate")});
  for (const Row& row : rows)
    table.row({Totals::name_of(plant, reporting, row.place), Totals::stage_of(plant, reporting, row.place), row.factor->name, row.factor->scope, row.kg,
               row.kg < 0 ? std::numeric_limits<double>::quiet_NaN() : row.kg / all, row.estimate});
  return table;
}

Table spread_table(const Footprints& all, const Plant& plant) {
  std::map<std::pair<std::string, std::string>, std::vector<double>> values;
  std::map<std::pair<std::string, std::string>, bool> by_mass;
  const auto add = [&](const char* side, const std::string& name, const LotFootprint& lot) {
    const std::pair<std::string, std::string> key{side, name};
    const bool mass = by_mass.emplace(key, lot.lot.kg > 0).first->second;
    values[key].push_back(mass ? per(lot.burden.sum, lot.lot.kg) : lot.burden.sum);
  };
  for (const LotFootprint& lot : all.origins)
    if (lot.open_share <= closed_share) add("caused by", kind_of(plant, lot.lot.kind).empty() ? "lots" : kind_of(plant, lot.lot.kind), lot);
  for (const LotFootprint& lot : all.ended) add("borne at", plant.sinks[lot.place].name, lot);
  std::vector<Column> columns{text_column("side", "Lots from outside that are gone by their kind, or lots at a sink.").as("Spread"), text_column("name").to_the_left(),
                              text_column("unit").to_the_left(), integer_column("lots")};
  static constexpr std::pair<const char*, double> quantiles[] = {{"p5", 0.05}, {"p25", 0.25}, {"p50", 0.5}, {"p75", 0.75}, {"p95", 0.95}};
  for (const auto& [name, share] : quantiles) columns.push_back(number_column(name, {}, "So many of a hundred lots have no more."));
  Table table(std::move(columns));
  for (auto& [key, lots] : values) {
    std::sort(lots.begin(), lots.end());
    std::vector<Cell> row{key.first, key.second, by_mass[key] ? "kg CO2e/kg" : "kg CO2e", lots.size()};
    for (const auto& [name, share] : quantiles) row.emplace_back(lots[static_cast<std::size_t>(share * static_cast<double>(lots.size() - 1) + 0.5)]);
    table.row(row);
  }
  return table;
}

Table items_table(const std::vector<Item>& items, const Plant& plant) {
  Table table({text_column("place").as("Activity"), text_column("flow").as("flow").to_the_left(),
               number_column("carbon", carbon_unit).as("kg CO2e"), number_column("share", "1").as("share", shown_percent)});
  double sum = 0;
  for (const Item& item : items) sum += item.kg;
  for (const Item& item : items)
    table.row({Totals::name_of(plant, {}, item.activity.place), plant.flows[item.activity.flow].name, item.kg, item.kg / sum});
  return table;
}

Table shares_table(const std::vector<Swept>& origins, const Plant& plant, double kg) {
  Table table({text_column("lot").as("Made of"), text_column("kind").as("kind").to_the_left(), text_column("from").as("from").to_the_left(),
               kg_column(), number_column("share", "1", "Of the mass of the product.").as("share", shown_percent)});
  for (const Swept& origin : origins)
    table.row({lot_text(origin.lot.id), kind_of(plant, origin.lot.kind), origin_of(plant, origin.place), origin.open_kg, per(origin.open_kg, kg)});
  return table;
}

std::string footprint_text(const Footprints& all, const Plant& plant) {
  std::vector<std::pair<std::string, const LotFootprint*>> kinds, sinks;
  for (const LotFootprint& lot : all.origins) {
    const std::string kind = kind_of(plant, lot.lot.kind);
    kinds.emplace_back((kind.empty() ? "lot" : kind) + (lot.open_share > closed_share ? ", partly still there" : ", gone"), &lot);
  }
  for (const LotFootprint& lot : all.ended) sinks.emplace_back(plant.sinks[lot.place].name, &lot);
  return footprint_sum_table(all).text() + fmt::format("  both sums are what {} but for {:.1e} of it\n\n", all.of == Measure::money ? "it pays and earns" : "its stations and loads emit", all.error) +
         by_name(all, "From outside", kinds).text() + "\n" + by_name(all, "At sinks", sinks).text() +
         fmt::format("\n  {} lots are still in the plant, what they bear is not final: --table running\n", all.running.size());
}

}  // namespace retwin
