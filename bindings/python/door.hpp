// What the parts of the Python module share: scenarios with overrides, times, views for numpy, errors.
#pragma once
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/registry.hpp"
#include "core/scenario/scenario.hpp"

namespace retwin {
struct StampOptions;
}

namespace retwin::python {

namespace py = pybind11;

void declare_errors(py::module_& module);
void declare_tables(py::module_& module);
void declare_results(py::module_& module);
void declare_scenarios(py::module_& module);
void declare_views(py::module_& module);
void declare_telemetry(py::module_& module);
void declare_learning(py::module_& module);
void declare_comparisons(py::module_& module);
void declare_limits(py::module_& module);
void declare_bottleneck(py::module_& module);
void declare_accounts(py::module_& module);
void declare_carbon(py::module_& module);
void declare_studies(py::module_& module);

/// Everything that scenarios of this module can name.
const Registry& registry();

/// A scenario with what was set over it, compiled.
class Variant {
 public:
  /// Of a file. @throws InputError
  Variant(std::string path, std::vector<std::string> library_folders);
  /// Of a document. @param path of the file that it stands for: tables and a library folder are found beside it
  /// @param name what it is called beside others @throws InputError
  Variant(Node document, std::string path, std::vector<std::string> library_folders, std::string name);
  /// Sets values and compiles; after an error nothing has changed. @throws InputError
  void set(std::vector<Override> values);
  /// As it is now; immutable, so that threads may go on with it while others set values.
  const std::shared_ptr<const Scenario>& scenario() const { return scenario_; }
  /// With further values that are not kept. @throws InputError
  std::shared_ptr<const Scenario> with(const std::vector<Override>& values) const;
  /// The same; without values the one that is there.
  std::shared_ptr<const Scenario> with_some(const std::vector<Override>& values) const { return values.empty() ? scenario_ : with(values); }
  const std::vector<Override>& overrides() const { return overrides_; }
  /// What it says, as one document. @throws InputError
  Node document(const std::vector<Override>& values = {}) const;
  const std::string& path() const { return path_; }
  /// What it is called beside others: `label:`, else its file or the name of its document.
  const std::string& label() const { return scenario_->label.empty() ? name_ : scenario_->label; }
  const std::vector<std::string>& library_folders() const { return library_folders_; }

 private:
  std::optional<Node> given_;  ///< none: the file's
  std::string path_, name_;
  std::vector<std::string> library_folders_;
  std::vector<Override> overrides_;
  std::shared_ptr<const Scenario> scenario_;
};

/// A Scenario, the path of a file, or, of a base, a dict of values to set. @param base null: there is none @param library of files
Variant variant_of(const py::handle& given, const Variant* base = nullptr, const std::vector<std::filesystem::path>& library = {});

/// What a variant is called beside its base: its own `label:`, else what was set over the base, else its name.
std::string label_of(const Variant& variant, const Variant& base);

using MaybePath = std::optional<std::filesystem::path>;
/// Empty where there is none.
inline std::string text_of(const MaybePath& path) { return path ? path->string() : std::string(); }

/// From any thread, without the GIL; signals are looked at in the main thread. @throws error_already_set after Ctrl-C
void check_signals();

/// Seconds, or text with a unit: 3600, "1 h".
using Time = std::variant<double, std::string>;
/// [s] @throws InputError (unit) @throws value_error if it is not finite
double seconds(const Time& time, const char* what);
/// How much of a first replication the page of `report` plays [s], default a week; none: there is no page. @throws as seconds; value_error
/// without a page, or if it is below 0
std::optional<double> replay_seconds(const std::optional<std::filesystem::path>& report, const std::optional<Time>& replay);
/// A time of a clock in a log of this zone, [s] since 1970-01-01 in UTC. @throws std::invalid_argument
double instant(const std::string& text, const char* what, double zone_s);
/// How times of a log are written: a format as in strptime, a unit of plain numbers; empty: recognised. @throws std::invalid_argument
StampOptions stamps_of(const std::string& format, const std::string& unit);
/// As a value of a scenario: "3600 s".
std::string time_text(const Time& time);

/// A numpy array that reads memory of `owner`, which it keeps alive. Read-only.
template <class T>
py::array view(const T* data, std::vector<py::ssize_t> shape, std::vector<py::ssize_t> strides, py::handle owner) {
  py::array array(py::dtype::of<T>(), std::move(shape), std::move(strides), data, owner);
  array.attr("flags").attr("writeable") = false;
  return array;
}

template <class T>
py::array view(const std::vector<T>& values, py::handle owner) {
  return view(values.data(), {static_cast<py::ssize_t>(values.size())}, {sizeof(T)}, owner);
}

/// A table that is stored row by row.
template <class T>
py::array view(const std::vector<T>& values, std::size_t columns, py::handle owner) {
  const std::size_t rows = columns == 0 ? 0 : values.size() / columns;
  return view(values.data(), {static_cast<py::ssize_t>(rows), static_cast<py::ssize_t>(columns)},
              {static_cast<py::ssize_t>(columns * sizeof(T)), sizeof(T)}, owner);
}

/// One member of all rows.
template <class Row, class T>
py::array view(const std::vector<Row>& rows, T Row::*member, py::handle owner) {
  return view(rows.empty() ? nullptr : &(rows.front().*member), {static_cast<py::ssize_t>(rows.size())}, {sizeof(Row)}, owner);
}

/// A numpy array of text (a copy).
py::object text_array(const std::vector<std::string>& texts);

/// The names of things, in their order.
template <class Named>
std::vector<std::string> names_of(const std::vector<Named>& all) {
  std::vector<std::string> names;
  for (const Named& one : all) names.push_back(one.name);
  return names;
}

}  // namespace retwin::python
