// Functions of expressions that are Python code, and the registry that grows by what Python adds.
#include "bindings/python/foreign.hpp"

#include <pybind11/stl.h>

#include <algorithm>
#include <atomic>

#include "core/base/units.hpp"
#include "models/models.hpp"

namespace retwin::python {
namespace {

/// Of the newest registry. Older ones stay as long as the process: scenarios and threads may still read them.
std::atomic<const Registry*>& newest() {
  static std::atomic<const Registry*> current = new Registry(whole_registry());
  return current;
}

/// An argument as Python has it: a number in the unit that the function takes, a category by its name (None: it has none).
py::object argument(double value, double factor, const std::vector<std::string>& categories) {
  if (categories.empty()) return py::float_(value / factor);
  const auto index = static_cast<std::size_t>(value);
  if (!(value >= 0) || index >= categories.size()) return py::none();
  return py::str(categories[index]);
}

void add_function(const std::string& name, const std::string& doc, const std::string& sha256, const std::vector<std::string>& takes,
                  const std::string& gives, bool gives_truth, const py::function& call) {
  const auto own = Expression::own_functions();
  if (std::find(own.begin(), own.end(), name) != own.end()) throw py::value_error(name + " is a function of the language: give it another name");
  auto made = std::make_shared<ForeignFunction>();
  made->name = name;
  made->doc = doc;
  made->sha256 = sha256;
  std::vector<double> factors;
  for (const std::string& unit : takes) {
    const Quantity one = unit_of(unit, name + " takes");
    made->takes.push_back(one.dimension);
    factors.push_back(one.value);
  }
  const Quantity result = unit_of(gives, name + " gives");
  made->gives = result.dimension;
  made->gives_truth = gives_truth;
  made->call = [held = Held(call), factors, result](const double* values, const std::vector<std::vector<std::string>>& categories) {
    const py::gil_scoped_acquire acquire;
    py::tuple arguments(factors.size());
    for (std::size_t k = 0; k < factors.size(); ++k) arguments[k] = argument(values[k], factors[k], categories[k]);
    return (*held)(*arguments).cast<double>() * result.value;
  };
  change_registry([&](Registry& all) { all.functions.insert_or_assign(name, made); });
}

}  // namespace

const Registry& registry() { return *newest(); }

void change_registry(const std::function<void(Registry&)>& change) {
  auto next = std::make_unique<Registry>(registry());
  change(*next);
  newest() = next.release();
}

Quantity unit_of(const std::string& text, const std::string& of_what) {
  if (text.empty()) return {1, dimension::none};
  Refusal why;
  const std::optional<Quantity> unit = parse_unit(text, why);
  if (!unit) throw py::value_error(of_what + ": " + why.text());
  return *unit;
}

void declare_foreign(py::module_& module) {
  module.def("_add_function", add_function, py::arg("name"), py::arg("doc"), py::arg("sha256"), py::arg("takes"), py::arg("gives"),
             py::arg("gives_truth"), py::arg("call"), "For retwin.function.");
  declare_foreign_units(module);
}

}  // namespace retwin::python
