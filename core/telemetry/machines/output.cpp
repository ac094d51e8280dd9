// Machines as files: a scenario fragment, and the table of its parameters.
#include <fmt/format.h>

#include <cmath>
#include <filesystem>

#include "core/base/files.hpp"
#include "core/base/yaml_text.hpp"
#include "core/telemetry/log/names.hpp"
#include "core/telemetry/machines/states.hpp"

namespace retwin {
namespace {

std::string interval(const Bounds& b, double unit) {
  return std::isnan(b.low) ? "" : fmt::format(" ({:.4g} ... {:.4g})", b.low / unit, b.high / unit);
}

std::string failures_of(const MachineFigures& m) {
  std::string text;
  for (const FailureFigures& f : m.failures) {
    const bool working = f.working.known();
    const LifeFigures& every = working ? f.working : f.calendar;
    const auto lasts = [](const LifeFigures& lives) { return lives.known() && lives.fit.distribution.mean() > 0; };
    if (!lasts(every) || !lasts(f.repair)) continue;
    text += fmt::format("      {}:  # {} seen; mean time between {:.4g} h{}, to repair {:.4g} min{}\n",
                        state_class_names[static_cast<std::size_t>(f.kind)], f.count, every.mean_s.estimate / 3600,
                        interval(every.mean_s, 3600), f.repair.mean_s.estimate / 60, interval(f.repair.mean_s, 60));
    text += fmt::format("        every: {}\n        clock: {}\n        repair: {}\n", scenario_text(every.fit, "s"),
                        working ? "working" : "calendar", scenario_text(f.repair.fit, "s"));
  }
  return text.empty() ? text : "    fails:\n" + text;
}

std::string powers_of(const MachineFigures& m) {
  std::string text;
  for (const auto& [kind, field] : {std::pair(StateClass::working, "power"),
                                    {StateClass::idle, "idle_power"},
                                    {StateClass::setup, "setup_power"},
                                    {StateClass::breakdown, "down_power"}})
    if (const StateFigures* f = m.of_class(kind); f && !std::isnan(f->power_W.estimate))
      text += fmt::format("    {}: {:.9g} kW{}{}\n", field, f->power_W.estimate / 1000, std::isnan(f->power_W.low) ? "" : "  #",
                          interval(f->power_W, 1000));
  if (!std::isnan(m.energy_per_kg.estimate))
    text += fmt::format("    energy_per_mass: {:.9g} kWh/t{}{}\n", m.energy_per_kg.estimate / 3600,
                        std::isnan(m.energy_per_kg.low) ? "" : "  #", interval(m.energy_per_kg, 3600));
  return text;
}

}  // namespace

void write_machines(const MachineStates& states, const std::string& path, const std::string& base) {
  namespace fs = std::filesystem;
  std::string stations;
  for (const MachineFigures& m : states.machines) {
    const std::string body = failures_of(m) + powers_of(m);
    if (!body.empty()) stations += fmt::format("  {}:\n{}", yaml_quoted(scenario_name(states.log.machines[m.machine])), body);
  }
  if (stations.empty()) {
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
  std::string text;
  const auto tell = [&text](const std::string& line) { text += yaml_comment(line) + "\n"; };
  tell(fmt::format("Failures and powers of machines, learned from {} (SHA-256 {})", states.log.source, states.log.sha256));
  for (const std::string& source : states.sources) tell("and " + source);
  tell(fmt::format("Every parameter with its interval, number of observations and method: {}_parameters.csv", stem));
  if (!base.empty()) text += fmt::format("extends: {}\n", yaml_file_name(base));
  FileSet set({states.log.source});
  write_file((file.parent_path() / (stem + "_parameters.csv")).string(),
             parameters_table(states.parameters(), states.log.source, states.log.sha256));
  write_file(path, text + "stations:\n" + stations);
  set.commit();
}

}  // namespace retwin
