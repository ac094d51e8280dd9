// Moves: where every lot was during a stretch of a run, and what went from where to where in its window; for replays and flow diagrams.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/flow/engine/observer.hpp"
#include "core/flow/plant/plant.hpp"

namespace retwin {

/// What became of lots between two times. Streams are variable-length integers (7 bits a byte, the lowest first, the highest bit: more
/// follows), records of three of them: ticks since the record before, who, what.
struct Moves {
  static constexpr double tick_s = 1e-3;
  struct Lot {
    std::uint64_t id = 0;
    Index kind = 0;
    double kg = 0;                         ///< when it was first told of here
    std::vector<std::uint32_t> ancestors;  ///< numbers of lots that it was made of, as far as they are told of; at most most_ancestors
  };
  static constexpr std::size_t most_ancestors = 8;
  struct Flow {
    Index from = none, to = none;  ///< nodes of the process graph
    double lots = 0, kg = 0;
  };
  double begin_s = 0, end_s = 0;
  std::vector<Lot> lots;
  /// Who: the lot's number. What: 0 it is no more; else 1 + 2 x node + (1: taken into work there, 0: it has come there). The first records,
  /// without ticks, tell where lots were at the beginning.
  std::string places;
  std::uint64_t n_places = 0;
  /// Who: the station. What: the state left x n_server_states + the state entered. Servers at the beginning: see servers.
  std::string states;
  std::uint64_t n_states = 0;
  std::vector<double> servers;  ///< stations x states, at the beginning
  std::vector<Flow> flows;      ///< of the whole time that flows are counted
};

class MovesCollector : public Observer {
 public:
  static constexpr std::uint64_t most_records = 2'000'000;
  /// @param from_s, until_s what is told of lots; @param flows_from_s from when flows are counted
  /// @param most records of lots; where there would be more the stretch is shorter
  MovesCollector(const Plant& plant, const State& state, double from_s, double until_s, double flows_from_s, std::uint64_t most = most_records);
  Moves take();

  void lot_made(const Birth& birth) override;
  void lot_entered(double now, Index station, const Lot& lot) override;
  void lot_ended(double now, const Lot& lot, Index node, std::span<const double> kg) override;
  void job_started(const JobRecord& job) override;
  void state_changed(double now, Index station, Index server, ServerState from, ServerState to) override;

 private:
  struct Known {
    Index node = none;
    bool queued = false;
    Index kind = 0;
    double kg = 0;
    std::uint32_t number = unnumbered;
  };
  static constexpr std::uint32_t unnumbered = 0xffffffff;
  bool told(double now);
  void open();
  std::uint32_t number(std::uint64_t id, Known& lot);
  void tell_place(double now, std::uint64_t id, Known& lot, std::uint64_t what);
  void move(double now, Known& lot, Index node, double kg);

  const Index stations_, sinks_;
  double flows_from_s_;
  std::uint64_t most_;
  bool opened_ = false;
  std::uint64_t last_place_ = 0, last_state_ = 0;  ///< ticks
  std::unordered_map<std::uint64_t, Known> lots_;
  std::vector<double> servers_;
  std::vector<bool> seen_;
  std::map<std::pair<Index, Index>, Moves::Flow> flows_;
  Moves moves_;
};

}  // namespace retwin
