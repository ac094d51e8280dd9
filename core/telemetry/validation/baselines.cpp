// Copies of cases, shifted in time.
#include "core/telemetry/validation/baselines.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "core/base/random.hpp"
#include "core/telemetry/log/clean.hpp"

namespace retwin {
namespace {

struct Case {
  std::uint32_t lot = 0;
  double first_s = 0, last_s = 0;
  std::uint32_t last_activity = 0;
};

/// Cases in order of their first starts.
std::vector<Case> cases_of(const EventLog& log, const std::vector<std::vector<std::uint32_t>>& by_lot) {
  std::vector<Case> cases;
  for (std::uint32_t lot = 0; lot < by_lot.size(); ++lot) {
    if (by_lot[lot].empty()) continue;
    Case one{lot, std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(), 0};
    for (const std::uint32_t k : by_lot[lot]) {
      one.first_s = std::min(one.first_s, log.events[k].start_s);
      if (log.events[k].end_s >= one.last_s) one.last_s = log.events[k].end_s, one.last_activity = log.events[k].activity;
    }
    cases.push_back(one);
  }
  std::stable_sort(cases.begin(), cases.end(), [](const Case& a, const Case& b) { return a.first_s < b.first_s; });
  return cases;
}

EventLog empty_like(const EventLog& log) {
  EventLog copy;
  copy.activities = log.activities;
  copy.resources = log.resources;
  return copy;
}

void copy_case(const EventLog& from, const std::vector<std::uint32_t>& events, double shift_s, EventLog& to) {
  const std::uint32_t lot = to.lots.number(std::to_string(to.lots.size()));
  for (const std::uint32_t k : events) {
    LogEvent event = from.events[k];
    event.lot = lot;
    event.row = static_cast<std::uint32_t>(to.events.size() + 1);
    event.start_s += shift_s;
    event.end_s += shift_s;
    to.events.push_back(event);
  }
}

/// Whether "open cases were dropped" explains when the last cases began better than "all are there". In the first case fewer and
/// fewer are left of those that began late, in the second all begin until some time and none after it. Durations have the same
/// likelihood in both but for the chance of having ended, which the first gets back in the density of what is left; so what remains
/// of the ratio of likelihoods is: are more cases expected to be open at the end than to begin after the last one that did?
/// Arrivals follow the week as before.
/// @param durations sorted
bool rather_dropped(const std::vector<Case>& before, const std::vector<Case>& after, const std::vector<double>& durations,
                    double end_s) {
  constexpr double week_s = 7 * 86400;
  double last = -std::numeric_limits<double>::infinity();
  for (const Case& one : after) last = std::max(last, one.first_s);
  double open = 0, later = 0;
  for (const Case& one : before)
    for (double at = one.first_s + week_s * std::ceil((end_s - durations.back() - one.first_s) / week_s); at <= end_s;
         at += week_s) {
      const auto longer = durations.end() - std::upper_bound(durations.begin(), durations.end(), end_s - at);
      open += static_cast<double>(longer) / static_cast<double>(durations.size());
      later += at > last ? 1 : 0;
    }
  return open > later;
}

}  // namespace

EventLog replay_last_cases(const EventLog& past, std::size_t cases, double begin_s) {
  const auto by_lot = past.by_lot();
  const std::vector<Case> all = cases_of(past, by_lot);
  const std::size_t first = all.size() - std::min(all.size(), cases);
  EventLog log = empty_like(past);
  for (std::size_t k = first; k < all.size(); ++k) copy_case(past, by_lot[all[k].lot], begin_s - all[first].first_s, log);
  put_in_order(log);
  return log;
}

EventLog bootstrap_cases(const EventLog& past, std::size_t cases, double begin_s, std::uint64_t seed, std::uint64_t draw) {
  const auto by_lot = past.by_lot();
  const std::vector<Case> all = cases_of(past, by_lot);
  const Draws draws{replication_key(seed, draw), stream_id("bootstrap of cases"), 0};
  std::uint64_t drawn = 0;
  const auto pick = [&](std::size_t n) {
    return std::min(n - 1, static_cast<std::size_t>(draws.uniform(drawn++) * static_cast<double>(n)));
  };
  EventLog log = empty_like(past);
  double at = begin_s;
  for (std::size_t k = 0; k < cases; ++k) {
    const Case& one = all[pick(all.size())];
    copy_case(past, by_lot[one.lot], at - one.first_s, log);
    if (all.size() > 1) {
      const std::size_t gap = 1 + pick(all.size() - 1);
      at += all[gap].first_s - all[gap - 1].first_s;
    }
  }
  put_in_order(log);
  return log;
}

EventLog windowed(EventLog log, WindowRule rule, double end_s) {
  if (rule == WindowRule::complete) return log;
  const auto ends_late = [&](const LogEvent& event) { return !(event.end_s <= end_s); };
  if (rule == WindowRule::dropped) {
    std::vector<bool> keep(log.lots.size(), true);
    for (const LogEvent& event : log.events)
      if (ends_late(event)) keep[event.lot] = false;
    return log.of_lots(keep);
  }
  std::erase_if(log.events, ends_late);
  log.columns.clear();
  return log;
}

WindowFound find_window_rule(const EventLog& past, const EventLog& test) {
  const auto past_lots = past.by_lot(), test_lots = test.by_lot();
  const std::vector<Case> before = cases_of(past, past_lots), after = cases_of(test, test_lots);
  WindowFound found;
  if (before.empty() || after.empty()) return found;
  const double end = test.last_s();
  std::vector<double> durations;
  std::map<std::uint32_t, double> ends;
  for (const Case& one : before) {
    durations.push_back(one.last_s - one.first_s);
    ends[one.last_activity] += 1;
  }
  std::sort(durations.begin(), durations.end());
  double unusual = 0;
  for (const Case& one : after) {
    const auto longer = durations.end() - std::upper_bound(durations.begin(), durations.end(), end - one.first_s);
    found.expected_open += static_cast<double>(longer) / static_cast<double>(durations.size());
    if (ends[one.last_activity] < 0.01 * static_cast<double>(before.size())) unusual += 1;
  }
  found.unusual_ends = unusual / static_cast<double>(after.size());
  if (found.expected_open > 3 && unusual > 0.5 * found.expected_open) found.rule = WindowRule::cut;
  else if (found.expected_open > 3 + 0.02 * static_cast<double>(after.size()) && rather_dropped(before, after, durations, end))
    found.rule = WindowRule::dropped;
  return found;
}

}  // namespace retwin
