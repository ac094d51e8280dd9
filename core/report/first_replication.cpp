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
  listen_to_edges(wanted, begin);
}

/// One collector for the file and the page. With the page alone it saves nothing: a state would tell of a ledger that nobody has.
void FirstReplication::listen_to_edges(const FirstReplicationFiles& wanted, const State& begin) {
  struct Unsaved : EdgeCollector {
    using EdgeCollector::EdgeCollector;
    void save(Sections&) const override {}
  };
  std::vector<std::string>* blocks = nullptr;
  if (wanted.replay_s && !scenario_.reporting.factors.empty()) {
    auto edges = std::make_unique<EdgesInMemory>();
    blocks = &edges->all;
    kept_.emplace(Ledger{std::move(edges), {}});
  }
  if (!wanted.ledger.empty()) ledger_.emplace(wanted.ledger);
  if (!ledger_ && !blocks) return;
  const auto sink = [blocks, to_file = ledger_ ? ledger_->sink() : EdgeWriter::Sink()](std::string_view block, std::size_t jobs) {
    if (to_file) to_file(block, jobs);
    if (blocks) blocks->emplace_back(block);
  };
  const Plant& plant = *scenario_.plant;
  if (ledger_) edges_ = std::make_unique<EdgeCollector>(plant, scenario_.reporting, begin, sink);
  else edges_ = std::make_unique<Unsaved>(plant, scenario_.reporting, begin, sink);
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
  if (edges_) summary_ = edges_->finish(end_s);
  if (kept_) kept_->summary = summary_;
  complete_ = true;
}

void FirstReplication::commit() {
  const Plant& plant = *scenario_.plant;
  const double end_s = complete_ ? begin_s_ + scenario_.run.duration_s : 0;  // until when the states at hand last is not known
  if (trace_) trace_->commit();
  if (states_) states_->commit(end_s);
  if (log_) log_->commit();
  if (ledger_ && complete_) ledger_->commit(summary_, plant, scenario_.path);
  if (series_) write_file(series_path_, table_of(series_->series(), plant).csv());
}

std::optional<LogSummary> FirstReplication::log() const { return log_ ? std::optional(log_->summary()) : std::nullopt; }

}  // namespace retwin
