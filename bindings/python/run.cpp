// Runs of a scenario from Python, with the files that the command line can write beside the report.
#include "bindings/python/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
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

namespace retwin::python {
namespace {

using Path = std::optional<std::filesystem::path>;

std::vector<Override> overrides_of(const RunArguments& given) {
  std::vector<Override> values;
  const auto add = [&](const char* name, const std::string& value) { values.push_back({std::string("run.") + name, value, name}); };
  const auto text = [](const auto& either) {
    if (const std::string* words = std::get_if<std::string>(&either)) return *words;
    return fmt::format("{}", std::get<0>(either));
  };
  if (given.seed) add("seed", std::to_string(*given.seed));
  if (given.replications) add("replications", text(*given.replications));
  if (given.precision) add("precision", text(*given.precision));
  if (given.max_replications) add("max_replications", std::to_string(*given.max_replications));
  if (given.duration) add("duration", time_text(*given.duration));
  if (given.warmup) add("warmup", time_text(*given.warmup));
  if (given.state) {  // a start in the middle of things has no warm-up to leave out
    if (given.warmup) throw py::value_error("a run that goes on from a state has no warm-up");
    add("warmup", "0 s");
    add("terminating", "true");
  }
  return values;
}

std::string text_of(const Path& path) { return path ? path->string() : std::string(); }

/// What can be told before the run. @throws InputError (file, unit) @throws value_error
FirstReplicationFiles wanted_of(const RunArguments& given, const Scenario& scenario) {
  for (const Path* later : {&given.save, &given.outcomes, &given.series})
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
    if (given.seed) options.reseed = scenario->run.seed;
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
  if (given.verdict && given.state) throw py::value_error("what limits the plant is measured from an empty plant, not from a state");
  if (given.jobs && *given.jobs < 1) throw py::value_error("jobs is a number of threads, at least 1");
  RunOptions options;
  options.jobs = given.jobs.value_or(static_cast<int>(std::max(1u, std::thread::hardware_concurrency())));
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
  const std::shared_ptr<const Scenario> scenario = values.empty() ? before.scenario() : before.with(values);
  return replications(given, scenario, options, relieving ? relieving->shows() : nullptr);
}

}  // namespace retwin::python
