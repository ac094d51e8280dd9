// Event logs in OCEL 2.0 (https://www.ocel-standard.org), SQLite, JSON or XML: objects to lots, events to operations.
#pragma once
#include <string>
#include <vector>

#include "core/telemetry/log/event_log.hpp"
#include "core/telemetry/tables/timestamps.hpp"

namespace retwin {

struct OcelLogOptions {
  /// Type of the objects that are lots. If empty: those that events name with the qualifier "lot"; else those of type "lot"; else
  /// those of the type with the most relations to events, resources aside.
  std::string case_type;
  std::string resource_type;  ///< of the objects that are resources; if empty: those called "resource", by type or qualifier
  std::vector<std::string> start_values = {"start", "started", "begin"};  ///< of an event's attribute "lifecycle"
  std::vector<std::string> finish_values = {"complete", "completed", "finish", "finished", "end"};
  StampOptions stamps;
};

/// A lot that came from another, as the module of a pack.
struct LotRelation {
  std::string child, parent, qualifier;
};

struct OcelLog {
  EventLog events;
  std::vector<LotRelation> relations;  ///< between objects, resources aside
};

/// Reads a log: `.json`, `.jsonocel`, `.xml`, `.xmlocel` (in any case, also with `.gz`), everything else is taken for SQLite. The time of an event is its end;
/// its start is an attribute ("start_timestamp" or another usual name), or that of an event of its own told apart by
/// "lifecycle", or else the same. An event of several lots becomes one LogEvent for each, with its id in the column "batch".
/// The resource is the object named with the qualifier "resource", or of type "resource", or an attribute of that name. Further
/// attributes, of events and at their time of lots, become columns; "kind" is the type of the lot if it is another than "lot".
/// Rows are numbers of events. The log is as it was read: clean() goes over it.
/// @throws InputError: file; encoding; syntax; missing (tables or parts, no events, no relations of events to objects);
/// unknown_name (the case type, the type of resources); trace (no event is usable)
OcelLog read_ocel_log(const std::string& path, const OcelLogOptions& options = {});

}  // namespace retwin
