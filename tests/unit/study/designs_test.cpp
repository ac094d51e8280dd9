// Designs: all combinations once, slices, balance of Sobol's points, and what more points leave as it was.
#include "core/study/designs.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/base/problem.hpp"
#include "core/base/random.hpp"

namespace retwin::designs_test {

namespace {

/// Cells of equal boxes (so many slices of each dimension) with their numbers of points.
std::vector<int> counts(const Points& points, std::size_t first, const std::vector<std::size_t>& slices, std::size_t from,
                        std::size_t to) {
  std::vector<int> in(factorial_size(slices), 0);
  for (std::size_t k = from; k < to; ++k) {
    std::size_t cell = 0;
    for (std::size_t j = 0; j < slices.size(); ++j) cell = cell * slices[j] + level_of(points[k][first + j], slices[j]);
    ++in[cell];
  }
  return in;
}
bool all_equal(const std::vector<int>& in, int wanted) {
  return std::all_of(in.begin(), in.end(), [&](int n) { return n == wanted; });
}

Points random_points(std::size_t n, std::size_t d, std::uint64_t seed) {
  Points points{d, {}};
  for (std::size_t k = 0; k < n * d; ++k) points.at.push_back(to_unit(philox(seed, k, 0)));
  return points;
}

/// The mean of a product whose mean over the cube is 1.
double mean_product(const Points& points) {
  double sum = 0;
  for (std::size_t k = 0; k < points.size(); ++k) {
    double product = 1;
    for (const double x : points[k]) product *= 0.5 + x;
    sum += product;
  }
  return sum / static_cast<double>(points.size());
}

}  // namespace

TEST_CASE("a level is mapped to its middle and back, however many there are") {
  for (std::size_t levels = 1; levels <= 300; ++levels) {
    for (std::size_t level = 0; level < levels; ++level) REQUIRE(level_of(middle_of(level, levels), levels) == level);
  }
  CHECK(level_of(0, 4) == 0);
  CHECK(level_of(1, 4) == 3);
  CHECK(level_of(-0.1, 4) == 0);
  CHECK_THROWS_AS(level_of(0.5, 0), CheckError);
}

TEST_CASE("a full factorial has each combination once, the last dimension fastest") {
  const std::vector<std::size_t> levels{2, 3, 4};
  const Points points = full_factorial(levels);
  REQUIRE(points.size() == 24);
  CHECK(all_equal(counts(points, 0, levels, 0, 24), 1));
  CHECK(points[1][2] == 0.375);
  CHECK(points[1][0] == 0.25);
  CHECK(factorial_size(std::vector<std::size_t>(64, 3)) == static_cast<std::size_t>(-1));
  CHECK_THROWS_AS(full_factorial(std::vector<std::size_t>{2, 0}), CheckError);
}

TEST_CASE("a Latin hypercube has one point in each slice; random points do not") {
  const Points points = latin_hypercube(37, 5, 7);
  REQUIRE(points.size() == 37);
  const Points random = random_points(37, 5, 7);
  for (std::size_t j = 0; j < 5; ++j) {
    CHECK(all_equal(counts(points, j, {37}, 0, 37), 1));
    CHECK_FALSE(all_equal(counts(random, j, {37}, 0, 37), 1));
  }
  CHECK(points.at == latin_hypercube(37, 5, 7).at);
  CHECK(points.at != latin_hypercube(37, 5, 8).at);
  CHECK(points[0][0] != points[0][1]);  // dimensions are matched by different permutations
  CHECK(latin_hypercube(1, 2, 1).size() == 1);
}

TEST_CASE("each block of 2^m points of Sobol is balanced, in slices and in boxes of the first two dimensions") {
  for (const std::uint64_t seed : {0u, 1u, 2u}) {
    const Points points = sobol_points(1024, 6, seed);
    for (std::size_t j = 0; j < 6; ++j) {
      CHECK(all_equal(counts(points, j, {256}, 0, 256), 1));
      CHECK(all_equal(counts(points, j, {256}, 768, 1024), 1));
    }
    CHECK(all_equal(counts(points, 0, {16, 16}, 0, 256), 1));
    CHECK(all_equal(counts(points, 0, {64, 4}, 256, 512), 1));
    CHECK(all_equal(counts(points, 0, {4, 2}, 0, 8), 1));
    // control: without its point 0 the block is not balanced
    CHECK_FALSE(all_equal(counts(points, 0, {256}, 1, 257), 1));
  }
}

TEST_CASE("more points and more dimensions of Sobol change none that were there") {
  const Points few = sobol_points(37, 3, 9), many = sobol_points(100, 3, 9), wide = sobol_points(37, 8, 9);
  CHECK(std::equal(few.at.begin(), few.at.end(), many.at.begin()));
  for (std::size_t k = 0; k < few.size(); ++k) CHECK(std::equal(few[k].begin(), few[k].end(), wide[k].begin()));
  CHECK(few.at != sobol_points(37, 3, 10).at);
  const std::set<double> values(many.at.begin(), many.at.end());
  CHECK(values.size() == many.at.size());  // the last digits are random
  CHECK(*values.begin() > 0);
  CHECK(*values.rbegin() < 1);
  CHECK_THROWS_AS(sobol_points(4, 0, 1), CheckError);
  CHECK(sobol_points(2, most_sobol_dimensions, 1).size() == 2);
}

TEST_CASE("scrambled points integrate without bias, and much better than random ones") {
  double bias = 0, squares = 0, of_random = 0, first = 0;
  const int seeds = 200;
  for (int seed = 1; seed <= seeds; ++seed) {
    const double off = mean_product(sobol_points(256, 4, static_cast<std::uint64_t>(seed))) - 1;
    const double random = mean_product(random_points(256, 4, static_cast<std::uint64_t>(seed))) - 1;
    bias += off / seeds;
    squares += off * off / seeds;
    of_random += random * random / seeds;
    first += sobol_points(1, 4, static_cast<std::uint64_t>(seed)).at[3] / seeds;
  }
  CHECK(std::abs(bias) < 4 * std::sqrt(squares / seeds));
  CHECK(std::sqrt(of_random) > 15 * std::sqrt(squares));
  CHECK(std::abs(first - 0.5) < 4 * std::sqrt(1.0 / 12 / seeds));  // the first point alone is uniform
}

TEST_CASE("the groups of Saltelli: a, b, and a with one coordinate from b") {
  const std::size_t d = 3;
  const Points pairs = sobol_points(16, 2 * d, 5), points = saltelli_points(16, d, 5), fewer = saltelli_points(7, d, 5);
  REQUIRE(points.size() == 16 * (d + 2));
  CHECK(std::equal(fewer.at.begin(), fewer.at.end(), points.at.begin()));
  for (std::size_t k = 0; k < 16; ++k) {
    for (std::size_t j = 0; j < d; ++j) {
      CHECK(points[k * (d + 2)][j] == pairs[k][j]);
      CHECK(points[k * (d + 2) + 1][j] == pairs[k][d + j]);
      for (std::size_t i = 0; i < d; ++i) CHECK(points[k * (d + 2) + 2 + i][j] == pairs[k][i == j ? d + j : j]);
    }
  }
}

}  // namespace retwin::designs_test
