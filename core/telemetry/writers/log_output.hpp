// Where operations go when a log is written: one class per format, chosen by the extension of the file.
#pragma once
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/files.hpp"
#include "core/telemetry/log/event_log.hpp"

namespace retwin {

/// A further column of the operations that are written.
struct LogField {
  std::string name;
  bool numeric = true;
  bool of_lot = false;  ///< differs between the lots of one event: in OCEL an attribute of the objects too
};
struct LogValue {
  double number = std::numeric_limits<double>::quiet_NaN();  ///< nan: missing
  std::string_view text;                                     ///< empty: missing
};
/// One operation on one lot; views are used during the call only. Times as in LogEvent; nan where missing.
struct LoggedOperation {
  std::string_view lot, kind, activity, resource;  ///< kind and resource may be empty
  std::string_view batch;                          ///< shared by the lots of one event; empty for a lot alone
  std::string_view parent;                         ///< the lot that it came from, empty if none
  double start_s = 0, end_s = 0;
  std::vector<LogValue> values;  ///< by field
};

class LogOutput {
 public:
  virtual ~LogOutput() = default;
  virtual void add(const LoggedOperation& operation) = 0;
  /// A lot will not be named again.
  virtual void forget(std::string_view /*lot*/) {}
  /// The file is complete and gets its name. Without it nothing is left behind. @throws InputError (file)
  virtual void commit() = 0;
};

/// Extensions of the formats: .csv (as stream), .sqlite and .db (OCEL 2.0, as stream), .xes, .json and .jsonocel (OCEL 2.0;
/// kept in memory until commit); texts also with .gz.
/// @throws InputError: unknown_name (the extension), file
std::unique_ptr<LogOutput> make_log_output(const std::string& path, const std::vector<LogField>& fields);
/// Whether the extension is one of these. @throws InputError (unknown_name) with what is possible
void check_log_path(const std::string& path);

/// A log as a value to a file; its columns "kind", "batch" and "parent" are those of LoggedOperation.
/// In OCEL, the lots of one event share its attributes; what they differ in is told of each lot from the end of the event on (so
/// two values of a lot at one instant, and one that is missing again, cannot be told).
/// @throws InputError: unknown_name (the extension), file
void write_log(const EventLog& log, const std::string& path);

/// UTC in ISO 8601 with microseconds: "2026-01-05T08:00:00.250000Z"; empty for a nan.
std::string utc_stamp(double time_s);

// --- for the formats ----------------------------------------------------------------------------------------------------

/// Text to a file, through gzip if its name ends so.
class TextFile {
 public:
  explicit TextFile(const std::string& path);
  ~TextFile();
  TextFile(const TextFile&) = delete;
  TextFile& operator=(const TextFile&) = delete;
  void write(std::string_view text);
  void commit();

 private:
  void deflate_pending(std::string_view text, bool last);
  struct Gzip;
  AtomicFile file_;
  std::string pending_;
  std::unique_ptr<Gzip> gzip_;
};

/// The operations of a log, one by one.
class LogOperations {
 public:
  explicit LogOperations(const EventLog& log);
  const std::vector<LogField>& fields() const { return fields_; }
  /// The operation of an event, valid until the next call.
  const LoggedOperation& operator()(std::size_t event);
  /// Numbers of the events.
  std::vector<std::size_t> in_order_of_ends() const;
  /// Number of the batch of an event in the column "batch"; absent for a lot alone.
  std::uint32_t batch(std::size_t event) const;

 private:
  std::string_view text(const LogColumn* column, std::size_t event) const;
  bool differs_within_batches(const LogColumn& column) const;
  const EventLog& log_;
  const LogColumn *kind_, *batch_, *parent_;
  std::vector<const LogColumn*> further_;
  std::vector<LogField> fields_;
  LoggedOperation operation_;
};

/// Ids of events of a lot alone are this and a number. No batch begins so.
std::string single_event_prefix(const EventLog& log);
inline constexpr std::string_view single_event = "operation-";

void write_csv_log(const EventLog& log, const std::string& path);
void write_xes_log(const EventLog& log, const std::string& path);
void write_ocel_json(const EventLog& log, const std::string& path);
void write_ocel_sqlite(const EventLog& log, const std::string& path);
std::unique_ptr<LogOutput> csv_output(const std::string& path, const std::vector<LogField>& fields);
std::unique_ptr<LogOutput> ocel_sqlite_output(const std::string& path, const std::vector<LogField>& fields);

}  // namespace retwin
