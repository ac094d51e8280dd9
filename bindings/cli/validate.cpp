// `retwin validate`: how well a calibrated scenario predicts the cases of a log that it has not seen, or a line its events.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "bindings/cli/command.hpp"
#include "bindings/cli/log_options.hpp"
#include "bindings/cli/outputs.hpp"
#include "bindings/cli/web_page.hpp"
#include "core/report/line_report.hpp"
#include "core/report/telemetry_report.hpp"
#include "core/telemetry/lines/validation.hpp"
#include "core/telemetry/validation/validation.hpp"

namespace retwin::cli {
namespace {

struct ValidateArguments {
  std::string scenario;
  LogOptions log;
  std::string test = "1/3", format = "table", window = "auto";
  std::vector<std::string> acceptable;
  std::string past, report;
  std::string every = "5 min", tolerance = "20 s", from;
  ValidationOptions how;
};

void report(const ValidateArguments& options, const std::string& text, const std::string& json) {
  if (!options.report.empty()) write_page(options.report, page_of_validation(options.scenario, options.log.path, text, json));
  print(options.format == "json" ? json : text);
}

void validate_windows(const ValidateArguments& options, const Scenario& scenario, EventLog log, bool replications_given) {
  log.move(log.zone_s);
  LineValidationOptions how;
  how.window_s = duration_of(options.every, "--every", 1);  // states are told at whole seconds
  how.tolerance_s = duration_of(options.tolerance, "--tolerance", 0);
  if (replications_given) how.replications = options.how.replications;
  how.seed = options.how.seed;
  if (!options.from.empty()) how.from_s = time_of(options.from, "--from", log.zone_s) + log.zone_s;
  check_report(options.report);
  const LineValidation validation = validate_line(scenario, log, how);
  report(options, text_report(validation), json_report(validation));
}

void validate_with(ValidateArguments& options, const CLI::App& app) {
  if (!options.past.empty()) refuse_options(app, {"--test"}, "one log that holds both, not with --past");
  options.how.test = share_of(options.test, "--test");
  for (const std::string& declared : options.acceptable) {
    const std::size_t equals = declared.rfind('=');
    if (equals == std::string::npos) options.how.acceptable = share_of(declared, "--acceptable");
    else options.how.acceptable_of[declared.substr(0, equals)] = share_of(declared.substr(equals + 1), "--acceptable");
  }
  options.how.window = window_rule(options.window);
  EventLog log = options.log.load();
  if (const Scenario scenario = load_scenario(options.scenario, registry(), {}, library_folders({})); is_line_of(scenario, log)) {
    refuse_options(app, {"--test", "--past", "--draws", "--acceptable", "--window", "--uncertainty"}, "cases; this is a production line");
    return validate_windows(options, scenario, std::move(log), app.count("--replications") > 0);
  }
  refuse_options(app, {"--every", "--from", "--tolerance"}, "a production line");
  std::optional<EventLog> past;
  if (!options.past.empty()) options.how.past = &past.emplace(options.log.load(options.past));
  check_report(options.report);
  const Validation validation = validate(options.scenario, std::move(log), registry(), options.how);
  report(options, text_report(validation), json_report(validation));
}

}  // namespace

std::function<void()> declare_validate(CLI::App& app) {
  auto options = std::make_shared<ValidateArguments>();
  options->how.jobs = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  reads(app, app.add_option("SCENARIO", options->scenario, "calibrated scenario"))->required();
  options->log.declare(app);
  app.add_option("--test", options->test, "share of the cases, the last ones, that is predicted; default: 1/3")
      ->type_name("SHARE");
  reads(app, app.add_option("--past", options->past,
                            "log of the cases before, if LOG holds only those that are to be predicted (in place of --test)"))
      ->type_name("LOG");
  app.add_option("--replications", options->how.replications, "simulations; default: 30, of a line 10 in each window")
      ->type_name("N")
      ->check(CLI::Range(2, 100000).description(""));
  app.add_option("--draws", options->how.baseline_draws, "draws of the bootstrap; default: 10")
      ->type_name("N")
      ->check(CLI::Range(1, 100000).description(""));
  app.add_option("--seed", options->how.seed, "seed of all random numbers")->type_name("N");
  app.add_option("--acceptable", options->acceptable,
                 "error that is acceptable, declared beforehand: of all figures, or of one (\"throughput=5 %\"; repeatable); "
                 "default: 10 %")
      ->type_name("[FIGURE=]SHARE");
  declare_window(app, options->window, "what");
  app.add_flag("--uncertainty", options->how.uncertainty,
               "each replication draws anew how often each learned case and day comes (Bayesian bootstrap)");
  app.add_option("--jobs", options->how.jobs, "threads; default: all cores")
      ->type_name("N")
      ->check(CLI::Range(1, 1024).description(""));
  app.add_option("--every", options->every,
                 "of a production line: length of the windows, each begun in the state of the log; default: 5 min")
      ->type_name("DURATION");
  app.add_option("--from", options->from,
                 "of a production line: start of the first window; default: that of the scenario if the log goes on behind it")
      ->type_name("TIME");
  app.add_option("--tolerance", options->tolerance,
                 "of a production line: time by which an event of the twin may differ; default: 20 s")
      ->type_name("DURATION");
  declare_report(app, options->report);
  app.add_option("--format", options->format, "table or json, on standard output")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"table", "json"}).description(""));
  return [options, &app] { validate_with(*options, app); };
}

}  // namespace retwin::cli
