// The bar is drawn by Python (retwin/_progress.py), ten times a second at most.
#include "bindings/python/progress.hpp"

namespace retwin::python {

Bar::Bar(const char* what) : bar_(py::module_::import("retwin._progress").attr("bar")(what)) {}

Bar::~Bar() {
  if (bar_.is_none()) return;
  const py::error_scope kept;  // of the work that has ended
  try {
    bar_.attr("close")();
  } catch (py::error_already_set& error) {
    error.discard_as_unraisable("the bar of a run");
  }
}

std::function<void(double)> Bar::shows() {
  if (bar_.is_none()) return {};
  return [this](double done) { show(done); };
}

void Bar::show(double done) {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return;
  next_ = now + std::chrono::milliseconds(100);
  const py::gil_scoped_acquire acquire;
  try {
    bar_.attr("show")(done);
  } catch (py::error_already_set& error) {
    if (error.matches(PyExc_KeyboardInterrupt)) PyErr_SetInterrupt();  // whoever polls ends the run
    error.discard_as_unraisable("the bar of a run");
  }
}

}  // namespace retwin::python
