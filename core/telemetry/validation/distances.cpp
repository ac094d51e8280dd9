// Distances between two event logs: sequences counted, stamps cut to whole hours and compared by Wasserstein's distance.
#include "core/telemetry/validation/distances.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <unordered_map>
#include <utility>

#include "core/base/constants.hpp"
#include "core/stats/intervals.hpp"

namespace retwin {
namespace {

// Stamps are whole microseconds, so that a difference of exactly one hour is never cut to none.
using Stamp = std::int64_t;
constexpr Stamp hour = 3600LL * 1000 * 1000;

Stamp stamp(double seconds) {
  if (!(std::abs(seconds) <= 1e12)) throw std::invalid_argument("a stamp of an event log is not a time");
  return std::llround(seconds * 1e6);
}

/// Whole hours, downwards.
Stamp hours(Stamp time) { return time / hour - (time % hour < 0 ? 1 : 0); }

/// First start and last end of each case that has events.
struct Spans {
  explicit Spans(const EventLog& log) : first(log.lots.size(), none), last(log.lots.size(), -none) {
    for (const LogEvent& event : log.events) {
      first[event.lot] = std::min(first[event.lot], stamp(event.start_s));
      last[event.lot] = std::max(last[event.lot], stamp(event.end_s));
    }
  }
  static constexpr Stamp none = std::numeric_limits<Stamp>::max();
  std::vector<Stamp> first, last;
};

/// Values from each case that has events.
template <class Value>
std::vector<double> of_cases(const Spans& spans, Value value) {
  std::vector<double> values;
  for (std::size_t lot = 0; lot < spans.first.size(); ++lot)
    if (spans.first[lot] != Spans::none) values.push_back(static_cast<double>(value(lot)));
  return values;
}

/// Whole hours of all starts and ends since `origin(event)`.
template <class Origin>
std::vector<double> event_hours(const EventLog& log, Origin origin) {
  std::vector<double> values;
  values.reserve(2 * log.events.size());
  for (const LogEvent& event : log.events) {
    const Stamp zero = origin(event);
    values.push_back(static_cast<double>(hours(stamp(event.start_s) - zero)));
    values.push_back(static_cast<double>(hours(stamp(event.end_s) - zero)));
  }
  return values;
}

/// Start of the hour of the earliest start of both logs, on the plant's clock.
Stamp first_hour(const EventLog& real, const EventLog& simulated, double zone_s) {
  Stamp first = Spans::none;
  for (const EventLog* log : {&real, &simulated})
    for (const LogEvent& event : log->events) first = std::min(first, stamp(event.start_s));
  const Stamp zone = stamp(zone_s);
  return first == Spans::none ? 0 : hours(first + zone) * hour - zone;
}

using HoursOfWeek = std::array<std::vector<double>, 7>;

HoursOfWeek hours_of_week(const EventLog& log, double zone_s) {
  HoursOfWeek week;
  const Stamp zone = stamp(zone_s);
  for (const LogEvent& event : log.events) {
    for (const double seconds : {event.start_s, event.end_s}) {
      constexpr Stamp monday = 3 * 24, length = 7 * 24;  // 1970-01-01 was a Thursday
      const Stamp since_monday = ((hours(stamp(seconds) + zone) + monday) % length + length) % length;
      week[static_cast<std::size_t>(since_monday / 24)].push_back(static_cast<double>(since_monday % 24));
    }
  }
  return week;
}

/// A sequence of n activities as digits of one number; the blank is 0.
class Digits {
 public:
  Digits(std::uint64_t base, std::size_t n) : base_(base) {
    if (n == 0) throw std::invalid_argument("n-grams of no activity");
    for (std::size_t i = 1; i < n; ++i) {
      if (oldest_ > std::numeric_limits<std::uint64_t>::max() / base / base)
        throw std::invalid_argument("n-grams of so many activities cannot be told apart: take a smaller n");
      oldest_ *= base;
    }
  }
  /// What follows `gram` when its oldest activity leaves and `next` comes.
  std::uint64_t shift(std::uint64_t gram, std::uint64_t next) const { return gram % oldest_ * base_ + next; }

 private:
  std::uint64_t base_, oldest_ = 1;
};

using Surplus = std::unordered_map<std::uint64_t, std::int64_t>;

/// Adds `sign` for every n-gram of the log; number[activity] is its digit. Returns how many there were.
std::uint64_t count(const std::vector<std::vector<std::uint32_t>>& cases, const EventLog& log, const Digits& digits,
                    std::size_t n, const std::vector<std::uint64_t>& number, std::int64_t sign, Surplus& surplus) {
  std::uint64_t total = 0;
  for (const std::vector<std::uint32_t>& events : cases) {
    if (events.empty()) continue;
    std::uint64_t gram = 0;
    for (const std::uint32_t event : events) surplus[gram = digits.shift(gram, number[log.events[event].activity])] += sign;
    for (std::size_t blank = 1; blank < n; ++blank) surplus[gram = digits.shift(gram, 0)] += sign;
    total += events.size() + n - 1;
  }
  return total;
}

/// The cases of two logs with activities numbered alike, from 1.
struct Sequences {
  Sequences(const EventLog& real_log, const EventLog& simulated_log)
      : real(real_log), simulated(simulated_log), real_cases(real.by_lot()), simulated_cases(simulated.by_lot()) {
    Names names;
    for (const std::string& name : real.activities.all()) real_number.push_back(names.number(name) + 1);
    for (const std::string& name : simulated.activities.all()) simulated_number.push_back(names.number(name) + 1);
    base = names.size() + 1;
  }
  double distance(std::size_t n) const {
    const Digits digits(base, n);
    if (real.events.empty() || simulated.events.empty()) return nan;
    Surplus surplus;
    const std::uint64_t total = count(real_cases, real, digits, n, real_number, 1, surplus) +
                                count(simulated_cases, simulated, digits, n, simulated_number, -1, surplus);
    std::uint64_t differences = 0;
    for (const auto& [gram, more] : surplus) differences += static_cast<std::uint64_t>(std::abs(more));
    return static_cast<double>(differences) / static_cast<double>(total);
  }
  const EventLog &real, &simulated;
  std::vector<std::vector<std::uint32_t>> real_cases, simulated_cases;
  std::vector<std::uint64_t> real_number, simulated_number;
  std::uint64_t base = 1;
};

}  // namespace

double ngram_distance(const EventLog& real, const EventLog& simulated, std::size_t n) {
  return Sequences(real, simulated).distance(n);
}

double absolute_event_distance(const EventLog& real, const EventLog& simulated, double zone_s) {
  const Stamp zero = first_hour(real, simulated, zone_s);
  const auto since_zero = [&](const EventLog& log) { return event_hours(log, [&](const LogEvent&) { return zero; }); };
  return wasserstein1(since_zero(real), since_zero(simulated));
}

double case_arrival_distance(const EventLog& real, const EventLog& simulated, double zone_s) {
  const Stamp zero = first_hour(real, simulated, zone_s);
  const auto arrivals = [&](const EventLog& log) {
    const Spans spans(log);
    return of_cases(spans, [&](std::size_t lot) { return hours(spans.first[lot] - zero); });
  };
  return wasserstein1(arrivals(real), arrivals(simulated));
}

double circadian_event_distance(const EventLog& real, const EventLog& simulated, double zone_s) {
  if (real.events.empty() || simulated.events.empty()) return nan;
  const HoursOfWeek a = hours_of_week(real, zone_s), b = hours_of_week(simulated, zone_s);
  double sum = 0;
  for (std::size_t day = 0; day < 7; ++day) {
    if (a[day].empty() && b[day].empty()) continue;
    sum += a[day].empty() || b[day].empty() ? 23 : wasserstein1(a[day], b[day]);
  }
  return sum / 7;
}

double relative_event_distance(const EventLog& real, const EventLog& simulated) {
  const auto since_first = [](const EventLog& log) {
    const Spans spans(log);
    return event_hours(log, [&](const LogEvent& event) { return spans.first[event.lot]; });
  };
  return wasserstein1(since_first(real), since_first(simulated));
}

double cycle_time_distance(const EventLog& real, const EventLog& simulated) {
  const auto durations = [](const EventLog& log) {
    const Spans spans(log);
    return of_cases(spans, [&](std::size_t lot) { return spans.last[lot] - spans.first[lot]; });
  };
  std::vector<double> a = durations(real), b = durations(simulated);
  if (a.empty() || b.empty()) return nan;
  const double shortest = std::min(*std::min_element(a.begin(), a.end()), *std::min_element(b.begin(), b.end()));
  for (std::vector<double>* values : {&a, &b})
    for (double& value : *values) value = std::floor((value - shortest) / static_cast<double>(hour));
  return wasserstein1(a, b);
}

LogDistances distances(const EventLog& real, const EventLog& simulated, double zone_s) {
  const Sequences sequences(real, simulated);
  return {sequences.distance(2),
          sequences.distance(3),
          absolute_event_distance(real, simulated, zone_s),
          case_arrival_distance(real, simulated, zone_s),
          circadian_event_distance(real, simulated, zone_s),
          relative_event_distance(real, simulated),
          cycle_time_distance(real, simulated)};
}

}  // namespace retwin
