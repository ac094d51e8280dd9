// The module's exceptions: problems of the input, stopped runs, bugs of our own.
#include <pybind11/stl.h>

#include "bindings/python/shown.hpp"
#include "core/base/problem.hpp"

namespace retwin::python {
namespace {

struct ErrorTypes {
  py::handle input, run, check;
};
ErrorTypes& types() {
  static ErrorTypes all;
  return all;
}

/// A class of exceptions; `defaults` are its attributes until an instance has its own.
py::handle declare_error(py::module_& module, const char* name, PyObject* base, const char* doc, const py::dict& defaults) {
  const std::string full = std::string("retwin.") + name;
  const py::handle type = PyErr_NewExceptionWithDoc(full.c_str(), doc, base, defaults.ptr());
  if (!type) throw py::error_already_set();
  module.attr(name) = type;
  return type;
}

void raise(py::handle type, const char* message, const py::dict& attributes) {
  const py::object error = type(message);
  for (const auto& [name, value] : attributes) py::setattr(error, name, value);
  PyErr_SetObject(type.ptr(), error.ptr());
}

void translate(std::exception_ptr thrown) {
  using namespace py::literals;
  try {
    if (thrown) std::rethrow_exception(thrown);
  } catch (const InputError& error) {
    raise(types().input, error.what(), py::dict("problems"_a = problem_list(error.problems())));
  } catch (const RunError& error) {
    raise(types().run, error.what(), py::dict("time_s"_a = error.time_s(), "station"_a = error.station()));
  } catch (const CheckError& error) {
    raise(types().check, error.what(), {});
  }
}

}  // namespace

py::object problem_list(const std::vector<Problem>& problems) {
  return py::module_::import("retwin._shown").attr("Problems")(py::cast(problems));
}

void declare_errors(py::module_& module) {
  using namespace py::literals;
  py::class_<Problem>(module, "Problem", "One problem of the input; str() shows it with its line of the file and a caret.")
      .def_property_readonly(
          "code", [](const Problem& p) { return std::string(code_name(p.code)); },
          "From a closed list, the same as on the command line: 'unit', 'unknown-key', ...")
      .def_property_readonly(
          "severity", [](const Problem& p) { return p.severity == Severity::error ? "error" : "warning"; },
          "'error' or 'warning'")
      .def_property_readonly(
          "file", [](const Problem& p) { return p.place.file; }, "The file, or who set the value")
      .def_property_readonly(
          "line", [](const Problem& p) { return p.place.line; }, "From 1; 0: the file as a whole")
      .def_property_readonly(
          "column", [](const Problem& p) { return p.place.column; }, "From 1, in bytes")
      .def_readonly("path", &Problem::path, "'stations.press.duration'; '' if there is none")
      .def_readonly("message", &Problem::message, "What is wrong; wording may change, codes do not")
      .def_readonly("hint", &Problem::hint, "What to write instead; '' if there is none")
      .def("__str__", [](const Problem& p) { return format(p); })
      .def("__repr__", [](const Problem& p) {
        return "<Problem [" + std::string(code_name(p.code)) + "] " + p.path + ": " + p.message + ">";
      });
  types().input =
      declare_error(module, "InputError", PyExc_ValueError, "Bad input. `problems`: every problem at once, each a Problem.",
                    py::dict("problems"_a = py::tuple()));
  types().run = declare_error(module, "RunError", PyExc_RuntimeError,
                              "A run that cannot go on, a deadlock for instance. `time_s`: when, in seconds after the start; "
                              "`station`: where, '' if nowhere in particular.",
                              py::dict("time_s"_a = py::none(), "station"_a = ""));
  types().check =
      declare_error(module, "CheckError", PyExc_RuntimeError, "A bug of retwin itself; please report it with the scenario.", {});
  py::register_exception_translator(translate);
}

}  // namespace retwin::python
