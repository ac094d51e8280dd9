// `retwin machines`: what state logs and meters teach about machines.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "core/report/machines_report.hpp"
#include "core/telemetry/machine_states.hpp"

#include "bindings/cli/command.hpp"
#include "bindings/cli/outputs.hpp"

namespace retwin::cli {
namespace {

struct Options {
  std::string path, out, base, meters, masses, meter_unit, mass_unit, format = "table";
  StateMapping mapping;
  std::vector<std::string> of_class[n_state_classes];
};

std::vector<MeterSeries> series(const std::string& path, const std::string& unit) {
  if (path.empty()) return {};
  MeterMapping mapping;
  mapping.unit = unit;
  return read_meter_series(path, mapping);
}

void learn(Options& options) {
  if (!options.out.empty()) check_writable(options.out, false);
  MachineOptions how;
  for (std::size_t c = 0; c < n_state_classes; ++c)
    for (const std::string& name : options.of_class[c]) how.given.emplace_back(name, static_cast<StateClass>(c));
  const MachineStates machines =
      learn_machines(read_state_log(options.path, options.mapping), series(options.meters, options.meter_unit),
                     series(options.masses, options.mass_unit), how);
  if (!options.out.empty()) write_machines(machines, options.out, options.base);
  print(options.format == "json" ? json_report(machines) : text_report(machines));
  if (!options.out.empty()) fmt::print(stderr, "wrote {} and its table of parameters\n", options.out);
}

}  // namespace

std::function<void()> declare_machines(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("STATES", options->path, "state log: delimited text with machine, state, start, end, perhaps energy; also .gz")
      ->required();
  app.add_option("--meters", options->meters,
                 "readings of power or energy, with a column that names the machine if there are several meters")
      ->type_name("FILE");
  app.add_option("--mass", options->masses, "readings of mass (amounts or a counter) or mass rate, likewise")->type_name("FILE");
  struct Row {
    const char* flag;
    std::string* value;
    const char* doc;
    const char* type;
  };
  const Row rows[] = {
      {"--machine", &options->mapping.machine, "column that names the machine", "COLUMN"},
      {"--state", &options->mapping.state, "column that names the state", "COLUMN"},
      {"--start", &options->mapping.from, "column with the start", "COLUMN"},
      {"--end", &options->mapping.to, "column with the end", "COLUMN"},
      {"--energy", &options->mapping.energy, "column with the energy", "COLUMN"},
      {"--energy-unit", &options->mapping.energy_unit, "unit of the energies, if their column does not name it: kJ, kWh", "UNIT"},
      {"--meter-unit", &options->meter_unit, "unit of the meters, if the file does not name it: kW, kWh", "UNIT"},
      {"--mass-unit", &options->mass_unit, "unit of the masses, if the file does not name it: kg, t/h", "UNIT"}};
  for (const Row& row : rows) app.add_option(row.flag, *row.value, row.doc)->type_name(row.type)->group("Columns and units");
  for (std::size_t c = 0; c < n_state_classes; ++c) {
    const StateClass kind = static_cast<StateClass>(c);
    if (kind == StateClass::unknown) continue;
    const std::string flag = kind == StateClass::breakdown ? "--failure,--breakdown" : fmt::format("--{}", state_class_names[c]);
    app.add_option(flag, options->of_class[c],
                   fmt::format("state that is taken for {}; several times for several",
                               kind == StateClass::breakdown ? "a failure" : state_class_names[c]))
        ->type_name("NAME")
        ->take_all()
        ->allow_extra_args(false)
        ->group("Meaning of states");
  }
  app.add_option("-o,--out", options->out,
                 "scenario fragment with failures and powers; its table of parameters gets its name with _parameters.csv")
      ->type_name("FILE");
  app.add_option("--extends", options->base, "plant that the fragment extends")->type_name("PLANT");
  app.add_option("--format", options->format, "table or json, on standard output")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"table", "json"}).description(""));
  return [options] { learn(*options); };
}

}  // namespace retwin::cli
