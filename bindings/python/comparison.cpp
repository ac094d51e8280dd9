// Comparisons and regressions in Python: tables, with what else is to be said of them.
#include <fmt/format.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include "bindings/python/progress.hpp"
#include "bindings/python/settings.hpp"
#include "bindings/python/shown.hpp"
#include "bindings/python/table.hpp"
#include "bindings/report/page_file.hpp"
#include "core/base/files.hpp"
#include "core/report/compare_report.hpp"
#include "core/report/page/pages.hpp"
#include "core/report/regress_report.hpp"

namespace retwin::python {
namespace {

namespace fs = std::filesystem;

/// The table of figures, with the rest of a comparison.
struct Compared : Table {
  Comparison comparison;
  PairedRuns runs;
  Compared(Comparison of, PairedRuns all) : Table(figure_changes_table(of)), comparison(std::move(of)), runs(std::move(all)) {}
};

/// The table of what was judged, with the rest of a regression.
struct RegressedTable : Table {
  std::vector<Regressed> all;
  explicit RegressedTable(std::vector<Regressed> judged) : Table(regress_table(judged)), all(std::move(judged)) {}
};

LocalOptions local(std::optional<int> jobs) {
  LocalOptions how;
  how.jobs = jobs_of(jobs);
  how.poll = check_signals;
  return how;
}

std::size_t count_of(std::optional<std::int64_t> replications) {
  if (replications && *replications < 2) throw py::value_error("replications: at least 2, or nothing is known about the spread");
  return static_cast<std::size_t>(replications.value_or(0));
}

/// @param values settings of the run, in place of the scenario's
Contender contender(const Variant& of, const std::string& label, const std::vector<Override>& values = {}) {
  Contender made;
  made.scenario = of.with_some(values);
  made.document = of.document(values);
  made.label = label;
  made.origin.scenario = of.path();
  made.origin.overrides = of.overrides();
  made.origin.overrides.insert(made.origin.overrides.end(), values.begin(), values.end());
  made.origin.libraries = of.library_folders();
  return made;
}

std::shared_ptr<Compared> compare_all(const py::object& base, const py::args& variants, const RunSettings& settings, std::optional<std::int64_t> replications,
                                      const std::vector<std::string>& fail_if, const std::optional<fs::path>& report, const std::optional<Time>& replay) {
  const std::optional<double> replay_s = replay_seconds(report, replay);
  if (variants.empty()) throw py::type_error("there is nothing to compare the base with: give scenarios, paths, or dicts of values");
  if ((replications || !fail_if.empty()) && (settings.precision || settings.max_replications))
    throw py::value_error("precision and max_replications go with replications: auto of the base, without replications and fail_if");
  const Variant first = variant_of(base, nullptr);
  const std::vector<Override> values = overrides_of(settings);
  std::vector<Contender> all{contender(first, first.label(), values)};
  for (const py::handle& given : variants) {
    const Variant variant = variant_of(given, &first);
    all.push_back(contender(variant, label_of(variant, first), values));
  }
  tell_apart(all);
  CompareOptions options{count_of(replications), fail_if};
  LocalOptions how = local(settings.jobs);
  Bar bar("compare");
  how.progress = bar.shows();
  const py::gil_scoped_release release;
  if (report) check_page(report->string());
  const std::shared_ptr<const Scenario> scenario = all.front().scenario;
  const std::size_t most = most_replications(options, *scenario);
  PairedRuns runs(std::move(all), scenario->run.seed, most, how);
  std::optional<ComparedReplays> replays;
  if (replay_s) replays.emplace(runs, *replay_s);
  Comparison comparison = compare(runs, options);
  if (report) write_page(report->string(), page_of_comparison(comparison, *replays));
  return std::make_shared<Compared>(std::move(comparison), std::move(runs));
}

std::shared_ptr<Table> shared(Table table) { return std::make_shared<Table>(std::move(table)); }

std::shared_ptr<RegressedTable> regress_all(const std::vector<py::object>& scenarios, const fs::path& baseline, bool update,
                                            const std::map<std::string, std::string>& margin, std::optional<std::int64_t> replications,
                                            std::optional<std::uint64_t> seed, std::optional<int> jobs,
                                            const std::optional<fs::path>& junit, const std::vector<fs::path>& library) {
  std::vector<Contender> all;
  for (const py::object& given : scenarios) {
    const Variant variant = variant_of(given, nullptr, library);
    all.push_back(contender(variant, variant.label()));
  }
  RegressOptions options;
  options.folder = baseline.string();
  for (const auto& [path, share] : margin) options.margins.push_back(margin_of(path + "=" + share));
  options.replications = count_of(replications);
  options.seed = seed;
  options.how = local(jobs);
  const py::gil_scoped_release release;
  check_regress(all, options);
  if (update) {
    std::vector<Baseline> made;
    for (const Contender& one : all) made.push_back(figures_to_keep(one, options));
    FileSet files;
    for (const Baseline& one : made) write_file(one.path, baseline_json(one));
    files.commit();
  }
  std::vector<Regressed> judged;
  if (!update)
    for (const Contender& one : all) judged.push_back(regress(one, options, registry()));
  if (junit && !update) write_file(junit->string(), regress_junit(judged));
  return std::make_shared<RegressedTable>(std::move(judged));
}

}  // namespace

Variant variant_of(const py::handle& given, const Variant* base, const std::vector<fs::path>& library) {
  if (py::isinstance<Variant>(given)) return given.cast<Variant>();
  if (base && py::isinstance<py::dict>(given)) return py::cast(*base).attr("copy")().attr("set")(given).cast<Variant>();
  if (py::isinstance<py::dict>(given)) throw py::type_error("the base is a Scenario or the path of a file");
  return py::module_::import("retwin").attr("load")(given, py::arg("library") = library).cast<Variant>();
}

std::string label_of(const Variant& variant, const Variant& base) {
  if (const std::string& own = variant.scenario()->label; !own.empty() && own != base.scenario()->label) return own;
  std::string text;
  const std::vector<Override>& all = variant.overrides();
  for (std::size_t k = variant.path() == base.path() ? std::min(base.overrides().size(), all.size()) : 0; k < all.size(); ++k)
    text += (text.empty() ? "" : "; ") + all[k].path + "=" + all[k].value;
  return text.empty() ? variant.label() : text;
}

void declare_comparisons(py::module_& module) {
  py::class_<Compared, Table, std::shared_ptr<Compared>>(
      module, "Comparison", R"(Variants against a base: a Table with one row per variant and figure, headline figures first.

str() is the report of the command line.)")
      .def_property_readonly(
          "changes", [](const Compared& self) { return shared(scenario_changes_table(self.comparison)); },
          "Table of what differs in the scenarios, by path")
      .def_property_readonly(
          "gate", [](const Compared& self) { return shared(gate_table(self.comparison)); }, "Table of the conditions of fail_if")
      .def_property_readonly(
          "claims", [](const Compared& self) { return shared(claims_table(self.comparison)); },
          "Table of the reductions that variants claim against the base [kg CO2e/t, t CO2e/a]; netted with nothing")
      .def_property_readonly(
          "passed", [](const Compared& self) { return self.comparison.passed(); }, "Every condition of fail_if was shown to hold off")
      .def_property_readonly(
          "labels",
          [](const Compared& self) {
            std::vector<std::string> all{self.comparison.label};
            for (const VariantComparison& v : self.comparison.variants) all.push_back(v.label);
            return all;
          },
          "Of the base, then of the variants")
      .def_property_readonly(
          "identical",
          [](const Compared& self) {
            std::map<std::string, bool> all;
            for (const VariantComparison& v : self.comparison.variants) all[v.label] = v.identical;
            return all;
          },
          "Label -> whether all replications came to the same as those of the base")
      .def_property_readonly(
          "sentences",
          [](const Compared& self) {
            std::map<std::string, std::vector<std::string>> all;
            for (const VariantComparison& v : self.comparison.variants) all[v.label] = v.sentences;
            return all;
          },
          "Label -> one sentence per headline figure")
      .def(
          "result_json", [](const Compared& self) { return compare_json(self.comparison, self.runs); },
          "Everything, with the values of every replication: the text of result.json")
      .def(
          "write", [](const Compared& self, const fs::path& folder) { write_comparison(folder.string(), self.comparison, self.runs); },
          py::arg("folder"), "Writes result.json and the tables as CSV, as `retwin compare --out`. Raises InputError.")
      .def("__str__", [](const Compared& self) { return compare_text(self.comparison); })
      .def("__repr__", [](const Compared& self) {
        return fmt::format("<Comparison of {} with {} variants: {} figures>", self.comparison.label, self.comparison.variants.size(), self.rows());
      });
  py::class_<RegressedTable, Table, std::shared_ptr<RegressedTable>>(
      module, "Regression", R"(Scenarios against their kept figures: a Table with one row per scenario and figure.)")
      .def_property_readonly(
          "passed",
          [](const RegressedTable& self) {
            return std::all_of(self.all.begin(), self.all.end(), [](const Regressed& r) { return r.ok(); });
          },
          "Every figure of every scenario passed")
      .def_property_readonly(
          "changes",
          [](const RegressedTable& self) {
            std::vector<DocumentChange> all;
            for (const Regressed& one : self.all) all.insert(all.end(), one.changes.begin(), one.changes.end());
            return shared(changes_table(all));
          },
          "Table of what has changed in the scenarios since their figures were kept")
      .def(
          "junit", [](const RegressedTable& self) { return regress_junit(self.all); }, "As JUnit XML")
      .def("__str__", [](const RegressedTable& self) { return regress_text(self.all); });
  module.def(
      "compare",
      [](const py::object& base, const py::args& variants, std::optional<std::int64_t> replications, decltype(RunSettings::precision) precision,
         std::optional<std::int64_t> max_replications, std::optional<std::int64_t> seed, std::optional<Time> duration, std::optional<Time> warmup,
         std::optional<int> jobs, const std::vector<std::string>& fail_if, const std::optional<fs::path>& report, const std::optional<Time>& replay) {
        const RunSettings settings{{}, std::move(precision), max_replications, seed, std::move(duration), std::move(warmup), jobs};
        return compare_all(base, variants, settings, replications, fail_if, report, replay);
      },
      py::arg("base"), py::kw_only(), py::arg("replications") = py::none(), py::arg("precision") = py::none(), py::arg("max_replications") = py::none(),
      py::arg("seed") = py::none(), py::arg("duration") = py::none(), py::arg("warmup") = py::none(), py::arg("jobs") = py::none(),
      py::arg("fail_if") = std::vector<std::string>{}, py::arg("report") = py::none(), py::arg("replay") = py::none(),
      R"(Runs variants with the same luck as a base and compares their figures, replication by replication.

compare(base, *variants): a Scenario or the path of a file; a variant may also be a dict of values set over the base:
compare(plant, {'stations.press.servers': 2}).

replications: of each, default the base's, at least 10; where the base says auto, until the change of the objective is known to `precision`,
at most max_replications. seed, duration and warmup: of all, default what each says (seed: the base). fail_if: conditions such as
'products < -1 %'; then replications are as many as it takes to decide, at most `replications` (default 160). Intervals are paired.
report: file for the page of the browser; it plays so much of the first replication of each as `replay` says, default '1 week'.

Returns a Comparison. Raises InputError, RunError; ValueError for settings that say nothing beside others. explain('compare') tells what its terms mean.)");
  module.def("regress", regress_all, py::arg("scenarios"), py::arg("baseline"), py::kw_only(), py::arg("update") = false,
             py::arg("margin") = std::map<std::string, std::string>{}, py::arg("replications") = py::none(), py::arg("seed") = py::none(),
             py::arg("jobs") = py::none(), py::arg("junit") = py::none(), py::arg("library") = std::vector<fs::path>{},
             R"(Judges scenarios against the figures kept in the folder `baseline`, or keeps them (update=True).

scenarios: list of Scenario or paths; library: of the latter, as in load(). margin: figure -> how much worse it may be, {'plant.cycle_time': '5 %'}; beside products, carbon
per functional unit and electricity per lot at 1 %. seed: another one than that of the kept figures runs the kept scenario again.
junit: file for JUnit XML.

Returns a Regression, empty after an update. Raises InputError, RunError.)");
}

}  // namespace retwin::python
