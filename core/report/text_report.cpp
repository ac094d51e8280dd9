// The report on the terminal; its first screen answers what an engineer asks first.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/base/constants.hpp"
#include "core/base/table.hpp"
#include "core/base/text.hpp"
#include "core/base/units.hpp"
#include "core/report/account_report.hpp"

namespace retwin {
namespace {

constexpr std::size_t most_stations = 40, most_methods = 8, most_items = 6, most_suspects = 5;

/// Looks figures up by path.
class Figures {
 public:
  explicit Figures(const Results& results) {
    for (const KpiSummary& summary : results.kpis) by_path_.emplace(summary.kpi.path, &summary);
  }
  const KpiSummary* find(const std::string& path) const {
    const auto it = by_path_.find(path);
    return it == by_path_.end() ? nullptr : it->second;
  }
  double mean(const std::string& path) const {
    const KpiSummary* summary = find(path);
    return summary ? summary->interval.mean : std::numeric_limits<double>::quiet_NaN();
  }
  /// "12.3 ± 0.4", "-" if there is no such figure or nothing was observed; with a star if it rests on estimates.
  std::string show(const std::string& path, bool with_unit = false) const {
    const KpiSummary* summary = find(path);
    if (!summary || std::isnan(summary->interval.mean)) return "-";
    const std::string& unit = summary->kpi.unit;
    const std::string shown = unit == "1" ? "" : unit.starts_with("1/") ? " lots" + unit.substr(1) : " " + unit;
    return readable(summary->interval) + (with_unit ? shown : "") + (summary->kpi.estimate ? " *" : "");
  }
  /// Of a figure in seconds.
  std::string hours(const std::string& path) const {
    const KpiSummary* summary = find(path);
    return !summary || std::isnan(summary->interval.mean) ? "-" : readable(summary->interval.mean / hour_s, summary->interval.half_width / hour_s);
  }
  std::string percent(const std::string& path) const {
    const double share = mean(path);
    return std::isnan(share) ? "-" : share == 0 ? "" : fmt::format("{:.1f} %", 100 * share);
  }

 private:
  std::map<std::string, const KpiSummary*> by_path_;
};

/// What the command line set beside how long and how often, and what the run went on from.
std::string said_over_the_file(const Scenario& scenario, const Results& results) {
  if (results.tasks.empty()) return {};
  std::string out;
  for (const Override& set : results.tasks.front().overrides)
    if (!set.path.starts_with("run.")) out += fmt::format("{}{} = {}", out.empty() ? "with " : ", ", set.path, set.value);
  out = scenario.label.empty() && !out.empty() ? paragraph(one_line(out)) : "";
  return results.tasks.front().from.empty() ? out : out + paragraph("goes on from " + one_line(results.tasks.front().from));
}

std::string heading(const Scenario& scenario, const Results& results) {
  const std::string label = scenario.label.empty() ? std::string() : fmt::format(" ({})", one_line(scenario.label));
  std::string out = fmt::format("{}{}: {}", one_line(scenario.name), label, format_weeks(results.end_s - results.begin_s));
  if (results.warmed_up) out += fmt::format(" after {} of warm-up", format_weeks(results.begin_s));
  if (results.found_warmup) out += results.warmed_up ? " (found by MSER)" : " without warm-up (by MSER)";
  out +=
      fmt::format(", {} replication{}, seed {}", results.replications, results.replications == 1 ? "" : "s", scenario.run.seed);
  if (results.replications > 1) out += fmt::format(", ± at {:g} % confidence", 100 * scenario.run.confidence);
  return folded(out, page_width, 2) + "\n" + said_over_the_file(scenario, results);
}

/// Products, then what else leaves, then what stays within.
std::size_t order_of(const Sink& sink) {
  constexpr std::string_view roles[] = {"product", "waste", "emission", "", "internal"};
  return static_cast<std::size_t>(std::find(std::begin(roles), std::end(roles), sink.role) - std::begin(roles));
}

std::string throughput(const Scenario& scenario, const Figures& figures) {
  Table table = Table::for_people({"Out of the plant", "", "per year", "mass", "lots", "share of lots lost"});
  std::vector<const Sink*> sinks;
  for (const Sink& sink : scenario.plant->sinks) sinks.push_back(&sink);
  std::stable_sort(sinks.begin(), sinks.end(), [](const Sink* a, const Sink* b) { return order_of(*a) < order_of(*b); });
  for (const Sink* sink : sinks) {
    const std::string at = "sinks." + sink->name + ".";
    if (!(figures.mean(at + "lots") > 0)) continue;
    const bool mass = figures.mean(at + "mass_rate") > 0;
    table.row({sink->name, sink->role, figures.show(at + (mass ? "per_year" : "lots_per_year"), true),
               mass ? figures.show(at + "mass_rate", true) : "", figures.show(at + "throughput", true), ""});
  }
  for (const Source& source : scenario.plant->sources) {
    const std::string at = "sources." + source.name + ".";
    if (figures.mean(at + "lost") > 0) table.row({source.name, "source", "", "", "", figures.percent(at + "lost_share")});
  }
  return table.empty() ? "Out of the plant\n  nothing reached a sink in the window\n" : table.text();
}

std::string limits(const BottleneckAnalysis& analysis) {
  std::string out = "What limits it\n" + paragraph(analysis.verdict);
  if (!analysis.agree) out += paragraph(analysis.disagreement);
  for (std::size_t k = 0; k < std::min(analysis.suspects.size(), most_suspects); ++k)
    out += paragraph(fmt::format("suspect: {}, {}", analysis.suspects[k].path, analysis.suspects[k].why));
  return out + "  A suspicion from one run; `retwin bottleneck` measures what relief brings.\n";
}

/// The largest items of a functional unit's carbon, by factor.
std::string carbon_items(const Results& results, const std::string& at) {
  std::vector<const KpiSummary*> items;
  for (const KpiSummary& summary : results.kpis)
    if (summary.kpi.path.starts_with(at + "carbon.") && !summary.kpi.path.starts_with(at + "carbon.scope") &&
        summary.interval.mean != 0)
      items.push_back(&summary);
  std::stable_sort(items.begin(), items.end(),
                   [](const auto* a, const auto* b) { return std::abs(a->interval.mean) > std::abs(b->interval.mean); });
  std::string out;
  for (std::size_t k = 0; k < std::min(items.size(), most_items); ++k)
    out += fmt::format("{}{} {}{}", k == 0 ? "" : ", ", items[k]->kpi.path.substr(at.size() + 7),
                       readable(items[k]->interval.mean), items[k]->kpi.estimate ? " *" : "");
  return items.size() > most_items ? out + " ..." : out;
}

std::string energy(const Scenario& scenario, const Results& results, const Figures& figures) {
  if (scenario.reporting.factors.empty() && !(figures.mean("plant.power") > 0)) return {};
  std::string out = "Energy and carbon\n";
  out += fmt::format("  plant: {}, {}", figures.show("plant.electricity_per_year", true), figures.show("plant.power", true));
  if (!std::isnan(figures.mean("plant.peak_power"))) out += fmt::format(", peak {}", figures.show("plant.peak_power", true));
  out += scenario.reporting.factors.empty() ? "\n" : fmt::format(", {}\n", figures.show("plant.carbon_per_year", true));
  const bool credits = scenario.reporting.credits();
  if (credits) out += fmt::format("  credits, not netted: {}\n", figures.show("plant.carbon_credit_per_year", true));
  std::vector<std::string> columns{"  per t of", "t/a", "kWh/t", "kg CO2e/t", "scope 1", "scope 2", "scope 3"};
  if (credits) columns.emplace_back("credits");
  Table table = Table::for_people(columns);
  std::string items;
  for (const FunctionalUnit& unit : scenario.reporting.functional_units) {
    const std::string at = "per." + unit.name + ".";
    std::vector<Cell> row{unit.name};
    for (const char* key : {"mass_per_year", "electricity", "carbon", "carbon.scope1", "carbon.scope2", "carbon.scope3"})
      row.emplace_back(figures.show(at + key));
    if (credits) row.emplace_back(figures.show(at + "carbon_credit"));
    table.row(row);
    const std::string carbon = carbon_items(results, at);
    items += paragraph(fmt::format("{}: {}{}{}", unit.name, unit.doc, unit.doc.empty() || carbon.empty() ? "" : "; kg CO2e/t: ", carbon));
  }
  if (!table.empty()) out += table.text() + items;
  return out + (scenario.reporting.factors.empty() ? "" : "  " + uncovered(scenario) + "\n");
}

std::string stock(const Scenario& scenario, const Figures& figures) {
  std::string out = fmt::format("Stock and times\n  {} lots in the plant, {} from birth to sink on average\n",
                                figures.show("plant.wip"), figures.show("plant.cycle_time", true));
  Table table = Table::for_people({"  cycle time [h]", "mean", "median", "90 %", "99 %"});
  for (const Sink& sink : scenario.plant->sinks) {
    const std::string at = "sinks." + sink.name + ".cycle_time.";
    if (sink.role == "product" && !std::isnan(figures.mean(at + "mean")))
      table.row(
          {sink.name, figures.show(at + "mean"), figures.show(at + "p50"), figures.show(at + "p90"), figures.show(at + "p99")});
  }
  out += table.empty() ? "" : table.text();
  if (scenario.plant->due_slot < 0) return out;
  const std::string late = figures.percent("plant.late_share");
  return out + fmt::format("  late: {} of the products and of what is overdue in the plant ({} lots at the end); lateness {}, tardiness {}\n",
                           late.empty() ? "none" : late, figures.show("plant.overdue"), figures.show("plant.lateness", true),
                           figures.show("plant.tardiness", true));
}

std::string stations(const Scenario& scenario, const BottleneckAnalysis& analysis, const Figures& figures) {
  // the shares are of all server time, and sum to 100 %
  Table table = Table::for_people({"Stations, the busiest first", "servers", "at work", "blocked", "starved", "waits for crew", "for utility", "for result", "down", "off shift"});
  Table lines = Table::for_people({"In line before them", "mean", "95 %", "most", "stops feeder", "wait [h]"});
  const auto share = [](double value) { return value > 0 ? fmt::format("{:.1f} %", 100 * value) : std::string(); };
  for (std::size_t k = 0; k < std::min(analysis.rows.size(), most_stations); ++k) {
    const std::string& name = analysis.rows[k].station;
    const std::string at = "stations." + name + ".";
    const Index index = scenario.plant->find_station(name);
    const double stopped = figures.mean(at + "down") + figures.mean(at + "maintenance");
    const std::string mark = scenario.reporting.of_station(index).estimate() ? " *" : "";
    const Station& station = scenario.plant->stations[index];
    table.row({name + mark, station.unlimited_servers ? "unlimited" : std::to_string(station.servers),
               share(figures.mean(at + "working") + figures.mean(at + "setup")), figures.percent(at + "blocked"),
               figures.percent(at + "starved"), figures.percent(at + "waiting_resource"), figures.percent(at + "waiting_utility"), figures.percent(at + "waiting_digital"), share(stopped),
               figures.percent(at + "off_shift")});
    if (figures.mean(at + "queue.max") > 0 || figures.mean(at + "feeder_blocked") > 0)
      lines.row({name, figures.show(at + "mean_queue"), figures.show(at + "queue.p95"), figures.show(at + "queue.max"),
                 figures.percent(at + "feeder_blocked"), figures.hours(at + "waiting")});
  }
  std::string out = table.text();
  if (analysis.rows.size() > most_stations)
    out += fmt::format("  and {} more (stations.csv)\n", analysis.rows.size() - most_stations);
  if (!lines.empty()) out += "\n" + lines.text();
  Table pools = Table::for_people({"Resources", "utilisation", "on duty", "at work"});
  for (const Pool& pool : scenario.plant->pools) {
    const std::string at = "resources." + pool.name + ".";
    pools.row({pool.name, figures.show(at + "utilisation"), figures.show(at + "offered"), figures.show(at + "taken")});
  }
  if (!pools.empty()) out += "\n" + pools.text();
  Table utilities = Table::for_people({"Utilities", "utilisation", "full", "drawn", "capacity"});
  for (Index k = 0; k < scenario.plant->utilities.size(); ++k) {
    const Utility& utility = scenario.plant->utilities[k];
    const std::string at = "utilities." + utility.name + ".";
    const std::string unit = " " + rate_unit(scenario.plant->flows[utility.flow].dimension).name;
    utilities.row({utility.name + (scenario.reporting.of_utility(k).estimate() ? " *" : ""), figures.percent(at + "utilisation"), figures.percent(at + "full"), figures.show(at + "taken") + unit, figures.show(at + "offered") + unit});
  }
  if (!utilities.empty()) out += "\n" + utilities.text();
  Table devices = Table::for_people({"Digital layer", "", "at work", "away", "power [W]"});
  for (const Device& device : scenario.plant->digital.devices) {
    const std::string path = (device.link ? "links." : "hosts.") + device.name, of = "digital." + path + ".";
    devices.row({device.name + (scenario.reporting.of_digital(path).estimate() ? " *" : ""), device.link ? "link" : "host", figures.percent(of + "utilisation"), figures.percent(of + "away"), device.link ? "" : figures.show(of + "power")});
  }
  if (!devices.empty()) out += "\n" + devices.text();
  Table tasks = Table::for_people({"Tasks", "done", "latency [s]", "95 %", "99 %", "jobs delayed", "delay [h]"});
  for (const DigitalTask& task : scenario.plant->digital.tasks) {
    const std::string of = "digital.tasks." + task.name + ".";
    tasks.row({task.name + (scenario.reporting.of_digital("tasks." + task.name).estimate() ? " *" : ""), figures.show(of + "done"), figures.show(of + "latency.mean"), figures.show(of + "latency.p95"), figures.show(of + "latency.p99"), figures.show(of + "delayed"), figures.show(of + "delay")});
  }
  if (!tasks.empty()) out += "\n" + tasks.text();
  return out;
}

/// The stations that any method ranks among the first three.
std::string methods(const BottleneckAnalysis& analysis) {
  if (analysis.rows.size() < 2) return "";
  const auto ranked = [&](auto value) {
    std::vector<const BottleneckRow*> rows;
    for (const BottleneckRow& row : analysis.rows)
      if (value(row) > 0) rows.push_back(&row);
    std::stable_sort(rows.begin(), rows.end(), [&](const auto* a, const auto* b) { return value(*a) > value(*b); });
    rows.resize(std::min<std::size_t>(rows.size(), 3));
    return rows;
  };
  std::vector<const BottleneckRow*> chosen = ranked([](const BottleneckRow& r) { return r.utilisation; });
  for (const auto& more : {ranked([](const BottleneckRow& r) { return r.static_utilisation; }),
                           ranked([](const BottleneckRow& r) { return r.sole + r.shifting; }),
                           ranked([](const BottleneckRow& r) { return r.active_period_s; })})
    for (const BottleneckRow* row : more)
      if (chosen.size() < most_methods && std::find(chosen.begin(), chosen.end(), row) == chosen.end()) chosen.push_back(row);
  return "\n" + bottleneck_table(chosen).text();
}

std::string notes(const Scenario& scenario, const Figures& figures, const Results& results) {
  std::string out, estimates;
  const auto add = [&](const std::string& name) { estimates += (estimates.empty() ? "" : ", ") + name; };
  for (const Auxiliary& auxiliary : scenario.reporting.auxiliaries)
    if (auxiliary.estimate) add(auxiliary.name);
  for (const Factor& factor : scenario.reporting.factors)
    if (factor.estimate) add("factor " + factor.name);
  if (!estimates.empty()) out += paragraph("* rests on estimates, say the files: " + estimates);
  const std::vector<Evidence>& of_stations = scenario.reporting.stations;
  if (std::any_of(of_stations.begin(), of_stations.end(), [](const Evidence& e) { return e.estimate(); }))
    out += "  * after a station: its times are estimates, says the file\n";
  const std::vector<Evidence>& of_utilities = scenario.reporting.utilities;
  if (std::any_of(of_utilities.begin(), of_utilities.end(), [](const Evidence& e) { return e.estimate(); }))
    out += "  * after a utility: its capacity is an estimate, says the file\n";
  const auto& of_digital = scenario.reporting.digital;
  if (std::any_of(of_digital.begin(), of_digital.end(), [](const auto& one) { return one.second.estimate(); }))
    out += "  * in the digital layer: its figures are estimates, says the file\n";
  if (!results.precise)
    out += paragraph(fmt::format("{} is not known to {:g} % after {} replications; --max-replications allows more, a longer run says more each", scenario.objective,
                                 100 * scenario.run.precision, results.replications));
  if (results.replications == 1) out += "  one replication says nothing about the spread; --replications 10 gives intervals\n";
  if (const double error = figures.mean("plant.mass_balance_error"); error > 1e-6)
    out += fmt::format("  the mass balance does not close: {:.2g} relative\n", error);
  for (const auto* problems : {&scenario.warnings, &results.warnings})
    for (const Problem& problem : *problems)
      out += paragraph(fmt::format("warning [{}]{}{}: {}{}{}", code_name(problem.code), problem.path.empty() ? "" : " ", problem.path,
                                   problem.message, problem.hint.empty() ? "" : "; ", problem.hint));
  return out.empty() ? "" : "\nNotes\n" + out;
}

}  // namespace

std::string text_report(const Scenario& scenario, const Results& results) {
  const Figures figures(results);
  const std::string used = energy(scenario, results, figures), money = money_text(scenario, results), rules = compliance_text(scenario, results, scenario.plant->day0);
  return heading(scenario, results) + "\n" + throughput(scenario, figures) + "\n" + limits(results.bottleneck) + "\n" +
         used + (used.empty() ? "" : "\n") + money + (money.empty() ? "" : "\n") + rules + (rules.empty() ? "" : "\n") + stock(scenario, figures) + "\n" +
         stations(scenario, results.bottleneck, figures) + methods(results.bottleneck) + notes(scenario, figures, results);
}

}  // namespace retwin
