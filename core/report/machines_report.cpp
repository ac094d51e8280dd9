// Tables of machines: time and power by state, failures, drifts.
#include "core/report/machines_report.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "core/base/table_json.hpp"
#include "core/base/text.hpp"
#include "core/base/units.hpp"
#include "core/report/drift_report.hpp"
#include "core/report/report.hpp"
#include "core/telemetry/log/findings.hpp"

namespace retwin {
namespace {

using Json = nlohmann::ordered_json;

std::string value(const Bounds& b, double unit) { return std::isfinite(b.estimate) ? readable(b.estimate / unit) : "-"; }
std::string range(const Bounds& b, double unit) {
  return std::isnan(b.low) ? "-"
                           : fmt::format("{} ... {}", readable(b.low / unit), std::isinf(b.high) ? "" : readable(b.high / unit));
}
const char* name(StateClass kind) { return state_class_names[static_cast<std::size_t>(kind)]; }

void add_lives(Table& table, const std::string& machine, const FailureFigures& f, const char* what,
               const LifeFigures& lives) {
  if (!lives.known()) return;
  const bool repair = &lives == &f.repair;
  const double unit = repair ? 60 : 3600;
  table.row({fmt::format("{}: {}", machine, name(f.kind)), what, std::to_string(lives.ended()),
             std::to_string(lives.lives.values.size() - lives.ended()),
             fmt::format("{} {}", value(lives.mean_s, unit), repair ? "min" : "h"), range(lives.mean_s, unit), lives.fit.family});
}

/// Notes with the names of those they are about, in order of first appearance.
class Notes {
 public:
  void add(const std::string& about, const std::string& note) {
    for (auto& [text, names] : notes_)
      if (text == note) {
        names += ", " + about;
        return;
      }
    notes_.emplace_back(note, about);
  }
  std::string text(const char* indent) const {
    std::string out;
    for (const auto& [note, names] : notes_) out += fmt::format("{}{}: {}\n", indent, names, note);
    return out;
  }

 private:
  std::vector<std::pair<std::string, std::string>> notes_;
};

std::string failures_text(const MachineStates& s) {
  Table table = Table::for_people({"Failures", "time", "ended", "cut", "mean", "95 %", "family"});
  Notes notes;
  for (const MachineFigures& m : s.machines) {
    const std::string& machine = s.log.machines[m.machine];
    for (const FailureFigures& f : m.failures) {
      add_lives(table, machine, f, "between, at work", f.working);
      add_lives(table, machine, f, "between", f.calendar);
      add_lives(table, machine, f, "to repair", f.repair);
      for (const std::string& note : f.notes) notes.add(machine + ", " + name(f.kind), note);
    }
    if (!m.apart.text.empty()) notes.add(machine + ", jams and breakdowns", m.apart.text);
  }
  return table.empty() ? "" : "\n" + table.text() + notes.text("  ");
}

Json json_of(const Bounds& b) {
  return {{"value", json_number<Json>(b.estimate)}, {"low", json_number<Json>(b.low)}, {"high", json_number<Json>(b.high)}, {"level", b.level}};
}

Json json_of(const LifeFigures& lives) {
  if (!lives.known()) return nullptr;
  Json parameters = Json::object();
  for (const auto& [key, x] : lives.fit.parameters()) parameters[key] = x;
  return {{"lives", lives.lives.values.size()}, {"ended", lives.ended()},   {"mean_s", json_of(lives.mean_s)},
          {"family", lives.fit.family},         {"parameters", parameters}, {"scenario", scenario_text(lives.fit, "s")}};
}

Json json_of(const std::vector<StateFigures>& all) {
  Json rows = Json::array();
  for (const StateFigures& f : all)
    rows.push_back({{"name", f.name},
                    {"class", name(f.meaning)},
                    {"stays", f.stays},
                    {"total_s", f.total_s},
                    {"share", f.share},
                    {"mean_s", json_of(f.mean_s)},
                    {"power_W", json_of(f.power_W)},
                    {"power_n", f.power_n},
                    {"power_method", f.power_method}});
  return rows;
}

}  // namespace

std::string text_report(const MachineStates& s) {
  std::size_t records = 0;
  for (const MachineFigures& m : s.machines) records += m.timeline.records;
  std::string out =
      fmt::format("{}: {} machines, {} records, {} states\n", one_line(s.log.source), s.machines.size(), records, s.log.states.size());
  if (!s.log.findings.empty()) out += "\nFound in the log\n" + text(s.log.findings);

  Table machines = Table::for_people({"Machine", "from", "to", "records", "gaps", "without record", "overlaps", "recorded twice"});
  Table states = Table::for_people({"State", "taken for", "stays", "time", "share", "mean [s]", "95 %", "power [kW]", "95 %"});
  for (const MachineFigures& m : s.machines) {
    const std::string& machine = s.log.machines[m.machine];
    const Timeline& t = m.timeline;
    machines.row({machine, format_minute(m.from_s), format_minute(m.to_s), std::to_string(t.records), std::to_string(t.gaps),
                  t.gaps ? format_duration(t.gap_s) : "-", std::to_string(t.overlaps),
                  t.overlaps ? format_duration(t.overlap_s) : "-"});
    for (const StateFigures& f : m.states)
      states.row({machine + ": " + f.name, name(f.meaning), std::to_string(f.stays), format_duration(f.total_s),
                  fmt::format("{:.1f} %", 100 * f.share), value(f.mean_s, 1), range(f.mean_s, 1), value(f.power_W, 1000),
                  range(f.power_W, 1000)});
  }
  out += "\n" + machines.text() + "\n" + states.text() + failures_text(s);

  Table masses = Table::for_people({"Energy per mass", "kWh/t", "95 %", "n"});
  for (const MachineFigures& m : s.machines) {
    if (!std::isnan(m.energy_per_kg.estimate))
      masses.row({s.log.machines[m.machine], value(m.energy_per_kg, 3600), range(m.energy_per_kg, 3600),
                  std::to_string(m.energy_per_kg_n)});
  }
  if (!masses.empty()) out += "\n" + masses.text();
  if (!s.drifts.empty()) out += "\n" + drift_table(s.drifts).text();
  Notes notes;
  for (const MachineFigures& m : s.machines)
    for (const std::string& note : m.notes) notes.add(s.log.machines[m.machine], note);
  out += "\n" + notes.text("");
  for (const std::string& note : s.notes) out += note + "\n";
  return out;
}

std::string json_report(const MachineStates& s) {
  Json root{
      {"log", s.log.source}, {"sha256", s.log.sha256}, {"sources", s.sources}, {"notes", s.notes}, {"machines", Json::array()},
      {"drifts", json_rows<Json>(drift_table(s.drifts))}};
  for (const MachineFigures& m : s.machines) {
    Json machine{{"name", s.log.machines[m.machine]},
                 {"from_s", m.from_s},
                 {"to_s", m.to_s},
                 {"records", m.timeline.records},
                 {"gaps", m.timeline.gaps},
                 {"gap_s", m.timeline.gap_s},
                 {"overlaps", m.timeline.overlaps},
                 {"overlap_s", m.timeline.overlap_s},
                 {"states", json_of(m.states)},
                 {"classes", json_of(m.classes)},
                 {"failures", Json::array()},
                 {"told_apart", m.apart.text},
                 {"energy_per_kg_J", json_of(m.energy_per_kg)},
                 {"notes", m.notes}};
    for (const FailureFigures& f : m.failures)
      machine["failures"].push_back({{"kind", name(f.kind)},
                                     {"count", f.count},
                                     {"between_at_work", json_of(f.working)},
                                     {"between", json_of(f.calendar)},
                                     {"repair", json_of(f.repair)},
                                     {"notes", f.notes}});
    root["machines"].push_back(std::move(machine));
  }
  return root.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace retwin
