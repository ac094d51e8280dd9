// How many jobs a station can do on its own: job time, calendars, crews on duty, failures. Private to core/graph.
#pragma once
#include <utility>
#include <vector>

#include "core/flow/plant/plant.hpp"
#include "core/graph/arrival_rate.hpp"

namespace retwin {

/// What was observed or is known about the jobs of a station; nan: follows from the plant.
struct JobFacts {
  double kg = 0;       ///< mass of a job's feed [kg]; nan if unknown
  double work_s = 0;   ///< work of a job, setup and changeover aside [s]
  double setup_s = 0;  ///< setup and changeover per job, as observed [s]; nan: the changeover, and setups by the mix
  std::vector<double> mix;  ///< shares of the kinds that setups depend on, see Mixes; empty: no setups
};

/// Capacity of a station by itself.
struct StationRate {
  double job_s = 0;         ///< server time of a job, setup and changeover included [s]; nan if unknown
  double on_share = 1;      ///< what calendars and crews on duty leave of the rate 1 / job_s
  double availability = 1;  ///< what failures and maintenance leave of it
  double jobs_per_s = 0;    ///< of all servers together; inf if nothing limits it; nan if job_s is unknown
  std::vector<std::pair<Index, double>> crew_s;     ///< pool and unit-seconds per job, repairs by working time or count included
  std::vector<std::pair<Index, double>> drawn;      ///< utility and amount per job; nan if unknown
  std::vector<std::pair<Index, double>> crew_base;  ///< pool and units that repairs by the calendar take all the time
};

/// Mean time of a job: means of the phases' distributions (over the speed of the pool they need), mass over throughput, for the
/// rest `Station::mean_s`; changeover; setups by the mix of kinds, see setup_per_job. Work that begins again after a failure
/// (`restart`) counts as if failures came at random.
///
/// Utilities count as if every job had all that it asks for; together they are a limit of their own. A phase takes at least what the amount that it needs
/// takes at its highest rate.
///
/// Servers without number are as many as the crews that they need; without needs nothing limits them but the headway.
///
/// Calendars, breaks and holidays: work that stops with one calendar loses what that calendar loses in the period. Where a job has
/// both work that stops with a shift and work that goes on (a bath filled in two shifts that soaks through the night), the servers
/// of the station and the crew groups of the pool walk through the calendars with mean times, first come first served; where that
/// would be long (more than some million steps, that is many short jobs per shift), the smallest share counts.
///
/// Availability: calendar clocks MTBF/(MTBF + MTTR), from start to start (as are clocks of a whole station) 1 - MTTR/MTBF; the
/// others together 1/(1 + sum of MTTR/MTBF), MTBF by working time (by count: count x job time). Jobs lost to failures do not
/// count, nor do outages at given times.
/// @param units of each pool on duty, see mean_units
StationRate station_rate(const Plant& plant, const Period& period, const std::vector<double>& units, Index station,
                         const JobFacts& facts);

/// Units of each pool on duty, on average over the period.
std::vector<double> mean_units(const Plant& plant, const Period& period);

}  // namespace retwin
