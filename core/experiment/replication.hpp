// One replication: a compiled scenario and a task, advanced to the end of its window; figures, and for who asks what limits it.
#pragma once
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <vector>

#include "core/experiment/task.hpp"
#include "core/flow/engine/observer.hpp"
#include "core/flow/engine/watch.hpp"
#include "core/kpi/bottleneck.hpp"
#include "core/kpi/kpi.hpp"
#include "core/ledger/leaving.hpp"
#include "core/scenario/scenario.hpp"

namespace retwin {

/// How fast it went. Not part of the result: it differs from run to run.
struct Performance {
  double loop_s = 0;  ///< wall-clock time inside the engine, over all replications
  std::uint64_t events = 0, completions = 0;
  Performance& operator+=(const Performance& other);
};

/// What a replication is told beside its task.
struct ReplicationOptions {
  const State* from = nullptr;   ///< the state that the task goes on from, if any
  bool detailed = false;         ///< also what limits the plant, and what made nothing
  bool keep_state = false;
  std::unique_ptr<Observer> observer;
  std::function<void()> tick;    ///< called ticks_per_replication times on the way; may be empty
  Watch* watch = nullptr;
  double period_s = 0;           ///< above 0: the objective in each such period from the start of the run
  bool stocks = true;            ///< stocks are read; they tell nothing else
};
constexpr int ticks_per_replication = 50;

/// What one replication leaves behind.
struct Replicated {
  Outcome outcome;
  Performance performance;
  BottleneckAnalysis bottleneck;        ///< if detailed
  std::vector<Problem> warnings;        ///< if detailed: where it made nothing
  std::shared_ptr<const State> state;   ///< the last one, if kept
  Sections heard;                       ///< with it: what its observer needs in order to go on
  std::vector<double> by_period;        ///< the objective, period by period, if asked for; 0 where it has no value
  std::vector<LotThere> there;          ///< if detailed: lots that were in the plant at the beginning
  std::vector<Departure> departures;    ///< of each of these
  std::exception_ptr why;               ///< the exception behind outcome.error
};

/// Runs it. What comes out depends on the scenario and the task only. @throws RunError, and what observer and watch throw
Replicated replicate(const Scenario& scenario, const Task& task, ReplicationOptions options);

}  // namespace retwin
