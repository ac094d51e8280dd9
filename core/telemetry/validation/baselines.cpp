// Copies of cases, shifted in time.
#include "core/telemetry/validation/baselines.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/constants.hpp"
#include "core/base/random.hpp"
#include "core/telemetry/cases/windows.hpp"
#include "core/telemetry/log/clean.hpp"

namespace retwin {
namespace {

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

}  // namespace

EventLog replay_last_cases(const EventLog& past, std::size_t cases, double begin_s) {
  const auto by_lot = past.by_lot();
  const std::vector<CaseSpan> all = cases_of(past, by_lot);
  EventLog log = empty_like(past);
  if (all.empty()) return log;
  cases = std::min(all.size(), cases);
  std::size_t first = all.size() - cases;
  const double first_s = all[first].first_s;
  const bool weeks = all.back().first_s - all.front().first_s >= week_s;
  double shift_s = weeks ? week_s * std::round((begin_s - first_s) / week_s) : begin_s - first_s;
  for (double back_s = week_s; begin_s - back_s >= all.front().first_s; back_s += week_s) {
    const auto from = std::lower_bound(all.begin(), all.end(), begin_s - back_s, [](const CaseSpan& one, double at) { return one.first_s < at; });
    if (static_cast<std::size_t>(all.end() - from) < cases) continue;
    first = static_cast<std::size_t>(from - all.begin()), shift_s = back_s;
    break;
  }
  for (std::size_t k = first; k < first + cases; ++k) copy_case(past, by_lot[all[k].lot], shift_s, log);
  put_in_order(log);
  return log;
}

EventLog bootstrap_cases(const EventLog& past, std::size_t cases, double begin_s, std::uint64_t seed, std::uint64_t draw) {
  const auto by_lot = past.by_lot();
  const std::vector<CaseSpan> all = cases_of(past, by_lot);
  const Draws draws{replication_key(seed, draw), stream_id("bootstrap of cases"), 0};
  std::uint64_t drawn = 0;
  const auto pick = [&](std::size_t n) {
    return std::min(n - 1, static_cast<std::size_t>(draws.uniform(drawn++) * static_cast<double>(n)));
  };
  EventLog log = empty_like(past);
  double at = begin_s;
  for (std::size_t k = 0; k < cases; ++k) {
    const CaseSpan& one = all[pick(all.size())];
    copy_case(past, by_lot[one.lot], at - one.first_s, log);
    if (all.size() > 1) {
      const std::size_t gap = 1 + pick(all.size() - 1);
      at += all[gap].first_s - all[gap - 1].first_s;
    }
  }
  put_in_order(log);
  return log;
}

}  // namespace retwin
