// All futures are tasks that go on from one state; figures are put together as those of comparisons.
#include "core/experiment/forecast.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>
#include <utility>

#include "core/experiment/figures.hpp"
#include "core/experiment/paired_runs.hpp"
#include "core/stats/paired.hpp"

namespace retwin {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

/// Of sorted values, none of them NaN.
double quantile(const std::vector<double>& sorted, double p) {
  if (sorted.empty()) return nothing;
  const double at = p * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

/// Futures of one branch up to one time.
struct Bundle {
  std::size_t branch = 0;
  double until_s = 0;
  FigureRows figures;
};

void run(const std::vector<Branch>& branches, std::vector<Bundle>& bundles, const ForecastOptions& options, const LocalOptions& how) {
  std::vector<Task> tasks;
  std::vector<std::size_t> of;
  for (std::size_t b = 0; b < bundles.size(); ++b) {
    const Branch& branch = branches[bundles[b].branch];
    for (std::size_t future = 0; future < options.futures; ++future) {
      Task task;
      task.scenario = branch.label;
      task.replication = static_cast<std::int64_t>(future);
      task.seed = options.seed;
      task.begin_s = branch.now->now;
      task.end_s = bundles[b].until_s;
      tasks.push_back(std::move(task));
      of.push_back(b);
    }
  }
  std::vector<std::exception_ptr> errors(tasks.size());
  const auto variant = [&](const Task& task) {
    const Branch& branch = branches[bundles[of[static_cast<std::size_t>(&task - tasks.data())]].branch];
    return Variants::Variant{branch.scenario, branch.now};
  };
  run_tasks(tasks, variant, how, [&](std::size_t number, Replicated made) {
    bundles[of[number]].figures.put(static_cast<std::size_t>(tasks[number].replication), made.outcome.figures);
    errors[number] = made.why;
    return !errors[number];
  });
  for (std::size_t number = 0; number < tasks.size(); ++number) {
    if (!errors[number]) continue;
    try {
      std::rethrow_exception(errors[number]);
    } catch (const RunError& error) {
      throw RunError(fmt::format("{} ({}, future {})", error.what(), tasks[number].scenario, tasks[number].replication), error.time_s(), error.station());
    }
  }
}

/// The figure with this path, null if there is none.
const FigureRows::Path* find(const std::vector<FigureRows::Path>& all, const std::string& path) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const FigureRows::Path& p) { return p.kpi->path == path; });
  return found == all.end() ? nullptr : &*found;
}

ForecastFigure figure_of(const FigureRows::Path& path, const FigureRows::Path* base, const ForecastOptions& options) {
  ForecastFigure made;
  made.kpi = *path.kpi;
  for (const FigureRows::Value* value : path.values) made.values.push_back(value ? value->value : nothing);
  made.mean = variant_figure(paired_sums(path, path, options.futures)).interval(options.level);
  std::vector<double> sorted = made.values;
  sorted.erase(std::remove_if(sorted.begin(), sorted.end(), [](double x) { return std::isnan(x); }), sorted.end());
  std::sort(sorted.begin(), sorted.end());
  made.p05 = quantile(sorted, 0.05), made.median = quantile(sorted, 0.5), made.p95 = quantile(sorted, 0.95);
  if (base) made.difference = paired_change(paired_sums(*base, path, options.futures)).interval(options.level);
  return made;
}

}  // namespace

std::vector<ForecastFigure> forecast(const std::vector<Branch>& branches, const std::vector<double>& until_s, const ForecastOptions& options,
                                     const LocalOptions& how) {
  std::vector<Bundle> bundles;
  for (std::size_t b = 0; b < branches.size(); ++b)
    for (const double until : until_s) bundles.push_back({b, until, FigureRows(options.futures)});
  run(branches, bundles, options, how);
  std::vector<ForecastFigure> all;
  for (std::size_t b = 0; b < bundles.size(); ++b) {
    const std::vector<FigureRows::Path> base = bundles[b % until_s.size()].figures.by_path();
    for (const FigureRows::Path& path : bundles[b].figures.by_path()) {
      all.push_back(figure_of(path, bundles[b].branch == 0 ? nullptr : find(base, path.kpi->path), options));
      all.back().branch = branches[bundles[b].branch].label;
      all.back().until_s = bundles[b].until_s;
    }
  }
  return all;
}

Table forecast_table(const std::vector<ForecastFigure>& figures) {
  const auto number = [](const char* name, const char* doc) { return number_column(name, {}, doc); };
  Table table({text_column("branch"), number_column("until_s", "s", "after the start of the run"), text_column("path"), number("mean", "of the futures, from now until then"),
               text_column("unit", "of all but until_s and futures"), number("low", "of the interval of the mean"), number("high", "of the interval of the mean"),
               number("p05", "of the futures"), number("median", "of the futures"), number("p95", "of the futures"), number("difference", "to the first branch, paired"),
               number("difference_low", "of its interval"), number("difference_high", "of its interval"), integer_column("futures", "in which it is defined"), text_column("doc")});
  for (const ForecastFigure& f : figures)
    table.row({f.branch, f.until_s, f.kpi.path, f.mean.mean, f.kpi.unit, f.mean.low(), f.mean.high(), f.p05, f.median, f.p95, f.difference.mean,
               f.difference.low(), f.difference.high(), f.mean.n, f.kpi.doc});
  return table;
}

}  // namespace retwin
