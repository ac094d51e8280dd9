// Texts and tables of a ledger, by the names that the doors have for them.
#include "models/carbon/ledger_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "core/report/footprint_report.hpp"

namespace retwin {

LedgerReport report_of_all(const Scenario& scenario, const EdgeSummary& summary, const Footprints& all) {
  const Plant& plant = *scenario.plant;
  const auto text = [&] {
    std::string head = fmt::format("{}: {} jobs\n", scenario.name, summary.jobs);
    if (!summary.parent.empty()) head += fmt::format("  goes on from ledger {}\n", summary.parent);
    return head + "\n" + footprint_text(all, plant);
  };
  return {text,
          {{"sum", [&] { return footprint_sum_table(all); }},
           {"batteries", [&] { return origins_table(all, plant); }},
           {"products", [&] { return products_table(all, plant); }},
           {"running", [&] { return running_table(all, plant); }},
           {"activities", [&] { return activities_table(scenario, summary); }},
           {"spread", [&] { return spread_table(all, plant); }},
           {"rules", [&] { return product_rules_table(all, plant, earned_at_sinks(plant, scenario.reporting, summary)); }}}};
}

LedgerReport report_of_lot(const Scenario& scenario, const Ledger& ledger, std::uint64_t lot, bool battery) {
  const Plant& plant = *scenario.plant;
  const std::vector<Item> items = battery ? items_of_origin(plant, scenario.reporting, *ledger.edges, ledger.summary, lot)
                                          : items_of_end(plant, scenario.reporting, *ledger.edges, ledger.summary, lot);
  if (items.empty()) return {};
  double sum = 0, kg = 0;
  for (const Item& item : items) sum += item.kg;
  NamedTables tables{{"items", [items, &plant] { return items_table(items, plant); }}};
  std::string text = fmt::format("{} {}: {:.6g} kg CO2e {}\n\n", battery ? "battery" : "product", lot_text(lot), sum,
                                 battery ? "caused by its matter after it came" : "borne when it left");
  text += items_table(items, plant).text();
  if (!battery) {
    const std::vector<Swept> origins = origins_of(plant, scenario.reporting, *ledger.edges, ledger.summary, lot);
    for (const Swept& origin : origins) kg += origin.open_kg;
    tables.emplace_back("origins", [origins, &plant, kg] { return shares_table(origins, plant, kg); });
    text += "\n" + fmt::format("{:.6g} kg of it come from {} lots from outside, the rest was bought\n\n", kg, origins.size());
    constexpr std::size_t most = 25;
    text += shares_table({origins.begin(), origins.begin() + static_cast<std::ptrdiff_t>(std::min(most, origins.size()))}, plant, kg).text();
    if (origins.size() > most) text += fmt::format("  and {} more: --table origins\n", origins.size() - most);
  }
  return {[text] { return text; }, std::move(tables)};
}

LedgerReport report_of_background(const Background& made) {
  return {[&] { return background_text(made); }, {{"background", [&] { return made.flows; }}, {"processes", [&] { return made.processes; }}}};
}

}  // namespace retwin
