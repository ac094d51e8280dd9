// Where the parts of a line stand at a time of its log, for a scenario that goes on from there.
#pragma once
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/scenario/scenario.hpp"
#include "core/telemetry/log/event_log.hpp"

namespace retwin {

/// A name of a log as scenarios of lines have it: as scenario_name, with "_" for every sign that YAML or routes would read.
std::string line_name(std::string_view name);

/// From one machine of a line to the next.
struct LineWay {
  Index from = none, to = none;  ///< stations; `to` is none where parts leave
  std::vector<Index> over;       ///< stations between them that the log does not know: transports
  double transport_s = 0;        ///< mean, over these [s]
};

/// How a log lies on a scenario: which station each operation is at, and by which ways machines follow one another.
class LineMap {
 public:
  /// Stations are called like the activity, the resource, or both, of the operations.
  /// @throws InputError (unknown_name) if no station is called like any of the log
  LineMap(const Plant& plant, const EventLog& log);
  Index station_of(const LogEvent& event) const;  ///< none: the scenario does not know it
  bool is_machine(Index station) const { return machine_[station]; }
  const std::vector<LineWay>& ways() const { return ways_; }
  const LineWay* way(Index from, Index to) const;  ///< null if there is none
  std::vector<const LineWay*> ways_from(Index machine) const;
  /// What lies between machines, named by those behind it: ways with a machine in common at either end are one zone.
  const std::vector<std::string>& zones() const { return zones_; }
  Index zone_behind(Index machine) const { return behind_[machine]; }  ///< none: parts leave
  Index zone_before(Index machine) const { return before_[machine]; }
  /// Parts keep their labels over the laps of a closed line; else each lap has labels of its own.
  bool labels_kept() const { return labels_kept_; }
  Index entry() const { return entry_; }  ///< machine at which most parts without a label get one

 private:
  void follow(const Plant& plant, Index from, Index station, std::vector<Index>& over);
  void find_zones(const Plant& plant);
  void find_labels(const Plant& plant, const EventLog& log);
  std::map<std::pair<std::uint32_t, std::uint32_t>, Index> station_of_;  // by activity and resource
  std::vector<bool> machine_;
  std::vector<LineWay> ways_;
  std::vector<std::string> zones_;
  std::vector<Index> behind_, before_;  // by station
  bool labels_kept_ = false;
  Index entry_ = none;
};

struct LinePart {
  std::string label;                                              ///< empty: a pallet whose part has no label yet
  Index station = none;                                           ///< machine or way
  double since_s = 0;                                             ///< there since [s]
  double remaining_s = std::numeric_limits<double>::quiet_NaN();  ///< at work or on its way so much longer [s]; nan: it waits
  Index bound_for = none;                                         ///< machine that it goes to, on a way
  Index from = none;                                              ///< machine that it comes from, if the log tells
  bool finished = false;  ///< its operation is over, but there is no room behind its machine
};

/// Parts at work with what is left of the station's mean, parts on their way, and parts that wait, in the order in which they
/// came. Where a part goes that has left a machine is told by its next operation, if the log has one. A closed line (one without
/// sources) has as many parts as the scenario's `initial`; those without a label are between the last machine and the first.
std::vector<LinePart> line_state(const Plant& plant, const LineMap& map, const EventLog& log, double at_s);

/// For each station with a cyclic route: the number of the option that the next part takes.
std::map<Index, std::size_t> line_turns(const Plant& plant, const LineMap& map, const EventLog& log, double at_s);

/// @throws InputError (range) for a time before the log's beginning or behind the minute of `last_s`
void check_state_time(const EventLog& log, double at_s, double last_s);

/// The scenario as it goes on from a time of the log: run, parts and turns from then; changes before it have happened. The
/// parameters are the scenario's own. `parts`, if given, receives the parts in the order of the lots at the start.
/// @throws InputError as check_state_time
Scenario scenario_at(const Scenario& scenario, const LineMap& map, const EventLog& log, double at_s,
                     std::vector<LinePart>* parts = nullptr);

/// Start of the run on the clock of logs [s since 1970-01-01].
double start_of(const Plant& plant);

}  // namespace retwin
