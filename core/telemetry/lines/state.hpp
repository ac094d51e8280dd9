// Where the parts of a line stand at a time of its log, for a scenario that goes on from there.
#pragma once
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "core/scenario/scenario.hpp"
#include "core/telemetry/lines/map.hpp"
#include "core/telemetry/log/event_log.hpp"

namespace retwin {

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
