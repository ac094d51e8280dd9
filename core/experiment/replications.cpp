// Makes tasks of a scenario, has them run here, and puts their figures together, path by path.
#include "core/experiment/replications.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>
#include <utility>

#include "core/base/constants.hpp"

namespace retwin {
namespace {

bool warms_up(const Scenario& scenario, const RunOptions& options) {
  return !options.from && !scenario.run.terminating && scenario.run.warmup_s > 0;
}

/// What becomes of all replications, as they come.
struct Gathered {
  FigureRows figures;
  std::vector<std::string> digests;
  std::vector<std::exception_ptr> errors;
  Replicated first;  ///< replication 0
  std::vector<Performance> performance;
  explicit Gathered(std::size_t n) : figures(n), digests(n), errors(n), performance(n) {}

  /// @return whether to go on: after an error no later one is begun
  bool take(std::size_t number, Replicated made) {
    figures.put(number, made.outcome.figures);
    digests[number] = made.outcome.digest;
    errors[number] = made.why;
    performance[number] = made.performance;
    if (number == 0) first = std::move(made);
    return !errors[number];
  }
};

void rethrow_first(const std::vector<std::exception_ptr>& errors) {
  for (std::size_t number = 0; number < errors.size(); ++number) {
    if (!errors[number]) continue;
    try {
      std::rethrow_exception(errors[number]);
    } catch (const RunError& error) {
      throw RunError(errors.size() == 1 ? std::string(error.what()) : fmt::format("{} (replication {})", error.what(), number),
                     error.time_s(), error.station());
    }
  }
}

KpiSummary summarise(const FigureRows::Path& path, double level) {
  std::vector<double> values, numerators, denominators;
  for (const FigureRows::Value* figure : path.values) {
    if (!figure || std::isnan(figure->value)) continue;
    values.push_back(figure->value);
    numerators.push_back(figure->numerator);
    denominators.push_back(figure->denominator);
  }
  Kpi kpi = *path.kpi;
  for (const FigureRows::Value* figure : path.values)
    if (figure) {
      kpi.value = figure->value, kpi.numerator = figure->numerator, kpi.denominator = figure->denominator;
      break;
    }
  return {kpi, kpi.ratio ? ratio_interval(numerators, denominators, level) : student_interval(values, level)};
}

}  // namespace

const KpiSummary* Results::find(std::string_view path) const {
  const auto it = std::find_if(kpis.begin(), kpis.end(), [&](const KpiSummary& s) { return s.kpi.path == path; });
  return it == kpis.end() ? nullptr : &*it;
}

std::vector<Task> tasks_of(const Scenario& scenario, const RunOptions& options) {
  Task task = options.origin;
  task.manifest = scenario.scenario_hash;
  task.seed = options.from ? options.reseed : std::optional<std::uint64_t>(scenario.run.seed);
  const double start = options.from ? options.from->now : 0;
  task.begin_s = warms_up(scenario, options) ? scenario.run.warmup_s : start;
  task.end_s = start + scenario.run.duration_s;
  const std::int64_t replications = std::max<std::int64_t>(1, options.replications > 0 ? options.replications : scenario.run.replications);
  std::vector<Task> tasks(static_cast<std::size_t>(replications), task);
  for (std::int64_t number = 0; number < replications; ++number) tasks[static_cast<std::size_t>(number)].replication = number;
  return tasks;
}

Results run_replications(const Scenario& scenario, const RunOptions& options) {
  const std::vector<Task> tasks = tasks_of(scenario, options);
  LocalOptions how;
  how.jobs = options.jobs;
  if (options.observer) how.observer = [&](const Task& task) { return options.observer(task.replication); };
  how.progress = options.progress;
  how.poll = options.poll;
  how.detailed = true;
  how.keep_state = options.keep_state;
  const std::shared_ptr<const Scenario> shared(std::shared_ptr<void>(), &scenario);  // both outlive the call
  const std::shared_ptr<const State> from(std::shared_ptr<void>(), options.from);
  Gathered all(tasks.size());
  run_tasks(tasks, [&](const Task&) { return Variants::Variant{shared, from}; }, how,
            [&](std::size_t number, Replicated made) { return all.take(number, std::move(made)); });
  rethrow_first(all.errors);
  Results results;
  results.replications = static_cast<std::int64_t>(tasks.size());
  results.warmed_up = warms_up(scenario, options);
  results.begin_s = tasks.front().begin_s;
  results.end_s = tasks.front().end_s;
  results.bottleneck = std::move(all.first.bottleneck);
  results.warnings = std::move(all.first.warnings);
  results.state = std::move(all.first.state);
  results.heard = std::move(all.first.heard);
  for (const Performance& one : all.performance) results.performance += one;
  for (const FigureRows::Path& path : all.figures.by_path()) {
    results.kpis.push_back(summarise(path, scenario.run.confidence));
    std::vector<double>& values = results.values.emplace_back();
    for (const FigureRows::Value* figure : path.values) values.push_back(figure ? figure->value : nan);
  }
  results.tasks = tasks;
  results.digests = std::move(all.digests);
  results.figures = std::move(all.figures);
  return results;
}

}  // namespace retwin
