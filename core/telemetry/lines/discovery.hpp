// What an event log tells of a production line: machines, service, changeovers, transport, what lies between machines, pallets.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/stats/bounds.hpp"
#include "core/telemetry/drift/drift.hpp"
#include "core/telemetry/log/event_log.hpp"

namespace retwin {

/// A time that takes nearly the same again and again, found among others that contain something more. [s]
struct LineTime {
  Bounds mean;  ///< Student, of those taken for it; nan if there are none
  double sd = 0;
  std::size_t n = 0;     ///< taken for it
  bool at_most = false;  ///< seen only together with other waiting: the time is no longer than this

  bool known() const { return n > 0 && !at_most; }
};

/// Machines that do one activity alike. Machines of one activity whose services differ are stations of their own.
struct LineStation {
  std::string name;  ///< activity; with the machines if the activity has several stations
  std::uint32_t activity = 0;
  std::vector<std::uint32_t> resources;  ///< empty: the log names none, the activity is the machine
  Bounds service;                        ///< mean of the whole operations, from start to end [s]
  double sd = 0;
  std::vector<double> services_s;  ///< of whole operations, in order of their ends
  std::vector<Drift> drifts;       ///< lasting changes of the service
  std::size_t room = 0;            ///< parts before it, on their way and waiting, when machines before are blocked; 0: never seen
  LineTime changeover;             ///< between two parts while the next one waits and there is room behind
  double now_s() const { return drifts.empty() ? service.estimate : drifts.back().after; }  ///< service after the last change [s]
};

/// Parts that go from one station straight to another.
struct LineLink {
  std::uint32_t from = 0, to = 0;  ///< stations
  std::size_t n = 0;
  Bounds share;             ///< of what leaves `from`
  LineTime transport;       ///< from the end at the one to the start at the other, if that has nothing else to do [s]
  double clock_s = 0;       ///< negative transport: the clock of `to` is behind that of `from` by at least this [s]
  bool unlabelled = false;  ///< parts change their label on the way: matched in their order (return of pallets)
};

/// What lies between stations: links with stations in common.
struct LineZone {
  std::vector<std::uint32_t> from, to;  ///< stations
  std::size_t most = 0, last = 0;       ///< parts between them: at most, and at the end of the log
  std::size_t blocked = 0;              ///< parts after which a machine before it stood still although the next part waited
  double blocked_s = 0;                 ///< total [s]
  std::size_t room = 0;                 ///< parts it holds when a machine before it is blocked; 0: never seen full
};

/// A fixed number of carriers that return from the last station to the first.
struct LineLoop {
  bool closed = false;
  std::size_t pallets = 0;  ///< at least so many, if `at_least`
  bool at_least = false;
  std::string note;  ///< what it rests on
};

enum class LineRuleKind : std::uint8_t { shares, cyclic, shortest, fastest, by_part };

/// A rule that could have sent the parts of a log to parallel machines.
struct LineRule {
  LineRuleKind kind = LineRuleKind::shares;
  bool on_arrival = false;         ///< decided behind the way, else in front of it
  bool before_changes = false;     ///< fastest: believes the services that held at first, whatever changed since
  std::vector<std::uint32_t> to;   ///< stations, in the order in which the rule prefers them when they are equal
  std::vector<double> believed_s;  ///< fastest: service of each of `to` [s]
  std::size_t agreeing = 0, decisions = 0;
  double log_likelihood = 0;
  double agreement() const { return decisions > 0 ? static_cast<double>(agreeing) / static_cast<double>(decisions) : 0; }
};

/// Parallel machines behind a station, and the rule by which parts go to the one or the other.
struct LineSplit {
  std::uint32_t from = 0;       ///< station
  std::vector<LineRule> rules;  ///< the likeliest first
  std::string note;             ///< how sure that is
};

struct LineFindings {
  bool line = false;  ///< the log looks like one of a production line; why not says `note`
  std::string note;
  double resolution_s = 0;            ///< of the stamps
  std::vector<LineStation> stations;  ///< in order of the flow
  std::vector<LineLink> links;
  std::vector<LineZone> zones;
  std::vector<LineSplit> splits;
  LineLoop loop;
  double explained =
      0;  ///< share of the starts that came a changeover after the part before or a transport after the station before
  std::vector<std::string> notes;
  std::uint32_t station_of(const LogEvent& event) const;  ///< Names::absent if it is at none
};

/// Learns a line from the stamps alone. A machine starts on a part as soon as the part is there and the machine is free,
///   start = max(end at the station before + transport, end of the part before + changeover),
/// so that delays of parts that found the machine free are transports, and gaps before parts that were there already are
/// changeovers. Which is which follows from the shortest of both (both are nearly constant), refined once. A machine that stands
/// although its next part is there, while as many parts as ever lie behind it, is blocked: these gaps are no changeovers.
///
/// Machines of an activity are told apart where Welch's test of neighbouring means says so (1 %, Bonferroni) and they differ by
/// more than 1 %. A closed loop is seen from labels that return to the first station, or from the k-th start at the first station
/// following the (k-N)-th end at the last one at a constant lag.
///
/// It is taken for a line if machines do one activity, one part at a time, in a chain, and most starts are explained so. The
/// limits are estimates.
LineFindings find_line(const EventLog& log);

/// The line as a scenario of stations, ways and, if it is closed, pallets, all as they stood at a time of the log, with the
/// services after the last change before it. Where parts can go to several machines of an activity, or to several with the same
/// stations behind them, they take the one with the shortest queue, as no log tells the rule. @param at_s since 1970-01-01 [s]
std::string line_scenario(const LineFindings& line, const EventLog& log, double at_s);

}  // namespace retwin
