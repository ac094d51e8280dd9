// Tables of drifts and alarms.
#include "core/report/drift_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/base/table_json.hpp"
#include "core/base/text.hpp"

namespace retwin {
namespace {

using Json = nlohmann::ordered_json;

/// A change is told to the second.
double whole_second(double time_s) { return std::floor(time_s); }

const char* side_text(Cusum::Side side) {
  return side == Cusum::Side::above ? "above" : side == Cusum::Side::below ? "below" : "-";
}

/// One row per kind of series that was looked at.
Table looked_table(const DriftReport& report) {
  Table table({text_column("kind").as("Looked at"), integer_column("series"), integer_column("observations"),
               integer_column("too_short", "further series that have too few observations").as("too short")});
  for (std::size_t k = 0; k < n_drift_kinds; ++k) {
    const DriftReport::Looked& l = report.looked[k];
    table.row({drift_kind_names[k], l.series, l.observations, l.too_short});
  }
  return table;
}

Table alarms_table(const std::vector<DriftAlarm>& alarms) {
  Table table({text_column("subject").as("Alarm"), time_column("time").as("at"), text_column("side"),
               time_column("changed_at", "when the change began, as the watch sees it").as("changed at"),
               integer_column("observations_after_change").as("parts since then"),
               integer_column("observations_after_reference").as("parts watched")});
  for (const DriftAlarm& a : alarms)
    table.row({a.subject, whole_second(a.time_s), side_text(a.side), whole_second(a.changed_at_s), a.observations_after_change,
               a.observations_after_reference});
  return table;
}

}  // namespace

void DriftReport::count(const std::vector<DriftSeries>& all, std::size_t fewest) {
  for (const DriftSeries& series : all) {
    Looked& l = looked[static_cast<std::size_t>(series.kind)];
    const auto known = std::count_if(series.value.begin(), series.value.end(), [](double x) { return std::isfinite(x); });
    if (static_cast<std::size_t>(known) < fewest) {
      l.too_short += known > 0 ? 1 : 0;
      continue;
    }
    ++l.series;
    l.observations += static_cast<std::size_t>(known);
  }
}

Table drift_table(const std::vector<Drift>& all) {
  const Show four = [](double x) { return fmt::format("{:.4g}", x); };
  Table table({text_column("subject").as("Changed"), text_column("kind").as("what"), time_column("time").as("at"),
               number_column("before").as("before", four), number_column("after").as("after", four), text_column("unit"),
               number_column("change", "1", "after / before").as("after / before", shown_fixed(3)),
               number_column("low", "1", "of its 95 % interval").for_programs(),
               number_column("high", "1", "of its 95 % interval").for_programs(), shown_column("95 %"),
               number_column("p_value", "1", "of no change").as("p", [](double p) { return fmt::format("{:.2g}", p); }),
               integer_column("n_before").as("n before"), integer_column("n_after").as("n after"),
               integer_column("alarmed_after", "observations until a watch would have told").as("alarmed after")});
  for (const Drift& d : all)
    table.row({d.subject, drift_kind_names[static_cast<std::size_t>(d.kind)], whole_second(d.time_s), d.before, d.after, d.unit,
               d.change.estimate, d.change.low, d.change.high,
               std::isnan(d.change.low) ? "-" : fmt::format("{:.3f} ... {:.3f}", d.change.low, d.change.high), d.p_value,
               d.n_before, d.n_after, d.alarmed_after == Drift::never ? Cell() : Cell(d.alarmed_after)});
  return table;
}

std::string text_report(const DriftReport& report) {
  std::string out =
      one_line(report.log) + ": " +
      (report.drifts.empty() ? "nothing has changed\n"
                             : fmt::format("{} change{}\n", report.drifts.size(), report.drifts.size() == 1 ? "" : "s"));
  if (!report.drifts.empty()) out += '\n' + drift_table(report.drifts).text();
  out += '\n' + looked_table(report).text();
  for (std::size_t k = 0; k < n_drift_kinds; ++k)
    for (const std::string& note : report.looked[k].notes) out += fmt::format("  {}: {}\n", drift_kind_names[k], note);
  if (!report.watched) return out;
  out += fmt::format(
      "\nWatched as it came in: {} operations, after {}: {}\n", report.watched, report.reference,
      report.alarms.empty() ? "no alarm" : fmt::format("{} alarm{}", report.alarms.size(), report.alarms.size() == 1 ? "" : "s"));
  if (!report.alarms.empty()) out += alarms_table(report.alarms).text();
  return out;
}

std::string json_report(const DriftReport& report) {
  Json json{{"log", report.log},
            {"reference", report.reference},
            {"watched", report.watched},
            {"drifts", json_rows<Json>(drift_table(report.drifts))},
            {"alarms", json_rows<Json>(alarms_table(report.alarms))},
            {"looked_at", json_rows<Json>(looked_table(report))}};
  for (std::size_t k = 0; k < n_drift_kinds; ++k) json["looked_at"][k]["notes"] = report.looked[k].notes;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace retwin
