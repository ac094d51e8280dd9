// Holm: from the smallest p-value on, each times the number of those that are left, and never below the one before.
#include "core/stats/multiple.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace retwin {

std::vector<double> holm(std::span<const double> p_values) {
  std::vector<double> adjusted(p_values.begin(), p_values.end());
  std::vector<std::size_t> order;
  for (std::size_t k = 0; k < p_values.size(); ++k)
    if (!std::isnan(p_values[k])) order.push_back(k);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  double before = 0;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    before = std::max(before, std::min(1.0, static_cast<double>(order.size() - rank) * p_values[order[rank]]));
    adjusted[order[rank]] = before;
  }
  return adjusted;
}

}  // namespace retwin
