// Rules on masses and money in Python: tables and texts of the command line.
#include <fmt/format.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "bindings/python/progress.hpp"
#include "bindings/python/settings.hpp"
#include "bindings/python/shown.hpp"
#include "bindings/python/table.hpp"
#include "core/base/problem.hpp"
#include "core/experiment/ledger_run.hpp"
#include "core/report/account_report.hpp"
#include "core/report/footprint_report.hpp"

namespace retwin::python {
namespace {

struct Compliance {
  std::shared_ptr<const Scenario> scenario;
  Results results;
  std::optional<long> day;
  std::shared_ptr<Table> table;
};
struct Cost {
  std::shared_ptr<const Scenario> scenario;
  Results results;
  std::shared_ptr<Table> table, prices;
};

/// @param check throws what the scenario lacks
std::pair<std::shared_ptr<const Scenario>, Results> run_of(const Variant& variant, const RunSettings& settings, const std::function<void(const Scenario&)>& check) {
  RunOptions how;
  how.jobs = jobs_of(settings.jobs);
  how.poll = check_signals;
  Bar bar("run");
  how.progress = bar.shows();
  const Variant before = variant;  // another thread may set values meanwhile
  const py::gil_scoped_release release;
  std::shared_ptr<const Scenario> scenario = before.with_some(overrides_of(settings));
  check(*scenario);
  Results results = run_replications(*scenario, how);
  return {std::move(scenario), std::move(results)};
}

std::shared_ptr<Compliance> comply(const Variant& variant, const RunSettings& settings, std::optional<std::string> date) {
  const std::optional<long> day = date ? parse_date(*date) : std::nullopt;
  if (date && !day) throw py::value_error("date is a day such as 2027-12-31");
  auto [scenario, results] = run_of(variant, settings, [](const Scenario& s) {
    if (!has_rules(s)) refuse(Code::missing, s.path, "the scenario names no rules");
  });
  refuse_more_out_than_in(*scenario, results);
  auto table = std::make_shared<Table>(compliance_table(*scenario, results, day));
  return std::make_shared<Compliance>(Compliance{scenario, std::move(results), day, std::move(table)});
}

std::shared_ptr<Cost> cost(const Variant& variant, const RunSettings& settings) {
  auto [scenario, results] = run_of(variant, settings, [](const Scenario& s) {
    if (!has_prices(s)) refuse(Code::missing, s.path, "the scenario states no prices");
  });
  auto table = std::make_shared<Table>(cost_table(*scenario, results)), prices = std::make_shared<Table>(prices_table(*scenario, results));
  return std::make_shared<Cost>(Cost{scenario, std::move(results), std::move(table), std::move(prices)});
}

/// Elements from sources and reagents to sinks and the stock.
std::shared_ptr<Table> balance(const Variant& variant, const RunSettings& settings) {
  const Exporter& exporter = *registry().exporter("balance");
  const auto [scenario, results] = run_of(variant, settings, [&exporter](const Scenario& s) {
    if (exporter.applies && !exporter.applies(s))
      refuse(Code::conflict, s.path, "the lots of this plant have no masses, so that there is no balance", "give the lots of a source a chemistry");
  });
  return std::make_shared<Table>(exporter.table(*scenario, results));
}

std::shared_ptr<Table> lots(const Cost& self, const std::string& table, const std::optional<std::filesystem::path>& ledger) {
  Table (*const make)(const Footprints&, const Plant&) = table == "batteries" ? origins_table : table == "products" ? products_table : table == "running" ? running_table : nullptr;
  if (make == nullptr && table != "sum") throw py::value_error("table is sum, batteries, products or running");
  const py::gil_scoped_release release;
  const Plant& plant = *self.scenario->plant;
  const Ledger from = ledger ? read_ledger(ledger->string(), plant) : ledger_of_run(*self.scenario, check_signals);
  const Footprints all = footprints(plant, self.scenario->reporting, *from.edges, from.summary, Measure::money, self.scenario->run.year_s);
  return std::make_shared<Table>(make == nullptr ? footprint_sum_table(all) : make(all, plant));
}

double CNY(const Cost& self, const char* path) {
  const KpiSummary* found = self.results.find(path);
  return found ? found->interval.mean : 0;
}

}  // namespace

void declare_accounts(py::module_& module) {
  py::class_<Compliance, std::shared_ptr<Compliance>> rules(module, "Compliance", "Rules on masses and what was reached; str() is the report of the command line.");
  declare_shown(rules, "one row per rule and target.");
  rules.def_property_readonly("passed", [](const Compliance& self) { return complies(*self.scenario, self.results, self.day.value_or(self.scenario->plant->day0)); },
                             "Whether every target in force on the day (default: the first of the run) is shown to be kept")
      .def_property_readonly("table", [](const Compliance& self) { return self.table; }, "Table: one row per rule and target")
      .def("__str__", [](const Compliance& self) { return compliance_text(*self.scenario, self.results, self.day); })
      .def("__repr__", [](const Compliance& self) { return fmt::format("<Compliance of {}>", self.scenario->name); });
  py::class_<Cost, std::shared_ptr<Cost>> money(module, "Cost", "What a plant costs and earns; str() is the report of the command line.");
  declare_shown(money, "one row per price.");
  money.def_property_readonly("cost", [](const Cost& self) { return CNY(self, "money.cost"); }, "CNY in a reporting year")
      .def_property_readonly("revenue", [](const Cost& self) { return CNY(self, "money.revenue"); }, "CNY in a reporting year")
      .def_property_readonly("margin", [](const Cost& self) { return CNY(self, "money.margin"); }, "CNY in a reporting year")
      .def_property_readonly("table", [](const Cost& self) { return self.table; }, "Table: one row per price, what it comes to")
      .def_property_readonly("prices", [](const Cost& self) { return self.prices; }, "Table: one row per price, what it rests on")
      .def("lots", lots, py::arg("table") = "batteries", py::kw_only(), py::arg("ledger") = py::none(),
           "Table: cost and revenue [CNY] of every lot from outside (batteries), of every lot at a sink (products), of those still there (running), or by "
           "whom the money of the plant is caused and borne (sum): from a ledger of `run --ledger`, or from one run made for it. Raises InputError.")
      .def("__str__", [](const Cost& self) { return money_text(*self.scenario, self.results); })
      .def("__repr__", [](const Cost& self) { return fmt::format("<Cost of {}>", self.scenario->name); });
  define_with_settings(module, "comply", comply,
                       "Recycling efficiency, recoveries and contents against dated targets, from a run, as a Compliance.\n\n"
                       "date: only targets in force on it, '2027-12-31'. Settings of the run as in Scenario.run(). Raises InputError without rules and\n"
                       "where more comes out than goes in; ValueError for what is no day.",
                       py::arg("date") = py::none());
  define_with_settings(module, "cost", cost,
                       "What a plant costs and earns by the prices that are stated [CNY in a reporting year], from a run, as a Cost.\n\n"
                       "Settings of the run as in Scenario.run(). Raises InputError without prices.");
  define_with_settings(module, "balance", balance,
                       "Table: every element [kg] from sources and reagents to each sink and the stock, with its error, from a run.\n\n"
                       "Settings of the run as in Scenario.run(). Raises InputError where lots have no masses.");
}

}  // namespace retwin::python
