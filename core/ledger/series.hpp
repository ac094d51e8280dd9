// Series: the levels of a run at regular times, collected by an observer while it goes on.
#pragma once
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "core/base/table.hpp"
#include "core/flow/engine/observer.hpp"
#include "core/flow/plant/plant.hpp"

namespace retwin {

/// Levels at regular times, after all that happened at each; arrays are times x stations (servers in each state: x n_server_states),
/// times x resources, times x sinks, row by row.
struct Series {
  std::vector<double> time_s;
  std::vector<double> wip;                  ///< lots in the plant
  std::vector<double> queue, content;       ///< of each station [lots]
  std::vector<double> power_W;              ///< of each station, by the states of its servers; what a job uses on top is no power
  std::vector<double> servers;              ///< of each station, in each state
  std::vector<double> taken, on_duty;       ///< units of each resource
  std::vector<std::uint64_t> sink_lots;     ///< since the start of the run
  std::vector<double> memory;               ///< what each station's servers remember, the mean over those that have worked; NaN before
};

/// Adds those of a state, at its time, to a series that has none of what is remembered.
void add_levels(Series& series, const Plant& plant, const State& state);

/// Collects them from a state on, at its time and every so often from then on.
class SeriesCollector : public Observer {
 public:
  /// @param every_s above 0. The plant is that of the state; it is kept by reference, until others are told of by plant_changed
  SeriesCollector(const Plant& plant, const State& state, double every_s);
  /// Looks at all times up to `until_s`, where the run stands now.
  void finish(double until_s) { look(until_s, true); }
  const Series& series() const { return series_; }
  Series take() { return std::move(series_); }

  void lot_made(const Birth& birth) override;
  void lot_entered(double now, Index station, const Lot& lot) override;
  void lot_ended(double now, const Lot& lot, Index node, std::span<const double>) override;
  void job_started(const JobRecord& job) override;
  void job_finished(const JobRecord& job) override;
  void state_changed(double now, Index station, Index server, ServerState from, ServerState to) override;
  void crew_changed(double now, Index pool, double taken, double on_duty) override;
  void memory_renewed(double now, Index station, Index server) override;
  void plant_changed(double now, const Plant& plant) override;
  bool between_events() const override { return true; }
  void before_event(double next) override { look(next, false); }

 private:
  struct Whereabouts {
    Index station = none;
    bool queued = false;
    bool counts = true;  ///< it is one of the plant's lots, and stands for no step
  };
  void place(const State& state);
  void look(double until_s, bool including);
  void sample(double at_s);

  const Plant* plant_;
  double begin_s_, every_s_;
  std::uint64_t looks_ = 0;
  Series series_;
  std::unordered_map<std::uint64_t, Whereabouts> lots_;
  double wip_;
  std::vector<double> queue_, content_, servers_, taken_, on_duty_;
  std::vector<std::uint64_t> sink_lots_;
  std::vector<bool> seen_;                                  ///< servers
  std::vector<std::unordered_map<Index, std::vector<double>>> memory_;  ///< by station and server
};

/// time_s, wip; per station queue, content, power_W, and servers in each state in which one has been; per resource taken and on duty;
/// lots at each sink; what is remembered. Columns are called by their paths: stations.press.queue.
Table table_of(const Series& series, const Plant& plant);

}  // namespace retwin
