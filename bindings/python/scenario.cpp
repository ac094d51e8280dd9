// Scenarios in Python: load, set values by path, run.
#include <fmt/format.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>

#include "bindings/python/door.hpp"
#include "bindings/python/run.hpp"
#include "bindings/python/shown.hpp"
#include "bindings/python/simulation.hpp"
#include "core/base/files.hpp"
#include "core/base/text.hpp"
#include "core/base/units.hpp"
#include "core/base/yaml_writer.hpp"
#include "core/scenario/document/document.hpp"
#include "core/scenario/specs/sections.hpp"
#include "core/experiment/executor.hpp"

namespace retwin::python {
namespace {

using Path = std::filesystem::path;

/// A value as the text that a scenario file would have.
std::string value_text(py::handle value) {
  if (value.is_none()) return "~";
  if (py::isinstance<py::bool_>(value)) return value.cast<bool>() ? "true" : "false";
  if (py::isinstance<py::str>(value) || PyNumber_Check(value.ptr())) return py::str(value);
  if (py::isinstance<py::dict>(value) || py::isinstance<py::list>(value) || py::isinstance<py::tuple>(value))  // YAML reads JSON
    return py::module_::import("json").attr("dumps")(value, py::arg("ensure_ascii") = false).cast<std::string>();
  throw py::type_error("a value is text as in a scenario file, a number, a bool, a dict or list of such, or None to remove what is there");
}

/// A text that a file could have.
std::string sound(std::string text) {
  if (control_character(text) != std::string::npos) throw py::value_error("a scenario has no control characters");
  return text;
}

/// What Python has as dictionaries, lists and values, as the document of a scenario.
Node node_of(py::handle value, const Place& place, int depth = 0) {
  if (depth > deepest_document) throw py::value_error("a scenario has no more than 64 levels");
  Node node;
  node.place = place;
  if (value.is_none()) return node;
  if (py::isinstance<py::dict>(value)) {
    node.kind = Node::Kind::map;
    for (const auto& [key, entry] : value.cast<py::dict>())
      node.entries.push_back({sound(py::str(key)), place, node_of(entry, place, depth + 1)});
  } else if (py::isinstance<py::list>(value) || py::isinstance<py::tuple>(value)) {
    node.kind = Node::Kind::list;
    for (const py::handle item : value) node.items.push_back(node_of(item, place, depth + 1));
  } else {
    node = Node::scalar(sound(value_text(value)), place);
  }
  return node;
}

std::vector<std::string> folders_of(const std::vector<Path>& library) {
  std::vector<std::string> folders;
  for (const Path& folder : library) folders.push_back(folder.string());
  for (std::string& folder : default_library_folders()) folders.push_back(std::move(folder));
  return folders;
}

Variant load(const Path& path, const std::vector<Path>& library) {
  const py::gil_scoped_release release;
  return Variant(path.string(), folders_of(library));
}

Variant from_dict(const py::dict& document, const std::optional<Path>& path, const std::vector<Path>& library, const std::string& name) {
  if (name.empty() || name.find('/') != std::string::npos) throw py::value_error("name is what the scenario is called beside others; path is that of a file");
  Place place;
  place.file = path ? path->string() : sound(name);
  Node node = node_of(document, place);
  const py::gil_scoped_release release;
  return Variant(std::move(node), place.file, folders_of(library), name);
}

/// The document as the fields write it: defaults left out, numbers in units that people write.
std::string to_yaml(const Variant& self) {
  const py::gil_scoped_release release;
  Problems problems;
  HeadSpec head;
  Specs specs = read_scenario(self.document(), registry(), problems, &head);
  problems.throw_if_errors();
  return yaml_text(write_scenario(std::move(head), std::move(specs), registry()));
}

Override override_of(const std::string& path, py::handle value) { return {path, value_text(value), "set " + path}; }

void set_values(Variant& self, std::vector<Override> values) {
  Variant changed = self;
  {
    const py::gil_scoped_release release;
    changed.set(std::move(values));
  }
  self = std::move(changed);
}

Variant& set_one(Variant& self, const std::string& path, const py::object& value) {
  set_values(self, {override_of(path, value)});
  return self;
}

Variant& set_many(Variant& self, const py::dict& values) {
  std::vector<Override> overrides;
  for (const auto& [path, value] : values) overrides.push_back(override_of(path.cast<std::string>(), value));
  set_values(self, std::move(overrides));
  return self;
}

py::object as_python(const std::string& json) { return py::module_::import("json").attr("loads")(json); }

/// One replication again, from its task or its outcome, as a dict or its text.
py::object repeat(const py::object& task) {
  const std::string text = py::isinstance<py::str>(task) ? task.cast<std::string>()
                                                         : py::module_::import("json").attr("dumps")(task).cast<std::string>();
  Place place;
  place.file = "task";
  LocalOptions how;
  how.poll = check_signals;
  std::string made;
  {
    const py::gil_scoped_release release;
    Threads(registry(), how).run({task_from_json(text, place)}, [&](std::size_t, const Outcome& outcome) { made = json_text(outcome); });
  }
  return py::module_::import("retwin._shown").attr("Outcome")(as_python(made));
}

std::shared_ptr<Running> start(const Variant& self, std::optional<std::uint64_t> seed, std::uint64_t replication) {
  const Scenario& scenario = *self.scenario();
  return std::make_shared<Running>(self, Simulation(scenario.plant, seed.value_or(scenario.run.seed), replication, scenario.changes));
}

py::dict values_set(const Variant& self) {
  py::dict out;
  for (const Override& o : self.overrides()) out[py::str(o.path)] = o.value;
  return out;
}

/// One row per station, as the scenario has them.
Table plant_table(const Plant& plant) {
  Table table({text_column("station"), text_column("group"), text_column("unit", "its unit operation"), integer_column("servers", "nothing: unlimited"),
               integer_column("room_lots", "places of its buffer; nothing: without number"), number_column("job_s", "s", "expected time of a job"),
               number_column("power_W", "W", "of one server at work")});
  for (const Station& s : plant.stations)
    table.row({s.name, s.group, s.unit, s.unlimited_servers ? Cell(Table::missing) : Cell(s.servers),
               s.buffer_places == unlimited ? Cell(Table::missing) : Cell(s.buffer_places), s.mean_s,
               s.power_W[static_cast<std::size_t>(ServerState::working)]});
  return table;
}

/// Limits that are drawn beside levels: name of the stock -> most, in its unit.
py::dict stock_limits(const Variant& self) {
  py::dict out;
  for (const Stock& stock : self.scenario()->reporting.stocks) out[py::str(stock.name)] = py::make_tuple(stock.most / stock.unit_factor, stock.unit);
  return out;
}

std::string representation(const Variant& self) {
  return fmt::format("<Scenario {}: {} stations, {} sources>", self.scenario()->name, self.scenario()->plant->stations.size(),
                     self.scenario()->plant->sources.size());
}

}  // namespace

Variant::Variant(std::string path, std::vector<std::string> library_folders)
    : path_(std::move(path)), name_(path_), library_folders_(std::move(library_folders)), scenario_(with({})) {}

Variant::Variant(Node document, std::string path, std::vector<std::string> library_folders, std::string name)
    : given_(std::move(document)), path_(std::move(path)), name_(std::move(name)), library_folders_(std::move(library_folders)), scenario_(with({})) {}

Node Variant::document(const std::vector<Override>& values) const {
  std::vector<Override> all = overrides_;
  all.insert(all.end(), values.begin(), values.end());
  Problems problems;
  std::optional<Node> document = given_ ? given_ : load_document(path_, {}, problems, registry());
  if (document) apply_overrides(*document, all, problems, registry());
  problems.throw_if_errors();
  return *document;
}

void Variant::set(std::vector<Override> values) {
  scenario_ = with(values);
  for (Override& value : values) {
    if (!overrides_.empty() && overrides_.back().path == value.path) overrides_.pop_back();
    overrides_.push_back(std::move(value));
  }
}

std::shared_ptr<const Scenario> Variant::with(const std::vector<Override>& values) const {
  return std::make_shared<const Scenario>(compile_scenario(document(values), path_, registry(), library_folders_));
}

void check_signals() {
  const py::gil_scoped_acquire acquire;
  if (PyErr_CheckSignals() != 0) throw py::error_already_set();
}

std::optional<double> replay_seconds(const std::optional<std::filesystem::path>& report, const std::optional<Time>& replay) {
  if (replay && !report) throw py::value_error("replay is of the page: name its file in report");
  if (!report) return {};
  const double replay_s = seconds(replay.value_or("1 week"), "replay");
  if (replay_s < 0) throw py::value_error("replay is a time, not below 0");
  return replay_s;
}

double seconds(const Time& time, const char* what) {
  const double* number = std::get_if<double>(&time);
  if (number && !std::isfinite(*number)) throw py::value_error(std::string(what) + " must be a finite number of seconds");
  if (number) return *number;
  Refusal why;
  const std::optional<Quantity> quantity = parse_quantity(std::get<std::string>(time), why);
  if (quantity && quantity->dimension == dimension::time) return quantity->value;
  if (quantity) why = {"a time is needed, this is " + describe(quantity->dimension), "write for instance 2 h"};
  Place place;
  place.file = what;
  throw InputError({{Code::unit, Severity::error, place, {}, why.message, why.hint}});
}

std::string time_text(const Time& time) {
  const std::string* text = std::get_if<std::string>(&time);
  return text ? *text : number_text(std::get<double>(time)) + " s";
}

py::object text_array(const std::vector<std::string>& texts) {
  return py::module_::import("numpy").attr("array")(py::cast(texts), py::arg("dtype") = py::str("U"));
}

namespace {

void declare_run(py::class_<Variant>& type) {
  type.def(
      "run",
      [](const Variant& self, decltype(RunSettings::replications) replications, std::optional<int> jobs, std::optional<std::int64_t> seed,
         std::optional<Time> duration, std::optional<Time> warmup, decltype(RunSettings::precision) precision,
         std::optional<std::int64_t> max_replications, MaybePath state, const EventLog* log_state, std::optional<std::string> state_at, MaybePath log, MaybePath trace, MaybePath states, MaybePath ledger,
         MaybePath series, Time every, MaybePath save, MaybePath outcomes, MaybePath report, std::optional<Time> replay, bool verdict) {
        return run(self, {{std::move(replications), std::move(precision), max_replications, seed, std::move(duration), std::move(warmup), jobs},
                          std::move(state), log_state, std::move(state_at), std::move(log), std::move(trace), std::move(states), std::move(ledger), std::move(series),
                          std::move(save), std::move(outcomes), std::move(report), std::move(every), std::move(replay), verdict});
      },
      py::kw_only(), py::arg("replications") = py::none(), py::arg("jobs") = py::none(), py::arg("seed") = py::none(),
      py::arg("duration") = py::none(), py::arg("warmup") = py::none(), py::arg("precision") = py::none(),
      py::arg("max_replications") = py::none(), py::arg("state") = py::none(), py::arg("log_state") = py::none(), py::arg("state_at") = py::none(), py::arg("log") = py::none(), py::arg("trace") = py::none(),
      py::arg("states") = py::none(), py::arg("ledger") = py::none(), py::arg("series") = py::none(), py::arg("every") = "1 h", py::arg("save") = py::none(),
      py::arg("outcomes") = py::none(), py::arg("report") = py::none(), py::arg("replay") = py::none(), py::arg("verdict") = false,
      R"(Runs the replications and returns their Result.

jobs: threads, default all cores; the result does not depend on them. replications (a number or 'auto'), precision and max_replications
of 'auto', seed, duration and warmup are settings of the scenario and stand in its place for this run; times are text with a unit
('26 weeks') or seconds. Other Python threads go on; Ctrl-C ends it.

state: file of a saved state to go on from, without a warm-up. log_state: EventLog of a production line, to go on from where its parts
are at the time of state_at ('2026-01-05 08:15:00', default the end of the log).
Files of the first replication: log (.csv, .xes, .sqlite, .json: OCEL 2.0), trace (CSV of every event), states (JSON of
the states of every server, for viewers of traces: Perfetto), ledger (SQLite, for carbon()),
series (CSV of levels `every` so often), save (the state at its end). outcomes: a line of JSON for every replication, for task().
report: one page for the browser that works offline (.html); it plays so much of the first replication as `replay` says, default '1 week'.
verdict: also measure what limits the plant, as bottleneck() does: Result.relief, in str() and on the page.

Raises InputError for settings that make no sense and files that cannot be written, RunError for a run that cannot go on; ValueError for
what does not go together.)");
}

}  // namespace

void declare_scenarios(py::module_& module) {
  py::class_<Variant> type(module, "Scenario", R"(A scenario file, read, checked and compiled, with what was set over it.

Made by load(). Runs leave it as it is; threads may share it.)");
  declare_shown(type, "one row per station, as `table`.");
  declare_run(type);
  type.def("set", set_one, py::arg("path"), py::arg("value"), R"(Sets a value in place of the file's; returns the scenario.

path: as in error messages and results, e.g. 'stations.press.duration'.
value: text as in a scenario file, with its unit ('3 min', '{exponential: 2 h}'); a number or bool where there is no unit; a dict or
list as from_dict() takes them; None removes what is there.

Raises InputError, and the scenario is as it was. Values that make sense only together are set together:
set({path: value, ...}).)")
      .def("set", set_many, py::arg("values"), "Sets several values together.")
      .def("start", start, py::arg("seed") = py::none(), py::arg("replication") = 0,
           R"(A Simulation of the plant at time 0, to be advanced step by step.

seed: default the scenario's. The same seed and replication give the same future, here and in run().)")
      .def(
          "copy", [](const Variant& self) { return Variant(self); }, "Another scenario with the same values set.")
      .def("__copy__", [](const Variant& self) { return Variant(self); })
      .def_property_readonly(
          "name", [](const Variant& self) { return self.scenario()->name; }, "Of the plant")
      .def_property_readonly(
          "path", [](const Variant& self) { return self.scenario()->path; }, "The file it was read from")
      .def_property_readonly(
          "hash", [](const Variant& self) { return self.scenario()->scenario_hash; },
          "SHA-256 of the scenario with everything that it extends and that was set")
      .def_property_readonly("overrides", values_set, "What was set: path -> text")
      .def_property_readonly(
          "warnings", [](const Variant& self) { return problem_list(self.scenario()->warnings); }, "List of Problem")
      .def_property_readonly(
          "table", [](const Variant& self) { return std::make_shared<Table>(plant_table(*self.scenario()->plant)); },
          "Table: one row per station, with its servers, room, expected time of a job [s] and power [W]")
      .def_property_readonly(
          "sources", [](const Variant& self) { return names_of(self.scenario()->plant->sources); }, "Names")
      .def_property_readonly(
          "sinks", [](const Variant& self) { return names_of(self.scenario()->plant->sinks); }, "Names")
      .def_property_readonly("stock_limits", stock_limits, "Stock -> (most that is held admissible, its unit); infinite where nothing is said")
      .def_property_readonly(
          "stations", [](const Variant& self) { return names_of(self.scenario()->plant->stations); },
          "Names, in the order of all arrays with one entry per station")
      .def_property_readonly(
          "duration_s", [](const Variant& self) { return self.scenario()->run.duration_s; }, "Warm-up included [s]")
      .def_property_readonly(
          "warmup_s", [](const Variant& self) { return self.scenario()->run.warmup_s; }, "[s]")
      .def("to_yaml", to_yaml,
           "The scenario as one file, with what it extends and what was set: text of YAML. Defaults are left out; comments are not kept.")
      .def("__repr__", representation);
  module.def("from_dict", from_dict, py::arg("document"), py::arg("path") = py::none(),
             py::arg("library") = std::vector<Path>{}, py::arg("name") = "dict",
             R"(Checks and compiles a scenario that is built in Python, as a scenario file has it: dictionaries, lists, and values as in set().

path: of the file that it stands for, which need not exist; tables and a library folder are found beside it, by default in the working
folder. library: as in load(). name: what it is called in comparisons, unless it says so itself (label:).

Raises InputError with all problems at once, each with its path; ValueError for a name that looks like a path.)");
  module.def("repeat", repeat, py::arg("task"), R"(Runs one replication again, from its task.

task: an entry of Result.outcomes or its 'task', as a dict or as text; also a line that `retwin run --outcomes` wrote.

Returns its Outcome, a dict: task, digest (of the state at its end), error (None if all went well), figures. Raises InputError if
this is no task; a scenario that has changed since is an error of the outcome.)");
  module.def("load", load, py::arg("path"), py::arg("library") = std::vector<Path>{},
             R"(Reads, checks and compiles a scenario file.

library: folders with library documents, looked up before the installed ones.

Raises InputError with all problems of the file at once.)");
}

}  // namespace retwin::python
