// Machines, which of them are alike, what came before each operation, and what lies between stations.
#include "core/telemetry/lines/finder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <utility>

#include "core/stats/fit.hpp"
#include "core/stats/intervals.hpp"

namespace retwin {
namespace {
constexpr std::size_t fewest_of_machine = 3;  // observations of a machine or a way that is believed
}  // namespace

/// Stamps are multiples of this from midnight of the first day.
void LineFinder::find_resolution() {
  std::vector<double> stamps;
  const double day = std::floor(log_.first_s() / 86400) * 86400;
  for (const LogEvent& e : log_.events) stamps.push_back(std::round((e.end_s - day) * 1e6) / 1e6);
  found_.resolution_s = detect_resolution(stamps);
}

// --- machines and stations

/// How much of the work of resources is the activity that each does most.
void LineFinder::find_own_activity() {
  std::vector<std::uint64_t> work;  // resource, activity
  for (const LogEvent& e : log_.events)
    if (e.resource != Names::absent) work.push_back(std::uint64_t{e.resource} << 32 | e.activity);
  std::sort(work.begin(), work.end());
  std::size_t own = 0, most = 0;
  for (std::size_t k = 0; k < work.size();) {
    const auto end = static_cast<std::size_t>(std::upper_bound(work.begin(), work.end(), work[k]) - work.begin());
    most = std::max(most, end - k);
    if (end == work.size() || work[end] >> 32 != work[k] >> 32) own += std::exchange(most, 0);
    k = end;
  }
  own_activity_ = work.empty() ? 1 : static_cast<double>(own) / static_cast<double>(work.size());
}

void LineFinder::find_machines() {
  std::map<std::uint32_t, std::map<std::uint32_t, std::vector<double>>> services;
  for (const LogEvent& e : log_.events) services[e.activity][e.resource].push_back(e.end_s - e.start_s);
  for (auto& [activity, of_resource] : services) add_stations(activity, {of_resource.begin(), of_resource.end()});
  for (std::uint32_t k = 0; k < log_.events.size(); ++k)
    visits_[k].station = station_of_.at({log_.events[k].activity, log_.events[k].resource});
}

/// Machines in order of their mean services, parted where neighbours differ.
void LineFinder::add_stations(std::uint32_t activity, std::vector<std::pair<std::uint32_t, std::vector<double>>> machines) {
  const auto mean = [](const std::vector<double>& x) {
    return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
  };
  for (auto& [resource, values] : machines)
    if (std::count(values.begin(), values.end(), 0.0) * 5 < static_cast<std::ptrdiff_t>(values.size())) std::erase(values, 0.0);
  std::stable_sort(machines.begin(), machines.end(),
                   [&](const auto& a, const auto& b) { return mean(a.second) < mean(b.second); });
  const double level = 1 - 0.01 / std::max<double>(1, static_cast<double>(machines.size()) - 1);
  const std::size_t first = found_.stations.size();
  for (std::size_t k = 0; k < machines.size(); ++k) {
    const auto& [resource, values] = machines[k];
    bool differs = k == 0;
    if (k > 0 && values.size() >= fewest_of_machine && machines[k - 1].second.size() >= fewest_of_machine) {
      const Interval d = welch_difference(values, machines[k - 1].second, level);
      differs = !d.contains(0) && d.mean > std::max(0.01 * mean(values), 0.1 * found_.resolution_s);
    }
    if (differs) found_.stations.emplace_back().activity = activity;
    if (resource != Names::absent) found_.stations.back().resources.push_back(resource);
    station_of_[{activity, resource}] = static_cast<std::uint32_t>(found_.stations.size() - 1);
  }
  for (std::size_t k = first; k < found_.stations.size(); ++k) {
    LineStation& station = found_.stations[k];
    station.name = log_.activities[activity];
    std::string names;
    for (const std::uint32_t resource : station.resources) names += (names.empty() ? "" : " + ") + log_.resources[resource];
    if (found_.stations.size() - first > 1) station.name += " / " + (names.empty() ? "(no machine)" : names);
  }
}

// --- what came before each start

void LineFinder::order_machines() {
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<std::uint32_t>> machines;
  for (std::uint32_t k = 0; k < log_.events.size(); ++k)
    machines[{log_.events[k].activity, log_.events[k].resource}].push_back(k);
  std::size_t overlaps = 0, pairs = 0;
  for (auto& [machine, events] : machines) {
    std::stable_sort(events.begin(), events.end(), [&](std::uint32_t a, std::uint32_t b) {
      return std::pair(log_.events[a].end_s, log_.events[a].start_s) < std::pair(log_.events[b].end_s, log_.events[b].start_s);
    });
    for (std::size_t k = 0; k < events.size(); ++k) {
      LineVisit& visit = visits_[events[k]];
      const LogEvent& event = log_.events[events[k]];
      visit.whole = event.end_s > event.start_s;
      if (k == 0) continue;
      visit.machine_before = events[k - 1];
      if (!visit.whole) continue;
      visit.gap_s = event.start_s - log_.events[events[k - 1]].end_s;
      ++pairs;
      if (visit.gap_s < -std::max(0.1, found_.resolution_s)) ++overlaps;
    }
  }
  overlaps_ = pairs == 0 ? 0 : static_cast<double>(overlaps) / static_cast<double>(pairs);
}

void LineFinder::order_parts() {
  by_lot_ = log_.by_lot();
  std::size_t pairs = 0, two_places = 0;  // begun before half of the operation before was over: no matter of clocks
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> links;
  std::vector<std::size_t> begun(found_.stations.size());
  for (const std::vector<std::uint32_t>& own : by_lot_) {
    if (!own.empty()) ++begun[visits_[own[0]].station];
    for (std::size_t k = 1; k < own.size(); ++k) {
      LineVisit& visit = visits_[own[k]];
      const LogEvent &before = log_.events[own[k - 1]], &now = log_.events[own[k]];
      ++pairs;
      two_places += now.start_s < before.end_s - 0.5 * std::min(before.end_s - before.start_s, now.end_s - now.start_s) ? 1 : 0;
      const auto [at, is_new] =
          links.try_emplace({visits_[own[k - 1]].station, visit.station}, static_cast<std::uint32_t>(found_.links.size()));
      if (is_new) {
        found_.links.emplace_back().from = at->first.first;
        found_.links.back().to = at->first.second;
      }
      ++found_.links[at->second].n;
      visit.part_before = own[k - 1];
      visit.link = at->second;
      if (visit.whole) visit.delay_s = log_.events[own[k]].start_s - log_.events[own[k - 1]].end_s;
    }
  }
  at_two_places_ = pairs == 0 ? 0 : static_cast<double>(two_places) / static_cast<double>(pairs);
  entry_ = static_cast<std::uint32_t>(std::max_element(begun.begin(), begun.end()) - begun.begin());
}

// --- zones

/// Links with a station in common lead into, or out of, one place; rare ones (below one in ten) are accidents.
void LineFinder::find_zones() {
  const std::size_t n = found_.stations.size();
  std::vector<std::size_t> root(2 * n);  // ends of stations, then their starts
  std::iota(root.begin(), root.end(), std::size_t{0});
  const auto top = [&](std::size_t k) {
    while (root[k] != k) k = root[k];
    return k;
  };
  std::vector<std::size_t> left(n);
  for (const LineLink& link : found_.links) left[link.from] += link.n;
  for (const LineLink& link : found_.links)
    if (link.n >= fewest_of_machine && 10 * link.n >= left[link.from] && !link.unlabelled) root[top(link.from)] = top(n + link.to);
  std::map<std::size_t, LineZone> zones;
  for (std::uint32_t k = 0; k < n; ++k) {
    zones[top(k)].from.push_back(k);
    zones[top(n + k)].to.push_back(k);
  }
  found_.zones.clear();
  for (auto& [key, zone] : zones)
    if (!zone.from.empty() && !zone.to.empty()) found_.zones.push_back(std::move(zone));
}

/// Parts in each zone over time; at one instant starts come first.
void LineFinder::count_zones() {
  std::vector<std::size_t> behind(found_.stations.size(), found_.zones.size()), before = behind;
  for (std::size_t z = 0; z < found_.zones.size(); ++z) {
    for (const std::uint32_t s : found_.zones[z].from) behind[s] = z;
    for (const std::uint32_t s : found_.zones[z].to) before[s] = z;
  }
  // a part without a next station is still between two if no later one of its station went on: else it has left the line
  std::vector<std::uint32_t> next(log_.events.size(), Names::absent);
  for (std::uint32_t k = 0; k < log_.events.size(); ++k)
    if (visits_[k].part_before != Names::absent) next[visits_[k].part_before] = k;
  std::vector<double> went_on(found_.stations.size(), -std::numeric_limits<double>::infinity());
  for (std::uint32_t k = 0; k < log_.events.size(); ++k)
    if (next[k] != Names::absent) went_on[visits_[k].station] = std::max(went_on[visits_[k].station], log_.events[k].end_s);
  struct Step {
    double time_s;
    bool end;
    std::uint32_t event;
    std::size_t zone;
    int change;
  };
  std::vector<Step> steps;
  std::vector<std::ptrdiff_t> held(found_.zones.size() + 1, 0);
  for (std::uint32_t k = 0; k < log_.events.size(); ++k) {
    const LineVisit& visit = visits_[k];
    const std::size_t from = before[visit.station], to = behind[visit.station];
    if (visit.part_before == Names::absent) ++held[from];  // there before the log began
    const bool came = visit.part_before == Names::absent || behind[visits_[visit.part_before].station] == from;
    const bool goes = next[k] == Names::absent ? log_.events[k].end_s >= went_on[visit.station] : before[visits_[next[k]].station] == to;
    steps.push_back({log_.events[k].start_s, false, k, from, came ? -1 : 0});
    steps.push_back({log_.events[k].end_s, true, k, to, goes ? 1 : 0});
  }
  std::stable_sort(steps.begin(), steps.end(),
                   [](const Step& x, const Step& y) { return std::pair(x.time_s, x.end) < std::pair(y.time_s, y.end); });
  std::vector<std::ptrdiff_t> most = held;
  std::vector<std::ptrdiff_t> after(log_.events.size());
  for (const Step& s : steps) {
    held[s.zone] += s.change;
    if (s.end) after[s.event] = held[s.zone];
    most[s.zone] = std::max(most[s.zone], held[s.zone]);
  }
  for (std::size_t z = 0; z < found_.zones.size(); ++z) {
    found_.zones[z].most = static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, most[z]));
    found_.zones[z].last = static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, held[z]));
  }
  for (LineVisit& v : visits_) {
    if (v.machine_before == Names::absent) continue;
    const std::size_t zone = behind[v.station];
    v.room = zone >= found_.zones.size() || after[v.machine_before] < most[zone];
  }
}

}  // namespace retwin
