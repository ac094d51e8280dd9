// The order of a calibration: parallel activities, plans, pools and hours, waiting, services, delays, arrivals.
#include "core/telemetry/calibration/calibration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "core/base/problem.hpp"
#include "core/telemetry/calibration/steps.hpp"
#include "core/telemetry/cases/open_cases.hpp"
#include "core/telemetry/log/names.hpp"

namespace retwin {
namespace {

/// What became of the cases that were open when the log ended.
void find_window(Calibration& c, const CalibrationOptions& options, double last_s) {
  constexpr double earlier = 2.0 / 3;
  if (options.window) {
    c.window.rule = *options.window;
  } else if (options.train == 1) {
    c.window = find_window_rule(c.log, c.plans, split_cases(c.log, earlier).train);
    if (c.window.rule != WindowRule::complete)
      c.notes.push_back(fmt::format("Cases open at the end of the log, told from it: {}.", c.window.text()));
  } else {
    c.window.rule = WindowRule::cut;  // the end is that of other cases: whoever is open then is there as far as it got
  }
  if (c.window.rule != WindowRule::dropped) return;
  c.seen.emplace(c.log, last_s);
  c.notes.push_back("Cases that take long are missing among those that began late: arrivals, plans, services and delays count by the chance of having been seen.");
}

/// Which cases the log does not show whole; true if it ends in the midst of some.
bool find_cut_cases(Calibration& c, double first_s, double last_s) {
  mark_begun_cases(c.log, first_s, c.plans);
  if (c.window.rule == WindowRule::cut) mark_open_cases(c.log, last_s, c.plans);
  const auto begun = std::count_if(c.plans.begin(), c.plans.end(), [](const CasePlan& plan) { return plan.begun; });
  if (begun > 0)
    c.notes.push_back(fmt::format("{} of {} cases had begun before the log: they do not count as arrivals{}.", begun,
                                  c.plans.size(), c.few_begun() ? ", and new cases are unlike them" : ""));
  return std::any_of(c.plans.begin(), c.plans.end(), [](const CasePlan& plan) { return plan.open; });
}

void continue_open_cases(Calibration& c, double last_s) {
  const Continuations rest(c.log, c.plans, last_s);  // of those that are not open, and stay as they are
  std::size_t open = 0, left = 0;
  for (CasePlan& plan : c.plans) {
    if (!plan.open) continue;
    ++open;
    const std::size_t before = plan.steps.size();
    plan = rest.continued(plan, {replication_key(1, 0), stream_id("open cases"), plan.lot});
    left += plan.steps.size() == before ? 1 : 0;
  }
  std::string what = "each goes on as one that had done the same";
  if (left == open) what = "none that had done the same is seen to its end, so they end there";
  else if (left > 0) what += fmt::format(", but {}: none like these is seen to its end", left);
  c.notes.push_back(fmt::format("{} of {} cases were open when the log ended: {}.", open, c.plans.size(), what));
}

/// Records of work still under way when a log ends are not in it: crews seem idle then. [s]
double longest_operation_s(const EventLog& log) {
  double longest = 0;
  for (const LogEvent& event : log.events) longest = std::max(longest, event.end_s - event.start_s);
  return longest;
}

void refuse(const EventLog& log, const std::string& why, const std::string& hint) {
  Place place;
  place.file = log.source;
  throw InputError({{Code::trace, Severity::error, place, {}, why, hint}});
}

/// What no scenario can be made of: work without duration, activities or resources that would have one name.
void check_work(const EventLog& log) {
  if (std::none_of(log.events.begin(), log.events.end(), [](const LogEvent& event) { return event.end_s > event.start_s; }))
    refuse(log, fmt::format("none of the {} operations takes any time", log.events.size()),
           "name the columns of start and end; a log with one time per operation does not tell how long anything takes");
  for (const auto& [what, list] : {std::pair("activities", &log.activities), {"resources", &log.resources}}) {
    std::map<std::string, std::string> names;
    for (const std::string& name : list->all())
      if (const auto [same, fresh] = names.emplace(scenario_name(name), name); !fresh)
        refuse(log, fmt::format("the {} \"{}\" and \"{}\" would both be called {}", what, same->second, name, same->first),
               "call them alike in the log if they are the same, else rename one");
  }
}

}  // namespace

CaseSplit split_cases(const EventLog& log, double train) {
  std::vector<double> first(log.lots.size(), std::numeric_limits<double>::infinity());
  for (const LogEvent& event : log.events) first[event.lot] = std::min(first[event.lot], event.start_s);
  std::vector<std::uint32_t> order;
  for (std::uint32_t lot = 0; lot < first.size(); ++lot)
    if (std::isfinite(first[lot])) order.push_back(lot);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return first[a] < first[b]; });
  const auto cut = static_cast<std::size_t>(std::clamp(train, 0.0, 1.0) * static_cast<double>(order.size()) + 1e-9);
  CaseSplit split;
  split.train.assign(log.lots.size(), false);
  split.test.assign(log.lots.size(), false);
  for (std::size_t k = 0; k < order.size(); ++k) (k < cut ? split.train : split.test)[order[k]] = true;
  split.split_s = cut < order.size() ? first[order[cut]] : log.last_s();
  return split;
}

Calibration calibrate(EventLog log, const CalibrationOptions& options) {
  log.move(log.zone_s);  // people's hours are those of their clocks
  const CaseSplit split = split_cases(log, options.train);
  const double first_s = log.first_s(), last_s = log.last_s();
  Calibration c;
  c.split_s = c.line_until_s = split.split_s;
  if (options.train < 1) {  // of a line the first share of its time: its parts may come again and again
    c.line_until_s = first_s + options.train * (last_s - first_s);
    c.line_log = log.until(c.line_until_s);
    c.log = log.of_lots(split.train);
  } else {
    c.log = std::move(log);
  }
  const auto cases = static_cast<std::size_t>(std::count(split.train.begin(), split.train.end(), true));
  if (cases < 2)
    refuse(c.log, fmt::format("{} case{} to learn from", cases, cases == 1 ? "" : "s"),
           "at least two are needed: give a longer log or a larger --train");
  if (!(c.log.last_s() > c.log.first_s())) refuse(c.log, "no time passes in this log", "check the columns of start and end");
  check_work(c.log);
  c.concurrency = discover_concurrency(c.log);
  c.plans = case_plans(c.log, c.concurrency);
  find_window(c, options, last_s);
  const bool cut = find_cut_cases(c, first_s, last_s);
  c.variants = plan_variants(c.plans);
  c.routing = routing(c.log, c.plans);
  c.rework = repetitions(c.log, c.plans);
  const double known_until = options.train < 1 ? c.split_s
                             : cut             ? c.split_s - longest_operation_s(c.log)
                                               : std::numeric_limits<double>::infinity();
  find_pools(c, known_until);
  c.waiting = find_waiting_by_rules(c.log, c.plans, c.work_pools(), c.pool_of_work, c.rules, known_until);
  decide_pools(c);
  c.waiting = {};  // two of them take much memory
  c.waiting = find_waiting_by_rules(c.log, c.plans, c.work_pools(), c.pool_of_work, c.rules, known_until);
  find_factors(c);
  fit_services(c);
  fit_delays(c);
  c.case_effect = find_case_effect(c);
  c.own_services = c.case_effect > 0.15;
  find_arrivals(c, options.train < 1 || cut || c.seen);
  if (cut) continue_open_cases(c, last_s);
  c.line = find_line(c.log_of_line());
  return c;
}

}  // namespace retwin
