// Tables of a result as CSV, columns named with their unit.
#include <cmath>
#include <map>

#include "core/base/files.hpp"
#include "core/report/report.hpp"

namespace retwin {
namespace {

void number_cell(CsvWriter& csv, double value) {
  if (std::isnan(value)) {
    csv.cell("");
  } else {
    csv.cell(value);
  }
}

void interval_cells(CsvWriter& csv, const KpiSummary* summary) {
  number_cell(csv, summary ? summary->interval.mean : NAN);
  number_cell(csv, summary ? summary->interval.half_width : NAN);
}

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
  std::map<std::string, std::string> unit;
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
    if (out.unit.emplace(key, summary.kpi.unit).second) out.keys.push_back(key);
    out.rows[path.substr(prefix.size(), dot - prefix.size())][key] = &summary;
  }
  return out;
}

}  // namespace

std::string kpis_csv(const Scenario&, const Results& results) {
  CsvWriter csv({"path", "mean", "half_width", "unit", "n", "estimate", "doc"});
  for (const KpiSummary& summary : results.kpis) {
    csv.cell(summary.kpi.path);
    interval_cells(csv, &summary);
    csv.cell(summary.kpi.unit).cell(static_cast<std::int64_t>(summary.interval.n)).cell(summary.kpi.estimate ? "yes" : "no");
    csv.cell(summary.kpi.doc).end_row();
  }
  return csv.text();
}

std::string stations_csv(const Scenario& scenario, const Results& results) {
  const Pivot stations = pivot(results, "stations.");
  std::vector<std::string> columns{"station", "unit", "group", "confidence", "source", "phases", "servers"};
  for (const std::string& key : stations.keys) {
    columns.push_back(column_name(key, stations.unit.at(key)));
    columns.push_back(columns.back() + "_half_width");
  }
  CsvWriter csv(columns);
  for (Index k = 0; k < scenario.plant->n_stations(); ++k) {
    const Station& station = scenario.plant->stations[k];
    const Evidence told = scenario.reporting.of_station(k);
    std::string phases;
    for (const Phase& phase : station.phases) phases += (phases.empty() ? "" : "; ") + phase.name;
    csv.cell(station.name).cell(station.unit).cell(station.group).cell(told.confidence).cell(told.source).cell(phases);
    csv.cell(static_cast<std::int64_t>(station.servers));
    for (const std::string& key : stations.keys) interval_cells(csv, stations.at(station.name, key));
    csv.end_row();
  }
  return csv.text();
}

std::string buffers_csv(const Scenario& scenario, const Results& results) {
  const Pivot stations = pivot(results, "stations.");
  CsvWriter csv({"station", "room_lots", "room_kg", "mean_lots", "mean_lots_half_width", "mean_mass_t", "mean_mass_t_half_width",
                 "waiting_s", "waiting_s_half_width"});
  for (const Station& station : scenario.plant->stations) {
    csv.cell(station.name);
    number_cell(csv, station.buffer_places == unlimited ? NAN : static_cast<double>(station.buffer_places));
    number_cell(csv, station.buffer_kg < 0 ? NAN : station.buffer_kg);
    for (const char* key : {"mean_queue", "mean_queue_mass", "waiting"}) interval_cells(csv, stations.at(station.name, key));
    csv.end_row();
  }
  return csv.text();
}

std::string auxiliaries_csv(const Scenario& scenario, const Results&) {
  CsvWriter csv({"auxiliary", "group", "power_W", "estimate", "note"});
  for (const Auxiliary& auxiliary : scenario.reporting.auxiliaries) {
    csv.cell(auxiliary.name).cell(auxiliary.group);
    number_cell(csv, auxiliary.power_W);
    csv.cell(auxiliary.estimate ? "yes" : "no").cell(auxiliary.note).end_row();
  }
  return csv.text();
}

}  // namespace retwin
