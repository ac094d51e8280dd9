// Delays between operations that neither crew nor hours explain, also where they ended while the crew was busy or off.
#pragma once
#include <span>
#include <vector>

namespace retwin {

/// A delay that is known to lie between two bounds, both included. Equal: known exactly. [s]
struct DelayBounds {
  double low_s = 0, high_s = 0;
  bool exact() const { return !(high_s > low_s); }
};

/// A likely value of each delay: the exact ones as they are; for each other one a value that its bounds admit, spread evenly over
/// the distribution of greatest likelihood given all bounds, or the bound next to an exact one where none lies between them (the
/// lower one without any). Where fewer than ten are exact, the middles of the narrowest bounds stand for exact ones. Leaving the
/// others out would be wrong: a long delay more often ends at night. Self-consistency (Turnbull, J. R. Statist. Soc. B 38, 1976).
std::vector<double> likely_delays(std::span<const DelayBounds> delays);

}  // namespace retwin
