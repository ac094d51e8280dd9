// The result of a run as Python sees it.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "bindings/python/bottleneck.hpp"
#include "bindings/python/table.hpp"
#include "core/experiment/replications.hpp"

namespace retwin::python {

/// Owns what all arrays of a result look at.
struct RunResult {
  RunResult(std::shared_ptr<const Scenario> of, Results found);
  std::shared_ptr<const Scenario> scenario;
  Results results;
  std::shared_ptr<const Limits> relief;  ///< what limits the plant, measured; null if that was not asked for
  /// One of its tables by the name of its exporter, made when it is first asked for. Null if there is none.
  TablePointer table(const std::string& name);

 private:
  std::map<std::string, TablePointer> tables_;  ///< the GIL guards it
};

}  // namespace retwin::python
