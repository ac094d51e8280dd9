// The table behind a distribution made of values or of parts (private to core/stats).
#pragma once
#include <vector>

#include "core/stats/distribution.hpp"

namespace retwin {

struct Distribution::Table {
  std::vector<double> values;       ///< empirical, discrete: ascending
  std::vector<double> cumulative;   ///< discrete, mixture: of the weights, last one exactly 1
  std::vector<Distribution> parts;  ///< mixture
  std::vector<double> weights;      ///< discrete, mixture: as given, which may sum to anything
  double weight(std::size_t i) const { return i == 0 ? cumulative[0] : cumulative[i] - cumulative[i - 1]; }
};

}  // namespace retwin
