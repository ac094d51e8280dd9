// Windows: differences of readings.
#include "core/ledger/window.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace retwin {
namespace {

constexpr std::size_t at(ServerState state) { return static_cast<std::size_t>(state); }

double relative(double difference, double scale) {
  if (difference == 0) return 0;
  return std::abs(difference) / std::max(std::abs(scale), std::numeric_limits<double>::min());
}

double row_sum(const std::vector<double>& table, std::size_t row, std::size_t columns) {
  double sum = 0;
  for (std::size_t c = 0; c < columns; ++c) sum += table[row * columns + c];
  return sum;
}

/// Sum of one column (a component) over the rows of a table.
double column_sum(const std::vector<double>& table, std::size_t column, std::size_t columns) {
  double sum = 0;
  for (std::size_t i = column; i < table.size(); i += columns) sum += table[i];
  return sum;
}

}  // namespace

Window::Window(const Plant& plant, Reading begin)
    : plant_(&plant),
      begin_(std::move(begin)),
      end_(begin_),
      by_state_J_(plant.stations.size() * n_server_states),
      used_(plant.stations.size() * plant.flows.size()) {}

void Window::extend(const Plant& plant, Reading end) {
  for (std::size_t k = 0; k < plant.stations.size(); ++k) {
    const Station& station = plant.stations[k];
    double* used = used_.data() + k * plant.flows.size();
    for (std::size_t s = 0; s < n_server_states; ++s) {
      const double time = end.accounts.stations[k].time_in[s] - end_.accounts.stations[k].time_in[s];
      const double energy = station.power_W[s] * time;
      by_state_J_[k * n_server_states + s] += energy;
      used[plant.electricity] += energy;
      for (const Consumption& consumption : station.consumption) used[consumption.flow] += consumption.per_s[s] * time;
    }
  }
  for (std::size_t k = 0; k < plant.standing.size(); ++k) {
    const auto& [station, flow] = plant.standing[k];
    if (station != none) used_[station * plant.flows.size() + flow] += end.accounts.standing[k].value(end.at_s) - end_.accounts.standing[k].value(end_.at_s);
  }
  end_ = std::move(end);
}

// --- stations ------------------------------------------------------------------------------------------------------------------

/// Time that a utility has taken from work is that beyond the work that was done meanwhile.
std::array<double, n_server_states> Window::time_in(Index station) const {
  std::array<double, n_server_states> out{};
  for (std::size_t s = 0; s < n_server_states; ++s) out[s] = time_in(station, static_cast<ServerState>(s));
  return out;
}

double Window::time_in(Index station, ServerState state) const {
  const double shown = end_.accounts.stations[station].time_in[at(state)] - begin_.accounts.stations[station].time_in[at(state)];
  if (state != ServerState::working && state != ServerState::waiting_utility) return shown;
  const double slowed_work = change([&](const Reading& r) { return r.accounts.stations[station].slowed_work_s; });
  return state == ServerState::working ? shown + slowed_work : shown - slowed_work;
}

double Window::server_time(Index station) const {
  double sum = 0;
  for (const double time : time_in(station)) sum += time;
  return sum;
}

double Window::available_time(Index station) const {
  const auto time = time_in(station);
  double sum = 0;
  for (std::size_t s = 0; s < n_server_states; ++s)
    if (s != at(ServerState::off_shift) && s != at(ServerState::down) && s != at(ServerState::maintenance)) sum += time[s];
  return sum;
}

double Window::utilisation(Index station) const {
  return (time_in(station, ServerState::working) + time_in(station, ServerState::setup)) / available_time(station);
}

// --- flows ---------------------------------------------------------------------------------------------------------------------

double Window::electricity_by_state(Index station, ServerState state) const {
  return by_state_J_[station * n_server_states + at(state)];
}

double Window::used(Index station, Index flow) const {
  const std::size_t i = station * plant_->flows.size() + flow;
  return used_[i] + change([&](const Reading& r) { return r.accounts.metered[i]; });
}

double Window::used(Index flow) const {
  double sum = 0;
  for (Index station = 0; station < plant_->n_stations(); ++station) sum += used(station, flow);
  return sum;
}

// --- masses --------------------------------------------------------------------------------------------------------------------

double Window::port_kg(Index station, std::size_t port) const {
  const std::size_t row = plant_->stations[station].first_port + port;
  return change([&](const Reading& r) { return row_sum(r.accounts.port_kg, row, plant_->n_components); });
}
double Window::port_kg(Index station, std::size_t port, std::size_t component) const {
  const std::size_t i = (plant_->stations[station].first_port + port) * plant_->n_components + component;
  return change([&](const Reading& r) { return r.accounts.port_kg[i]; });
}
double Window::source_kg(Index source) const {
  return change([&](const Reading& r) { return r.accounts.sources[source].kg_made - r.accounts.sources[source].kg_lost; });
}
double Window::source_kg(Index source, std::size_t component) const {
  return change([&](const Reading& r) { return r.accounts.source_kg[source * plant_->n_components + component]; });
}
double Window::sink_kg(Index sink) const {
  return change([&](const Reading& r) { return r.accounts.sinks[sink].kg; });
}
double Window::sink_kg(Index sink, std::size_t component) const {
  return change([&](const Reading& r) { return r.accounts.sink_kg[sink * plant_->n_components + component]; });
}
double Window::created_kg(Index station) const {
  return change([&](const Reading& r) { return row_sum(r.accounts.created_kg, station, plant_->n_components); });
}
double Window::created_kg(Index station, std::size_t component) const {
  return change([&](const Reading& r) { return r.accounts.created_kg[station * plant_->n_components + component]; });
}

double Window::mean_queue(Index station) const {
  return change([&](const Reading& r) { return r.accounts.queue_integral(station); }) / length_s();
}

LevelTimes Window::queue_times(Index station) const {
  LevelTimes times = end_.accounts.queue_times[station] - begin_.accounts.queue_times[station];
  for (Index lots = 0; lots < few_queued; ++lots)
    if (const double stay_s = change([&](const Reading& r) { return r.accounts.stations[station].queue_s[lots]; }); stay_s > 0)
      times.add(lots, stay_s);
  return times;
}

LevelTimes Window::kg_times(Index station) const {
  return end_.accounts.kg_times[station] - begin_.accounts.kg_times[station];
}

double Window::held_up_s(Index station) const {
  return change([&](const Reading& r) { return r.accounts.stations[station].held_up.value(r.at_s); });
}

template <class Source, class Sink, class Station, class Port>
std::optional<double> Window::through(std::string_view name, Source of_source, Sink of_sink, Station of_station, Port of_port) const {
  const auto without = [&](std::string_view prefix) { return name.starts_with(prefix) ? name.substr(prefix.size()) : name; };
  const bool any = without("sources.") == name && without("sinks.") == name && without("stations.") == name;
  if (any || name.starts_with("sources."))
    if (const Index source = plant_->find_source(without("sources.")); source != none) return of_source(source);
  if (any || name.starts_with("sinks."))
    if (const Index sink = plant_->find_sink(without("sinks.")); sink != none) return of_sink(sink);
  const std::string_view station_name = without("stations.");
  if (const Index station = plant_->find_station(station_name); station != none) return of_station(station);
  const std::size_t dot = station_name.rfind('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const Index station = plant_->find_station(station_name.substr(0, dot));
  if (station == none) return std::nullopt;
  const auto& ports = plant_->stations[station].ports;
  for (std::size_t port = 0; port < ports.size(); ++port)
    if (ports[port].name == station_name.substr(dot + 1)) return of_port(station, port);
  return std::nullopt;
}

double Window::through_sink(Index sink, std::size_t component) const {
  const Index tank = plant_->sinks[sink].tank;
  if (tank == none) return sink_kg(sink, component);
  return change([&](const Reading& r) { return r.accounts.tank_kg[tank * plant_->n_components + component]; });
}

double Window::through_sink(Index sink) const {
  if (plant_->sinks[sink].tank == none) return sink_kg(sink);
  double sum = 0;
  for (std::size_t c = 0; c < plant_->n_components; ++c) sum += through_sink(sink, c);
  return sum;
}

std::optional<double> Window::mass_through(std::string_view name) const {
  return through(
      name, [&](Index source) { return source_kg(source); }, [&](Index sink) { return through_sink(sink); },
      [&](Index station) { return change([&](const Reading& r) { return r.accounts.stations[station].kg_in; }); },
      [&](Index station, std::size_t port) { return port_kg(station, port); });
}

std::optional<double> Window::mass_through(std::string_view name, std::size_t component) const {
  return through(
      name, [&](Index source) { return source_kg(source, component); }, [&](Index sink) { return through_sink(sink, component); },
      [](Index) { return std::optional<double>(); },
      [&](Index station, std::size_t port) { return port_kg(station, port, component); });
}

// --- laws ----------------------------------------------------------------------------------------------------------------------

Window::Balance Window::balance(std::size_t component) const {
  const std::size_t n = plant_->n_components;
  const auto change_of = [&](std::vector<double> Accounts::*table) {
    return change([&](const Reading& r) { return column_sum(r.accounts.*table, component, n); });
  };
  const double transmuted = change_of(&Accounts::transmuted_kg);
  const double in = begin_.stock_kg[component] + change_of(&Accounts::initial_kg) + change_of(&Accounts::source_kg) +
                    change_of(&Accounts::created_kg);
  return {in + transmuted - change_of(&Accounts::sink_kg) - end_.stock_kg[component], in + std::abs(transmuted)};
}

double Window::mass_balance_error(std::size_t component) const {
  const Balance of = balance(component);
  return relative(of.residual, of.scale);
}

double Window::mass_balance_error() const {
  double residual = 0, scale = 0;
  for (std::size_t c = 0; c < plant_->n_components; ++c) {
    const Balance of = balance(c);
    residual += std::abs(of.residual);
    scale += of.scale;
  }
  return relative(residual, scale);
}

double Window::little_error(Index station) const {
  const auto level = [&](const Reading& r) { return r.accounts.queue_integral(station); };
  const auto waits = [&](const Reading& r) { return r.waits_s[station]; };
  return relative(change(level) - change(waits), level(end_));
}

double Window::little_error() const {
  const auto level = [](const Reading& r) { return r.accounts.wip.value(r.at_s); };
  const auto stays = [](const Reading& r) { return r.stays_s; };
  return relative(change(level) - change(stays), level(end_));
}

}  // namespace retwin
