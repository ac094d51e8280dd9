// Runs of a scenario from Python, with the files that the command line can write beside the report.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "bindings/python/results.hpp"

namespace retwin::python {

struct RunArguments {
  std::optional<std::variant<std::int64_t, std::string>> replications;
  std::optional<int> jobs;
  std::optional<std::int64_t> seed;
  std::optional<Time> duration, warmup;
  std::optional<std::variant<double, std::string>> precision;
  std::optional<std::int64_t> max_replications;
  std::optional<std::filesystem::path> state;  ///< to go on from
  /// Of the first replication, but for `outcomes`.
  std::optional<std::filesystem::path> log, trace, states, ledger, series, save, outcomes, report;
  Time every = std::string("1 h");  ///< of `series`
  std::optional<Time> replay;               ///< of `report`, default a week
  bool verdict = false;                     ///< measure what limits the plant, too
};

/// @throws InputError, RunError: then what was told until there stands in the files
std::shared_ptr<RunResult> run(const Variant& variant, const RunArguments& arguments);

}  // namespace retwin::python
