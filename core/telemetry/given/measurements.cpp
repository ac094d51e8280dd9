// Tables of flows, analyses and meters, row by row, with units wherever they stand.
#include "core/telemetry/given/measurements.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <set>

#include "core/base/constants.hpp"
#include "core/base/files.hpp"
#include "core/telemetry/tables/columns.hpp"

namespace retwin {
namespace {

using Column = std::optional<std::size_t>;
using ColumnNames = std::vector<std::string_view>;

constexpr double smallest_sd = 1e-30, largest = 1e30;  // beyond any plant

/// A table whose columns have been found, and the quantities of its rows.
class MeasuredTable {
 public:
  MeasuredTable(const std::string& path, Problems& problems) : records_(open_records(path)), finder_(*records_), problems_(problems) {}

  Column find(const ColumnNames& usual) {
    std::string name;
    return finder_.find(name, usual);
  }
  Column require(const char* role, const ColumnNames& usual) {
    std::string name;
    return finder_.require(name, role, usual);
  }
  ColumnFinder& finder() { return finder_; }
  const Records& records() const { return *records_; }

  /// The next row that has the shape of the header.
  bool next() {
    while (records_->next()) {
      if (records_->whole()) return true;
      error(Code::syntax, 0, "", records_->shape(), "as many cells as the header has");
    }
    return false;
  }
  std::string text(const Column& column) const {
    return column && !absent_text(records_->cell(*column)) ? std::string(records_->cell(*column)) : std::string();
  }
  /// Of a cell; nan where it is empty or no quantity. A plain number has the unit of its head, or else that of `unit`.
  Quantity quantity(const Column& column, const std::string& unit = {}) {
    const std::string cell = text(column);
    if (cell.empty()) return {nan, {}};
    const double number = cell_number(cell, records_->delimiter());
    Refusal why;
    if (std::isnan(number)) {
      std::string with_point = cell;
      if (records_->delimiter() != ',') std::replace(with_point.begin(), with_point.end(), ',', '.');
      const std::optional<Quantity> read = parse_quantity(with_point, why);
      if (!read) error(Code::type, *column, "", fmt::format("\"{}\" is no quantity: {}", cell, why.message), why.hint);
      return read.value_or(Quantity{nan, {}});
    }
    const std::string head = unit_of(*column), &said = head.empty() ? unit : head;
    if (said.empty()) return {number, {}};
    const std::optional<Quantity> one = parse_unit(said, why);
    if (!one) error(Code::unit, *column, said, fmt::format("\"{}\": {}", said, why.message), why.hint);
    return one ? Quantity{number * one->value, one->dimension} : Quantity{nan, {}};
  }
  /// That the head of a column names, or is ("kWh").
  std::string unit_of(std::size_t column) const {
    const std::string& name = records_->header()[column];
    const std::string unit = unit_in_name(name);
    return unit.empty() && parse_unit(name) ? name : unit;
  }
  Place place(std::size_t column) const {
    const auto& cells = records_->cells();
    const std::ptrdiff_t at = column < cells.size() ? cells[column].data() - cells.front().data() : 0;
    return {records_->path(), static_cast<int>(records_->line()), static_cast<int>(at >= 0 && at < 1000 ? at : 0) + 1, 1, ""};
  }
  void error(Code code, std::size_t column, const std::string& what, std::string message, std::string hint = {}) {
    problems_.error(code, place(column), what, std::move(message), std::move(hint));
  }

 private:
  std::unique_ptr<Records> records_;
  ColumnFinder finder_;
  Problems& problems_;
};

/// The spread of a value: of its own dimension, or relative where it is a plain number and the value is none.
double spread_of(MeasuredTable& table, const Column& column, const Quantity& value, const std::string& unit, const std::string& what) {
  if (!column || std::isnan(value.value)) return nan;
  const bool plain = table.unit_of(*column).empty() && !std::isnan(cell_number(table.text(column), table.records().delimiter()));
  if (plain && unit.empty() && !value.dimension.none()) {
    table.error(Code::unit, *column, what, "the spread has no unit", "name it in the head, sd [t], or behind the number; or in % of the value");
    return nan;
  }
  const Quantity read = table.quantity(column, unit);
  if (std::isnan(read.value)) return nan;
  const bool relative = !plain && read.dimension.none() && !value.dimension.none();
  if (!relative && !plain && read.dimension != value.dimension) {
    table.error(Code::unit, *column, what, fmt::format("the spread is {}, the value {}", describe(read.dimension), describe(value.dimension)),
                "write it in the unit of the value, or in % of it");
    return nan;
  }
  const double sd = relative ? read.value * std::abs(value.value) : read.value;
  if (sd >= smallest_sd && sd <= largest) return sd;
  if (sd > largest) table.error(Code::range, *column, what, "this spread is beyond any plant", "is the unit right?");
  if (sd > largest) return nan;
  table.error(Code::range, *column, what, "a spread must be above 0", "how far is the meter usually off? for instance 2 % of its reading");
  return nan;
}

/// A spread in a column without a unit is in that of the value; so its unit is told.
std::string unit_of(const MeasuredTable& table, const Column& value, const Column& unit) {
  const std::string head = value ? table.unit_of(*value) : std::string();
  return head.empty() ? table.text(unit) : head;
}

void read_flows(MeasuredTable& table, Measurements& into) {
  const Column stream = table.require("stream", {"stream", "name"}), from = table.require("from", {"from"}), to = table.require("to", {"to"}),
               measured = table.require("measured", {"measured*"}), sd = table.find({"sd*"}), unit = table.find({"unit"}),
               port = table.find({"port"}), flow = table.find({"flow", "utility", "reagent"});
  if (!sd) table.finder().problem(Code::missing, "no column is recognised as the sd", "sd [t], or sd [%] of what was measured");
  table.finder().throw_if_problems();
  std::set<std::string> names;
  while (table.next()) {
    MeasuredStream one{table.text(stream), table.text(from), table.text(to), table.text(port), table.text(flow)};
    one.place = table.place(*stream);
    if (one.name.empty()) table.error(Code::missing, *stream, "stream", "the stream has no name");
    else if (!names.insert(one.name).second) table.error(Code::duplicate, *stream, one.name, "this stream stands there twice", "one row per stream, of one period");
    const std::string said = unit_of(table, measured, unit);
    const Quantity value = table.quantity(measured, said);
    one.value = value.value;
    one.dimension = value.dimension;
    if (!std::isnan(value.value)) {
      if (value.dimension.none())
        table.error(Code::unit, *measured, one.name, "the measured value has no unit", "name it in the head, measured [t], in a column unit, or behind the number");
      if (!(std::abs(value.value) <= largest)) table.error(Code::range, *measured, one.name, "this is beyond any plant", "is the unit right?");
      one.sd = spread_of(table, sd, value, said, one.name);
      if (table.text(sd).empty())
        table.error(Code::missing, *sd, one.name, "a measured stream needs a spread", "how far is the meter usually off? for instance 2 % of its reading");
    }
    into.streams.push_back(std::move(one));
  }
}

void read_assays(MeasuredTable& table, Measurements& into) {
  const Column stream = table.require("stream", {"stream", "name"}), component = table.require("component", {"component", "substance", "analyte"}),
               fraction = table.require("fraction", {"fraction*", "share*", "content*"}), sd = table.find({"sd*"});
  table.finder().throw_if_problems();
  while (table.next()) {
    Analysis one{table.text(stream), table.text(component)};
    one.place = table.place(*fraction);
    const Quantity value = table.quantity(fraction);
    one.fraction = value.value;
    if (table.text(fraction).empty()) table.error(Code::missing, *fraction, one.stream, "the row has no fraction", "leave it out where nothing was analysed");
    if (std::isnan(value.value)) continue;
    if (!value.dimension.none())
      table.error(Code::unit, *fraction, one.stream, fmt::format("a fraction is a share by mass, not {}", describe(value.dimension)), "fraction [%], or [g/kg]");
    else if (!(value.value >= 0 && value.value <= 1))
      table.error(Code::range, *fraction, one.stream, fmt::format("a fraction of {} is not between 0 and 1", value.value), "is it in per cent? then the head is fraction [%]");
    one.sd = spread_of(table, sd, value, table.unit_of(*fraction), one.stream);
    into.analyses.push_back(std::move(one));
  }
}

/// Energy, or power over a duration.
struct EnergyColumns {
  Column energy, power, duration;
};

Quantity energy_of(MeasuredTable& table, const EnergyColumns& at, double duration_s, const std::string& machine) {
  const Column& column = at.energy ? at.energy : at.power;
  Quantity value = table.quantity(column);
  if (std::isnan(value.value)) return value;
  const Dimension wanted = at.energy ? dimension::energy : dimension::power;
  if (value.dimension != wanted) {
    table.error(Code::unit, *column, machine, fmt::format("this is {}, {} is needed", describe(value.dimension), describe(wanted)),
                "name the unit in the head: energy [kWh], or power [kW]");
    return {nan, {}};
  }
  if (value.value < 0) table.error(Code::range, *column, machine, "a machine draws no negative energy");
  if (at.energy) return value;
  if (!(duration_s > 0)) {
    table.error(Code::missing, *column, machine, "a power needs its duration", "a column duration [h], start and end, or the times in the states");
    return {nan, {}};
  }
  return {value.value * duration_s, dimension::energy};
}

double time_in(MeasuredTable& table, const Column& column, const std::string& machine) {
  const Quantity time = table.quantity(column);
  if (std::isnan(time.value)) return 0;
  if (time.dimension == dimension::time && time.value >= 0) return time.value;
  table.error(time.dimension == dimension::time ? Code::range : Code::unit, *column, machine, "a time of 0 or more with its unit is needed", "working [h], idle [h]");
  return 0;
}

void read_meters(MeasuredTable& table, Measurements& into) {
  const Column machine = table.require("station", {"station", "machine", "meter", "name"});
  const EnergyColumns at{table.find({"energy*", "kwh", "mwh", "consumption*"}), table.find({"power*"}), table.find({"duration*", "hours*"})};
  const Column sd = table.find({"sd*"}), start = table.find(usual_starts), end = table.find(usual_ends);
  const std::array<Column, MeterReading::n_states> states{table.find({"working*", "busy*"}), table.find({"idle*", "standby*"}), table.find({"setup*"}), table.find({"down*"})};
  if (!at.energy && !at.power) table.finder().problem(Code::missing, "no column is recognised as the energy", "energy [kWh], or power [kW] with duration [h]");
  if (start.has_value() != end.has_value()) table.finder().problem(Code::missing, "an interval needs its start and its end");
  table.finder().throw_if_problems();
  const StampReading stamps = start ? stamp_reading(table.records(), {*start, *end}, {}) : StampReading{};
  bool any = false;
  while (table.next()) {
    MeterReading one;
    one.machine = table.text(machine);
    one.place = table.place(*machine);
    if (start && !(table.text(start).empty() && table.text(end).empty())) {
      one.from_s = parse_stamp(table.text(start), stamps, 0);
      one.to_s = parse_stamp(table.text(end), stamps, 0);
      if (!(one.to_s > one.from_s)) table.error(Code::range, *end, one.machine, "the interval does not end after its start");
    }
    double all_s = 0;
    for (std::size_t k = 0; k < states.size(); ++k) {
      one.state_s[k] = time_in(table, states[k], one.machine);
      one.has_states = one.has_states || !table.text(states[k]).empty();
      all_s += one.state_s[k];
    }
    one.duration_s = at.duration ? time_in(table, at.duration, one.machine) : !std::isnan(one.from_s) ? one.to_s - one.from_s : all_s;
    any = any || !table.text(at.energy ? at.energy : at.power).empty();
    const Quantity energy = energy_of(table, at, one.duration_s, one.machine);
    if (std::isnan(energy.value)) continue;
    one.energy_J = energy.value;
    const std::string head = table.unit_of(at.energy ? *at.energy : *at.power);
    const double per_value = at.energy ? 1 : one.duration_s;
    one.sd_J = spread_of(table, sd, {energy.value / per_value, at.energy ? dimension::energy : dimension::power}, head, one.machine) * per_value;
    into.readings.push_back(std::move(one));
  }
  if (!any) table.error(Code::missing, at.energy ? *at.energy : *at.power, "energy", "no row has an energy", "a row per interval: station, energy [kWh], working [h], idle [h]");
}

}  // namespace

Measurements read_measurements(const std::string& flows, const std::string& assays, const std::string& meters, Problems& problems) {
  Measurements result;
  const auto read = [&](const std::string& path, MeasuredFile& file, auto rows) {
    if (path.empty()) return;
    file = {path, {}};
    try {
      MeasuredTable table(path, problems);
      file.sha256 = sha256_of_file(table.records().file());
      rows(table, result);
    } catch (const InputError& error) {
      for (const Problem& p : error.problems()) problems.error(p.code, p.place, p.path, p.message, p.hint);
    }
  };
  read(flows, result.flow_file, read_flows);
  read(assays, result.assay_file, read_assays);
  read(meters, result.meter_file, read_meters);
  return result;
}

}  // namespace retwin
