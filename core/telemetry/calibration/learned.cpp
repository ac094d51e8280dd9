// Which cases and pools new ones are made of.
#include "core/telemetry/calibration/learned.hpp"

#include <algorithm>

namespace retwin {

bool Calibration::few_begun() const {
  const auto begun = std::count_if(plans.begin(), plans.end(), [](const CasePlan& plan) { return plan.begun; });
  return 5 * static_cast<std::size_t>(begun) <= plans.size();
}

std::vector<const CasePlan*> Calibration::plans_of_new_cases() const {
  std::vector<const CasePlan*> result;
  const bool without_begun = few_begun();
  for (const CasePlan& plan : plans)
    if (!(plan.begun && without_begun)) result.push_back(&plan);
  return result;
}

std::vector<WorkPool> Calibration::work_pools() const {
  std::vector<WorkPool> result;
  for (const CalibratedPool& pool : pools) result.push_back(pool.pool);
  return result;
}

}  // namespace retwin
