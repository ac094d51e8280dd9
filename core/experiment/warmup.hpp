// Whether the warm-up that a scenario tells is long enough, or which one is, by the figure that counts, period by period.
#pragma once
#include <optional>
#include <span>
#include <string>

#include "core/base/problem.hpp"
#include "core/scenario/scenario.hpp"

namespace retwin {

/// Length of the periods in which a run is looked at: a week where shifts or profiles are weekly, else a 200th of the run. [s]
double warmup_period(const Scenario& scenario);

/// A warm-up that is clearly too short: MSER cuts later; what it cuts after the warm-up is farther from the rest than three standard
/// errors; and the mean after the warm-up is off by more than 1 % of that of the rest. Also said: that there are fewer than ten periods,
/// so that nobody can tell. @param means of the objective over the replications, per period, from the start of the run
std::optional<Problem> short_warmup(const Scenario& scenario, std::span<const double> means);

/// A warm-up that was found.
struct FoundWarmup {
  double warmup_s = 0;
  std::optional<Problem> doubt;  ///< why it may not be enough
};
/// The periods that MSER cuts. Half of them, and a doubt, where it cuts more; none, and a doubt, of fewer than ten. @param means as above
FoundWarmup found_warmup(const Scenario& scenario, std::span<const double> means);

/// The same scenario with a stated warm-up.
Scenario with_warmup(const Scenario& scenario, double warmup_s);

}  // namespace retwin
