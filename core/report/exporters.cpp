// The files that a run writes: those of every plant, and how all are written.
#include <algorithm>

#include "core/base/files.hpp"
#include "core/ledger/rules_and_prices.hpp"
#include "core/report/account_report.hpp"
#include "core/report/report.hpp"
#include "core/report/uncertainty.hpp"

namespace retwin {
namespace {

constexpr const char* leaving = "leaving";

/// Of this plant; whether lots were there at the beginning shows in a run alone.
bool says_something(const Exporter& exporter, const Scenario& scenario, const Results& results) {
  return (!exporter.applies || exporter.applies(scenario)) && (exporter.name != leaving || !results.there.empty());
}

}  // namespace

void register_reports(Registry& registry) {
  registry.exporters.push_back({"result", "result.json", "everything of the result", result_json, {}, {}});
  const auto table = [&](const char* name, const char* doc, Table (*make)(const Scenario&, const Results&)) {
    registry.exporters.push_back(table_exporter(name, doc, make));
  };
  table("kpis", "one row per figure", kpis_table);
  table("stations", "one row per station", stations_table);
  table("buffers", "one row per buffer", buffers_table);
  registry.exporters.push_back(table_exporter("due", "one row per sink: lots that came late", due_table,
                                              [](const Scenario& scenario) { return scenario.plant->due_slot >= 0; }));
  registry.exporters.push_back(table_exporter("tanks", "one row per tank and what it holds: mass, make-up, bleed, elements dissolved", tanks_table,
                                              [](const Scenario& scenario) { return !scenario.plant->tanks.empty(); }));
  registry.exporters.push_back(table_exporter("utilities", "one row per utility: what is drawn of it, and how long there was not enough", utilities_table,
                                              [](const Scenario& scenario) { return !scenario.plant->utilities.empty(); }));
  registry.exporters.push_back(table_exporter("devices", "one row per computer and link of the digital layer: how busy it is", devices_table,
                                              [](const Scenario& scenario) { return !scenario.plant->digital.devices.empty(); }));
  registry.exporters.push_back(table_exporter("tasks", "one row per task of the digital layer: how long it takes, and what waits for it", tasks_table,
                                              [](const Scenario& scenario) { return !scenario.plant->digital.tasks.empty(); }));
  registry.exporters.push_back(table_exporter("stocks", "one row per stock and group: its readings", stocks_table,
                                              [](const Scenario& scenario) { return !scenario.reporting.stocks.empty(); }));
  registry.exporters.push_back(table_exporter("specs", "one row per limit of a sink's specification: what arrived, and lots that fail", specs_table,
                                              [](const Scenario& scenario) {
                                                const auto& sinks = scenario.plant->sinks;
                                                return std::any_of(sinks.begin(), sinks.end(), [](const Sink& s) { return s.specification != nullptr; });
                                              }));
  table(leaving, "one row per lot that was in the plant at the beginning: when it leaves, and where", leaving_table);
  table("auxiliaries", "one row per load that belongs to no station", auxiliaries_table);
  table("bottleneck", "what each method says of each station", bottleneck_table);
  const auto counts_carbon = [](const Scenario& scenario) { return !scenario.reporting.factors.empty(); };
  registry.exporters.push_back(table_exporter("completeness", "one row per metered flow and outlet: its factors, or the reason for none", completeness_table, counts_carbon));
  registry.exporters.push_back(table_exporter("uncertainty", "carbon per tonne with its factors between low and high: one at a time, and drawn together", uncertainty_table,
                                              [](const Scenario& scenario) { return !scenario.reporting.factors.empty() && !scenario.reporting.functional_units.empty(); }));
  registry.exporters.push_back(table_exporter("circular", "one row per product that displaces primary material: avoided burden and the Circular Footprint Formula", circular_table,
                                              [](const Scenario& scenario) { return !scenario.reporting.displaced.empty(); }));
  registry.exporters.push_back(table_exporter("claims", "one row per reduction that is claimed: what it rests on; retwin compare tells its volume", claimed_table,
                                              [](const Scenario& scenario) { return scenario.reporting.accounts && !scenario.reporting.accounts->claims.empty(); }));
  registry.exporters.push_back(table_exporter("allocation", "one row per shared group and rule: carbon per tonne if it is shared so", allocation_table, [](const Scenario& scenario) {
    return !scenario.reporting.allocations.empty() && !scenario.reporting.factors.empty() && !scenario.reporting.functional_units.empty();
  }));
  registry.exporters.push_back(table_exporter("electricity", "one row per supply of electricity, beside the location-based account", electricity_table,
                                              [](const Scenario& scenario) { return scenario.reporting.electricity.told(); }));
  registry.exporters.push_back(table_exporter("factors", "one row per emission factor that counts", factors_table, counts_carbon));
  registry.exporters.push_back(table_exporter("compliance", "one row per rule on masses and target: value, margin, pass or fail",
                                              [](const Scenario& s, const Results& r) { return compliance_table(s, r); }, has_rules));
  registry.exporters.push_back(table_exporter("cost", "one row per price: what it comes to in a reporting year", cost_table, has_prices));
  registry.exporters.push_back(table_exporter("prices", "one row per price, with what its file says of it", prices_table, has_prices));
}

void write_reports(const std::string& folder, const Scenario& scenario, const Results& results, const std::vector<Exporter>& exporters) {
  FileSet files;
  for (auto exporter = exporters.rbegin(); exporter != exporters.rend(); ++exporter)  // the result itself appears last
    if (says_something(*exporter, scenario, results)) write_file(folder + "/" + exporter->file, exporter->text(scenario, results));
  files.commit();
}

void write_outcomes(const std::string& path, const Results& results) {
  AtomicFile file(path);
  for (std::size_t k = 0; k < results.tasks.size(); ++k) file.write(json_text(results.outcome(k)) + "\n");
  file.commit();
}

}  // namespace retwin
