// The observers of a first replication, and the files that they leave.
#include "core/report/first_replication.hpp"

#include <algorithm>

#include "core/base/files.hpp"
#include "core/report/page/run_page.hpp"

namespace retwin {

FirstReplication::FirstReplication(const FirstReplicationFiles& wanted, const Scenario& scenario, const CarriedState* from, const std::string& from_path)
    : scenario_(scenario), series_path_(wanted.series), from_path_(from_path) {
  const Plant& plant = *scenario.plant;
  if (from) heard_ = from->heard;
  const State begin = from ? from->state : initial_state(plant, scenario.run.seed);
  begin_s_ = from ? begin.now : 0;
  if (!wanted.trace.empty()) trace_.emplace(plant, wanted.trace);
  if (!wanted.states.empty()) states_.emplace(plant, begin, wanted.states);
  if (!wanted.log.empty()) log_.emplace(plant, wanted.log);
  if (!wanted.series.empty()) series_.emplace(plant, begin, wanted.every_s);
  if (wanted.replay_s) {
    const double window_s = begin.now + (scenario.run.terminating ? 0 : scenario.run.warmup_s), end_s = begin.now + scenario.run.duration_s;
    curves_.emplace(plant, begin, curve_step_s(scenario));
    moves_.emplace(plant, begin, window_s, std::min(end_s, window_s + *wanted.replay_s), window_s);
  }
  if (!wanted.ledger.empty()) {
    ledger_.emplace(wanted.ledger);
    edges_.emplace(plant, scenario.reporting, begin, ledger_->sink());
  }
}

std::unique_ptr<Observer> FirstReplication::observer(std::int64_t replication) {
  if (replication != 0) return nullptr;
  auto all = std::make_unique<Observers>();
  if (trace_) all->add(&*trace_);
  if (states_) all->add(&*states_);
  if (log_) all->add(&*log_);
  if (series_) all->add(&*series_);
  if (curves_) all->add(&*curves_);
  if (moves_) all->add(&*moves_);
  if (edges_) all->add(&*edges_);
  if (heard_) all->begin_with(*heard_, *scenario_.plant, from_path_);
  return all->empty() ? nullptr : std::move(all);
}

void FirstReplication::finish() {
  const double end_s = begin_s_ + scenario_.run.duration_s;
  if (series_) series_->finish(end_s);
  if (curves_) curves_->finish(end_s);
  complete_ = true;
}

void FirstReplication::commit() {
  const Plant& plant = *scenario_.plant;
  const double end_s = complete_ ? begin_s_ + scenario_.run.duration_s : 0;  // until when the states at hand last is not known
  if (trace_) trace_->commit();
  if (states_) states_->commit(end_s);
  if (log_) log_->commit();
  if (edges_ && complete_) ledger_->commit(edges_->finish(end_s), plant, scenario_.path);
  if (series_) write_file(series_path_, table_of(series_->series(), plant).csv());
}

std::optional<LogSummary> FirstReplication::log() const { return log_ ? std::optional(log_->summary()) : std::nullopt; }

}  // namespace retwin
