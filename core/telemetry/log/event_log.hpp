// An event log: what a plant recorded of its lots, one record per operation, whatever format it came in.
#pragma once
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/telemetry/log/findings.hpp"

namespace retwin {

inline constexpr double stamp_instant_s = 1e-3;  ///< stamps closer than this are one instant

/// Names numbered in the order of their first appearance.
class Names {
 public:
  static constexpr std::uint32_t absent = 0xffffffffu;
  std::uint32_t number(std::string_view name);      ///< that of a new name if it is new
  std::uint32_t find(std::string_view name) const;  ///< absent if unknown
  const std::string& operator[](std::uint32_t number_of_name) const { return names_[number_of_name]; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(names_.size()); }
  const std::vector<std::string>& all() const { return names_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
  };
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> numbers_;
};

/// One operation on one lot. Times in seconds since 1970-01-01 00:00 (UTC, or the log's own local time where it names no zone).
struct LogEvent {
  std::uint32_t lot = 0;
  std::uint32_t activity = 0;
  std::uint32_t resource = Names::absent;
  std::uint32_t row = 0;  ///< of the source: line of a text file, number of the event elsewhere; counts from 1
  double start_s = 0;
  double end_s = 0;
};

/// A further column: a number per event, or the number of a category.
struct LogColumn {
  std::string name;
  bool numeric = true;
  Names categories;            ///< of a column that is not numeric
  std::vector<double> values;  ///< per event; nan where it is missing
  bool destination = false;    ///< where the lot goes next: no reason of anything that is done before
};

struct EventLog {
  std::string source;  ///< file name as given
  std::string sha256;  ///< of the file's bytes, hexadecimal; empty if it was not a file
  Names lots, activities, resources;
  std::vector<LogEvent> events;  ///< in order of (start, end, row)
  std::vector<LogColumn> columns;
  std::vector<LogFinding> findings;
  double zone_s = 0;       ///< offset from UTC that all stamps carried; 0 if they differ or carry none [s]
  double first_s() const;  ///< earliest start; nan for an empty log
  double last_s() const;   ///< latest end
  /// Events of each lot in order of (start, end, row): numbers into `events`.
  std::vector<std::vector<std::uint32_t>> by_lot() const;
  const LogColumn* column(std::string_view name) const;  ///< null if there is none
  /// Events of the lots for which keep[lot] is true, with all columns; names keep their numbers.
  EventLog of_lots(const std::vector<bool>& keep) const;
  void move(double by_s);  ///< all times; to and from the clock of its zone, `zone_s` stays
  /// This log and what happened after it; lots of the same name are the same, and what both tell is there once. Names keep their
  /// numbers, rows are those of either source; without columns.
  EventLog followed_by(const EventLog& later) const;
  /// What was known at a time: events that had ended, with their columns, and those under way as `unfinished`.
  EventLog until(double time_s) const;
  std::vector<LogEvent> unfinished;  ///< set aside as their ends are not known (nan); in order of their starts
};

}  // namespace retwin
