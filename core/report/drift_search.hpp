// Looks for changes in an event log and in a state log, and watches the operations as they came in.
#pragma once
#include "core/report/drift_report.hpp"
#include "core/telemetry/drift/series.hpp"
#include "core/telemetry/machines/states.hpp"

namespace retwin {

struct DriftSources {
  const EventLog* log = nullptr;          ///< null: there is none
  DriftColumns columns;                   ///< of the log, which was read with them (ask_for)
  double reference = 0;                   ///< share of the operations, the first ones, that the watch takes for steady; 0: it learns from each subject's first
  const MachineStates* states = nullptr;  ///< null: there are none
};

/// @throws InputError (unit) of an energy or a mass that is none
DriftReport search_drifts(const DriftSources& from, const DriftOptions& how);

}  // namespace retwin
