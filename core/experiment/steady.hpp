// Whether a plant is in a steady state in the window, or fills up.
#pragma once
#include <optional>
#include <string>

#include "core/experiment/replications.hpp"
#include "core/scenario/scenario.hpp"

namespace retwin {

/// What grows. It is told where the growth of the plant (`plant.growth`: what stays, as a share of what came in) is above 1 % and, by
/// Student's one-sided test at 99 % over the replications, above 0.
struct Growth {
  Interval share;           ///< of what came in, two-sided at 98 %: its lower end is the one-sided bound
  std::string station;      ///< where the contents grow fastest; empty: nowhere inside, lots wait outside
  double lots_per_week = 0; ///< there
  std::string text() const; ///< "not in a steady state: + 120 lots a week at press"
};

/// Empty: nothing is said against a steady state; also with fewer than two replications, and for runs with an end of their own.
std::optional<Growth> growth(const Scenario& scenario, const Results& results);

}  // namespace retwin
