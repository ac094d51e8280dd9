// Names, order and selections of an event log.
#include "core/telemetry/log/event_log.hpp"

#include <algorithm>
#include <set>
#include <tuple>

namespace retwin {

namespace {
bool begins_before(const LogEvent& a, const LogEvent& b) { return a.start_s < b.start_s; }
}  // namespace

std::uint32_t Names::number(std::string_view name) {
  const auto found = numbers_.find(name);
  if (found != numbers_.end()) return found->second;
  const std::uint32_t next = size();
  names_.emplace_back(name);
  numbers_.emplace(names_.back(), next);
  return next;
}

std::uint32_t Names::find(std::string_view name) const {
  const auto found = numbers_.find(name);
  return found == numbers_.end() ? absent : found->second;
}

double EventLog::first_s() const {
  double first = std::numeric_limits<double>::quiet_NaN();
  for (const LogEvent& event : events)
    if (!(event.start_s >= first)) first = event.start_s;
  return first;
}

double EventLog::last_s() const {
  double last = std::numeric_limits<double>::quiet_NaN();
  for (const LogEvent& event : events)
    if (!(event.end_s <= last)) last = event.end_s;
  return last;
}

std::vector<std::vector<std::uint32_t>> EventLog::by_lot() const {
  std::vector<std::vector<std::uint32_t>> result(lots.size());
  for (std::uint32_t e = 0; e < events.size(); ++e) result[events[e].lot].push_back(e);
  for (std::vector<std::uint32_t>& own : result)
    std::stable_sort(own.begin(), own.end(), [&](std::uint32_t a, std::uint32_t b) {
      const LogEvent &x = events[a], &y = events[b];
      return std::tie(x.start_s, x.end_s, x.row) < std::tie(y.start_s, y.end_s, y.row);
    });
  return result;
}

const LogColumn* EventLog::column(std::string_view name) const {
  for (const LogColumn& c : columns)
    if (c.name == name) return &c;
  return nullptr;
}

void EventLog::move(double by_s) {
  for (LogEvent& event : events) event.start_s += by_s, event.end_s += by_s;
  for (LogEvent& event : unfinished) event.start_s += by_s, event.end_s += by_s;
}

EventLog EventLog::of_lots(const std::vector<bool>& keep) const {
  EventLog part;
  part.source = source;
  part.sha256 = sha256;
  part.lots = lots;
  part.activities = activities;
  part.resources = resources;
  part.findings = findings;
  part.zone_s = zone_s;
  for (const LogColumn& c : columns) part.columns.push_back({c.name, c.numeric, c.categories, {}, c.destination});
  for (std::size_t e = 0; e < events.size(); ++e) {
    if (!keep[events[e].lot]) continue;
    part.events.push_back(events[e]);
    for (std::size_t c = 0; c < columns.size(); ++c) part.columns[c].values.push_back(columns[c].values[e]);
  }
  for (const LogEvent& event : unfinished)
    if (keep[event.lot]) part.unfinished.push_back(event);
  return part;
}

EventLog EventLog::until(double time_s) const {
  EventLog part;
  part.zone_s = zone_s;
  part.source = source;
  part.sha256 = sha256;
  part.lots = lots;
  part.activities = activities;
  part.resources = resources;
  for (const LogEvent& event : unfinished)
    if (event.start_s <= time_s) part.unfinished.push_back(event);
  for (const LogColumn& c : columns) part.columns.push_back({c.name, c.numeric, c.categories, {}, c.destination});
  for (std::size_t e = 0; e < events.size(); ++e) {
    const LogEvent& event = events[e];
    if (event.start_s > time_s) continue;
    (event.end_s <= time_s ? part.events : part.unfinished).push_back(event);
    if (event.end_s > time_s) part.unfinished.back().end_s = std::numeric_limits<double>::quiet_NaN();
    else
      for (std::size_t c = 0; c < columns.size(); ++c) part.columns[c].values.push_back(columns[c].values[e]);
  }
  std::stable_sort(part.unfinished.begin(), part.unfinished.end(), begins_before);
  return part;
}

EventLog EventLog::followed_by(const EventLog& later) const {
  EventLog both = *this;
  both.columns.clear();
  std::set<std::tuple<double, double, std::uint32_t, std::uint32_t, std::uint32_t>> known;
  const auto is_new = [&](const LogEvent& e) { return known.insert({e.start_s, e.end_s, e.lot, e.activity, e.resource}).second; };
  for (const LogEvent& event : events) is_new(event);
  for (const LogFinding& finding : later.findings) both.findings.push_back(finding);
  for (const auto& part : {&EventLog::events, &EventLog::unfinished})
    for (LogEvent event : later.*part) {
      event.lot = both.lots.number(later.lots[event.lot]);
      event.activity = both.activities.number(later.activities[event.activity]);
      if (event.resource != Names::absent) event.resource = both.resources.number(later.resources[event.resource]);
      if (part == &EventLog::unfinished || is_new(event)) (both.*part).push_back(event);
    }
  std::stable_sort(both.events.begin(), both.events.end(), [](const LogEvent& a, const LogEvent& b) {
    return std::tie(a.start_s, a.end_s) < std::tie(b.start_s, b.end_s);
  });
  std::stable_sort(both.unfinished.begin(), both.unfinished.end(), begins_before);
  return both;
}

}  // namespace retwin
