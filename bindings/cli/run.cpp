// `retwin run`: replications of a scenario, their report, and the files that were asked for.
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <thread>

#include "bindings/cli/command.hpp"
#include "bindings/cli/log_options.hpp"
#include "bindings/cli/outputs.hpp"
#include "bindings/cli/progress.hpp"
#include "core/base/files.hpp"
#include "core/base/problem.hpp"
#include "core/experiment/going_on.hpp"
#include "core/experiment/replications.hpp"
#include "core/ledger/writers.hpp"
#include "core/report/report.hpp"
#include "core/telemetry/lines/state.hpp"
#include "core/telemetry/writers/log_writer.hpp"

namespace retwin::cli {
namespace {

/// The report, or one of the tables.
struct Format {
  std::function<std::string(const Scenario&, const Results&)> report;
  std::string (Table::*table)() const;
};
const std::map<std::string, Format> formats{
    {"table", {text_report, &Table::text}},
    {"json", {result_json, &Table::json}},
    {"csv", {[](const Scenario& s, const Results& r) { return kpis_table(s, r).csv(); }, &Table::csv}}};

struct Options {
  ScenarioOptions scenario;
  int jobs = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  std::string out, outcomes, trace, log, save, from, performance, format = "table", table, state_at;
  LogOptions state_of;
};

std::vector<std::string> in_folder(const std::string& folder) {
  std::vector<std::string> all;
  for (const Exporter& exporter : registry().exporters) all.push_back(folder + "/" + exporter.file);
  return all;
}

void check_places(const Options& options) {
  if (!options.out.empty()) {
    check_writable(options.out, true);
    for (const std::string& path : in_folder(options.out)) check_writable(path, false);
  }
  if (!options.outcomes.empty()) check_writable(options.outcomes, false);
  if (!options.trace.empty()) check_writable(options.trace, false);
  if (!options.log.empty()) {
    check_log_path(options.log);
    check_writable(options.log, false);
  }
  if (!options.save.empty()) check_writable(options.save, false);
  if (!options.performance.empty()) check_writable(options.performance, false);
}

/// The state of a file, made to fit; a warning on standard error tells of another structure.
State state_for(const Plant& plant, const std::string& path) {
  CarriedState carried = read_state_for(plant, path);
  if (carried.warning) tell(*carried.warning);
  return std::move(carried.state);
}

/// What is told of the first replication.
struct Told {
  std::optional<TraceWriter> trace;
  std::optional<LogWriter> log;

  void commit() {
    if (trace) trace->commit();
    if (log) log->commit();
  }
  /// They outlive the replications: they are complete only if all of these are.
  std::unique_ptr<Observer> pass_on() {
    auto observers = std::make_unique<Observers>();
    if (trace) observers->add(&*trace);
    if (log) observers->add(&*log);
    return observers->empty() ? nullptr : std::move(observers);
  }
};

Results simulate(const Options& options, const Scenario& scenario, Told& told) {
  std::optional<State> from;
  RunOptions run;
  run.jobs = options.jobs;
  run.keep_state = !options.save.empty();
  run.origin.scenario = options.scenario.path;
  run.origin.overrides = options.scenario.overrides;
  run.origin.libraries = options.scenario.libraries;
  if (!options.from.empty()) {
    run.from = &from.emplace(state_for(*scenario.plant, options.from));
    run.origin.from = options.from;
    run.origin.from_sha256 = sha256_of_file(options.from);
    const auto says_seed = [](const Override& o) { return o.path == "run.seed"; };
    const std::vector<Override>& said = options.scenario.overrides;
    if (std::any_of(said.begin(), said.end(), says_seed)) run.reseed = scenario.run.seed;
  }
  if (!options.trace.empty()) told.trace.emplace(*scenario.plant, options.trace);
  if (!options.log.empty()) told.log.emplace(*scenario.plant, options.log);
  run.observer = [&told](std::int64_t replication) { return replication == 0 ? told.pass_on() : nullptr; };
  Progress progress;
  run.progress = [&progress](double done) { progress.show(done); };
  return run_replications(scenario, run);
}

/// A line for each replication: its task, from which `retwin task` repeats it, and its figures.
void write_outcomes(const std::string& path, const Results& results) {
  AtomicFile file(path);
  for (std::size_t k = 0; k < results.tasks.size(); ++k) file.write(json_text(results.outcome(k)) + "\n");
  file.commit();
}

void tell_performance(const Performance& p) {
  if (!Progress().visible()) return;
  const double per_s = static_cast<double>(p.events) / p.loop_s;
  tell(fmt::format("{} events in {:.3g} s: {:.3g} million/s\n", p.events, p.loop_s, per_s / 1e6));
}

void tell_log(const std::string& path, const LogSummary& log) {
  tell(fmt::format("{}: {} operations; left out are jobs in progress at the end: {}, begun before: {}, broken off: {}\n", path,
             log.operations, log.in_progress, log.begun_before, log.broken_off));
}

/// A line as its log has it at a time.
Scenario from_log(const Scenario& scenario, Options& options) {
  EventLog log = options.state_of.load();
  log.move(log.zone_s);
  const double at_s = options.state_at.empty() ? log.last_s() : time_of(options.state_at, "--state-at", log.zone_s) + log.zone_s;
  return scenario_at(scenario, LineMap(*scenario.plant, log), log, at_s);
}

/// What goes to standard output.
std::string report_of(const Options& options, const Scenario& scenario, const Results& results) {
  const Format& format = formats.at(options.format);
  if (const Exporter* exporter = registry().exporter(options.table)) return (exporter->table(scenario, results).*format.table)();
  return format.report(scenario, results);
}

void run(Options& options) {
  Scenario scenario = load(options.scenario);
  if (!options.state_of.path.empty()) scenario = from_log(scenario, options);
  check_places(options);
  Told told;
  const Results results = [&] {
    try {
      return simulate(options, scenario, told);
    } catch (const RunError&) {  // what happened until then shows why
      FileSet files;
      told.commit();
      files.commit();
      throw;
    }
  }();
  const std::string report = report_of(options, scenario, results);
  FileSet files;
  told.commit();
  if (!options.save.empty()) write_file(options.save, save_state(*results.state, *scenario.plant));
  if (!options.out.empty()) write_reports(options.out, scenario, results, registry().exporters);
  if (!options.outcomes.empty()) write_outcomes(options.outcomes, results);
  if (!options.performance.empty()) write_file(options.performance, performance_json(results.performance));
  files.commit();
  if (options.format != "table" || !options.table.empty()) tell(results.warnings);  // the report has them among its notes
  print(report);
  if (told.log) tell_log(options.log, told.log->summary());
  tell_performance(results.performance);
}

/// A start in the middle of things has no warm-up to leave out.
void without_warmup(Options& options, const char* flag) {
  options.scenario.overrides.push_back({"run.warmup", "0 s", flag});
  options.scenario.overrides.push_back({"run.terminating", "true", flag});
}

}  // namespace

std::function<void()> declare_run(CLI::App& app) {
  auto options = std::make_shared<Options>();
  options->scenario.declare(app);
  options->scenario.declare_run_settings(app);
  app.add_option("--jobs", options->jobs, "threads for the replications; default: all cores")
      ->type_name("N")
      ->check(CLI::Range(1, 1024).description(""));
  writes(app, app.add_option("--out", options->out, "folder for result.json and tables as CSV"), in_folder)->type_name("DIR");
  writes(app, app.add_option("--outcomes", options->outcomes,
                             "file with a line of JSON for each replication: its figures, and the task that `retwin task` repeats"))
      ->type_name("FILE");
  writes(app, app.add_option("--trace", options->trace, "CSV file of every event of the first replication"))->type_name("FILE");
  writes(app, app.add_option("--log", options->log, "event log of the first replication: .csv, .xes, .sqlite or .json (OCEL 2.0)"))
      ->type_name("FILE");
  writes(app, app.add_option("--save", options->save, "file for the state at the end of the first replication"))->type_name("FILE");
  reads(app, app.add_option("--from", options->from, "goes on from a saved state: no warm-up, the duration counts from there; random numbers go on too, unless --seed is given"))
      ->type_name("FILE")
      ->excludes(app.get_option("--warmup"));
  reads(app, app.add_option("--log-state", options->state_of.path,
                            "event log of a production line: the run goes on from where its parts are at the time of --state-at"))
      ->type_name("FILE")
      ->excludes(app.get_option("--warmup"))
      ->excludes(app.get_option("--from"))
      ->excludes(app.get_option("--outcomes"));
  app.add_option("--state-at", options->state_at, "time in the log of --log-state; default: its end")
      ->type_name("TIME")
      ->needs(app.get_option("--log-state"));
  writes(app, app.add_option("--performance", options->performance, "JSON file of how fast the run went"))->type_name("FILE");
  app.add_option("--format", options->format, "table, json or csv, on standard output")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"table", "json", "csv"}).description(""));
  app.add_option("--table", options->table,
                 fmt::format("one table in place of the report: {}", fmt::join(registry().names_of_tables(), ", ")))
      ->type_name("NAME")
      ->check(CLI::IsMember(registry().names_of_tables()).description(""));
  return [options] {
    if (!options->from.empty()) without_warmup(*options, "--from");
    if (!options->state_of.path.empty()) without_warmup(*options, "--log-state");
    run(*options);
  };
}

}  // namespace retwin::cli
