// Hours and days of the calendar, counted by who is there.
#include "core/telemetry/work/turns.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>

#include "core/base/constants.hpp"

namespace retwin {
namespace {

constexpr double arranged = 1.0 / 3;   // of the variance by chance
constexpr double most_slots = 0.98;    // so many of them have no more
constexpr double going_home_s = 1800;  // who still finishes what was begun is relieved already: the hour counts only if half of it was worked

/// Into what the calendar is cut.
struct Slots {
  double length_s;
  std::int64_t of_week;
  std::int64_t still_there;  ///< between two pieces of work
  std::size_t fewest;        ///< with work: less tells nothing
};
constexpr Slots by_hour{hour_s, 168, 2, 40};
constexpr Slots days{day_s, 7, 0, 20};

/// Those in which somebody is there, in order.
std::vector<std::int64_t> there_in(const Slots& slots, const EventLog& log, const std::vector<std::uint32_t>& events) {
  std::set<std::int64_t> result;
  std::int64_t last = 0;
  for (const std::uint32_t k : events) {
    const auto slot_of = [&](double time_s) { return static_cast<std::int64_t>(std::floor(time_s / slots.length_s)); };
    const std::int64_t from = slot_of(log.events[k].start_s), to = slot_of(std::max(log.events[k].start_s, log.events[k].end_s - going_home_s));
    const bool went_on = !result.empty() && from > last && from - last <= slots.still_there + 1;
    for (std::int64_t h = went_on ? last + 1 : from; h <= std::min(to, from + slots.of_week); ++h) result.insert(h);
    last = std::max(last, to);
  }
  return {result.begin(), result.end()};
}

std::size_t there_at_a_time(const Slots& slots, const EventLog& log, const std::vector<const std::vector<std::uint32_t>*>& events) {
  std::vector<std::vector<std::int64_t>> there;
  std::set<std::int64_t> ever;  // slots of the week in which anybody ever is
  std::int64_t first = 0, last = 0;
  const auto in_week = [&](std::int64_t slot) { return (slot % slots.of_week + slots.of_week) % slots.of_week; };
  for (const auto* own : events) {
    there.push_back(there_in(slots, log, *own));
    if (there.back().empty()) return events.size();
    const bool begins = there.size() == 1;
    first = begins ? there.back().front() : std::min(first, there.back().front());
    last = begins ? there.back().back() : std::max(last, there.back().back());
    for (const std::int64_t slot : there.back()) ever.insert(in_week(slot));
  }
  std::vector<double> number(static_cast<std::size_t>(last - first + 1));
  for (const auto& own : there)
    for (const std::int64_t slot : own) number[static_cast<std::size_t>(slot - first)] += 1;
  std::vector<double> open;  // how many are there, in slots in which somebody may be
  for (std::size_t k = 0; k < number.size(); ++k)
    if (ever.contains(in_week(first + static_cast<std::int64_t>(k)))) open.push_back(number[k]);
  const double n = static_cast<double>(open.size());
  double by_chance = 0, mean = 0, variance = 0;
  for (const auto& own : there) {
    const double p = static_cast<double>(own.size()) / n;
    by_chance += p * (1 - p);
    mean += p;
  }
  for (const double x : open) variance += (x - mean) * (x - mean) / n;
  std::vector<double> busy;
  std::copy_if(open.begin(), open.end(), std::back_inserter(busy), [](double x) { return x > 0; });
  if (busy.size() < slots.fewest || !(variance < arranged * by_chance)) return events.size();
  std::sort(busy.begin(), busy.end());
  const auto at = static_cast<std::size_t>(std::ceil(most_slots * static_cast<double>(busy.size()))) - 1;
  return std::min(events.size(), static_cast<std::size_t>(busy[std::min(at, busy.size() - 1)]));
}

}  // namespace

std::size_t there_at_a_time(const EventLog& log, const std::vector<const std::vector<std::uint32_t>*>& events) {
  if (events.size() < 2) return events.size();
  return std::min(there_at_a_time(by_hour, log, events), there_at_a_time(days, log, events));
}

}  // namespace retwin
