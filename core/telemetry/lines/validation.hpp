// How well a line's scenario foretells its log window by window, each begun where the log says that the parts are.
#pragma once
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "core/scenario/scenario.hpp"
#include "core/telemetry/log/event_log.hpp"

namespace retwin {

struct LineValidationOptions {
  double window_s = 300;
  double tolerance_s = 20;  ///< between the same event in the log and in the twin
  std::uint64_t replications = 10;
  std::uint64_t seed = 1;
  double from_s =
      std::numeric_limits<double>::quiet_NaN();  ///< nan: start of the scenario's run if the log has it, else of the log
};

/// Events that two sequences have in common, and events of the longer one; summed over replications.
struct LineAgreement {
  double common = 0, longer = 0;
  double share() const { return longer > 0 ? common / longer : 1; }
  void add(const LineAgreement& other) { common += other.common, longer += other.longer; }
};

/// A count in the log, and its mean in the twin.
struct LineCount {
  double log = 0, twin = 0;
};

struct LineWindow {
  double begin_s = 0, end_s = 0;
  std::vector<LineAgreement> stations;  ///< as LineValidation::stations
  LineAgreement all;
  LineCount made;                ///< parts finished at the last machines
  std::vector<LineCount> zones;  ///< parts in them at the window's end, as LineValidation::zones
  std::string note;              ///< why a simulation ended early
};

struct LineValidation {
  std::string log, scenario;
  double tolerance_s = 0;
  std::uint64_t replications = 0;
  std::vector<std::string> stations, zones;
  std::vector<LineWindow> windows;
  std::vector<LineAgreement> of_station;  ///< over all windows
  LineAgreement all;
  LineCount made;
  std::vector<std::string> notes;
};

/// Whether a scenario is one of a line for this log: not one of `calibrate --discover` that repeats cases, and its stations are
/// called like activities or resources of the log.
bool is_line_of(const Scenario& scenario, const EventLog& log);

/// In each window the twin begins in the state of the log (see line_state) and runs on its own; parts that come in from outside
/// do so when the log says, new labels are given in the order in which the log gives them.
///
/// Compared are, for each machine, the sequences of starts and finishes with the labels of their parts. Two events match if kind
/// and label are the same and their times differ by the tolerance at most; the agreement is the length of the longest common
/// subsequence over that of the longer sequence (Vlachos, Kollios & Gunopulos, ICDE 2002, match within a tolerance in time alike,
/// but divide by the shorter sequence, which overlooks events that one of them lacks).
/// @throws InputError: unknown_name as LineMap; trace if the log is shorter than a window; RunError
LineValidation validate_line(const Scenario& scenario, const EventLog& log, const LineValidationOptions& options = {});

}  // namespace retwin
