// `retwin drift`: what changed in an event log or a state log, and when a watch over it would have said so.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "bindings/cli/command.hpp"
#include "bindings/cli/log_options.hpp"
#include "bindings/cli/outputs.hpp"
#include "bindings/cli/state_options.hpp"
#include "core/report/drift_search.hpp"

namespace retwin::cli {
namespace {

struct DriftArguments {
  LogOptions log;
  StateOptions states;
  DriftColumns columns;
  std::string reference, format = "table", level = "1 %";
};

void find_in(DriftArguments& options, const CLI::App& app) {
  refuse_units_alone(app);
  if (options.log.path.empty())
    refuse_options(app, {"--lot", "--activity", "--resource", "--stamp", "--lifecycle", "--reader", "--reference",
                         "--rejected", "--good", "--made", "--weight"}, "LOG");
  if (options.states.path.empty())
    refuse_options(app, {"--machine", "--state", "--working", "--setup", "--idle", "--planned", "--jam", "--failure"}, "--states");
  DriftOptions how;
  how.level = share_of(options.level, "--level");
  DriftSources from;
  std::optional<EventLog> log;
  std::optional<MachineStates> machines;
  if (!options.log.path.empty()) {
    if (!options.reference.empty()) from.reference = share_of(options.reference, "--reference");
    options.columns.energy_unit = options.states.mapping.energy_unit;
    ask_for(options.columns, options.log.read.mapping);
    from.columns = options.columns;
    from.log = &log.emplace(options.log.load());
  }
  if (!options.states.path.empty()) {
    if (options.log.path.empty()) {  // names of columns are about it
      options.states.mapping.from = options.log.read.mapping.start;
      options.states.mapping.to = options.log.read.mapping.end;
      options.states.mapping.energy = options.columns.energy;
    }
    from.states = &machines.emplace(options.states.learn());
    if (!machines->log.findings.empty()) tell(fmt::format("{}: found\n{}", options.states.path, text(machines->log.findings)));
  }
  const DriftReport report = search_drifts(from, how);
  print(options.format == "json" ? json_report(report) : text_report(report));
}

}  // namespace

std::function<void()> declare_drift(CLI::App& app) {
  auto options = std::make_shared<DriftArguments>();
  options->log.declare(app, false);
  reads(app, app.add_option("--states", options->states.path,
                            "state log, in which failures, repairs and powers are looked at; LOG may then be left out"))
      ->type_name("FILE");
  options->states.declare(app);
  DriftColumns& c = options->columns;
  struct Row {
    const char* flag;
    std::string* name;
    const char* doc;
  };
  const Row rows[] = {{"--rejected", &c.rejected, "column with the rejects of an operation, as amounts or words"},
                      {"--good", &c.good, "column with the amount that was good"},
                      {"--made", &c.made, "column with the amount that was made"},
                      {"--energy", &c.energy, "column with the energy of an operation or a state"},
                      {"--weight", &c.mass, "column with the mass of an operation, for energy per mass"}};
  for (const Row& row : rows) app.add_option(row.flag, *row.name, row.doc)->type_name("COLUMN")->group("Columns of the log");
  app.parse_complete_callback([options] {
    if (options->log.path.empty() && options->states.path.empty()) throw CLI::RequiredError("LOG or --states");
    for (const auto& [flag, value] : {std::pair("--meters", &options->states.meters), {"--mass", &options->states.masses}})
      if (!value->empty() && options->states.path.empty()) throw CLI::RequiresError(flag, "--states");
  });
  app.add_option(
         "--reference", options->reference,
         "share of the operations, the first ones, that the watch takes for steady; default: the first 8 of each machine")
      ->type_name("SHARE");
  app.add_option("--level", options->level, "chance of any change being reported where there is none; default: 1 %")
      ->type_name("SHARE");
  app.add_option("--format", options->format, "table or json, on standard output")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"table", "json"}).description(""));
  return [options, &app] { find_in(*options, app); };
}

}  // namespace retwin::cli
