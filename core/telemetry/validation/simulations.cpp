// The log's own work replayed, and new cases simulated.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <limits>
#include <memory>
#include <mutex>
#include <set>
#include <utility>

#include "core/base/files.hpp"
#include "core/base/constants.hpp"
#include "core/base/interruption.hpp"
#include "core/base/problem.hpp"
#include "core/base/threads.hpp"
#include "core/base/units.hpp"
#include "core/telemetry/calibration/replay.hpp"
#include "core/telemetry/validation/baselines.hpp"
#include "core/telemetry/validation/parts.hpp"
#include "core/telemetry/validation/uncertainty.hpp"
#include "core/telemetry/writers/simulated_log.hpp"

namespace retwin {
namespace {

constexpr const char *table_of_plans = "plans of the log", *table_of_cases = "cases of the log";

SourceSpec& source_of(Specs& specs, const char* name) {
  for (SourcePart& part : specs.sources)
    if (part.spec.name == name) return part.spec;
  RETWIN_CHECK(false);  // the scenario has been asked for its sources
  return specs.sources.front().spec;
}

Scenario compile_of(const ValidationTask& task, Specs specs, Tables tables = {}) {
  specs.tables.clear();  // of the scenario as it was read, which has been checked
  return compile_scenario(write_scenario(task.head, std::move(specs), task.registry), task.path, task.registry, default_library_folders(),
                          std::move(tables));
}

/// A simulated log with the numbers that the log has for its activities.
EventLog simulated(const ValidationTask& task, const Scenario& scenario, const SimulatedLogOptions& options) {
  EventLog log = simulate_log(scenario, options, task.work.activities);
  for (LogEvent& event : log.events)  // stamps as logs have them: what begins at one instant stands in order of its end
    for (double* const at : {&event.start_s, &event.end_s}) *at = std::round(*at * 1e3) / 1e3;
  log.activities = task.log.activities;
  return log;
}

/// Between which activities the scenario knows of delays: all if its cases bring their own.
void limit_delays(const ValidationTask& task, Replay& replay) {
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

/// The scenario with the cases of the log in place of its own, which bring their delays: nothing else is to hold them up.
Specs replaying(const ValidationTask& task, bool delays) {
  Specs specs = task.specs;
  specs.plan_table.text = table_of_plans;
  source_of(specs, source_of_history).trace.text = table_of_cases;
  std::erase_if(specs.sources, [](const SourcePart& part) { return part.spec.name == source_of_cases; });
  std::erase_if(specs.stations, [&](const StationPart& part) {
    return task.work.activities.count(part.spec.name) == 0 && part.spec.name != case_station;
  });
  for (StationPart& part : specs.stations) part.spec.setup = {};  // what held cases up is in their delays
  std::vector<std::string> added;
  for (const std::string& name : task.work.unknown) added.push_back(scenario_name(name));  // as long as the log says, by nobody
  if (delays) added.emplace_back(delay_station);
  for (const std::string& name : added) {
    std::erase_if(specs.stations, [&](const StationPart& part) { return part.spec.name == name; });
    StationSpec& spec = specs.stations.emplace_back().spec;
    spec.name = name;
    spec.unit = "delay";
    spec.duration.set(Distribution::constant(0));
    spec.to.set(case_station);
  }
  return specs;
}

}  // namespace

LogDistances apart(const ValidationTask& task, EventLog real, EventLog other) {
  real.move(-task.log.zone_s);
  other.move(-task.log.zone_s);
  return distances(real, other);
}

/// In order of arrival: cases of the test part, the first of them if they are very many, and those before that were under way then.
std::vector<const CasePlan*> replayed(const ValidationTask& task, const Replay& replay, Validation& v) {
  constexpr std::size_t most = 4000, fewest_before = 2000;
  constexpr double laps = 10;
  std::vector<const CasePlan*> order;
  for (const CasePlan& plan : task.plans) order.push_back(&plan);
  std::stable_sort(order.begin(), order.end(), [&](const CasePlan* a, const CasePlan* b) { return replay.arrival_s(*a) < replay.arrival_s(*b); });
  const auto tested = [&](const CasePlan* plan) { return task.split.test[plan->lot]; };
  const auto first = std::find_if(order.begin(), order.end(), tested);
  if (first == order.end()) return order;
  double longest_s = 0;
  for (const CasePlan* plan : order)
    for (const CasePlan::Step& step : plan->steps) longest_s = std::max(longest_s, task.log.events[step.event].end_s - replay.arrival_s(*plan));
  auto from = std::lower_bound(order.begin(), first, replay.arrival_s(**first) - laps * longest_s,
                               [&](const CasePlan* plan, double at) { return replay.arrival_s(*plan) < at; });
  from = std::min(from, first - std::min<std::ptrdiff_t>(first - order.begin(), fewest_before));
  std::size_t tests = 0;
  auto to = first;
  for (; to != order.end() && tests < most; ++to) tests += tested(*to) ? 1 : 0;
  if (to != order.end()) v.notes.push_back(fmt::format("Of the test part the first {} cases were replayed with their own arrivals, orders, services and delays.", tests));
  return {from, to};
}

LogDistances replay_log(ValidationTask& task, Validation& v) {
  Replay replay(task.log, task.waiting, task.work.of_activity);
  limit_delays(task, replay);
  ReplayTables tables;
  const std::vector<const CasePlan*> order = replayed(task, replay, v);
  double start = std::min(task.start_s, std::floor(replay.arrival_s(*order.front()) / day_s) * day_s);
  std::vector<std::uint32_t> lots;  // in order of arrivals
  for (const CasePlan* plan : order) {
    const std::string name = "was_" + std::to_string(plan->lot + 1);
    replay.add_plan(*plan, name, tables.plans);
    tables.trace.cell(replay.arrival_s(*plan) - start).cell(name).end_row();
    lots.push_back(plan->lot);
  }
  const bool delays = replay.delays();
  task.plans = {};  // of a long log they take much memory, and have been written down
  task.waiting.operations = {};
  Specs specs = replaying(task, delays);
  specs.run.start.text = format_time(static_cast<long>(start / day_s), 0).substr(0, 10);
  const Scenario scenario =
      compile_of(task, std::move(specs), {{table_of_plans, tables.plans.text()}, {table_of_cases, tables.trace.text()}});
  SimulatedLogOptions options;
  options.seed = task.options.seed;
  options.source = source_of_history;
  options.lots = lots.size();
  options.until_s = (task.end_s - start) * 2 + 30 * day_s;
  const EventLog all = simulated(task, scenario, options);
  // "history-12" is the twelfth in order of arrivals
  std::vector<bool> keep(all.lots.size(), false), real(task.log.lots.size(), false);
  for (std::uint32_t lot = 0; lot < all.lots.size(); ++lot) {
    const std::string& name = all.lots[lot];
    const std::size_t ordinal = std::stoul(name.substr(name.rfind('-') + 1));
    keep[lot] = task.split.test[lots.at(ordinal - 1)];
  }
  for (const std::uint32_t lot : lots) real[lot] = task.split.test[lot];
  return apart(task, task.log.of_lots(real), all.of_lots(keep));
}

EventLog predict(const ValidationTask& task, const Scenario& common, const Validation& v, std::uint64_t replication) {
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

/// New cases begin after the last that is known: so the first of them is no likelier to come than any other. Where the past is another
/// log, whose end need not be the beginning of this one, no longer before the first test case than there is between two on average. The
/// scenario's own history ends there.
Scenario free_scenario(const ValidationTask& task, Validation& v) {
  double first = std::numeric_limits<double>::infinity(), first_known = first, last_known = -first, known = 0;
  for (std::size_t lot = 0; lot < task.split.test.size(); ++lot) {
    const double at = task.waiting.arrivals_s[lot];
    if (task.split.test[lot] && at < first) first = at;
    if (!task.split.train[lot] || std::isnan(at)) continue;
    first_known = std::min(first_known, at), last_known = std::max(last_known, at), ++known;
  }
  Specs specs = task.specs;
  SourceSpec& cases = source_of(specs, source_of_cases);
  const double least = task.options.past ? first - (last_known - first_known) / std::max(1.0, known - 1) : last_known;
  cases.from_s = std::max(0.0, std::min(std::max(least, last_known), first - 1) - task.start_s + 1e-3);
  const double known_s = task.split.split_s - task.start_s;
  if (known_s > 0) source_of(specs, source_of_history).until_s = known_s;
  const std::vector<TraceRow>& history = task.scenario.plant->sources[task.scenario.plant->find_source(source_of_history)].rows;
  if (!history.empty() && history.back().time_s > known_s)
    v.notes.push_back(fmt::format(
        "The scenario was learned from cases that it predicts here ({} of its history): its parameters are no prediction.",
        std::count_if(history.begin(), history.end(), [&](const TraceRow& row) { return row.time_s >= known_s; })));
  if (v.window == WindowRule::complete) cases.limit = static_cast<std::int64_t>(v.test_cases);
  else cases.until_s = std::ceil(task.end_s - task.start_s);
  return compile_of(task, std::move(specs));
}

void in_parallel(std::uint64_t n, int jobs, const std::function<void(std::uint64_t)>& work) {
  std::atomic<std::uint64_t> next{0};
  std::mutex failing;
  std::exception_ptr failed;
  const auto fail = [&] {
    const std::lock_guard lock(failing);
    if (!failed) failed = std::current_exception();
    next = n;
  };
  on_threads(jobs, [&] {
    try {
      for (std::uint64_t k = next++; k < n; k = next++) {
        check_interruption();
        work(k);
      }
    } catch (const Interrupted&) {  // whoever asks has an exception of its own
      next = n;
    } catch (...) {
      fail();
    }
  }, [&] {
    try {
      check_interruption();
    } catch (...) {
      fail();
    }
  });
  if (failed) std::rethrow_exception(failed);
}

}  // namespace retwin
