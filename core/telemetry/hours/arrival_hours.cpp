// Days and hours in turn, each the most likely given the others, from two beginnings.
#include "core/telemetry/hours/arrival_hours.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/base/constants.hpp"

namespace retwin {
namespace {

constexpr double least_s = 1;                // what an arrival that is not possible counts
constexpr double clearly_likelier = 30, nearly_likelier = 10;  // differences in logarithms of likelihoods

/// The same hours on days in a row.
struct Week {
  int first_day = 0, last_day = 6, from = 0, to = 24;
  WeeklyHours hours() const {
    std::vector<WeeklyHours::Span> spans;
    for (int d = first_day; d <= last_day; ++d) spans.push_back({d * day_s + from * hour_s, d * day_s + to * hour_s});
    return WeeklyHours(std::move(spans));
  }
};

/// Betters the hours and the days of a week in turn until nothing does.
double climb(Week& best, std::span<const double> seen_s, std::span<const ArrivalBounds> others) {
  double most = arrival_likelihood(best.hours(), seen_s, others);
  for (bool more = true; more;) {
    more = false;
    const auto attempt = [&](const Week& week) {
      if (const double x = arrival_likelihood(week.hours(), seen_s, others); x > most + 1e-9) most = x, best = week, more = true;
    };
    Week week = best;
    for (week.from = 0; week.from < 24; ++week.from)
      for (week.to = week.from + 1; week.to <= 24; ++week.to) attempt(week);
    week = best;
    for (week.first_day = 0; week.first_day < 7; ++week.first_day)
      for (week.last_day = week.first_day; week.last_day < 7; ++week.last_day) attempt(week);
  }
  return most;
}

}  // namespace

double arrival_likelihood(const WeeklyHours& hours, std::span<const double> seen_s, std::span<const ArrivalBounds> others) {
  const double n = static_cast<double>(seen_s.size() + others.size());
  if (n == 0) return 0;
  double first = std::numeric_limits<double>::infinity(), last = -first, sum = 0;
  for (const double at : seen_s) {
    first = std::min(first, at), last = std::max(last, at);
    if (!hours.open_at(at)) sum += std::log(least_s / hour_s);
  }
  for (std::size_t k = 0, end = 0; k < others.size(); ++k) {
    const ArrivalBounds& one = others[k];
    first = std::min(first, one.low_s), last = std::max(last, one.high_s);
    for (end = std::max(end, k + 1); end < others.size() && others[end].low_s == one.low_s;) ++end;
    const bool opened = hours.open_at(one.high_s) && !hours.open_at(one.high_s - 1);
    const bool possible = opened || hours.open_between(one.low_s, one.high_s) > least_s;
    const double open = std::max(hours.open_between(one.low_s, others[end - 1].high_s), opened ? hour_s : 0);
    sum += std::log(possible ? std::max(least_s, open) / hour_s : least_s / hour_s);
  }
  return sum - n * std::log(std::max(least_s, hours.open_between(first, last)) / hour_s);
}

WeeklyHours likely_arrival_hours(std::span<const double> seen_s, std::span<const ArrivalBounds> others,
                                 const WeeklyHours& otherwise, std::span<const WeeklyHours> of_work) {
  Week best;
  double most = -std::numeric_limits<double>::infinity();
  for (const int last_day : {4, 6}) {
    Week week;
    week.last_day = last_day;
    if (const double x = climb(week, seen_s, others); x > most) most = x, best = week;
  }
  if (arrival_likelihood(otherwise, seen_s, others) > most - clearly_likelier) return otherwise;
  double known = most - nearly_likelier;
  const WeeklyHours* result = nullptr;
  for (const WeeklyHours& hours : of_work)
    if (const double x = arrival_likelihood(hours, seen_s, others); x > known) known = x, result = &hours;
  return result != nullptr ? *result : best.hours();
}

}  // namespace retwin
