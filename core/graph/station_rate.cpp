// Job times, calendars, crews and failures of one station, as a rate.
#include "core/graph/station_rate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/graph/duty.hpp"

namespace retwin {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
const std::vector<Need> nobody;

double mean_of(const Duration& duration) {
  if (duration.distribution) return std::max(0.0, duration.distribution->mean());
  if (duration.expression && duration.expression->is_constant()) return std::max(0.0, (*duration.expression)(nullptr));
  return duration.given() ? unknown : 0;
}

// Of the slowest pool at work.
double speed_of(const Plant& plant, const std::vector<Need>& needs) {
  double speed = infinity;
  for (const Need& need : needs)
    if (!need.pools.empty()) speed = std::min(speed, plant.pools[need.pools.front()].speed);
  return std::isfinite(speed) && speed > 0 ? speed : 1;
}

double phase_time(const Plant& plant, const Station& station, const Phase& phase, double kg) {
  const double speed = speed_of(plant, phase.needs);
  const double effort = !station.effort ? 1 : station.effort->is_constant() ? (*station.effort)(nullptr) : unknown;
  if (phase.duration.given()) return effort * mean_of(phase.duration) / speed;
  if (station.throughput_kg_per_s > 0) return kg / station.throughput_kg_per_s / speed;
  if (station.throughput_m3_per_s > 0) return kg / station.density / station.throughput_m3_per_s / speed;
  return station.duration_from_operation || station.special == Special::fleet ? unknown : 0;
}

// Times of the phases; what the plant does not say comes from the whole, observed or `mean_s`.
std::vector<double> phase_times(const Plant& plant, const Station& station, const JobFacts& facts) {
  std::vector<double> times;
  double known = 0;
  std::size_t open = 0;
  for (const Phase& phase : station.phases) {
    times.push_back(phase_time(plant, station, phase, facts.kg));
    if (std::isnan(times.back())) {
      ++open;
    } else {
      known += times.back();
    }
  }
  const bool observed = facts.work_s >= 0;
  const double whole = observed ? facts.work_s : station.mean_s > 0 ? station.mean_s : unknown;
  if (station.phases.empty()) return {whole};
  if (open > 0) {
    for (double& time : times)
      if (std::isnan(time)) time = std::max(0.0, whole - known) / static_cast<double>(open);
    if (std::isnan(whole)) times.back() = unknown;
  } else if (observed && known > 0) {
    for (double& time : times) time *= whole / known;
  }
  return times;
}

/// A job as it occupies a server: setup or changeover, then its phases; equal neighbours joined (their crew stays).
struct Walk {
  std::vector<Stretch> stretches;
  double job_s = 0, work_s = 0;
};

void add_crew(const Plant& plant, const std::vector<Need>& needs, double time, std::vector<std::pair<Index, double>>& crew);

Walk walk_of(const Plant& plant, const Station& station, const JobFacts& facts, StationRate& rate) {
  Walk walk;
  const Index calendar = station.finish_shift ? none : station.calendar;
  const auto add = [&](double time, Index on, const std::vector<Need>& needs) {
    walk.job_s += time;
    if (!(time > 0)) return;
    add_crew(plant, needs, time, rate.crew_s);
    Duty duty(plant, on, needs);
    if (!walk.stretches.empty() && walk.stretches.back().duty.same(duty)) {
      walk.stretches.back().duration_s += time;
    } else {
      walk.stretches.push_back({time, std::move(duty)});
    }
  };
  const std::vector<double> times = phase_times(plant, station, facts);
  const bool sets_up = facts.setup_s >= 0;
  add(sets_up ? facts.setup_s : mean_of(station.changeover), calendar,
      sets_up && station.setup.by >= 0 ? station.setup.needs : station.changeover_needs);
  const double before = walk.job_s;
  for (std::size_t k = 0; k < times.size(); ++k) {
    const Phase* phase = k < station.phases.size() ? &station.phases[k] : nullptr;
    add(times[k], !phase || phase->attended ? calendar : none, phase ? phase->needs : nobody);
  }
  walk.work_s = walk.job_s - before;
  return walk;
}

double on_share(const Plant& plant, const Walk& walk, const Duty& gate, Index servers) {
  double least = gate.share();
  bool uniform = true;
  for (const Stretch& stretch : walk.stretches) {
    least = std::min(least, stretch.duty.share());
    uniform = uniform && stretch.duty.calendars() == walk.stretches.front().duty.calendars() &&
              (gate.calendars().empty() || gate.calendars() == stretch.duty.calendars());
  }
  if (uniform || least <= 0) return least;
  const double rate = bank_rate(plant, walk.stretches, gate, servers);
  return rate < 0 ? least : rate * walk.job_s / servers;
}

double repair_of(const FailureMode& mode) {
  return mode.repair.distribution ? std::max(0.0, mode.repair.distribution->mean()) : 0;
}

// Down time per working time adds up; calendar clocks run side by side.
void add_failures(const Plant& plant, const Station& station, const Walk& walk, StationRate& rate) {
  double calendar_clocks = 1, per_working_time = 0;
  for (const FailureMode& mode : station.failures) {
    const double every = mode.every.distribution ? mode.every.distribution->mean() : 0, repair = repair_of(mode);
    if (every <= 0) continue;
    if (mode.clock == FailureClock::calendar) {
      const double down = mode.whole_station || !mode.from_repair ? std::min(1.0, repair / every) : repair / (every + repair);
      calendar_clocks *= 1 - down;
      add_crew(plant, mode.needs, down * station.servers, rate.crew_base);
    } else {
      if (!(walk.job_s > 0)) continue;
      const double failures_per_job = mode.clock == FailureClock::working ? walk.work_s / every : 1 / every;
      per_working_time += failures_per_job * repair / walk.job_s;
      add_crew(plant, mode.needs, failures_per_job * repair, rate.crew_s);
    }
  }
  rate.availability = calendar_clocks / (1 + per_working_time);
}

// From several pools each gives by its units on duty.
void add_crew(const Plant& plant, const std::vector<Need>& needs, double time, std::vector<std::pair<Index, double>>& crew) {
  for (const Need& need : needs) {
    double all = 0;
    for (Index pool : need.pools) all += mean_units(plant, pool);
    for (Index pool : need.pools) {
      const double share = all > 0 ? mean_units(plant, pool) / all : 1 / static_cast<double>(need.pools.size());
      crew.emplace_back(pool, need.count * time * share);
    }
  }
}

}  // namespace

double mean_units(const Plant& plant, Index pool) {
  double units = 0;
  for (const PoolShift& shift : plant.pools[pool].shifts)
    units += shift.count * (shift.calendar == none ? 1 : plant.calendars[shift.calendar].share());
  return units;
}

StationRate station_rate(const Plant& plant, Index index, const JobFacts& facts) {
  const Station& station = plant.stations[index];
  StationRate rate;
  const Walk walk = walk_of(plant, station, facts, rate);
  const Duty gate(plant, station.calendar, nobody);
  rate.job_s = walk.job_s;
  if (std::isnan(walk.job_s)) {
    rate.crew_s.clear();
    rate.on_share = gate.share();
  } else if (!station.unlimited_servers && station.servers > 0) {
    rate.on_share = on_share(plant, walk, gate, station.servers);
  }
  add_failures(plant, station, walk, rate);
  rate.jobs_per_s =
      station.unlimited_servers || walk.job_s <= 0 ? infinity : station.servers * rate.on_share * rate.availability / walk.job_s;
  if (station.headway_s > 0) {
    const double starts = gate.share() / station.headway_s;
    rate.jobs_per_s = std::isnan(rate.jobs_per_s) ? starts : std::min(rate.jobs_per_s, starts);
  }
  return rate;
}

}  // namespace retwin
