// The local phase: neighbours of the best point.
#include <algorithm>
#include <cmath>

#include "core/study/search.hpp"

namespace retwin {
namespace {

constexpr std::size_t most_for_pairs = 6;      ///< decisions that are moved two at a time
constexpr double first_stride = 1.0 / 8, least_stride = 1.0 / 512;  ///< of the range of a number

void move(const Space& space, Point& point, std::size_t k, int direction, double step) {
  const Decision& d = space.decisions[k];
  const double by = d.kind == Decision::Kind::real ? step * (d.high - d.low) : 1;
  point[k] = d.snapped(point[k] + direction * by);
}

std::vector<Point> neighbours(const Space& space, const Point& of, double step) {
  std::vector<Point> all;
  const auto add = [&](const Point& point) {
    if (point != of && space.admits(point) && std::find(all.begin(), all.end(), point) == all.end()) all.push_back(point);
  };
  for (std::size_t a = 0; a < space.size(); ++a) {
    for (const int there : {-1, 1}) {
      Point moved = of;
      move(space, moved, a, there, step);
      add(moved);
      for (std::size_t b = a + 1; b < space.size() && space.size() <= most_for_pairs; ++b) {
        for (const int too : {-1, 1}) {
          Point both = moved;
          move(space, both, b, too, step);
          add(both);
        }
      }
    }
  }
  return all;
}

}  // namespace

void search_nearby(Search& search, double share) {
  const auto ranked = search.ranked();
  if (ranked.empty()) return;
  const Space& space = search.study().space;
  const bool numbers = std::any_of(space.decisions.begin(), space.decisions.end(), [](const Decision& d) { return d.kind == Decision::Kind::real; });
  Point best = ranked.front()->point;
  const std::int64_t first = search.study().optimise.first;
  std::int64_t n = std::max(first, std::min(std::max<std::int64_t>(2 * first, 10), search.budget() / 200));
  double step = first_stride;
  while (!search.over(share)) {
    std::vector<Point> around = neighbours(space, best, step);
    around.push_back(best);
    if (!search.affords(around, n, share)) return;
    const auto seen = search.look(around, n);
    const Search::Seen* winner = seen.back();
    for (const Search::Seen* one : seen) {
      if (!one->feasible || std::isnan(one->losses.front())) continue;
      if (!winner->feasible || one->losses.front() < winner->losses.front()) winner = one;
    }
    search.note("neighbours");
    if (winner->point != best) {
      best = winner->point;
      continue;
    }
    if (numbers && step > least_stride) step /= 2;
    else if (around.size() > 1) n *= 2;
    else return;
  }
}

}  // namespace retwin
