// Tables of drifts and alarms.
#include "core/report/drift_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/base/text.hpp"
#include "core/base/units.hpp"
#include "core/report/text_table.hpp"

namespace retwin {
namespace {

using Json = nlohmann::ordered_json;

const char* side_text(Cusum::Side side) {
  return side == Cusum::Side::above ? "above" : side == Cusum::Side::below ? "below" : "-";
}

std::string stamp(double time_s) {
  const double day = std::floor(time_s / 86400);
  return format_time(static_cast<long>(day), time_s - day * 86400).substr(0, 19);
}

/// JSON knows no NaN and no infinity.
Json figure(double x) { return std::isfinite(x) ? Json(x) : Json(nullptr); }

Json object_of(const Drift& d) {
  return {{"subject", d.subject},
          {"kind", drift_kind_names[static_cast<std::size_t>(d.kind)]},
          {"time", stamp(d.time_s)},
          {"before", figure(d.before)},
          {"after", figure(d.after)},
          {"unit", d.unit},
          {"change", figure(d.change.estimate)},
          {"low", figure(d.change.low)},
          {"high", figure(d.change.high)},
          {"p_value", figure(d.p_value)},
          {"n_before", d.n_before},
          {"n_after", d.n_after},
          {"alarmed_after", d.alarmed_after == Drift::never ? Json(nullptr) : Json(d.alarmed_after)}};
}

std::string looked_text(const DriftReport& report) {
  TextTable table({"Looked at", "series", "observations", "too short"});
  std::string notes;
  for (std::size_t k = 0; k < n_drift_kinds; ++k) {
    const DriftReport::Looked& l = report.looked[k];
    table.row({drift_kind_names[k], std::to_string(l.series), std::to_string(l.observations), std::to_string(l.too_short)});
    for (const std::string& note : l.notes) notes += fmt::format("  {}: {}\n", drift_kind_names[k], note);
  }
  return table.text() + notes;
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

std::string drift_table(const std::vector<Drift>& all) {
  TextTable drifts({"Changed", "what", "at", "before", "after", "unit", "after / before", "95 %", "p", "n before", "n after",
                    "alarmed after"});
  for (const Drift& d : all)
    drifts.row({d.subject, drift_kind_names[static_cast<std::size_t>(d.kind)], stamp(d.time_s), fmt::format("{:.4g}", d.before),
                fmt::format("{:.4g}", d.after), d.unit,
                std::isnan(d.change.estimate) ? "-" : fmt::format("{:.3f}", d.change.estimate),
                std::isnan(d.change.low) ? "-" : fmt::format("{:.3f} ... {:.3f}", d.change.low, d.change.high),
                fmt::format("{:.2g}", d.p_value), std::to_string(d.n_before), std::to_string(d.n_after),
                d.alarmed_after == Drift::never ? "-" : std::to_string(d.alarmed_after)});
  return drifts.empty() ? "" : drifts.text();
}

std::string drift_json(const std::vector<Drift>& drifts) {
  Json all = Json::array();
  for (const Drift& d : drifts) all.push_back(object_of(d));
  return all.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string text_report(const DriftReport& report) {
  std::string out =
      one_line(report.log) + ": " +
      (report.drifts.empty() ? "nothing has changed\n"
                             : fmt::format("{} change{}\n", report.drifts.size(), report.drifts.size() == 1 ? "" : "s"));
  const std::string drifts = drift_table(report.drifts);
  if (!drifts.empty()) out += '\n' + drifts;
  out += '\n' + looked_text(report);
  if (!report.watched) return out;
  out += fmt::format(
      "\nWatched as it came in: {} operations, after {}: {}\n", report.watched, report.reference,
      report.alarms.empty() ? "no alarm" : fmt::format("{} alarm{}", report.alarms.size(), report.alarms.size() == 1 ? "" : "s"));
  TextTable alarms({"Alarm", "at", "side", "changed at", "parts since then", "parts watched"});
  for (const DriftAlarm& a : report.alarms)
    alarms.row({a.subject, stamp(a.time_s), side_text(a.side), stamp(a.changed_at_s), std::to_string(a.observations_after_change),
                std::to_string(a.observations_after_reference)});
  if (!alarms.empty()) out += alarms.text();
  return out;
}

std::string json_report(const DriftReport& report) {
  Json json{{"log", report.log},
            {"reference", report.reference},
            {"watched", report.watched},
            {"drifts", Json::array()},
            {"alarms", Json::array()},
            {"looked_at", Json::array()}};
  for (const Drift& d : report.drifts) json["drifts"].push_back(object_of(d));
  for (std::size_t k = 0; k < n_drift_kinds; ++k) {
    const DriftReport::Looked& l = report.looked[k];
    json["looked_at"].push_back({{"kind", drift_kind_names[k]},
                                 {"series", l.series},
                                 {"observations", l.observations},
                                 {"too_short", l.too_short},
                                 {"notes", l.notes}});
  }
  for (const DriftAlarm& a : report.alarms)
    json["alarms"].push_back({{"subject", a.subject},
                              {"time", stamp(a.time_s)},
                              {"side", side_text(a.side)},
                              {"changed_at", stamp(a.changed_at_s)},
                              {"observations_after_change", a.observations_after_change},
                              {"observations_after_reference", a.observations_after_reference}});
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace retwin
