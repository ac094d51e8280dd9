// An event log put together from records that carry attributes by name (XES, OCEL).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/telemetry/log/event_log.hpp"
#include "core/telemetry/readers/start_pairs.hpp"

namespace retwin {

/// Collects events and, by the number of their record, attributes of which neither the names nor the kinds are known beforehand.
class LogAssembler {
 public:
  EventLog log;  ///< its names are numbered by whoever assembles; events and columns come with finish()

  std::uint32_t new_record() { return records_++; }
  void number(std::uint32_t record, std::string_view attribute, double value);
  void text(std::uint32_t record, std::string_view attribute, std::string_view value);

  /// An operation with its start and its end.
  void operation(const LogEvent& event, std::uint32_t record);
  /// Half of an operation, see StartPairs.
  void start(const LogEvent& event, std::uint32_t record);
  void finish(const LogEvent& event, std::uint32_t record);
  /// False if nothing is interrupted.
  bool interrupt(const LogEvent& event, bool suspend) { return pairs_.interrupt(event, suspend); }

  /// The log, in order. Where no record at all was a start, finishes are instants.
  EventLog take();

 private:
  struct Column {
    std::string name;
    bool numeric = true;
    Names categories;
    std::vector<double> values;  ///< by record
  };
  Column& column(std::string_view name);
  static void set(Column& column, std::uint32_t record, double value);
  void keep(const LogRow& row);
  double value_of(const Column& column, std::size_t event) const;

  std::uint32_t records_ = 0;
  Names names_;
  std::vector<Column> columns_;
  StartPairs pairs_;
  bool any_start_ = false;
  std::vector<std::vector<double>> sources_;  ///< of each event: the record that it ends with, then the one that it starts with
};

}  // namespace retwin
