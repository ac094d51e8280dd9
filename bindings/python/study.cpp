// Studies in Python: sweeps, selections, optimisations, and the shards that any executor can run.
#include <fmt/format.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "bindings/python/progress.hpp"
#include "bindings/python/shown.hpp"
#include "bindings/python/table.hpp"
#include "bindings/report/page_file.hpp"
#include "core/base/files.hpp"
#include "core/report/page/pages.hpp"
#include "core/report/study_report.hpp"

namespace retwin::python {
namespace {

using Path = std::filesystem::path;

/// What a study says, as values.
struct StudyResult {
  std::string what, study, text, json;
  std::vector<std::pair<std::string, TablePointer>> tables;  ///< the first is what it is about
  std::vector<std::pair<std::string, Cell>> best;            ///< decisions of the best point, if there is one
  std::string scenario;
  std::optional<double> chance;
  bool decided = true;
  std::int64_t made = 0;  ///< replications that were run, not found on file
};
using StudyPointer = std::shared_ptr<StudyResult>;

void add(StudyResult& result, const char* name, Table table) { result.tables.emplace_back(name, std::make_shared<const Table>(std::move(table))); }

/// Decisions of a point, as the table of points has them.
std::vector<std::pair<std::string, Cell>> decisions_of(const Study& study, const PointAnswer& answer) {
  const Table table = study_points_table(study, {answer});
  std::vector<std::pair<std::string, Cell>> all;
  for (const Decision& decision : study.space.decisions) all.emplace_back(decision.name, table.at(0, static_cast<std::size_t>(table.find(decision.name))));
  return all;
}

py::object python_value(const Cell& cell) {
  return std::visit(
      [](const auto& value) -> py::object {
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::monostate>) return py::none();
        else return py::cast(value);
      },
      cell.value());
}

struct Given {
  Path study;
  std::optional<Path> results;
  py::dict set;
  std::vector<Path> library;
  std::optional<int> jobs;
  std::optional<Path> report = {};
};

StudyOptions reading(const Given& given) {
  StudyOptions options;
  for (const auto& [path, value] : given.set) options.overrides.push_back({path.cast<std::string>(), py::str(value), "set " + path.cast<std::string>()});
  for (const Path& folder : given.library) options.libraries.push_back(folder.string());
  return options;
}

LocalOptions how(const Given& given, const std::function<void(double)>& progress) {
  if (given.jobs && *given.jobs < 1) throw py::value_error("jobs is a number of threads, at least 1");
  LocalOptions made;
  made.jobs = given.jobs.value_or(static_cast<int>(std::max(1u, std::thread::hardware_concurrency())));
  made.poll = check_signals;
  made.progress = progress;
  return made;
}

StudyRow row_of(const py::tuple& row) {
  StudyRow made{row[0].cast<std::string>(), row[1].cast<std::int64_t>(), row[2].cast<std::string>(), row[3].cast<std::string>(), row[4].cast<std::string>(), {}};
  for (const py::handle one : row[5]) {
    const auto figure = one.cast<std::tuple<double, bool, double, double>>();
    made.figures.push_back({std::get<0>(figure), std::get<1>(figure), std::get<2>(figure), std::get<3>(figure)});
  }
  return made;
}

py::tuple tuple_of(const StudyRow& row) {
  py::list figures;
  for (const FigureValue& one : row.figures) figures.append(py::make_tuple(one.value, one.ratio, one.numerator, one.denominator));
  return py::make_tuple(row.point, row.replication, row.manifest, row.digest, row.error, figures);
}

void complete_sweep(StudyResult& made, const Study& study, StudyRuns& runs, StudyFile& file, const std::vector<Point>& points) {
  run_sweep(runs, points);
  const SweepAnswer sweep = sweep_of(runs, points);
  add(made, "points", study_points_table(study, sweep.points));
  add(made, "results", study_results_table(runs, sweep.points));
  add(made, "effects", study_effects_table(study, sweep));
  if (!sweep.indices.empty()) add(made, "indices", study_indices_table(study, sweep));
  file.complete(*made.tables[1].second);
  made.text = sweep_text(study, sweep);
  made.json = sweep_json(study, sweep);
}

void complete_selection(StudyResult& made, const Study& study, StudyRuns& runs, StudyFile& file, const std::vector<Point>& points, int jobs) {
  const PointSelection selection = select_best(runs, points, jobs);
  add(made, "selection", study_selection_table(study, selection));
  add(made, "points", study_points_table(study, selection.points));
  add(made, "results", study_results_table(runs, selection.points));
  file.complete(*made.tables[2].second);
  made.decided = selection.selected.decided;
  if (selection.selected.best) made.best = decisions_of(study, selection.points[*selection.selected.best]);
  made.chance = selection.selected.chance;
  made.text = selection_text(study, selection);
  made.json = selection_json(study, selection);
}

void complete_optimum(StudyResult& made, const Study& study, StudyRuns& runs, StudyFile& file, const std::function<void(double)>& progress) {
  const Optimum optimum = optimise(runs, progress);
  add(made, "front", study_points_table(study, optimum.front));
  add(made, "rivals", study_points_table(study, optimum.rivals));
  add(made, "steps", study_steps_table(study, optimum));
  add(made, "results", study_results_table(runs, optimum.rivals));
  file.complete(*made.tables[3].second);
  if (study.objectives.size() == 1) {
    made.best = decisions_of(study, optimum.front.front());
    if (std::isfinite(optimum.chance)) made.chance = optimum.chance;
  }
  made.text = optimum_text(study, optimum);
  made.json = optimum_json(study, optimum);
}

Page page_of(const StudyResult& of) {
  std::vector<std::pair<std::string, const Table*>> tables;
  for (const auto& [name, table] : of.tables) tables.emplace_back(name, table.get());
  return page_of_study(of.what, of.study, of.scenario, of.text, tables);
}

/// result.json and every table as CSV.
void write(const StudyResult& self, const Path& folder) {
  const py::gil_scoped_release release;
  FileSet files;
  write_file((folder / "result.json").string(), self.json);
  for (const auto& [name, table] : self.tables) write_file((folder / (name + ".csv")).string(), table->csv());
  files.commit();
}

StudyPointer run_study(const std::string& what, const Given& given, const py::list& rows) {
  Bar bar(what.c_str());
  const std::function<void(double)> progress = bar.shows();
  const StudyOptions options = reading(given);
  std::vector<StudyRow> known;
  for (const py::handle row : rows) known.push_back(row_of(row.cast<py::tuple>()));
  const py::gil_scoped_release release;
  auto made = std::make_shared<StudyResult>();
  made->what = what;
  if (given.report) check_page(given.report->string());
  made->study = given.study.string();
  const Study study = read_study(made->study, registry(), options);
  StudyFile file(given.results ? given.results->string() : std::string(), study);
  for (StudyRow& row : known) file.put(std::move(row));
  file.flush();
  LocalOptions local = how(given, what == "optimise" ? std::function<void(double)>() : progress);
  StudyRuns runs(study, registry(), file, local);
  if (what == "optimise") complete_optimum(*made, study, runs, file, progress);
  else if (what == "select") complete_selection(*made, study, runs, file, points_of(study), local.jobs);
  else complete_sweep(*made, study, runs, file, points_of(study));
  made->made = runs.made();
  made->scenario = study.scenario;
  if (given.report) write_page(given.report->string(), page_of(*made));
  return made;
}

/// The rows of a shard of a sweep: what one process of many does.
py::list shard_rows(const Given& given, std::int64_t index, std::int64_t of) {
  if (index < 1 || of < 1 || index > of) throw py::value_error(fmt::format("there is no shard {} of {}", index, of));
  const StudyOptions options = reading(given);
  std::vector<StudyRow> rows;
  {
    const py::gil_scoped_release release;
    const Study study = read_study(given.study.string(), registry(), options);
    StudyFile file({}, study);
    StudyRuns runs(study, registry(), file, how(given, {}));
    run_sweep(runs, points_of(study), {index - 1, of});
    rows = file.rows();
  }
  py::list out;
  for (const StudyRow& row : rows) out.append(tuple_of(row));
  return out;
}

py::object best_of(const StudyResult& self) {
  if (self.best.empty()) return py::none();
  py::dict out;
  for (const auto& [name, value] : self.best) out[py::str(name)] = python_value(value);
  return out;
}

TablePointer table_of(const StudyResult& self, const std::string& name) {
  for (const auto& [known, table] : self.tables)
    if (known == name) return table;
  std::string all;
  for (const auto& [known, table] : self.tables) all += (all.empty() ? "" : ", ") + known;
  throw py::key_error("there is no table " + name + "; there are " + all);
}

}  // namespace

void declare_studies(py::module_& module) {
  using namespace py::literals;
  py::class_<StudyResult, StudyPointer> type(module, "StudyResult", "What a study found; str() is the report of the command line.");
  declare_shown(type, "one row per point, as `table`.");
  type.def_property_readonly("what", [](const StudyResult& self) { return self.what; }, "'sweep', 'select' or 'optimise'")
      .def_property_readonly("table", [](const StudyResult& self) { return self.tables.front().second; },
                             "Table of what it is about: the points of a sweep, how each fared in a selection, the best point or the front of an optimisation")
      .def_property_readonly(
          "tables", [](const StudyResult& self) {
            std::vector<std::string> names;
            for (const auto& [name, table] : self.tables) names.push_back(name);
            return names;
          },
          "Names of its tables: points, results (one row per point and replication), effects, indices, selection, front, rivals, steps")
      .def("get", table_of, "name"_a, "The table of a name. Raises KeyError if there is none.")
      .def_property_readonly("best", best_of, "Decision -> value of the best point, in the units of the table; None where there is no single best")
      .def_property_readonly("chance", [](const StudyResult& self) { return self.chance; }, "That it is the best, as far as that is stated; else None")
      .def_property_readonly("decided", [](const StudyResult& self) { return self.decided; }, "Of a selection: whether the best was shown with the confidence asked for")
      .def_property_readonly("made", [](const StudyResult& self) { return self.made; }, "Replications that were run now; the others were on file")
      .def("write", write, "folder"_a, "result.json and every table as CSV, as --out does. Raises InputError for files that cannot be written.")
      .def("json", [](const StudyResult& self) { return self.json; }, "The text of --format json")
      .def("__str__", [](const StudyResult& self) { return self.text; })
      .def("__repr__", [](const StudyResult& self) { return fmt::format("<StudyResult of retwin {} {}>", self.what, self.study); });
  module.def(
      "_run_study", [](const std::string& what, Path study, std::optional<Path> results, py::dict set, std::vector<Path> library, std::optional<int> jobs, std::optional<Path> report, const py::list& rows) {
        return run_study(what, {std::move(study), std::move(results), std::move(set), std::move(library), jobs, std::move(report)}, rows);
      },
      "what"_a, "study"_a, "results"_a, "set"_a, "library"_a, "jobs"_a, "report"_a, "rows"_a, "For retwin.sweep, select and optimise.");
  module.def(
      "_shard_rows", [](Path study, std::int64_t index, std::int64_t of, py::dict set, std::vector<Path> library, std::optional<int> jobs) {
        return shard_rows({std::move(study), {}, std::move(set), std::move(library), jobs}, index, of);
      },
      "study"_a, "index"_a, "of"_a, "set"_a, "library"_a, "jobs"_a, "For retwin.shard.");
}

}  // namespace retwin::python
