// Fronts and areas: by hand, against a count of small squares, and what may not matter.
#include "core/study/pareto.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/problem.hpp"
#include "core/base/random.hpp"

namespace retwin::pareto_test {

namespace {

constexpr Sense less = Sense::minimise, more = Sense::maximise;
using Numbers = std::vector<std::size_t>;

std::vector<std::vector<double>> random_points(std::size_t n, std::size_t m, std::uint64_t seed) {
  std::vector<std::vector<double>> points(n, std::vector<double>(m));
  for (std::size_t k = 0; k < n * m; ++k) points[k / m][k % m] = to_unit(philox(seed, k, 0));
  return points;
}

}  // namespace

TEST_CASE("the front by hand, in both senses; equal points stand together, unknown ones never") {
  const std::vector<std::vector<double>> points{{1, 5}, {2, 3}, {3, 4}, {4, 1}, {2, 3}, {4, 2}};
  CHECK(pareto_front(points, std::vector{less, less}) == Numbers{0, 1, 3, 4});
  CHECK(pareto_front(points, std::vector{more, more}) == Numbers{0, 2, 5});
  CHECK(pareto_front(points, std::vector{less, more}) == Numbers{0});
  CHECK(pareto_front(points, std::vector{more, less}) == Numbers{3});
  CHECK(pareto_front({{3}, {1}, {1}}, std::vector{less}) == Numbers{1, 2});
  CHECK(pareto_front({{0, std::nan("")}, {5, 5}, {std::nan(""), 0}}, std::vector{less, less}) == Numbers{1});
  CHECK(pareto_front({{1, std::numeric_limits<double>::infinity()}, {2, 0}}, std::vector{less, less}) == Numbers{0, 1});
  CHECK(pareto_front({}, std::vector{less}).empty());
  CHECK_THROWS_AS(pareto_front(points, std::vector{less}), CheckError);
}

TEST_CASE("nothing on a front is dominated, and all else is by something on it") {
  const std::vector<Sense> senses{less, more, less};
  const auto points = random_points(200, 3, 3);
  const Numbers front = pareto_front(points, senses);
  const auto dominates = [&](std::size_t a, std::size_t b) {
    return points[a][0] <= points[b][0] && points[a][1] >= points[b][1] && points[a][2] <= points[b][2] && a != b;
  };
  for (std::size_t k = 0; k < points.size(); ++k) {
    const bool on = std::find(front.begin(), front.end(), k) != front.end();
    CHECK(on == std::none_of(front.begin(), front.end(), [&](std::size_t a) { return dominates(a, k); }));
  }
  CHECK(front.size() < 80);
  std::vector<std::vector<double>> turned(points.rbegin(), points.rend());
  CHECK(pareto_front(turned, senses).size() == front.size());
}

TEST_CASE("the area by hand, in both senses") {
  const std::vector<std::vector<double>> points{{1, 3}, {2, 1}, {2, 2}, {5, 0}, {3, 3}};
  CHECK(hypervolume_2d(points, {less, less}, {4, 4}) == 3 * 1 + 2 * 2);
  CHECK(hypervolume_2d(points, {more, more}, {0, 0}) == 3 * 3);
  CHECK(hypervolume_2d(points, {less, more}, {4, 0}) == 9);
  CHECK(hypervolume_2d(points, {less, less}, {1, 1}) == 0);
  CHECK(hypervolume_2d({}, {less, less}, {1, 1}) == 0);
  CHECK(hypervolume_2d({{std::nan(""), 0}}, {less, less}, {1, 1}) == 0);
}

TEST_CASE("the area is the share of small squares that a point dominates; only the front counts") {
  const auto points = random_points(30, 2, 5);
  const double area = hypervolume_2d(points, {less, less}, {1, 1});
  const int cells = 1000;
  int covered = 0;
  for (int i = 0; i < cells; ++i) {
    for (int j = 0; j < cells; ++j) {
      const double x = (i + 0.5) / cells, y = (j + 0.5) / cells;
      covered += std::any_of(points.begin(), points.end(), [&](const auto& p) { return p[0] <= x && p[1] <= y; });
    }
  }
  CHECK(std::abs(area - static_cast<double>(covered) / (cells * cells)) < 2e-3);
  std::vector<std::vector<double>> front;
  for (const std::size_t k : pareto_front(points, std::vector{less, less})) front.push_back(points[k]);
  CHECK(hypervolume_2d(front, {less, less}, {1, 1}) == area);
  front.pop_back();  // control: each of the front counts
  CHECK(hypervolume_2d(front, {less, less}, {1, 1}) < area);
}

}  // namespace retwin::pareto_test
