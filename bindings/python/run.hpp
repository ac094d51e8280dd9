// Runs of a scenario from Python, with the files that the command line can write beside the report.
#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "bindings/python/results.hpp"
#include "bindings/python/settings.hpp"
#include "core/telemetry/log/event_log.hpp"

namespace retwin::python {

struct RunArguments {
  RunSettings settings;
  std::optional<std::filesystem::path> state;  ///< to go on from
  const EventLog* log_state = nullptr;         ///< of a production line: goes on from where its parts are
  std::optional<std::string> state_at;         ///< when, in `log_state`; default its end
  /// Of the first replication, but for `outcomes`.
  std::optional<std::filesystem::path> log, trace, states, ledger, series, save, outcomes, report;
  Time every = std::string("1 h");  ///< of `series`
  std::optional<Time> replay;               ///< of `report`, default a week
  bool verdict = false;                     ///< measure what limits the plant, too
};

/// @throws InputError, RunError: then what was told until there stands in the files
std::shared_ptr<RunResult> run(const Variant& variant, const RunArguments& arguments);

}  // namespace retwin::python
