// Replications: the same scenario with independent luck, on all cores, and what they say together.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/experiment/executor.hpp"
#include "core/experiment/figures.hpp"
#include "core/experiment/warmup.hpp"
#include "core/kpi/bottleneck.hpp"
#include "core/kpi/kpi.hpp"
#include "core/ledger/leaving.hpp"
#include "core/scenario/scenario.hpp"
#include "core/stats/intervals.hpp"

namespace retwin {

struct RunOptions {
  std::int64_t replications = 0;  ///< 0: as the scenario says
  int jobs = 1;                   ///< threads
  /// Observer of a replication, may return null; lives as long as the replication and is called from its thread only.
  std::function<std::unique_ptr<Observer>(std::int64_t replication)> observer;
  /// Told the share done [0, 1] of all replications, from any thread but one at a time.
  std::function<void(double done)> progress;
  /// Called several times a second from the thread that called; what it throws ends the run, in all threads, and is passed on.
  std::function<void()> poll;
  /// Goes on from this state instead of an empty plant, without a warm-up; `duration` counts from its time. With several
  /// replications each but the first is re-keyed: other futures of the same present.
  const State* from = nullptr;
  std::optional<std::uint64_t> reseed;  ///< with `from`: also the first replication is another future, by this seed
  bool keep_state = false;  ///< keep the last state of replication 0
  Task origin;  ///< where the scenario and the state come from: files, overrides, libraries; to repeat the tasks elsewhere
};

/// A figure over the replications.
struct KpiSummary {
  Kpi kpi;            ///< of the first replication that has it: path, unit, doc
  Interval interval;  ///< Student's, or the ratio estimator's; n counts the replications in which it is defined
};

struct Results {
  std::vector<KpiSummary> kpis;
  std::vector<std::vector<double>> values;  ///< per figure, per replication
  BottleneckAnalysis bottleneck;            ///< of replication 0
  std::int64_t replications = 0;
  double begin_s = 0, end_s = 0;  ///< the window
  bool precise = true;            ///< of `auto`: what was asked for has been reached
  bool warmed_up = false;         ///< a warm-up was cut off
  bool found_warmup = false;      ///< `warmup: auto`: begin_s was found
  std::vector<Problem> warnings;  ///< of replication 0, where it made nothing
  Performance performance;
  std::shared_ptr<const State> state;  ///< last one of replication 0, if kept
  Sections heard;                      ///< with it: what its observer needs in order to go on
  std::vector<Task> tasks;             ///< per replication, to repeat it alone
  std::vector<std::string> digests;    ///< per replication, see Outcome
  FigureRows figures;                     ///< of all replications
  std::vector<LotThere> there;                     ///< lots that were in the plant at the beginning
  std::vector<std::vector<Departure>> departures;  ///< per replication, of each of them
  /// What one replication came to.
  Outcome outcome(std::size_t replication) const { return {tasks.at(replication), figures.of(replication), digests[replication], {}}; }
  /// The summary of a path, null if there is none.
  const KpiSummary* find(std::string_view path) const;
};

/// One figure over the replications that have it. @param level of the interval
KpiSummary summarise(const FigureRows::Path& path, double level);

/// The replications of a scenario as tasks, in order; of `auto` the first of them. A warm-up that is to be found is none yet.
std::vector<Task> tasks_of(const Scenario& scenario, const RunOptions& options = {});

/// Finds the warm-up of `warmup: auto`: runs the first replications from their beginning and cuts the mean of the objective over them.
/// Those that are reported are the same with that warm-up. @throws RunError
FoundWarmup find_warmup(const Scenario& scenario, const RunOptions& options = {});

/// Runs the replications and summarises them; without a number, until the objective and carbon per tonne are as precise as the scenario
/// asks: at least 10, then by half more each time, at most RunSettings::max_replications
/// (Law, Simulation Modeling and Analysis, 5th ed. 2015, section 9.4.1, sequential procedure on relative precision). The result does not depend on the number of threads.
/// @throws RunError of the first replication that failed, with its number in the message; all else likewise
Results run_replications(const Scenario& scenario, const RunOptions& options = {});

}  // namespace retwin
