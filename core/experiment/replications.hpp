// Replications: the same scenario with independent luck, on all cores, and what they say together.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/flow/engine/observer.hpp"
#include "core/kpi/bottleneck.hpp"
#include "core/kpi/kpi.hpp"
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
  std::vector<KpiMaker> more_kpis;
  /// Goes on from this state instead of an empty plant, without a warm-up; `duration` counts from its time. With several
  /// replications each but the first is re-keyed: other futures of the same present.
  const State* from = nullptr;
  std::optional<std::uint64_t> reseed;  ///< with `from`: also the first replication is another future, by this seed
  bool keep_state = false;  ///< keep the last state of replication 0
};

/// A figure over the replications.
struct KpiSummary {
  Kpi kpi;            ///< of replication 0: path, unit, doc
  Interval interval;  ///< Student's, or the ratio estimator's; n counts the replications in which it is defined
};

/// How fast it went. Not part of the result: it differs from run to run.
struct Performance {
  double loop_s = 0;  ///< wall-clock time inside the engine, over all replications
  std::uint64_t events = 0, completions = 0;
};

struct Results {
  std::vector<KpiSummary> kpis;
  std::vector<std::vector<double>> values;  ///< per figure, per replication
  BottleneckAnalysis bottleneck;            ///< of replication 0
  std::int64_t replications = 0;
  double begin_s = 0, end_s = 0;  ///< the window
  bool warmed_up = false;         ///< a warm-up was cut off
  std::vector<Problem> warnings;  ///< of replication 0, where it made nothing
  Performance performance;
  std::shared_ptr<const State> state;  ///< last one of replication 0, if kept
  /// The summary of a path, null if there is none.
  const KpiSummary* find(std::string_view path) const;
};

/// Runs the replications and summarises them. The result does not depend on the number of threads.
/// @throws RunError of the first replication that failed, with its number in the message; CheckError likewise
Results run_replications(const Scenario& scenario, const RunOptions& options = {});

}  // namespace retwin
