// Rows of plans, from cases.
#include "core/telemetry/calibration/replay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace retwin {

namespace {

std::vector<std::string> plan_columns(const Efforts& efforts) {
  std::vector<std::string> columns{"plan", "step", "at", "after", "duration [s]"};
  for (const Efforts::Attribute& a : efforts.attributes()) columns.push_back(a.name);
  return columns;
}

}  // namespace

ReplayTables::ReplayTables(const Efforts& efforts) : plans(plan_columns(efforts)), trace({"time [s]", "plan"}) {}

namespace {

/// Steps that wait for the same ones, where there are several.
std::vector<std::vector<std::uint32_t>> waiting_alike(const std::vector<CasePlan::Step>& steps) {
  std::map<std::vector<std::uint32_t>, std::vector<std::uint32_t>> by_after;
  for (std::uint32_t k = 0; k < steps.size(); ++k) by_after[steps[k].after].push_back(k);
  std::vector<std::vector<std::uint32_t>> several;
  for (auto& [after, alike] : by_after)
    if (alike.size() > 1) several.push_back(std::move(alike));
  return several;
}

}  // namespace

AskedFirst asked_first(const EventLog& log, const std::vector<CasePlan>& plans, const std::vector<std::uint32_t>& of_activity) {
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::size_t> times;
  for (const CasePlan& plan : plans)
    for (const std::vector<std::uint32_t>& alike : waiting_alike(plan.steps))
      for (std::size_t k = 0; k < alike.size(); ++k)
        for (std::size_t j = 0; j < k; ++j) {
          const CasePlan::Step &a = plan.steps[alike[j]], &b = plan.steps[alike[k]];
          if (a.activity == b.activity || of_activity[a.activity] != of_activity[b.activity]) continue;
          const double lag_s = log.events[b.event].start_s - log.events[a.event].start_s;
          if (std::abs(lag_s) > 1e-3) ++times[lag_s > 0 ? std::pair(a.activity, b.activity) : std::pair(b.activity, a.activity)];
        }
  AskedFirst first;
  for (const auto& [pair, n] : times) {
    const auto other = times.find({pair.second, pair.first});
    const std::size_t all = n + (other == times.end() ? 0 : other->second);
    if (n >= 3 && 20 * n >= 19 * all) first.insert(pair);
  }
  return first;
}

std::vector<std::size_t> order_among_equals(const std::vector<CasePlan::Step>& steps,
                                            const std::vector<std::uint32_t>& of_activity, const AskedFirst& first) {
  std::vector<std::size_t> order(steps.size(), 0);
  for (const std::vector<std::uint32_t>& alike : waiting_alike(steps))
    for (std::size_t k = 0; k < alike.size(); ++k)
      for (std::size_t j = 0; j < k; ++j) {
        const std::uint32_t a = alike[j], b = alike[k];
        if (of_activity[steps[a].activity] != of_activity[steps[b].activity]) continue;
        ++order[first.contains({steps[b].activity, steps[a].activity}) ? a : b];
      }
  return order;
}

std::string step_name(std::size_t step) { return fmt::format("{:04}", step + 1); }

Replay::Replay(const EventLog& log, const Waiting& waiting, const std::vector<std::uint32_t>& of_activity, Efforts efforts)
    : log_(log), waiting_(waiting), efforts_(std::move(efforts)) {
  std::map<std::pair<std::uint32_t, std::int64_t>, std::uint32_t> at_once;  // by pool and millisecond
  for (std::size_t k = 0; k < log.events.size(); ++k)
    order_.push_back(at_once[{of_activity[log.events[k].activity], std::llround(waiting.operations[k].enabled_s * 1000)}]++);
}

double Replay::delay(std::uint32_t event) const {
  const OperationTimes& times = waiting_.operations[event];
  if (times.first) return std::max(0.0, times.enabled_s - waiting_.arrivals_s[log_.events[event].lot]);
  if (between_ && between_->count({log_.events[times.before].activity, log_.events[event].activity}) == 0) return 0;
  return times.likely_delay_s;
}

void Replay::end_row(CsvWriter& plans, std::uint32_t event) const {
  for (const Efforts::Attribute& a : efforts_.attributes())
    plans.cell(event == Names::absent ? "" : efforts_.cell(log_, event, a));
  plans.end_row();
}

void Replay::add_plan(const CasePlan& plan, const std::string& name, CsvWriter& plans) {
  for (std::size_t k = 0; k < plan.steps.size(); ++k) {
    const CasePlan::Step& step = plan.steps[k];
    std::string after;
    for (const std::uint32_t before : step.after) after += (after.empty() ? "" : ";") + step_name(before);
    const double wait = delay(step.event) + order_gap_s * order_[step.event];
    if (wait > 0) {
      plans.cell(name).cell(step_name(k) + "d").cell(delay_station).cell(after).cell(wait);
      end_row(plans);
      after = step_name(k) + "d";
      delays_ = true;
    }
    plans.cell(name)
        .cell(step_name(k))
        .cell(scenario_name(log_.activities[step.activity]))
        .cell(after)
        .cell(waiting_.operations[step.event].service_s);
    end_row(plans, step.event);
  }
}

}  // namespace retwin
