// Meter series: rows to readings in SI, per meter.
#include "core/telemetry/readers/meter_series.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include "core/base/files.hpp"
#include "core/telemetry/log/clean.hpp"
#include "core/telemetry/readers/guesses.hpp"
#include "core/telemetry/tables/columns.hpp"
#include "core/telemetry/tables/text_stream.hpp"

namespace retwin {
namespace {

const std::vector<std::string_view> value_names = {"value*", "reading*", "measurement*", "power*",  "energy*",     "steam*",
                                                   "flow*",  "mass*",    "weight*",      "volume*", "temperature*"};
const std::vector<std::string_view> meter_names = {"meter",    "metername", "meterid", "name",   "sensor",
                                                   "sensorid", "tag",       "signal",  "channel", "machine", "machinename", "machineid", "equipment"};
const std::vector<std::string_view> unit_names = {"unit", "units", "uom"};

/// A unit as a straight line to SI ("degC" has an offset).
struct Scale {
  std::string unit;
  double factor = 1, offset = 0;
  Dimension dimension;
};

/// Units by their spelling, each looked up once.
class Scales {
 public:
  Scales(std::string path, std::optional<Dimension> wanted) : path_(std::move(path)), wanted_(wanted) {}

  const Scale& of(std::string_view unit, int line) {
    for (const Scale& scale : known_)
      if (scale.unit == unit) return scale;
    Scale scale{std::string(unit), 1, 0, {}};
    Refusal why;
    const auto zero = parse_quantity("0 " + scale.unit, why), one = parse_quantity("1 " + scale.unit, why);
    const std::string hint = wanted_ && !wanted_->none() ? "write for instance " + example_unit(*wanted_)
                                                         : "name it in the mapping, or as in \"power [kW]\"";
    if (unit.empty()) refuse(line, "the values have no unit", hint);
    if (!zero || !one) refuse(line, fmt::format("\"{}\": {}", unit, why.message), why.hint.empty() ? hint : why.hint);
    if (wanted_ && one->dimension != *wanted_)
      refuse(line, fmt::format("{} is {}; {} is needed", unit, describe(one->dimension), describe(*wanted_)), hint);
    scale.offset = zero->value;
    scale.factor = one->value - zero->value;
    scale.dimension = one->dimension;
    known_.push_back(std::move(scale));
    return known_.back();
  }

  [[noreturn]] void refuse(int line, std::string message, std::string hint) const {
    Place place;
    place.file = path_;
    place.line = line;
    place.column = 1;
    throw InputError({{Code::unit, Severity::error, place, {}, std::move(message), std::move(hint)}});
  }

 private:
  std::string path_;
  std::optional<Dimension> wanted_;
  std::vector<Scale> known_;
};

/// Puts readings in order of time; sets aside those that stand there twice.
void put_in_order(MeterSeries& series, std::vector<LogFinding>& findings, const std::vector<std::uint32_t>& rows) {
  std::vector<std::size_t> order(series.time_s.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto example = [&](std::size_t i) {
    return [&, i] { return fmt::format("line {}: {} at {}", rows[i], series.value[i], format_time(0, series.time_s[i])); };
  };
  for (std::size_t i = 1; i < order.size(); ++i)
    if (series.time_s[i] < series.time_s[i - 1])
      note(findings, LogFault::clock_jump, "put in order of time", false, rows[i], example(i));
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return series.time_s[a] < series.time_s[b]; });
  std::vector<double> times, values;
  for (const std::size_t i : order) {
    if (!times.empty() && times.back() == series.time_s[i] && values.back() == series.value[i]) {
      note(findings, LogFault::duplicate, "set aside", true, rows[i], example(i));
      continue;
    }
    times.push_back(series.time_s[i]);
    values.push_back(series.value[i]);
  }
  series.time_s = std::move(times);
  series.value = std::move(values);
}

/// Reads one file; keeps its series as they grow.
class MeterReader {
 public:
  MeterReader(const std::string& path, const MeterMapping& mapping)
      : mapping_(mapping), records_(open_records(path, mapping.delimiter)), scales_(path, mapping.dimension) {
    ColumnFinder finder(*records_);
    std::vector<std::string_view> times = usual_stamps;
    times.insert(times.end(), usual_starts.begin(), usual_starts.end());
    const auto time = finder.require(mapping_.time, "time", times);
    meter_ = finder.find(mapping_.meter, meter_names);
    unit_ = finder.find(mapping_.unit_column, unit_names);
    const auto value = finder.require(mapping_.value, "value", value_names);
    finder.throw_if_problems();
    time_ = *time;
    value_ = *value;
    reading_ = stamp_reading(*records_, {time_}, mapping_.stamps);
    note_guesses(findings_, *records_, reading_, time_);
    if (mapping_.unit.empty()) mapping_.unit = unit_in_name(mapping_.value);
    if (!unit_) scales_.of(mapping_.unit, static_cast<int>(records_->header_line()));  // wrong before any row
  }

  std::vector<MeterSeries> read() {
    while (records_->next()) take();
    if (all_.empty()) refuse_unusable(records_->path(), findings_, "a meter file has a time and a number in each row");
    const std::string sha256 = sha256_of_file(records_->file());
    for (std::size_t s = 0; s < all_.size(); ++s) put_in_order(all_[s], findings_, rows_[s]);
    for (MeterSeries& series : all_) {
      series.sha256 = sha256;
      series.findings = findings_;
    }
    return std::move(all_);
  }

 private:
  void set_aside(LogFault fault, std::size_t column) {
    note(findings_, fault, "set aside", true, records_->line(), [&] { return records_->where(column); });
  }

  /// Takes the record of the stream.
  void take() {
    const double time_s = parse_stamp(records_->cell(time_), reading_, mapping_.stamps.zone_s);
    const double number = cell_number(records_->cell(value_), records_->delimiter());
    if (!records_->whole()) return set_aside(LogFault::foreign_row, time_);
    if (std::isnan(time_s)) return set_aside(LogFault::unparsable_time, time_);
    if (std::isnan(number)) return set_aside(LogFault::unparsable_number, value_);
    if (meter_ && absent_text(records_->cell(*meter_))) return set_aside(LogFault::missing_case, *meter_);
    const int line = static_cast<int>(records_->line());
    const Scale& scale = scales_.of(unit_ ? records_->cell(*unit_) : std::string_view(mapping_.unit), line);
    const std::string& single = mapping_.name.empty() ? mapping_.value : mapping_.name;
    const std::uint32_t which = names_.number(meter_ ? records_->cell(*meter_) : std::string_view(single));
    if (which == all_.size()) {
      all_.push_back({names_[which], records_->path(), {}, scale.unit, scale.dimension, {}, {}, {}});
      rows_.emplace_back();
    }
    MeterSeries& series = all_[which];
    if (series.dimension != scale.dimension)
      scales_.refuse(line, fmt::format("{} was in {} before and is in {} here", series.name, series.unit, scale.unit),
                     "one meter, one kind of unit");
    series.time_s.push_back(time_s);
    series.value.push_back(number * scale.factor + scale.offset);
    rows_[which].push_back(records_->line());
  }

  MeterMapping mapping_;
  std::unique_ptr<Records> records_;
  Scales scales_;
  std::size_t time_ = 0, value_ = 0;
  std::optional<std::size_t> meter_, unit_;
  StampReading reading_;
  Names names_;
  std::vector<MeterSeries> all_;
  std::vector<std::vector<std::uint32_t>> rows_;  ///< of the readings of each series
  std::vector<LogFinding> findings_;
};

}  // namespace

std::vector<MeterSeries> read_meter_series(const std::string& path, const MeterMapping& mapping) {
  return MeterReader(path, mapping).read();
}

}  // namespace retwin
