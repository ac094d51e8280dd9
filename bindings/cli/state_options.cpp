// Options of state logs, meters and masses.
#include "bindings/cli/state_options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <utility>

#include "bindings/cli/command.hpp"

#include "bindings/cli/outputs.hpp"

namespace retwin::cli {
namespace {

std::vector<MeterSeries> series(const std::string& path, const std::string& unit) {
  if (path.empty()) return {};
  MeterMapping mapping;
  mapping.unit = unit;
  return read_meter_series(path, mapping);
}

}  // namespace

void StateOptions::declare(CLI::App& app) {
  struct Row {
    const char* flag;
    std::string* value;
    const char* doc;
    const char* type;
    const char* group;
  };
  constexpr const char* columns = "Columns and units";
  const Row rows[] = {
      {"--meters", &meters, "readings of power or energy, with a column that names the machine if there are several meters",
       "FILE", "OPTIONS"},
      {"--mass", &masses, "readings of mass (amounts or a counter) or mass rate, likewise", "FILE", "OPTIONS"},
      {"--machine", &mapping.machine, "column that names the machine", "COLUMN", columns},
      {"--state", &mapping.state, "column that names the state", "COLUMN", columns},
      {"--energy-unit", &mapping.energy_unit, "unit of the energies, if their column does not name it: kJ, kWh", "UNIT", columns},
      {"--meter-unit", &meter_unit, "unit of the meters, if the file does not name it: kW, kWh", "UNIT", columns},
      {"--mass-unit", &mass_unit, "unit of the masses, if the file does not name it: kg, t/h", "UNIT", columns}};
  for (const Row& row : rows) {
    CLI::Option* option = app.add_option(row.flag, *row.value, row.doc)->type_name(row.type)->group(row.group);
    if (row.type == std::string_view("FILE")) reads(app, option);
  }
  for (std::size_t c = 0; c < n_state_classes; ++c) {
    const StateClass kind = static_cast<StateClass>(c);
    if (kind == StateClass::unknown) continue;
    const std::string flag = kind == StateClass::breakdown ? "--failure,--breakdown" : fmt::format("--{}", state_class_names[c]);
    app.add_option(flag, of_class[c],
                   fmt::format("state that is taken for {}; several times for several",
                               kind == StateClass::breakdown ? "a failure" : state_class_names[c]))
        ->type_name("NAME")
        ->take_all()
        ->allow_extra_args(false)
        ->group("Meaning of states");
  }
}

void refuse_units_alone(const CLI::App& app) {
  for (const auto& [file, unit] : {std::pair("--meters", "--meter-unit"), {"--mass", "--mass-unit"}})
    if (app.count(file) == 0) refuse_options(app, {unit}, file);
}

MachineStates StateOptions::learn() const {
  MachineOptions how;
  for (std::size_t c = 0; c < n_state_classes; ++c)
    for (const std::string& name : of_class[c]) how.given.emplace_back(name, static_cast<StateClass>(c));
  return learn_machines(read_state_log(path, mapping), series(meters, meter_unit), series(masses, mass_unit), how);
}

}  // namespace retwin::cli
