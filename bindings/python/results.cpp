// Results in Python: figures by path, tables of stations and buffers as numpy arrays, the reports of the command line.
#include "bindings/python/results.hpp"

#include <fmt/format.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <filesystem>

#include "bindings/python/shown.hpp"
#include "core/report/report.hpp"
#include "core/report/verdict_report.hpp"

namespace retwin::python {
namespace {

using ResultPointer = std::shared_ptr<RunResult>;

/// A figure of a result, which it keeps alive.
struct Figure {
  ResultPointer result;
  std::size_t index;
  const KpiSummary& summary() const { return result->results.kpis[index]; }
};

py::object all_figures(const RunResult& self, double Interval::*what) {
  py::dict out, units, docs;
  for (const KpiSummary& summary : self.results.kpis) {
    const py::str path(summary.kpi.path);
    out[path] = summary.interval.*what, units[path] = summary.kpi.unit, docs[path] = summary.kpi.doc;
  }
  return py::module_::import("retwin._shown").attr("Figures")(out, units, docs);
}

Figure figure(const ResultPointer& self, const std::string& path) {
  const std::vector<KpiSummary>& all = self->results.kpis;
  if (const KpiSummary* found = self->results.find(path)) return {self, static_cast<std::size_t>(found - all.data())};
  std::vector<std::string> known;
  for (const KpiSummary& summary : all) known.push_back(summary.kpi.path);
  const std::string near = nearest(path, known);
  throw py::key_error("no figure " + path + (near.empty() ? "; kpis lists them all" : "; did you mean " + near + "?"));
}

py::object outcomes(const RunResult& self) {
  py::list all;
  const py::object loads = py::module_::import("json").attr("loads");
  const py::module_ shown = py::module_::import("retwin._shown");
  for (std::size_t k = 0; k < self.results.tasks.size(); ++k) all.append(shown.attr("Outcome")(loads(json_text(self.results.outcome(k)))));
  return shown.attr("Outcomes")(all);
}

std::shared_ptr<Table> table(RunResult& self, const std::string& name) {
  if (const TablePointer found = self.table(name)) return std::const_pointer_cast<Table>(found);
  const std::string near = nearest(name, registry().names_of_tables());
  throw py::key_error("no table " + name + (near.empty() ? "; tables lists them all" : "; did you mean " + near + "?"));
}

void declare_figure(py::module_& module) {
  const auto of = [](auto KpiSummary::*part, auto member) { return [=](const Figure& f) { return f.summary().*part.*member; }; };
  py::class_<Figure>(module, "Kpi", "A figure over the replications of a run.")
      .def_property_readonly("path", of(&KpiSummary::kpi, &Kpi::path), "As in kpis: 'stations.press.utilisation'")
      .def_property_readonly("mean", of(&KpiSummary::interval, &Interval::mean),
                             "Of the replications; of a ratio, the ratio of the sums")
      .def_property_readonly("half_width", of(&KpiSummary::interval, &Interval::half_width),
                             "Of the confidence interval; NaN with one replication")
      .def_property_readonly("level", of(&KpiSummary::interval, &Interval::level),
                             "Confidence, 0.95 unless the scenario says otherwise")
      .def_property_readonly("n", of(&KpiSummary::interval, &Interval::n), "Replications in which the figure is defined")
      .def_property_readonly("unit", of(&KpiSummary::kpi, &Kpi::unit),
                             "Unit of mean, half_width and values; '1' for counts and shares")
      .def_property_readonly("doc", of(&KpiSummary::kpi, &Kpi::doc), "What it is, in one sentence")
      .def_property_readonly("estimate", of(&KpiSummary::kpi, &Kpi::estimate),
                             "Rests on a figure that its file marks as an estimate")
      .def_property_readonly(
          "values", [](const Figure& f) { return view(f.result->results.values[f.index], py::cast(f.result)); },
          "One value per replication, NaN where it is undefined; a read-only view of the result")
      .def("__repr__", [](const Figure& f) {
        const KpiSummary& s = f.summary();
        return fmt::format("<Kpi {}: {} {}>", s.kpi.path, readable(s.interval), s.kpi.unit);
      });
}

}  // namespace

RunResult::RunResult(std::shared_ptr<const Scenario> of, Results found) : scenario(std::move(of)), results(std::move(found)) {}

TablePointer RunResult::table(const std::string& name) {
  TablePointer& kept = tables_[name];
  const Exporter* exporter = registry().exporter(name);
  if (!kept && exporter && exporter->table) kept = std::make_shared<const Table>(exporter->table(*scenario, results));
  return kept;
}

void declare_results(py::module_& module) {
  declare_figure(module);
  const auto of = [](auto member) { return [member](const RunResult& self) { return self.results.*member; }; };
  const auto of_bottleneck = [](auto member) {
    return [member](const RunResult& self) { return self.results.bottleneck.*member; };
  };
  py::class_<RunResult, ResultPointer> type(module, "Result", R"(What a run has found; str() is the report of the command line.

All arrays are read-only views of memory that belongs to the result, which they keep alive.)");
  declare_shown(type, "one row per figure.");
  type.def_property_readonly(
          "kpis", [](const RunResult& self) { return all_figures(self, &Interval::mean); },
          "Path -> mean over the replications, in the unit that kpi(path) names; a new dict each time")
      .def_property_readonly(
          "half_widths", [](const RunResult& self) { return all_figures(self, &Interval::half_width); },
          "Path -> half-width of the confidence interval, NaN with one replication")
      .def("kpi", figure, py::arg("path"), "One figure with its interval, unit and values. Raises KeyError.")
      .def_property_readonly(
          "stations", [](RunResult& self) { return arrays_of(self.table("stations")); },
          "Column -> array with one entry per station, as stations.csv: names tell the unit; NaN where undefined")
      .def_property_readonly(
          "buffers", [](RunResult& self) { return arrays_of(self.table("buffers")); },
          "Column -> array with one entry per station, as buffers.csv")
      .def_property_readonly(
          "tables", [](const RunResult&) { return registry().names_of_tables(); }, "Names of its tables")
      .def("table", table, py::arg("name"), "One of them, as a Table. Raises KeyError.")
      .def_property_readonly("outcomes", outcomes, R"(Outcomes, a list with one dict per replication: task (from which repeat() runs it again), digest, error, figures.

Figures are a list of dicts: path, value, unit, doc, estimate; of a ratio also numerator and denominator. A new list each time.)")
      .def_property_readonly("verdict", of_bottleneck(&BottleneckAnalysis::verdict), "What one run makes suspect, in one sentence; bottleneck() measures what limits")
      .def_property_readonly("disagreement", of_bottleneck(&BottleneckAnalysis::disagreement),
                             "Where the methods disagree; '' if they agree")
      .def_property_readonly("bottleneck", of_bottleneck(&BottleneckAnalysis::station), "The station that the verdict names")
      .def_property_readonly("relief", [](const RunResult& self) -> std::optional<LimitsPointer> { return self.relief ? std::optional(std::const_pointer_cast<Limits>(self.relief)) : std::nullopt; },
                             "Bottleneck: what limits, measured by relieving it; None without run(verdict=True)")
      .def_property_readonly("name", [](const RunResult& self) { return self.scenario->name; }, "Of the plant")
      .def_property_readonly("warnings", [](const RunResult& self) { return problem_list(self.results.warnings); }, "List of Problem: what the run has shown")
      .def_property_readonly("replications", of(&Results::replications), "How many there were")
      .def_property_readonly("begin_s", of(&Results::begin_s), "Of the window, after the start [s]")
      .def_property_readonly("end_s", of(&Results::end_s), "Of the window, after the start [s]")
      .def(
          "json", [](const RunResult& self) { return result_json(*self.scenario, self.results); },
          "The text of result.json: the same bytes for the same scenario and seed")
      .def(
          "write",
          [](const RunResult& self, const std::filesystem::path& folder) {
            write_reports(folder.string(), *self.scenario, self.results, registry().exporters);
          },
          py::arg("folder"), "Writes result.json and the tables as CSV. Raises InputError.")
      .def("__str__", [](const RunResult& self) {
        const std::string report = text_report(*self.scenario, self.results);
        return self.relief ? report + "\n" + verdict_text(*self.scenario, self.relief->verdict) : report;
      })
      .def("__repr__", [](const RunResult& self) {
        return fmt::format("<Result of {}: {} figures, {} replications>", self.scenario->name, self.results.kpis.size(),
                           self.results.replications);
      });
}

}  // namespace retwin::python
