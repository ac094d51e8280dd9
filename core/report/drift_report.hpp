// What changed in a log, for people and for programs.
#pragma once
#include <string>
#include <vector>

#include "core/telemetry/drift.hpp"

namespace retwin {

/// Changes found in a finished log, and the alarms that a watch over it would have given as it came in.
struct DriftReport {
  std::string log;
  std::string reference;    ///< what the watch learned from, in words
  std::size_t watched = 0;  ///< operations that the watch saw
  std::vector<Drift> drifts;
  std::vector<DriftAlarm> alarms;
};

std::string text_report(const DriftReport& report);
std::string json_report(const DriftReport& report);

}  // namespace retwin
