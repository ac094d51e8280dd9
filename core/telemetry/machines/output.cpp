// Machines as files: a scenario fragment, and the table of its parameters.
#include <fmt/format.h>

#include <cmath>
#include <filesystem>

#include "core/base/files.hpp"
#include "core/base/fields.hpp"
#include "core/base/text.hpp"
#include "core/base/yaml_text.hpp"
#include "core/base/yaml_writer.hpp"
#include "core/telemetry/log/names.hpp"
#include "core/telemetry/machines/states.hpp"

namespace retwin {
namespace {

std::string interval(const Bounds& b, double unit) { return bounds_text(b, 4, unit); }

/// What one station of the fragment says; a part of a scenario, as the plant that it extends may say the rest.
void add_failures(const MachineFigures& m, const std::string& path, Node& station, Remarks& remarks) {
  for (const FailureFigures& f : m.failures) {
    const bool working = f.working.known();
    const LifeFigures& every = working ? f.working : f.calendar;
    const auto lasts = [](const LifeFigures& lives) { return lives.known() && lives.fit.distribution.mean() > 0; };
    if (!lasts(every) || !lasts(f.repair)) continue;
    const std::string kind = state_class_names[static_cast<std::size_t>(f.kind)];
    Node& mode = station.at("fails").at(kind);
    mode.at("every") = scenario_node(every.fit, "s");
    mode.at("clock") = Node::scalar(working ? "working" : "calendar");
    mode.at("repair") = scenario_node(f.repair.fit, "s");
    remarks[path + ".fails." + kind] =
        fmt::format("{} seen; mean time between {:.4g} h{}, to repair {:.4g} min{}", f.count, every.mean_s.estimate / 3600,
                    interval(every.mean_s, 3600), f.repair.mean_s.estimate / 60, interval(f.repair.mean_s, 60));
  }
}

void add_powers(const MachineFigures& m, const std::string& path, Node& station, Remarks& remarks) {
  const auto put = [&](const char* field, const Bounds& value, const Dimension& dimension, double unit) {
    station.at(field) = quantity_node(to_digits(value.estimate, 9), dimension);
    if (!std::isnan(value.low)) remarks[path + "." + field] = interval(value, unit).substr(1);
  };
  for (const auto& [kind, field] : {std::pair(StateClass::working, "power"),
                                    {StateClass::idle, "idle_power"},
                                    {StateClass::setup, "setup_power"},
                                    {StateClass::breakdown, "down_power"}})
    if (const StateFigures* f = m.of_class(kind); f && !std::isnan(f->power_W.estimate)) put(field, f->power_W, dimension::power, 1000);
  if (!std::isnan(m.energy_per_kg.estimate)) put("energy_per_mass", m.energy_per_kg, dimension::specific_energy, 3600);
}

}  // namespace

void write_machines(const MachineStates& states, const std::string& path, const std::string& base) {
  namespace fs = std::filesystem;
  Node document = Node::map(), stations = Node::map();
  Remarks remarks;
  for (const MachineFigures& m : states.machines) {
    const std::string name = scenario_name(states.log.machines[m.machine]), at = "stations." + name;
    Node station = Node::map();
    add_failures(m, at, station, remarks);
    add_powers(m, at, station, remarks);
    if (!station.entries.empty()) stations.entries.push_back({name, {}, std::move(station)});
  }
  if (stations.entries.empty()) {
    Place place;
    place.file = states.log.source;
    throw InputError({{Code::trace,
                       Severity::error,
                       place,
                       {},
                       "the log teaches neither failures nor powers",
                       "name its failures with --failure STATE, or give its energies with --energy-unit or --meters"}});
  }
  const fs::path file(path);
  const std::string stem = file.stem().string();
  std::string& head = remarks[""];
  const auto tell = [&head](const std::string& line) { head += one_line(line) + "\n"; };
  tell(fmt::format("Failures and powers of machines, learned from {} (SHA-256 {})", states.log.source, states.log.sha256));
  for (const std::string& source : states.sources) tell("and " + source);
  tell(fmt::format("Every parameter with its interval, number of observations and method: {}_parameters.csv", stem));
  if (!base.empty()) document.at("extends") = text_node(nameable(base));
  document.at("stations") = std::move(stations);
  FileSet set({states.log.source});
  write_file((file.parent_path() / (stem + "_parameters.csv")).string(),
             parameters_table(states.parameters(), states.log.source, states.log.sha256).csv());
  write_file(path, yaml_text(document, remarks));
  set.commit();
}

}  // namespace retwin
