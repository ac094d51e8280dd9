// The verdict by relief as Python sees it.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>

#include "bindings/python/table.hpp"
#include "core/experiment/verdict.hpp"

namespace retwin::python {

/// Owns what its tables look at.
struct Limits {
  std::shared_ptr<const Scenario> scenario;
  Verdict verdict;
  std::shared_ptr<Table> gains, suspects;
};
using LimitsPointer = std::shared_ptr<Limits>;

/// Without the GIL. @param replications 0: as many as the plant has time for
LimitsPointer limits_of(std::shared_ptr<const Scenario> scenario, std::int64_t replications, int jobs, const std::function<void(double)>& progress);

}  // namespace retwin::python
