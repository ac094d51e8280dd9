// Several goals at once: what nothing else beats in all of them, and how much of the plane that covers.
#include "core/study/pareto.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/base/problem.hpp"

namespace retwin {
namespace {

/// A value of which less is better.
double cost(double value, Sense sense) { return sense == Sense::minimise ? value : -value; }

bool is_known(const std::vector<double>& point) {
  return std::none_of(point.begin(), point.end(), [](double value) { return std::isnan(value); });
}

bool dominates(const std::vector<double>& a, const std::vector<double>& b, std::span<const Sense> senses) {
  bool better = false;
  for (std::size_t j = 0; j < senses.size(); ++j) {
    const double mine = cost(a[j], senses[j]), its = cost(b[j], senses[j]);
    if (mine > its) return false;
    better = better || mine < its;
  }
  return better;
}

}  // namespace

std::vector<std::size_t> pareto_front(const std::vector<std::vector<double>>& points, std::span<const Sense> senses) {
  std::vector<std::size_t> known_ones, front;
  for (std::size_t k = 0; k < points.size(); ++k) {
    RETWIN_CHECK(points[k].size() == senses.size());
    if (is_known(points[k])) known_ones.push_back(k);
  }
  for (const std::size_t k : known_ones) {
    const auto beats = [&](std::size_t other) { return dominates(points[other], points[k], senses); };
    if (std::none_of(known_ones.begin(), known_ones.end(), beats)) front.push_back(k);
  }
  return front;
}

double hypervolume_2d(const std::vector<std::vector<double>>& points, std::array<Sense, 2> senses,
                      std::array<double, 2> reference) {
  const double right = cost(reference[0], senses[0]), top = cost(reference[1], senses[1]);
  std::vector<std::pair<double, double>> costs;
  for (const std::vector<double>& point : points) {
    RETWIN_CHECK(point.size() == 2);
    const double x = cost(point[0], senses[0]), y = cost(point[1], senses[1]);
    if (x < right && y < top) costs.emplace_back(x, y);
  }
  std::sort(costs.begin(), costs.end());
  double area = 0, lowest = top;
  for (const auto& [x, y] : costs) {
    if (y >= lowest) continue;
    area += (right - x) * (lowest - y);
    lowest = y;
  }
  return area;
}

}  // namespace retwin
