// Collecting series: who is where follows from what is told, not from the state.
#include "core/ledger/series.hpp"

#include <cmath>
#include <limits>

namespace retwin {
namespace {

std::size_t fields_of(const Plant& plant) {
  std::size_t fields = 0;
  for (const Station& station : plant.stations) fields += station.memory.size();
  return fields;
}

}  // namespace

SeriesCollector::SeriesCollector(const Plant& plant, const State& state, double every_s)
    : plant_(&plant), begin_s_(state.now), every_s_(every_s), wip_(state.accounts.wip.level()), servers_(plant.stations.size() * n_server_states),
      seen_(state.servers.size(), true), memory_(plant.stations.size()) {
  RETWIN_CHECK(every_s > 0);
  for (const StationAccount& account : state.accounts.stations) {
    queue_.push_back(account.queue.lots);
    content_.push_back(account.content.level());
  }
  for (std::size_t v = 0; v < state.servers.size(); ++v)
    ++servers_[state.server_station[v] * n_server_states + static_cast<std::size_t>(state.servers[v].shown)];
  for (const PoolState& pool : state.pools) {
    taken_.push_back(pool.taken);
    on_duty_.push_back(pool.capacity);
  }
  for (const SinkAccount& sink : state.accounts.sinks) sink_lots_.push_back(sink.lots);
  place(state);
}

/// Where the lots of a state are.
void SeriesCollector::place(const State& state) {
  const auto put = [&](Index lot, Index station, bool queued) {
    lots_[state.lots[lot].id] = {station, queued, !stands_for_step(state.lots[lot], lot)};
  };
  for (Index k = 0; k < plant_->n_stations(); ++k) {
    for (Index lot = state.stations[k].queue.head; lot != none; lot = state.lots[lot].next) put(lot, k, true);
    const Station& spec = plant_->stations[k];
    for (Index v = 0; v < plant_->hot[k].servers && !spec.memory.empty(); ++v) {
      const auto first = state.memory.begin() + static_cast<std::ptrdiff_t>(spec.first_memory + v * spec.memory.size());
      memory_[k][plant_->hot[k].first_server + v].assign(first, first + static_cast<std::ptrdiff_t>(spec.memory.size()));
    }
  }
  for (std::size_t v = 0; v < state.servers.size(); ++v) {
    const Index station = state.server_station[v];
    const Server& server = state.servers[v];
    for (Index lot = server.job, n = 0; lot != none && n < server.jobs_lots; lot = state.lots[lot].next, ++n) put(lot, station, false);
    for (std::size_t port = 0; port < plant_->stations[station].ports.size(); ++port)
      for (Index lot = state.outputs[state.server_port[v] + port].head; lot != none; lot = state.lots[lot].next) put(lot, station, false);
  }
}

// --- what is told ----------------------------------------------------------------------------------------------------------------

void SeriesCollector::lot_made(const Birth& birth) {
  if (birth.origin == Origin::tank) return;
  const bool counts = birth.origin != Origin::step;
  wip_ += counts ? 1 : 0;
  const bool here = birth.station != none && counts;  // what stands for a step enters by itself
  lots_[birth.lot.id] = {here ? birth.station : none, false, counts};
  if (here) ++content_[birth.station];
}

void SeriesCollector::lot_entered(double, Index station, const Lot& lot) {
  Whereabouts& at = lots_[lot.id];
  if (at.station != none) --content_[at.station];
  ++content_[station];
  ++queue_[station];
  at.station = station;
  at.queued = true;
}

void SeriesCollector::lot_ended(double, const Lot& lot, Index node, std::span<const double>) {
  const auto found = lots_.find(lot.id);
  const Whereabouts at = found == lots_.end() ? Whereabouts() : found->second;
  if (found != lots_.end()) lots_.erase(found);
  if (at.station != none) --content_[at.station];
  if (at.queued) --queue_[at.station];
  if (!at.counts) return;
  --wip_;
  if (plant_->is_sink(node) && node - plant_->n_stations() < sink_lots_.size()) ++sink_lots_[node - plant_->n_stations()];
}

void SeriesCollector::job_started(const JobRecord& job) {
  for (const JobLot& lot : job.inputs) {
    Whereabouts& at = lots_[lot.id];
    if (at.queued) --queue_[job.station];
    at.queued = false;
    if (at.station == job.station) continue;
    at.station = job.station;  // in service from the start
    ++content_[job.station];
  }
}

void SeriesCollector::job_finished(const JobRecord& job) {
  if (!job.memory.empty()) memory_[job.station][job.server] = job.memory;
}

void SeriesCollector::state_changed(double, Index station, Index server, ServerState from, ServerState to) {
  if (server >= seen_.size()) seen_.resize(server + std::size_t{1});
  double* const of = servers_.data() + station * n_server_states;
  if (seen_[server]) --of[static_cast<std::size_t>(from)];
  seen_[server] = true;
  ++of[static_cast<std::size_t>(to)];
}

void SeriesCollector::crew_changed(double, Index pool, double taken, double on_duty) {
  taken_[pool] = taken;
  on_duty_[pool] = on_duty;
}

void SeriesCollector::memory_renewed(double, Index station, Index server) {
  std::vector<double>& remembered = memory_[station][server];
  remembered.clear();
  for (const MemoryField& field : plant_->stations[station].memory) remembered.push_back(field.initial);
}

void SeriesCollector::plant_changed(double, const Plant& plant) { plant_ = &plant; }

// --- times -----------------------------------------------------------------------------------------------------------------------

void SeriesCollector::look(double until_s, bool including) {
  for (;;) {
    const double at_s = begin_s_ + static_cast<double>(looks_) * every_s_;
    if (at_s > until_s || (at_s == until_s && !including)) return;
    sample(at_s);
    ++looks_;
  }
}

void SeriesCollector::sample(double at_s) {
  const auto append = [](auto& series, const auto& levels) { series.insert(series.end(), levels.begin(), levels.end()); };
  series_.time_s.push_back(at_s);
  series_.wip.push_back(wip_);
  append(series_.queue, queue_);
  append(series_.content, content_);
  append(series_.servers, servers_);
  append(series_.taken, taken_);
  append(series_.on_duty, on_duty_);
  append(series_.sink_lots, sink_lots_);
  for (std::size_t k = 0; k < plant_->stations.size(); ++k) {
    const Station& station = plant_->stations[k];
    double power_W = 0;
    for (std::size_t s = 0; s < n_server_states; ++s) power_W += servers_[k * n_server_states + s] * station.power_W[s];
    series_.power_W.push_back(power_W);
    for (std::size_t f = 0; f < station.memory.size(); ++f) {
      double sum = 0;
      for (const auto& [server, fields] : memory_[k]) sum += fields[f];
      series_.memory.push_back(memory_[k].empty() ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(memory_[k].size()));
    }
  }
}

void add_levels(Series& series, const Plant& plant, const State& state) {
  series.time_s.push_back(state.now);
  series.wip.push_back(state.accounts.wip.level());
  for (const StationAccount& account : state.accounts.stations) {
    series.queue.push_back(account.queue.lots);
    series.content.push_back(account.content.level());
  }
  const std::size_t first = series.servers.size(), stations = plant.stations.size();
  series.servers.resize(first + stations * n_server_states);
  double* const servers = series.servers.data() + first;
  for (std::size_t v = 0; v < state.servers.size(); ++v)
    ++servers[state.server_station[v] * n_server_states + static_cast<std::size_t>(state.servers[v].shown)];
  for (std::size_t k = 0; k < stations; ++k) {
    double power_W = 0;
    for (std::size_t s = 0; s < n_server_states; ++s) power_W += servers[k * n_server_states + s] * plant.stations[k].power_W[s];
    series.power_W.push_back(power_W);
  }
  for (const PoolState& pool : state.pools) {
    series.taken.push_back(pool.taken);
    series.on_duty.push_back(pool.capacity);
  }
  for (const SinkAccount& sink : state.accounts.sinks) series.sink_lots.push_back(sink.lots);
}

// --- a table ---------------------------------------------------------------------------------------------------------------------

Table table_of(const Series& series, const Plant& plant) {
  struct Strided {
    const double* first;
    std::size_t step;
  };
  std::vector<Column> columns{number_column("time_s", "s", "from the start of the run"), number_column("wip", "lots", "in the plant")};
  std::vector<Strided> sources;
  const std::size_t times = series.time_s.size(), stations = plant.stations.size(), fields = fields_of(plant);
  const auto add = [&](std::string name, std::string unit, std::string doc, const std::vector<double>& values, std::size_t at, std::size_t step) {
    columns.push_back(number_column(std::move(name), std::move(unit), std::move(doc)));
    sources.push_back({values.data() + at, step});
  };
  std::size_t field = 0;
  for (std::size_t k = 0; k < stations; ++k) {
    const std::string path = "stations." + plant.stations[k].name + ".";
    add(path + "queue", "lots", "in its buffer", series.queue, k, stations);
    add(path + "content", "lots", "in its buffer and in service", series.content, k, stations);
    add(path + "power", "W", "by the states of its servers", series.power_W, k, stations);
    for (std::size_t s = 0; s < n_server_states; ++s) {
      bool any = false;
      for (std::size_t t = 0; t < times && !any; ++t) any = series.servers[(t * stations + k) * n_server_states + s] != 0;
      if (any) add(path + server_state_names[s], "servers", "in this state", series.servers, k * n_server_states + s, stations * n_server_states);
    }
    for (const MemoryField& remembered : plant.stations[k].memory)
      add(path + "memory." + remembered.name, si_unit(remembered.dimension), remembered.doc, series.memory, field++, fields);
  }
  for (std::size_t k = 0; k < plant.pools.size(); ++k) {
    add("resources." + plant.pools[k].name + ".taken", "units", "at work or held", series.taken, k, plant.pools.size());
    add("resources." + plant.pools[k].name + ".on_duty", "units", "on duty", series.on_duty, k, plant.pools.size());
  }
  for (const Sink& sink : plant.sinks) columns.push_back(integer_column("sinks." + sink.name + ".lots", "since the start of the run"));
  Table table(columns);
  for (std::size_t t = 0; t < times; ++t) {
    std::vector<Cell> row{series.time_s[t], series.wip[t]};
    for (const Strided& source : sources) row.emplace_back(source.first[t * source.step]);
    for (std::size_t k = 0; k < plant.sinks.size(); ++k) row.emplace_back(static_cast<std::int64_t>(series.sink_lots[t * plant.sinks.size() + k]));
    table.row(row);
  }
  return table;
}

}  // namespace retwin
