// Which parts the page of each command has.
#include "core/report/page/pages.hpp"

#include "core/experiment/drawn_figures.hpp"
#include "core/report/compare_report.hpp"
#include "core/report/page/lot_footprints.hpp"
#include "core/report/verdict_report.hpp"

namespace retwin {

Page page_of_run(const Scenario& scenario, const Results& results, const std::vector<Exporter>& exporters, FirstReplication& first, const Verdict* verdict) {
  Page page("run", scenario.name, heading_of(scenario, results));
  add_plant(page, scenario);
  add_words(page);
  add_result(page, scenario, results, exporters);
  add_series(page, scenario, first.curves());
  const Moves moves = first.take_moves();
  add_moves(page, scenario, moves);
  add_footprints(page, scenario, moves, first.edges());
  if (verdict) add_verdict(page, scenario, *verdict);
  add_map(page, scenario, figures_of(scenario, results));
  return page;
}

Page page_of_verdict(const Scenario& scenario, const Verdict& verdict) {
  Page page("bottleneck", scenario.name, "what limits " + verdict.objective + ", measured by relieving it");
  add_verdict(page, scenario, verdict);
  page.text("text", verdict_text(scenario, verdict));
  add_words(page);
  return page;
}

Page page_of_comparison(const Comparison& comparison, ComparedReplays& replays) {
  const Scenario& base = replays.base();
  Page page("compare", base.name, "variants against " + base.path + ", with the same luck");
  page.text("text", compare_text(comparison));
  page.table("figures", "one row per variant and figure", figure_changes_table(comparison));
  page.table("changes", "what differs in the scenarios", scenario_changes_table(comparison));
  page.table("gate", "one row per variant and condition", gate_table(comparison));
  page.table("claims", "one row per variant and claim", claims_table(comparison));
  replays.add_to(page);
  add_words(page);
  return page;
}

Page page_of_validation(const std::string& path, const std::string& log, const std::string& text, const std::string& json) {
  Page page("validate", path, "how well it predicts what it has not seen of " + log);
  page.text("text", text);
  page.part("json", json);
  add_words(page);
  return page;
}

Page page_of_study(const std::string& command, const std::string& study, const std::string& scenario, const std::string& text, const std::vector<std::pair<std::string, const Table*>>& tables) {
  Page page(command, study, "a study of " + scenario);
  page.text("text", text);
  for (const auto& [name, table] : tables) page.table(name, name == tables.front().first ? "what was found" : "beside it", *table);
  add_words(page);
  return page;
}

Page page_of_footprints(const Scenario& scenario, const std::string& text, const NamedTables& tables) {
  Page page("carbon", scenario.name, "footprints by the ledger of every job");
  page.text("text", text);
  for (const auto& [name, table] : tables) page.table(name, name == tables.front().first ? "what was asked for" : "beside it", table());
  add_words(page);
  return page;
}

}  // namespace retwin
