// What calibration has learned: the one value between discovery and the calibrated scenario.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/stats/bounds.hpp"
#include "core/stats/fit.hpp"
#include "core/telemetry/cases/case_plans.hpp"
#include "core/telemetry/cases/routing.hpp"
#include "core/telemetry/cases/windows.hpp"
#include "core/telemetry/hours/weekly_hours.hpp"
#include "core/telemetry/lines/discovery.hpp"
#include "core/telemetry/log/event_log.hpp"
#include "core/telemetry/log/learned_parameter.hpp"
#include "core/telemetry/work/pools.hpp"
#include "core/telemetry/work/service_efforts.hpp"
#include "core/telemetry/work/service_factors.hpp"
#include "core/telemetry/work/station_rules.hpp"
#include "core/telemetry/work/waiting.hpp"

namespace retwin {

/// A pool with what was learned of it.
struct CalibratedPool {
  WorkPool pool;
  LogPool seen;
  HoursFound hours;
  QueueOrder order;
  double explained = 1;  ///< share of the waiting operations that began the moment a unit or the shift came
  std::string note;      ///< why it is finite or not
};

/// Service of an activity, net of the hours of its pool, for a lot of effort 1. [s]
struct CalibratedService {
  std::uint32_t activity = 0;
  Fit fit;
  Bounds mean;  ///< of the values, Student
  std::vector<double> values;
};

/// Waiting between the end of one activity and the beginning of the next that neither crew nor hours explain. [s]
struct CalibratedDelay {
  std::uint32_t before = Names::absent, activity = 0;
  Fit fit;
  std::vector<double> values;  ///< seen exactly, or likely within their bounds
  std::size_t bounded = 0;     ///< of these, known within bounds only
};

/// Arrivals as whole days, drawn anew for each day that is simulated.
struct CalibratedArrivals {
  struct Day {
    std::string name;             ///< date
    int weekday = 0;              ///< Monday 0
    std::vector<double> times_s;  ///< since midnight
  };
  std::vector<Day> days;            ///< those that are drawn: all whole days, or the later half if there is a trend
  std::vector<std::string> groups;  ///< by weekday: the days of the week among which it is drawn, "Mon-Fri"
  HoursFound hours;
  Fit between;     ///< times between arrivals within the arrival hours [s]
  Bounds per_day;  ///< arrivals per day with arrivals
  Bounds trend;    ///< arrivals per day and week, by regression over all days; 0 inside: none is seen
};

struct Calibration {
  EventLog log;        ///< that was learned from, by the clock of its own zone
  double split_s = 0;  ///< the same clock: first start of the cases left out; the end of the log if there are none
  WindowFound window;  ///< what became of cases open at the end of the log
  std::optional<ChanceSeen> seen;  ///< where these were dropped
  Concurrency concurrency;
  std::vector<CasePlan> plans;        ///< of those open at the end of the log with the ends of others
  std::vector<PlanVariant> variants;  ///< of the plans as far as seen
  std::vector<RoutingPoint> routing;
  std::vector<Repetition> rework;
  std::vector<CalibratedPool> pools;
  std::vector<std::uint32_t> pool_of_activity;
  PoolOfWork pool_of_work;
  std::vector<StationRule> rules;  ///< setups and batches
  Waiting waiting;
  std::vector<CalibratedService> services;
  ServiceFactors factors;
  Efforts efforts;  ///< of these, what explains services of other cases too: services are drawn, then multiplied by them
  std::vector<CalibratedDelay> delays;
  CalibratedArrivals arrivals;
  double case_effect = 0;            ///< intraclass correlation of services within cases [0 ... 1]
  bool own_services = false;         ///< services and delays belong to the case: a plan brings its own
  LineFindings line;                 ///< if the log looks like one of a production line
  std::optional<EventLog> line_log;  ///< what a line is learned from, if that is not `log`
  double line_until_s = 0;           ///< up to then
  const EventLog& log_of_line() const { return line_log ? *line_log : log; }
  std::vector<std::string> notes;  ///< what the log cannot support, and what was assumed
  /// Plans of which new cases draw: without those begun before the log, if these are no more than a fifth; leaving out more would
  /// cost more than it mends (an estimate: on a real log with a third of its cases begun before it, predictions are worse so).
  std::vector<const CasePlan*> plans_of_new_cases() const;
  /// How often such a case comes beside others, as far as what the log shows is no measure of it.
  double weight_of(std::uint32_t lot) const { return seen ? seen->weight(lot) : 1; }
  bool few_begun() const;
  std::vector<WorkPool> work_pools() const;
  std::vector<LearnedParameter> parameters() const;
};

}  // namespace retwin
