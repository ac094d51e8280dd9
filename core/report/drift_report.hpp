// What changed in a log, for people and for programs.
#pragma once
#include <array>
#include <string>
#include <vector>

#include "core/base/table.hpp"
#include "core/telemetry/drift/drift.hpp"

namespace retwin {

/// Changes found in finished logs, and the alarms that a watch over the operations would have given as they came in.
struct DriftReport {
  std::string log;
  std::string reference;    ///< what the watch learned from, in words
  std::size_t watched = 0;  ///< operations that the watch saw
  std::vector<Drift> drifts;
  std::vector<DriftAlarm> alarms;

  /// What was looked for changes, by kind.
  struct Looked {
    std::size_t series = 0, observations = 0;
    std::size_t too_short = 0;       ///< further series that have too few observations
    std::vector<std::string> notes;  ///< where they come from; what the logs cannot tell
  };
  std::array<Looked, n_drift_kinds> looked;
  /// Counts series as they are looked for changes. `fewest` as in DriftOptions.
  void count(const std::vector<DriftSeries>& all, std::size_t fewest);
};

/// One row per change.
Table drift_table(const std::vector<Drift>& drifts);

std::string text_report(const DriftReport& report);
std::string json_report(const DriftReport& report);

}  // namespace retwin
