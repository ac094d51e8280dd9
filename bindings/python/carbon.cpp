// Footprints in Python: the tables of `retwin carbon`.
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <optional>

#include "bindings/python/settings.hpp"
#include "bindings/python/shown.hpp"
#include "bindings/python/table.hpp"
#include "bindings/report/page_file.hpp"
#include "core/experiment/ledger_run.hpp"
#include "core/report/footprint_report.hpp"
#include "models/carbon/ledger_report.hpp"

namespace retwin::python {
namespace {

struct Carbon {
  std::shared_ptr<const Scenario> scenario;
  Ledger ledger;
  Footprints all;
};
using CarbonPointer = std::shared_ptr<Carbon>;

/// The page, where there is to be one.
void write_report(const MaybePath& report, const Scenario& scenario, const LedgerReport& all) {
  if (report) write_page(report->string(), page_of_footprints(scenario, all.text(), all.tables));
}

CarbonPointer carbon(const Variant& variant, const MaybePath& ledger, std::optional<std::int64_t> seed, const std::optional<Time>& duration, const MaybePath& report) {
  if (ledger && (seed || duration)) throw py::value_error("a ledger has been written already: seed and duration say nothing beside it");
  RunSettings settings;
  settings.seed = seed, settings.duration = duration;
  const Variant before = variant;  // another thread may set values meanwhile
  const py::gil_scoped_release release;
  const std::shared_ptr<const Scenario> scenario = before.with_some(overrides_of(settings));
  if (scenario->reporting.factors.empty())
    refuse(Code::missing, scenario->path, "the plant has no emission factors, so that nothing has a footprint", "name a file of factors: factors: [...]");
  if (report) check_page(report->string());
  Ledger from = ledger ? read_ledger(ledger->string(), *scenario->plant) : ledger_of_run(*scenario, check_signals);
  Footprints all = footprints(*scenario->plant, scenario->reporting, *from.edges, from.summary);
  write_report(report, *scenario, report_of_all(*scenario, from.summary, all));
  return std::make_shared<Carbon>(Carbon{scenario, std::move(from), std::move(all)});
}

std::uint64_t identity_of(const std::string& lot) {
  if (lot.empty() || lot.size() > 16 || lot.find_first_not_of("0123456789abcdef") != std::string::npos)
    throw py::value_error("a lot is called by 16 hexadecimal digits, as in the tables");
  return std::stoull(lot, nullptr, 16);
}

std::shared_ptr<Table> origins(const Carbon& self, const std::string& lot) {
  const Plant& plant = *self.scenario->plant;
  const std::vector<Swept> found = origins_of(plant, self.scenario->reporting, *self.ledger.edges, self.ledger.summary, identity_of(lot));
  if (found.empty()) throw py::key_error("no lot " + lot + " reached a sink, or nothing of it came from outside");
  double kg = 0;
  for (const Swept& origin : found) kg += origin.open_kg;
  return std::make_shared<Table>(shares_table(found, plant, kg));
}

std::shared_ptr<Table> items(const Carbon& self, const std::string& lot, bool battery, const MaybePath& report) {
  const LedgerReport found = report_of_lot(*self.scenario, self.ledger, identity_of(lot), battery);
  if (found.tables.empty()) throw py::key_error("no lot " + lot + (battery ? " came from outside" : " reached a sink") + ", or it has no footprint");
  write_report(report, *self.scenario, found);
  return std::make_shared<Table>(found.tables.front().second());
}

void declare_background(py::module_& module) {
  py::class_<Background, std::shared_ptr<Background>> type(module, "Background", "What the flows that a plant used cause in a background system; str() is the report of the command line.");
  declare_shown(type, "one row per flow, as `flows`.");
  type.def_readonly("kg", &Background::kg, "In all [kg CO2e]")
      .def_property_readonly("flows", [](const Background& self) { return std::make_shared<Table>(self.flows); }, "Table: one row per flow that the system makes [kg CO2e]")
      .def_property_readonly("processes", [](const Background& self) { return std::make_shared<Table>(self.processes); }, "Table: one row per process that emits [kg CO2e]")
      .def_property_readonly("warnings", [](const Background& self) { return problem_list(self.beyond ? std::vector<Problem>{*self.beyond} : std::vector<Problem>{}); },
                             "List of Problem: flows that the system does not make")
      .def("__str__", background_text)
      .def("__repr__", [](const Background& self) { return fmt::format("<Background {:.6g} kg CO2e, {} processes>", self.kg, self.n_processes); });
}

}  // namespace

void declare_carbon(py::module_& module) {
  declare_background(module);
  const auto table = [](Table (*make)(const Footprints&, const Plant&)) {
    return [make](const Carbon& self) { return std::make_shared<Table>(make(self.all, *self.scenario->plant)); };
  };
  py::class_<Carbon, CarbonPointer> type(module, "Carbon", "Footprints of every battery and product, from the ledger of a run; str() is the report of the command line.");
  declare_shown(type, "the lines of `sum`.");
  type.def_property_readonly("sum", [](const Carbon& self) { return std::make_shared<Table>(footprint_sum_table(self.all)); },
                             "Table: by whom the emissions of the plant are caused, and by what they are borne; each sums to the plant")
      .def_property_readonly("batteries", table(origins_table), "Table: one row per lot from outside, what its matter caused [kg CO2e]")
      .def_property_readonly("products", table(products_table), "Table: one row per lot at a sink, what it bears [kg CO2e]")
      .def_property_readonly("running", table(running_table), "Table: lots still in the plant, what they bear so far [kg CO2e]")
      .def_property_readonly("activities", [](const Carbon& self) { return std::make_shared<Table>(activities_table(*self.scenario, self.ledger.summary)); },
                             "Table: what the plant emits and avoids elsewhere, by what uses a flow and its factor [kg CO2e]")
      .def_property_readonly("spread", table(spread_table), "Table: footprints over lots, by kind and by sink, as quantiles [kg CO2e/kg]")
      .def_property_readonly("rules", [](const Carbon& self) {
        const Plant& plant = *self.scenario->plant;
        return std::make_shared<Table>(product_rules_table(self.all, plant, earned_at_sinks(plant, self.scenario->reporting, self.ledger.summary)));
      }, "Table: products by other rules of allocation: by matter, others' burdens moved onto products by mass, all by value [kg CO2e/kg]")
      .def_property_readonly("error", [](const Carbon& self) { return self.all.error; }, "Of the two sums, relative to the plant")
      .def("battery", [](const Carbon& self, const std::string& lot, const MaybePath& report) { return items(self, lot, true, report); }, py::arg("lot"), py::kw_only(),
           py::arg("report") = py::none(), "Table: activity by activity what one lot from outside caused. report: file for the page of the browser. Raises KeyError, InputError.")
      .def("product", [](const Carbon& self, const std::string& lot, const MaybePath& report) { return items(self, lot, false, report); }, py::arg("lot"), py::kw_only(),
           py::arg("report") = py::none(), "Table: activity by activity what one lot at a sink bears. report: file for the page of the browser. Raises KeyError, InputError.")
      .def("background",
           [](const Carbon& self, const std::filesystem::path& folder, const MaybePath& report) {
             auto made = std::make_shared<Background>(background_of(folder.string(), *self.scenario, self.ledger.summary));
             write_report(report, *self.scenario, report_of_background(*made));
             return made;
           },
           py::arg("folder"), py::kw_only(), py::arg("report") = py::none(),
           "What the flows used cause in a background system: folder with processes.csv, technosphere.csv, biosphere.csv, weights.csv. report: file for the page of the browser. "
           "Raises InputError.")
      .def("origins", origins, py::arg("lot"), "Table: the lots from outside that one lot at a sink is made of [kg]. Raises KeyError.")
      .def("__str__", [](const Carbon& self) { return footprint_text(self.all, *self.scenario->plant); })
      .def("__repr__", [](const Carbon& self) { return fmt::format("<retwin.Carbon {:.6g} kg CO2e, {} jobs>", self.all.plant.sum, self.ledger.summary.jobs); });
  module.def("carbon", carbon, py::arg("scenario"), py::kw_only(), py::arg("ledger") = py::none(), py::arg("seed") = py::none(), py::arg("duration") = py::none(),
             py::arg("report") = py::none(),
             "Footprints from a ledger that run(ledger=...) or `run --ledger` has written, or from one run made for them, as a Carbon.\n"
             "report: file for the page of the browser. Raises InputError;\n"
             "ValueError for settings of a run beside a ledger.");
}

}  // namespace retwin::python
