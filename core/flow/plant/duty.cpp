// Walks along the changes of calendars.
#include "core/flow/plant/duty.hpp"

#include <algorithm>
#include <limits>

#include "core/base/constants.hpp"
#include "core/flow/plant/matching.hpp"

namespace retwin {
namespace {

double on_duty(const Plant& plant, const Pool& pool, double t) {
  double units = 0;
  for (const PoolShift& shift : pool.shifts) units += shift.calendar == none || plant.calendars[shift.calendar].on(t) ? shift.count : 0;
  return units;
}

double next_change(const Plant& plant, const Pool& pool, double t) {
  double next = infinity;
  for (const PoolShift& shift : pool.shifts)
    if (shift.calendar != none) next = std::min(next, plant.calendars[shift.calendar].next_change(t));
  return next;
}

}  // namespace

void follow_duty(const Plant& plant, const std::vector<Need>& needs, Index calendar, double until_s,
                 const std::function<bool(double, double, const std::vector<double>&)>& visit) {
  std::vector<double> units(plant.pools.size());
  for (double t = 0, next = 0; t <= until_s; t = next) {
    next = calendar == none ? infinity : plant.calendars[calendar].next_change(t);
    for (const Need& need : needs)
      for (const Index pool : need.pools) {
        units[pool] = on_duty(plant, plant.pools[pool], t);
        next = std::min(next, next_change(plant, plant.pools[pool], t));
      }
    if (!visit(t, next, units)) return;
  }
}

double least_on_duty(const Plant& plant, const Pool& pool, double from_s, double to_s) {
  double least = on_duty(plant, pool, from_s);
  for (double t = next_change(plant, pool, from_s); t < to_s; t = next_change(plant, pool, t)) least = std::min(least, on_duty(plant, pool, t));
  return least;
}

double longest_shift(const Plant& plant, const std::vector<Need>& needs) {
  constexpr double whole_s = 60 * week_s;  // a year, and the holidays that a plant begins in
  struct Stretch {
    double since_s;
    std::vector<double> least;  ///< units by pool that have stayed
  };
  std::vector<Stretch> open;
  double longest = 0;
  follow_duty(plant, needs, none, whole_s, [&](double from, double to, const std::vector<double>& units) {
    open.push_back({from, units});
    std::erase_if(open, [&](Stretch& s) {
      for (std::size_t pool = 0; pool < units.size(); ++pool) s.least[pool] = std::min(s.least[pool], units[pool]);
      return !can_meet(needs, s.least);
    });
    for (const Stretch& s : open) longest = std::max(longest, to - s.since_s);
    while (open.size() > 1 && open[open.size() - 2].least == open.back().least) open.pop_back();  // the earlier one tells as much
    return longest < infinity;
  });
  return longest;
}

}  // namespace retwin
