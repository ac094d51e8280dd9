// Hears a run and writes down its edges; what stations use beside their jobs is summed by calendar week.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "core/flow/engine/observer.hpp"
#include "core/flow/plant/plant.hpp"
#include "core/ledger/edges.hpp"
#include "core/ledger/reporting.hpp"
#include "core/stats/tally.hpp"

namespace retwin {

/// What a station did in a calendar week.
struct StationWeek {
  std::uint64_t jobs = 0;
  std::vector<Part> flows;  ///< used by its state while no job was worked on
};
/// What the edges do not say.
struct EdgeSummary {
  std::uint64_t structure_hash = 0;
  double begin_s = 0, end_s = 0;
  std::uint64_t jobs = 0, lots = 0;  ///< edges of jobs, and the lots at their ends
  std::int64_t last_week = 0;
  std::string parent;                ///< SHA-256 of the edges that led to the state at its beginning; empty: nobody told
  std::string sha256;                ///< of all blocks
  std::map<std::pair<Index, std::int64_t>, StationWeek> weeks;
  std::vector<std::vector<double>> in_hand;  ///< station x flow: of jobs that had not ended
  std::vector<std::vector<double>> used;     ///< all: station, then sink, then source x flow
  /// Prices of lots and of people, by name: flows beyond those of the plant, in what is paid for [kg, lots, s at a job].
  std::vector<std::string> paid;
  std::vector<double> on_duty_s;             ///< of each pool
};

class EdgeCollector : public Observer {
 public:
  /// @param begin where the run begins. The plant is that of the state
  EdgeCollector(const Plant& plant, const Reporting& reporting, const State& begin, EdgeWriter::Sink sink);
  /// All that happened until then has been heard. Once, at the end.
  EdgeSummary finish(double until_s);

  void lot_made(const Birth& birth) override;
  void lot_ended(double now, const Lot& lot, Index node, std::span<const double> kg) override;
  void lot_mixed(double now, Index station, const Lot& into, const Lot& from, double share, std::span<const double> into_kg,
                 std::span<const double> from_kg) override;
  void job_started(const JobRecord& job) override;
  void job_finished(const JobRecord& job) override;
  void job_scrapped(const JobRecord& job) override;
  void state_changed(double now, Index station, Index server, ServerState from, ServerState to) override;
  void plant_changed(double now, const Plant& plant) override;
  void crew_changed(double now, Index pool, double taken, double on_duty) override;
  void standing_use(double now, Index which, double per_s) override;

 protected:
  void save(Sections& sections) const override;
  bool restore(const Sections& sections, const Plant& plant) override;

 private:
  struct Rate {
    Index flow = 0;
    double per_s[n_server_states] = {};
  };
  struct Working {
    Index station = none;
    ServerState state = ServerState::starved;
    double since = 0;
    bool job = false;
    std::vector<double> used;  ///< by the job in hand, in the order of its station's rates
  };
  void read_rates(const Plant& plant);
  Working& server(Index station, Index server, double now);
  void settle(Working& server, double now);
  void settle_standing(Index which, double now);
  void spread(Index station, Index flow, double per_s, double begin_s, double end_s);
  void give_back(Working& server, double now);
  std::int64_t week_of(double now) const;
  double end_of(std::int64_t week) const;
  void turn_week(double now);
  void add_masses(EdgeLot& lot, std::span<const double> kg);
  void read_prices(const Plant& plant, const Reporting& reporting);
  void use_at(Index node, const Lot& lot, std::span<const double> kg, double lots, double times = 1);
  bool passes(const JobRecord& job) const;
  void add_inputs(const JobRecord& job, bool masses);
  void add_outputs(const JobRecord& job);
  void take_flows(const JobRecord& job);
  void take_people(const JobRecord& job);
  StationWeek& this_week(Index station);
  std::string sha256() const;

  const Plant* plant_;
  EdgeWriter writer_;
  EdgeSummary summary_;
  std::string hashes_;  ///< of the blocks, one after another
  std::vector<std::vector<Rate>> rates_;  ///< by station
  std::vector<std::vector<Passing::Rate>> passing_;  ///< by node, see EdgeSummary::used
  struct Paid {
    Index flow = 0;
    std::vector<double> share;  ///< of each component; empty: lots are counted
  };
  std::vector<std::vector<Paid>> paid_;  ///< by node
  struct People {
    Index pool = 0, flow = 0;
    std::optional<ShiftCalendar> during;
  };
  std::vector<People> people_;
  std::vector<LevelIntegral> on_duty_;
  std::vector<Working> servers_;
  struct Standing {
    double since = 0, per_s = 0;
  };
  std::vector<Standing> standing_;  ///< see Plant::standing
  std::vector<std::vector<std::pair<std::int64_t, StationWeek>>> weeks_;  ///< by station, the last one at the end
  std::vector<std::uint64_t> used_up_;    ///< by the last job
  std::size_t next_used_up_ = 0;
  std::unordered_set<std::uint64_t> steps_;  ///< lots that stand for one
  std::int64_t week_ = 0;
  double week_ends_ = 0;
  bool week_known_ = false;
  Edge edge_;
};

}  // namespace retwin
