// Static capacity: what a plant can do by the traffic equations, before any run, and which station or crew limits it.
#pragma once
#include <limits>
#include <string>
#include <vector>

#include "core/flow/state/state.hpp"
#include "core/graph/process_graph.hpp"

namespace retwin {

/// What leaves a port per lot, or per kg, that its station has worked on; nan: the default.
/// Defaults: a plain station passes its lots; a merging one gives 1 lot per batch; unloading gives the mean load of the source;
/// a station that fills its jobs by mass gives 1 lot per job on every port; several ports of a unit operation share equally (a
/// guess: give what the operation does, or what a run has shown, see observed()).
struct PortYield {
  double lots_per_lot = std::numeric_limits<double>::quiet_NaN();
  double kg_per_kg = std::numeric_limits<double>::quiet_NaN();
  double lots_per_kg = std::numeric_limits<double>::quiet_NaN();  ///< instead of lots_per_lot, where jobs are filled by mass
};

/// What is known beyond the plant. Any vector may be empty and any entry nan: then it follows from the plant.
struct CapacityInput {
  std::vector<PortYield> yields;     ///< per port of the plant
  std::vector<double> shares;        ///< per edge of the process graph, of what leaves its port
  std::vector<double> source_rate;   ///< per source [lots/s]; inf: saturated
  std::vector<double> source_kg;     ///< per source: mass of a lot [kg]; default: mean of 1,000 that its maker makes
  std::vector<double> work_s;        ///< per station: mean work of a job [s]
  std::vector<double> setup_s;       ///< per station: mean setup and changeover per job [s]; default: by the mix of kinds
  std::vector<std::vector<double>> mix;  ///< per station: shares of the kinds that its setups depend on, unknown first
  std::vector<double> lots_per_job;  ///< per station; default: full batches
  std::vector<double> job_kg;        ///< per station whose jobs are filled by mass [kg]
  double from_s = 0, until_s = 0;    ///< the time whose average is taken: shifts, holidays, arrivals; default: weeks 3 to 8
};

/// What a run has shown: yields, job times, batch sizes, and the splits of choices (by what entered the targets less what came
/// there on ways that are known, exact where no two choices lead to one target). @param begin accounts at the start of the window; null: from the start of the run
CapacityInput observed(const Plant& plant, const Accounts& end, const Accounts* begin = nullptr);

/// Rates are of lots of all sources together where nothing else is said; "unlimited" is infinity, "unknown" nan.
struct StationCapacity {
  double visits = 0;  ///< lots that come in per source lot
  double kg = 0;      ///< and their mass [kg per source lot]
  double job_s = 0;   ///< server time per job [s]
  double lots_per_job = 1;
  double on_share = 1;      ///< left by shifts and crews on duty
  double availability = 1;  ///< left by failures and maintenance
  double capacity = 0;      ///< [lots/s] of this station
  double load = 0;          ///< [lots/s] that come at the rate of the sources (saturated: at the plant's capacity)
  double utilisation = 0;   ///< load / capacity; above 1: it cannot keep up
  double limit = 0;         ///< [source lots/s] at which it is full
};
struct PoolCapacity {
  double units = 0;   ///< on duty, on average
  double demand = 0;  ///< unit-seconds per source lot
  double base = 0;    ///< units taken whatever the flow: repairs by the calendar
  double load = 0;    ///< units taken, on average
  double utilisation = 0;
  double limit = 0;  ///< [source lots/s]
};
struct UtilityCapacity {
  double capacity = 0;  ///< amount of its flow [1/s], outages left out
  double load = 0;      ///< at the load [1/s]
  double utilisation = 0;
  double limit = 0;     ///< [source lots/s]
};
struct Capacity {
  std::vector<StationCapacity> stations;
  std::vector<PoolCapacity> pools;
  std::vector<UtilityCapacity> utilities;
  std::vector<double> source_rate;  ///< [lots/s]; inf: saturated
  std::vector<double> shares;       ///< per edge, as used
  std::vector<double> edge_rate;    ///< per edge, at the load [lots/s]
  double feed = 0;                  ///< what the sources offer together [lots/s]; inf if one of them is saturated
  double capacity = 0;              ///< what the plant can take in the given mix of sources [source lots/s]
  double throughput = 0;            ///< the smaller of the two
  double upper_bound = 0;           ///< max-flow: every split free, crews left out, sources at their rates [source lots/s]
  bool has_choice = false;          ///< some route really chooses (shortest, fastest, overflow); else the bound says nothing new
  Index bottleneck_station = none, bottleneck_pool = none, bottleneck_utility = none;  ///< the smallest limit; at most one is set
  std::vector<std::string> notes;                           ///< what had to be assumed or is unknown, one sentence each
};

/// Solves the traffic equations for the visits per source lot, in lots and in kg, and finds the smallest capacity/visits.
/// - Shifts, holidays and arrivals count on average over the time that is asked about (of more than ten years, the first ten).
/// - Several sources grow together in proportion to their rates. Saturated ones take what the others leave, equal numbers of
///   lots each; limits on their lots or active time are left out.
/// - A plant without sources is a closed loop: a "source lot" is then one round, counted at the station of the initial lots.
/// - Cases without given shares are split equally. Shortest, fastest and overflow: in proportion to the capacities of the
///   targets, which is best where nothing behind them or beside them is tighter; where a target has no limit (a sink),
///   overflow takes the first option, the others equal shares.
/// - Batches are as full as a station that is never short of lots makes them. Blocking and starving are not seen: a run gives less.
/// Traffic equations: Jackson, Operations Research 5, 1957; bottleneck by the largest demand: Denning & Buzen, ACM Computing
/// Surveys 10, 1978. What a station can do by itself: see station_rate.hpp.
Capacity static_capacity(const Plant& plant, const ProcessGraph& graph, const CapacityInput& input = {});

}  // namespace retwin
