// Takeovers counted by pair of activities, against chance; then the number at work at each of them.
#include "core/telemetry/work/unseen_crews.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <map>
#include <numeric>
#include <queue>
#include <set>
#include <utility>

#include "core/base/constants.hpp"

namespace retwin {
namespace {

constexpr std::size_t fewest_takeovers = 20;  // takeovers of a crew
constexpr double least_links = 5;   // takeovers between two activities
constexpr double clearly = 3;       // times those expected by chance
constexpr double at_limit = 0.9, beyond_limit = 0.01, slack = 0.005;

/// Activities for which nobody is ever named.
std::vector<bool> unnamed(const EventLog& log) {
  std::vector<bool> result(log.activities.size(), true);
  for (const LogEvent& event : log.events)
    if (event.resource != Names::absent) result[event.activity] = false;
  return result;
}

/// Operations that did not begin as soon as their case allowed; of the first ones of cases it is not known when that was.
std::vector<std::uint32_t> waiting_operations(const EventLog& log, const std::vector<CasePlan>& plans,
                                              const std::vector<bool>& of_interest, double known_until_s) {
  std::vector<std::uint32_t> result;
  for (const CasePlan& plan : plans)
    for (const CasePlan::Step& step : plan.steps) {
      const LogEvent& event = log.events[step.event];
      if (!of_interest[event.activity] || event.start_s >= known_until_s) continue;
      double enabled = -std::numeric_limits<double>::infinity();
      for (const std::uint32_t k : step.after) enabled = std::max(enabled, log.events[plan.steps[k].event].end_s);
      if (event.start_s > enabled + stamp_instant_s) result.push_back(step.event);
    }
  return result;
}

/// By event: the activities of other lots' work that ends the moment it begins, for those that did not begin at once.
using Ended = std::vector<std::vector<std::uint32_t>>;

/// @param shift_s the log of ends is read so much later
Ended ended_at_starts(const EventLog& log, const std::vector<bool>& of_interest, const std::vector<std::uint32_t>& late,
                      double shift_s) {
  std::vector<std::pair<double, std::uint32_t>> ends;
  for (std::uint32_t k = 0; k < log.events.size(); ++k)
    if (of_interest[log.events[k].activity] && log.events[k].end_s > log.events[k].start_s)
      ends.emplace_back(log.events[k].end_s, k);
  std::sort(ends.begin(), ends.end());
  Ended ended(log.events.size());
  for (const std::uint32_t k : late) {
    const double at = log.events[k].start_s + shift_s;
    for (auto it = std::lower_bound(ends.begin(), ends.end(), std::pair{at - stamp_instant_s, 0u});
         it != ends.end() && it->first <= at + stamp_instant_s; ++it)
      if (const LogEvent& other = log.events[it->second]; other.lot != log.events[k].lot) ended[k].push_back(other.activity);
  }
  return ended;
}

using Groups = std::vector<std::uint32_t>;  // by activity: the least of those that belong together
using Pair = std::pair<std::uint32_t, std::uint32_t>;
using Pairs = std::map<Pair, double>;

/// How often work of one group begins as work of another ends and none of its own.
Pairs count_pairs(const EventLog& log, const std::vector<std::uint32_t>& late, const Ended& ended, const Groups& group) {
  Pairs pairs;
  for (const std::uint32_t k : late) {
    std::set<std::uint32_t> others;
    for (const std::uint32_t activity : ended[k]) others.insert(group[activity]);
    const std::uint32_t own = group[log.events[k].activity];
    if (others.contains(own)) continue;
    for (const std::uint32_t other : others) pairs[std::minmax(other, own)] += 1;
  }
  return pairs;
}

/// What the number at work is counted from.
struct Counting {
  const EventLog& log;
  const Ended& ended;
  double known_until_s;
  UnseenCrew crew_of(std::vector<std::uint32_t> activities) const;
};

/// Counts the lots at work after each instant at which some of these activities began, and keeps the crew that this shows.
UnseenCrew Counting::crew_of(std::vector<std::uint32_t> activities) const {
  UnseenCrew crew;
  crew.activities = std::move(activities);
  const auto ours = [&](std::uint32_t activity) {
    return std::binary_search(crew.activities.begin(), crew.activities.end(), activity);
  };
  std::vector<std::uint32_t> events;
  for (std::uint32_t k = 0; k < log.events.size(); ++k)
    if (ours(log.events[k].activity) && log.events[k].start_s < known_until_s) events.push_back(k);
  std::priority_queue<double, std::vector<double>, std::greater<>> at_work;  // their ends
  std::map<std::size_t, std::size_t> taken_over, begun;                      // by number at work
  for (std::size_t k = 0; k < events.size();) {
    const double now = log.events[events[k]].start_s;
    std::size_t next = k;
    while (next < events.size() && log.events[events[next]].start_s <= now + stamp_instant_s)
      at_work.push(log.events[events[next++]].end_s);
    while (!at_work.empty() && at_work.top() <= now + stamp_instant_s) at_work.pop();
    for (; k < next; ++k) {
      ++begun[at_work.size()];
      const std::vector<std::uint32_t>& just = ended[events[k]];
      if (std::any_of(just.begin(), just.end(), ours)) ++taken_over[at_work.size()], ++crew.takeovers;
    }
  }
  if (taken_over.empty()) return crew;
  const auto most =
      std::max_element(taken_over.begin(), taken_over.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  std::size_t beyond = 0;
  for (const auto& [number, n] : begun) beyond += number > most->first ? n : 0;
  crew.units = static_cast<double>(most->first);
  crew.at_limit = static_cast<double>(most->second) / static_cast<double>(crew.takeovers);
  crew.at_limit *= static_cast<double>(beyond) > beyond_limit * static_cast<double>(events.size()) ? 0 : 1;
  return crew;
}

/// Joins groups that take over from one another, those that do so most often first, unless their number at work then varies more
/// than before: where many times are round, work of others ends at the same instants too.
std::vector<UnseenCrew> together(const EventLog& log, const std::vector<bool>& of_interest,
                                 const std::vector<std::uint32_t>& late, const Ended& by_chance, const Counting& count) {
  Groups group(log.activities.size());
  std::iota(group.begin(), group.end(), 0u);
  std::map<std::uint32_t, UnseenCrew> crews;
  for (std::uint32_t activity = 0; activity < group.size(); ++activity)
    if (of_interest[activity]) crews[activity] = count.crew_of({activity});
  std::set<std::vector<std::uint32_t>> refused;
  for (bool more = true; more;) {
    more = false;
    const Pairs seen = count_pairs(log, late, count.ended, group);
    Pairs chance = count_pairs(log, late, by_chance, group);
    std::vector<std::pair<double, Pair>> links;
    for (const auto& [pair, n] : seen)
      if (n >= least_links && n >= clearly * chance[pair]) links.emplace_back(n, pair);
    std::sort(links.rbegin(), links.rend());
    for (const auto& [n, pair] : links) {
      const UnseenCrew &a = crews.at(pair.first), &b = crews.at(pair.second);
      std::vector<std::uint32_t> all;
      std::merge(a.activities.begin(), a.activities.end(), b.activities.begin(), b.activities.end(), std::back_inserter(all));
      if (refused.contains(all)) continue;
      UnseenCrew both = count.crew_of(all);
      const double apart = a.at_limit * static_cast<double>(a.takeovers) + b.at_limit * static_cast<double>(b.takeovers);
      if ((both.at_limit + slack) * static_cast<double>(a.takeovers + b.takeovers) < apart) {
        refused.insert(std::move(all));
        continue;
      }
      std::replace(group.begin(), group.end(), pair.second, pair.first);
      crews[pair.first] = std::move(both);
      crews.erase(pair.second);
      more = true;
      break;
    }
  }
  std::vector<UnseenCrew> result;
  for (auto& [least, crew] : crews) result.push_back(std::move(crew));
  return result;
}

}  // namespace

std::vector<UnseenCrew> find_unseen_crews(const EventLog& log, const std::vector<CasePlan>& plans, double known_until_s) {
  const std::vector<bool> of_interest = unnamed(log);
  if (std::none_of(of_interest.begin(), of_interest.end(), [](bool x) { return x; })) return {};
  const std::vector<std::uint32_t> late = waiting_operations(log, plans, of_interest, known_until_s);
  const Ended ended = ended_at_starts(log, of_interest, late, 0);
  const Ended by_chance = ended_at_starts(log, of_interest, late, week_s);
  std::vector<UnseenCrew> crews = together(log, of_interest, late, by_chance, {log, ended, known_until_s});
  std::erase_if(crews, [](const UnseenCrew& crew) { return crew.takeovers < fewest_takeovers || crew.at_limit < at_limit; });
  return crews;
}

}  // namespace retwin
