// What notebooks show of a value, and its frame: the Python half of the package makes them (retwin/_shown.py).
#pragma once
#include "bindings/python/door.hpp"

namespace retwin::python {

/// Adds to_frame() and _repr_html_(). @param frame what the frame has in its rows
template <class Class>
void declare_shown(Class& type, const std::string& frame) {
  type.def(
      "to_frame", [](const py::object& self) { return py::module_::import("retwin._shown").attr("frame")(self); },
      ("A pandas.DataFrame: " + frame + " Columns carry their unit in brackets: 'waiting_s [s]'. Raises ImportError without pandas.").c_str());
  type.def(
      "_repr_html_", [](const py::object& self) { return py::module_::import("retwin._shown").attr("html")(self); },
      "What a notebook shows; names from the scenario are escaped.");
}

/// Problems as a list that has to_frame() and a table in notebooks.
py::object problem_list(const std::vector<Problem>& problems);

}  // namespace retwin::python
