// The plant: what follows from its parts (offsets, hot records).
#include "core/flow/plant/plant.hpp"

#include <algorithm>
#include <limits>
#include <map>

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

std::vector<Index> Plant::product_sinks() const {
  const auto those = [&](auto&& counts) {
    std::vector<Index> out;
    for (Index k = 0; k < sinks.size(); ++k)
      if (counts(sinks[k].role)) out.push_back(k);
    return out;
  };
  std::vector<Index> made = those([](const std::string& role) { return role == "product"; });
  if (made.empty()) made = those([](const std::string& role) { return role.empty(); });
  if (made.empty()) made = those([](const std::string& role) { return role != "internal"; });
  return made;
}

const std::string& Plant::node_name(Index node) const {
  return is_sink(node) ? sinks[node - n_stations()].name : stations[node].name;
}

namespace {

// Whether the hot path can leave a failure to the general one: what falls due by the calendar only.
bool by_calendar(const FailureMode& mode) { return mode.clock == FailureClock::calendar; }

// Pools that have units for all who can ask for them at one time, and are always on duty. Their units are taken and given back, but
// nobody ever waits.
void find_ample(Plant& plant) {
  std::vector<double> asked(plant.pools.size(), 0);
  constexpr double unbounded = std::numeric_limits<double>::infinity();
  const auto most = [&](const std::vector<const std::vector<Need>*>& ways, double servers) {  // a server is on one of these ways at a time
    std::map<Index, double> largest;
    for (const std::vector<Need>* needs : ways) {
      std::map<Index, double> here;
      for (const Need& need : *needs)
        for (const Index pool : need.pools) here[pool] += need.pools.size() == 1 ? need.count : unbounded;
      for (const auto& [pool, count] : here) largest[pool] = std::max(largest[pool], count);
    }
    for (const auto& [pool, count] : largest) asked[pool] += count * servers;
  };
  for (const Station& s : plant.stations) {
    const double servers = s.unlimited_servers ? unbounded : s.servers;
    std::vector<const std::vector<Need>*> work{&s.setup.needs, &s.changeover_needs}, repairs;
    for (const WorkPhase& phase : s.phases) work.push_back(&phase.needs);
    for (const FailureMode& mode : s.failures) repairs.push_back(&mode.needs);
    most(work, servers);
    most(repairs, servers);  // the crew of a job may stay while another one repairs its machine
  }
  for (std::size_t k = 0; k < plant.pools.size(); ++k) {
    Pool& pool = plant.pools[k];
    double always = 0;
    for (const PoolShift& shift : pool.shifts) always += shift.calendar == none ? shift.count : -unbounded;
    pool.ample = pool.speed == 1 && asked[k] <= always;
  }
}

// The only need of a station's work, if the hot path can see to it.
const Need* plain_need(const Plant& plant, const Station& s) {
  if (s.phases.size() != 1 || s.phases[0].needs.size() != 1) return nullptr;
  const Need& need = s.phases[0].needs[0];
  return need.pools.size() == 1 && plant.pools[need.pools[0]].ample ? &need : nullptr;
}

// What the hot path does not know: everything beyond one lot at a time through one phase of a plain distribution.
bool is_rare(const Station& s, const StationHot& hot) {
  const bool one_phase = s.phases.size() == 1 && s.phases[0].duration.distribution && (s.phases[0].needs.empty() || hot.pool != none) &&
                         s.phases[0].state == ServerState::working && s.phases[0].draws.empty() && s.phases[0].task == none && !s.effort;
  return !one_phase || !s.tasks_after.empty() || s.operation || s.special != Special::nothing || s.batch.rule != BatchRule::single || s.batch.merge ||
         s.setup.by >= 0 || s.changeover.given() || s.dispatch != Dispatch::fifo || s.patience || s.buffer_kg >= 0 || s.mixed ||
         s.block_before || s.calendar != none || s.headway_s > 0 || s.ports.size() != 1 || s.unlimited_servers ||
         !std::all_of(s.failures.begin(), s.failures.end(), by_calendar) || s.routes[0].options.front().via != none || hot.servers == 0;
}

}  // namespace

// Along the flow: from the sources through the ports and options of routes as they are given; then from the initial lots.
std::vector<Index> flow_order(const Plant& plant) {
  std::vector<Index> order;
  std::vector<std::uint8_t> found(plant.stations.size(), 0);
  const auto reach = [&](Index node) {
    if (node == none || plant.is_sink(node) || found[node]) return;
    found[node] = 1;
    order.push_back(node);
  };
  const auto follow = [&](const Route& route) {
    for (const RouteOption& option : route.options) {
      reach(option.via);
      reach(option.target);
    }
  };
  std::size_t next = 0;
  const auto go_on = [&] {
    for (; next < order.size(); ++next)
      for (const Route& route : plant.stations[order[next]].routes) follow(route);
  };
  for (const Source& source : plant.sources) follow(source.route);
  go_on();
  std::vector<const InitialLots*> initial;
  for (const InitialLots& lots : plant.initial) initial.push_back(&lots);
  std::stable_sort(initial.begin(), initial.end(), [](const InitialLots* a, const InitialLots* b) {
    return std::make_pair(a->count, a->remaining_s) > std::make_pair(b->count, b->remaining_s);
  });
  for (const InitialLots* lots : initial) {
    reach(lots->station);
    go_on();
  }
  for (Index station = 0; station < plant.n_stations(); ++station) reach(station);
  return order;
}

void rank_stations(Plant& plant) {
  plant.by_rank = flow_order(plant);
  std::stable_sort(plant.by_rank.begin(), plant.by_rank.end(),
                   [&](Index a, Index b) { return plant.stations[a].priority > plant.stations[b].priority; });
  plant.rank.resize(plant.stations.size());
  for (Index k = 0; k < plant.by_rank.size(); ++k) plant.rank[plant.by_rank[k]] = k;
}

void list_routes(Plant& plant) {
  plant.route_owners.clear();
  for (Index i = 0; i < plant.n_stations(); ++i)
    for (Index port = 0; port < plant.stations[i].ports.size(); ++port) plant.route_owners.push_back({i, port, none});
  for (Index source = 0; source < plant.sources.size(); ++source) plant.route_owners.push_back({none, 0, source});
  plant.choices_into.assign(plant.stations.size(), {});
  const auto enlist = [&](Index index) {
    const Route& route = plant.route(index);
    if (!route.chooses()) return;
    for (const RouteOption& option : route.options) {
      const Index gate = route.gate(option);
      if (plant.is_sink(gate)) continue;
      std::vector<Index>& into = plant.choices_into[gate];
      if (std::find(into.begin(), into.end(), index) == into.end()) into.push_back(index);
      plant.hot[gate].chosen = 1;
    }
  };
  for (const Index station : plant.by_rank)
    for (Index port = 0; port < plant.stations[station].ports.size(); ++port) enlist(plant.route_of_port(station, port));
  for (Index source = 0; source < plant.sources.size(); ++source) enlist(plant.route_of_source(source));
}

/// Utilities of which a phase takes while its work goes on limit one another. What is merely needed goes its own pace.
void join_utilities(Plant& plant) {
  std::vector<Index> root(plant.utilities.size());
  for (Index u = 0; u < root.size(); ++u) root[u] = u;
  for (const Station& station : plant.stations)
    for (const WorkPhase& phase : station.phases) {
      Index first = none;
      for (const Draw& draw : phase.draws) {
        if (draw.needed() || draw.gives()) continue;
        if (first == none) first = root[draw.utility];
        const Index gone = root[draw.utility];
        for (Index& one : root)
          if (one == gone) one = first;
      }
    }
  plant.circles.clear();
  plant.outages.clear();
  std::vector<Index> circle_of(root.size(), none);
  for (Index u = 0; u < root.size(); ++u) {
    Index& circle = circle_of[root[u]];
    if (circle == none) {
      circle = static_cast<Index>(plant.circles.size());
      plant.circles.emplace_back();
    }
    plant.circles[circle].push_back(u);
    plant.utilities[u].circle = circle;
    plant.utilities[u].first_outage = static_cast<Index>(plant.outages.size());
    for (Index k = 0; k < plant.utilities[u].outages.size(); ++k) plant.outages.push_back({u, none, k});
  }
  plant.standing.resize(plant.digital.devices.size() + plant.utilities.size());
  for (Index d = 0; d < plant.digital.devices.size(); ++d) {
    plant.digital.devices[d].first_outage = static_cast<Index>(plant.outages.size());
    for (Index k = 0; k < plant.digital.devices[d].outages.size(); ++k) plant.outages.push_back({none, d, k});
  }
}

void finish_plant(Plant& plant) {
  plant.patience = std::any_of(plant.stations.begin(), plant.stations.end(), [](const Station& s) { return s.patience.has_value(); });
  join_utilities(plant);
  plant.hot.assign(plant.stations.size(), {});
  plant.n_servers = plant.n_ports = plant.n_clocks = plant.n_keys = 0;
  plant.n_memory = 0;
  find_ample(plant);
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
    s.memory = s.operation ? s.operation->memory() : std::vector<MemoryField>();
    s.first_memory = plant.n_memory;
    plant.n_memory += s.memory.size() * hot.servers;
    if (!s.phases.empty() && s.phases[0].duration.distribution) {
      const Distribution& d = *s.phases[0].duration.distribution;
      hot.family = d.plain() && d.family() == Family::exponential ? 0 : d.plain() && d.is_constant() ? 1 : 2;
      hot.service_a = d.first_parameter();
    }
    if (s.ports.size() == 1 && s.routes[0].kind == RouteKind::single && s.routes[0].options.front().via == none)
      hot.target = s.routes[0].options.front().target;
    if (const Need* need = plain_need(plant, s)) {
      hot.pool = need->pools[0];
      hot.units = need->count;
    }
    hot.rare = is_rare(s, hot) ? 1 : 0;
    hot.stops = s.failures.empty() && hot.pool == none ? 0 : 1;
    const bool uses = s.energy_J_per_job != 0 || s.energy_J_per_kg != 0 || !s.consumption.empty();
    hot.meters = plant.n_components > 0 || uses ? 1 : 0;
    hot.books = hot.meters || hot.pool != none ? 1 : 0;
  }
  for (const Station& s : plant.stations) {  // whom a station reserves places with, or what moves with a goal, is not plain
    for (const Route& route : s.routes)
      for (const RouteOption& option : route.options) {
        if (s.block_before && !plant.is_sink(option.target)) plant.hot[option.target].rare = 1;
        if (option.via != none) plant.hot[option.via].rare = 1;
      }
  }
  rank_stations(plant);
  list_routes(plant);
  plant.visit_slots.clear();
  for (const StationHot& hot : plant.hot)
    if (hot.visit_slot != none) plant.visit_slots.push_back(hot.visit_slot);
  plant.blank.clear();
  for (const Attribute& attribute : plant.attributes) plant.blank.push_back(attribute.categories.empty() ? 0 : -1);
  plant.most_steps = 0;
  for (const Plan& plan : plant.plans) {
    plant.most_steps = std::max(plant.most_steps, plan.steps.size());
    for (const PlanStep& step : plan.steps)
      if (step.duration.given()) plant.hot[step.station].rare = 1;
  }
  for (Source& source : plant.sources) {
    for (const RouteOption& option : source.route.options) {
      if (option.via != none) plant.hot[option.via].rare = 1;
    }
    const bool one_way = source.route.kind == RouteKind::single && source.route.options.size() == 1;
    const bool endless = one_way && source.limit == unlimited && source.until_s <= 0;
    const bool direct = one_way && source.route.options.front().via == none;
    source.simple = endless && source.arrivals == Arrivals::renewal && !source.batch && !source.admit;
    source.plain_target = source.simple && direct && !plant.is_sink(source.route.options.front().target) ? source.route.options.front().target : none;
    source.unceasing = endless && direct && source.arrivals == Arrivals::saturated;
  }
}

}  // namespace retwin
