// Stamps by hour of the day and by day of the week, gathered while they look alike; then durations decide.
#include "core/telemetry/hours/pool_hours.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <map>
#include <numeric>
#include <utility>

#include "core/base/constants.hpp"
#include "core/stats/tally.hpp"
#include "core/telemetry/hours/coverage.hpp"
#include "core/telemetry/hours/week_slots.hpp"
#include "core/telemetry/hours/weekly_hours.hpp"

namespace retwin {
namespace {

constexpr std::size_t hours_of_day = 24;
constexpr double most_lacking = 10;  ///< so many stamps must be expected and lacking, as in HoursOptions
constexpr double rare = 0.01;        ///< share of the stamps below which an hour or a day has none
constexpr double clearly = 0.8;      ///< variation of durations, below which other hours are believed

/// In how many hours of the calendar there are stamps, by hour of the day and by day of the week.
struct Times {
  std::array<double, hours_of_day> hour{};
  std::array<double, days_of_week> day{};
  double total = 0;
  void add(const Times& other) {
    for (std::size_t h = 0; h < hours_of_day; ++h) hour[h] += other.hour[h];
    for (std::size_t d = 0; d < day.size(); ++d) day[d] += other.day[d];
    total += other.total;
  }
};

Times times_of(const EventLog& log, const std::vector<std::uint32_t>& events) {
  std::vector<double> bins;
  for (const std::uint32_t k : events) {
    const LogEvent& event = log.events[k];
    bins.push_back(std::floor(event.start_s / hour_s));
    if (event.end_s > event.start_s) bins.push_back(std::floor((event.end_s - stamp_instant_s) / hour_s));
  }
  std::sort(bins.begin(), bins.end());
  bins.erase(std::unique(bins.begin(), bins.end()), bins.end());
  Times times;
  for (const double bin : bins) {
    const auto slot = static_cast<std::size_t>(in_week((bin + 0.5) * hour_s) / hour_s);
    times.hour[slot % hours_of_day] += 1;
    times.day[std::min(slot / hours_of_day, times.day.size() - 1)] += 1;
  }
  times.total = static_cast<double>(bins.size());
  return times;
}

/// Stamps that b lacks where a has some and b has none, if b were like a.
template <std::size_t n>
double lacking(const std::array<double, n>& a, const std::array<double, n>& b, double total_a, double total_b) {
  double only = 0;
  for (std::size_t k = 0; k < n; ++k)
    if (a[k] > rare * total_a && b[k] <= rare * total_b) only += a[k];
  return total_a > 0 ? total_b * only / total_a : 0;
}

double unlike(const Times& a, const Times& b) {
  return std::max({lacking(a.hour, b.hour, a.total, b.total), lacking(b.hour, a.hour, b.total, a.total),
                   lacking(a.day, b.day, a.total, b.total), lacking(b.day, a.day, b.total, a.total)});
}

WeeklyHours hours_of(const EventLog& log, const std::vector<std::uint32_t>& events) {
  std::vector<WorkSpan> work;
  for (const std::uint32_t k : events) work.push_back({log.events[k].start_s, log.events[k].end_s});
  return discover_hours(work, covered_by(log)).hours;
}

/// Squared variation of the durations of each activity, summed over its events.
class Variation {
 public:
  explicit Variation(const EventLog& log) : log_(log) {}
  void add(const std::vector<std::uint32_t>& events, const WeeklyHours& open) {
    for (const std::uint32_t k : events)
      by_activity_[log_.events[k].activity].add(open.open_between(log_.events[k].start_s, log_.events[k].end_s));
  }
  double sum() const {
    double result = 0;
    for (const auto& [activity, t] : by_activity_)
      if (t.count() > 1 && t.mean() > 0) result += static_cast<double>(t.count()) * t.variance() / (t.mean() * t.mean());
    return result;
  }

 private:
  const EventLog& log_;
  std::map<std::uint32_t, Tally> by_activity_;
};

void append(std::vector<std::uint32_t>& to, const std::vector<std::uint32_t>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

std::vector<std::uint32_t> together(const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b) {
  std::vector<std::uint32_t> all;
  std::merge(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(all));  // the log is in order of starts
  return all;
}

bool durations_tell(const EventLog& log, const Crew& a, const Crew& b) {
  const std::vector<std::uint32_t> all = together(a.events, b.events);
  const WeeklyHours of_a = hours_of(log, a.events), of_b = hours_of(log, b.events), joint = hours_of(log, all);
  if (of_a.spans() == of_b.spans()) return false;
  Variation own(log), one(log);
  own.add(a.events, of_a);
  own.add(b.events, of_b);
  one.add(all, joint);
  return own.sum() < clearly * one.sum();
}

}  // namespace

bool other_hours(const EventLog& log, const Crew& a, const Crew& b) {
  return unlike(times_of(log, a.events), times_of(log, b.events)) >= most_lacking && durations_tell(log, a, b);
}

std::vector<Crew> by_hours(const EventLog& log, const std::vector<Crew>& resources) {
  std::vector<std::pair<Times, std::size_t>> all;  // those with the most stamps first
  for (std::size_t k = 0; k < resources.size(); ++k) all.emplace_back(times_of(log, resources[k].events), k);
  std::stable_sort(all.begin(), all.end(), [](const auto& x, const auto& y) { return x.first.total > y.first.total; });
  std::vector<Crew> crews;
  std::vector<Times> of_crew;
  for (const auto& [times, number] : all) {
    std::size_t best = crews.size();
    double least = most_lacking;
    for (std::size_t c = 0; c < crews.size(); ++c)
      if (const double x = unlike(of_crew[c], times); x < least) least = x, best = c;
    if (best == crews.size()) crews.emplace_back(), of_crew.emplace_back();
    append(crews[best].resources, resources[number].resources);
    append(crews[best].events, resources[number].events);
    of_crew[best].add(times);
  }
  for (Crew& crew : crews) std::sort(crew.events.begin(), crew.events.end());
  for (std::size_t a = 0; a < crews.size(); ++a)  // those that durations do not tell apart are one after all
    for (std::size_t b = a + 1; b < crews.size();) {
      if (other_hours(log, crews[a], crews[b])) {
        ++b;
        continue;
      }
      append(crews[a].resources, crews[b].resources);
      crews[a].events = together(crews[a].events, crews[b].events);
      crews.erase(crews.begin() + static_cast<std::ptrdiff_t>(b));
      b = a + 1;
    }
  for (Crew& crew : crews) std::sort(crew.resources.begin(), crew.resources.end());
  return crews;
}

}  // namespace retwin
