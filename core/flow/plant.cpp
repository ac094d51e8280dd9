// The plant: what follows from its parts (offsets, hot records), and the state in which it starts.
#include "core/flow/plant.hpp"

#include <algorithm>

#include "core/flow/simulation.hpp"

namespace retwin {

namespace {
template <class T>
Index find_named(const std::vector<T>& list, std::string_view name) {
  for (std::size_t k = 0; k < list.size(); ++k)
    if (list[k].name == name) return static_cast<Index>(k);
  return none;
}
}  // namespace

Index Plant::find_station(std::string_view station_name) const { return find_named(stations, station_name); }
Index Plant::find_sink(std::string_view sink_name) const { return find_named(sinks, sink_name); }
Index Plant::find_source(std::string_view source_name) const { return find_named(sources, source_name); }

const std::string& Plant::node_name(Index node) const {
  return is_sink(node) ? sinks[node - n_stations()].name : stations[node].name;
}

namespace {

// What the hot path does not know: everything beyond one lot at a time through one phase of a plain distribution.
bool is_rare(const Station& s, const StationHot& hot) {
  const bool one_phase = s.phases.size() == 1 && s.phases[0].duration.distribution && s.phases[0].needs.empty() &&
                         s.phases[0].state == ServerState::working && !s.effort;
  return !one_phase || s.operation || s.special != Special::nothing || s.batch.rule != BatchRule::single || s.batch.merge ||
         s.setup.by >= 0 || s.changeover.given() || s.dispatch != Dispatch::fifo || s.buffer_kg >= 0 || s.mixed ||
         s.block_before || s.calendar != none || s.headway_s > 0 || !s.failures.empty() || s.ports.size() != 1 ||
         s.energy_J_per_job != 0 || s.energy_J_per_kg != 0 || !s.consumption.empty() || s.unlimited_servers ||
         s.routes[0].options.front().via != none || hot.servers == 0;
}

}  // namespace

void finish_plant(Plant& plant) {
  plant.hot.assign(plant.stations.size(), {});
  plant.n_servers = plant.n_ports = plant.n_clocks = plant.n_keys = 0;
  plant.n_memory = 0;
  for (std::size_t i = 0; i < plant.stations.size(); ++i) {
    Station& s = plant.stations[i];
    StationHot& hot = plant.hot[i];
    hot.stream = stream_id(s.name);
    hot.servers = s.servers;
    hot.capacity = s.buffer_places;
    hot.visit_slot = s.visit_slot;
    hot.first_server = plant.n_servers;
    plant.n_servers += hot.servers;
    s.first_port = plant.n_ports;
    plant.n_ports += static_cast<Index>(s.ports.size());
    s.first_clock = plant.n_clocks;
    plant.n_clocks += static_cast<Index>(s.failures.size()) * hot.servers;
    const bool keyed = s.batch.rule == BatchRule::count || s.batch.rule == BatchRule::mass;
    s.n_keys = !keyed ? 0 : s.batch.by < 0 ? 1 : static_cast<Index>(plant.attributes[static_cast<std::size_t>(s.batch.by)].categories.size()) + 1;
    s.first_key = plant.n_keys;
    plant.n_keys += s.n_keys;
    s.memory_per_server = s.operation ? s.operation->memory() : 0;
    s.first_memory = plant.n_memory;
    plant.n_memory += s.memory_per_server * hot.servers;
    if (!s.phases.empty() && s.phases[0].duration.distribution) {
      const Distribution& d = *s.phases[0].duration.distribution;
      hot.family = d.plain() && d.family() == Family::exponential ? 0 : d.plain() && d.is_constant() ? 1 : 2;
      hot.service_a = d.first_parameter();
    }
    if (s.ports.size() == 1 && s.routes[0].kind == RouteKind::single && s.routes[0].options.front().via == none)
      hot.target = s.routes[0].options.front().target;
    hot.rare = plant.n_components > 0 || is_rare(s, hot) ? 1 : 0;  // masses are accounted for by port
  }
  for (const Station& s : plant.stations) {  // whom a station reserves places with, or what moves with a goal, is not plain
    for (const Route& route : s.routes)
      for (const RouteOption& option : route.options) {
        if (s.block_before && !plant.is_sink(option.target)) plant.hot[option.target].rare = 1;
        if (option.via != none) plant.hot[option.via].rare = 1;
      }
  }
  plant.most_steps = 0;
  for (const Plan& plan : plant.plans) {
    plant.most_steps = std::max(plant.most_steps, plan.steps.size());
    for (const PlanStep& step : plan.steps)
      if (step.duration.given()) plant.hot[step.station].rare = 1;
  }
  for (Source& source : plant.sources) {
    for (const RouteOption& option : source.route.options) {
      if (option.via != none) plant.hot[option.via].rare = 1;
      const Index first = option.via != none ? option.via : option.target;
      if (source.arrivals == Arrivals::saturated && !plant.is_sink(first) && plant.hot[first].capacity == unlimited)
        plant.hot[first].capacity = 0;
    }
    source.simple = source.arrivals == Arrivals::renewal && !source.batch && source.limit == unlimited && source.until_s <= 0 &&
                    source.route.kind == RouteKind::single;
  }
}

State initial_state(const Plant& plant, std::uint64_t seed, std::uint64_t replication) {
  State s;
  s.key = replication_key(seed, replication);
  s.structure_hash = plant.structure_hash;
  s.parameter_hash = plant.parameter_hash;
  const std::size_t n_stations = plant.stations.size(), n_sources = plant.sources.size(), n_sinks = plant.sinks.size();
  s.servers.resize(plant.n_servers);
  s.stations.resize(n_stations);
  s.sources.resize(n_sources);
  s.pools.resize(plant.pools.size());
  s.clocks.resize(plant.n_clocks);
  s.calendar_on.resize(plant.calendars.size());
  s.calendar_event.resize(plant.calendars.size());
  s.key_count.resize(plant.n_keys);
  s.key_kg.resize(plant.n_keys);
  s.memory.resize(plant.n_memory);
  for (std::size_t i = 0; i < n_stations; ++i) {
    const Station& station = plant.stations[i];
    for (Index v = 0; v < plant.hot[i].servers; ++v) {
      s.server_station.push_back(static_cast<Index>(i));
      s.server_port.push_back(static_cast<Index>(s.port_head.size()));
      s.port_head.insert(s.port_head.end(), station.ports.size(), none);
      for (std::size_t m = 0; m < station.failures.size(); ++m) {
        ClockState& clock = s.clocks[station.first_clock + v * station.failures.size() + m];
        clock.mode = static_cast<Index>(m);
        if (v == 0 || !station.failures[m].whole_station) clock.server = plant.hot[i].first_server + v;
      }
    }
  }
  s.port_tail = s.port_head;
  Accounts& a = s.accounts;
  a.stations.resize(n_stations);
  a.sources.resize(n_sources + 1);
  a.sinks.resize(n_sinks);
  a.cycle_time.resize(n_sinks);
  a.metered.resize(n_stations * plant.flows.size());
  a.port_kg.resize(plant.n_ports * plant.n_components);
  a.port_lots.resize(plant.n_ports);
  a.source_kg.resize(n_sources * plant.n_components);
  a.sink_kg.resize(n_sinks * plant.n_components);
  a.initial_kg.resize(plant.n_components);
  a.created_kg.resize(n_stations * plant.n_components);
  a.transmuted_kg.resize(n_stations * plant.n_components);
  return s;
}

}  // namespace retwin
