// Tables of a result: figures, stations, buffers, auxiliaries, bottleneck methods.
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "core/base/units.hpp"
#include "core/base/constants.hpp"
#include "core/report/report.hpp"

namespace retwin {
namespace {

/// "throughput" and "1/h" make "throughput_per_h"; counts and shares have no unit.
std::string column_name(std::string key, const std::string& unit) {
  for (char& c : key)
    if (c == '.') c = '_';
  if (unit == "1" || key.starts_with(unit + "_")) return key;
  std::string suffix;
  for (const char c : unit.starts_with("1/") ? unit.substr(1) : unit) {
    if (c == '/') suffix += suffix.empty() ? "per_" : "_per_";
    else suffix += c == ' ' ? '_' : c;
  }
  return key + "_" + suffix;
}

/// Summaries under "prefix.name.": by name, then by key; and the keys in the order in which they first appear.
struct Pivot {
  std::map<std::string, std::map<std::string, const KpiSummary*>> rows;
  std::vector<std::string> keys;
  std::map<std::string, const Kpi*> kpi;  ///< of a key: one that has its unit and doc
  const KpiSummary* at(const std::string& name, const std::string& key) const {
    const auto row = rows.find(name);
    if (row == rows.end()) return nullptr;
    const auto cell = row->second.find(key);
    return cell == row->second.end() ? nullptr : cell->second;
  }
};

Pivot pivot(const Results& results, const std::string& prefix) {
  Pivot out;
  for (const KpiSummary& summary : results.kpis) {
    const std::string& path = summary.kpi.path;
    if (!path.starts_with(prefix)) continue;
    const std::size_t dot = path.find('.', prefix.size());
    if (dot == std::string::npos) continue;
    const std::string key = path.substr(dot + 1);
    if (out.kpi.emplace(key, &summary.kpi).second) out.keys.push_back(key);
    out.rows[path.substr(prefix.size(), dot - prefix.size())][key] = &summary;
  }
  return out;
}

/// A mean with its half-width behind it.
void add_interval(std::vector<Column>& columns, const std::string& name, const std::string& unit, const std::string& doc) {
  columns.push_back(number_column(name, unit, doc).as(name));  // the name tells the unit
  columns.push_back(number_column(name + "_half_width", unit, "half-width of its confidence interval").for_programs());
}

void add_interval(std::vector<Cell>& cells, const KpiSummary* summary) {
  cells.emplace_back(summary ? summary->interval.mean : nan);
  cells.emplace_back(summary ? summary->interval.half_width : nan);
}

}  // namespace

Table kpis_table(const Scenario&, const Results& results) {
  Table table({text_column("path", "as in settings and results everywhere"), number_column("mean", {}, "over the replications"),
               number_column("half_width", {}, "of the confidence interval of the mean"),
               text_column("unit", "of mean and half-width").to_the_left(),
               integer_column("n", "replications in which it is defined"), flag_column("estimate", "rests on an estimate"),
               text_column("doc", "what it is").to_the_left()});
  for (const auto& [kpi, interval] : results.kpis)
    table.row({kpi.path, interval.mean, interval.half_width, kpi.unit, interval.n, kpi.estimate, kpi.doc});
  return table;
}

Table stations_table(const Scenario& scenario, const Results& results) {
  const Pivot stations = pivot(results, "stations.");
  std::vector<Column> columns{text_column("station"),
                              text_column("unit", "unit operation").to_the_left(),
                              text_column("group").to_the_left(),
                              text_column("confidence", "what its times rest on").to_the_left(),
                              text_column("source", "of its times").for_programs(),
                              text_column("phases").for_programs(),
                              integer_column("servers")};
  for (const std::string& key : stations.keys) {
    const Kpi& kpi = *stations.kpi.at(key);
    add_interval(columns, column_name(key, kpi.unit), kpi.unit, kpi.doc);
  }
  Table table(columns);
  for (Index k = 0; k < scenario.plant->n_stations(); ++k) {
    const Station& station = scenario.plant->stations[k];
    const Evidence told = scenario.reporting.of_station(k);
    std::string phases;
    for (const WorkPhase& phase : station.phases) phases += (phases.empty() ? "" : "; ") + phase.name;
    std::vector<Cell> cells{station.name, station.unit, station.group, told.confidence, told.source, phases, station.servers};
    for (const std::string& key : stations.keys) add_interval(cells, stations.at(station.name, key));
    table.row(cells);
  }
  return table;
}

Table buffers_table(const Scenario& scenario, const Results& results) {
  const Pivot stations = pivot(results, "stations.");
  std::vector<Column> columns{text_column("station"), number_column("room_lots", "1", "places; none: no limit"),
                              number_column("room_kg", "kg", "mass that it holds; none: no limit").as("room_kg")};
  add_interval(columns, "mean_lots", "1", "mean number of lots in the buffer");
  add_interval(columns, "mean_mass_t", "t", "mean mass in the buffer");
  add_interval(columns, "waiting_s", "s", "mean wait in the buffer");
  add_interval(columns, "p95_lots", "1", "lots not exceeded in 95 % of the time");
  add_interval(columns, "max_lots", "1", "most lots for any time");
  add_interval(columns, "p95_mass_t", "t", "mass not exceeded in 95 % of the time");
  add_interval(columns, "max_mass_t", "t", "most mass for any time");
  add_interval(columns, "feeder_blocked", "1", "share of the window in which a server before it held a lot that found no room");
  add_interval(columns, "feeder_blocked_h", "h", "time of that in the window");
  Table table(columns);
  for (const Station& station : scenario.plant->stations) {
    std::vector<Cell> cells{station.name, station.buffer_places == unlimited ? nan : static_cast<double>(station.buffer_places),
                            station.buffer_kg < 0 ? nan : station.buffer_kg};
    for (const char* key : {"mean_queue", "mean_queue_mass", "waiting", "queue.p95", "queue.max", "queue_mass.p95", "queue_mass.max",
                            "feeder_blocked", "feeder_blocked_time"}) add_interval(cells, stations.at(station.name, key));
    table.row(cells);
  }
  return table;
}

Table due_table(const Scenario& scenario, const Results& results) {
  const Pivot sinks = pivot(results, "sinks.");
  std::vector<Column> columns{text_column("sink")};
  add_interval(columns, "late_share", "1", "share of the lots with a due time that came after it");
  add_interval(columns, "lateness_h", "h", "mean time by which lots came after their due time, less if they came before it");
  add_interval(columns, "tardiness_h", "h", "the same, those in time counted as 0");
  Table table(columns);
  for (const Sink& sink : scenario.plant->sinks) {
    std::vector<Cell> cells{sink.name};
    for (const char* key : {"late_share", "lateness", "tardiness"}) add_interval(cells, sinks.at(sink.name, key));
    table.row(cells);
  }
  return table;
}

Table tanks_table(const Scenario& scenario, const Results& results) {
  const Pivot tanks = pivot(results, "tanks.");
  std::vector<Column> columns{text_column("tank"), text_column("of", "mass, what is drawn, made or let out, or an element that it holds").to_the_left(),
                              text_column("unit").to_the_left()};
  add_interval(columns, "mean", "", "over time; elements: while it holds anything");
  add_interval(columns, "max", "", "for any time, to 0.4 %");
  add_interval(columns, "dosed", "mg/kg", "in what is dosed, drawn and make-up together");
  Table table(columns);
  for (const Tank& tank : scenario.plant->tanks)
    for (const std::string& key : tanks.keys) {
      if (key.ends_with(".max") || key.ends_with(".dosed")) continue;
      const std::string of = key.ends_with(".mean") ? key.substr(0, key.size() - 5) : key;
      const KpiSummary *mean = tanks.at(tank.name, key), *most = tanks.at(tank.name, of + ".max");
      if (mean == nullptr || (mean->kpi.unit == "mg/kg" && most != nullptr && !(most->interval.mean > 0))) continue;
      std::vector<Cell> cells{tank.name, of, mean->kpi.unit};
      add_interval(cells, mean);
      add_interval(cells, most);
      add_interval(cells, tanks.at(tank.name, of + ".dosed"));
      table.row(cells);
    }
  return table;
}

Table utilities_table(const Scenario& scenario, const Results& results) {
  const Pivot utilities = pivot(results, "utilities.");
  std::vector<Column> columns{text_column("utility"), text_column("unit", "of what is drawn and offered").to_the_left()};
  add_interval(columns, "utilisation", "1", "share of the capacity that is drawn");
  add_interval(columns, "full", "1", "share of the time in which all of it is drawn and somebody wants more");
  add_interval(columns, "taken", "", "mean of what is drawn");
  add_interval(columns, "offered", "", "mean capacity, outages counted");
  columns.push_back(text_column("confidence", "in its capacity").to_the_left());
  columns.push_back(text_column("source").to_the_left());
  Table table(columns);
  for (Index k = 0; k < scenario.plant->utilities.size(); ++k) {
    const Utility& utility = scenario.plant->utilities[k];
    const KpiSummary* const taken = utilities.at(utility.name, "taken");
    std::vector<Cell> cells{utility.name, taken == nullptr ? "" : taken->kpi.unit};
    for (const char* key : {"utilisation", "full", "taken", "offered"}) add_interval(cells, utilities.at(utility.name, key));
    cells.emplace_back(scenario.reporting.of_utility(k).confidence);
    cells.emplace_back(scenario.reporting.of_utility(k).source);
    table.row(cells);
  }
  return table;
}

Table devices_table(const Scenario& scenario, const Results& results) {
  const Pivot hosts = pivot(results, "digital.hosts."), links = pivot(results, "digital.links.");
  std::vector<Column> columns{text_column("device"), text_column("kind", "host or link").to_the_left()};
  add_interval(columns, "utilisation", "1", "share of its cores at work, or of its bandwidth in use");
  add_interval(columns, "power_W", "W", "mean electric power");
  add_interval(columns, "away", "1", "share of the time in which it is off or down");
  columns.push_back(text_column("confidence", "in its figures").to_the_left());
  columns.push_back(text_column("source").to_the_left());
  Table table(columns);
  for (const Device& device : scenario.plant->digital.devices) {
    const Pivot& of = device.link ? links : hosts;
    std::vector<Cell> cells{device.name, device.link ? "link" : "host"};
    for (const char* key : {"utilisation", "power", "away"}) add_interval(cells, of.at(device.name, key));
    const Evidence told = scenario.reporting.of_digital((device.link ? "links." : "hosts.") + device.name);
    cells.emplace_back(told.confidence);
    cells.emplace_back(told.source);
    table.row(cells);
  }
  return table;
}

Table tasks_table(const Scenario& scenario, const Results& results) {
  const Pivot tasks = pivot(results, "digital.tasks.");
  std::vector<Column> columns{text_column("task")};
  add_interval(columns, "done", "1", "how often, in the window");
  add_interval(columns, "latency_s", "s", "mean time from its beginning to the end of its last step");
  add_interval(columns, "latency_p95_s", "s", "which 95 % stay below");
  add_interval(columns, "latency_p99_s", "s", "which 99 % stay below");
  add_interval(columns, "delayed", "1", "jobs that were done but for its result");
  add_interval(columns, "delay_h", "h", "time for which they waited for it, in all");
  add_interval(columns, "backlog", "1", "more under way at the end of the window than at its beginning");
  columns.push_back(text_column("confidence", "in its figures").to_the_left());
  columns.push_back(text_column("source").to_the_left());
  Table table(columns);
  for (const DigitalTask& task : scenario.plant->digital.tasks) {
    std::vector<Cell> cells{task.name};
    for (const char* key : {"done", "latency.mean", "latency.p95", "latency.p99", "delayed", "delay", "backlog"}) add_interval(cells, tasks.at(task.name, key));
    const Evidence told = scenario.reporting.of_digital("tasks." + task.name);
    cells.emplace_back(told.confidence);
    cells.emplace_back(told.source);
    table.row(cells);
  }
  return table;
}

Table stocks_table(const Scenario& scenario, const Results& results) {
  const Pivot figures = pivot(results, "stocks.");
  std::vector<Column> columns{text_column("stock"), text_column("group", "of stations; empty: all").to_the_left(), text_column("unit").to_the_left()};
  for (const char* name : {"mean", "p95", "max", "largest_lot", "above"}) add_interval(columns, name, "", "of the readings; above: share of them");
  columns.push_back(text_column("note").to_the_left());
  Table table(columns);
  for (const Stock& stock : scenario.reporting.stocks) {
    std::vector<std::string> groups{""};
    for (const std::string& key : figures.keys)
      if (key.ends_with(".mean") && figures.at(stock.name, key) != nullptr) groups.push_back(key.substr(0, key.size() - 5));
    for (const std::string& group : groups) {
      std::vector<Cell> cells{stock.name, group, stock.unit};
      for (const char* key : {"mean", "p95", "max", "largest_lot", "above"})
        add_interval(cells, figures.at(stock.name, (group.empty() ? "" : group + ".") + key));
      cells.emplace_back((stock.estimate ? "estimate; " : "") + stock.note);
      table.row(cells);
    }
  }
  return table;
}

Table specs_table(const Scenario& scenario, const Results& results) {
  const Pivot sinks = pivot(results, "sinks.");
  std::vector<Column> columns{text_column("sink"), text_column("limit", "element, component or several joined by +").to_the_left(),
                              number_column("least", "1"), number_column("most", "1")};
  add_interval(columns, "content", "1", "share of the mass that arrived in the window");
  add_interval(columns, "off_spec", "1", "share of the lots that fail any of the limits");
  for (const char* name : {"confidence", "source"}) columns.push_back(text_column(name, "of the specification").to_the_left());
  Table table(columns);
  for (const Sink& sink : scenario.plant->sinks) {
    if (!sink.specification) continue;
    for (const Limit& limit : sink.specification->limits) {
      const auto bound = [](double share) { return std::isinf(share) ? nan : share; };
      std::vector<Cell> cells{sink.name, limit.name, bound(limit.least), bound(limit.most)};
      add_interval(cells, sinks.at(sink.name, ("content." + limit.word()).c_str()));
      add_interval(cells, sinks.at(sink.name, "off_spec"));
      cells.emplace_back(sink.specification->confidence);
      cells.emplace_back(sink.specification->source);
      table.row(cells);
    }
  }
  return table;
}

Table auxiliaries_table(const Scenario& scenario, const Results&) {
  Table table({text_column("auxiliary"), text_column("group").to_the_left(), number_column("power_W", "W").as("power_W"),
               flag_column("estimate", "says its file"), text_column("note").to_the_left()});
  for (const Auxiliary& auxiliary : scenario.reporting.auxiliaries)
    table.row({auxiliary.name, auxiliary.group, auxiliary.power_W, auxiliary.estimate, auxiliary.note});
  return table;
}

Table bottleneck_table(const std::vector<const BottleneckRow*>& rows) {
  const Show percent = [](double share) { return share > 0 ? shown_percent(share) : std::string(); };
  const Show duration = [](double s) { return std::isnan(s) ? "-" : format_duration(std::round(s)); };
  const auto share = [](const char* name, const char* doc) { return number_column(name, "1", doc); };
  const char* of_server_time = "share of server time";
  Table table({text_column("station").as("Bottleneck by method (replication 1)"),
               share("utilisation", "of the time on shift and in order").as("utilisation", shown_fixed(3)),
               share("static_utilisation", "by the traffic equations").as("static", shown_fixed(3)),
               share("sole", "share of the window in which it alone is the bottleneck").as("sole", percent),
               share("shifting", "share of the window in which the bottleneck shifts to or from it").as("shifting", percent),
               number_column("active_period_s", "s", "mean uninterrupted active period").as("active period", duration),
               share("available", of_server_time).for_programs(), share("blocked", of_server_time).for_programs(),
               share("starved", of_server_time).for_programs(), share("waiting_resource", of_server_time).for_programs(),
               flag_column("turning_point", "blocked before it, starved after it").as("turning point", [](double here) {
                 return here > 0 ? "here" : "";
               })});
  for (const BottleneckRow* row : rows)
    table.row({row->station, row->utilisation, row->static_utilisation, row->sole, row->shifting, row->active_period_s,
               row->available, row->blocked, row->starved, row->waiting_resource, row->turning_point});
  return table;
}

Table bottleneck_table(const Scenario&, const Results& results) {
  std::vector<const BottleneckRow*> rows;
  for (const BottleneckRow& row : results.bottleneck.rows) rows.push_back(&row);
  return bottleneck_table(rows);
}

}  // namespace retwin
