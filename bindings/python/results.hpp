// The result of a run as Python sees it.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bindings/python/door.hpp"
#include "core/experiment/replications.hpp"

namespace retwin::python {

/// A CSV report by columns.
class Table {
 public:
  explicit Table(const std::string& csv);
  /// Column -> array; numbers are views, text is copied.
  py::dict arrays(py::handle owner) const;

 private:
  struct Column {
    std::string name;
    bool is_text = false;
    std::vector<double> numbers;  ///< an empty cell is NaN
    std::vector<std::string> texts;
  };
  std::vector<Column> columns_;
};

/// Owns what all arrays of a result look at.
struct RunResult {
  RunResult(std::shared_ptr<const Scenario> of, Results found);
  std::shared_ptr<const Scenario> scenario;
  Results results;
  Table stations, buffers;
};

}  // namespace retwin::python
