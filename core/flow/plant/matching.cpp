// Matching needs with pools: greedily in the order of preference, then by augmenting paths.
#include "core/flow/plant/matching.hpp"

#include <algorithm>

namespace retwin {

std::size_t Matching::local(Index pool) const {
  return static_cast<std::size_t>(std::find(pools_.begin(), pools_.end(), pool) - pools_.begin());
}

bool Matching::solve(const std::vector<Need>& needs) {
  missing_.clear();
  flow_.assign(needs.size() * pools_.size(), 0);
  bool all = true;
  for (std::size_t n = 0; n < needs.size(); ++n) {
    double missing = needs[n].count;
    for (const Index pool : needs[n].pools) {
      const std::size_t p = local(pool);
      const double units = std::min(missing, free_[p]);
      if (units <= tolerance) continue;
      flow(n, p) += units;
      free_[p] -= units;
      missing -= units;
    }
    missing_.push_back(missing);
    all = all && missing <= tolerance;
  }
  if (!all && needs.size() > 1) {
    while (augment(needs)) {}
    all = std::all_of(missing_.begin(), missing_.end(), [](double missing) { return missing <= tolerance; });
  }
  given_.clear();
  for (std::size_t p = 0; p < pools_.size(); ++p) {
    double units = 0;
    for (std::size_t n = 0; n < needs.size(); ++n) units += flow(n, p);
    if (units > tolerance) given_.push_back({pools_[p], units});
  }
  return all;
}

// One shortest path from a need that misses units, over pools whose units others can leave to it, to a pool that has some left.
bool Matching::augment(const std::vector<Need>& needs) {
  constexpr std::size_t unseen = static_cast<std::size_t>(-1), start = unseen - 1;
  std::vector<std::size_t> to_need(needs.size(), unseen), to_pool(pools_.size(), unseen);  // the pool or need before it on the path
  std::vector<std::size_t> line;
  for (std::size_t n = 0; n < needs.size(); ++n)
    if (missing_[n] > tolerance) to_need[n] = start, line.push_back(n);
  std::size_t end = unseen;
  for (std::size_t k = 0; k < line.size() && end == unseen; ++k) {
    for (const Index pool : needs[line[k]].pools) {
      const std::size_t p = local(pool);
      if (to_pool[p] != unseen) continue;
      to_pool[p] = line[k];
      if (free_[p] > tolerance) {
        end = p;
        break;
      }
      for (std::size_t n = 0; n < needs.size(); ++n)
        if (to_need[n] == unseen && flow(n, p) > tolerance) to_need[n] = p, line.push_back(n);
    }
  }
  if (end == unseen) return false;
  double units = free_[end];
  for (std::size_t p = end;; p = to_need[to_pool[p]]) {
    const std::size_t n = to_pool[p];
    units = std::min(units, to_need[n] == start ? missing_[n] : flow(n, to_need[n]));
    if (to_need[n] == start) break;
  }
  free_[end] -= units;
  for (std::size_t p = end;; p = to_need[to_pool[p]]) {
    const std::size_t n = to_pool[p];
    flow(n, p) += units;
    if (to_need[n] == start) {
      missing_[n] -= units;
      break;
    }
    flow(n, to_need[n]) -= units;
  }
  return true;
}

bool can_meet(const std::vector<Need>& needs, const std::vector<double>& units) {
  Matching matching;
  return matching.meet(needs, [&](Index pool) { return units[pool]; });
}

}  // namespace retwin
