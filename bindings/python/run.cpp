// Runs of a scenario from Python, with the files that the command line can write beside the report.
#include "bindings/python/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

#include "bindings/python/progress.hpp"
#include "core/base/files.hpp"
#include "core/base/replacement.hpp"
#include "core/base/text.hpp"
#include "core/experiment/going_on.hpp"
#include "core/ledger/ledger_file.hpp"
#include "core/ledger/series.hpp"
#include "core/ledger/writers.hpp"
#include "core/telemetry/writers/log_writer.hpp"

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

/// Files that are told of the first replication. It stays where it is while they are.
class Files {
 public:
  Files(const RunArguments& given, const Scenario& scenario, const CarriedState* from) : given_(given), scenario_(scenario), from_(from) {
    const Plant& plant = *scenario.plant;
    for (const Path* later : {&given.save, &given.outcomes, &given.series})
      if (*later) AtomicFile((*later)->string());  // a place that cannot be written is told before the run
    const State begin = from ? from->state : initial_state(plant, scenario.run.seed);
    if (given.trace) trace_.emplace(plant, given.trace->string());
    if (given.log) log_.emplace(plant, given.log->string());
    if (given.series) series_.emplace(plant, begin, every_s());
    if (given.ledger) {
      ledger_.emplace(given.ledger->string());
      edges_.emplace(plant, scenario.reporting, begin, ledger_->sink());
    }
  }

  std::unique_ptr<Observer> observer() {
    auto all = std::make_unique<Observers>();
    if (trace_) all->add(&*trace_);
    if (log_) all->add(&*log_);
    if (series_) all->add(&*series_);
    if (edges_) all->add(&*edges_);
    if (from_) all->begin_with(from_->heard, *scenario_.plant, given_.state->string());
    return all->empty() ? nullptr : std::move(all);
  }

  /// @param results null: the run stopped, and what was told until then shows why
  void commit(const Results* results) {
    const Plant& plant = *scenario_.plant;
    FileSet files;
    if (trace_) trace_->commit();
    if (log_) log_->commit();
    if (results != nullptr) {
      const double end_s = (from_ ? from_->state.now : 0) + scenario_.run.duration_s;
      if (edges_) ledger_->commit(edges_->finish(end_s), plant, scenario_.path);
      if (series_) series_->finish(end_s);
      if (given_.save) write_file(given_.save->string(), save_state(*results->state, plant, results->heard));
      if (given_.outcomes) write_outcomes(*results);
    }
    if (series_) write_file(given_.series->string(), table_of(series_->series(), plant).csv());
    files.commit();
  }

 private:
  double every_s() const {
    constexpr double most_rows = 1e6;
    const double every_s = seconds(given_.every, "every");
    if (!(every_s > 0)) throw py::value_error("every must be a time above 0");
    if (scenario_.run.duration_s / every_s > most_rows) throw py::value_error("a series of more than a million rows; make every longer");
    return every_s;
  }
  void write_outcomes(const Results& results) const {
    AtomicFile file(given_.outcomes->string());
    for (std::size_t k = 0; k < results.tasks.size(); ++k) file.write(json_text(results.outcome(k)) + "\n");
    file.commit();
  }

  const RunArguments& given_;
  const Scenario& scenario_;
  const CarriedState* from_;  ///< null: an empty plant
  std::optional<TraceWriter> trace_;
  std::optional<LogWriter> log_;
  std::optional<SeriesCollector> series_;
  std::optional<LedgerWriter> ledger_;
  std::optional<EdgeCollector> edges_;
};

Results replications(const RunArguments& given, const Scenario& scenario, RunOptions& options) {
  std::optional<CarriedState> from;
  if (given.state) {
    from = read_state_for(*scenario.plant, given.state->string());
    options.from = &from->state;
    options.origin.from = given.state->string();
    options.origin.from_sha256 = sha256_of_file(given.state->string());
    if (given.seed) options.reseed = scenario.run.seed;
  }
  options.keep_state = given.save.has_value();
  Files files(given, scenario, from ? &*from : nullptr);
  options.observer = [&](std::int64_t replication) { return replication == 0 ? files.observer() : nullptr; };
  try {
    Results results = run_replications(scenario, options);
    files.commit(&results);
    return results;
  } catch (const RunError&) {
    files.commit(nullptr);
    throw;
  }
}

}  // namespace

std::shared_ptr<RunResult> run(const Variant& variant, const RunArguments& given) {
  const std::vector<Override> values = overrides_of(given);
  if (given.jobs && *given.jobs < 1) throw py::value_error("jobs is a number of threads, at least 1");
  RunOptions options;
  options.jobs = given.jobs.value_or(static_cast<int>(std::max(1u, std::thread::hardware_concurrency())));
  options.poll = check_signals;  // lets Ctrl-C end a long run
  Bar bar("run");
  options.progress = bar.shows();
  const Variant before = variant;  // another thread may set values meanwhile
  options.origin.scenario = before.path();
  options.origin.libraries = before.library_folders();
  options.origin.overrides = before.overrides();
  options.origin.overrides.insert(options.origin.overrides.end(), values.begin(), values.end());
  const py::gil_scoped_release release;
  const std::shared_ptr<const Scenario> scenario = values.empty() ? before.scenario() : before.with(values);
  return std::make_shared<RunResult>(scenario, replications(given, *scenario, options));
}

}  // namespace retwin::python
