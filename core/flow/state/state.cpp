// The state in which a plant starts, how its accounts are settled, and lines of waiting lots in it.
#include "core/flow/state/state.hpp"

#include <algorithm>
#include <cmath>

namespace retwin {

State initial_state(const Plant& plant, std::uint64_t seed, std::uint64_t replication) {
  State s;
  s.key = replication_key(seed, replication);
  s.structure_hash = plant.structure_hash;
  s.parameter_hash = plant.parameter_hash;
  const std::size_t n_stations = plant.stations.size(), n_sources = plant.sources.size(), n_sinks = plant.sinks.size();
  s.servers.resize(plant.n_servers);
  s.stations.resize(n_stations);
  s.sources.resize(n_sources);
  s.routes.resize(plant.n_ports + n_sources);
  s.pools.resize(plant.pools.size());
  s.clocks.resize(plant.n_clocks);
  s.calendar_on.resize(plant.calendars.size());
  s.calendar_event.resize(plant.calendars.size());
  s.key_count.resize(plant.n_keys);
  s.key_kg.resize(plant.n_keys);
  s.memory.reserve(plant.n_memory);
  for (std::size_t i = 0; i < n_stations; ++i) {
    const Station& station = plant.stations[i];
    for (Index v = 0; v < plant.hot[i].servers; ++v) {
      s.server_station.push_back(static_cast<Index>(i));
      s.server_port.push_back(static_cast<Index>(s.outputs.size()));
      s.outputs.resize(s.outputs.size() + station.ports.size());
      for (const MemoryField& field : station.memory) s.memory.push_back(field.initial);
      for (std::size_t m = 0; m < station.failures.size(); ++m) {
        ClockState& clock = s.clocks[station.first_clock + v * station.failures.size() + m];
        clock.mode = static_cast<Index>(m);
        if (v == 0 || !station.failures[m].whole_station) clock.server = plant.hot[i].first_server + v;
      }
    }
  }
  Accounts& a = s.accounts;
  a.stations.resize(n_stations);
  a.queue_times.resize(n_stations);
  a.kg_times.resize(n_stations);
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
  if (!plant.utilities.empty()) {
    s.server_pulls.resize(plant.n_servers);
    s.drawn.resize(plant.n_servers * plant.utilities.size());
    s.circles.resize(plant.circles.size());
    s.wanted.resize(plant.utilities.size());
    s.fed.resize(plant.utilities.size());
    s.stores.resize(plant.utilities.size());
    for (std::size_t u = 0; u < plant.utilities.size(); ++u) s.stores[u].level = plant.utilities[u].storage.start * plant.utilities[u].storage.amount;
    a.utilities.resize(plant.utilities.size());
  }
  s.outages.resize(plant.outages.size());
  a.devices.resize(plant.digital.devices.size());
  a.standing.resize(plant.digital.devices.size() + plant.utilities.size());
  if (!plant.digital.tasks.empty()) {
    s.awaited.resize(plant.n_servers);
    s.task_clocks.resize(plant.digital.tasks.size());
    a.tasks.resize(plant.digital.tasks.size());
    a.task_latency.resize(plant.digital.tasks.size());
  }
  s.tanks.resize(plant.tanks.size());
  s.tank_kg.resize(plant.tanks.size() * plant.n_components);
  a.tanks.resize(plant.tanks.size());
  a.tank_kg.resize(plant.tanks.size() * plant.n_components);
  if (!plant.tanks.empty()) a.tank_levels.resize(plant.tanks.back().first_level + 1 + plant.tanks.back().elements.size());
  return s;
}

void Accounts::many_queued(Index station, Index lots, double stay_s) { queue_times[station].add(lots, stay_s); }

void Accounts::settle(double now_s) {
  for (Index k = 0; k < stations.size(); ++k) {
    StationAccount& account = stations[k];
    const double stay_s = now_s - account.queue.since_s;
    if (account.queue.lots < few_queued) account.queue_s[account.queue.lots] += stay_s;
    else many_queued(k, account.queue.lots, stay_s);
    account.queue.since_s = now_s;
    add_kg(k, now_s, 0);
  }
}

void Accounts::add_job_J(double begin_s, double end_s, double clock0_s, double J) {
  const double offset = clock0_s - std::floor(clock0_s / quarter_s) * quarter_s;
  const auto quarter = [&](double time_s) { return static_cast<std::size_t>(std::max(0.0, (time_s + offset) / quarter_s)); };
  const std::size_t first = quarter(begin_s), last = quarter(end_s);
  if (last >= most_quarters) return;
  if (last >= job_J.size()) job_J.resize(last + 1);
  const double W = J / (end_s - begin_s);
  double from_s = begin_s;
  for (std::size_t k = first; k < last; ++k) {
    const double to_s = static_cast<double>(k + 1) * quarter_s - offset;
    job_J[k] += W * (to_s - from_s);
    from_s = to_s;
  }
  job_J[last] += end_s > begin_s ? W * (end_s - from_s) : J;
}

double Accounts::queue_integral(Index station) const {
  double sum = queue_times[station].integral();
  for (Index lots = 1; lots < few_queued; ++lots) sum += lots * stations[station].queue_s[lots];
  return sum;
}

void settle_tank(const Plant& plant, const State& state, std::size_t index, Accounts& accounts) {
  const Tank& spec = plant.tanks[index];
  const TankState& tank = state.tanks[index];
  const double stay_s = state.now - tank.since_s;
  if (stay_s <= 0) return;
  LevelTimes* levels = accounts.tank_levels.data() + spec.first_level;
  (levels++)->add(tank.kg, stay_s);
  if (!(tank.kg > 0)) return;
  const Substances& substances = plant.substances;
  const double* const kg = state.tank_kg.data() + index * plant.n_components;
  for (const std::size_t element : spec.elements) {
    double of_element = 0;
    for (std::size_t c = 0; c < plant.n_components; ++c)
      if (kg[c] > 0) of_element += kg[c] * substances.fraction[c * substances.elements.size() + element];
    (levels++)->add(of_element / tank.kg * 1e6, stay_s);
  }
}

const Draw* draw_of(const std::vector<Draw>& draws, const Pull& pull) {
  Index k = 0;
  for (const Draw& draw : draws)
    if (draw.needed() && pull.item > 0 && ++k == pull.item) return &draw;
  return nullptr;
}

std::vector<Draw>::const_iterator main_draw(const std::vector<Draw>& draws) {
  const auto along = std::find_if(draws.begin(), draws.end(), [](const Draw& draw) { return !draw.needed() && !draw.gives(); });
  return along != draws.end() ? along : std::find_if(draws.begin(), draws.end(), [](const Draw& draw) { return draw.gives(); });
}

void settle_store(const State& state, std::size_t utility, Accounts& accounts) {
  const StoreState& store = state.stores[utility];
  const double stay_s = state.now - store.since;
  accounts.utilities[utility].kept += stay_s * (store.level + store.rate * stay_s / 2);
  accounts.utilities[utility].given += store.gives * stay_s;
}

double phase_ahead(const State& state, Index server) {
  double ahead = 0;
  for (Index k = state.server_pulls[server].first; k != none; k = state.pulls[k].next) {
    const Pull& pull = state.pulls[k];
    ahead = std::max(ahead, std::max(0.0, pull.left - pull.rate * (state.now - pull.since)) / pull.bound);
  }
  return ahead;
}

void withdraw_from_line(State& state, Index station, Index lot) {
  StationState& st = state.stations[station];
  if (st.line.remove(state.lots, lot)) --st.blocked;
  else st.offers.remove(state.lots, lot);
}

}  // namespace retwin
