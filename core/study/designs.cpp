// Designs of experiments: points of the unit cube at which a study asks its question.
#include "core/study/designs.hpp"

#include <algorithm>
#include <boost/random/sobol.hpp>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "core/base/problem.hpp"
#include "core/base/random.hpp"

namespace retwin {
namespace {

/// A whole number below `n`, at random.
std::size_t below(std::size_t n, double uniform) {
  return std::min(n - 1, static_cast<std::size_t>(uniform * static_cast<double>(n)));
}

/// The numbers below n in random order (Durstenfeld, Communications of the ACM 7, 1964).
std::vector<std::size_t> permutation(std::size_t n, const Draws& draws) {
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t k = n; k > 1; --k) std::swap(order[k - 1], order[below(k, draws.uniform(k))]);
  return order;
}

/// Owen's scrambling of 64 binary digits: a fair coin for each of the first 32 and the digits before it; the other 32 at random, as
/// no two of 2^32 points of one dimension agree in the first 32.
std::uint64_t scrambled(std::uint64_t digits, std::uint64_t key) {
  std::uint64_t flips = 0;
  for (unsigned k = 0; k < 32; ++k) {
    const std::uint64_t before = k == 0 ? 0 : digits >> (64 - k);
    flips |= (philox(key, before, k) >> 63) << (63 - k);
  }
  return ((digits ^ flips) & 0xffffffff00000000ull) | (philox(key, digits >> 32, 32) >> 32);
}

}  // namespace

void Points::add(std::span<const double> point) {
  RETWIN_CHECK(point.size() == dimensions);
  at.insert(at.end(), point.begin(), point.end());
}

std::size_t level_of(double coordinate, std::size_t levels) {
  RETWIN_CHECK(levels > 0);
  return below(levels, std::max(0.0, coordinate));
}

double middle_of(std::size_t level, std::size_t levels) {
  RETWIN_CHECK(level < levels);
  return (static_cast<double>(level) + 0.5) / static_cast<double>(levels);
}

std::size_t factorial_size(std::span<const std::size_t> levels) {
  std::size_t size = 1;
  for (const std::size_t level : levels) {
    if (level != 0 && size > std::numeric_limits<std::size_t>::max() / level) return std::numeric_limits<std::size_t>::max();
    size *= level;
  }
  return size;
}

Points full_factorial(std::span<const std::size_t> levels) {
  const std::size_t n = factorial_size(levels);
  RETWIN_CHECK(n > 0 && n < std::numeric_limits<std::size_t>::max());
  Points points{levels.size(), std::vector<double>(n * levels.size())};
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t rest = k;
    for (std::size_t j = levels.size(); j-- > 0; rest /= levels[j]) {
      points.at[k * levels.size() + j] = middle_of(rest % levels[j], levels[j]);
    }
  }
  return points;
}

Points latin_hypercube(std::size_t n, std::size_t dimensions, std::uint64_t seed) {
  Points points{dimensions, std::vector<double>(n * dimensions)};
  const std::uint64_t order = stream_id("latin.order"), place = stream_id("latin.place");
  for (std::size_t j = 0; j < dimensions; ++j) {
    const std::vector<std::size_t> slices = permutation(n, {seed, order, j});
    const Draws places{seed, place, j};
    for (std::size_t k = 0; k < n; ++k) {
      points.at[k * dimensions + j] = (static_cast<double>(slices[k]) + places.uniform(k)) / static_cast<double>(n);
    }
  }
  return points;
}

Points sobol_points(std::size_t n, std::size_t dimensions, std::uint64_t seed) {
  RETWIN_CHECK(dimensions >= 1 && dimensions <= most_sobol_dimensions && n <= std::size_t{1} << 32);
  Points points{dimensions, std::vector<double>(n * dimensions)};
  boost::random::sobol sequence(dimensions);  // begins with point 1
  std::vector<std::uint64_t> keys(dimensions);
  for (std::size_t j = 0; j < dimensions; ++j) keys[j] = identity(seed, identity(stream_id("sobol"), j));
  for (std::size_t k = 0; k < n; ++k) {
    for (std::size_t j = 0; j < dimensions; ++j) {
      points.at[k * dimensions + j] = to_unit(scrambled(k == 0 ? 0 : sequence(), keys[j]));
    }
  }
  return points;
}

Points saltelli_points(const Points& pairs) {
  RETWIN_CHECK(pairs.dimensions % 2 == 0);
  const std::size_t d = pairs.dimensions / 2;
  Points points{d, {}};
  points.at.reserve(pairs.size() * (d + 2) * d);
  for (std::size_t k = 0; k < pairs.size(); ++k) {
    const std::span<const double> a = pairs[k].first(d), b = pairs[k].last(d);
    points.add(a);
    points.add(b);
    for (std::size_t i = 0; i < d; ++i) {
      points.add(a);
      points.at[points.at.size() - d + i] = b[i];
    }
  }
  return points;
}

Points saltelli_points(std::size_t n, std::size_t dimensions, std::uint64_t seed) {
  return saltelli_points(sobol_points(n, 2 * dimensions, seed));
}

}  // namespace retwin
