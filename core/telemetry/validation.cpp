// Split, replay, simulate, compare.
#include "core/telemetry/validation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <set>
#include <thread>
#include <utility>

#include "core/base/files.hpp"
#include "core/base/problem.hpp"
#include "core/scenario/scenario.hpp"
#include "core/stats/tally.hpp"
#include "core/telemetry/baselines.hpp"
#include "core/telemetry/calibration.hpp"
#include "core/telemetry/drift.hpp"
#include "core/telemetry/replay.hpp"
#include "core/telemetry/simulated_log.hpp"
#include "core/telemetry/uncertainty.hpp"

namespace retwin {
namespace {

namespace fs = std::filesystem;

constexpr double day_s = 86400;

/// A folder for tables that a simulation reads once.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = (fs::temp_directory_path() / "retwin-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
      throw InputError({{Code::file,
                         Severity::error,
                         {},
                         {},
                         "cannot make a folder for intermediate tables in " + fs::temp_directory_path().string(),
                         "let TMPDIR name a folder that can be written"}});
    path_ = name;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  std::string file(const char* name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

// --- what a plant says of crews and hours

WeeklyHours hours_of(const ShiftCalendar& calendar, double start_s) {
  if (calendar.always()) return {};
  std::vector<WeeklyHours::Span> spans;
  const double monday =
      std::ceil((start_s - 4 * day_s) / (7 * day_s)) * 7 * day_s + 4 * day_s - start_s;  // the first after the start
  double from = monday;
  while (from < monday + 7 * day_s) {
    const double to = std::min(calendar.next_change(from), monday + 7 * day_s);
    if (calendar.on(from)) spans.push_back({from - monday, to - monday});
    from = to;
  }
  return spans.empty() ? WeeklyHours{} : WeeklyHours(std::move(spans));
}

struct WorkModel {
  std::vector<WorkPool> pools;
  std::vector<std::uint32_t> of_activity;           ///< the first, if several can do it
  PoolOfWork of_work;                               ///< of the log's resources
  std::vector<std::string> unknown;                 ///< activities without a station
  std::map<std::string, std::uint32_t> activities;  ///< by station
};

/// Who did the work of a log, activities numbered as in the model: where several pools can, the one that the resource belongs to.
PoolOfWork work_of(const Plant& plant, const WorkModel& model, const EventLog& log) {
  PoolOfWork work(model.of_activity);
  for (const auto& [station, activity] : model.activities) {
    const Index known = plant.find_station(station);
    if (known == none || plant.stations[known].phases.empty() || plant.stations[known].phases.front().needs.empty()) continue;
    const std::vector<Index>& pools = plant.stations[known].phases.front().needs.front().pools;
    for (std::uint32_t resource = 0; pools.size() > 1 && resource < log.resources.size(); ++resource) {
      const std::string name = scenario_name(log.resources[resource]);
      for (const Index pool : pools) {
        const std::vector<std::string>& names = plant.pools[pool].qualifications;
        if (plant.pools[pool].name == name || std::find(names.begin(), names.end(), name) != names.end())
          work.also(activity, resource, pool);
      }
    }
  }
  return work;
}

/// Who does each activity in the plant, by the resources that its station needs.
WorkModel work_model(const Plant& plant, const EventLog& log) {
  WorkModel model;
  for (const Pool& pool : plant.pools) {
    WorkPool work;
    work.name = pool.name;
    work.units = 0;
    for (const PoolShift& shift : pool.shifts) work.units = std::max(work.units, shift.count);
    if (work.units >= 10000) work.units = std::numeric_limits<double>::infinity();
    for (const PoolShift& shift : pool.shifts)
      if (shift.calendar != none) work.hours = hours_of(plant.calendars[shift.calendar], static_cast<double>(plant.day0) * day_s);
    work.suspends = !pool.finish;
    model.pools.push_back(std::move(work));
  }
  const auto nobody = static_cast<std::uint32_t>(model.pools.size());
  model.pools.push_back({"", std::numeric_limits<double>::infinity(), {}, false});
  std::vector<bool> occurs(log.activities.size(), false);  // names of rows set aside have no events
  for (const LogEvent& event : log.events) occurs[event.activity] = true;
  for (const std::string& name : log.activities.all()) {
    const std::string station_name = scenario_name(name);
    const Index station = plant.find_station(station_name);
    if (occurs[model.of_activity.size()] || station != none)
      model.activities.emplace(station_name, static_cast<std::uint32_t>(model.of_activity.size()));
    if (station == none) {
      if (occurs[model.of_activity.size()]) model.unknown.push_back(name);
      model.of_activity.push_back(nobody);
      continue;
    }
    const std::vector<Phase>& phases = plant.stations[station].phases;
    const bool crew = !phases.empty() && !phases.front().needs.empty();
    model.of_activity.push_back(crew ? phases.front().needs.front().pools.front() : nobody);
  }
  model.of_work = work_of(plant, model, log);
  return model;
}

// --- what a log says of itself

struct Figures {
  double events = 0, cases = 0, per_day = 0, mean_h = 0, p90_h = 0, in_process = 0;
};

Figures figures_of(const EventLog& log) {
  Figures f;
  std::vector<double> first(log.lots.size(), std::numeric_limits<double>::infinity()),
      last(log.lots.size(), -std::numeric_limits<double>::infinity());
  for (const LogEvent& event : log.events) {
    first[event.lot] = std::min(first[event.lot], event.start_s);
    last[event.lot] = std::max(last[event.lot], event.end_s);
  }
  std::vector<double> hours;
  for (std::size_t lot = 0; lot < first.size(); ++lot)
    if (std::isfinite(first[lot])) hours.push_back((last[lot] - first[lot]) / 3600);
  f.events = static_cast<double>(log.events.size());
  f.cases = static_cast<double>(hours.size());
  if (hours.empty()) return f;
  const double span_h = (log.last_s() - log.first_s()) / 3600;
  double total = 0;
  for (const double h : hours) total += h;
  std::sort(hours.begin(), hours.end());
  f.mean_h = total / f.cases;
  f.p90_h = hours[static_cast<std::size_t>(0.9 * static_cast<double>(hours.size() - 1))];
  f.per_day = span_h > 0 ? 24 * f.cases / span_h : 0;
  f.in_process = span_h > 0 ? total / span_h : 0;
  return f;
}

// --- simulations

void in_parallel(std::uint64_t n, int jobs, const std::function<void(std::uint64_t)>& work) {
  std::atomic<std::uint64_t> next{0};
  std::vector<std::exception_ptr> failed(static_cast<std::size_t>(std::max(1, jobs)));
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < failed.size(); ++t)
    threads.emplace_back([&, t] {
      try {
        for (std::uint64_t k = next++; k < n; k = next++) work(k);
      } catch (...) {
        failed[t] = std::current_exception();
        next = n;
      }
    });
  for (std::thread& thread : threads) thread.join();
  for (const std::exception_ptr& e : failed)
    if (e) std::rethrow_exception(e);
}

/// Everything that the steps of a validation share.
struct Task {
  const std::string& path;
  const EventLog& log;  ///< by the clock of its own zone
  const Registry& registry;
  const ValidationOptions& options;
  CaseSplit split;
  EventLog past, test;
  Scenario scenario;
  WorkModel work;
  Concurrency concurrency;
  std::vector<CasePlan> plans;  ///< of the whole log
  Waiting waiting;
  double start_s = 0, begin_s = 0, end_s = 0;
};

Override set_to(const std::string& path, const std::string& value) { return {path, value, "validate"}; }

/// A simulated log with the numbers that the log has for its activities.
EventLog simulated(const Task& task, const Scenario& scenario, const SimulatedLogOptions& options) {
  EventLog log = simulate_log(scenario, options, task.work.activities);
  for (LogEvent& event : log.events)  // stamps as logs have them: what begins at one instant stands in order of its end
    for (double* const at : {&event.start_s, &event.end_s}) *at = std::round(*at * 1e3) / 1e3;
  log.activities = task.log.activities;
  return log;
}

/// Distances are those of the times in UTC.
LogDistances apart(const Task& task, EventLog real, EventLog other) {
  real.move(-task.log.zone_s);
  other.move(-task.log.zone_s);
  return distances(real, other);
}

/// Between which activities the scenario knows of delays: all if its cases bring their own.
void limit_delays(const Task& task, Replay& replay) {
  const Plant& plant = *task.scenario.plant;
  if (plant.plan_slot < 0) return;
  for (const std::string& plan : plant.attributes[static_cast<std::size_t>(plant.plan_slot)].categories)
    if (plan.starts_with(own_plan)) return;
  std::set<std::pair<std::uint32_t, std::uint32_t>> seen, known;
  for (std::size_t k = 0; k < task.log.events.size(); ++k)
    if (const OperationTimes& times = task.waiting.operations[k]; !times.first)
      seen.emplace(task.log.events[times.before].activity, task.log.events[k].activity);
  for (const auto& pair : seen) {
    const Index station = plant.find_station(scenario_name(task.log.activities[pair.second]));
    if (plant.find_station(delay_name(task.log.activities[pair.first], task.log.activities[pair.second])) != none ||
        (station != none && plant.stations[station].setup.by >= 0))
      known.insert(pair);
  }
  replay.only_delays(std::move(known));
}

/// The whole log replayed under the scenario's crews and hours; the distances of its test part.
LogDistances replay_log(const Task& task) {
  const ScratchFolder folder;
  Replay replay(task.log, task.waiting, task.work.of_activity);
  limit_delays(task, replay);
  ReplayTables tables;
  std::vector<const CasePlan*> order;
  for (const CasePlan& plan : task.plans) order.push_back(&plan);
  std::stable_sort(order.begin(), order.end(),
                   [&](const CasePlan* a, const CasePlan* b) { return replay.arrival_s(*a) < replay.arrival_s(*b); });
  double start = std::min(task.start_s, std::floor(replay.arrival_s(*order.front()) / day_s) * day_s);
  std::uint64_t lots = 0;
  for (const CasePlan* plan : order) {
    const std::string name = "was_" + std::to_string(plan->lot + 1);
    replay.add_plan(*plan, name, tables.plans);
    tables.trace.cell(replay.arrival_s(*plan) - start).cell(name).end_row();
    ++lots;
  }
  write_file(folder.file("plans.csv"), tables.plans.text());
  write_file(folder.file("trace.csv"), tables.trace.text());
  const std::string sources = "sources.";
  std::vector<Override> overrides{set_to("plan_table", folder.file("plans.csv")),
                                  set_to(sources + source_of_history + ".trace", folder.file("trace.csv")),
                                  set_to(sources + source_of_cases, "~"),
                                  set_to("run.start", format_time(static_cast<long>(start / day_s), 0).substr(0, 10))};
  for (const Station& station : task.scenario.plant->stations)  // delays are those of the cases
    if (task.work.activities.count(station.name) == 0 && station.name != case_station)
      overrides.push_back(set_to("stations." + station.name, "~"));
  for (const std::string& name : task.work.unknown)  // as long as the log says, by nobody
    overrides.push_back(
        set_to("stations." + scenario_name(name), fmt::format("{{unit: delay, duration: 0 s, to: {}}}", case_station)));
  for (const Station& station : task.scenario.plant->stations)  // what held cases up is in their delays
    if (station.setup.by >= 0) overrides.push_back(set_to("stations." + station.name + ".setup", "~"));
  if (replay.delays())
    overrides.push_back(
        set_to(std::string("stations.") + delay_station, fmt::format("{{unit: delay, duration: 0 s, to: {}}}", case_station)));
  const Scenario scenario = load_scenario(task.path, task.registry, overrides, default_library_folders());
  SimulatedLogOptions options;
  options.seed = task.options.seed;
  options.source = source_of_history;
  options.lots = lots;
  options.until_s = (task.end_s - start) * 2 + 30 * day_s;
  const EventLog all = simulated(task, scenario, options);
  // "history-12" is the twelfth in order of arrivals
  std::vector<bool> keep(all.lots.size(), false);
  for (std::uint32_t lot = 0; lot < all.lots.size(); ++lot) {
    const std::string& name = all.lots[lot];
    const std::size_t ordinal = std::stoul(name.substr(name.rfind('-') + 1));
    keep[lot] = task.split.test[order.at(ordinal - 1)->lot];
  }
  return apart(task, task.test, all.of_lots(keep));
}

EventLog predict(const Task& task, const Scenario& common, const Validation& v, std::uint64_t replication) {
  Scenario scenario = common;
  if (task.options.uncertainty)
    scenario.plant = reweighted(*common.plant, common.plant->find_source(source_of_cases), task.options.seed, replication);
  SimulatedLogOptions options;
  options.seed = task.options.seed;
  options.replication = replication;
  options.source = source_of_cases;
  const bool complete = v.window == WindowRule::complete;
  options.lots = complete ? v.test_cases : 0;
  if (!complete) options.lots_until_s = task.end_s - task.start_s;
  options.until_s = (task.end_s - task.start_s) * 2 + 365 * day_s;
  return windowed(simulated(task, scenario, options), v.window, task.end_s);
}

/// New cases begin with the first test case, and those of the scenario's own history end there.
Scenario free_scenario(const Task& task, Validation& v) {
  double first = std::numeric_limits<double>::infinity();
  for (std::size_t lot = 0; lot < task.split.test.size(); ++lot)
    if (task.split.test[lot] && task.waiting.arrivals_s[lot] < first) first = task.waiting.arrivals_s[lot];
  const std::string cases = "sources." + std::string(source_of_cases);
  std::vector<Override> overrides{
      set_to(cases + ".from", number_text(std::max(0.0, std::floor(first - task.start_s) - 1)) + " s")};
  const double known_s = task.split.split_s - task.start_s;
  const std::vector<TraceRow>& history = task.scenario.plant->sources[task.scenario.plant->find_source(source_of_history)].rows;
  if (known_s > 0)
    overrides.push_back(set_to("sources." + std::string(source_of_history) + ".until", number_text(known_s) + " s"));
  if (!history.empty() && history.back().time_s > known_s)
    v.notes.push_back(fmt::format(
        "The scenario was learned from cases that it predicts here ({} of its history): its parameters are no prediction.",
        std::count_if(history.begin(), history.end(), [&](const TraceRow& row) { return row.time_s >= known_s; })));
  if (v.window == WindowRule::complete) overrides.push_back(set_to(cases + ".limit", std::to_string(v.test_cases)));
  else overrides.push_back(set_to(cases + ".until", number_text(std::ceil(task.end_s - task.start_s)) + " s"));
  return load_scenario(task.path, task.registry, overrides, default_library_folders());
}

double mean_of(const std::vector<LogDistances>& all, double LogDistances::*metric) {
  double sum = 0;
  for (const LogDistances& one : all) sum += one.*metric;
  return all.empty() ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(all.size());
}

void judge_metrics(Validation& v, const std::vector<LogDistances>& among) {
  const std::pair<const char*, double LogDistances::*> metrics[] = {{"NGD", &LogDistances::ngd},   {"AEDD", &LogDistances::aedd},
                                                                    {"CEDD", &LogDistances::cedd}, {"REDD", &LogDistances::redd},
                                                                    {"CTDD", &LogDistances::ctdd}, {"CADD", &LogDistances::cadd}};
  for (const auto& [name, metric] : metrics) {
    MetricVerdict m;
    m.name = name;
    m.metric = metric;
    m.model = v.model.mean(metric);
    m.standard_error = v.model.standard_error(metric);
    m.replay = v.replay.mean(metric);
    m.bootstrap = v.bootstrap.mean(metric);
    m.noise_floor = mean_of(among, metric);
    m.passes = m.model + 2 * m.standard_error <= std::max(std::min(m.replay, m.bootstrap), 1.25 * m.noise_floor);
    v.metrics.push_back(m);
  }
}

struct FigureRow {
  const char* name;
  const char* unit;
  double Figures::*figure;
};
constexpr FigureRow figure_rows[] = {{"events", "", &Figures::events},
                                     {"cases", "", &Figures::cases},
                                     {"throughput", "cases/d", &Figures::per_day},
                                     {"cycle time, mean", "h", &Figures::mean_h},
                                     {"cycle time, 90th percentile", "h", &Figures::p90_h},
                                     {"cases in process", "", &Figures::in_process}};

void judge_figures(const Task& task, Validation& v, const std::vector<Figures>& simulated) {
  const Figures real = figures_of(task.test);
  for (const FigureRow& row : figure_rows) {
    std::vector<double> values;
    for (const Figures& f : simulated) values.push_back(f.*row.figure);
    FigureVerdict figure;
    figure.name = row.name;
    figure.unit = row.unit;
    figure.real = real.*row.figure;
    figure.error = student_interval(values, 0.9);
    figure.error.mean -= figure.real;
    const auto own = task.options.acceptable_of.find(row.name);
    figure.acceptable = own == task.options.acceptable_of.end() ? task.options.acceptable : own->second;
    const double margin = figure.acceptable * std::abs(figure.real);
    figure.equivalent = figure.error.low() > -margin && figure.error.high() < margin;
    figure.unacceptable = figure.error.low() > margin || figure.error.high() < -margin;
    std::sort(values.begin(), values.end());
    // 95 % of further replications: normal prediction, widened to what was seen
    Tally tally;
    for (const double x : values) tally.add(x);
    const double n = static_cast<double>(values.size());
    const double reach = n > 1 ? student_quantile(0.975, n - 1) * tally.sd() * std::sqrt(1 + 1 / n) : 0;
    figure.low = std::max(0.0, tally.mean() - reach);
    figure.high = tally.mean() + reach;
    figure.inside = figure.low <= figure.real && figure.real <= figure.high;
    v.figures.push_back(figure);
  }
}

/// What simulations drew: a constant, or the values themselves.
Distribution law_of(const std::vector<double>& values) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return *high - *low < 1e-6 ? Distribution::constant(*low) : Distribution::empirical(values);
}

void judge_activities(const Task& task, Validation& v, const std::vector<EventLog>& simulated) {
  const auto services = [&](const EventLog& log, std::vector<std::vector<double>>& by_activity) {
    by_activity.resize(task.log.activities.size());
    const PoolOfWork work = work_of(*task.scenario.plant, task.work, log);
    for (const LogEvent& event : log.events) {
      const WorkPool& pool = task.work.pools[work(event)];
      by_activity[event.activity].push_back(pool.suspends ? pool.hours.open_between(event.start_s, event.end_s)
                                                          : event.end_s - event.start_s);
    }
  };
  std::vector<std::vector<double>> past, real, model;
  services(task.past, past);
  services(task.test, real);
  for (const EventLog& log : simulated) services(log, model);
  std::vector<ObservedValues> observed;
  for (std::uint32_t activity = 0; activity < real.size(); ++activity) {
    if (real[activity].empty() || model[activity].empty()) continue;
    observed.push_back({task.log.activities[activity], real[activity], law_of(model[activity]), past[activity].size()});
    ActivityVerdict a;
    a.name = task.log.activities[activity];
    a.n = real[activity].size();
    a.n_simulated = model[activity].size();
    for (const double x : real[activity]) a.service_s += x / static_cast<double>(a.n);
    for (const double x : model[activity]) a.simulated_s += x / static_cast<double>(a.n_simulated);
    a.wasserstein_s = wasserstein1(real[activity], model[activity]);
    a.ks = ks_two_sample(real[activity], model[activity]).statistic;
    v.activities.push_back(std::move(a));
  }
  const std::vector<Explained> verdicts = still_explained(observed, {});
  for (std::size_t k = 0; k < verdicts.size(); ++k) {
    v.activities[k].explained = verdicts[k].explained;
    v.activities[k].adjusted_p = verdicts[k].adjusted_p;
  }
}

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
void compare_windows(const Task& task, Validation& v, double expected_open) {
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

void find_window(const Task& task, Validation& v) {
  const WindowFound found = find_window_rule(task.past, task.test);
  v.window = task.options.window >= 0 ? static_cast<WindowRule>(task.options.window) : found.rule;
  v.window_note = fmt::format(
      "by earlier durations {:.1f} cases would still be open at the end of the log; {:.0f} % end with an activity that ends none "
      "before",
      found.expected_open, 100 * found.unusual_ends);
  const double enough = 3 + 0.02 * static_cast<double>(v.test_cases);
  if (task.options.window < 0 && found.rule != WindowRule::cut && found.expected_open > enough)
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
void predict_by_baselines(const Task& task, std::size_t cases, WindowRule rule, Prediction& replay, Prediction& bootstrap) {
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

void check_declared(const ValidationOptions& options) {
  std::vector<Problem> problems;
  for (const auto& [name, share] : options.acceptable_of) {
    if (std::count(validated_figures.begin(), validated_figures.end(), name) > 0) continue;
    std::string names;
    for (const std::string& one : validated_figures) names += (names.empty() ? "" : "; ") + one;
    problems.push_back({Code::unknown_name, Severity::error, {}, "acceptable", "there is no figure " + name, "one of: " + names});
  }
  if (!problems.empty()) throw InputError(problems);
}

}  // namespace

const std::vector<std::string> validated_figures = [] {
  std::vector<std::string> names;
  for (const FigureRow& row : figure_rows) names.emplace_back(row.name);
  return names;
}();

double Prediction::mean(double LogDistances::*metric) const { return mean_of(distances, metric); }
double Prediction::sd(double LogDistances::*metric) const {
  Tally tally;
  for (const LogDistances& one : distances) tally.add(one.*metric);
  return tally.sd();
}
double Prediction::standard_error(double LogDistances::*metric) const {
  return distances.size() < 2 ? 0 : sd(metric) / std::sqrt(static_cast<double>(distances.size()));
}

int Validation::passed() const {
  return static_cast<int>(std::count_if(metrics.begin(), metrics.end(),
                                        [](const MetricVerdict& m) { return m.passes && m.name != std::string("CADD"); }));
}

Validation validate(const std::string& path, const EventLog& given, const Registry& registry, const ValidationOptions& options) {
  check_declared(options);
  EventLog log = options.past ? options.past->followed_by(given) : given;
  log.move(log.zone_s);
  Task task{path,
            log,
            registry,
            options,
            options.past ? split_after(*options.past, log) : split_cases(log, 1 - options.test),
            {},
            {},
            load_scenario(path, registry, {}, default_library_folders()),
            {},
            {},
            {},
            {},
            0,
            0,
            0};
  task.past = log.of_lots(task.split.train);
  task.test = log.of_lots(task.split.test);
  Validation v;
  v.log = given.source;
  v.scenario = path;
  v.train_cases = static_cast<std::size_t>(std::count(task.split.train.begin(), task.split.train.end(), true));
  v.test_cases = static_cast<std::size_t>(std::count(task.split.test.begin(), task.split.test.end(), true));
  std::size_t in_both = 0;
  if (options.past)
    for (const std::string& name : given.lots.all()) in_both += options.past->lots.find(name) != Names::absent ? 1 : 0;
  if (v.train_cases < 2 || v.test_cases < 2)
    refuse(given.source, Code::trace, fmt::format("{} cases to learn from, {} to predict", v.train_cases, v.test_cases),
           in_both > 0 ? "cases that the past has too are not predicted: at least two others are needed"
                       : "at least two of each are needed");
  if (in_both > 0)
    v.notes.push_back(fmt::format("{} cases of {} are called like cases of the past: they are taken for the same, not predicted.",
                                  in_both, given.source));
  if (options.past && options.past->zone_s != given.zone_s)
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
  v.trace_driven = replay_log(task);

  const Scenario scenario = free_scenario(task, v);
  std::vector<EventLog> runs(options.replications);
  v.model.name = "simulation";
  v.model.distances.resize(options.replications);
  in_parallel(options.replications, options.jobs, [&](std::uint64_t k) {
    runs[k] = predict(task, scenario, v, k);
    v.model.distances[k] = apart(task, task.test, runs[k]);
  });
  std::vector<LogDistances> among(options.replications / 2);
  in_parallel(among.size(), options.jobs, [&](std::uint64_t k) { among[k] = apart(task, runs[2 * k], runs[2 * k + 1]); });
  predict_by_baselines(task, v.test_cases, v.window, v.replay, v.bootstrap);
  if (v.window != WindowRule::complete)
    predict_by_baselines(task, v.test_cases, WindowRule::complete, v.plain_replay, v.plain_bootstrap);
  judge_metrics(v, among);
  std::vector<Figures> figures;
  for (const EventLog& one : runs) figures.push_back(figures_of(one));
  judge_figures(task, v, figures);
  judge_activities(task, v, runs);
  return v;
}

}  // namespace retwin
