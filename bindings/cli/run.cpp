// `retwin run`: replications of a scenario, their report, and the files that were asked for.
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "bindings/cli/command.hpp"
#include "bindings/cli/log_options.hpp"
#include "bindings/cli/outputs.hpp"
#include "bindings/cli/progress.hpp"
#include "bindings/cli/verdict.hpp"
#include "bindings/cli/web_page.hpp"
#include "core/base/files.hpp"
#include "core/base/problem.hpp"
#include "core/experiment/going_on.hpp"
#include "core/experiment/replications.hpp"
#include "core/report/first_replication.hpp"
#include "core/report/report.hpp"
#include "core/report/verdict_report.hpp"
#include "core/telemetry/lines/state.hpp"

namespace retwin::cli {
namespace {

/// The report, or one of the tables.
struct Format {
  std::function<std::string(const Scenario&, const Results&)> report;
  std::string (Table::*table)() const;
};
const std::map<std::string, Format> formats{
    {"table", {[](const Scenario& s, const Results& r) { return text_report(s, r); }, &Table::text}},
    {"json", {result_json, &Table::json}},
    {"csv", {[](const Scenario& s, const Results& r) { return kpis_table(s, r).csv(); }, &Table::csv}}};

struct RunArguments {
  ScenarioOptions scenario;
  int jobs = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  std::string out, outcomes, trace, states, log, ledger, series, every = "1 h", save, from, performance, report, replay = "1 week", format = "table", table, state_at;
  LogOptions state_of;
  bool verdict = false;
};

std::vector<std::string> in_folder(const std::string& folder) {
  std::vector<std::string> all;
  for (const Exporter& exporter : registry().exporters) all.push_back(folder + "/" + exporter.file);
  return all;
}

void check_places(const RunArguments& options) {
  if (!options.out.empty()) {
    check_writable(options.out, true);
    for (const std::string& path : in_folder(options.out)) check_writable(path, false);
  }
  if (!options.outcomes.empty()) check_writable(options.outcomes, false);
  if (!options.trace.empty()) check_writable(options.trace, false);
  if (!options.states.empty()) check_writable(options.states, false);
  if (!options.log.empty()) {
    check_log_path(options.log);
    check_writable(options.log, false);
  }
  if (!options.ledger.empty()) check_writable(options.ledger, false);
  if (!options.series.empty()) check_writable(options.series, false);
  if (!options.save.empty()) check_writable(options.save, false);
  if (!options.performance.empty()) check_writable(options.performance, false);
  check_report(options.report);
}

/// The state of a file, made to fit; a warning on standard error tells of another structure.
CarriedState state_for(const Plant& plant, const std::string& path) {
  CarriedState carried = read_state_for(plant, path);
  if (carried.warning) tell(*carried.warning);
  return carried;
}

FirstReplicationFiles wanted_of(const RunArguments& options, const Scenario& scenario) {
  constexpr double most_rows = 1e6, shortest_s = 1e-3;
  FirstReplicationFiles wanted{options.trace, options.states, options.log, options.series, options.ledger, 0, {}};
  if (!options.series.empty()) {
    wanted.every_s = duration_of(options.every, "--every", shortest_s);
    if (scenario.run.duration_s / wanted.every_s > most_rows)
      refuse(Code::range, "command line", fmt::format("--every {} makes more than a million rows", options.every), "make it longer");
  }
  if (!options.report.empty()) wanted.replay_s = duration_of(options.replay, "--replay", 0);
  return wanted;
}

Results simulate(const RunArguments& options, const Scenario& scenario, std::optional<FirstReplication>& first) {
  std::optional<CarriedState> from;
  RunOptions run;
  run.jobs = options.jobs;
  run.keep_state = !options.save.empty();
  run.origin.scenario = options.scenario.path;
  run.origin.overrides = options.scenario.overrides;
  run.origin.libraries = options.scenario.libraries;
  if (!options.from.empty()) {
    run.from = &from.emplace(state_for(*scenario.plant, options.from)).state;
    run.origin.from = options.from;
    run.origin.from_sha256 = sha256_of_file(options.from);
    const auto says_seed = [](const Override& o) { return o.path == "run.seed"; };
    const std::vector<Override>& said = options.scenario.overrides;
    if (std::any_of(said.begin(), said.end(), says_seed)) run.reseed = scenario.run.seed;
  }
  first.emplace(wanted_of(options, scenario), scenario, from ? &*from : nullptr, options.from);
  run.observer = [&](std::int64_t replication) { return first->observer(replication); };
  Progress progress;
  run.progress = [&progress](double done) { progress.show(done); };
  Results results = run_replications(scenario, run);
  first->finish();
  return results;
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
Scenario from_log(const Scenario& scenario, RunArguments& options) {
  EventLog log = options.state_of.load();
  log.move(log.zone_s);
  const double at_s = options.state_at.empty() ? log.last_s() : time_of(options.state_at, "--state-at", log.zone_s) + log.zone_s;
  return scenario_at(scenario, LineMap(*scenario.plant, log), log, at_s);
}

/// What goes to standard output.
std::string report_of(const RunArguments& options, const Scenario& scenario, const Results& results, const Verdict* verdict) {
  const Format& format = formats.at(options.format);
  if (const Exporter* exporter = registry().exporter(options.table)) return (exporter->table(scenario, results).*format.table)();
  const std::string report = format.report(scenario, results);
  if (!verdict) return report;
  if (options.format == "table") return report + "\n" + verdict_text(scenario, *verdict);
  nlohmann::json both = nlohmann::json::parse(report);
  both["relief"] = nlohmann::json::parse(verdict_json(scenario, *verdict));
  return both.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

void run(RunArguments& options) {
  if (options.verdict && options.format == "csv")
    refuse(Code::conflict, "command line", "--verdict is no row of a table of figures", "write --format table or json, or call retwin bottleneck");
  Scenario scenario = load(options.scenario);
  if (!options.state_of.path.empty()) scenario = from_log(scenario, options);
  check_places(options);
  std::optional<FirstReplication> first;
  const Results results = [&] {
    try {
      return simulate(options, scenario, first);
    } catch (const RunError&) {  // what happened until then shows why
      FileSet files;
      first->commit();
      files.commit();
      throw;
    }
  }();
  std::optional<Verdict> verdict;
  if (options.verdict) verdict = verdict_of(scenario, 0, options.jobs);
  const std::string report = report_of(options, scenario, results, verdict ? &*verdict : nullptr);
  FileSet files;
  first->commit();
  if (!options.save.empty()) write_file(options.save, save_state(*results.state, *scenario.plant, results.heard));
  if (!options.out.empty()) write_reports(options.out, scenario, results, registry().exporters);
  if (!options.outcomes.empty()) write_outcomes(options.outcomes, results);
  if (!options.performance.empty()) write_file(options.performance, performance_json(results.performance));
  if (!options.report.empty()) write_page(options.report, page_of_run(scenario, results, registry().exporters, *first, verdict ? &*verdict : nullptr));
  files.commit();
  if (options.format != "table" || !options.table.empty()) tell(results.warnings);  // the report has them among its notes
  print(report);
  if (first->log()) tell_log(options.log, *first->log());
  tell_performance(results.performance);
}

/// A start in the middle of things has no warm-up to leave out.
void without_warmup(RunArguments& options, const char* flag) {
  options.scenario.overrides.push_back({"run.warmup", "0 s", flag});
  options.scenario.overrides.push_back({"run.terminating", "true", flag});
}

}  // namespace

std::function<void()> declare_run(CLI::App& app) {
  auto options = std::make_shared<RunArguments>();
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
  writes(app, app.add_option("--states", options->states, "JSON file of the states of every server of the first replication, for viewers of traces (Perfetto)"))
      ->type_name("FILE");
  writes(app, app.add_option("--log", options->log, "event log of the first replication: .csv, .xes, .sqlite or .json (OCEL 2.0)"))
      ->type_name("FILE");
  writes(app, app.add_option("--series", options->series,
                             "CSV file of levels of the first replication at regular times: lots in the plant, queues, contents, power, servers "
                             "in each state, resources taken"))
      ->type_name("FILE");
  writes(app, app.add_option("--ledger", options->ledger,
                             "SQLite file of every job of the first replication, from its beginning, for `retwin carbon`"))
      ->type_name("FILE");
  app.add_option("--every", options->every, "time between two rows of --series; default: 1 h")
      ->type_name("DURATION")
      ->needs(app.get_option("--series"));
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
  declare_replay(app, options->report, options->replay);
  app.add_option("--format", options->format, "table, json or csv, on standard output")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"table", "json", "csv"}).description(""));
  app.add_option("--table", options->table,
                 fmt::format("one table in place of the report: {}", fmt::join(registry().names_of_tables(), ", ")))
      ->type_name("NAME")
      ->check(CLI::IsMember(registry().names_of_tables()).description(""));
  app.add_flag("--verdict", options->verdict, "also what limits the plant, measured by relieving it, as `retwin bottleneck` does")
      ->excludes(app.get_option("--from"))
      ->excludes(app.get_option("--log-state"))
      ->excludes(app.get_option("--table"));
  return [options] {
    if (!options->from.empty()) without_warmup(*options, "--from");
    if (!options->state_of.path.empty()) without_warmup(*options, "--log-state");
    run(*options);
  };
}

}  // namespace retwin::cli
