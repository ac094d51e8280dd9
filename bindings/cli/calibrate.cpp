// `retwin calibrate`: a scenario from an event log, or a given plant with the parameters of its log.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <limits>
#include <memory>
#include <optional>

#include "bindings/cli/command.hpp"
#include "bindings/cli/log_options.hpp"
#include "bindings/cli/outputs.hpp"
#include "core/base/replacement.hpp"
#include "core/report/telemetry_report.hpp"
#include "core/telemetry/calibration/calibration.hpp"
#include "core/telemetry/given/plant.hpp"
#include "core/telemetry/tables/columns.hpp"

namespace retwin::cli {
namespace {

struct CalibrateArguments {
  LogOptions log;
  std::vector<std::string> files, libraries;
  std::string out = "calibrated.yaml", train = "1", window = "auto", states, state_at, flows, assays, meters;
  std::uint64_t draws = 0, seed = 1;
  bool discover = false;
  bool measured() const { return !flows.empty() || !assays.empty() || !meters.empty(); }
};

std::vector<std::string> files_of(const std::string& out) {
  return beside(out, {"_plans.csv", "_history.csv", "_arrivals.csv", "_parameters.csv", "_line.yaml"});
}

void check_places(const CalibrateArguments& options) {
  for (const std::string& path : files_of(options.out)) check_writable(path, false);
}

void discover_from(CalibrateArguments& options) {
  if (options.files.size() != 1)
    refuse(Code::conflict, "command line", "--discover learns the plant itself: it takes a log only",
           "leave the plant out, or leave --discover out to calibrate it");
  CalibrationOptions how;
  how.train = share_of(options.train, "--train");
  how.window = window_rule(options.window);
  options.log.path = options.files[0];
  check_places(options);
  if (!options.state_at.empty()) time_of(options.state_at, "--state-at");  // said before the log is read
  const Calibration calibration = calibrate(options.log.load(), how);
  const double zone_s = calibration.log.zone_s;
  const double state_at_s = options.state_at.empty() ? std::numeric_limits<double>::quiet_NaN()
                                                     : time_of(options.state_at, "--state-at", zone_s) + zone_s;
  write_calibration(calibration, options.out, state_at_s);
  print(text_report(calibration));
  if (!options.state_at.empty() && !calibration.line.line)
    tell(fmt::format("--state-at says nothing here: {}\n", calibration.line.note));
  tell(fmt::format("wrote {} and the tables beside it\n", options.out));
}

void calibrate_given(CalibrateArguments& options) {
  if (options.files.size() != 2 && !options.measured())
    refuse(Code::missing, "command line", "a plant and its log are needed",
           "write retwin calibrate PLANT.yaml LOG, or retwin calibrate --discover LOG to learn the plant itself; without a log: --flows, --meters");
  if (!options.assays.empty() && options.flows.empty())
    refuse(Code::missing, "command line", "analyses say nothing without the flows that they are of", "add --flows FLOWS.csv");
  PlantCalibrationOptions how;
  how.libraries = library_folders(options.libraries);
  const Scenario plant = load_scenario(options.files[0], registry(), {}, how.libraries);
  check_places(options);
  Problems problems;
  const Measurements measured = read_measurements(options.flows, options.assays, options.meters, problems);
  problems.throw_if_errors();
  if (measured.any()) how.measured = &measured;
  for (const std::string& name : calibration_columns(*plant.plant))
    options.log.read.mapping.if_there.push_back({{plain_name(name)}, true});
  std::optional<StateLog> states;
  if (!options.states.empty()) how.states = &states.emplace(read_state_log(options.states));
  std::optional<EventLog> log;
  if (options.files.size() == 2) {
    options.log.path = options.files[1];
    log = options.log.load();
  }
  const PlantCalibration calibration = calibrate_plant(options.files[0], std::move(log), registry(), how);
  FileSet files;
  write_calibration(calibration, options.out);
  write_draws(calibration, options.out, options.draws, options.seed);
  files.commit();
  print(text_report(calibration));
  tell(fmt::format("wrote {} and the table beside it\n", options.out));
}

/// What says how a log is read says nothing without one.
void refuse_without_log(const CLI::App& app, const CalibrateArguments& options) {
  refuse_options(app, {"--lot", "--activity", "--resource", "--start", "--end", "--stamp", "--lifecycle", "--time-format", "--time-unit", "--reader"}, "a log");
  refuse_options(app, {"--quantity", "--attribute"}, "a log");
  if (options.meters.empty()) refuse_options(app, {"--states"}, "a log or --meters");
}

}  // namespace

std::function<void()> declare_calibrate(CLI::App& app) {
  auto options = std::make_shared<CalibrateArguments>();
  reads(app, app.add_option("FILES", options->files,
                            "a plant and its log, which may be missing beside --flows or --meters; with --discover the log alone (delimited text, .xes, or OCEL 2.0; texts also "
                            "with .gz)"))
      ->required()
      ->expected(1, 2)
      ->type_name("[PLANT] LOG");
  options->log.declare_columns(app);
  options->log.declare_further_columns(app);
  app.add_flag("--discover", options->discover, "learn the process itself from the log");
  declare_library(app, options->libraries);
  app.add_option("--train", options->train, "with --discover: share of the cases, the first ones, to learn from; default: all")
      ->type_name("SHARE");
  declare_window(app, options->window, "with --discover: what");
  app.add_option("--draws", options->draws,
                 "of a given plant: so many further scenarios (calibrated_1.yaml ...) with parameters drawn from what the log "
                 "leaves open")
      ->type_name("N")
      ->check(CLI::Range(0, 100000).description(""));
  app.add_option("--seed", options->seed, "of these draws; default: 1")->type_name("N");
  reads(app, app.add_option("--states", options->states,
                            "of a given plant: log of the states of its machines (machine, state, start, end), for breakdowns "
                            "and repairs"))
      ->type_name("FILE");
  reads(app, app.add_option("--flows", options->flows,
                            "of a given plant: flows measured over a period (stream, from, to, measured, sd; perhaps port, and flow for what a station "
                            "uses), for shares of ports and uses per mass"))
      ->type_name("FILE");
  reads(app, app.add_option("--assays", options->assays, "with --flows: analyses of its streams (stream, component, fraction, perhaps sd)"))->type_name("FILE");
  reads(app, app.add_option("--meters", options->meters,
                            "of a given plant: energies of stations (station, energy [kWh], perhaps sd) with their times in the states (working [h], "
                            "idle [h], ...), or with start and end beside --states, for powers"))
      ->type_name("FILE");
  app.add_option("--state-at", options->state_at,
                 "of a production line: time at which its parts stand where the scenario _line.yaml begins; default: the end of "
                 "what is learned from")
      ->type_name("TIME");
  writes(app,
         app.add_option("-o,--out", options->out,
                        "the scenario; its tables get its name with _parameters.csv ...; default: calibrated.yaml"),
         files_of, options->out)
      ->type_name("FILE");
  return [options, &app] {
    if (options->discover) refuse_options(app, {"--draws", "--states", "--seed", "--library", "--flows", "--assays", "--meters"}, "a given plant");
    else refuse_options(app, {"--train", "--window", "--state-at"}, "--discover");
    if (!options->discover && options->files.size() < 2) refuse_without_log(app, *options);
    if (options->draws == 0) refuse_options(app, {"--seed"}, "--draws");
    options->discover ? discover_from(*options) : calibrate_given(*options);
  };
}

}  // namespace retwin::cli
