// The static capacity of a plant, for people and as tables.
#include "core/report/capacity_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/base/units.hpp"
#include "core/report/report.hpp"

namespace retwin {
namespace {

constexpr std::size_t most_stations_shown = 40;
std::string count(std::size_t n, const char* what) { return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s"); }

/// "-" where nothing limits it: a server for every lot, or jobs that take no time.
std::string per_hour(double per_s) { return std::isfinite(per_s) ? readable(per_s * 3600) : "-"; }

std::string load_percent(double share) {
  if (share >= 10) return "> 1,000 %";
  return std::isfinite(share) ? fmt::format("{:.1f} %", 100 * share) : "-";
}

std::string summary(const Scenario& scenario) {
  const Plant& plant = *scenario.plant;
  const RunSettings& run = scenario.run;
  return fmt::format("{}: no errors, {}\n  {}, {}, {}, {}\n  {} from {}, {}; hash {}\n", scenario.path,
                     count(scenario.warnings.size(), "warning"), count(plant.sources.size(), "source"),
                     count(plant.stations.size(), "station"), count(plant.sinks.size() - plant.tanks.size(), "sink") + (plant.tanks.empty() ? "" : ", " + count(plant.tanks.size(), "tank")),
                     count(plant.pools.size(), "resource") + (plant.utilities.empty() ? "" : plant.utilities.size() == 1 ? ", 1 utility" : fmt::format(", {} utilities", plant.utilities.size())), format_duration(run.duration_s),
                     format_time(run.day0, run.clock0_s).substr(0, run.clock0_s > 0 ? 19 : 10),
                     run.replications > 0 ? count(static_cast<std::size_t>(run.replications), "replication") : "replications as needed",
                     scenario.scenario_hash.substr(0, 12));
}

std::string verdict(const Plant& plant, const Capacity& capacity) {
  std::string out = "Static capacity (traffic equations)\n";
  if (!std::isfinite(capacity.capacity)) return out + "  nothing limits this plant, or what does is unknown\n";
  if (capacity.capacity == 0 && capacity.bottleneck_station != none)
    return out + fmt::format("  nothing can be made: {} is never on within the run\n", plant.stations[capacity.bottleneck_station].name);
  const std::string what = plant.sources.empty() ? "rounds/h" : "lots/h of all sources together";
  std::string limit;
  if (capacity.bottleneck_station != none) limit = ", limited by station " + plant.stations[capacity.bottleneck_station].name;
  if (capacity.bottleneck_pool != none) limit = ", limited by resource " + plant.pools[capacity.bottleneck_pool].name;
  if (capacity.bottleneck_utility != none) limit = ", limited by utility " + plant.utilities[capacity.bottleneck_utility].name;
  out += fmt::format("  {} {}{}\n", per_hour(capacity.capacity), what, limit);
  if (std::isfinite(capacity.feed) && capacity.feed > 0) {
    out += fmt::format("  the sources offer {}/h: {}\n", per_hour(capacity.feed),
                       capacity.feed > capacity.capacity ? "more than the plant can take" : "the plant can keep up");
  }
  if (capacity.has_choice && std::isfinite(capacity.upper_bound))
    out += fmt::format("  at most {}/h if every route chose best (max-flow)\n", per_hour(capacity.upper_bound));
  return out;
}

/// The busiest first.
std::vector<std::size_t> by_load(const Capacity& capacity) {
  std::vector<std::size_t> order(capacity.stations.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto load = [&](std::size_t k) {
    const double u = capacity.stations[k].utilisation;
    return std::isnan(u) ? -1 : u;
  };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return load(a) > load(b); });
  return order;
}

Table stations_of(const Plant& plant, const Capacity& capacity, std::size_t most) {
  const std::vector<std::size_t> order = by_load(capacity);
  const auto share = [](const char* name, const char* head, const char* doc) { return number_column(name, "1", doc).as(head, load_percent); };
  Table table({text_column("station").as("Station"), share("utilisation", "utilisation", "load over capacity"), shown_column("capacity [1/h]"),
               number_column("capacity", "1/s", "what it could do, infinite where nothing limits it").for_programs(),
               number_column("load", "1/s").as("load [1/h]", per_hour), number_column("visits", "1", "of a lot of the sources"),
               number_column("job", "s").as("job [min]", [](double s) { return readable(s / 60); }),
               number_column("lots_per_job", "1").as("lots per job"), shown_column("servers"),
               integer_column("servers", "nothing: unlimited").for_programs(), share("on_shift", "on shift", "of the time"),
               share("available", "available", "of the time on shift")});
  for (std::size_t k = 0; k < std::min(order.size(), most); ++k) {
    const StationCapacity& c = capacity.stations[order[k]];
    const Station& station = plant.stations[order[k]];
    const bool never = c.capacity == 0 && c.job_s > 0;
    table.row({station.name, c.utilisation, never ? "never on" : per_hour(c.capacity), c.capacity, c.load, c.visits, c.job_s, c.lots_per_job,
               station.unlimited_servers ? "unlimited" : std::to_string(station.servers),
               station.unlimited_servers ? Cell(Table::missing) : Cell(station.servers), c.on_share, c.availability});
  }
  return table;
}

}  // namespace

Table station_capacity_table(const Plant& plant, const Capacity& capacity) {
  return stations_of(plant, capacity, std::numeric_limits<std::size_t>::max());
}

Table resource_capacity_table(const Plant& plant, const Capacity& capacity) {
  Table pools({text_column("resource").as("Resource"), number_column("utilisation", "1").as("utilisation", load_percent),
               number_column("on_duty", "1").as("on duty"), number_column("at_work", "1").as("at work")});
  for (std::size_t k = 0; k < plant.pools.size(); ++k)
    pools.row({plant.pools[k].name, capacity.pools[k].utilisation, capacity.pools[k].units, capacity.pools[k].load});
  return pools;
}

Table utility_capacity_table(const Plant& plant, const Capacity& capacity) {
  Table utilities({text_column("utility").as("Utility"), number_column("utilisation", "1").as("utilisation", load_percent),
                   number_column("capacity", "1").as("capacity"), number_column("load", "1").as("load"), text_column("unit").as("unit").to_the_left()});
  for (std::size_t k = 0; k < plant.utilities.size(); ++k) {
    const UserUnit unit = rate_unit(plant.flows[plant.utilities[k].flow].dimension);
    utilities.row({plant.utilities[k].name, capacity.utilities[k].utilisation, capacity.utilities[k].capacity * unit.factor, capacity.utilities[k].load * unit.factor, unit.name});
  }
  return utilities;
}

std::string capacity_text(const Scenario& scenario, const Capacity& capacity) {
  const Plant& plant = *scenario.plant;
  const Table pools = resource_capacity_table(plant, capacity);
  std::string out = summary(scenario) + "\n" + verdict(plant, capacity) + "\n" + stations_of(plant, capacity, most_stations_shown).text();
  if (plant.stations.size() > most_stations_shown) out += fmt::format("  and {} more\n", plant.stations.size() - most_stations_shown);
  if (!pools.empty()) out += "\n" + pools.text();
  if (const Table utilities = utility_capacity_table(plant, capacity); !utilities.empty()) out += "\n" + utilities.text();
  if (!capacity.notes.empty()) out += "\nAssumed\n";
  for (const std::string& note : capacity.notes) out += "  " + note + "\n";
  return out;
}

}  // namespace retwin
