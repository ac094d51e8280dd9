// One balance of a pool's units per group of stations with the same hours.
#include "core/graph/crew_limits.hpp"

#include <algorithm>
#include <limits>
#include <map>

namespace retwin {
namespace {

/// Time shares and units of a pool, on average over a period.
class Hours {
 public:
  Hours(const Plant& plant, const Period& period, Index pool) : plant_(plant), period_(period), pool_(plant.pools[pool]) {}

  struct Overlap {
    double time = 0, units = 0;  ///< share of the period; unit-time within it
  };
  /// While both calendars are on (none: always) and somebody of the pool is on duty.
  Overlap of(Index a, Index b) const {
    Overlap sum;
    for (double t = period_.from_s; t < period_.until_s;) {
      double change = period_.until_s;
      const auto on = [&](Index calendar) {
        if (calendar == none) return true;
        change = std::min(change, plant_.calendars[calendar].next_change(t));
        return plant_.calendars[calendar].on(t);
      };
      double units = 0;
      const bool both = (on(a) ? 1 : 0) + (on(b) ? 1 : 0) == 2;
      for (const PoolShift& shift : pool_.shifts) units += on(shift.calendar) ? shift.count : 0;
      if (both && units > 0) {
        sum.time += change - t;
        sum.units += units * (change - t);
      }
      t = change;
    }
    return {sum.time / period_.length_s(), sum.units / period_.length_s()};
  }

 private:
  const Plant& plant_;
  const Period& period_;
  const Pool& pool_;
};

/// Whether lots of one station also come to the other.
class Ways {
 public:
  explicit Ways(const ProcessGraph& graph) : graph_(graph) {}
  bool joined(Index a, Index b) { return from(a)[b] || from(b)[a]; }

 private:
  const std::vector<bool>& from(Index station) {
    std::vector<bool>& reached = reached_[station];
    if (reached.empty()) reached = reached_from(graph_, {station});
    return reached;
  }
  const ProcessGraph& graph_;
  std::map<Index, std::vector<bool>> reached_;
};

double scale(double units, double fixed, double growing) {
  return growing > 0 ? std::max(0.0, units - fixed) / growing : std::numeric_limits<double>::infinity();
}

}  // namespace

double crew_scale(const Plant& plant, const ProcessGraph& graph, const Period& period, Index pool, const std::vector<CrewWork>& work,
                  double base) {
  const Hours hours(plant, period, pool);
  std::map<std::pair<Index, Index>, Hours::Overlap> known;
  const auto overlap = [&](Index a, Index b) -> const Hours::Overlap& {
    const auto [at, fresh] = known.try_emplace({std::min(a, b), std::max(a, b)});
    if (fresh) at->second = hours.of(a, b);
    return at->second;
  };
  Ways ways(graph);
  double least = std::numeric_limits<double>::infinity();
  for (const CrewWork& here : work) {
    const Index mine = plant.stations[here.station].calendar;
    const double my_time = overlap(mine, mine).time;
    double growing = 0, fixed = 0;
    for (const CrewWork& other : work) {
      const Index its = plant.stations[other.station].calendar;
      const double its_time = overlap(its, its).time, common = overlap(mine, its).time;
      double share = its_time > 0 ? common / its_time : 0;
      if (common > my_time * (1 - 1e-9) && (its == mine || ways.joined(here.station, other.station))) share = 1;
      growing += share * other.growing;
      fixed += share * other.fixed;
    }
    least = std::min(least, scale(overlap(mine, mine).units - base * my_time, fixed, growing));
  }
  return least;
}

}  // namespace retwin
