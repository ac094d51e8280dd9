// Columns by record first, by event in the end; a column is of numbers until a text is met in it.
#include "core/telemetry/readers/log_assembler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/base/constants.hpp"
#include "core/base/files.hpp"
#include "core/telemetry/log/clean.hpp"
#include "core/telemetry/tables/columns.hpp"

namespace retwin {
namespace {
}

LogAssembler::Column& LogAssembler::column(std::string_view name) {
  const std::uint32_t number = names_.number(name);
  if (number == columns_.size()) columns_.push_back({std::string(name), true, {}, {}});
  return columns_[number];
}

void LogAssembler::set(Column& column, std::uint32_t record, double value) {
  if (column.values.size() <= record) column.values.resize(record + std::size_t{1}, nan);
  column.values[record] = value;
}

void LogAssembler::number(std::uint32_t record, std::string_view attribute, double value) {
  if (std::isnan(value)) return;
  if (!sane_number(value)) {
    note(log.findings, LogFault::unparsable_number, "kept without the number", false, record + 1,
         [&] { return fmt::format("{}: \"{}\"", attribute, value); });
    return;
  }
  Column& c = column(attribute);
  set(c, record, c.numeric ? value : c.categories.number(number_text(value)));
}

void LogAssembler::text(std::uint32_t record, std::string_view attribute, std::string_view value) {
  Column& c = column(attribute);
  if (c.numeric) {
    c.numeric = false;
    for (double& v : c.values)
      if (!std::isnan(v)) v = c.categories.number(number_text(v));
  }
  set(c, record, c.categories.number(value));
}

void LogAssembler::keep(const LogRow& row) {
  log.events.push_back(row.event);
  sources_.push_back(row.values);
}

void LogAssembler::operation(const LogEvent& event, std::uint32_t record) { keep({event, {static_cast<double>(record), nan}}); }

void LogAssembler::start(const LogEvent& event, std::uint32_t record) {
  any_start_ = true;
  if (!pairs_.start({event, {nan, static_cast<double>(record)}}))
    note(log.findings, LogFault::duplicate, "set aside", true, event.row, [] { return "the same start again"; });
}

void LogAssembler::finish(const LogEvent& event, std::uint32_t record) {
  LogRow row{event, {static_cast<double>(record), nan}};
  if (pairs_.finish(row)) keep(row);
  else note(log.findings, LogFault::duplicate, "set aside", true, event.row, [] { return "the same finish again"; });
}

double LogAssembler::value_of(const Column& column, std::size_t event) const {
  for (const double record : sources_[event]) {
    if (std::isnan(record) || record >= static_cast<double>(column.values.size())) continue;
    const double value = column.values[static_cast<std::size_t>(record)];
    if (!std::isnan(value)) return value;
  }
  return nan;
}

EventLog LogAssembler::take() {
  for (const LogRow& row : pairs_.unfinished()) keep(row);
  note_interruptions(log.findings, pairs_.interrupted_s());
  if (!any_start_)
    for (LogEvent& event : log.events)
      if (std::isnan(event.start_s)) event.start_s = event.end_s;
  for (Column& c : columns_) {
    std::vector<double> values(log.events.size());
    for (std::size_t e = 0; e < values.size(); ++e) values[e] = value_of(c, e);
    const bool destination = !c.numeric && std::find(usual_destinations.begin(), usual_destinations.end(), plain_name(c.name)) != usual_destinations.end();
    log.columns.push_back({std::move(c.name), c.numeric, std::move(c.categories), std::move(values), destination});
    c.values = {};
  }
  put_in_order(log);
  return std::move(log);
}

}  // namespace retwin
