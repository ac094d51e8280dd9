// The week in quarters of an hour: covered by a log or not.
#include "core/telemetry/hours/coverage.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "core/base/constants.hpp"
#include "core/telemetry/hours/week_slots.hpp"

namespace retwin {
namespace {

constexpr double covered_bin_s = 900;
constexpr std::size_t per_day = 96, per_week = 7 * per_day;

std::array<bool, per_week> covered(double from_s, double to_s) {
  std::array<bool, per_week> bins{};
  for (double at = std::floor(from_s / covered_bin_s) * covered_bin_s; at < to_s && at < from_s + week_s; at += covered_bin_s)
    bins[static_cast<std::size_t>(in_week(at) / covered_bin_s) % per_week] = true;
  return bins;
}

}  // namespace

WeeklyHours filled_in(const WeeklyHours& hours, double from_s, double to_s) {
  if (!(to_s - from_s < week_s) || hours.always_open()) return hours;
  const std::array<bool, per_week> known = covered(from_s, to_s);
  std::array<bool, per_day> seen{}, open{};
  for (std::size_t bin = 0; bin < per_week; ++bin)
    if (known[bin]) seen[bin % per_day] = true, open[bin % per_day] |= hours.open_at(static_cast<double>(bin) * covered_bin_s + 4 * day_s);  // Monday the 5th
  std::vector<WeeklyHours::Span> spans = hours.spans();
  for (std::size_t bin = 0; bin < per_week; ++bin)
    if (const double at = static_cast<double>(bin) * covered_bin_s; !known[bin] && (open[bin % per_day] || !seen[bin % per_day])) spans.push_back({at, at + covered_bin_s});
  return WeeklyHours(std::move(spans));
}

HoursOptions covered_by(const EventLog& log) {
  HoursOptions options;
  options.from_s = log.first_s(), options.to_s = log.last_s();
  return options;
}

std::vector<int> unseen_weekdays(double from_s, double to_s) {
  std::vector<int> days;
  if (!(to_s - from_s < week_s)) return days;
  const std::array<bool, per_week> known = covered(from_s, to_s);
  for (int day = 0; day < 7; ++day)
    if (std::none_of(known.begin() + day * static_cast<std::ptrdiff_t>(per_day), known.begin() + (day + 1) * static_cast<std::ptrdiff_t>(per_day), [](bool is) { return is; })) days.push_back(day);
  return days;
}

}  // namespace retwin
