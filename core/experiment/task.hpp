// What is to be run and what came out, as values: a replication can be told to another thread, program or machine, and repeated.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/kpi/kpi.hpp"
#include "core/scenario/scenario.hpp"

namespace retwin {

/// One replication of a scenario, said in full.
struct Task {
  std::string scenario;               ///< file, as whoever made the task named it
  std::vector<Override> overrides;    ///< over the file
  std::vector<std::string> libraries; ///< folders of library documents, see load_scenario
  std::string manifest;               ///< Scenario::scenario_hash: of the document with its overrides and of every file read for it
  std::int64_t replication = 0;       ///< its number: other luck for each
  std::optional<std::uint64_t> seed;  ///< none, with `from`: the luck of the state goes on
  double begin_s = 0, end_s = 0;      ///< the window of the figures [s after the start of the run]
  std::string from;                   ///< file of a saved state to go on from; empty: an empty plant
  std::string from_sha256;            ///< of its bytes
  friend bool operator==(const Task& a, const Task& b);
};

/// Why there are no figures.
struct Failure {
  enum class Kind : std::uint8_t { input, run, memory, bug };
  Kind kind = Kind::run;
  std::string message;
  double time_s = 0;    ///< of an error of a run
  std::string station;  ///< of an error of a run
  bool operator==(const Failure&) const = default;
};

/// What a task came to: its figures, or its failure.
struct Outcome {
  Task task;
  std::vector<Kpi> figures;      ///< in their order; known by their paths
  std::string digest;            ///< SHA-256 of the state at its end: the same bytes whenever the task is run
  std::optional<Failure> error;
  const Kpi* find(std::string_view path) const;
  friend bool operator==(const Outcome& a, const Outcome& b);  ///< NaN equals NaN
};

/// As one line of JSON without an end; numbers read back exactly, NaN is null, infinities are text.
std::string json_text(const Task& task);
std::string json_text(const Outcome& outcome);
/// Reads one task; `what`: where the text stands, for problems. Of an outcome its task is read. @throws InputError (syntax, missing, type, range)
Task task_from_json(std::string_view text, const Place& what);
/// The digest of an outcome; empty if the text is no outcome.
std::string digest_from_json(std::string_view text);
/// @throws InputError (syntax, missing, type, range)
Outcome outcome_from_json(std::string_view text, const Place& what);

/// The failure that an exception stands for. To be called where it is caught.
Failure failure_of_exception();

}  // namespace retwin
