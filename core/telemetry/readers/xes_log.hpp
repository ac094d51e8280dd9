// Event logs in XES (IEEE 1849-2016): traces to lots, events to operations.
#pragma once
#include <string>
#include <vector>

#include "core/telemetry/log/event_log.hpp"
#include "core/telemetry/tables/timestamps.hpp"

namespace retwin {

/// Which attribute is what, and how times are read.
struct XesLogOptions {
  std::string lot = "concept:name";  ///< of traces; one without it is called by its number
  std::string activity = "concept:name", resource = "org:resource", stamp = "time:timestamp";  ///< of events
  std::string
      start;  ///< of events: when it began, beside `stamp`; if empty, a date with one of the usual names ("start_timestamp")
  std::vector<std::string> start_values = {"start", "started", "begin"};  ///< of "lifecycle:transition"
  std::vector<std::string> finish_values = {"complete", "completed", "finish", "finished", "end"};
  StampOptions stamps;
};

/// Reads a log, plain or gzip, as a stream. Starts and completions are paired per lot, activity, "concept:instance" and resource;
/// what else an event or (with "case:" before its name) a trace says becomes a column. The row of an event is its number.
/// The log is as it was read: clean() goes over it.
/// @throws InputError: file; syntax (not well-formed, with line and column; entities); too_large (one value of more than 16 MB);
/// type (another root than log); missing (no traces, no events); trace (no event is usable)
EventLog read_xes_log(const std::string& path, const XesLogOptions& options = {});

}  // namespace retwin
