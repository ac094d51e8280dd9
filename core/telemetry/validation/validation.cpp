// Split, replay, simulate, compare.
#include "core/telemetry/validation/validation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "core/base/constants.hpp"
#include "core/base/problem.hpp"
#include "core/scenario/scenario.hpp"
#include "core/stats/tally.hpp"
#include "core/telemetry/calibration/replay.hpp"
#include "core/telemetry/validation/baselines.hpp"
#include "core/telemetry/validation/parts.hpp"

namespace retwin {
namespace {

/// How long before the end the last case began, and how long before that the `n`-th last one. [s]
std::pair<double, double> last_starts(const EventLog& log, std::size_t n) {
  std::vector<double> first(log.lots.size(), std::numeric_limits<double>::infinity());
  for (const LogEvent& event : log.events) first[event.lot] = std::min(first[event.lot], event.start_s);
  std::erase_if(first, [](double at) { return !std::isfinite(at); });
  std::sort(first.begin(), first.end());
  if (first.empty()) return {0, 0};
  return {log.last_s() - first.back(), first.back() - first[first.size() - std::min(first.size(), n)]};
}

/// Where "dropped" and "complete" both explain a log's end, the scenario tells under which its end looks as it does: the
/// likelihoods (normal, of logarithms) of when the last cases began.
void compare_windows(const ValidationTask& task, Validation& v, double expected_open) {
  constexpr std::uint64_t runs = 8, first_run = 1'000'000;
  constexpr double least_sd = 0.1;
  const auto n = static_cast<std::size_t>(std::max(5.0, 0.5 * expected_open));
  const auto logs = [](std::pair<double, double> x) {
    return std::pair(std::log(std::max(x.first, 60.0)), std::log(std::max(x.second, 60.0)));
  };
  const auto [real_last, real_n] = logs(last_starts(task.test, n));
  const auto likelihood = [&](WindowRule rule) {
    Validation one = v;
    one.window = rule;
    const Scenario scenario = free_scenario(task, one);
    std::vector<std::pair<double, double>> seen(runs);
    in_parallel(runs, task.options.jobs,
                [&](std::uint64_t k) { seen[k] = logs(last_starts(predict(task, scenario, one, first_run + k), n)); });
    Tally last, before;
    for (const auto& [a, b] : seen) last.add(a), before.add(b);
    const auto one_of = [](double x, const Tally& t) {
      const double sd = std::hypot(t.sd(), least_sd), z = (x - t.mean()) / sd;
      return -std::log(sd) - z * z / 2;
    };
    return one_of(real_last, last) + one_of(real_n, before);
  };
  const double difference = likelihood(WindowRule::dropped) - likelihood(WindowRule::complete);
  v.window = difference > 0 ? WindowRule::dropped : WindowRule::complete;
  v.window_note += fmt::format("; \"dropped\" explains the last starts exp({:.1f}) times as well as \"complete\"", difference);
}

void find_window(const ValidationTask& task, Validation& v) {
  const WindowFound found = find_window_rule(task.log, task.plans, task.split.train);
  v.window = task.options.window.value_or(found.rule);
  v.window_note = fmt::format("by earlier durations {:.1f} cases would still be open at the end of the log; told from it alone: {}", found.expected_open, found.text());
  const double enough = 3 + 0.02 * static_cast<double>(v.test_cases);
  if (!task.options.window && found.rule != WindowRule::cut && found.expected_open > enough)
    compare_windows(task, v, found.expected_open);
}

/// Cases of the past whose first start lies within a time before the last one's.
std::size_t last_cases(const EventLog& past, double span_s) {
  std::vector<double> first(past.lots.size(), std::numeric_limits<double>::infinity());
  for (const LogEvent& event : past.events) first[event.lot] = std::min(first[event.lot], event.start_s);
  std::erase_if(first, [](double at) { return !std::isfinite(at); });
  const double last = *std::max_element(first.begin(), first.end());
  return static_cast<std::size_t>(std::count_if(first.begin(), first.end(), [&](double at) { return at > last - span_s; }));
}

/// Under a window rule the past goes on until the end of the log, and what is open then is dropped or cut.
void predict_by_baselines(const ValidationTask& task, std::size_t cases, WindowRule rule, Prediction& replay,
                          Prediction& bootstrap) {
  const bool complete = rule == WindowRule::complete;
  const std::size_t repeated = complete ? cases : last_cases(task.past, task.end_s - task.begin_s),
                    drawn = complete ? cases : 3 * repeated;
  replay.name = "replay of the last training cases";
  replay.distances.push_back(
      apart(task, task.test, windowed(replay_last_cases(task.past, repeated, task.begin_s), rule, task.end_s)));
  bootstrap.name = "bootstrap of whole cases";
  bootstrap.distances.resize(task.options.baseline_draws);
  in_parallel(task.options.baseline_draws, task.options.jobs, [&](std::uint64_t k) {
    bootstrap.distances[k] =
        apart(task, task.test, windowed(bootstrap_cases(task.past, drawn, task.begin_s, task.options.seed, k), rule, task.end_s));
  });
}

/// Replications in pairs, of which only what is told of them is kept. @returns distances of the two of each pair
std::vector<LogDistances> simulate(const ValidationTask& task, const Scenario& scenario, Validation& v) {
  constexpr std::size_t most_services = 2'000'000;  // that are kept, of as many replications as have so many
  const std::uint64_t n = task.options.replications;
  const std::uint64_t with_services = std::clamp<std::uint64_t>(most_services / std::max<std::size_t>(1, task.test.events.size()), 1, n);
  v.model.name = "simulation";
  v.model.distances.resize(n);
  std::vector<LogDistances> among(n / 2);
  std::vector<CaseFigures> figures(n);
  std::vector<Services> services(with_services);
  in_parallel((n + 1) / 2, task.options.jobs, [&](std::uint64_t pair) {
    EventLog before;
    for (std::uint64_t k = 2 * pair; k < std::min(2 * pair + 2, n); ++k) {
      EventLog one = predict(task, scenario, v, k);
      v.model.distances[k] = apart(task, task.test, one);
      figures[k] = figures_of(one);
      if (k < with_services) services[k] = services_of(task, one);
      if (k > 2 * pair) among[pair] = apart(task, before, one);
      before = std::move(one);
    }
  });
  judge_figures(task, v, figures);
  for (std::size_t activity = 0; activity < services.front().size(); ++activity)
    for (std::size_t k = 1; k < services.size(); ++k) {
      std::vector<double>&all = services.front()[activity], own = std::move(services[k][activity]);
      all.insert(all.end(), own.begin(), own.end());
    }
  judge_activities(task, v, services.front());
  return among;
}

void refuse(const std::string& file, Code code, std::string what, std::string hint) {
  Place place;
  place.file = file;
  throw InputError({{code, Severity::error, place, {}, std::move(what), std::move(hint)}});
}

/// Lots of the past, whose numbers come first in the joined log, and the others.
CaseSplit split_after(const EventLog& past, const EventLog& joined) {
  CaseSplit split;
  split.split_s = joined.last_s();
  for (std::uint32_t lot = 0; lot < joined.lots.size(); ++lot) {
    split.train.push_back(lot < past.lots.size());
    split.test.push_back(lot >= past.lots.size());
  }
  for (const LogEvent& event : joined.events)
    if (split.test[event.lot]) split.split_s = std::min(split.split_s, event.start_s);
  return split;
}

}  // namespace

Validation validate(const std::string& path, EventLog given, const Registry& registry, const ValidationOptions& options) {
  check_declared(options);
  const std::string source = given.source;
  const bool other_zone = options.past && options.past->zone_s != given.zone_s;
  std::size_t in_both = 0;
  if (options.past)
    for (const std::string& name : given.lots.all()) in_both += options.past->lots.find(name) != Names::absent ? 1 : 0;
  EventLog log = options.past ? options.past->followed_by(given) : std::move(given);
  given = {};  // a long log takes much memory
  log.move(log.zone_s);
  Problems problems;
  const std::optional<Node> read = load_document(path, {}, problems, registry);
  problems.throw_if_errors();
  const Node& document = *read;
  ValidationTask task{path,
                      log,
                      registry,
                      options,
                      options.past ? split_after(*options.past, log) : split_cases(log, 1 - options.test),
                      {},
                      {},
                      compile_scenario(document, path, registry, default_library_folders()),
                      {},
                      {},
                      {},
                      {},
                      {},
                      {},
                      0,
                      0,
                      0};
  task.specs = read_scenario(document, registry, problems, &task.head);
  task.past = log.of_lots(task.split.train);
  task.test = log.of_lots(task.split.test);
  Validation v;
  v.log = source;
  v.scenario = path;
  v.train_cases = static_cast<std::size_t>(std::count(task.split.train.begin(), task.split.train.end(), true));
  v.test_cases = static_cast<std::size_t>(std::count(task.split.test.begin(), task.split.test.end(), true));
  if (v.train_cases < 2 || v.test_cases < 2)
    refuse(source, Code::trace, fmt::format("{} cases to learn from, {} to predict", v.train_cases, v.test_cases),
           in_both > 0 ? "cases that the past has too are not predicted: at least two others are needed"
                       : "at least two of each are needed");
  if (in_both > 0)
    v.notes.push_back(fmt::format("{} cases of {} are called like cases of the past: they are taken for the same, not predicted.",
                                  in_both, source));
  if (other_zone)
    v.notes.push_back("The past and the log are of different zones, or one of them names none: that is then taken for UTC.");
  const Plant& plant = *task.scenario.plant;
  if (plant.find_source(source_of_cases) == none || plant.find_source(source_of_history) == none)
    refuse(path, Code::missing, "there are no sources history and cases", "make it with retwin calibrate --discover");
  task.work = work_model(plant, log);
  if (task.work.unknown.size() == task.work.activities.size())
    refuse(log.source, Code::unknown_name, "no station of the scenario is called like an activity of the log",
           "is it the scenario of this log?");
  for (const std::string& name : task.work.unknown)
    v.notes.push_back("there is no station for the activity " + name + ": it is never predicted");
  task.start_s = static_cast<double>(plant.day0) * day_s;
  task.begin_s = task.test.first_s();
  task.end_s = task.test.last_s();
  v.begin_s = task.begin_s;
  v.end_s = task.end_s;
  task.concurrency = discover_concurrency(task.past);
  task.plans = case_plans(log, task.concurrency);
  task.waiting = find_waiting(log, task.plans, task.work.pools, task.work.of_work);
  find_window(task, v);
  v.trace_driven = replay_log(task, v);

  const Scenario scenario = free_scenario(task, v);
  const std::vector<LogDistances> among = simulate(task, scenario, v);
  predict_by_baselines(task, v.test_cases, v.window, v.replay, v.bootstrap);
  if (v.window != WindowRule::complete)
    predict_by_baselines(task, v.test_cases, WindowRule::complete, v.plain_replay, v.plain_bootstrap);
  judge_metrics(v, among);
  return v;
}

}  // namespace retwin
