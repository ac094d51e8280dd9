// Event logs in tables of rows: columns recognised by name, rows to events, starts and finishes of separate rows paired.
#include "core/telemetry/readers/csv_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>

#include "core/base/constants.hpp"
#include "core/base/files.hpp"
#include "core/telemetry/log/clean.hpp"
#include "core/telemetry/readers/guesses.hpp"
#include "core/telemetry/tables/text_stream.hpp"

namespace retwin {
namespace {

constexpr int rows_looked_at = 5000;

// What plants and tools call their columns, the surest first (as plain_name() writes them).
const std::vector<std::string_view> lot_names = {
    "caseconceptname", "caseid",  "case",   "casename", "lotid",  "lot",          "traceid",   "jobid",    "job",       "orderid",
    "order",           "batchid", "partid", "part",     "itemid", "serialnumber", "productid", "entityid", "workorder", "id",
    "auftrag", "auftragsnummer", "charge", "\u5de5\u5355\u53f7", "\u6279\u53f7", "\u8ba2\u5355\u53f7", "\u5de5\u4ef6\u53f7"};
const std::vector<std::string_view> activity_names = {
    "activity",      "activityname", "activityid",  "conceptname", "task",        "taskname",  "operation",
    "operationname", "step",         "processstep", "event",       "eventname",   "station",   "stationname",
    "stationid",     "machinename",  "machine",     "machineid",   "workstation", "workcenter",
    "vorgang",      "arbeitsgang", "\u5de5\u5e8f", "\u5de5\u6b65", "\u6d3b\u52a8"};
const std::vector<std::string_view> resource_names = {
    "resource", "orgresource", "resourcename", "resourceid",  "user",      "worker",      "workerid",   "operator", "operatorid",
    "employee", "performer",   "machine",      "machinename", "machineid", "workstation", "workcenter", "agent",
    "maschine", "bediener",    "\u8bbe\u5907", "\u673a\u5668", "\u64cd\u4f5c\u5458"};
const std::vector<std::string_view> lifecycle_names = {"lifecycletransition", "lifecycle", "transition", "eventtype"};

/// The number of a name; the one before is tried first, as rows of a kind often stand together.
std::uint32_t number_of(Names& names, std::string_view name, std::uint32_t before) {
  return before < names.size() && names[before] == name ? before : names.number(name);
}

}  // namespace

CsvLogReader::CsvLogReader(const std::string& path, const LogMapping& mapping, const CsvLogOptions& options)
    : CsvLogReader(open_records(path, options.delimiter, [&](Records& table) { CsvLogReader(table.again(), mapping, options); }),
                   mapping, options) {}

CsvLogReader::CsvLogReader(std::unique_ptr<Records> records, const LogMapping& mapping, const CsvLogOptions& options)
    : records_(std::move(records)), mapping_(mapping), stamps_(options.stamps) {
  find_columns();
}

/// A column that says in every row that is looked at whether it is a start or a finish, and says both; empty if there is none, or
/// if starts and ends have columns of their own.
std::string CsvLogReader::column_of_steps() const {
  const std::vector<std::string>& header = records_->header();
  const auto any_of = [&](const std::vector<std::string_view>& usual) {
    return std::any_of(header.begin(), header.end(), [&](const std::string& name) {
      return std::find(usual.begin(), usual.end(), plain_name(name)) != usual.end();
    });
  };
  if (any_of(usual_starts) && any_of(usual_ends)) return {};
  std::vector<std::size_t> starts(header.size()), finishes(header.size());
  std::vector<bool> possible(header.size(), true);
  const std::unique_ptr<Records> ahead = records_->again();
  for (int row = 0; ahead && row < rows_looked_at && ahead->next(); ++row) {
    if (!ahead->whole()) continue;
    for (std::size_t c = 0; c < header.size(); ++c) {
      if (!possible[c] || absent_text(ahead->cell(c))) continue;
      const LifecycleStep step = lifecycle_step(ahead->cell(c), mapping_.start_values, mapping_.finish_values);
      possible[c] = step != LifecycleStep::other;
      if (step == LifecycleStep::start) ++starts[c];
      if (step == LifecycleStep::finish) ++finishes[c];
    }
  }
  for (std::size_t c = 0; c < header.size(); ++c)
    if (possible[c] && starts[c] > 0 && finishes[c] > 0 && header[c] != mapping_.lot && header[c] != mapping_.activity &&
        header[c] != mapping_.resource)
      return header[c];
  return {};
}

/// Whether finishes name another activity than the only start that their lot waits in, nine times in ten.
bool CsvLogReader::finishes_name_the_next() const {
  if (lifecycle_ == none) return false;
  std::map<std::string, std::vector<std::string>, std::less<>> open;
  std::size_t same = 0, other = 0;
  const std::unique_ptr<Records> ahead = records_->again();
  for (int row = 0; ahead && row < rows_looked_at && ahead->next(); ++row) {
    if (!ahead->whole() || absent_text(ahead->cell(lot_))) continue;
    std::vector<std::string>& own = open[std::string(ahead->cell(lot_))];
    const LifecycleStep step = lifecycle_step(ahead->cell(lifecycle_), mapping_.start_values, mapping_.finish_values);
    if (step == LifecycleStep::start) own.emplace_back(ahead->cell(activity_));
    if (step != LifecycleStep::finish) continue;
    const auto start = std::find(own.begin(), own.end(), ahead->cell(activity_));
    if (start != own.end()) ++same, own.erase(start);
    else if (own.size() == 1) ++other, own.clear();
  }
  return other >= 3 && other > 9 * same;
}

void CsvLogReader::find_columns() {
  if (mapping_.lifecycle.empty() && mapping_.start.empty() && mapping_.end.empty()) mapping_.lifecycle = column_of_steps();
  ColumnFinder finder(*records_);
  const auto keep = [](std::optional<std::size_t> column, std::size_t& into) { into = column.value_or(none); };
  const std::vector<std::string>& header = records_->header();
  const bool one_stamp = mapping_.start.empty() && mapping_.end.empty();
  if (one_stamp && std::find(header.begin(), header.end(), mapping_.lifecycle) != header.end())
    finder.find(mapping_.lifecycle);  // taken before "event" could pass for an activity
  keep(finder.require(mapping_.lot, "lot (case)", lot_names), lot_);
  keep(finder.require(mapping_.activity, "activity (station)", activity_names), activity_);
  find_times(finder);
  start_clock_ = clock_beside(start_, finder);
  end_clock_ = end_ == start_ ? start_clock_ : clock_beside(end_, finder);
  keep(finder.find(mapping_.resource, resource_names), resource_);
  const auto read_too = [&](std::string name, const std::vector<std::string_view>& usual, bool numeric, bool destination) {
    const auto column = name.empty() && usual.empty() ? std::nullopt : finder.find(name, usual);
    if (!column) return;
    further_.push_back(*column);
    columns_.push_back({name, numeric, {}, {}, destination});
  };
  for (const std::string& name : mapping_.numeric) read_too(name, {}, true, false);
  for (const std::string& name : mapping_.categorical) read_too(name, {}, false, false);
  for (const LogMapping::IfThere& one : mapping_.if_there) read_too({}, {one.usual.begin(), one.usual.end()}, one.numeric, one.destination);
  finder.throw_if_problems();
  std::vector<std::size_t> times;
  for (const std::size_t column : {start_, end_})
    if (column != none) times.push_back(column);
  reading_ = stamp_reading(*records_, times, stamps_);
  note_guesses(findings_, *records_, reading_, start_ == none ? end_ : start_);
  if (finishes_name_the_next()) pairs_ = StartPairs(false);
}

/// The column with the times of day of a column of dates: called alike, or the next one; none where the dates have their own, or none.
std::size_t CsvLogReader::clock_beside(std::size_t date, ColumnFinder& finder) const {
  if (date == none) return none;
  const std::vector<std::string>& header = records_->header();
  std::vector<std::size_t> clocks(header.size()), others(header.size());
  std::size_t dates = 0;
  const std::unique_ptr<Records> ahead = records_->again();
  for (int row = 0; ahead && row < rows_looked_at && ahead->next(); ++row) {
    if (!ahead->whole()) continue;
    if (const std::string_view cell = ahead->cell(date); !absent_text(cell)) {
      if (!is_date_alone(cell)) return none;
      ++dates;
    }
    for (std::size_t c = 0; c < header.size(); ++c)
      if (c != date && !absent_text(ahead->cell(c))) ++(is_clock_alone(ahead->cell(c)) ? clocks : others)[c];
  }
  const auto stem = [](std::string name) {  // "startdate" and "startclock" of the same
    for (const char* word : {"date", "day", "time", "clock", "hour", "datum", "uhrzeit", "zeit"})
      if (const std::size_t at = name.find(word); at != std::string::npos) return name.erase(at, std::string_view(word).size());
    return name;
  };
  std::size_t found = none;
  for (std::size_t c = 0; c < header.size() && dates > 0; ++c) {
    if (clocks[c] == 0 || others[c] > 0 || finder.taken(c)) continue;
    if (stem(plain_name(header[c])) == stem(plain_name(header[date]))) {
      found = c;
      break;
    }
    if (c == date + 1) found = c;
  }
  if (found == none) return none;
  std::string name = header[found];
  finder.find(name);
  return found;
}

/// Which columns hold the times: start and end; or one stamp, with a lifecycle beside it (start_ is end_) or alone.
void CsvLogReader::find_times(ColumnFinder& finder) {
  const bool wants_steps = !mapping_.lifecycle.empty() && mapping_.lifecycle != no_column;
  const bool wants_stamp = wants_steps || !mapping_.stamp.empty();
  if (wants_stamp && mapping_.start.empty() && mapping_.end.empty()) {
    std::vector<std::string_view> usual = usual_stamps;
    for (const auto& names : {usual_ends, usual_starts}) usual.insert(usual.end(), names.begin(), names.end());
    start_ = end_ = finder.require(mapping_.stamp, "time of a row", usual).value_or(none);
    lifecycle_ = finder.find(mapping_.lifecycle, lifecycle_names).value_or(none);
    return;
  }
  if (wants_stamp) {
    finder.problem(Code::conflict, "the mapping names a time of a row (or a lifecycle) and starts or ends",
                   "name start and end, or stamp and lifecycle");
    return;
  }
  const bool given = !mapping_.start.empty() || !mapping_.end.empty();
  start_ = finder.find(mapping_.start, usual_starts).value_or(none);
  const bool end_is_stamp = start_ == none && mapping_.end.empty();  // "time:timestamp" is an end only beside a start
  std::vector<std::string_view> ends = usual_ends;
  if (end_is_stamp) ends.pop_back();
  end_ = finder.find(mapping_.end, ends).value_or(none);
  if (start_ != none && end_ != none) return;
  if (start_ == none && end_ == none) {
    if (given) return;  // said already
    end_ = finder.require(mapping_.stamp, "start, end or time of a row", usual_stamps).value_or(none);
    lifecycle_ = finder.find(mapping_.lifecycle, lifecycle_names).value_or(none);
  }
  if (end_ == none) end_ = start_;
  start_ = end_;
}

template <class Example>
void CsvLogReader::set_aside(LogFault fault, Example&& example) {
  note(findings_, fault, "set aside", true, records_->line(), std::forward<Example>(example));
}

bool CsvLogReader::next(LogRow& row) {
  while (!at_end_) {
    if (!records_->next()) end_of_log();
    else if (read(row)) return true;
  }
  if (unfinished_.empty()) return false;
  row = std::move(unfinished_.back());
  unfinished_.pop_back();
  return true;
}

/// Takes the record of the stream; false if it is no row to hand out.
bool CsvLogReader::read(LogRow& row) {
  ++rows_;
  if (!records_->whole()) {
    set_aside(LogFault::foreign_row, [&] { return records_->shape(); });
    return false;
  }
  row.event.row = records_->line();
  if (!read_names(row.event) || !read_times(row.event)) return false;
  read_values(row.values);
  return lifecycle_ == none || pair(row);
}

bool CsvLogReader::read_names(LogEvent& event) {
  const std::string_view lot = records_->cell(lot_), activity = records_->cell(activity_);
  if (absent_text(lot)) {
    set_aside(LogFault::missing_case, [&] { return records_->where(lot_); });
    return false;
  }
  if (absent_text(activity)) {
    set_aside(LogFault::missing_activity, [&] { return records_->where(activity_); });
    return false;
  }
  event.lot = number_of(lots_, lot, event.lot);
  event.activity = number_of(activities_, activity, event.activity);
  const std::string_view resource = resource_ == none ? std::string_view() : records_->cell(resource_);
  event.resource = absent_text(resource) ? Names::absent : number_of(resources_, resource, event.resource);
  return true;
}

bool CsvLogReader::read_times(LogEvent& event) {
  if (!read_time(start_, start_clock_, event.start_s)) return false;
  event.end_s = event.start_s;
  if (end_ != start_ && !read_time(end_, end_clock_, event.end_s)) return false;
  if (!std::isnan(event.start_s) || !std::isnan(event.end_s)) return true;
  set_aside(LogFault::unparsable_time, [&] { return records_->where() + ": no time at all"; });
  return false;
}

/// A time, nan where there is none; false if the cell holds something else.
bool CsvLogReader::read_time(std::size_t column, std::size_t clock, double& time_s) {
  const std::string_view stamp = records_->cell(column);
  time_s = parse_stamp(stamp, reading_, stamps_.zone_s, &zones_);
  if (clock != none && !std::isnan(time_s)) {
    const std::string_view of_day = records_->cell(clock);
    if (is_clock_alone(of_day)) return time_s += parse_stamp(of_day, DateOrder::month_first), true;
    set_aside(LogFault::unparsable_time, [&] { return records_->where(clock); });
    return false;
  }
  if (!std::isnan(time_s) || absent_text(stamp)) return true;
  set_aside(is_placeholder(stamp, reading_) ? LogFault::placeholder_date : LogFault::unparsable_time, [&] { return records_->where(column); });
  return false;
}

void CsvLogReader::read_values(std::vector<double>& values) {
  values.assign(further_.size(), nan);
  for (std::size_t c = 0; c < further_.size(); ++c) {
    const std::string_view cell = records_->cell(further_[c]);
    if (absent_text(cell)) continue;
    if (!columns_[c].numeric) {
      values[c] = columns_[c].categories.number(cell);
      continue;
    }
    values[c] = cell_number(cell, records_->delimiter());
    if (std::isnan(values[c]))
      note(findings_, LogFault::unparsable_number, "kept without the number", false, records_->line(),
           [&] { return records_->where(further_[c]); });
  }
}

/// Keeps a start, completes a finish; true if `row` is an event now.
bool CsvLogReader::pair(LogRow& row) {
  const LifecycleStep step = lifecycle_step(records_->cell(lifecycle_), mapping_.start_values, mapping_.finish_values);
  switch (step) {
    case LifecycleStep::start:
      if (!pairs_.start(row)) set_aside(LogFault::duplicate, [&] { return records_->where() + ": the same start again"; });
      return false;
    case LifecycleStep::finish:
      if (!pairs_.finish(row)) {
        set_aside(LogFault::duplicate, [&] { return records_->where() + ": the same finish again"; });
        return false;
      }
      if (pairs_.by_activity() || !std::isnan(row.event.start_s)) return true;
      set_aside(LogFault::missing_start,
                [&] { return records_->where() + ": finishes name where the lot goes next, so its place is not known"; });
      return false;
    case LifecycleStep::suspend:
    case LifecycleStep::resume:
      if (!pairs_.interrupt(row.event, step == LifecycleStep::suspend))
        set_aside(LogFault::foreign_row, [&] { return records_->where(lifecycle_) + " interrupts nothing"; });
      return false;
    case LifecycleStep::other: break;
  }
  set_aside(LogFault::foreign_row, [&] { return records_->where(lifecycle_) + " is neither a start nor a finish"; });
  return false;
}

/// What still waits for its finish is handed out in order of its rows.
void CsvLogReader::end_of_log() {
  at_end_ = true;
  unfinished_ = pairs_.unfinished();
  note_interruptions(findings_, pairs_.interrupted_s());
  std::reverse(unfinished_.begin(), unfinished_.end());
}

void CsvLogReader::give(EventLog& log) {
  log.lots = std::move(lots_);
  log.activities = std::move(activities_);
  log.resources = std::move(resources_);
  log.findings = std::move(findings_);
  log.zone_s = zones_.zone_s();
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    columns_[c].values = std::move(log.columns[c].values);
    log.columns[c] = std::move(columns_[c]);
  }
}

EventLog read_csv_log(const std::string& path, const LogMapping& mapping, const CsvLogOptions& options) {
  CsvLogReader reader(path, mapping, options);
  EventLog log;
  log.source = path;
  log.columns.resize(reader.columns().size());
  for (LogRow row; reader.next(row);) {
    log.events.push_back(row.event);
    for (std::size_t c = 0; c < row.values.size(); ++c) log.columns[c].values.push_back(row.values[c]);
  }
  if (reader.rows() == 0) {
    Place place;
    place.file = path;
    place.line = 1;
    throw InputError({{Code::missing,
                       Severity::error,
                       place,
                       {},
                       fmt::format("{} has a header and no rows", path),
                       "an event log has one row per operation below its header"}});
  }
  if (log.events.empty())
    refuse_unusable(path, reader.findings(), "check the mapping of the columns; dates like 2/3/2023 need one order");
  reader.give(log);
  log.sha256 = sha256_of_file(table_name(path).file);
  put_in_order(log);
  return log;
}

}  // namespace retwin
