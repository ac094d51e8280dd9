// Maps from the names of one structure to those of another, and the accounts carried over with them.
#include <algorithm>
#include <unordered_map>

#include "core/flow/rebase/rebase.hpp"

namespace retwin {
namespace {

using List = std::vector<std::string>;
using Parts = std::vector<const Structure::Entry*>;

// A name that occurs several times (unnamed phases) stays at its place if it can.
IndexMap map_names(const List& from, const List& to) {
  std::unordered_map<std::string, Index> where;
  for (std::size_t k = to.size(); k-- > 0;) where[to[k]] = static_cast<Index>(k);
  IndexMap map(from.size(), none);
  for (std::size_t k = 0; k < from.size(); ++k) {
    if (k < to.size() && to[k] == from[k]) {
      map[k] = static_cast<Index>(k);
    } else if (const auto it = where.find(from[k]); it != where.end()) {
      map[k] = it->second;
    }
  }
  return map;
}

List names_of(const Parts& entries) {
  List names;
  for (const Structure::Entry* entry : entries) names.push_back(entry->name);
  return names;
}

/// Computers, then links.
List devices_of(const Structure& structure) {
  List names;
  for (const char* kind : {"host", "link"})
    for (const Structure::Entry* entry : structure.of(kind)) names.push_back(std::string(kind) + "." + entry->name);
  return names;
}

/// What the accounts keep of tanks: the mass of each, and what it holds of elements.
List levels_of(const Structure& structure) {
  List names;
  for (const Structure::Entry* entry : structure.of("tank")) {
    names.push_back(entry->name);
    for (const std::string& element : entry->list("elements")) names.push_back(entry->name + "." + element);
  }
  return names;
}

std::vector<StationLayout> layout_of(const Structure& structure) {
  std::vector<StationLayout> layouts;
  StationLayout at;
  for (const Structure::Entry* entry : structure.of("station")) {
    at.entry = entry;
    at.servers = static_cast<Index>(entry->number("servers"));
    at.ports = static_cast<Index>(entry->list("ports").size());
    at.modes = static_cast<Index>(entry->list("failures").size());
    at.keys = static_cast<Index>(entry->number("keys"));
    at.memory = entry->list("memory").size();
    layouts.push_back(at);
    at.first_server += at.servers;
    at.first_port += at.ports;
    at.first_clock += at.servers * at.modes;
    at.first_key += at.keys;
    at.first_memory += at.servers * at.memory;
  }
  return layouts;
}

// A table (row x column) whose rows and columns are mapped; `lost` takes the rows that are gone.
void carry(const std::vector<double>& old, const IndexMap& rows, const IndexMap& columns, std::vector<double>& fresh,
           std::size_t fresh_columns, std::vector<double>* lost = nullptr, double sign = 1) {
  for (std::size_t r = 0; r < rows.size(); ++r)
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (columns[c] == none) continue;
      const double value = old[r * columns.size() + c];
      if (rows[r] != none) {
        fresh[rows[r] * fresh_columns + columns[c]] = value;
      } else if (lost) {
        (*lost)[columns[c]] += sign * value;
      }
    }
}

template <class T>
void carry(const std::vector<T>& old, const IndexMap& map, std::vector<T>& fresh) {
  for (std::size_t k = 0; k < map.size(); ++k)
    if (map[k] != none) fresh[map[k]] = old[k];
}

void pool(SourceAccount& into, const SourceAccount& other) {
  into.made += other.made;
  into.lost += other.lost;
  into.left += other.left;
  into.kg_made += other.kg_made;
  into.kg_lost += other.kg_lost;
  into.cycle_time += other.cycle_time;
  into.waiting += other.waiting;
}

}  // namespace

NameMaps::NameMaps(const Structure& from, const Structure& to) : old_stations(layout_of(from)), new_stations(layout_of(to)) {
  const auto map = [&](const char* kind) { return map_names(names_of(from.of(kind)), names_of(to.of(kind))); };
  stations = map("station");
  sources = map("source");
  sinks = map("sink");
  tanks = map("tank");
  tank_levels = map_names(levels_of(from), levels_of(to));
  pools = map("pool");
  utilities = map("utility");
  devices = map_names(devices_of(from), devices_of(to));
  tasks = map("task");
  new_devices = static_cast<Index>(devices_of(to).size());
  calendars = map("calendar");
  attributes = map("attribute");
  kinds = map("kind");
  flows = map("flow");
  components = map("component");
  old_sources = from.of("source");
  new_sinks = static_cast<Index>(to.of("sink").size());
  new_flows = static_cast<Index>(to.of("flow").size());
  new_components = static_cast<Index>(to.of("component").size());
  const Parts attributes_there = to.of("attribute");
  for (std::size_t i = 0; i < stations.size(); ++i) {
    const auto lists = [&](const char* fact) {
      if (stations[i] == none) return IndexMap();
      return map_names(old_stations[i].entry->list(fact), new_stations[stations[i]].entry->list(fact));
    };
    ports.push_back(lists("ports"));
    modes.push_back(lists("failures"));
    phases.push_back(lists("phases"));
  }
  const Parts attributes_here = from.of("attribute");
  for (std::size_t a = 0; a < attributes.size(); ++a) {
    const List gone;
    const List& now = attributes[a] == none ? gone : attributes_there[attributes[a]]->list("categories");
    categories.push_back(map_names(attributes_here[a]->list("categories"), now));
  }
}

Index NameMaps::old_servers() const {
  return old_stations.empty() ? 0 : old_stations.back().first_server + old_stations.back().servers;
}

Index NameMaps::old_ports() const {
  return old_stations.empty() ? 0 : old_stations.back().first_port + old_stations.back().ports;
}

Index NameMaps::route(Index old, const Plant& to) const {
  if (old == none) return none;
  if (old >= old_ports()) {
    const Index source = old - old_ports();
    return source < sources.size() && sources[source] != none ? to.route_of_source(sources[source]) : none;
  }
  for (std::size_t i = 0; i < old_stations.size(); ++i) {
    const Index port = old - old_stations[i].first_port;
    if (old < old_stations[i].first_port || port >= old_stations[i].ports) continue;
    return stations[i] == none || ports[i][port] == none ? none : to.route_of_port(stations[i], ports[i][port]);
  }
  return none;
}

Index NameMaps::node(Index old) const {
  if (old < stations.size()) return stations[old];
  const std::size_t sink = old - stations.size();
  return sink < sinks.size() && sinks[sink] != none ? static_cast<Index>(new_stations.size()) + sinks[sink] : none;
}

Index NameMaps::origin(Index old) const {
  const std::size_t nodes = stations.size() + sinks.size();
  if (old < nodes) return node(old);
  const std::size_t source = old - nodes;
  if (source >= sources.size() || sources[source] == none) return none;
  return static_cast<Index>(new_stations.size()) + new_sinks + sources[source];
}

Accounts rebase_accounts(const Accounts& old, const NameMaps& maps, Accounts fresh) {
  const IndexMap single(1, 0);
  IndexMap ports;
  for (std::size_t i = 0; i < maps.stations.size(); ++i)
    for (Index p = 0; p < maps.old_stations[i].ports; ++p) {
      const Index port = maps.stations[i] == none ? none : maps.ports[i][p];
      ports.push_back(port == none ? none : maps.new_stations[maps.stations[i]].first_port + port);
    }
  carry(old.stations, maps.stations, fresh.stations);
  carry(old.queue_times, maps.stations, fresh.queue_times);
  carry(old.kg_times, maps.stations, fresh.kg_times);
  carry(old.sources, maps.sources, fresh.sources);
  fresh.sources.back() = old.sources.back();
  for (std::size_t k = 0; k < maps.sources.size(); ++k)
    if (maps.sources[k] == none) pool(fresh.sources.back(), old.sources[k]);
  carry(old.sinks, maps.sinks, fresh.sinks);
  carry(old.cycle_time, maps.sinks, fresh.cycle_time);
  carry(old.metered, maps.stations, maps.flows, fresh.metered, maps.new_flows);
  const std::size_t n = maps.new_components;
  carry(old.initial_kg, single, maps.components, fresh.initial_kg, n);
  carry(old.port_kg, ports, maps.components, fresh.port_kg, n);
  carry(old.port_lots, ports, single, fresh.port_lots, 1);
  carry(old.source_kg, maps.sources, maps.components, fresh.source_kg, n, &fresh.initial_kg);
  carry(old.sink_kg, maps.sinks, maps.components, fresh.sink_kg, n, &fresh.initial_kg, -1);
  carry(old.created_kg, maps.stations, maps.components, fresh.created_kg, n, &fresh.initial_kg);
  carry(old.transmuted_kg, maps.stations, maps.components, fresh.transmuted_kg, n, &fresh.initial_kg);
  carry(old.utilities, maps.utilities, fresh.utilities);
  carry(old.devices, maps.devices, fresh.devices);
  IndexMap standing = maps.devices;  // then utilities
  for (const Index utility : maps.utilities) standing.push_back(utility == none ? none : maps.new_devices + utility);
  carry(old.standing, standing, fresh.standing);
  carry(old.tasks, maps.tasks, fresh.tasks);
  carry(old.task_latency, maps.tasks, fresh.task_latency);
  carry(old.tanks, maps.tanks, fresh.tanks);
  carry(old.tank_kg, maps.tanks, maps.components, fresh.tank_kg, n);
  carry(old.tank_levels, maps.tank_levels, fresh.tank_levels);
  fresh.job_J = old.job_J;
  fresh.wip = old.wip;
  fresh.wip_cycle_sum = old.wip_cycle_sum;
  fresh.events = old.events;
  fresh.completions = old.completions;
  return fresh;
}

}  // namespace retwin
