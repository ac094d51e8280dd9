// The verdict by relief, with a bar on the terminal.
#pragma once
#include <cstdint>

#include "core/experiment/verdict.hpp"

namespace retwin::cli {

/// @param replications fresh ones, 0: as many as the plant allows @param jobs threads @throws RunError
Verdict verdict_of(const Scenario& scenario, std::int64_t replications, int jobs);

}  // namespace retwin::cli
