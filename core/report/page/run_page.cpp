// Parts of the page of a run, made from what reports are made of; nothing is computed here that they do not know.
#include "core/report/page/run_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "core/base/constants.hpp"
#include "core/base/problem.hpp"
#include "core/base/table_json.hpp"
#include "core/base/text.hpp"
#include "core/graph/graphviz.hpp"
#include "core/report/report.hpp"
#include "core/report/verdict_report.hpp"
#include "core/scenario/terms.hpp"

namespace retwin {
namespace {

using nlohmann::json;

json station_of(const Station& station) {
  json out = {{"name", station.name}, {"unit", station.unit}, {"group", station.group}};
  out["servers"] = station.unlimited_servers ? json(nullptr) : json(station.servers);
  out["buffer"] = station.buffer_places == unlimited ? json(nullptr) : json(station.buffer_places);
  json power = json::array();
  for (const double watts : station.power_W) power.push_back(json_number<json>(watts));
  out["power_W"] = std::move(power);
  return out;
}

json levels(const std::vector<double>& rows, std::size_t width, double factor = 1) {
  if (width == 0) return base64({});
  std::vector<double> scaled(rows);
  for (double& value : scaled) value *= factor;
  return base64_floats(scaled);
}

void add_layout(Page& page, const Scenario& scenario, const ProcessGraph& graph, const MapLayout& layout) {
  const auto rounded = [](double value) { return std::round(value * 10) / 10; };
  json nodes = json::array(), ways = json::array(), lanes = json::array();
  for (const MapLayout::Box& box : layout.boxes)
    nodes.push_back({{"node", box.node}, {"name", graph_node_name(*scenario.plant, box.node)}, {"x", rounded(box.x)}, {"y", rounded(box.y)},
                     {"w", rounded(box.width)}, {"h", rounded(box.height)},
                     {"kind", graph.is_station(box.node) ? "station" : graph.is_source(box.node) ? "source" : "sink"}});
  for (const MapLayout::Path& path : layout.paths) {
    json points = json::array();
    for (const double value : path.xy) points.push_back(rounded(value));
    ways.push_back({{"from", path.from}, {"to", path.to}, {"xy", std::move(points)}});
  }
  for (const MapLayout::Lane& lane : layout.lanes)
    lanes.push_back({{"group", lane.group}, {"x", rounded(lane.x)}, {"y", rounded(lane.y)}, {"w", rounded(lane.width)}, {"h", rounded(lane.height)}});
  page.part("map", json_line<json>({{"width", rounded(layout.width)}, {"height", rounded(layout.height)}, {"nodes", nodes}, {"ways", ways}, {"lanes", lanes}}));
}

}  // namespace

std::string heading_of(const Scenario& scenario, const Results& results) {
  const std::string report = text_report(scenario, results);
  return report.substr(0, report.find('\n'));
}

void add_plant(Page& page, const Scenario& scenario) {
  const Plant& plant = *scenario.plant;
  json stations = json::array(), sinks = json::array(), sources = json::array(), units = json::array(), pools = json::array();
  for (const Station& station : plant.stations) stations.push_back(station_of(station));
  for (const Sink& sink : plant.sinks) sinks.push_back({{"name", sink.name}, {"role", sink.role}, {"tank", sink.tank != none}});
  for (const Source& source : plant.sources) sources.push_back({{"name", source.name}});
  for (const FunctionalUnit& unit : scenario.reporting.functional_units) units.push_back({{"name", unit.name}, {"doc", unit.doc}});
  for (const Pool& pool : plant.pools) pools.push_back({{"name", pool.name}, {"people", pool.people}});
  json states = json::array();
  for (const char* name : server_state_names) states.push_back(name);
  page.part("plant", json_line<json>({{"stations", stations}, {"sinks", sinks}, {"sources", sources}, {"units", units}, {"pools", pools}, {"states", states},
                                      {"start_s", static_cast<double>(scenario.run.day0) * day_s + scenario.run.clock0_s}}));
}

void add_words(Page& page) {
  json words = json::array();
  for (const Term& term : terms()) words.push_back({{"name", term.name}, {"doc", term.doc}, {"text", term.text}});
  page.part("words", json_line(words));
}

void add_verdict(Page& page, const Scenario& scenario, const Verdict& verdict) {
  page.part("verdict", verdict_json(scenario, verdict));
  page.table("gains", "one row per relief that was measured", gains_table(verdict));
  page.table("suspects", "what one run makes suspect", suspects_table(verdict));
}

void add_result(Page& page, const Scenario& scenario, const Results& results, const std::vector<Exporter>& exporters) {
  page.part("result", result_json(scenario, results));
  for (const Exporter& exporter : exporters)
    if (exporter.table && exporter.name != "kpis" && (!exporter.applies || exporter.applies(scenario)))
      page.table(exporter.name, exporter.doc, exporter.table(scenario, results));
}

void add_map(Page& page, const Scenario& scenario, const DrawnFigures& figures) {
  const ProcessGraph graph = process_graph(*scenario.plant);
  LaneDrawing drawing(*scenario.plant, graph, figures);
  try {
    add_layout(page, scenario, graph, drawing.layout(render_lanes(drawing, "plain")));
  } catch (const InputError& error) {
    page.text("no_map", error.problems().front().message);
  }
}

void add_moves(Page& page, const Scenario& scenario, const Moves& moves) {
  std::string ids(moves.lots.size() * 8, '\0'), kinds;
  std::vector<double> kg;
  json ancestors = json::array();
  for (std::size_t k = 0; k < moves.lots.size(); ++k) {
    const Moves::Lot& lot = moves.lots[k];
    std::memcpy(ids.data() + 8 * k, &lot.id, 8);
    kinds += static_cast<char>(std::min<Index>(lot.kind, 255));
    kg.push_back(lot.kg);
    json of = json::array({k});
    for (const std::uint32_t ancestor : lot.ancestors) of.push_back(ancestor);
    if (of.size() > 1) ancestors.push_back(std::move(of));
  }
  json names = json::array(), flows = json::array();
  for (const LotKindInfo& kind : scenario.plant->kinds) names.push_back(kind.name);
  for (const Moves::Flow& flow : moves.flows) flows.push_back({flow.from, flow.to, flow.lots, flow.kg});
  page.part("flows", json_line(flows));
  page.part("moves", json_line<json>({{"begin_s", moves.begin_s}, {"end_s", moves.end_s}, {"tick_s", Moves::tick_s}, {"ids", base64(ids)}, {"kinds", base64(kinds)},
                                      {"kg", base64_floats(kg)}, {"kind_names", names}, {"ancestors", ancestors}, {"n_places", moves.n_places},
                                      {"places", base64(moves.places)}, {"n_states", moves.n_states}, {"states", base64(moves.states)}, {"servers", moves.servers}}));
}

double curve_step_s(const Scenario& scenario) {
  constexpr double most_points = 2500, most_values = 100'000;
  const double stations = static_cast<double>(std::max<std::size_t>(1, scenario.plant->stations.size()));
  const double least_s = scenario.run.duration_s / std::min(most_points, most_values / stations);
  return std::max(hour_s, std::ceil(least_s / hour_s) * hour_s);
}

void add_series(Page& page, const Scenario& scenario, const Series& series) {
  const Plant& plant = *scenario.plant;
  page.part("series", json_line<json>({{"time_s", base64({reinterpret_cast<const char*>(series.time_s.data()), series.time_s.size() * sizeof(double)})},
                                       {"wip", levels(series.wip, 1)},
                                       {"queue", levels(series.queue, plant.stations.size())},
                                       {"content", levels(series.content, plant.stations.size())},
                                       {"power_kW", levels(series.power_W, plant.stations.size(), 1e-3)},
                                       {"taken", levels(series.taken, plant.pools.size())},
                                       {"on_duty", levels(series.on_duty, plant.pools.size())}}));
}

}  // namespace retwin
