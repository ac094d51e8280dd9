// The extension of the Python package `retwin`: its parts, and what needs no scenario.
#include <pybind11/stl.h>

#include "bindings/python/door.hpp"
#include "core/scenario/explain.hpp"

namespace retwin::python {
namespace {

py::dict kinds() {
  py::dict out;
  for (const Explainable& kind : explainable(registry())) out[py::str(kind.name)] = kind.doc;
  return out;
}

std::string explain_kind(const std::string& kind) {
  if (std::string text = explain(registry(), kind); !text.empty()) return text;
  std::vector<std::string> names;
  for (const Explainable& known : explainable(registry())) names.push_back(known.name);
  const std::string near = nearest(kind, names);
  throw py::key_error("nothing is called " + kind +
                      (near.empty() ? "; kinds() lists everything" : "; did you mean " + near + "?"));
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

Times are seconds after the start of the run or text with a unit ('2 h'); paths are those of the scenario file and its reports.)";
  module.attr("__version__") = RETWIN_VERSION;
  declare_errors(module);
  declare_tables(module);
  declare_results(module);
  declare_simulations(module);
  declare_scenarios(module);
  declare_telemetry(module);
  declare_comparisons(module);
  declare_bottleneck(module);
  declare_accounts(module);
  declare_carbon(module);
  module.def("kinds", kinds, "Everything that explain() knows: name -> one sentence.");
  module.def(
      "explain", explain_kind, py::arg("kind"),
      "What a kind of thing ('station', 'run', a unit operation, a kind of lot) can be given in a scenario. Raises KeyError.");
  module.def(
      "schema", [] { return py::module_::import("json").attr("loads")(retwin::scenario_schema(registry())); },
      "The JSON Schema of scenario files, as a dict.");
  module.attr("__name__") = own_name;
}
