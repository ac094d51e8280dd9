// The extension of the Python package `retwin`: its parts, and what needs no scenario.
#include <pybind11/stl.h>

#include "bindings/python/foreign.hpp"
#include "bindings/python/simulation.hpp"
#include "core/scenario/explain.hpp"

namespace retwin::python {
namespace {

py::object kinds() {
  py::dict out;
  for (const Explainable& kind : explainable(registry())) out[py::str(kind.name)] = kind.doc;
  return py::module_::import("retwin._shown").attr("Kinds")(out);
}

}  // namespace
}  // namespace retwin::python

PYBIND11_MODULE(_retwin, module) {
  using namespace retwin::python;
  const py::object own_name = module.attr("__name__");
  module.attr("__name__") = "retwin";  // where people find what is declared here, also in reprs and signatures
  module.doc() = R"(A digital twin of a factory: plants are text files, runs are exact and repeatable.

    scenario = retwin.load('plant.yaml')
    result = scenario.set('stations.press.duration', '3 min').run(replications=10)
    result.kpis['plant.throughput'], result.kpi('plant.throughput').half_width
    result.table('stations').to_frame()                                        # pandas, units in the columns
    retwin.plot.states(result)                                                 # matplotlib

    comparison = retwin.compare(scenario, {'stations.press.servers': 2}, fail_if=['products < -1 %'])
    print(comparison)                                                          # the same luck, replication by replication
    comparison.passed, comparison['change'], comparison['change_low'], comparison['change_high']

    limits = retwin.bottleneck(scenario)                                       # what limits it, measured by relieving it
    now = scenario.start(); now.advance('4 weeks'); fork = now.copy()          # two futures from one state
    now.forecast('5 weeks', {'stations.press.servers': 1}).to_frame()          # many, as planned and with a change

Times are seconds after the start of the run or text with a unit ('2 h'); paths are those of the scenario file and its reports.)";
  module.attr("__version__") = RETWIN_VERSION;
  declare_errors(module);
  declare_tables(module);
  declare_limits(module);
  declare_results(module);
  auto simulation = declare_simulations(module);
  declare_telemetry(module);
  declare_scenarios(module);
  declare_going_on(module, simulation);
  declare_views(module);
  declare_learning(module);
  declare_comparisons(module);
  declare_bottleneck(module);
  declare_accounts(module);
  declare_carbon(module);
  declare_foreign(module);
  declare_studies(module);
  module.def("kinds", kinds, "Everything that explain() knows, as Kinds, a dict: name -> one sentence.");
  module.def(
      "schema", [] { return py::module_::import("json").attr("loads")(retwin::scenario_schema(registry())); },
      "The JSON Schema of scenario files, as a dict.");
  module.attr("__name__") = own_name;
}
