// Whether the warm-up that a scenario tells is long enough, by the figure that counts, period by period.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/problem.hpp"
#include "core/scenario/scenario.hpp"

namespace retwin {

/// Length of the periods in which a run is looked at: a week where shifts or profiles are weekly, else a 200th of the run. [s]
double warmup_period(const Scenario& scenario);

/// Periods to leave out at the beginning, by MSER of their means (White, An effective truncation heuristic for bias reduction in simulation
/// output, Simulation 69, 1997): the cut that minimises the squared standard error of what is left; the last five are never alone. Empty
/// with fewer than 10 periods, or where the cut lies in the second half.
std::optional<std::size_t> warmup_cut(std::span<const double> means);

/// A warm-up that is clearly too short: MSER cuts later; what it cuts after the warm-up is farther from the rest than three standard
/// errors; and the mean after the warm-up is off by more than 1 % of that of the rest. @param means of the objective over the
/// replications, per period, from the start of the run
std::optional<Problem> short_warmup(const Scenario& scenario, std::span<const double> means);

}  // namespace retwin
