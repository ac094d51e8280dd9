// How the log of a line lies on a scenario: which station each operation is at, and the ways between machines.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/flow/plant/plant.hpp"
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

}  // namespace retwin
