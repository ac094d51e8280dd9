// What listens to the first replication of a run: for the files that tell of it, and for the page.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "core/experiment/going_on.hpp"
#include "core/experiment/ledger_run.hpp"
#include "core/ledger/ledger_file.hpp"
#include "core/ledger/moves.hpp"
#include "core/ledger/series.hpp"
#include "core/ledger/state_trace.hpp"
#include "core/ledger/writers.hpp"
#include "core/scenario/scenario.hpp"
#include "core/telemetry/writers/log_writer.hpp"

namespace retwin {

/// What is wanted of it: paths of files, empty where there is to be none.
struct FirstReplicationFiles {
  std::string trace, states, log, series, ledger;
  double every_s = 0;              ///< between two rows of the series
  std::optional<double> replay_s;  ///< how much the page plays; none: there is no page
};

/// It stays where it is while the replications go on.
class FirstReplication {
 public:
  /// Opens the files. @param from where the run begins, null: with an empty plant @param from_path of its file @throws InputError (file)
  FirstReplication(const FirstReplicationFiles& wanted, const Scenario& scenario, const CarriedState* from, const std::string& from_path);
  /// For the run's options: of any replication but the first there is none.
  std::unique_ptr<Observer> observer(std::int64_t replication);
  /// To be called when the replications are complete. Where they broke off the files tell what happened until then, but for the ledger.
  void finish();
  /// @throws InputError (file)
  void commit();

  /// For the page.
  const Series& curves() const { return curves_->series(); }
  Moves take_moves() { return moves_->take(); }
  /// What its jobs did, for footprints; null where the plant has no emission factors.
  const Ledger* edges() const { return kept_ ? &*kept_ : nullptr; }
  /// None if there is no log.
  std::optional<LogSummary> log() const;

 private:
  void listen_to_edges(const FirstReplicationFiles& wanted, const State& begin);
  const Scenario& scenario_;
  const std::string series_path_, from_path_;
  std::optional<Sections> heard_;  ///< what observers had saved with the state to begin with
  double begin_s_;
  bool complete_ = false;
  std::optional<TraceWriter> trace_;
  std::optional<StateTrace> states_;
  std::optional<LogWriter> log_;
  std::optional<SeriesCollector> series_, curves_;  ///< for a file; for the page
  std::optional<MovesCollector> moves_;             ///< for the page
  std::optional<LedgerWriter> ledger_;
  std::optional<Ledger> kept_;  ///< for the page; its summary once it is complete
  std::unique_ptr<EdgeCollector> edges_;
  EdgeSummary summary_;  ///< of the edges, once they are complete
};

}  // namespace retwin
