// Arrivals of a calibration: whole days, drawn anew among the days of the week that are alike.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "core/base/units.hpp"
#include "core/base/constants.hpp"
#include "core/stats/intervals.hpp"
#include "core/stats/regression.hpp"
#include "core/stats/tally.hpp"
#include "core/telemetry/calibration/steps.hpp"
#include "core/telemetry/hours/arrival_hours.hpp"
#include "core/telemetry/hours/coverage.hpp"

namespace retwin {

namespace {

struct DayCounts {
  long first = 0, last = 0;  // days since 1970-01-01, both ends whole
  std::vector<double> counts;
};

constexpr std::size_t fewest_in_part = 3;  // arrivals on part of a day

int weekday_of(long day) { return static_cast<int>(((day + 3) % 7 + 7) % 7); }  // 1970-01-01 was a Thursday

/// Days of the week that are alike in their arrivals are drawn together: by Pearson's chi-square of their counts. Of a day of the
/// week that was never whole, arrivals on a part of it tell that it is like the others.
std::vector<std::string> group_weekdays(const DayCounts& days, std::span<const double> arrivals_s) {
  static const char* const names[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  std::vector<double> sum(7, 0), n(7, 0);
  for (std::size_t k = 0; k < days.counts.size(); ++k) {
    const auto d = static_cast<std::size_t>(weekday_of(days.first + static_cast<long>(k)));
    sum[d] += days.counts[k], n[d] += 1;
  }
  double top = 0;
  for (std::size_t d = 0; d < 7; ++d) top = std::max(top, n[d] > 0 ? sum[d] / n[d] : 0);
  std::vector<std::size_t> busy;
  for (std::size_t d = 0; d < 7; ++d)
    if (n[d] > 0 && sum[d] / n[d] > 0.25 * top) busy.push_back(d);
  double total = 0, time = 0, statistic = 0;
  for (const std::size_t d : busy) total += sum[d], time += n[d];
  for (const std::size_t d : busy) statistic += std::pow(sum[d] - total * n[d] / time, 2) / (total * n[d] / time);
  // counts may vary more than Poisson's from day to day: judged by their own spread
  Tally spread;
  for (std::size_t k = 0; k < days.counts.size(); ++k)
    if (std::find(busy.begin(), busy.end(), static_cast<std::size_t>(weekday_of(days.first + static_cast<long>(k)))) !=
        busy.end())
      spread.add(days.counts[k]);
  const double dispersion = spread.count() > 1 && spread.mean() > 0 ? std::max(1.0, spread.variance() / spread.mean()) : 1;
  const double limit = static_cast<double>(busy.size()) + 3 * std::sqrt(2.0 * static_cast<double>(busy.size()));
  const bool alike = statistic / dispersion < limit;
  std::vector<std::size_t> in_part(7, 0);
  for (const double at : arrivals_s) ++in_part[static_cast<std::size_t>(weekday_of(static_cast<long>(std::floor(at / day_s))))];
  for (std::size_t d = 0; d < 7; ++d)
    if (n[d] <= 0 && in_part[d] >= fewest_in_part) busy.push_back(d);
  std::sort(busy.begin(), busy.end());
  const bool row = !busy.empty() && busy.back() - busy.front() + 1 == busy.size();
  std::vector<std::string> groups(names, names + 7);
  if (alike && row && busy.size() > 1)
    for (const std::size_t d : busy) groups[d] = fmt::format("{}-{}", names[busy.front()], names[busy.back()]);
  return groups;
}

/// Where the first operations of cases queue, those that came last before the split may have begun after it: the last day is the
/// one before the day on which the last case came, if it had to wait.
long last_whole_day(const Calibration& c) {
  double last = -std::numeric_limits<double>::infinity(), waited = 0;
  for (std::size_t k = 0; k < c.log.events.size(); ++k) {
    if (!c.waiting.operations[k].first || !(c.waiting.operations[k].enabled_s > last)) continue;
    last = c.waiting.operations[k].enabled_s;
    waited = c.log.events[k].start_s - last;
  }
  return waited > 1 ? static_cast<long>(std::floor(last / day_s)) - 1 : std::numeric_limits<long>::max() - 1;
}

}  // namespace

/// Times of a day of which the log knows only a part, filled up: with those of the nearest day that it knows at that time of the day,
/// or, where it knows none, with what it does know of this one, over and over.
/// @param known from and to, in days since midnight of the first
void fill_in(std::vector<CalibratedArrivals::Day>& days, std::size_t number, double known_from_s, double known_to_s) {
  const auto part_of = [&](std::size_t k) {  // of the day, known
    const double midnight = static_cast<double>(k) * day_s;
    return std::pair(std::clamp(known_from_s - midnight, 0.0, day_s), std::clamp(known_to_s - midnight, 0.0, day_s));
  };
  const auto [from, to] = part_of(number);
  if (from <= 0 && to >= day_s) return;
  constexpr double step_s = 900;
  std::vector<double> filled = days[number].times_s;
  for (double at = 0; at < day_s; at += step_s) {
    const double middle = at + step_s / 2;
    if (middle >= from && middle < to) continue;
    std::size_t best = days.size();
    for (std::size_t k = 0; k < days.size(); ++k) {
      const auto [first, last] = part_of(k);
      const auto far = [&](std::size_t x) { return x > number ? x - number : number - x; };
      if (k != number && middle >= first && middle < last && (best == days.size() || far(k) < far(best))) best = k;
    }
    double source = at;
    if (best == days.size()) {  // nobody knows this time of the day
      best = number;
      if (to - from < 2 * step_s) continue;
      const double length = std::floor((to - from) / step_s) * step_s;
      source = from + std::fmod(std::fmod(at - from, length) + length, length);
    }
    for (const double time : days[best].times_s)
      if (time >= source && time < source + step_s) filled.push_back(time - source + at);
  }
  std::sort(filled.begin(), filled.end());
  days[number].times_s = std::move(filled);
}

/// Until when arrivals are known: to the split; where all cases ran to their end, they stopped before it, with the last one as far as is
/// known, and the time between two behind it.
double known_until_s(const Calibration& c, std::span<const double> times) {
  if (c.window.rule != WindowRule::complete || times.size() < 2) return c.split_s;
  return std::min(c.split_s, times.back() + (times.back() - times.front()) / static_cast<double>(times.size() - 1));
}

/// Of a log of less than a week, days that it knows in part only: left out if it knows whole ones, else filled in; days of the week that
/// it never covered are as those that it did.
void complete_days(Calibration& c, const DayCounts& days, std::span<const double> times) {
  CalibratedArrivals& a = c.arrivals;
  const double until_s = known_until_s(c, times);
  a.days.clear();  // that of the split too
  for (long day = days.first; static_cast<double>(day) * day_s < std::max(times.back() + 1, until_s); ++day) {
    a.days.push_back({format_time(day, 0).substr(0, 10), weekday_of(day), {}});
    for (const double at : times)
      if (std::floor(at / day_s) == static_cast<double>(day)) a.days.back().times_s.push_back(at - static_cast<double>(day) * day_s);
  }
  const double known_from_s = c.log.first_s() - static_cast<double>(days.first) * day_s, known_to_s = until_s - static_cast<double>(days.first) * day_s;
  std::vector<std::size_t> whole;
  for (std::size_t k = 0; k < a.days.size(); ++k) {
    const double midnight = static_cast<double>(days.first + static_cast<long>(k)) * day_s, from = std::max(midnight, c.log.first_s()), to = std::min(midnight + day_s, until_s);
    const double open = a.hours.hours.open_between(midnight, midnight + day_s);
    if (a.hours.hours.open_between(from, to) > 0.9 * open) whole.push_back(k);
  }
  if (whole.size() == a.days.size()) return;
  std::vector<CalibratedArrivals::Day> made;
  const std::vector<CalibratedArrivals::Day> seen = a.days;
  if (whole.empty()) {
    for (std::size_t k = 0; k < a.days.size(); ++k) {
      std::vector<CalibratedArrivals::Day> all = seen;
      fill_in(all, k, known_from_s, known_to_s);
      a.days[k] = all[k];
    }
    c.notes.push_back("No day of the log is whole: what it never covered is taken to be as what it did.");
  } else {
    for (const std::size_t k : whole) made.push_back(seen[k]);
    a.days = std::move(made);
    c.notes.push_back(fmt::format("Days that the log covers in part only are left out of the arrivals: {} of {}.", seen.size() - whole.size(), seen.size()));
  }
}

/// Where cases open at the end were dropped, days near it show a part of their arrivals: others are added to them, at times of the day
/// at which some came on other days. Days that show less than half are left out, as long as half of all and a week are left.
void add_unseen(Calibration& c, DayCounts& days) {
  constexpr double least = 0.5, golden = 0.6180339887498949;
  constexpr std::size_t week = 7;
  std::vector<CalibratedArrivals::Day>& all = c.arrivals.days;
  const auto chance = [&](std::size_t k) {
    double sum = 0;
    const double midnight = static_cast<double>(days.first + static_cast<long>(k)) * day_s;
    for (const double at : all[k].times_s) sum += c.seen->of_start(midnight + at);
    return all[k].times_s.empty() ? c.seen->of_start(midnight + day_s / 2) : sum / static_cast<double>(all[k].times_s.size());
  };
  const std::size_t fewest = std::max(week, (all.size() + 1) / 2);
  while (all.size() > fewest && chance(all.size() - 1) < least) all.pop_back();
  std::vector<double> times;
  for (const CalibratedArrivals::Day& day : all) times.insert(times.end(), day.times_s.begin(), day.times_s.end());
  std::sort(times.begin(), times.end());
  double missing = 0, drawn = 0;
  for (std::size_t k = 0; k < all.size(); ++k) {
    const double seen = std::max(chance(k), 0.5 / static_cast<double>(all.size()));
    missing += static_cast<double>(all[k].times_s.size()) * (1 / seen - 1);
    for (; missing >= 0.5; missing -= 1) {
      drawn = std::fmod(drawn + golden, 1);
      all[k].times_s.push_back(times[static_cast<std::size_t>(drawn * static_cast<double>(times.size()))]);
    }
    std::sort(all[k].times_s.begin(), all[k].times_s.end());
  }
  days.last = days.first + static_cast<long>(all.size()) - 1;
  days.counts.clear();
  for (const CalibratedArrivals::Day& day : all) days.counts.push_back(static_cast<double>(day.times_s.size()));
}

void find_arrivals(Calibration& c, bool cut_at_split) {
  CalibratedArrivals& a = c.arrivals;
  std::vector<double> times;
  const auto begun = std::count_if(c.plans.begin(), c.plans.end(), [](const CasePlan& plan) { return plan.begun; });
  const bool all = static_cast<std::size_t>(begun) + 2 > c.plans.size();  // there is no time between one and nothing
  for (const CasePlan& plan : c.plans)
    if (all || !plan.begun) times.push_back(c.waiting.arrivals_s[plan.lot]);
  std::sort(times.begin(), times.end());
  HoursOptions covered = covered_by(c.log);
  if (c.window.rule == WindowRule::complete) covered.to_s = std::min(covered.to_s, known_until_s(c, times));
  a.hours = discover_arrival_hours(times, covered);
  if (c.waiting.arrival_hours && a.hours.closed_times && !c.waiting.arrival_hours->always_open())
    a.hours = {*c.waiting.arrival_hours, true, 0, "told from when the first queue was empty"};
  std::vector<double> between;
  for (std::size_t k = 1; k < times.size(); ++k) between.push_back(a.hours.hours.open_between(times[k - 1], times[k]));
  a.between = fit_best(between);
  DayCounts days;
  days.first = static_cast<long>(std::floor(times.front() / day_s));
  days.last = static_cast<long>(std::floor(times.back() / day_s));
  const long split_day = static_cast<long>(std::floor(c.split_s / day_s));
  if (cut_at_split && days.last >= split_day && days.last > days.first)
    days.last = std::max(days.first, std::min(split_day, last_whole_day(c) + 1) - 1);  // the day of the split is not whole
  days.counts.assign(static_cast<std::size_t>(days.last - days.first + 1), 0);
  a.days.resize(days.counts.size());
  for (const double at : times) {
    const long day = static_cast<long>(std::floor(at / day_s));
    if (day > days.last) continue;
    const auto k = static_cast<std::size_t>(day - days.first);
    days.counts[k] += 1;
    a.days[k].times_s.push_back(at - static_cast<double>(day) * day_s);
  }
  if (c.seen) add_unseen(c, days);
  std::vector<double> with, week;
  for (std::size_t k = 0; k < a.days.size(); ++k) {
    a.days[k].weekday = weekday_of(days.first + static_cast<long>(k));
    a.days[k].name = format_time(days.first + static_cast<long>(k), 0).substr(0, 10);
    if (days.counts[k] <= 0) continue;
    with.push_back(days.counts[k]);
    week.push_back(static_cast<double>(k) / 7);
  }
  a.per_day = bounds_of(with);
  a.groups = group_weekdays(days, times);
  if (const std::vector<int> unseen = unseen_weekdays(c.log.first_s(), known_until_s(c, times)); !unseen.empty()) {
    complete_days(c, days, times);
    with.clear();
    for (const CalibratedArrivals::Day& day : a.days)
      if (!day.times_s.empty()) with.push_back(static_cast<double>(day.times_s.size()));
    a.per_day = bounds_of(with);
    a.groups.assign(7, "Mon-Sun");
    static const char* const names[] = {"Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays"};
    std::string never;
    for (const int day : unseen) never += (never.empty() ? "" : ", ") + std::string(names[day]);
    c.notes.push_back(never + " were never seen: taken as the days that were.");
    return;
  }
  if (with.size() < 5) return;
  const Interval slope = regress(with, {week}).coefficients[1].interval;
  a.trend = {slope.mean, slope.low(), slope.high()};
  if (a.trend.contains(0) || a.days.size() < 14) return;
  c.notes.push_back(fmt::format(
      "Arrivals change by {:+.2g} a day each week ({:.2g} ... {:.2g}): new ones are drawn from the later half of the days.",
      a.trend.estimate, a.trend.low, a.trend.high));
  a.days.erase(a.days.begin(), a.days.begin() + static_cast<std::ptrdiff_t>(a.days.size() / 2));
}

}  // namespace retwin
