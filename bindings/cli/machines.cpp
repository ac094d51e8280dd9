// `retwin machines`: what state logs and meters teach about machines.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "core/report/machines_report.hpp"

#include "bindings/cli/command.hpp"
#include "bindings/cli/outputs.hpp"
#include "bindings/cli/state_options.hpp"

namespace retwin::cli {
namespace {

struct MachineArguments {
  StateOptions states;
  std::string out, base, format = "table";
};

std::vector<std::string> parameter_files(const std::string& out) { return beside(out, {"_parameters.csv"}); }

void learn(MachineArguments& options) {
  if (!options.out.empty())
    for (const std::string& path : parameter_files(options.out)) check_writable(path, false);
  const MachineStates machines = options.states.learn();
  if (!options.out.empty()) write_machines(machines, options.out, options.base);
  print(options.format == "json" ? json_report(machines) : text_report(machines));
  if (!options.out.empty()) tell(fmt::format("wrote {} and its table of parameters\n", options.out));
}

}  // namespace

std::function<void()> declare_machines(CLI::App& app) {
  auto options = std::make_shared<MachineArguments>();
  StateOptions& states = options->states;
  reads(app, app.add_option("STATES", states.path, "state log: delimited text with machine, state, start, end, perhaps energy; also .gz"))
      ->required();
  states.declare(app);
  struct Row {
    const char* flag;
    std::string* value;
    const char* doc;
  };
  const Row rows[] = {{"--start", &states.mapping.from, "column with the start"},
                      {"--end", &states.mapping.to, "column with the end"},
                      {"--energy", &states.mapping.energy, "column with the energy"}};
  for (const Row& row : rows) app.add_option(row.flag, *row.value, row.doc)->type_name("COLUMN")->group("Columns and units");
  writes(app,
         app.add_option("-o,--out", options->out,
                        "scenario fragment with failures and powers; its table of parameters gets its name with _parameters.csv"),
         parameter_files)
      ->type_name("FILE");
  reads(app, app.add_option("--extends", options->base, "plant that the fragment extends"))->type_name("PLANT");
  app.add_option("--format", options->format, "table or json, on standard output")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"table", "json"}).description(""));
  return [options, &app] {
    refuse_units_alone(app);
    if (options->out.empty()) refuse_options(app, {"--extends"}, "--out");
    learn(*options);
  };
}

}  // namespace retwin::cli
