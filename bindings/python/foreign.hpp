// What Python code adds to scenarios: functions of expressions, and unit operations.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "bindings/python/door.hpp"

namespace retwin::python {

/// A Python object that threads without the GIL may hold and let go of.
class Held {
 public:
  explicit Held(py::object object)
      : object_(new py::object(std::move(object)), [](py::object* last) {
          const py::gil_scoped_acquire acquire;
          delete last;
        }) {}
  /// With the GIL only.
  const py::object& operator*() const { return *object_; }

 private:
  std::shared_ptr<py::object> object_;
};

/// Changes what scenarios can name from now on; those compiled before, and whoever compiles just now, keep what they have. With the GIL.
void change_registry(const std::function<void(Registry&)>& change);

/// A unit by its text, as a factor to SI. @throws value_error
Quantity unit_of(const std::string& text, const std::string& of_what);

void declare_foreign(py::module_& module);
void declare_foreign_units(py::module_& module);

}  // namespace retwin::python
