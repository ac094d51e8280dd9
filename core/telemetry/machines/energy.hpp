// Energy by state: the power a machine draws in each of its states, and what a kilogram costs it, from meters and times.
#pragma once
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace retwin {

/// What one interval of a meter saw.
struct MeterInterval {
  double energy_J = 0;
  std::vector<double> state_s;  ///< time in each state; of several machines on one meter the sum [s]
  double processed_kg = 0;
};

/// Energy of an interval of a meter that shows mean power. [J]
inline double metered_energy_J(double mean_power_W, double interval_s) { return mean_power_W * interval_s; }

/// An estimate that cannot be negative.
struct EnergyEstimate {
  double value = 0;
  double standard_error = std::numeric_limits<double>::quiet_NaN();  ///< nan where the value is held at 0 or not identified
  bool identified = false;  ///< false: the data cannot tell it from the others (never seen, or always in proportion to others)
};

struct EnergyFit {
  std::vector<EnergyEstimate> power_W;                   ///< per state
  EnergyEstimate per_kg;                                 ///< [J/kg]; not identified if nothing was processed
  double r2 = std::numeric_limits<double>::quiet_NaN();  ///< of the energies about their mean; low if all intervals are alike
  double residual_sd_J = std::numeric_limits<double>::quiet_NaN();
  std::size_t intervals = 0;
  std::size_t degrees_of_freedom = 0;
};

/// Non-negative least squares of energy = sum of power x time + energy per kg x kg, every interval with the same weight, so
/// take intervals of about the same length.
/// @throws std::invalid_argument naming all that is wrong: no states, no intervals, another number of times than states, times,
///   masses or energies that are negative or not finite
EnergyFit fit_energy(const std::vector<std::string>& states, const std::vector<MeterInterval>& intervals);

}  // namespace retwin
