// A reading of a state's accounts at an instant: what was integrated so far, with the stretches that are still going on.
#pragma once
#include <vector>

#include "core/flow/plant/plant.hpp"
#include "core/flow/state/state.hpp"

namespace retwin {

/// A copy of the accounts; times in state include the unfinished stretch, so that two readings can be subtracted.
struct Reading {
  double at_s = 0;
  Accounts accounts;
  std::vector<PoolState> pools;
  std::vector<double> waits_s;   ///< per station: waits in its buffer so far, of lots that left it and of those still there
  std::vector<double> stock_kg;  ///< per component: in live lots and tanks
  std::vector<double> tank_kg;   ///< tank x component: of that, in tanks
  double stays_s = 0;            ///< stays in the plant so far, of lots that ended and of those still there
  Index overdue = 0;          ///< live lots past their time
  Index live_lots = 0;
  Index waiting_outside = 0;  ///< lots that sources hold because they found no room, saturated sources aside
};

/// Reads a state without changing it.
Reading read(const Plant& plant, const State& state);

}  // namespace retwin
