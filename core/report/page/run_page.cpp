// Parts of the page of a run, made from what reports are made of; nothing is computed here that they do not know.
#include "core/report/page/run_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/base/constants.hpp"
#include "core/base/text.hpp"
#include "core/report/report.hpp"
#include "core/scenario/terms.hpp"

namespace retwin {
namespace {

using nlohmann::json;

std::string dumped(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }
json number(double value) { return std::isfinite(value) ? json(value) : json(nullptr); }

json station_of(const Station& station) {
  json out = {{"name", station.name}, {"unit", station.unit}, {"group", station.group}};
  out["servers"] = station.unlimited_servers ? json(nullptr) : json(station.servers);
  out["buffer"] = station.buffer_places == unlimited ? json(nullptr) : json(station.buffer_places);
  json power = json::array();
  for (const double watts : station.power_W) power.push_back(number(watts));
  out["power_W"] = std::move(power);
  return out;
}

json levels(const std::vector<double>& rows, std::size_t width, double factor = 1) {
  if (width == 0) return base64({});
  std::vector<double> scaled(rows);
  for (double& value : scaled) value *= factor;
  return base64_floats(scaled);
}

}  // namespace

std::string heading_of(const Scenario& scenario, const Results& results) {
  const std::string report = text_report(scenario, results);
  return report.substr(0, report.find('\n'));
}

void add_plant(Page& page, const Scenario& scenario) {
  const Plant& plant = *scenario.plant;
  json stations = json::array(), sinks = json::array(), sources = json::array(), units = json::array(), pools = json::array(), words = json::array();
  for (const Station& station : plant.stations) stations.push_back(station_of(station));
  for (const Sink& sink : plant.sinks) sinks.push_back({{"name", sink.name}, {"role", sink.role}, {"tank", sink.tank != none}});
  for (const Source& source : plant.sources) sources.push_back({{"name", source.name}});
  for (const FunctionalUnit& unit : scenario.reporting.functional_units) units.push_back({{"name", unit.name}, {"doc", unit.doc}});
  for (const Pool& pool : plant.pools) pools.push_back({{"name", pool.name}, {"people", pool.people}});
  for (const Term& term : terms()) words.push_back({{"name", term.name}, {"doc", term.doc}, {"text", term.text}});
  json states = json::array();
  for (const char* name : server_state_names) states.push_back(name);
  page.part("plant", dumped({{"stations", stations}, {"sinks", sinks}, {"sources", sources}, {"units", units}, {"pools", pools}, {"states", states},
                             {"start_s", static_cast<double>(scenario.run.day0) * day_s + scenario.run.clock0_s}}));
  page.part("words", dumped(words));
}

void add_result(Page& page, const Scenario& scenario, const Results& results, const std::vector<Exporter>& exporters) {
  page.part("result", result_json(scenario, results));
  for (const Exporter& exporter : exporters)
    if (exporter.table && exporter.name != "kpis" && (!exporter.applies || exporter.applies(scenario)))
      page.table(exporter.name, exporter.doc, exporter.table(scenario, results));
}

double curve_step_s(const Scenario& scenario) {
  constexpr double most_points = 2500, most_values = 100'000;
  const double stations = static_cast<double>(std::max<std::size_t>(1, scenario.plant->stations.size()));
  const double least_s = scenario.run.duration_s / std::min(most_points, most_values / stations);
  return std::max(hour_s, std::ceil(least_s / hour_s) * hour_s);
}

void add_series(Page& page, const Scenario& scenario, const Series& series) {
  const Plant& plant = *scenario.plant;
  page.part("series", dumped({{"time_s", levels(series.time_s, 1)},
                              {"wip", levels(series.wip, 1)},
                              {"queue", levels(series.queue, plant.stations.size())},
                              {"content", levels(series.content, plant.stations.size())},
                              {"power_kW", levels(series.power_W, plant.stations.size(), 1e-3)},
                              {"taken", levels(series.taken, plant.pools.size())},
                              {"on_duty", levels(series.on_duty, plant.pools.size())}}));
}

}  // namespace retwin
