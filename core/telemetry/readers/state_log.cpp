// State logs: rows to records, energies to joules.
#include "core/telemetry/readers/state_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <tuple>

#include "core/base/constants.hpp"
#include "core/base/files.hpp"
#include "core/telemetry/log/findings.hpp"
#include "core/telemetry/readers/guesses.hpp"
#include "core/telemetry/tables/columns.hpp"
#include "core/telemetry/tables/text_stream.hpp"

namespace retwin {
namespace {

constexpr double slip_s = 1;  ///< an end before its start by less than this is made an instant

const std::vector<std::string_view> machine_names = {"machinename", "machine",   "machineid",     "station",
                                                     "stationname", "equipment", "equipmentname", "workstation",
                                                     "resource",    "asset",     "unit"};
const std::vector<std::string_view> state_names = {"reasoncode", "state", "status", "machinestate", "mode", "reason", "activity"};
const std::vector<std::string_view> energy_names = {"energyconsumption*", "energy*", "consumption*"};

struct Columns {
  std::size_t machine = 0, state = 0, from = 0, to = 0;
  std::optional<std::size_t> energy;
  double joules = nan;  ///< per unit of the energy column; nan if it names none
};

Columns find_columns(const Records& records, StateMapping& mapping) {
  ColumnFinder finder(records);
  Columns c;
  c.machine = finder.require(mapping.machine, "machine", machine_names).value_or(0);
  c.state = finder.require(mapping.state, "state", state_names).value_or(0);
  c.from = finder.require(mapping.from, "start of a state", usual_starts).value_or(0);
  c.to = finder.require(mapping.to, "end of a state", usual_ends).value_or(0);
  c.energy = finder.find(mapping.energy, energy_names);
  if (c.energy) {
    const std::string unit = mapping.energy_unit.empty() ? unit_in_name(mapping.energy) : mapping.energy_unit;
    Refusal why;
    const auto quantity = unit.empty() ? std::nullopt : parse_unit(unit, why);
    if (quantity && quantity->dimension == dimension::energy) c.joules = quantity->value;
    else if (!unit.empty())
      finder.problem(Code::unit,
                     quantity ? fmt::format("column \"{}\": {} is {}; an energy is needed", mapping.energy, unit,
                                            describe(quantity->dimension))
                              : fmt::format("column \"{}\": {}", mapping.energy, why.message),
                     "write for instance kJ or kWh");
  }
  finder.throw_if_problems();
  return c;
}

/// Reads one log; keeps what is needed to say what was wrong.
class StateReader {
 public:
  StateReader(const std::string& path, const StateMapping& mapping)
      : records_(open_records(path, mapping.delimiter,
                              [&](Records& table) {
                                StateMapping trial = mapping;
                                find_columns(table, trial);
                              })),
        mapping_(mapping),
        columns_(find_columns(*records_, mapping_)) {
    reading_ = stamp_reading(*records_, {columns_.from, columns_.to}, mapping_.stamps);
    note_guesses(log_.findings, *records_, reading_, columns_.from);
    log_.source = path;
    log_.has_energy = columns_.energy && !std::isnan(columns_.joules);
  }

  StateLog read() {
    std::uint64_t rows = 0;
    for (; records_->next(); ++rows) {
      StateRecord record;
      record.row = records_->line();
      if (take(record)) log_.records.push_back(record);
    }
    if (rows == 0) {
      Place place;
      place.file = log_.source;
      place.line = 1;
      throw InputError({{Code::missing,
                         Severity::error,
                         place,
                         {},
                         log_.source + " has a header and no rows",
                         "a state log has one row per state of a machine"}});
    }
    put_in_order_and_count();
    if (log_.records.empty()) refuse_unusable(log_.source, log_.findings, "check the mapping of the columns");
    log_.sha256 = sha256_of_file(records_->file());
    return std::move(log_);
  }

 private:
  template <class Example>
  bool set_aside(LogFault fault, Example&& example) {
    note(log_.findings, fault, "set aside", true, records_->line(), std::forward<Example>(example));
    return false;
  }

  std::string words(std::size_t column) const { return records_->where(column); }

  bool take(StateRecord& record) {
    if (!records_->whole())
      return set_aside(LogFault::foreign_row, [&] { return records_->shape(); });
    const std::string_view machine = records_->cell(columns_.machine), state = records_->cell(columns_.state);
    if (absent_text(machine)) return set_aside(LogFault::missing_case, [&] { return words(columns_.machine); });
    if (absent_text(state)) return set_aside(LogFault::missing_activity, [&] { return words(columns_.state); });
    if (!take_time(columns_.from, record.from_s, LogFault::missing_start)) return false;
    if (!take_time(columns_.to, record.to_s, LogFault::missing_end)) return false;
    if (record.to_s < record.from_s) {
      if (record.from_s - record.to_s >= slip_s)
        return set_aside(LogFault::negative_duration, [&] { return words(columns_.to); });
      note(log_.findings, LogFault::negative_duration, "made an instant at its start", false, record.row,
           [&] { return words(columns_.to); });
      record.to_s = record.from_s;
    }
    record.machine = log_.machines.number(machine);
    record.state = log_.states.number(state);
    record.energy_J = energy();
    return true;
  }

  bool take_time(std::size_t column, double& time_s, LogFault if_absent) {
    const std::string_view stamp = records_->cell(column);
    time_s = parse_stamp(stamp, reading_, mapping_.stamps.zone_s);
    return !std::isnan(time_s) ||
           set_aside(absent_text(stamp) ? if_absent : LogFault::unparsable_time, [&] { return words(column); });
  }

  double energy() {
    const std::string_view cell = columns_.energy ? records_->cell(*columns_.energy) : std::string_view();
    if (absent_text(cell)) return nan;
    if (!log_.has_energy) {
      note(log_.findings, LogFault::unparsable_number, "kept without its energy: nobody names the unit", false, records_->line(),
           [&] { return words(*columns_.energy); });
      return nan;
    }
    const double value = cell_number(cell, records_->delimiter());
    if (std::isnan(value))
      note(log_.findings, LogFault::unparsable_number, "kept without the number", false, records_->line(),
           [&] { return words(*columns_.energy); });
    return value * columns_.joules;
  }

  void put_in_order_and_count() {
    const auto key = [](const StateRecord& r) { return std::tie(r.from_s, r.to_s, r.machine, r.state, r.row); };
    const auto same = [](const StateRecord& r) { return std::tie(r.from_s, r.to_s, r.machine, r.state); };
    std::vector<StateRecord>& records = log_.records;
    std::sort(records.begin(), records.end(), [&](const StateRecord& a, const StateRecord& b) { return key(a) < key(b); });
    const auto example = [&](const StateRecord& r) {
      return [&] { return fmt::format("line {}: {} {}", r.row, log_.machines[r.machine], log_.states[r.state]); };
    };
    std::vector<StateRecord> kept;
    std::vector<double> until(log_.machines.size(), -1e300);
    for (const StateRecord& r : records) {
      if (!kept.empty() && same(kept.back()) == same(r)) {
        note(log_.findings, LogFault::duplicate, "set aside", true, r.row, example(r));
        continue;
      }
      if (r.from_s < until[r.machine] && r.to_s > r.from_s)
        note(log_.findings, LogFault::overlap, "kept: a machine in two states", false, r.row, example(r));
      until[r.machine] = std::max(until[r.machine], r.to_s);
      kept.push_back(r);
    }
    records = std::move(kept);
    std::sort(records.begin(), records.end(), [](const StateRecord& a, const StateRecord& b) {
      return std::tie(a.from_s, a.to_s, a.row) < std::tie(b.from_s, b.to_s, b.row);
    });
  }

  std::unique_ptr<Records> records_;
  StateMapping mapping_;
  Columns columns_;
  StampReading reading_;
  StateLog log_;
};

}  // namespace

StateLog read_state_log(const std::string& path, const StateMapping& mapping) { return StateReader(path, mapping).read(); }

}  // namespace retwin
