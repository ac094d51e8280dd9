// Event logs as tables, in CSV or SQLite: a mapping of columns, rows one by one in bounded memory, or the whole log.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/telemetry/log/event_log.hpp"
#include "core/telemetry/readers/start_pairs.hpp"
#include "core/telemetry/tables/columns.hpp"
#include "core/telemetry/tables/records.hpp"
#include "core/telemetry/tables/timestamps.hpp"

namespace retwin {

/// Which column is what. Names are compared as they stand, then without case, blanks and signs; an empty name is looked for among
/// the usual ones, "-" says that there is no such column.
struct LogMapping {
  std::string lot, activity, resource;
  std::string start, end;  ///< of logs with one row per operation
  std::string stamp;       ///< of logs with one time per row
  std::string lifecycle;   ///< beside `stamp`: says whether a row is a start or a finish
  std::vector<std::string> start_values = {"start", "started", "begin", "s", "in", "enter"};
  std::vector<std::string> finish_values = {"complete", "completed", "finish", "finished", "end", "f", "out", "exit", "stop"};
  std::vector<std::string> numeric, categorical;  ///< further columns to read, with numbers or with names
  struct IfThere {
    std::vector<std::string> usual;  ///< as plain_name() writes them; "energy*": any that starts so
    bool numeric = true, destination = false;
  };
  /// Further columns, read if there is one so called that nothing else takes.
  std::vector<IfThere> if_there = {{usual_destinations, false, true}};
};

struct CsvLogOptions {
  StampOptions stamps;
  char delimiter = '\0';  ///< found in the header if not given
};

/// Reads a log row by row: a delimited text, or a table of an SQLite database (see open_records). Only names, and starts that wait
/// for their finish, are kept. Starts and finishes in rows of their own are paired per lot, activity and resource, see StartPairs;
/// where only one of the two names a resource, it is theirs. A
/// column without a usual name that holds nothing but words for starts and finishes is the lifecycle. Where finishes name another
/// activity than their starts throughout (where the lot goes next), they are paired per lot and the start's activity counts.
/// Values come from the row of the finish, or of the start where that has none; the row is that of the start. Starts without a
/// finish come last.
class CsvLogReader {
 public:
  /// @throws InputError: file; encoding; missing (empty file, columns not recognised); unknown_name (columns of the mapping that
  /// are not there); conflict (a time of a row beside starts and ends)
  explicit CsvLogReader(const std::string& path, const LogMapping& mapping = {}, const CsvLogOptions& options = {});
  /// The next row that can be used; false at the end. What cannot is counted in findings().
  /// @throws InputError (encoding, file, too_large)
  bool next(LogRow& row);

  const Names& lots() const { return lots_; }
  const Names& activities() const { return activities_; }
  const Names& resources() const { return resources_; }
  const std::vector<LogColumn>& columns() const { return columns_; }  ///< without values
  const std::vector<LogFinding>& findings() const { return findings_; }
  const LogMapping& mapping() const { return mapping_; }  ///< as found: names as in the header, empty where there is no column
  std::uint64_t rows() const { return rows_; }            ///< read so far, whether usable or not

  /// For read_csv_log: hands the names over.
  void give(EventLog& log);

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  bool read(LogRow& row);
  bool read_names(LogEvent& event);
  bool read_times(LogEvent& event);
  bool read_time(std::size_t column, std::size_t clock, double& time_s);
  std::size_t clock_beside(std::size_t date, ColumnFinder& finder) const;
  void read_values(std::vector<double>& values);
  bool pair(LogRow& row);
  void end_of_log();
  CsvLogReader(std::unique_ptr<Records> records, const LogMapping& mapping, const CsvLogOptions& options);
  void find_columns();
  std::string column_of_steps() const;
  bool finishes_name_the_next() const;
  void find_times(ColumnFinder& finder);
  template <class Example>
  void set_aside(LogFault fault, Example&& example);

  std::unique_ptr<Records> records_;
  LogMapping mapping_;
  StampOptions stamps_;
  CommonZone zones_;
  StampReading reading_;
  std::size_t lot_ = none, activity_ = none, resource_ = none, start_ = none, end_ = none, lifecycle_ = none;
  std::size_t start_clock_ = none, end_clock_ = none;  ///< where dates and times of day have columns of their own
  std::vector<std::size_t> further_;
  Names lots_, activities_, resources_;
  std::vector<LogColumn> columns_;
  std::vector<LogFinding> findings_;
  StartPairs pairs_;
  std::vector<LogRow> unfinished_;  ///< at the end, last first
  bool at_end_ = false;
  std::uint64_t rows_ = 0;
};

/// The whole log, with its checksum, in order of (start, end, row). It is as it was read: clean() goes over it.
/// @throws InputError: as CsvLogReader; missing (no row below the header); trace (no row is usable)
EventLog read_csv_log(const std::string& path, const LogMapping& mapping = {}, const CsvLogOptions& options = {});

}  // namespace retwin
