// Cases of a log as plans that a simulation repeats: their own order, services and delays, with the plant's crews and hours.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/files.hpp"
#include "core/telemetry/cases/case_plans.hpp"
#include "core/telemetry/log/event_log.hpp"
#include "core/telemetry/log/names.hpp"
#include "core/telemetry/work/service_efforts.hpp"
#include "core/telemetry/work/waiting.hpp"

namespace retwin {

/// Rows of a plan table and of a trace, see `plan_table` and `trace` in scenarios.
class ReplayTables {
 public:
  /// @param efforts whose attributes the steps of the plans have
  explicit ReplayTables(const Efforts& efforts = {});
  CsvWriter plans, trace;
};

/// A log with what it waits for; delays that could not be seen are likely ones.
class Replay {
 public:
  /// @param of_activity number of the pool of each activity
  /// @param efforts as in the tables
  Replay(const EventLog& log, const Waiting& waiting, const std::vector<std::uint32_t>& of_activity, Efforts efforts = {});
  /// A plan that repeats a case.
  void add_plan(const CasePlan& plan, const std::string& name, CsvWriter& plans);
  /// Ends a row of the plan table: with the attributes of the operation that it repeats, if any.
  void end_row(CsvWriter& plans, std::uint32_t event = Names::absent) const;
  /// Plants with other delays than between these (before, activity) have to explain the waiting there by themselves.
  void only_delays(std::set<std::pair<std::uint32_t, std::uint32_t>> between) { between_ = std::move(between); }
  /// Whether any plan has needed the station for delays.
  bool delays() const { return delays_; }
  double arrival_s(const CasePlan& plan) const { return waiting_.arrivals_s[plan.lot]; }
  /// What an operation waits after it could have begun, that neither crew nor hours explain; of a first one: after its case came. [s]
  double delay(std::uint32_t event) const;

 private:
  const EventLog& log_;
  const Waiting& waiting_;
  Efforts efforts_;
  std::vector<std::uint32_t> order_;  ///< by event: how many that its pool took up before it were enabled at the same instant
  bool delays_ = false;
  std::optional<std::set<std::pair<std::uint32_t, std::uint32_t>>> between_;  ///< all if absent
};

/// Pairs of activities of which the first is taken up before the second wherever one pool is asked for both at one instant and
/// cannot begin both at once: at least 3 times, and in 95 % of them.
using AskedFirst = std::set<std::pair<std::uint32_t, std::uint32_t>>;
AskedFirst asked_first(const EventLog& log, const std::vector<CasePlan>& plans, const std::vector<std::uint32_t>& of_activity);

/// By step: how many others of the plan wait for the same steps and the same pool and come before it, as they are asked for or else
/// as they began. At one instant they are taken up in this order, so each comes `order_gap_s` after the one before: too little to
/// be seen in a log, more than times round off.
/// @param of_activity number of the pool of each activity
std::vector<std::size_t> order_among_equals(const std::vector<CasePlan::Step>& steps,
                                            const std::vector<std::uint32_t>& of_activity, const AskedFirst& first);
inline constexpr double order_gap_s = 1e-5;

/// Step names that sort as they are numbered.
std::string step_name(std::size_t step);

}  // namespace retwin
