// The verdict by relief in Python: sentences and tables.
#include <fmt/format.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "bindings/python/bottleneck.hpp"
#include "bindings/python/progress.hpp"
#include "bindings/python/settings.hpp"
#include "bindings/python/shown.hpp"
#include "bindings/report/page_file.hpp"
#include "core/report/page/pages.hpp"
#include "core/report/verdict_report.hpp"

namespace retwin::python {
namespace {

LimitsPointer bottleneck(const Variant& variant, std::optional<std::int64_t> replications, std::optional<std::int64_t> seed,
                         std::optional<int> jobs, const std::optional<std::filesystem::path>& report) {
  if (replications && *replications < 2) throw py::value_error("replications is at least 2: a gain has an interval");
  const int threads = jobs_of(jobs);
  RunSettings settings;
  settings.seed = seed;
  Bar bar("bottleneck");
  const std::function<void(double)> progress = bar.shows();
  const Variant before = variant;  // another thread may set values meanwhile
  const py::gil_scoped_release release;
  const std::shared_ptr<const Scenario> scenario = before.with_some(overrides_of(settings));
  if (report) check_page(report->string());
  LimitsPointer made = limits_of(scenario, replications.value_or(0), threads, progress);
  if (report) write_page(report->string(), page_of_verdict(*scenario, made->verdict));
  return made;
}

std::vector<std::string> sufficient(const Limits& self) {
  std::vector<std::string> out;
  for (const Member& m : self.verdict.members) out.push_back(m.relief.candidate.path);
  return out;
}

}  // namespace

LimitsPointer limits_of(std::shared_ptr<const Scenario> scenario, std::int64_t replications, int jobs, const std::function<void(double)>& progress) {
  VerdictOptions how;
  how.replications = replications;
  how.jobs = jobs;
  how.poll = check_signals;
  how.progress = progress;
  Verdict verdict = find_verdict(*scenario, how);
  auto gains = std::make_shared<Table>(gains_table(verdict));
  auto suspects = std::make_shared<Table>(suspects_table(verdict));
  return std::make_shared<Limits>(Limits{std::move(scenario), std::move(verdict), std::move(gains), std::move(suspects)});
}

void declare_limits(py::module_& module) {
  py::class_<Limits, LimitsPointer> type(module, "Bottleneck", "What limits a plant, measured by relieving it; str() is the report of the command line.");
  declare_shown(type, "one row per relief, as `gains`.");
  type.def_property_readonly("verdict", [](const Limits& self) { return verdict_sentence(self.verdict); }, "In a few sentences")
      .def_property_readonly("objective", [](const Limits& self) { return self.verdict.objective; }, "Path of the figure that counts")
      .def_property_readonly("demand_limits", [](const Limits& self) { return self.verdict.demand_limits; },
                             "Nothing is gained even with all reliefs at once, and that is shown")
      .def_property_readonly("undecided", [](const Limits& self) { return self.verdict.undecided; },
                             "Neither a gain of all reliefs is shown nor that there is none")
      .def_property_readonly("sufficient", sufficient, "Paths of the sufficient set, who is missed most first")
      .def_property_readonly("gains", [](const Limits& self) { return self.gains; },
                             "Table: one row per relief, with its gain and interval; role tells all, set, without, step, pair, demand")
      .def_property_readonly("suspects", [](const Limits& self) { return self.suspects; }, "Table: what one run makes suspect")
      .def_property_readonly("replications", [](const Limits& self) { return self.verdict.replications; }, "Fresh ones of every figure")
      .def("json", [](const Limits& self) { return verdict_json(*self.scenario, self.verdict); }, "The text of `retwin bottleneck --format json`")
      .def("__str__", [](const Limits& self) { return verdict_text(*self.scenario, self.verdict); })
      .def("__repr__", [](const Limits& self) {
        return fmt::format("<Bottleneck of {}: {}>", self.scenario->name, self.verdict.demand_limits ? "demand" : self.verdict.undecided ? "undecided" : fmt::format("{} reliefs", self.verdict.members.size()));
      });
}

void declare_bottleneck(py::module_& module) {
  module.def("bottleneck", bottleneck, py::arg("scenario"), py::kw_only(), py::arg("replications") = py::none(), py::arg("seed") = py::none(),
             py::arg("jobs") = py::none(), py::arg("report") = py::none(),
             R"(Measures what limits a plant: what it would make with more of each thing, one at a time and together.

replications: fresh ones of every figure, at least 2; default 4 to 30, by how long the plant takes. seed: default the scenario's. jobs: threads, default all
cores; the answer does not depend on them. report: file for the page of the browser.

explain('bottleneck') tells what every word means. Raises InputError for a page that cannot be written, RunError for a plant that cannot run.)");
}

}  // namespace retwin::python
