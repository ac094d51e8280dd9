// What the steps of a validation share: the log in the plant's terms, simulations of it, and the verdicts on them.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/scenario/scenario.hpp"
#include "core/scenario/specs/sections.hpp"
#include "core/telemetry/calibration/calibration.hpp"
#include "core/telemetry/validation/validation.hpp"
#include "core/telemetry/work/pools.hpp"
#include "core/telemetry/work/waiting.hpp"

namespace retwin {

struct WorkModel {
  std::vector<WorkPool> pools;
  std::vector<std::uint32_t> of_activity;           ///< the first, if several can do it
  PoolOfWork of_work;                               ///< of the log's resources
  std::vector<std::string> unknown;                 ///< activities without a station
  std::map<std::string, std::uint32_t> activities;  ///< by station
};

/// Who did the work of a log, activities numbered as in the model: where several pools can, the one that the resource belongs to.
PoolOfWork work_of(const Plant& plant, const WorkModel& model, const EventLog& log);
/// Who does each activity in the plant, by the resources that its station needs.
WorkModel work_model(const Plant& plant, const EventLog& log);

struct CaseFigures {
  double events = 0, cases = 0, per_day = 0, mean_h = 0, p90_h = 0, in_process = 0;
};
/// What a log says of itself.
CaseFigures figures_of(const EventLog& log);

/// Everything that the steps of a validation share.
struct ValidationTask {
  const std::string& path;
  const EventLog& log;  ///< by the clock of its own zone
  const Registry& registry;
  const ValidationOptions& options;
  CaseSplit split;
  EventLog past, test;
  Scenario scenario;
  Specs specs;    ///< of the scenario
  HeadSpec head;  ///< its later changes
  WorkModel work;
  Concurrency concurrency;
  std::vector<CasePlan> plans;  ///< of the whole log
  Waiting waiting;
  double start_s = 0, begin_s = 0, end_s = 0;
};

/// work(0) ... work(n - 1) on so many threads; the first exception is thrown again.
void in_parallel(std::uint64_t n, int jobs, const std::function<void(std::uint64_t)>& work);
/// Distances are those of the times in UTC.
LogDistances apart(const ValidationTask& task, EventLog real, EventLog other);
/// The test part of the log replayed under the scenario's crews and hours, behind what was under way when it began; its distances. Of a
/// very long one its first 4,000 cases, which is
/// said. The plans and operations of the task are gone then.
LogDistances replay_log(ValidationTask& task, Validation& v);
/// The scenario from the first test case on; tells if it knows the cases that it predicts.
Scenario free_scenario(const ValidationTask& task, Validation& v);
EventLog predict(const ValidationTask& task, const Scenario& common, const Validation& v, std::uint64_t replication);

/// @throws InputError (unknown_name: an error declared for a figure that there is not)
void check_declared(const ValidationOptions& options);
void judge_metrics(Validation& v, const std::vector<LogDistances>& among);
void judge_figures(const ValidationTask& task, Validation& v, const std::vector<CaseFigures>& simulated);
/// What operations take, net of hours, by activity. [s]
using Services = std::vector<std::vector<double>>;
Services services_of(const ValidationTask& task, const EventLog& log);
/// @param simulated of some replications
void judge_activities(const ValidationTask& task, Validation& v, const Services& simulated);

}  // namespace retwin
