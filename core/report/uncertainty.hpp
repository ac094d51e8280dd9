// How far carbon per tonne may be off because its factors are: one at a time, and all at once.
#pragma once
#include <string>
#include <vector>

#include "core/experiment/replications.hpp"
#include "core/scenario/scenario.hpp"

namespace retwin {

struct Swing {
  std::string factor;
  double mean = 0;             ///< what it contributes [kg CO2e/t]
  double low = 0, high = 0;    ///< the total, with this factor at its least and at its largest value
};
struct CarbonUncertainty {
  std::string unit;            ///< functional unit
  double mean = 0;             ///< total, mean over the replications [kg CO2e/t]
  double low = 0, high = 0;    ///< 2.5 and 97.5 % of the total: factors drawn once for a replication, replications as they came
  std::vector<Swing> swings;   ///< of factors with a range, the widest first
};
/// A factor is drawn between `low` and `high` around its value as its `distribution` says (not given: triangular); one without a range
/// is taken as certain, which it is not. Factors are drawn independently. Carbon is linear in them, so that no run is made again.
std::vector<CarbonUncertainty> carbon_uncertainty(const Scenario& scenario, const Results& results);
Table uncertainty_table(const Scenario& scenario, const Results& results);

}  // namespace retwin
