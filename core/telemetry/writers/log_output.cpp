// What the formats of written logs share, and CSV.
#include "core/telemetry/writers/log_output.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <zlib.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <utility>

#include "core/telemetry/log/clean.hpp"

namespace retwin {
namespace {

constexpr const char* own_columns[] = {"case_id", "activity", "resource", "start_time", "end_time", "kind", "batch", "parent"};

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() > end.size() && text.substr(text.size() - end.size()) == end;
}

/// Keeps everything, for formats that cannot be written in the order of time.
class KeptOutput : public LogOutput {
 public:
  using Write = void (*)(const EventLog&, const std::string&);
  KeptOutput(std::string path, const std::vector<LogField>& fields, Write write) : path_(std::move(path)), write_(write) {
    AtomicFile{path_};  // whether it can be written
    for (const char* name : {"kind", "batch", "parent"}) log_.columns.push_back({name, false, {}, {}});
    for (const LogField& field : fields) log_.columns.push_back({field.name, field.numeric, {}, {}});
  }

  void add(const LoggedOperation& o) override {
    LogEvent event;
    event.lot = log_.lots.number(o.lot);
    event.activity = log_.activities.number(o.activity);
    if (!o.resource.empty()) event.resource = log_.resources.number(o.resource);
    event.row = static_cast<std::uint32_t>(log_.events.size() + 1);
    event.start_s = o.start_s;
    event.end_s = o.end_s;
    log_.events.push_back(event);
    std::size_t c = 0;
    for (const std::string_view text : {o.kind, o.batch, o.parent}) push(log_.columns[c++], {std::nan(""), text});
    for (const LogValue& value : o.values) push(log_.columns[c++], value);
  }

  void commit() override {
    put_in_order(log_);
    write_(log_, path_);
  }

 private:
  static void push(LogColumn& column, const LogValue& value) {
    column.values.push_back(column.numeric       ? value.number
                            : value.text.empty() ? std::nan("")
                                                 : column.categories.number(value.text));
  }
  std::string path_;
  Write write_;
  EventLog log_;
};

template <void (*write)(const EventLog&, const std::string&)>
std::unique_ptr<LogOutput> kept(const std::string& path, const std::vector<LogField>& fields) {
  return std::make_unique<KeptOutput>(path, fields, write);
}

struct Format {
  const char* extension;
  std::unique_ptr<LogOutput> (*output)(const std::string&, const std::vector<LogField>&);
  void (*write)(const EventLog&, const std::string&);
};
constexpr Format formats[] = {
    {".csv", csv_output, write_csv_log},
    {".csv.gz", csv_output, write_csv_log},
    {".xes", kept<write_xes_log>, write_xes_log},
    {".xes.gz", kept<write_xes_log>, write_xes_log},
    {".sqlite", ocel_sqlite_output, write_ocel_sqlite},
    {".db", ocel_sqlite_output, write_ocel_sqlite},
    {".json", kept<write_ocel_json>, write_ocel_json},
    {".json.gz", kept<write_ocel_json>, write_ocel_json},
    {".jsonocel", kept<write_ocel_json>, write_ocel_json},
    {".jsonocel.gz", kept<write_ocel_json>, write_ocel_json},
};

const Format& format_of(const std::string& path) {
  std::vector<std::string> known;
  for (const Format& format : formats) {
    if (ends_with(path, format.extension)) return format;
    known.emplace_back(format.extension);
  }
  Place place;
  place.file = path;
  throw InputError({{Code::unknown_name,
                     Severity::error,
                     place,
                     {},
                     "the name of a log says its format by its extension",
                     fmt::format("name it with one of {}", fmt::join(known, ", "))}});
}

class CsvOutput : public LogOutput {
 public:
  CsvOutput(const std::string& path, const std::vector<LogField>& fields) : file_(path), fields_(fields), rows_(header(fields)) {}

  void add(const LoggedOperation& o) override {
    rows_.cell(o.lot).cell(o.activity).cell(o.resource).cell(utc_stamp(o.start_s)).cell(utc_stamp(o.end_s));
    rows_.cell(o.kind).cell(o.batch).cell(o.parent);
    for (std::size_t c = 0; c < fields_.size(); ++c) {
      const LogValue& value = o.values[c];
      if (fields_[c].numeric) rows_.cell(value.number);
      else rows_.cell(value.text);
    }
    rows_.end_row();
    if (rows_.text().size() >= piece_bytes) file_.write(rows_.take());
  }

  void commit() override {
    file_.write(rows_.take());
    file_.commit();
  }

 private:
  static std::vector<std::string> header(const std::vector<LogField>& fields) {
    std::vector<std::string> names(std::begin(own_columns), std::end(own_columns));
    for (const LogField& field : fields) {
      std::string name = field.name;
      while (std::count(names.begin(), names.end(), name) > 0) name += "_";
      names.push_back(std::move(name));
    }
    return names;
  }

  TextFile file_;
  std::vector<LogField> fields_;
  CsvWriter rows_;
};

}  // namespace

void check_log_path(const std::string& path) { format_of(path); }

std::unique_ptr<LogOutput> make_log_output(const std::string& path, const std::vector<LogField>& fields) {
  return format_of(path).output(path, fields);
}

void write_log(const EventLog& log, const std::string& path) { format_of(path).write(log, path); }

std::string utc_stamp(double time_s) {
  if (!std::isfinite(time_s) || std::abs(time_s) > 2e11) return {};
  constexpr std::int64_t per_day = 86'400'000'000;
  const std::int64_t stamp = std::llround(time_s * 1e6);
  const std::int64_t days = stamp / per_day - (stamp % per_day < 0 ? 1 : 0), rest = stamp - days * per_day;
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
  const std::int64_t seconds = rest / 1'000'000;
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), seconds / 3600, seconds / 60 % 60,
                     seconds % 60, rest % 1'000'000);
}

std::unique_ptr<LogOutput> csv_output(const std::string& path, const std::vector<LogField>& fields) {
  return std::make_unique<CsvOutput>(path, fields);
}

void write_csv_log(const EventLog& log, const std::string& path) {
  LogOperations operations(log);
  CsvOutput out(path, operations.fields());
  for (std::size_t e = 0; e < log.events.size(); ++e) out.add(operations(e));
  out.commit();
}

// --- text files ----------------------------------------------------------------------------------------------------------------

struct TextFile::Gzip {
  z_stream stream{};
  Gzip() {
    constexpr int gzip_header = 16;
    RETWIN_CHECK(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + gzip_header, 8, Z_DEFAULT_STRATEGY) ==
                 Z_OK);
  }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;
  ~Gzip() { deflateEnd(&stream); }
};

TextFile::TextFile(const std::string& path) : file_(path), gzip_(ends_with(path, ".gz") ? std::make_unique<Gzip>() : nullptr) {}
TextFile::~TextFile() = default;

void TextFile::write(std::string_view text) {
  pending_ += text;
  if (pending_.size() < piece_bytes) return;
  deflate_pending(pending_, false);
  pending_.clear();
}

void TextFile::commit() {
  deflate_pending(pending_, true);
  file_.commit();
}

void TextFile::deflate_pending(std::string_view text, bool last) {
  if (!gzip_) return file_.write(text);
  z_stream& z = gzip_->stream;
  std::vector<char> packed(piece_bytes);
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));  // zlib does not write there
  z.avail_in = static_cast<uInt>(text.size());
  do {
    z.next_out = reinterpret_cast<Bytef*>(packed.data());
    z.avail_out = static_cast<uInt>(packed.size());
    deflate(&z, last ? Z_FINISH : Z_NO_FLUSH);
    file_.write({packed.data(), packed.size() - z.avail_out});
  } while (z.avail_out == 0);
}

// --- logs as values ------------------------------------------------------------------------------------------------------------

LogOperations::LogOperations(const EventLog& log) : log_(log) {
  const auto own = [&](const char* name) {
    const LogColumn* column = log.column(name);
    return column != nullptr && !column->numeric ? column : nullptr;
  };
  kind_ = own("kind");
  batch_ = own("batch");
  parent_ = own("parent");
  for (const LogColumn& column : log.columns) {
    if (&column == kind_ || &column == batch_ || &column == parent_) continue;
    further_.push_back(&column);
    fields_.push_back({column.name, column.numeric, differs_within_batches(column)});
  }
  operation_.values.resize(fields_.size());
}

std::vector<std::size_t> LogOperations::in_order_of_ends() const {
  const auto end = [&](std::size_t e) {
    return std::isnan(log_.events[e].end_s) ? log_.events[e].start_s : log_.events[e].end_s;
  };
  std::vector<std::size_t> order(log_.events.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return end(a) < end(b); });
  return order;
}

std::uint32_t LogOperations::batch(std::size_t event) const {
  return batch_ == nullptr || std::isnan(batch_->values[event]) ? Names::absent
                                                                : static_cast<std::uint32_t>(batch_->values[event]);
}

bool LogOperations::differs_within_batches(const LogColumn& column) const {
  if (batch_ == nullptr) return false;
  std::vector<std::size_t> first(batch_->categories.size(), log_.events.size());
  for (std::size_t e = 0; e < log_.events.size(); ++e) {
    const std::uint32_t b = batch(e);
    if (b == Names::absent) continue;
    if (first[b] == log_.events.size()) first[b] = e;
    const double here = column.values[e], there = column.values[first[b]];
    if (here != there && !(std::isnan(here) && std::isnan(there))) return true;
  }
  return false;
}

std::string_view LogOperations::text(const LogColumn* column, std::size_t event) const {
  if (column == nullptr || std::isnan(column->values[event])) return {};
  return column->categories[static_cast<std::uint32_t>(column->values[event])];
}

const LoggedOperation& LogOperations::operator()(std::size_t event) {
  const LogEvent& e = log_.events[event];
  operation_.lot = log_.lots[e.lot];
  operation_.activity = log_.activities[e.activity];
  operation_.resource = e.resource == Names::absent ? std::string_view() : std::string_view(log_.resources[e.resource]);
  operation_.kind = text(kind_, event);
  operation_.batch = text(batch_, event);
  operation_.parent = text(parent_, event);
  operation_.start_s = e.start_s;
  operation_.end_s = e.end_s;
  for (std::size_t c = 0; c < further_.size(); ++c) {
    if (fields_[c].numeric) operation_.values[c].number = further_[c]->values[event];
    else operation_.values[c].text = text(further_[c], event);
  }
  return operation_;
}

std::string single_event_prefix(const EventLog& log) {
  std::string prefix(single_event);
  const LogColumn* batch = log.column("batch");
  if (batch == nullptr) return prefix;
  const auto begins_so = [&](const std::string& id) { return id.rfind(prefix, 0) == 0; };
  while (std::any_of(batch->categories.all().begin(), batch->categories.all().end(), begins_so)) prefix += "-";
  return prefix;
}

}  // namespace retwin
