// result.json: everything of a result that does not depend on the machine or the hour.
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/base/units.hpp"
#include "core/report/report.hpp"

namespace retwin {
namespace {

using nlohmann::json;

json number(double value) { return std::isfinite(value) ? json(value) : json(nullptr); }

json figures(const Results& results) {
  json out = json::object();
  for (const KpiSummary& summary : results.kpis) {
    json& figure = out[summary.kpi.path];
    figure = {{"mean", number(summary.interval.mean)},
              {"half_width", number(summary.interval.half_width)},
              {"n", summary.interval.n},
              {"unit", summary.kpi.unit}};
    if (summary.kpi.estimate) figure["estimate"] = true;
  }
  return out;
}

json bottleneck(const BottleneckAnalysis& analysis) {
  json rows = json::array();
  for (const BottleneckRow& row : analysis.rows) {
    rows.push_back({{"station", row.station},
                    {"utilisation", number(row.utilisation)},
                    {"static_utilisation", number(row.static_utilisation)},
                    {"active_period_s", number(row.active_period_s)},
                    {"sole", number(row.sole)},
                    {"shifting", number(row.shifting)},
                    {"available", number(row.available)},
                    {"blocked", number(row.blocked)},
                    {"starved", number(row.starved)},
                    {"waiting_resource", number(row.waiting_resource)},
                    {"turning_point", row.turning_point}});
  }
  json named = json::object();
  for (const auto& [method, station] : analysis.named) named[method] = station.empty() ? json(nullptr) : json(station);
  return {{"station", analysis.station},
          {"plant_limits", analysis.plant_limits},
          {"agree", analysis.agree},
          {"verdict", analysis.verdict},
          {"disagreement", analysis.disagreement},
          {"methods", named},
          {"stations", rows}};
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
  return {{"retwin", RETWIN_VERSION},
          {"scenario", {{"name", scenario.name}, {"hash", scenario.scenario_hash}}},
          {"inputs", scenario.inputs},
          {"run",
           {{"start", format_time(run.day0, run.clock0_s)},
            {"window_begin_s", results.begin_s},
            {"window_end_s", results.end_s},
            {"warmup_cut", results.warmed_up},
            {"replications", results.replications},
            {"seed", run.seed},
            {"confidence", run.confidence},
            {"year_s", run.year_s}}},
          {"kpis", figures(results)},
          {"bottleneck", bottleneck(results.bottleneck)},
          {"warnings", warnings(scenario, results)}};
}

/// Bytes that are not UTF-8 cannot come from a checked file, but a report must not fail over one.
std::string text_of(const json& value) { return value.dump(1, ' ', false, json::error_handler_t::replace) + "\n"; }

}  // namespace

std::string result_json(const Scenario& scenario, const Results& results) { return text_of(content(scenario, results)); }

std::string performance_json(const Performance& p) {
  return text_of({{"loop_s", p.loop_s},
                  {"events", p.events},
                  {"completions", p.completions},
                  {"events_per_s", number(static_cast<double>(p.events) / p.loop_s)}});
}

}  // namespace retwin
