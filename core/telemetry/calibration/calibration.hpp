// What an event log teaches about the plant that wrote it, and the files of the scenario made of that.
#pragma once
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "core/telemetry/calibration/learned.hpp"
#include "core/telemetry/log/event_log.hpp"

namespace retwin {

struct CalibrationOptions {
  double train = 1;                       ///< share of the cases, in order of their first starts, to learn from
  std::optional<WindowRule> window = {};  ///< of the end of the log; none: told from it
};

/// Learns everything from the first `train` of the cases.
/// @throws InputError (trace) if there are fewer than two cases, or no time passes
Calibration calibrate(EventLog log, const CalibrationOptions& options = {});

/// Cases in order of their first starts: those before the share, and those from it on.
struct CaseSplit {
  std::vector<bool> train, test;  ///< by lot
  double split_s = 0;             ///< first start of the second part; last end if it is empty
};
CaseSplit split_cases(const EventLog& log, double train);

/// Files of a calibrated scenario beside `path` (its stem with _plans.csv, _arrivals.csv, _history.csv, _parameters.csv; of a
/// line also _line.yaml, as it stood at `state_at_s`, or at the split if that is nan).
/// @throws InputError (file; range: a time that what was learned from does not cover)
void write_calibration(const Calibration& calibration, const std::string& path,
                       double state_at_s = std::numeric_limits<double>::quiet_NaN());

}  // namespace retwin
