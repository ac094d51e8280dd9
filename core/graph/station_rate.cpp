// Job times, calendars, crews and failures of one station, as a rate.
#include "core/graph/station_rate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "core/base/constants.hpp"
#include "core/graph/duty.hpp"
#include "core/graph/setups.hpp"

namespace retwin {
namespace {

const std::vector<Need> nobody;

double mean_of(const Duration& duration) {
  if (duration.distribution) return std::max(0.0, duration.distribution->mean());
  if (duration.expression && duration.expression->is_constant()) return std::max(0.0, (*duration.expression)(nullptr));
  return duration.given() ? nan : 0;
}

// Of the slowest pool at work.
double speed_of(const Plant& plant, const std::vector<Need>& needs) {
  double speed = infinity;
  for (const Need& need : needs)
    if (!need.pools.empty()) speed = std::min(speed, plant.pools[need.pools.front()].speed);
  return std::isfinite(speed) && speed > 0 ? speed : 1;
}

double phase_time(const Plant& plant, const Station& station, const WorkPhase& phase, double kg) {
  const double speed = phase.attended ? speed_of(plant, phase.needs) : 1;
  const double effort = !station.effort ? 1 : station.effort->is_constant() ? (*station.effort)(nullptr) : nan;
  if (phase.duration.given()) return effort * mean_of(phase.duration) / speed;
  if (station.throughput_kg_per_s > 0) return kg / station.throughput_kg_per_s / speed;
  if (station.throughput_m3_per_s > 0) return kg / station.density / station.throughput_m3_per_s / speed;
  return station.duration_from_operation || station.special == Special::fleet ? nan : 0;
}

double needed(const Draw& draw, const JobFacts& facts) { return draw.per_job + (draw.per_kg > 0 ? draw.per_kg * facts.kg : 0); }

/// How long a task of the digital layer takes if it shares nothing.
double alone_s(const DigitalLayer& layer, Index task) {
  double sum = 0;
  for (const DigitalStep& step : layer.tasks[task].steps) {
    double rate = infinity;
    for (const Index d : step.over) {
      const Device& device = layer.devices[d];
      rate = std::min(rate, device.link ? device.capacity - device.streams : std::min(device.core(), device.capacity - device.streams));
    }
    sum += step.latency_s + step.amount / rate;
  }
  return sum;
}

// Times of the phases; what the plant does not say comes from the whole, observed or `mean_s`.
std::vector<double> phase_times(const Plant& plant, const Station& station, const JobFacts& facts) {
  std::vector<double> times;
  double known = 0;
  std::size_t open = 0;
  for (const WorkPhase& phase : station.phases) {
    times.push_back(phase_time(plant, station, phase, facts.kg));
    if (std::isnan(times.back())) {
      ++open;
    } else {
      known += times.back();
    }
  }
  const bool observed = facts.work_s >= 0;
  const double whole = observed ? facts.work_s : station.mean_s > 0 ? station.mean_s : nan;
  if (station.phases.empty()) return {whole};
  if (open > 0) {
    for (double& time : times)
      if (std::isnan(time)) time = std::max(0.0, whole - known) / static_cast<double>(open);
    if (std::isnan(whole)) times.back() = nan;
  } else if (observed && known > 0) {
    for (double& time : times) time *= whole / known;
  }
  for (std::size_t k = 0; k < times.size() && !observed; ++k)
    for (const Draw& draw : station.phases[k].draws)
      if (draw.needed()) times[k] = std::max(times[k], needed(draw, facts) / draw.at_most_per_s);
  for (std::size_t k = 0; k < times.size() && k < station.phases.size() && !observed; ++k)
    if (station.phases[k].task != none) times[k] = std::max(times[k], alone_s(plant.digital, station.phases[k].task));
  return times;
}

// Work that begins again after each failure that falls into it: the mean over exponential times between failures.
double with_restarts(const Station& station, double work_s) {
  double per_s = 0;
  for (const FailureMode& mode : station.failures)
    if (mode.fate == JobFate::restart && !mode.planned && mode.clock != FailureClock::count && mode.every.distribution)
      per_s += 1 / mode.every.distribution->mean();
  const double x = per_s * work_s;
  return x > 0 && x < 100 ? work_s * std::expm1(x) / x : work_s;
}

/// What is asked about a station, and in which stretch of time.
struct Question {
  const Plant& plant;
  const Period& period;
  const std::vector<double>& units;  ///< of each pool on duty
  const Station& station;
  const JobFacts& facts;
};

/// A job as it occupies a server: setup, its phases, changeover; equal neighbours joined (their crew stays).
struct WalkedJob {
  std::vector<Stretch> stretches;
  double job_s = 0, work_s = 0;
};

void add_crew(const Question& q, const std::vector<Need>& needs, double time, std::vector<std::pair<Index, double>>& crew);

WalkedJob walk_of(const Question& q, StationRate& rate) {
  const Station& station = q.station;
  WalkedJob walk;
  const Index calendar = station.finish_shift ? none : station.calendar;
  const auto add = [&](double time, Index on, const std::vector<Need>& needs) {
    walk.job_s += time;
    if (!(time > 0)) return;
    add_crew(q, needs, time, rate.crew_s);
    Duty duty(q.plant, q.period, on, needs);
    if (!walk.stretches.empty() && walk.stretches.back().duty.same(duty)) {
      walk.stretches.back().duration_s += time;
    } else {
      walk.stretches.push_back({time, std::move(duty)});
    }
  };
  const std::vector<double> times = phase_times(q.plant, station, q.facts);
  for (const double time : times) walk.work_s += time;
  const double changeover = mean_of(station.changeover);
  const double again = q.facts.work_s >= 0 ? 1 : with_restarts(station, walk.work_s) / walk.work_s;
  double setup = q.facts.setup_s - changeover;
  if (std::isnan(setup)) setup = q.facts.mix.empty() ? 0 : setup_per_job(station, q.facts.mix, walk.work_s + changeover);
  add(std::max(0.0, setup), calendar, station.setup.needs);
  for (std::size_t k = 0; k < times.size(); ++k) {
    const WorkPhase* phase = k < station.phases.size() ? &station.phases[k] : nullptr;
    add(times[k] > 0 ? times[k] * again : times[k], !phase || phase->attended ? calendar : none, phase ? phase->needs : nobody);
  }
  add(std::isnan(q.facts.setup_s) ? changeover : std::min(changeover, q.facts.setup_s), calendar, station.changeover_needs);
  return walk;
}

/// Jobs per second by what limits them; the smaller one counts.
struct RateLimits {
  double servers, crews;
};

/// What the crews on duty let a station do, whatever its servers.
double crew_limit(const WalkedJob& walk, double servers) {
  double least = infinity;
  std::map<Index, double> time;  // by pool
  for (const Stretch& stretch : walk.stretches)
    if (const Index pool = stretch.duty.crew_pool(); pool != none) time[pool] += stretch.duration_s;
  for (const Stretch& stretch : walk.stretches)
    if (const Index pool = stretch.duty.crew_pool(); pool != none)
      least = std::min(least, stretch.duty.at_work(walk.stretches.size() == 1 ? servers : 1e9) / time[pool]);
  return least;
}

RateLimits limits_of(const Question& q, const WalkedJob& walk, const Duty& gate, Index servers) {
  double least = gate.share();
  bool uniform = true;
  for (const Stretch& stretch : walk.stretches) {
    least = std::min(least, stretch.duty.share());
    uniform = uniform && stretch.duty.calendars() == walk.stretches.front().duty.calendars() &&
              (gate.calendars().empty() || gate.calendars() == stretch.duty.calendars());
  }
  const RateLimits alone{servers * least / walk.job_s, crew_limit(walk, servers)};
  if (uniform || least <= 0) return alone;
  const double walked = bank_rate(walk.stretches, gate, servers, q.period);
  if (walked < 0) return alone;
  constexpr double nearly = 0.95;  // as much as the crews can do: then a server that is down is no loss
  return walked > nearly * alone.crews ? RateLimits{std::max(walked, alone.servers), walked} : RateLimits{walked, alone.crews};
}

double repair_of(const FailureMode& mode) {
  return mode.repair.distribution ? std::max(0.0, mode.repair.distribution->mean()) : 0;
}

// Down time per working time adds up; calendar clocks run side by side.
void add_failures(const Question& q, double servers, const WalkedJob& walk, StationRate& rate) {
  double calendar_clocks = 1, per_working_time = 0;
  for (const FailureMode& mode : q.station.failures) {
    const double every = mode.every.distribution ? mode.every.distribution->mean() : 0, repair = repair_of(mode);
    if (every <= 0) continue;
    if (mode.clock == FailureClock::calendar) {
      const double down = !mode.from_repair ? std::min(1.0, repair / every) : repair / (every + repair);
      calendar_clocks *= 1 - down;
      add_crew(q, mode.needs, down * servers, rate.crew_base);
    } else {
      if (!(walk.job_s > 0)) continue;
      const double failures_per_job = mode.clock == FailureClock::working ? walk.work_s / every : 1 / every;
      per_working_time += failures_per_job * repair / walk.job_s;
      add_crew(q, mode.needs, failures_per_job * repair, rate.crew_s);
    }
  }
  rate.availability = calendar_clocks / (1 + per_working_time);
}

// From several pools each gives by its units on duty.
void add_crew(const Question& q, const std::vector<Need>& needs, double time, std::vector<std::pair<Index, double>>& crew) {
  for (const Need& need : needs) {
    double all = 0;
    for (Index pool : need.pools) all += q.units[pool];
    for (Index pool : need.pools) {
      const double share = all > 0 ? q.units[pool] / all : 1 / static_cast<double>(need.pools.size());
      crew.emplace_back(pool, need.count * time * share);
    }
  }
}

/// Servers that can be at work at once; none: any number.
Index servers_of(const Station& station, const WalkedJob& walk) {
  if (!station.unlimited_servers) return station.servers;
  double crews = std::numeric_limits<double>::infinity();
  for (const Stretch& stretch : walk.stretches) crews = std::min(crews, stretch.duty.crews());
  return crews < 1e6 ? std::max<Index>(1, static_cast<Index>(crews)) : none;
}

}  // namespace

std::vector<double> mean_units(const Plant& plant, const Period& period) {
  std::vector<double> units;
  for (const Pool& pool : plant.pools) {
    double sum = 0;
    for (const PoolShift& shift : pool.shifts) {
      const bool always = shift.calendar == none || plant.calendars[shift.calendar].always();
      sum += shift.count * (always ? 1 : plant.calendars[shift.calendar].on_time(period.from_s, period.until_s) / period.length_s());
    }
    units.push_back(sum);
  }
  return units;
}

StationRate station_rate(const Plant& plant, const Period& period, const std::vector<double>& units, Index index,
                         const JobFacts& facts) {
  const Station& station = plant.stations[index];
  const Question q{plant, period, units, station, facts};
  StationRate rate;
  const WalkedJob walk = walk_of(q, rate);
  const Duty gate(plant, period, station.calendar, nobody);
  const Index servers = servers_of(station, walk);
  rate.job_s = walk.job_s;
  const std::vector<double> times = plant.utilities.empty() ? std::vector<double>() : phase_times(plant, station, facts);
  for (std::size_t k = 0; k < times.size() && k < station.phases.size(); ++k)
    for (const Draw& draw : station.phases[k].draws) rate.drawn.emplace_back(draw.utility, draw.needed() ? needed(draw, facts) : draw.per_s * times[k]);
  if (std::isnan(walk.job_s)) {
    rate.crew_s.clear();
    rate.on_share = gate.share();
  }
  add_failures(q, station.servers, walk, rate);
  const bool alone = station.unlimited_servers &&
                     std::all_of(station.phases.begin(), station.phases.end(), [](const WorkPhase& phase) { return phase.needs.empty(); });
  if (std::isnan(walk.job_s) && !alone) {
    rate.jobs_per_s = nan;
  } else if (alone || servers == none || walk.job_s <= 0) {
    rate.jobs_per_s = infinity;
  } else {
    const RateLimits limits = limits_of(q, walk, gate, servers);
    rate.on_share = std::min(limits.servers, limits.crews) * walk.job_s / servers;
    rate.jobs_per_s = std::min(limits.servers * rate.availability, limits.crews);
  }
  if (station.headway_s > 0) {
    const double starts = gate.share() / station.headway_s;
    rate.jobs_per_s = std::isnan(rate.jobs_per_s) ? starts : std::min(rate.jobs_per_s, starts);
  }
  return rate;
}

}  // namespace retwin
