// Intervals of probabilities that were counted.
#include "core/stats/proportions.hpp"

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <cmath>
#include <map>
#include <numeric>

#include "core/base/problem.hpp"

namespace retwin {

Bounds wilson_interval(std::uint64_t successes, std::uint64_t trials, double level) {
  RETWIN_CHECK(successes <= trials && level > 0 && level < 1);
  if (trials == 0) return {std::numeric_limits<double>::quiet_NaN(), 0, 1, level};
  const double n = static_cast<double>(trials), share = static_cast<double>(successes) / n;
  const double z = -std::sqrt(2.0) * boost::math::erfc_inv(1 + level), square = z * z;
  const double centre = (share + square / (2 * n)) / (1 + square / n);
  const double half = z / (1 + square / n) * std::sqrt(share * (1 - share) / n + square / (4 * n * n));
  return {share, successes == 0 ? 0 : std::max(0.0, centre - half), successes == trials ? 1 : std::min(1.0, centre + half),
          level};
}

std::vector<Bounds> dirichlet_intervals(std::span<const std::uint64_t> counts, double level, bool simultaneous) {
  RETWIN_CHECK(level > 0 && level < 1);
  const std::uint64_t total = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  const double n = static_cast<double>(total), kinds = static_cast<double>(counts.size());
  const double outside = (1 - level) / (simultaneous ? kinds : 1) / 2;
  std::vector<Bounds> out;
  std::map<std::uint64_t, Bounds> known;  // many ways are often gone equally often
  for (const std::uint64_t counted : counts) {
    const double own = static_cast<double>(counted), a = own + 0.5, b = n - own + (kinds - 1) / 2;
    if (counts.size() == 1) {
      out.push_back({1, 1, 1, level});
      continue;
    }
    const auto [bounds, fresh] = known.try_emplace(counted);
    if (fresh)
      bounds->second = {total > 0 ? own / n : std::numeric_limits<double>::quiet_NaN(),
                        counted == 0 ? 0 : boost::math::ibeta_inv(a, b, outside),
                        counted == total ? 1 : boost::math::ibetac_inv(a, b, outside), level};
    out.push_back(bounds->second);
  }
  return out;
}

}  // namespace retwin
