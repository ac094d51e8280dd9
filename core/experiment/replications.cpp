// Makes tasks of a scenario, has them run here, and puts their figures together, path by path.
#include "core/experiment/replications.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>
#include <utility>

#include "core/base/constants.hpp"
#include "core/experiment/objective.hpp"
#include "core/experiment/steady.hpp"
#include "core/experiment/warmup.hpp"

namespace retwin {
namespace {

bool warms_up(const Scenario& scenario, const RunOptions& options) {
  return !options.from && !scenario.run.terminating && scenario.run.warmup_s > 0;
}

constexpr std::int64_t fewest_replications = 10;  ///< of `auto`

bool finds_number(const Scenario& scenario, const RunOptions& options) { return options.replications <= 0 && scenario.run.replications <= 0; }

/// What becomes of all replications, as they come.
struct Gathered {
  FigureRows figures;
  std::vector<std::string> digests;
  std::vector<std::exception_ptr> errors;
  Replicated first;  ///< replication 0
  std::vector<Performance> performance;
  std::vector<std::vector<double>> by_period;
  std::vector<std::vector<Departure>> departures;

  /// There are so many.
  void expect(std::size_t n) {
    figures.resize(n);
    digests.resize(n);
    errors.resize(n);
    performance.resize(n);
    by_period.resize(n);
    departures.resize(n);
  }

  /// @return whether to go on: after an error no later one is begun
  bool take(std::size_t number, Replicated made) {
    figures.put(number, made.outcome.figures);
    digests[number] = made.outcome.digest;
    errors[number] = made.why;
    performance[number] = made.performance;
    by_period[number] = std::move(made.by_period);
    departures[number] = std::move(made.departures);
    if (number == 0) first = std::move(made);
    return !errors[number];
  }

  /// Of the objective in each period, over the replications.
  std::vector<double> period_means() const {
    std::vector<double> means;
    for (std::size_t k = 0; k < by_period.front().size(); ++k) {
      double sum = 0;
      for (const std::vector<double>& one : by_period) sum += one.at(k);
      means.push_back(sum / static_cast<double>(by_period.size()));
    }
    return means;
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

}  // namespace

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
  const std::int64_t said = options.replications > 0 ? options.replications : scenario.run.replications;
  const std::int64_t replications = said > 0 ? said : std::min(fewest_replications, scenario.run.max_replications);
  std::vector<Task> tasks(static_cast<std::size_t>(replications), task);
  for (std::int64_t number = 0; number < replications; ++number) tasks[static_cast<std::size_t>(number)].replication = number;
  return tasks;
}

namespace {

/// Whether what counts is known as precisely as the scenario asks.
bool precise(const Scenario& scenario, const FigureRows& figures) {
  const auto counts = [&](const std::string& path) {
    return path == scenario.objective || (path.starts_with("per.") && path.ends_with(".carbon"));
  };
  for (const FigureRows::Path& path : figures.by_path()) {
    if (!counts(path.kpi->path)) continue;
    const Interval interval = summarise(path, scenario.run.confidence).interval;
    if (interval.n > 1 && interval.half_width > scenario.run.precision * std::abs(interval.mean)) return false;
  }
  return true;
}

}  // namespace

namespace {

/// With the warm-up that the scenario states. @param judge whether to say that this is too short
Results run_stated(const Scenario& scenario, const RunOptions& options, bool judge) {
  std::vector<Task> tasks = tasks_of(scenario, options);
  LocalOptions how;
  how.jobs = options.jobs;
  if (options.observer) how.observer = [&](const Task& task) { return options.observer(task.replication); };
  how.poll = options.poll;
  how.detailed = true;
  how.keep_state = options.keep_state;
  if (judge && warms_up(scenario, options) && scenario.changes.empty()) how.period_s = warmup_period(scenario);
  const std::shared_ptr<const Scenario> shared(std::shared_ptr<void>(), &scenario);  // both outlive the call
  const std::shared_ptr<const State> from(std::shared_ptr<void>(), options.from);
  Gathered all;
  bool enough = true;
  for (std::size_t done = 0;;) {
    all.expect(tasks.size());
    const std::vector<Task> next(tasks.begin() + static_cast<std::ptrdiff_t>(done), tasks.end());
    if (options.progress)
      how.progress = [&](double share) {
        options.progress((static_cast<double>(done) + share * static_cast<double>(next.size())) / static_cast<double>(tasks.size()));
      };
    run_tasks(next, [&](const Task&) { return Variants::Variant{shared, from}; }, how,
              [&](std::size_t number, Replicated made) { return all.take(done + number, std::move(made)); });
    rethrow_first(all.errors);
    done = tasks.size();
    if (!finds_number(scenario, options)) break;
    enough = precise(scenario, all.figures);
    const auto most = static_cast<std::size_t>(scenario.run.max_replications);
    if (enough || done >= most) break;
    how.detailed = how.keep_state = false;
    for (const std::size_t wanted = std::min(most, done + (done + 1) / 2); tasks.size() < wanted;) {
      tasks.push_back(tasks.front());
      tasks.back().replication = static_cast<std::int64_t>(tasks.size()) - 1;
    }
  }
  Results results;
  results.precise = enough;
  results.replications = static_cast<std::int64_t>(tasks.size());
  results.warmed_up = warms_up(scenario, options);
  results.begin_s = tasks.front().begin_s;
  results.end_s = tasks.front().end_s;
  results.bottleneck = std::move(all.first.bottleneck);
  results.warnings = std::move(all.first.warnings);
  results.state = std::move(all.first.state);
  results.heard = std::move(all.first.heard);
  results.there = std::move(all.first.there);
  results.departures = std::move(all.departures);
  for (const Performance& one : all.performance) results.performance += one;
  for (const FigureRows::Path& path : all.figures.by_path()) {
    results.kpis.push_back(summarise(path, scenario.run.confidence));
    std::vector<double>& values = results.values.emplace_back();
    for (const FigureRows::Value* figure : path.values) values.push_back(figure ? figure->value : nan);
  }
  results.tasks = tasks;
  results.digests = std::move(all.digests);
  results.figures = std::move(all.figures);
  if (how.period_s > 0)
    if (std::optional<Problem> too_short = short_warmup(scenario, all.period_means())) results.warnings.push_back(std::move(*too_short));
  if (const std::optional<Growth> grows = growth(scenario, results))
    results.warnings.push_back({Code::window, Severity::warning, {}, "plant.growth", grows->text(),
                                "figures per tonne or lot rest on what came out; add capacity where it grows, or let fewer come"});
  return results;
}

}  // namespace

FoundWarmup find_warmup(const Scenario& scenario, const RunOptions& options) {
  const std::vector<Task> tasks = tasks_of(scenario, options);
  LocalOptions how;
  how.jobs = options.jobs;
  how.poll = options.poll;
  how.progress = options.progress;
  how.period_s = warmup_period(scenario);
  const std::shared_ptr<const Scenario> shared(std::shared_ptr<void>(), &scenario);  // outlives the call
  Gathered all;
  all.expect(tasks.size());
  run_tasks(tasks, [&](const Task&) { return Variants::Variant{shared, nullptr}; }, how,
            [&](std::size_t number, Replicated made) { return all.take(number, std::move(made)); });
  rethrow_first(all.errors);
  return found_warmup(scenario, all.period_means());
}

Results run_replications(const Scenario& scenario, const RunOptions& options) {
  check_objective(scenario);
  if (!scenario.run.finds_warmup || options.from) return run_stated(scenario, options, true);
  RunOptions half = options;
  if (options.progress) half.progress = [&](double done) { options.progress(done / 2); };
  const FoundWarmup found = find_warmup(scenario, half);
  if (options.progress) half.progress = [&](double done) { options.progress((1 + done) / 2); };
  Results results = run_stated(with_warmup(scenario, found.warmup_s), half, !found.doubt);
  results.found_warmup = true;
  if (found.doubt) results.warnings.push_back(*found.doubt);
  return results;
}

}  // namespace retwin
