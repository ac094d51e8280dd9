// Learning in Python: calibrations, machines, drifts and validations as values with their tables.
#include <fmt/format.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "bindings/python/settings.hpp"
#include "bindings/python/shown.hpp"
#include "bindings/python/table.hpp"
#include "bindings/report/page_file.hpp"
#include "core/base/interruption.hpp"
#include "core/base/replacement.hpp"
#include "core/report/drift_search.hpp"
#include "core/report/line_report.hpp"
#include "core/report/machines_report.hpp"
#include "core/report/page/pages.hpp"
#include "core/report/telemetry_report.hpp"
#include "core/telemetry/given/plant.hpp"
#include "core/telemetry/lines/validation.hpp"
#include "core/telemetry/log/learned_parameter.hpp"
#include "core/telemetry/readers/meter_series.hpp"
#include "core/telemetry/readers/read_log.hpp"
#include "core/telemetry/tables/timestamps.hpp"
#include "core/telemetry/validation/validation.hpp"

namespace retwin::python {
namespace {

namespace fs = std::filesystem;

/// What was learned: a report and its parameters, which also stand in the files beside the scenario.
struct Learned {
  std::string path, report;
  std::shared_ptr<Table> parameters;
};
struct MachinesValue {
  MachineStates machines;
  std::shared_ptr<Table> parameters;
};
struct DriftValue {
  DriftReport report;
  std::shared_ptr<Table> table;
};

/// @throws std::invalid_argument
std::optional<WindowRule> window_of(const std::string& name) {
  const std::optional<WindowRule> rule = window_rule(name);
  if (!rule && name != "auto") throw std::invalid_argument("window is auto, complete, dropped or cut, not " + name);
  return rule;
}

Learned learned(const fs::path& out, std::string report, const std::vector<LearnedParameter>& parameters, const std::string& log, const std::string& sha256) {
  return {out.string(), std::move(report), std::make_shared<Table>(parameters_table(parameters, log, sha256))};
}

struct CalibrateArguments {
  double train = 1;
  MaybePath plant;
  std::string window = "auto";
  MaybePath flows, assays, meters, states;
  std::uint64_t draws = 0, seed = 1;
  std::vector<fs::path> library;
  std::optional<std::string> state_at;
};

Learned of_plant(const EventLog* log, const fs::path& out, const CalibrateArguments& given) {
  if (given.train < 1) throw std::invalid_argument("a given plant is calibrated from the whole log: leave train out");
  if (given.window != "auto") throw std::invalid_argument("the cases of a given plant end as it says: leave window out");
  if (given.state_at) throw std::invalid_argument("state_at says where a line that was learned stands: leave plant out");
  Problems problems;
  const Measurements measured = read_measurements(text_of(given.flows), text_of(given.assays), text_of(given.meters), problems);
  problems.throw_if_errors();
  PlantCalibrationOptions how;
  for (const fs::path& folder : given.library) how.libraries.push_back(folder.string());
  for (std::string& folder : default_library_folders()) how.libraries.push_back(std::move(folder));
  if (measured.any()) how.measured = &measured;
  std::optional<StateLog> states;
  if (given.states) how.states = &states.emplace(read_state_log(given.states->string()));
  const PlantCalibration made = calibrate_plant(given.plant->string(), log != nullptr ? std::optional(*log) : std::nullopt, registry(), how);
  FileSet files;
  write_calibration(made, out.string());
  write_draws(made, out.string(), given.draws, given.seed);
  files.commit();
  return learned(out, text_report(made), made.parameters, made.log, made.sha256);
}

Learned calibrate_to(const EventLog* log, const fs::path& out, const CalibrateArguments& given) {
  const bool measures = given.flows || given.meters;
  if (given.assays && !given.flows) throw std::invalid_argument("analyses say nothing without the flows that they are of");
  if (measures && !given.plant) throw std::invalid_argument("flows and meters teach a given plant: name it in plant");
  if ((given.states || given.draws > 0 || !given.library.empty()) && !given.plant)
    throw std::invalid_argument("states, draws and library are of a given plant: name it in plant");
  if (log == nullptr && !measures) throw std::invalid_argument("there is nothing to learn from: a log, flows or meters");
  const py::gil_scoped_release release;
  const Interruptible asked(check_signals);
  if (given.plant) return of_plant(log, out, given);
  CalibrationOptions options;
  options.window = window_of(given.window);
  options.train = given.train;
  const double at_s = given.state_at ? instant(*given.state_at, "state_at", log->zone_s) : std::numeric_limits<double>::quiet_NaN();
  const Calibration made = calibrate(*log, options);
  write_calibration(made, out.string(), at_s);
  return learned(out, text_report(made), made.parameters(), made.log.source, made.log.sha256);
}

std::vector<MeterSeries> meters_of(const MaybePath& path, const std::string& unit) {
  if (!path) return {};
  MeterMapping mapping;
  mapping.unit = unit;
  return read_meter_series(path->string(), mapping);
}

/// @param meaning state -> working, setup, idle, planned, jam or breakdown
MachineStates machine_states(const fs::path& states, const MaybePath& meters, const MaybePath& masses, const StateMapping& mapping,
                             const std::string& meter_unit, const std::string& mass_unit, const std::map<std::string, std::string>& meaning) {
  MachineOptions how;
  for (const auto& [name, kind] : meaning) {
    const auto* const found = std::find(state_class_names, state_class_names + n_state_classes, kind);
    if (found == state_class_names + n_state_classes || *found == std::string("unknown"))
      throw std::invalid_argument("a state means working, setup, idle, planned, jam or breakdown, not " + kind);
    how.given.emplace_back(name, static_cast<StateClass>(found - state_class_names));
  }
  return learn_machines(read_state_log(states.string(), mapping), meters_of(meters, meter_unit), meters_of(masses, mass_unit), how);
}

std::shared_ptr<MachinesValue> machines(const fs::path& states, const MaybePath& meters, const MaybePath& mass, const std::string& machine,
                                        const std::string& state, const std::string& start, const std::string& end, const std::string& energy,
                                        const std::string& energy_unit, const std::string& meter_unit, const std::string& mass_unit,
                                        const std::map<std::string, std::string>& meaning, const MaybePath& out, const MaybePath& extends) {
  if (extends && !out) throw std::invalid_argument("extends is of the fragment that is written to out");
  const py::gil_scoped_release release;
  const Interruptible asked(check_signals);
  StateMapping mapping;
  mapping.machine = machine, mapping.state = state, mapping.from = start, mapping.to = end, mapping.energy = energy, mapping.energy_unit = energy_unit;
  MachineStates made = machine_states(states, meters, mass, mapping, meter_unit, mass_unit, meaning);
  if (out) write_machines(made, out->string(), text_of(extends));
  auto parameters = std::make_shared<Table>(parameters_table(made.parameters(), made.log.source, made.log.sha256));
  return std::make_shared<MachinesValue>(MachinesValue{std::move(made), std::move(parameters)});
}

std::shared_ptr<DriftValue> drift(const MaybePath& log, const MaybePath& states, const MaybePath& meters, const MaybePath& mass,
                                  double reference, double level, const std::map<std::string, std::string>& columns,
                                  const std::map<std::string, std::string>& meaning) {
  if (!log && !states) throw std::invalid_argument("there is nothing to look at: a log or states");
  if ((meters || mass) && !states) throw std::invalid_argument("meters and mass go with states");
  if (!(level > 0 && level < 1) || !(reference >= 0 && reference <= 1)) throw std::invalid_argument("level and reference are shares between 0 and 1");
  const py::gil_scoped_release release;
  const Interruptible asked(check_signals);
  DriftOptions how;
  how.level = level;
  DriftSources from;
  from.reference = reference;
  ReadLogOptions reading;
  StateMapping of_states;
  std::string time_format, time_unit, meter_unit, mass_unit;
  const std::map<std::string, std::string*> known{
      {"machine", &of_states.machine}, {"state", &of_states.state}, {"reader", &reading.reader}, {"time_format", &time_format}, {"time_unit", &time_unit},
      {"meter_unit", &meter_unit}, {"mass_unit", &mass_unit},
      {"lot", &reading.mapping.lot}, {"activity", &reading.mapping.activity}, {"resource", &reading.mapping.resource}, {"start", &reading.mapping.start},
      {"end", &reading.mapping.end}, {"stamp", &reading.mapping.stamp}, {"lifecycle", &reading.mapping.lifecycle}, {"rejected", &from.columns.rejected},
      {"good", &from.columns.good}, {"made", &from.columns.made}, {"energy", &from.columns.energy}, {"weight", &from.columns.mass},
      {"energy_unit", &from.columns.energy_unit}};
  for (const auto& [name, column] : columns) {
    if (known.count(name) == 0) throw std::invalid_argument("no column of a log is called " + name + " here");
    *known.at(name) = column;
  }
  if (!states && (!meaning.empty() || !of_states.machine.empty() || !of_states.state.empty())) throw std::invalid_argument("machine, state and meaning go with states");
  if (!log) of_states.from = reading.mapping.start, of_states.to = reading.mapping.end, of_states.energy = from.columns.energy, of_states.energy_unit = from.columns.energy_unit;
  reading.stamps = stamps_of(time_format, time_unit);
  std::optional<EventLog> events;
  std::optional<MachineStates> machines_seen;
  if (log) {
    ask_for(from.columns, reading.mapping);
    from.log = &events.emplace(read_log(log->string(), reading, registry().readers));
  }
  if (states) from.states = &machines_seen.emplace(machine_states(*states, meters, mass, of_states, meter_unit, mass_unit, meaning));
  DriftReport report = search_drifts(from, how);
  auto table = std::make_shared<Table>(drift_table(report.drifts));
  return std::make_shared<DriftValue>(DriftValue{std::move(report), std::move(table)});
}

py::object validated(const fs::path& path, const EventLog& log, ValidationOptions options, const std::string& window, const EventLog* past,
                     const Time& every, const Time& tolerance, const std::optional<std::string>& from, std::uint64_t lines, const MaybePath& report) {
  options.window = window_of(window);
  options.past = past;
  std::string json, text;
  std::vector<std::pair<std::string, Table>> tables;
  {
    const double every_s = seconds(every, "every"), tolerance_s = seconds(tolerance, "tolerance");
    const py::gil_scoped_release release;
    const Interruptible asked(check_signals);
    if (report) check_page(report->string());
    const Scenario scenario = load_scenario(path.string(), registry(), {}, default_library_folders());
    if (is_line_of(scenario, log)) {
      LineValidationOptions how;
      how.window_s = every_s, how.tolerance_s = tolerance_s, how.replications = lines, how.seed = options.seed;
      EventLog moved = log;
      moved.move(moved.zone_s);
      if (from) how.from_s = instant(*from, "from_", log.zone_s);
      const LineValidation made = validate_line(scenario, moved, how);
      json = json_report(made), text = text_report(made), tables = tables_of(made);
    } else {
      const Validation made = validate(path.string(), log, registry(), options);
      json = json_report(made), text = text_report(made), tables = tables_of(made);
    }
    if (report) write_page(report->string(), page_of_validation(path.string(), log.source, text, json));
  }
  py::dict named;
  for (auto& [name, table] : tables) named[py::str(name)] = std::make_shared<Table>(std::move(table));
  return py::module_::import("retwin._shown").attr("Validation")(json, text, named);
}

void declare_values(py::module_& module) {
  py::class_<Learned> calibration(module, "Calibration", "What was learned from records and written to a scenario; str() is the report of the command line.");
  declare_shown(calibration, "one row per parameter, as `parameters`.");
  calibration.def_readonly("path", &Learned::path, "The scenario that was written; load() takes it")
      .def_readonly("parameters", &Learned::parameters, "Table: one row per learned parameter, with unit, interval, number of observations and method")
      .def("__str__", [](const Learned& self) { return self.report; })
      .def("__repr__", [](const Learned& self) { return fmt::format("<Calibration {}: {} parameters>", self.path, self.parameters->rows()); });
  py::class_<MachinesValue, std::shared_ptr<MachinesValue>> states(module, "Machines", "Failures, repairs and powers of machines, learned from their states; str() is the report of the command line.");
  declare_shown(states, "one row per parameter, as `parameters`.");
  states.def_readonly("parameters", &MachinesValue::parameters, "Table: one row per learned parameter, with unit, interval, number of observations and method")
      .def("json", [](const MachinesValue& self) { return json_report(self.machines); }, "The text of `retwin machines --format json`")
      .def("__str__", [](const MachinesValue& self) { return text_report(self.machines); })
      .def("__repr__", [](const MachinesValue& self) { return fmt::format("<Machines: {} machines, {} parameters>", self.machines.machines.size(), self.parameters->rows()); });
  py::class_<DriftValue, std::shared_ptr<DriftValue>> drifts(module, "Drift", "What changed in logs, and when; str() is the report of the command line.");
  declare_shown(drifts, "one row per change, as `table`.");
  drifts.def_readonly("table", &DriftValue::table, "Table: one row per change: what, when, before and after, with its interval")
      .def("json", [](const DriftValue& self) { return json_report(self.report); }, "The text of `retwin drift --format json`")
      .def("__str__", [](const DriftValue& self) { return text_report(self.report); })
      .def("__repr__", [](const DriftValue& self) { return fmt::format("<Drift: {} changes, {} alarms>", self.report.drifts.size(), self.report.alarms.size()); });
}

}  // namespace

double instant(const std::string& text, const char* what, double zone_s) {
  const double time_s = parse_stamp(text, DateOrder::month_first, zone_s);
  if (std::isnan(time_s)) throw std::invalid_argument(fmt::format("{} is a time such as 2026-01-05 08:15:00, not {}", what, text));
  return time_s + zone_s;
}

void declare_learning(py::module_& module) {
  declare_values(module);
  const std::string none;
  module.def(
      "calibrate",
      [](const EventLog* log, const fs::path& out, double train, MaybePath plant, std::string window, MaybePath flows, MaybePath assays, MaybePath meters,
         MaybePath states, std::uint64_t draws, std::uint64_t seed, std::vector<fs::path> library, std::optional<std::string> state_at) {
        const auto given = [](MaybePath path) { return path && !path->empty() ? path : MaybePath(); };
        return calibrate_to(log, out, {train, std::move(plant), std::move(window), given(std::move(flows)), given(std::move(assays)), given(std::move(meters)),
                                       given(std::move(states)), draws, seed, std::move(library), std::move(state_at)});
      },
      py::arg("log"), py::arg("out"), py::arg("train") = 1.0, py::arg("plant") = py::none(), py::arg("window") = "auto",
      py::arg("flows") = py::none(), py::arg("assays") = py::none(), py::arg("meters") = py::none(), py::arg("states") = py::none(),
      py::arg("draws") = 0, py::arg("seed") = 1, py::arg("library") = std::vector<fs::path>{}, py::arg("state_at") = py::none(),
      R"(Learns a scenario from an event log, or the parameters of a given plant, and writes it to `out` with tables beside it.

train: share of the cases, the first ones, to learn from. window: what became of cases open at the end of the log: auto (told from it),
complete, dropped, cut. state_at: time in the log at which the parts of a line that was learned stand in its scenario _line.yaml.
plant: path of a given plant, calibrated from the whole log (read_log(..., numeric=[...]) keeps further columns). Of it: flows, assays,
meters: files from which it learns shares of ports, uses per mass and powers (then log may be None); states: log of the states of its
machines; draws: so many further scenarios with parameters drawn from what the log leaves open, by `seed`; library: as in load().

Returns a Calibration. Raises InputError; ValueError for what does not go together, and where there is nothing to learn from.)");
  module.def(
      "validate",
      [](const fs::path& scenario, const EventLog& log, double test, std::optional<std::uint64_t> replications, std::uint64_t seed, double acceptable,
         const std::map<std::string, double>& acceptable_of, const std::string& window, const EventLog* past, std::uint64_t draws, bool uncertainty,
         std::optional<int> jobs, const Time& every, const Time& tolerance, const std::optional<std::string>& from, const MaybePath& report) {
        ValidationOptions how;
        how.test = test, how.seed = seed, how.acceptable = acceptable, how.acceptable_of = acceptable_of;
        how.replications = replications.value_or(30), how.baseline_draws = draws, how.uncertainty = uncertainty;
        how.jobs = jobs_of(jobs);
        return validated(scenario, log, how, window, past, every, tolerance, from, replications.value_or(10), report);
      },
      py::arg("scenario"), py::arg("log"), py::arg("test") = 1.0 / 3, py::arg("replications") = py::none(), py::arg("seed") = 1,
      py::arg("acceptable") = 0.1, py::arg("acceptable_of") = std::map<std::string, double>{}, py::arg("window") = "auto",
      py::arg("past") = py::none(), py::arg("draws") = 10, py::arg("uncertainty") = false, py::arg("jobs") = py::none(),
      py::arg("every") = "5 min", py::arg("tolerance") = "20 s", py::arg("from_") = py::none(), py::arg("report") = py::none(),
      R"(How well a calibrated scenario predicts the last `test` of the cases of a log.

replications: default 30, of a production line 10. acceptable: error that is declared acceptable beforehand [share], acceptable_of the
same by figure. window: what became of cases open at the end of the log: auto, complete, dropped, cut. past: log of the cases before,
if `log` holds only those to be predicted. draws: of the bootstrap. uncertainty: each replication draws anew how often each case comes.
Of a production line: every, tolerance, from_: windows, the time by which an event may differ, the start of the first window.
report: file for the page of the browser.

Returns a Validation, a dict of the content of `retwin validate --format json`. Raises InputError; ValueError (another window).)");
  module.def("machines", machines, py::arg("states"), py::kw_only(), py::arg("meters") = py::none(), py::arg("mass") = py::none(),
             py::arg("machine") = none, py::arg("state") = none, py::arg("start") = none, py::arg("end") = none, py::arg("energy") = none,
             py::arg("energy_unit") = none, py::arg("meter_unit") = none, py::arg("mass_unit") = none,
             py::arg("meaning") = std::map<std::string, std::string>{}, py::arg("out") = py::none(), py::arg("extends") = py::none(),
             R"(Failures, repairs and powers of machines from a state log (machine, state, start, end, perhaps energy) and meters.

meters, mass: files of readings. machine, state, start, end, energy: names of columns that are not recognised. meaning: state ->
working, setup, idle, planned, jam or breakdown. out: scenario fragment to write, for the plant `extends`.

Returns Machines. Raises InputError; ValueError (a meaning that there is not).)");
  module.def("drift", drift, py::arg("log") = py::none(), py::kw_only(), py::arg("states") = py::none(), py::arg("meters") = py::none(),
             py::arg("mass") = py::none(), py::arg("reference") = 0.0, py::arg("level") = 0.01,
             py::arg("columns") = std::map<std::string, std::string>{}, py::arg("meaning") = std::map<std::string, std::string>{},
             R"(What changed in an event log or a state log, when and by how much; the alarms that a watch would have given.

log: path of an event log. states, meters, mass: paths, for failures, repairs and powers. reference: share of the operations, the first
ones, that the watch takes for steady; 0: the first 8 of each machine. level: chance of any change being reported where there is none.
columns: what -> name of a column that is not recognised: lot, activity, resource, start, end, stamp, lifecycle, rejected, good, made,
energy, weight, machine, state; and how they are written: energy_unit, meter_unit, mass_unit, reader, time_format, time_unit.
meaning: of states, as in machines().

Returns a Drift. Raises InputError; ValueError for a column that there is not.)");
}

}  // namespace retwin::python
