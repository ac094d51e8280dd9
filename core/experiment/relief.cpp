// Finds what may limit a plant and takes it away, in the compiled plant.
#include "core/experiment/relief.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/base/constants.hpp"
#include "core/base/random.hpp"
#include "core/base/readable.hpp"
#include "core/flow/plant/changed.hpp"

namespace retwin {
namespace {

using Kind = Candidate::Kind;

constexpr double more = 1.1, fewer = 0.9, demand_factor = 1.25;
constexpr double plenty_of_people = 1e6;
constexpr Index most_servers = 1000000;

bool saturated(const Plant& plant) {
  return std::any_of(plant.sources.begin(), plant.sources.end(),
                     [](const Source& s) { return s.arrivals == Arrivals::saturated; });
}

bool bounded(const Station& s) { return s.buffer_places != unlimited || s.buffer_kg >= 0 || s.buffer_m3 >= 0; }

Index servers_after(const Plant& plant, Index servers, Extent extent) {
  if (extent == Extent::unit) return servers + 1;
  const bool twice = extent == Extent::large || saturated(plant);
  return std::min(most_servers, twice ? 2 * servers : std::max(4 * servers, servers + 20));
}

double people_after(const Plant& plant, double count, Extent extent) {
  if (extent == Extent::unit) return count + 1;
  return extent == Extent::large || saturated(plant) ? 2 * count : std::max(plenty_of_people, count);
}

Index places_after(Index places, Extent extent) {
  if (extent == Extent::full || places == unlimited) return unlimited;
  return extent == Extent::unit ? places + 1 : places == 0 ? 10 : std::min(most_servers, 10 * places);
}

double room_after(double room, Extent extent) {
  if (room < 0 || extent == Extent::full) return -1;
  return room * (extent == Extent::unit ? more : 10);
}

void scale(Duration& duration, double factor) {
  if (duration.distribution) duration.distribution = duration.distribution->scaled(factor);
}

/// Of a station, const or not.
auto mode_of(auto& station, const std::string& name) {
  const auto found = std::find_if(station.failures.begin(), station.failures.end(), [&](const FailureMode& m) { return m.name == name; });
  return found == station.failures.end() ? nullptr : &*found;
}

void relieve_setup(Setup& setup, Extent extent) {
  const double factor = extent == Extent::full ? 0 : fewer;
  if (setup.time) setup.time = setup.time->scaled(factor);
  for (std::optional<Distribution>& time : setup.matrix)
    if (time) time = time->scaled(factor);
  if (extent == Extent::full) setup.needs.clear();
}

void relieve_failure(Station& station, const std::string& name, Extent extent) {
  FailureMode* mode = mode_of(station, name);
  if (mode == nullptr) return;
  if (extent == Extent::full) {
    station.failures.erase(station.failures.begin() + (mode - station.failures.data()));
  } else if (mode->every.distribution) {
    scale(mode->every, 1 / fewer);
  } else {
    scale(mode->repair, fewer);
  }
}

/// Each working interval ends later by a tenth of its length, at most as the next one begins. The times of the run are written out.
ShiftCalendar longer(const ShiftCalendar& calendar, double horizon_s) {
  std::vector<std::pair<double, double>> on;
  for (double t = 0; t < horizon_s;) {
    const double next = std::min(horizon_s, calendar.next_change(t));
    if (calendar.on(t)) on.emplace_back(t, next);
    t = next;
  }
  for (std::size_t k = 0; k < on.size(); ++k) {
    auto& [begin, end] = on[k];
    end = std::min(end + (more - 1) * (end - begin), k + 1 < on.size() ? on[k + 1].first : horizon_s);
  }
  return {horizon_s, std::move(on), 0};
}

/// Every fourth row twice.
std::vector<TraceRow> denser(const TraceRow* rows, std::size_t n) {
  std::vector<TraceRow> all;
  for (std::size_t k = 0; k < n; ++k)
    for (int copies = k % 4 == 3 ? 2 : 1; copies > 0; --copies) all.push_back(rows[k]);
  return all;
}

void raise_demand(Source& source) {
  if (source.limit != unlimited) source.limit += source.limit / 4;
  if (source.arrivals == Arrivals::renewal) source.every = source.every.scaled(1 / demand_factor);
  for (double& rate : source.profile_rate) rate *= demand_factor;
  if (source.arrivals == Arrivals::timetable && source.rows.size() >= 4) {
    source.rows = denser(source.rows.data(), source.rows.size());
  } else if (source.arrivals == Arrivals::timetable && source.repeat_s > 0) {  // few rows: they come round sooner
    source.repeat_s /= demand_factor;
    for (TraceRow& row : source.rows) row.time_s /= demand_factor;
  }
  if (source.arrivals != Arrivals::blocks) return;
  std::vector<TraceRow> rows;
  for (std::vector<DayBlock>& day : source.day_blocks)
    for (DayBlock& block : day) {
      const std::vector<TraceRow> own = denser(source.rows.data() + block.first_row, block.rows);
      block.first_row = static_cast<Index>(rows.size());
      block.rows = static_cast<Index>(own.size());
      rows.insert(rows.end(), own.begin(), own.end());
    }
  source.rows = std::move(rows);
}

double capacity_factor(Extent extent) { return extent == Extent::unit ? more : extent == Extent::large ? 2 : 1000; }

/// Who may draw as fast as it can give, may do so of more.
void relieve_utility(Plant& plant, Index utility, Extent extent) {
  double& capacity = plant.utilities[utility].capacity;
  const double before = capacity;
  capacity *= capacity_factor(extent);
  for (Station& station : plant.stations)
    for (WorkPhase& phase : station.phases)
      for (Draw& draw : phase.draws)
        if (draw.utility == utility && draw.at_most_per_s == before) draw.at_most_per_s = capacity;
}

void relieve_device(Plant& plant, Index index, Extent extent) {
  Device& device = plant.digital.devices[index];
  const double core = device.core();
  if (device.link) device.capacity *= capacity_factor(extent);
  else {
    constexpr std::uint32_t plenty = 1000;
    device.cores = extent == Extent::unit ? device.cores + 1 : extent == Extent::large ? 2 * device.cores : plenty * device.cores;
    device.capacity = core * device.cores * (extent == Extent::full ? plenty : 1);
  }
  plant.digital.network = plant.digital.network->of({plant.digital.devices.begin(), plant.digital.devices.end()});
}

void relieve(Plant& plant, const Plant& before, const Relief& relief, double horizon_s) {
  const Candidate& c = relief.candidate;
  switch (c.kind) {
    case Kind::servers:
    case Kind::fleet:
      plant.stations[c.item].servers = servers_after(before, plant.stations[c.item].servers, relief.extent);
      return;
    case Kind::buffer: {
      Station& s = plant.stations[c.item];
      s.buffer_places = places_after(s.buffer_places, relief.extent);
      s.buffer_kg = room_after(s.buffer_kg, relief.extent);
      s.buffer_m3 = room_after(s.buffer_m3, relief.extent);
      return;
    }
    case Kind::pool:
    case Kind::repair_crew:
      for (PoolShift& shift : plant.pools[c.item].shifts)
        if (shift.count > 0) shift.count = people_after(before, shift.count, relief.extent);
      return;
    case Kind::calendar: {
      ShiftCalendar& calendar = plant.calendars[c.item];
      calendar = relief.extent == Extent::full ? ShiftCalendar() : longer(calendar, horizon_s);
      return;
    }
    case Kind::setup:
      return relieve_setup(plant.stations[c.item].setup, relief.extent);
    case Kind::failure:
      return relieve_failure(plant.stations[c.item], c.mode, relief.extent);
    case Kind::utility:
      return relieve_utility(plant, c.item, relief.extent);
    case Kind::device:
      return relieve_device(plant, c.item, relief.extent);
    case Kind::demand:
      for (Source& source : plant.sources) raise_demand(source);
      return;
  }
}

bool uses(const std::vector<Need>& needs, Index pool) {
  return std::any_of(needs.begin(), needs.end(),
                     [&](const Need& n) { return std::find(n.pools.begin(), n.pools.end(), pool) != n.pools.end(); });
}

/// Who works with the pool, and who only repairs.
struct PoolUse {
  bool work = false, repair = false;
};
PoolUse use_of(const Plant& plant, Index pool) {
  PoolUse use;
  for (const Station& s : plant.stations) {
    use.work = use.work || uses(s.setup.needs, pool) || uses(s.changeover_needs, pool);
    for (const WorkPhase& phase : s.phases) use.work = use.work || uses(phase.needs, pool);
    for (const FailureMode& mode : s.failures) use.repair = use.repair || uses(mode.needs, pool);
  }
  return use;
}

void add_station(const Station& s, Index k, std::vector<Candidate>& out) {
  const std::string at = "stations." + s.name + ".";
  if (s.unlimited_servers) return;
  if (s.special != Special::plan && s.special != Special::lap) {
    const bool fleet = s.special == Special::fleet;
    out.push_back({fleet ? Kind::fleet : Kind::servers, at + "servers", k});
    if (bounded(s)) out.push_back({Kind::buffer, at + "buffer", k});
  }
  const auto takes_time = [](const std::optional<Distribution>& d) { return d && d->mean() > 0; };
  if (s.setup.by >= 0 && (takes_time(s.setup.time) || std::any_of(s.setup.matrix.begin(), s.setup.matrix.end(), takes_time)))
    out.push_back({Kind::setup, at + "setup", k});
  for (const FailureMode& mode : s.failures) out.push_back({Kind::failure, at + (mode.planned ? "maintenance." : "fails.") + mode.name, k, mode.name});
}

std::string amount(double value) { return fmt::format("{:g}", value); }

std::string buffer_change(const Station& s, Extent extent) {
  const bool full = extent == Extent::full;
  if (s.buffer_places != unlimited) {
    const std::string after = full ? "no bound" : std::to_string(places_after(s.buffer_places, extent));
    return fmt::format("buffer {} -> {}{}", s.buffer_places, after, full ? "" : " places");
  }
  const bool mass = s.buffer_kg >= 0;
  const double unit = mass ? 1000 : 1, room = (mass ? s.buffer_kg : s.buffer_m3) / unit;
  const std::string after = full ? "no bound" : amount(room_after(room, extent)) + (mass ? " t" : " m3");
  return fmt::format("buffer {}{} -> {}", amount(room), full ? (mass ? " t" : " m3") : "", after);
}

std::string pool_change(const Plant& plant, const Pool& pool, const Relief& relief) {
  std::string before, after;
  for (const PoolShift& shift : pool.shifts) {
    before += (before.empty() ? "" : "+") + amount(shift.count);
    after += (after.empty() ? "" : "+") + amount(shift.count > 0 ? people_after(plant, shift.count, relief.extent) : 0);
  }
  return before + " -> " + (relief.extent == Extent::full && !saturated(plant) ? "enough for all" : after);
}

}  // namespace

std::vector<Candidate> candidates(const Plant& plant) {
  std::vector<Candidate> out;
  for (Index k = 0; k < plant.n_stations(); ++k) add_station(plant.stations[k], k, out);
  for (Index k = 0; k < plant.pools.size(); ++k) {
    const PoolUse use = use_of(plant, k);
    if (use.work || use.repair)
      out.push_back({use.work ? Kind::pool : Kind::repair_crew, "resources." + plant.pools[k].name, k});
  }
  for (Index k = 0; k < plant.calendars.size(); ++k) {
    if (plant.calendars[k].always()) continue;
    const bool of_station = std::any_of(plant.stations.begin(), plant.stations.end(), [&](const Station& s) { return s.calendar == k; });
    const bool of_pool = std::any_of(plant.pools.begin(), plant.pools.end(), [&](const Pool& p) {
      return std::any_of(p.shifts.begin(), p.shifts.end(), [&](const PoolShift& s) { return s.calendar == k; });
    });
    if (of_station || of_pool) out.push_back({Kind::calendar, "calendars." + plant.calendar_names[k], k});
  }
  for (Index k = 0; k < plant.utilities.size(); ++k) out.push_back({Kind::utility, "utilities." + plant.utilities[k].name + ".capacity", k});
  const bool awaited = std::any_of(plant.stations.begin(), plant.stations.end(), [](const Station& s) {
    return std::any_of(s.phases.begin(), s.phases.end(), [](const WorkPhase& phase) { return phase.task != none; });
  });
  for (Index k = 0; k < plant.digital.devices.size() && awaited; ++k) {
    const Device& device = plant.digital.devices[k];
    out.push_back({Kind::device, std::string("digital.") + (device.link ? "links." : "hosts.") + device.name + (device.link ? ".bandwidth" : ".cores"), k});
  }
  return out;
}

Candidate demand() { return {Kind::demand, "sources", none}; }

bool has_demand(const Plant& plant) {
  return std::any_of(plant.sources.begin(), plant.sources.end(), [](const Source& s) { return s.arrivals != Arrivals::saturated; });
}

bool applies(const Plant& plant, const Relief& relief) {
  const Candidate& c = relief.candidate;
  if (c.kind == Kind::demand) return relief.extent == Extent::unit && has_demand(plant);
  if (relief.extent != Extent::large) {
    if (c.kind != Kind::failure || relief.extent == Extent::full) return true;
    const FailureMode* mode = mode_of(plant.stations[c.item], c.mode);
    return mode != nullptr && (mode->every.distribution || mode->repair.distribution);
  }
  switch (c.kind) {
    case Kind::servers:
    case Kind::fleet:
      return plant.stations[c.item].servers > 1;
    case Kind::buffer:
    case Kind::utility:
    case Kind::device:
      return true;
    case Kind::pool:
    case Kind::repair_crew: {
      const auto& shifts = plant.pools[c.item].shifts;
      return std::any_of(shifts.begin(), shifts.end(), [](const PoolShift& s) { return s.count > 1; });
    }
    default:
      return false;
  }
}

std::string change_text(const Plant& plant, const Relief& relief) {
  const Candidate& c = relief.candidate;
  const bool full = relief.extent == Extent::full;
  switch (c.kind) {
    case Kind::servers:
    case Kind::fleet: {
      const Index before = plant.stations[c.item].servers;
      return fmt::format("{} {} -> {}", c.kind == Kind::fleet ? "vehicles" : "servers", before, servers_after(plant, before, relief.extent));
    }
    case Kind::buffer:
      return buffer_change(plant.stations[c.item], relief.extent);
    case Kind::pool:
    case Kind::repair_crew:
      return pool_change(plant, plant.pools[c.item], relief);
    case Kind::calendar:
      return full ? "round the clock" : "10 % longer";
    case Kind::setup:
      return full ? "setups without time" : "setups 10 % shorter";
    case Kind::failure: {
      const FailureMode* mode = mode_of(plant.stations[c.item], c.mode);
      return c.mode + (full ? " off" : mode != nullptr && mode->every.distribution ? " 10 % rarer" : " 10 % shorter");
    }
    case Kind::utility:
      return full ? "no bound" : relief.extent == Extent::unit ? "10 % more" : "twice as much";
    case Kind::device: {
      const Device& device = plant.digital.devices[c.item];
      if (full) return "no bound";
      if (device.link) return relief.extent == Extent::unit ? "10 % more" : "twice as much";
      return fmt::format("cores {} -> {}", device.cores, relief.extent == Extent::unit ? device.cores + 1 : 2 * device.cores);
    }
    case Kind::demand:
      return "arrivals x 1.25";
  }
  return {};
}

std::string relief_text(const Plant& plant, const Relief& relief) {
  const Candidate& c = relief.candidate;
  if (c.kind == Kind::demand) return "demand: " + change_text(plant, relief);
  const std::string& name = c.of_station() ? plant.stations[c.item].name : c.kind == Kind::calendar ? plant.calendar_names[c.item]
                            : c.kind == Kind::utility ? plant.utilities[c.item].name
                            : c.kind == Kind::device ? plant.digital.devices[c.item].name : plant.pools[c.item].name;
  return name + ": " + change_text(plant, relief);
}

Scenario relieved(const Scenario& scenario, std::span<const Relief> reliefs) {
  Scenario other = scenario;
  std::uint64_t what = stream_id("relief");
  for (const Relief& r : reliefs) what = identity(what, identity(stream_id(r.candidate.path), static_cast<std::uint64_t>(r.extent)));
  const double horizon_s = scenario.run.duration_s + week_s;
  const auto of = [&](const Plant& plant) {
    return changed(plant, what, [&](Plant& made) {
      for (const Relief& r : reliefs) relieve(made, plant, r, horizon_s);
    });
  };
  other.plant = of(*scenario.plant);
  for (PlantChange& change : other.changes) change.plant = of(*change.plant);
  return other;
}

}  // namespace retwin
