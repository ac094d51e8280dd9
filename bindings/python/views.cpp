// Looking at a scenario before it runs: its static capacity, its drawing, what there is to refer to.
#include <fmt/format.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <cmath>
#include <filesystem>

#include "bindings/python/progress.hpp"
#include "bindings/python/settings.hpp"
#include "bindings/python/shown.hpp"
#include "bindings/python/table.hpp"
#include "core/experiment/drawn_figures.hpp"
#include "core/experiment/objective.hpp"
#include "core/experiment/pilot.hpp"
#include "core/report/capacity_report.hpp"
#include "core/report/inventory.hpp"
#include "core/scenario/explain.hpp"
#include "models/templates.hpp"

namespace retwin::python {
namespace {

struct Check {
  std::shared_ptr<const Scenario> scenario;
  Capacity capacity;
  std::shared_ptr<Table> stations, resources, utilities;
};

std::shared_ptr<Check> check(const py::object& given, const RunSettings& settings) {
  const Variant variant = variant_of(given);
  const py::gil_scoped_release release;
  const std::shared_ptr<const Scenario> scenario = variant.with_some(overrides_of(settings));
  check_objective(*scenario);
  const Plant& plant = *scenario->plant;
  Capacity capacity = capacity_of(*scenario, process_graph(plant));
  auto stations = std::make_shared<Table>(station_capacity_table(plant, capacity));
  auto resources = std::make_shared<Table>(resource_capacity_table(plant, capacity));
  auto utilities = std::make_shared<Table>(utility_capacity_table(plant, capacity));
  return std::make_shared<Check>(Check{scenario, std::move(capacity), std::move(stations), std::move(resources), std::move(utilities)});
}

std::string limited_by(const Check& self) {
  const Plant& plant = *self.scenario->plant;
  if (self.capacity.bottleneck_station != none) return plant.stations[self.capacity.bottleneck_station].name;
  if (self.capacity.bottleneck_utility != none) return plant.utilities[self.capacity.bottleneck_utility].name;
  return self.capacity.bottleneck_pool != none ? plant.pools[self.capacity.bottleneck_pool].name : std::string();
}

/// Text in the DOT language.
std::string dot_text(const py::object& given, const RunSettings& settings, bool with_run) {
  if (!with_run && (settings.replications || settings.warmup)) throw py::value_error("replications and warmup go with run=True");
  const Variant variant = variant_of(given);
  Bar bar("draw");
  RunOptions how;
  how.jobs = jobs_of(settings.jobs);
  how.poll = check_signals;
  how.progress = bar.shows();
  const py::gil_scoped_release release;
  const std::shared_ptr<const Scenario> scenario = variant.with_some(overrides_of(settings));
  const ProcessGraph graph = process_graph(*scenario->plant);
  if (!with_run) return draw(*scenario->plant, graph, figures_of(capacity_of(*scenario, graph)));
  const Scenario warm = with_known_warmup(*scenario, how, [](const Problem&) {});
  return draw(*warm.plant, graph, figures_of_run(warm, graph, how));
}

std::string explain_kind(const std::optional<std::string>& kind) {
  const std::vector<Explainable> all = explainable(registry());
  if (!kind) {
    std::string out, group;
    for (const Explainable& one : all) {
      if (one.group != group) out += (out.empty() ? "" : "\n") + (group = one.group) + "\n";
      out += fmt::format("  {:<24}  {}\n", one.name, one.doc);
    }
    return out;
  }
  if (std::string text = explain(registry(), *kind); !text.empty()) return text;
  const std::string near = nearest(*kind, names_of(all));
  throw py::key_error("nothing is called " + *kind + (near.empty() ? "; kinds() lists everything" : "; did you mean " + near + "?"));
}

}  // namespace

void declare_views(py::module_& module) {
  py::class_<Check, std::shared_ptr<Check>> type(module, "Check", "What a plant could do at best, by its static capacity (traffic equations); str() is the report of the command line.");
  declare_shown(type, "one row per station, as `stations`.");
  type.def_property_readonly("name", [](const Check& self) { return self.scenario->name; }, "Of the plant")
      .def_property_readonly("warnings", [](const Check& self) { return problem_list(self.scenario->warnings); }, "List of Problem")
      .def_property_readonly("capacity_per_h", [](const Check& self) { return self.capacity.capacity * 3600; },
                             "Lots of all sources together [1/h], of a plant without sources rounds; infinite where nothing limits it")
      .def_property_readonly("feed_per_h", [](const Check& self) { return self.capacity.feed * 3600; }, "What the sources offer [lots/h]; NaN if unknown")
      .def_property_readonly("most_per_h", [](const Check& self) { return self.capacity.upper_bound * 3600; }, "If every route chose best (max-flow) [lots/h]")
      .def_property_readonly("limited_by", limited_by, "The station or resource that limits it; '' if nothing does")
      .def_property_readonly("stations", [](const Check& self) { return self.stations; }, "Table: one row per station, the busiest first")
      .def_property_readonly("resources", [](const Check& self) { return self.resources; }, "Table: one row per resource")
      .def_property_readonly("utilities", [](const Check& self) { return self.utilities; }, "Table: one row per utility that jobs share")
      .def_property_readonly("notes", [](const Check& self) { return self.capacity.notes; }, "What was assumed")
      .def("__str__", [](const Check& self) { return capacity_text(*self.scenario, self.capacity); })
      .def("__repr__", [](const Check& self) {
        return fmt::format("<Check of {}: {} warnings, limited by {}>", self.scenario->name, self.scenario->warnings.size(), limited_by(self));
      });
  define_with_settings(module, "check", check, R"(What a scenario could do at best, and what is to be warned of.

scenario: a Scenario or the path of a file. Where files leave splits or times open, a pilot run of at most 200,000 events shows them.
Settings of the run are checked with it.

Returns a Check. Raises InputError with all problems of the file at once.)");
  define_with_settings(module, "_dot", dot_text, "The drawing as text in the DOT language.", py::arg("run"));
  module.def(
      "new",
      [](const std::filesystem::path& path, const std::string& name) {
        write_template(path.string(), name);
        return path;
      },
      py::arg("path") = "plant.yaml", py::arg("template") = "line",
      R"(Writes a commented scenario that runs, to begin with: a line of twelve stations, or template="recycling". Returns its path.

Raises InputError: there is such a file already, no such template.)");
  module.def(
      "list",
      [](const std::vector<std::filesystem::path>& library) {
        std::vector<std::string> folders;
        for (const std::filesystem::path& folder : library) folders.push_back(folder.string());
        for (std::string& folder : default_library_folders()) folders.push_back(std::move(folder));
        return std::make_shared<Table>(inventory_table(folders, registry()));
      },
      py::arg("library") = std::vector<std::filesystem::path>{},
      "Table of what there is to run and to refer to: kind (Plants, What-ifs, Library, Unit operations, ...), name, doc. Plants and\n"
      "what-ifs are named by their paths, which load() takes. library: further folders, as in load().");
  module.def("explain", explain_kind, py::arg("kind") = py::none(),
             "What a kind of thing ('station', 'run', a unit operation, a kind of lot) can be given in a scenario, or what terms of a report mean\n"
             "('compare', 'bottleneck'); without a kind, a list of everything. Raises KeyError.");
}

}  // namespace retwin::python
