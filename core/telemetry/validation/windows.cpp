// Logs under a window rule, and the rule told from how many cases are open at a log's end.
#include "core/telemetry/validation/windows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "core/base/constants.hpp"

namespace retwin {

std::vector<CaseSpan> cases_of(const EventLog& log, const std::vector<std::vector<std::uint32_t>>& by_lot) {
  std::vector<CaseSpan> cases;
  for (std::uint32_t lot = 0; lot < by_lot.size(); ++lot) {
    if (by_lot[lot].empty()) continue;
    CaseSpan one{lot, std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(), 0};
    for (const std::uint32_t k : by_lot[lot]) {
      one.first_s = std::min(one.first_s, log.events[k].start_s);
      if (log.events[k].end_s >= one.last_s) one.last_s = log.events[k].end_s, one.last_activity = log.events[k].activity;
    }
    cases.push_back(one);
  }
  std::stable_sort(cases.begin(), cases.end(), [](const CaseSpan& a, const CaseSpan& b) { return a.first_s < b.first_s; });
  return cases;
}

namespace {

/// Whether "open cases were dropped" explains when the last cases began better than "all are there". In the first case fewer and
/// fewer are left of those that began late, in the second all begin until some time and none after it. Durations have the same
/// likelihood in both but for the chance of having ended, which the first gets back in the density of what is left; so what remains
/// of the ratio of likelihoods is: are more cases expected to be open at the end than to begin after the last one that did?
/// Arrivals follow the week as before.
/// @param durations sorted
bool rather_dropped(const std::vector<CaseSpan>& before, const std::vector<CaseSpan>& after, const std::vector<double>& durations,
                    double end_s) {
  double last = -std::numeric_limits<double>::infinity();
  for (const CaseSpan& one : after) last = std::max(last, one.first_s);
  double open = 0, later = 0;
  for (const CaseSpan& one : before)
    for (double at = one.first_s + week_s * std::ceil((end_s - durations.back() - one.first_s) / week_s); at <= end_s;
         at += week_s) {
      const auto longer = durations.end() - std::upper_bound(durations.begin(), durations.end(), end_s - at);
      open += static_cast<double>(longer) / static_cast<double>(durations.size());
      later += at > last ? 1 : 0;
    }
  return open > later;
}

}  // namespace

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
  const std::vector<CaseSpan> before = cases_of(past, past_lots), after = cases_of(test, test_lots);
  WindowFound found;
  if (before.empty() || after.empty()) return found;
  const double end = test.last_s();
  std::vector<double> durations;
  std::map<std::uint32_t, double> ends;
  for (const CaseSpan& one : before) {
    durations.push_back(one.last_s - one.first_s);
    ends[one.last_activity] += 1;
  }
  std::sort(durations.begin(), durations.end());
  double unusual = 0;
  for (const CaseSpan& one : after) {
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
