// What limits the plant, by several methods side by side: utilisation, active periods, blocked and starved neighbours, static
// capacity; one sentence of verdict, and another where they disagree.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "core/flow/plant/plant.hpp"
#include "core/flow/state/state.hpp"
#include "core/kpi/suspects.hpp"
#include "core/ledger/window.hpp"

namespace retwin {

/// Momentary and shifting bottlenecks (Roser, Nakano & Tanaka, Shifting bottleneck detection, Proc. Winter Simulation Conference
/// 2002): at each instant the server whose uninterrupted active period is the longest is the bottleneck; while the period of one
/// bottleneck overlaps with that of the next, the bottleneck is shifting. Reads the activity log in pieces, so that its memory
/// does not grow with the run. Periods of one station that abut are one period: between two jobs a server may show `blocked` or
/// `starved` for no time at all. O(n log n) in the number of periods.
class ActivitySweep {
 public:
  /// @param plant whose stations they are
  ActivitySweep(const Plant& plant, double begin_s);
  /// Takes the ended periods out of the state's log and looks at those that go on.
  void take(State& state);
  /// No more to come: periods that go on are cut at the state's time.
  void finish(State& state);

  struct Share {
    double sole_s = 0;      ///< the only bottleneck
    double shifting_s = 0;  ///< bottleneck together with the one before or after it
    double active_s = 0;    ///< server time in active periods
    double periods = 0;
    double active_period_s() const { return active_s / periods; }  ///< NaN if there was none
  };
  const std::vector<Share>& shares() const { return shares_; }  ///< per station
  double length_s() const { return end_ - begin_; }

 private:
  struct Period {
    double begin = 0, end = 0;
    Index station = none;
    bool goes_on = false;  ///< one that runs now began where this one ended
    double length() const { return end - begin; }
  };
  void merge_log(State& state);
  std::vector<Period> look_at_running(const State& state);
  class Ended;
  void prune(const std::vector<Period>& running);
  void prune_recent();
  void settle(double frontier);
  void count(const Period& period);

  const Plant& plant_;
  double begin_, end_;
  std::vector<Share> shares_;
  std::vector<Period> open_;  ///< ended, not settled yet
  Period current_;            ///< the bottleneck at `position_`, none in a gap
  double position_;           ///< settled up to here
};

/// One line of the table.
struct BottleneckRow {
  std::string station;
  double utilisation = 0;
  double active_period_s = 0;
  double sole = 0, shifting = 0;    ///< shares of the window
  double available = 0;             ///< on shift and in order: share of server time, as are the next three
  double blocked = 0, starved = 0;
  double waiting_resource = 0;
  /// One of these as a share of the available time.
  double while_available(double BottleneckRow::*share) const { return available > 0 ? this->*share / available : 0; }
  double static_utilisation = 0;  ///< NaN if not given
  bool turning_point = false;     ///< blocked before it, starved after it
};

struct BottleneckAnalysis {
  std::vector<BottleneckRow> rows;  ///< the busiest first
  /// Method and the station that it names ("" if none), in a fixed order.
  std::vector<std::pair<std::string, std::string>> named;
  std::string station;       ///< that the verdict names
  bool plant_limits = true;  ///< false: the plant keeps up with its sources
  bool agree = true;
  std::string verdict;       ///< one sentence
  std::string disagreement;  ///< empty if the methods agree
  std::vector<Suspect> suspects;  ///< with buffers, pools and calendars among them, the most loaded first
};

/// @param static_ranking station and its utilisation at the given input from the traffic equations, if known
BottleneckAnalysis analyse_bottlenecks(const Window& window, const ActivitySweep& activity,
                                       const std::vector<std::pair<std::string, double>>& static_ranking = {});

}  // namespace retwin
