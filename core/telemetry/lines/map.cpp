// Stations of a scenario by the names of a log, and the ways between them.
#include "core/telemetry/lines/map.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

#include "core/base/problem.hpp"
#include "core/telemetry/log/names.hpp"

namespace retwin {

std::string line_name(std::string_view name) {
  std::string result = scenario_name(name);
  for (char& c : result)
    if (std::string_view(":{}[]#,&*!|<>'\"%@`?~=/\\()").find(c) != std::string_view::npos) c = '_';
  for (std::size_t at = result.find("___"); at != std::string::npos; at = result.find("___"))
    result.replace(at, std::min(result.find_first_not_of('_', at), result.size()) - at, "_");
  return result;
}

namespace {

/// The station of an activity and a resource: called like both, the resource, or the activity; of several machines together, the
/// one that begins like the activity and names the resource.
Index find_machine(const Plant& plant, const EventLog& log, std::uint32_t activity, std::uint32_t resource) {
  const std::string what = line_name(log.activities[activity]);
  const std::string who = resource == Names::absent ? std::string() : line_name(log.resources[resource]);
  if (!who.empty()) {
    for (const std::string& name : {what + "_" + who, who})
      if (const Index station = plant.find_station(name); station != none) return station;
    for (Index s = 0; s < plant.n_stations(); ++s)
      for (const std::string& end : {"_" + who, "_" + who + "_"})
        if (const std::string& name = plant.stations[s].name;
            name.starts_with(what + "_") &&
            (name.ends_with("_" + who) || (end.back() == '_' && name.find(end) != std::string::npos)))
          return s;
  }
  const Index station = plant.find_station(what);
  return station != none ? station : plant.find_station(scenario_name(log.activities[activity]));
}

}  // namespace

LineMap::LineMap(const Plant& plant, const EventLog& log) : machine_(plant.stations.size()) {
  for (const std::vector<LogEvent>* events : {&log.events, &log.unfinished})
    for (const LogEvent& e : *events) {
      const auto [at, is_new] = station_of_.try_emplace({e.activity, e.resource}, none);
      if (is_new) at->second = find_machine(plant, log, e.activity, e.resource);
      if (at->second != none) machine_[at->second] = true;
    }
  if (std::none_of(machine_.begin(), machine_.end(), [](bool machine) { return machine; })) {
    Place place;
    place.file = log.source;
    throw InputError({{Code::unknown_name,
                       Severity::error,
                       place,
                       {},
                       "no station of the scenario is called like an activity or a resource of the log",
                       "is it the scenario of this log?"}});
  }
  std::vector<Index> over;
  for (Index s = 0; s < plant.n_stations(); ++s)
    if (machine_[s]) follow(plant, s, s, over);
  find_zones(plant);
  find_labels(plant, log);
}

Index LineMap::station_of(const LogEvent& event) const {
  const auto found = station_of_.find({event.activity, event.resource});
  return found == station_of_.end() ? none : found->second;
}

/// Ways from a machine through stations that are none.
void LineMap::follow(const Plant& plant, Index from, Index station, std::vector<Index>& over) {
  const auto end = [&](Index to) {
    if (way(from, to) != nullptr) return;
    LineWay found{from, to, over, 0};
    for (const Index s : over) found.transport_s += plant.stations[s].mean_s;
    ways_.push_back(std::move(found));
  };
  const auto go_to = [&](Index node) {
    if (plant.is_sink(node)) return end(none);
    if (machine_[node]) return end(node);
    if (std::find(over.begin(), over.end(), node) != over.end()) return;
    over.push_back(node);
    follow(plant, from, node, over);
    over.pop_back();
  };
  for (const Route& route : plant.stations[station].routes)
    for (const RouteOption& option : route.options) {
      if (option.via == none) {
        go_to(option.target);
        continue;
      }
      over.push_back(option.via);
      if (plant.is_sink(option.target)) end(none);
      else if (machine_[option.target]) end(option.target);
      else go_to(option.target);
      over.pop_back();
    }
}

const LineWay* LineMap::way(Index from, Index to) const {
  const auto found = std::find_if(ways_.begin(), ways_.end(), [&](const LineWay& w) { return w.from == from && w.to == to; });
  return found == ways_.end() ? nullptr : &*found;
}

std::vector<const LineWay*> LineMap::ways_from(Index machine) const {
  std::vector<const LineWay*> result;
  for (const LineWay& way : ways_)
    if (way.from == machine) result.push_back(&way);
  return result;
}

void LineMap::find_zones(const Plant& plant) {
  const std::size_t n = plant.stations.size();
  std::vector<std::size_t> root(2 * n);  // ends of machines, then their starts
  std::iota(root.begin(), root.end(), std::size_t{0});
  const auto top = [&](std::size_t k) {
    while (root[k] != k) k = root[k];
    return k;
  };
  for (const LineWay& way : ways_)
    if (way.to != none) root[top(way.from)] = top(n + way.to);
  behind_.assign(n, none);
  before_.assign(n, none);
  std::map<std::size_t, Index> zones;
  for (const LineWay& way : ways_) {
    if (way.to == none) continue;
    const auto [at, is_new] = zones.try_emplace(top(way.from), static_cast<Index>(zones_.size()));
    if (is_new) zones_.emplace_back();
    behind_[way.from] = before_[way.to] = at->second;
  }
  for (Index s = 0; s < n; ++s)
    if (before_[s] != none) {
      std::string& name = zones_[before_[s]];
      name += (name.empty() ? "before " : ", ") + plant.stations[s].name;
    }
}

void LineMap::find_labels(const Plant& plant, const EventLog& log) {
  std::vector<std::size_t> first(plant.stations.size());
  std::size_t on = 0, off = 0;
  for (const std::vector<std::uint32_t>& own : log.by_lot()) {
    for (std::size_t k = 0; k < own.size(); ++k) {
      const Index s = station_of(log.events[own[k]]);
      if (s == none) continue;
      if (k == 0) ++first[s];
      if (plant.stations[s].special == Special::lap) ++(k + 1 < own.size() ? on : off);
    }
  }
  labels_kept_ = on > off;
  const auto most = std::max_element(first.begin(), first.end());
  if (most != first.end() && *most > 0) entry_ = static_cast<Index>(most - first.begin());
  for (const LineWay& way : ways_)  // in a closed line parts begin where the lap ends
    if (way.to != none && plant.stations[way.from].special == Special::lap) entry_ = way.to;
}

}  // namespace retwin
