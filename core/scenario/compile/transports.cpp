// Compiling transports: conveyors and fleets.
#include <algorithm>

#include "core/scenario/compile/compiler.hpp"

namespace retwin {

void Compiler::compile_conveyor(const StationSpec& spec, Station& station, const std::string& path) {
  if (spec.speed_m_per_s <= 0 || spec.length_m <= 0)
    problems_.error(Code::missing, spec.place, path, "a conveyor needs length and speed", "add length: 12 m and speed: 0.3 m/s");
  else if (spec.headway_s == 0)
    station.headway_s = spec.length_m / spec.speed_m_per_s / static_cast<double>(station.servers);  // one place after the other
}

void Compiler::compile_vehicles(const StationSpec& spec, Station& station, const std::string& path) {
  station.speed_m_per_s = spec.speed_m_per_s;
  station.load_s = spec.load_s;
  station.unload_s = spec.unload_s;
  if (spec.speed_m_per_s <= 0 || !spec.distances.given()) {
    problems_.error(Code::missing, spec.place, path, "vehicles need a speed and distances", "add speed: 1 m/s and distances: {a: {b: 30 m}}");
    return;
  }
  std::vector<std::string> places;
  const auto place_index = [&](const Located& name) {
    auto it = std::find(places.begin(), places.end(), name.text);
    if (it != places.end()) return static_cast<std::size_t>(it - places.begin());
    const bool known = find_station(name.text) != none || find_sink(name.text) != none || plant_->find_source(name.text) != none;
    if (!known)
      problems_.error(Code::unknown_name, name.place, path + ".distances", "there is no station, sink or source " + name.text);
    places.push_back(name.text);
    return places.size() - 1;
  };
  for (const TableValue::Cell& cell : spec.distances.cells()) {
    place_index(cell.row);
    place_index(cell.column);
  }
  if (places.size() > most_in_table)
    return problems_.error(Code::range, spec.place, path + ".distances", "more than 1000 places");
  std::sort(places.begin(), places.end());  // vehicles begin at the first one: the order of declaration must not matter
  const std::size_t n = places.size();
  std::vector<double> metres(n * n, -1);
  for (std::size_t k = 0; k < n; ++k) metres[k * n + k] = 0;
  for (const TableValue::Cell& cell : spec.distances.cells()) metres[place_index(cell.row) * n + place_index(cell.column)] = cell.value;
  for (std::size_t a = 0; a < n; ++a)
    for (std::size_t b = 0; b < n; ++b)
      if (metres[a * n + b] < 0) metres[a * n + b] = metres[b * n + a];
  for (std::size_t via = 0; via < n; ++via)  // where no distance is given, the shortest way over other places
    for (std::size_t a = 0; a < n; ++a)
      for (std::size_t b = 0; b < n; ++b) {
        if (metres[a * n + via] < 0 || metres[via * n + b] < 0) continue;
        const double way = metres[a * n + via] + metres[via * n + b];
        if (metres[a * n + b] < 0 || way < metres[a * n + b]) metres[a * n + b] = way;
      }
  for (std::size_t k = 0; k < n * n; ++k)
    if (metres[k] < 0) {
      problems_.error(Code::missing, spec.place, path + ".distances", "no way from " + places[k / n] + " to " + places[k % n]);
      break;
    }
  station.distance_m = std::move(metres);
  const Index n_stations = plant_->n_stations(), n_sinks = static_cast<Index>(plant_->sinks.size());
  station.place_of_node.assign(n_stations + n_sinks + plant_->sources.size(), none);
  for (std::size_t k = 0; k < n; ++k) {
    Index at = find_station(places[k]);
    if (at == none && find_sink(places[k]) != none) at = n_stations + find_sink(places[k]);
    if (at == none && plant_->find_source(places[k]) != none) at = n_stations + n_sinks + plant_->find_source(places[k]);
    if (at != none) station.place_of_node[at] = static_cast<Index>(k);
  }
}

}  // namespace retwin
