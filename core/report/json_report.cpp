// result.json: everything of a result that does not depend on the machine or the hour.
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/base/table_json.hpp"
#include "core/base/units.hpp"
#include "core/report/account_report.hpp"

namespace retwin {
namespace {

using nlohmann::json;

/// What says nothing of a figure in particular is left out.
json figures(const Table& kpis) {
  json out = json_by_name<json>(kpis);
  for (json& figure : out) {
    figure.erase("doc");
    if (!figure["estimate"].get<bool>()) figure.erase("estimate");
  }
  return out;
}

json bottleneck(const BottleneckAnalysis& analysis, const Table& rows) {
  json named = json::object();
  for (const auto& [method, station] : analysis.named) named[method] = station.empty() ? json(nullptr) : json(station);
  json suspects = json::array();
  for (const Suspect& suspect : analysis.suspects) suspects.push_back({{"path", suspect.path}, {"load", json_number<json>(suspect.load)}, {"why", suspect.why}});
  return {{"station", analysis.station},
          {"suspects", std::move(suspects)},
          {"plant_limits", analysis.plant_limits},
          {"agree", analysis.agree},
          {"verdict", analysis.verdict},
          {"disagreement", analysis.disagreement},
          {"methods", named},
          {"stations", json_rows<json>(rows)}};
}

json warnings(const Scenario& scenario, const Results& results) {
  json out = json::array();
  for (const auto* problems : {&scenario.warnings, &results.warnings})
    for (const Problem& problem : *problems)
      out.push_back({{"code", code_name(problem.code)}, {"path", problem.path}, {"message", problem.message}});
  return out;
}

json content(const Scenario& scenario, const Results& results) {
  const RunSettings& run = scenario.run;
  json out = {{"retwin", RETWIN_VERSION},
          {"scenario",
           {{"name", scenario.name}, {"label", scenario.label}, {"objective", scenario.objective}, {"hash", scenario.scenario_hash}}},
          {"inputs", scenario.inputs},
          {"run",
           {{"start", format_time(run.day0, run.clock0_s)},
            {"window_begin_s", results.begin_s},
            {"window_end_s", results.end_s},
            {"warmup_cut", results.warmed_up},
            {"replications", results.replications},
            {"precise", results.precise},
            {"seed", run.seed},
            {"confidence", run.confidence},
            {"year_s", run.year_s}}},
          {"kpis", figures(kpis_table(scenario, results))},
          {"bottleneck", bottleneck(results.bottleneck, bottleneck_table(scenario, results))},
          {"warnings", warnings(scenario, results)}};
  if (results.found_warmup) out["run"]["found_warmup_s"] = results.begin_s;
  if (has_rules(scenario)) out["compliance"] = json_rows<json>(compliance_table(scenario, results));
  if (has_prices(scenario)) {
    out["cost"] = json_rows<json>(cost_table(scenario, results));
    out["prices"] = json_rows<json>(prices_table(scenario, results));
  }
  if (scenario.reporting.factors.empty()) return out;
  out["completeness"] = json_rows<json>(completeness_table(scenario, results));
  out["factors"] = json_rows<json>(factors_table(scenario, results));
  return out;
}

/// Bytes that are not UTF-8 cannot come from a checked file, but a report must not fail over one.
std::string text_of(const json& value) { return value.dump(1, ' ', false, json::error_handler_t::replace) + "\n"; }

}  // namespace

std::string result_json(const Scenario& scenario, const Results& results) { return text_of(content(scenario, results)); }

std::string performance_json(const Performance& p) {
  return text_of({{"loop_s", p.loop_s},
                  {"events", p.events},
                  {"completions", p.completions},
                  {"events_per_s", json_number<json>(static_cast<double>(p.events) / p.loop_s)}});
}

}  // namespace retwin
