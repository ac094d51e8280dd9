// Cleaning of event logs: one pass per class of fault, then the rest in order.
#include "core/telemetry/log/clean.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <tuple>

#include "core/base/units.hpp"
#include "core/telemetry/log/clock_offsets.hpp"

namespace retwin {
namespace {

bool equal_word(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a | 0x20) : a) == b; });
}

/// By the clock of the log.
std::string words(const EventLog& log, const LogEvent& event) {
  return fmt::format("{}: {} from {} to {}", log.lots[event.lot], log.activities[event.activity],
                     format_time(0, event.start_s + log.zone_s), format_time(0, event.end_s + log.zone_s));
}

/// The events at `order`, with their columns, in that order; the others are gone.
void select(EventLog& log, const std::vector<std::uint32_t>& order) {
  const auto pick = [&](auto& values) {
    std::remove_reference_t<decltype(values)> picked;
    picked.reserve(order.size());
    for (const std::uint32_t e : order) picked.push_back(values[e]);
    values = std::move(picked);
  };
  pick(log.events);
  for (LogColumn& column : log.columns) pick(column.values);
}

template <class Key>
std::vector<std::uint32_t> sorted_by(const EventLog& log, Key&& key) {
  std::vector<std::uint32_t> order(log.events.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return key(log.events[a]) < key(log.events[b]); });
  return order;
}

/// A few stamps decades away from the others are no times: a date stood for an unknown one.
void forget_placeholders(EventLog& log) {
  constexpr double far_s = 10 * 365.25 * 86400;
  constexpr std::size_t most = 20;  // one in so many
  std::vector<double> times;
  for (const LogEvent& event : log.events)
    for (const double time_s : {event.start_s, event.end_s})
      if (!std::isnan(time_s)) times.push_back(time_s);
  if (times.empty()) return;
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  const auto far = [median_s = *middle](double time_s) { return std::abs(time_s - median_s) > far_s; };
  if (static_cast<std::size_t>(std::count_if(times.begin(), times.end(), far)) * most > times.size()) return;
  for (LogEvent& event : log.events)
    for (double* time_s : {&event.start_s, &event.end_s})
      if (far(*time_s)) {
        note(log.findings, LogFault::placeholder_date, "left out: a date that stands for an unknown one", false, event.row,
             [&] { return words(log, event); });
        *time_s = std::numeric_limits<double>::quiet_NaN();
      }
}

/// Missing and swapped times of one event; false if it cannot be used.
bool mend(EventLog& log, LogEvent& event, const CleanOptions& options) {
  const auto example = [&] { return words(log, event); };
  if (std::isnan(event.start_s) && std::isnan(event.end_s)) {
    note(log.findings, LogFault::placeholder_date, "set aside", true, event.row, example);
    return false;
  }
  if (std::isnan(event.start_s)) {
    note(log.findings, LogFault::missing_start, "made an instant at its end", false, event.row, example);
    event.start_s = event.end_s;
  }
  if (std::isnan(event.end_s)) {
    const bool keep = options.keep_missing_end;
    note(log.findings, LogFault::missing_end, keep ? "made an instant at its start" : "set aside", !keep, event.row, example);
    if (!keep) {
      log.unfinished.push_back(event);
      return false;
    }
    event.end_s = event.start_s;
  }
  if (event.end_s >= event.start_s) return true;
  const bool slip = event.start_s - event.end_s < options.slip_s;
  note(log.findings, LogFault::negative_duration, slip ? "made an instant at its start" : "set aside", !slip, event.row, example);
  if (slip) event.end_s = event.start_s;
  return slip;
}

/// Repairs events one by one and sets aside what no repair is safe for.
void mend_events(EventLog& log, const CleanOptions& options) {
  std::vector<bool> marks(log.activities.size());
  for (std::uint32_t a = 0; a < log.activities.size(); ++a)
    marks[a] = equal_word(log.activities[a], "start") || equal_word(log.activities[a], "end");
  std::vector<std::uint32_t> kept;
  kept.reserve(log.events.size());
  for (std::uint32_t e = 0; e < log.events.size(); ++e) {
    LogEvent& event = log.events[e];
    if (!mend(log, event, options)) continue;
    if (marks[event.activity] && event.end_s == event.start_s) {
      const bool drop = options.drop_artificial;
      note(log.findings, LogFault::artificial, drop ? "set aside" : "kept", drop, event.row, [&] { return words(log, event); });
      if (drop) continue;
    }
    kept.push_back(e);
  }
  if (kept.size() < log.events.size()) select(log, kept);
}

/// Starts whose finish was lost and that took the finish of a later start of the same work: where only the later one takes about as long
/// as such work does, the finish is its own.
void give_back_finishes(EventLog& log) {
  constexpr double clearly = 3, least_s = 1e-3;  // times as far from the usual, by ratio
  if (log.unfinished.empty()) return;
  const std::vector<std::vector<std::uint32_t>> by_lot = log.by_lot();
  std::vector<std::vector<double>> durations(log.activities.size());
  for (const LogEvent& event : log.events) durations[event.activity].push_back(event.end_s - event.start_s);
  std::vector<double> usual;
  for (std::vector<double>& own : durations) {
    const auto middle = own.begin() + static_cast<std::ptrdiff_t>(own.size() / 2);
    std::nth_element(own.begin(), middle, own.end());
    usual.push_back(own.empty() ? 0 : std::max(least_s, *middle));
  }
  for (LogEvent& open : log.unfinished)
    for (const std::uint32_t k : by_lot[open.lot]) {
      LogEvent& event = log.events[k];
      if (event.activity != open.activity || event.resource != open.resource || !(event.start_s < open.start_s && open.start_s <= event.end_s)) continue;
      const auto off = [&](double start_s) { return std::abs(std::log(std::max(least_s, event.end_s - start_s) / usual[event.activity])); };
      if (!(off(open.start_s) + std::log(clearly) < off(event.start_s))) continue;
      std::swap(event.start_s, open.start_s);
      std::swap(event.row, open.row);
      note(log.findings, LogFault::missing_end, "the finish is that of a later start", false, open.row, [&] { return words(log, open); });
      break;
    }
}

void find_duplicates(EventLog& log, const CleanOptions& options) {
  const auto same = [](const LogEvent& e) { return std::tie(e.start_s, e.end_s, e.lot, e.activity, e.resource); };
  const std::vector<std::uint32_t> order =
      sorted_by(log, [](const LogEvent& e) { return std::tie(e.start_s, e.end_s, e.lot, e.activity, e.resource, e.row); });
  std::vector<bool> again(log.events.size());
  const bool drop = options.drop_duplicates;
  for (std::size_t i = 1; i < order.size(); ++i) again[order[i]] = same(log.events[order[i]]) == same(log.events[order[i - 1]]);
  std::vector<std::uint32_t> kept;
  kept.reserve(order.size());
  for (std::uint32_t e = 0; e < log.events.size(); ++e) {
    if (again[e])
      note(log.findings, LogFault::duplicate, drop ? "set aside" : "kept", drop, log.events[e].row,
           [&] { return words(log, log.events[e]); });
    if (!again[e] || !drop) kept.push_back(e);
  }
  if (kept.size() < log.events.size()) select(log, kept);
}

/// Counts starts before the latest end so far of the same lot, and of the same resource with another lot. Events are in order.
void count_overlaps(EventLog& log) {
  constexpr std::uint32_t nothing = Names::absent;
  std::vector<std::uint32_t> of_lot(log.lots.size(), nothing), of_resource(log.resources.size(), nothing);
  for (std::uint32_t e = 0; e < log.events.size(); ++e) {
    const LogEvent& event = log.events[e];
    const auto look = [&](std::uint32_t& latest, const char* repair, bool other_lot) {
      if (latest != nothing) {
        const LogEvent& before = log.events[latest];
        const bool meets =
            event.start_s < before.end_s && event.end_s > before.start_s && (!other_lot || before.lot != event.lot);
        if (meets)
          note(log.findings, LogFault::overlap, repair, false, event.row,
               [&] { return words(log, event) + ", while " + words(log, before); });
      }
      if (latest == nothing || event.end_s > log.events[latest].end_s) latest = e;
    };
    look(of_lot[event.lot], "kept: a lot at two activities", false);
    if (event.resource != Names::absent) look(of_resource[event.resource], "kept: a resource at two lots", true);
  }
}

/// Counts large steps backwards in the order of the source: within lots if it is grouped by lot, else over all rows. A source
/// with many of them (over one row in a hundred) is not in order of time and tells nothing.
void count_jumps(EventLog& log, const CleanOptions& options) {
  const std::vector<std::uint32_t> order = sorted_by(log, [](const LogEvent& e) { return e.row; });
  std::size_t changes = 0, lots = 0;
  std::vector<bool> seen(log.lots.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::uint32_t lot = log.events[order[i]].lot;
    if (i == 0 || lot != log.events[order[i - 1]].lot) ++changes;
    if (!seen[lot]) ++lots;
    seen[lot] = true;
  }
  const bool grouped = changes == lots;
  const auto jumps_of = [&](double LogEvent::*time) {
    std::vector<std::uint32_t> jumps;
    for (std::size_t i = 1; i < order.size(); ++i) {
      const LogEvent &event = log.events[order[i]], &before = log.events[order[i - 1]];
      if (event.*time < before.*time - options.jump_s && (!grouped || event.lot == before.lot)) jumps.push_back(order[i]);
    }
    return jumps;
  };
  const std::vector<std::uint32_t> by_start = jumps_of(&LogEvent::start_s), by_end = jumps_of(&LogEvent::end_s);
  const std::vector<std::uint32_t>& jumps = by_start.size() <= by_end.size() ? by_start : by_end;
  if (jumps.size() > std::max<std::size_t>(1, order.size() / 100)) return;
  for (const std::uint32_t e : jumps)
    note(log.findings, LogFault::clock_jump, "kept", false, log.events[e].row, [&] { return words(log, log.events[e]); });
}

}  // namespace

void put_in_order(EventLog& log) {
  const auto key = [](const LogEvent& e) {
    const double start_s = std::isnan(e.start_s) ? e.end_s : e.start_s;
    return std::tuple(start_s, std::isnan(e.end_s) ? start_s : e.end_s, e.row);
  };
  const auto before = [&](const LogEvent& a, const LogEvent& b) { return key(a) < key(b); };
  if (!std::is_sorted(log.events.begin(), log.events.end(), before)) select(log, sorted_by(log, key));
}

void clean(EventLog& log, const CleanOptions& options) {
  forget_placeholders(log);
  mend_events(log, options);
  give_back_finishes(log);
  count_jumps(log, options);
  find_duplicates(log, options);
  std::stable_sort(log.unfinished.begin(), log.unfinished.end(),
                   [](const LogEvent& a, const LogEvent& b) { return a.start_s < b.start_s; });
  if (log.events.empty()) refuse_unusable(log.source, log.findings, "check the mapping of the columns and the times of the log");
  put_in_order(log);
  count_overlaps(log);
  find_clock_offsets(log);
}

}  // namespace retwin
