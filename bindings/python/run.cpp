// Runs of a scenario from Python, with the files that the command line can write beside the report.
#include "bindings/python/run.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings/python/bottleneck.hpp"
#include "bindings/python/progress.hpp"
#include "bindings/report/page_file.hpp"
#include "core/base/files.hpp"
#include "core/base/text.hpp"
#include "core/experiment/going_on.hpp"
#include "core/report/page/pages.hpp"
#include "core/report/report.hpp"
#include "core/telemetry/lines/state.hpp"

namespace retwin::python {
namespace {

std::vector<Override> overrides_of(const RunArguments& given) {
  std::vector<Override> values = overrides_of(given.settings);
  if (!given.state && given.log_state == nullptr) return values;
  if (given.settings.warmup) throw py::value_error("a run that goes on from a state has no warm-up");  // there is none to leave out
  values.push_back({"run.warmup", "0 s", "state"});
  values.push_back({"run.terminating", "true", "state"});
  return values;
}

/// What does not go together.
void check_together(const RunArguments& given) {
  if (given.replay && !given.report) throw py::value_error("replay is of the page: name its file in report");
  if (given.verdict && (given.state || given.log_state != nullptr)) throw py::value_error("what limits the plant is measured from an empty plant, not from a state");
  if (given.state && given.log_state != nullptr) throw py::value_error("a run goes on from one state: that of state, or that of log_state");
  if (given.log_state != nullptr && given.outcomes) throw py::value_error("outcomes cannot be repeated from a log: leave out log_state or outcomes");
  if (given.state_at && given.log_state == nullptr) throw py::value_error("state_at is a time in log_state");
}

/// A line as its log has it at a time.
std::shared_ptr<const Scenario> from_log(const Scenario& scenario, const RunArguments& given) {
  EventLog log = *given.log_state;
  log.move(log.zone_s);
  const double at_s = given.state_at ? instant(*given.state_at, "state_at", log.zone_s) : log.last_s();
  return std::make_shared<const Scenario>(scenario_at(scenario, LineMap(*scenario.plant, log), log, at_s));
}

/// What can be told before the run. @throws InputError (file, unit) @throws value_error
FirstReplicationFiles wanted_of(const RunArguments& given, const Scenario& scenario) {
  for (const MaybePath* later : {&given.save, &given.outcomes, &given.series})
    if (*later) AtomicFile((*later)->string());
  if (given.report) check_page(given.report->string());
  FirstReplicationFiles wanted{text_of(given.trace), text_of(given.states), text_of(given.log), text_of(given.series), text_of(given.ledger), 0, {}};
  if (given.series) {
    constexpr double most_rows = 1e6;
    wanted.every_s = seconds(given.every, "every");
    if (!(wanted.every_s > 0)) throw py::value_error("every must be a time above 0");
    if (scenario.run.duration_s / wanted.every_s > most_rows) throw py::value_error("a series of more than a million rows; make every longer");
  }
  wanted.replay_s = replay_seconds(given.report, given.replay);
  return wanted;
}

/// All or none.
void write_files(const RunArguments& given, RunResult& made, FirstReplication& first) {
  const Results& results = made.results;
  FileSet files;
  first.commit();
  if (given.save) write_file(given.save->string(), save_state(*results.state, *made.scenario->plant, results.heard));
  if (given.outcomes) write_outcomes(given.outcomes->string(), results);
  if (given.report)
    write_page(given.report->string(), page_of_run(*made.scenario, results, registry().exporters, first, made.relief ? &made.relief->verdict : nullptr));
  files.commit();
}

std::shared_ptr<RunResult> replications(const RunArguments& given, const std::shared_ptr<const Scenario>& scenario, RunOptions& options,
                                        const std::function<void(double)>& relieving) {
  std::optional<CarriedState> from;
  if (given.state) {
    from = read_state_for(*scenario->plant, given.state->string());
    options.from = &from->state;
    options.origin.from = given.state->string();
    options.origin.from_sha256 = sha256_of_file(given.state->string());
    if (given.settings.seed) options.reseed = scenario->run.seed;
  }
  options.keep_state = given.save.has_value();
  FirstReplication first(wanted_of(given, *scenario), *scenario, from ? &*from : nullptr, text_of(given.state));
  options.observer = [&](std::int64_t replication) { return first.observer(replication); };
  std::shared_ptr<RunResult> made;
  try {
    made = std::make_shared<RunResult>(scenario, run_replications(*scenario, options));
  } catch (const RunError&) {  // what happened until then shows why
    FileSet files;
    first.commit();
    files.commit();
    throw;
  }
  first.finish();
  if (given.verdict) made->relief = limits_of(scenario, 0, options.jobs, relieving);
  write_files(given, *made, first);
  return made;
}

}  // namespace

std::shared_ptr<RunResult> run(const Variant& variant, const RunArguments& given) {
  const std::vector<Override> values = overrides_of(given);
  replay_seconds(given.report, given.replay);
  check_together(given);
  RunOptions options;
  options.jobs = jobs_of(given.settings.jobs);
  options.poll = check_signals;  // lets Ctrl-C end a long run
  Bar bar("run");
  options.progress = bar.shows();
  std::optional<Bar> relieving;
  if (given.verdict) relieving.emplace("bottleneck");
  const Variant before = variant;  // another thread may set values meanwhile
  options.origin.scenario = before.path();
  options.origin.libraries = before.library_folders();
  options.origin.overrides = before.overrides();
  options.origin.overrides.insert(options.origin.overrides.end(), values.begin(), values.end());
  const py::gil_scoped_release release;
  std::shared_ptr<const Scenario> scenario = before.with_some(values);
  if (given.log_state != nullptr) scenario = from_log(*scenario, given);
  return replications(given, scenario, options, relieving ? relieving->shows() : nullptr);
}

}  // namespace retwin::python
