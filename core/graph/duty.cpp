// Duty and the walk of a bank of servers through its calendars.
#include "core/graph/duty.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <queue>

namespace retwin {
namespace {
constexpr double week_s = 7 * 24 * 3600.0, infinity = std::numeric_limits<double>::infinity();
constexpr double walk_from_s = 2 * week_s, walk_to_s = 8 * week_s;  // whole cycles of calendars of 1, 2, 3 and 6 weeks
constexpr double most_steps = 1e6, enough = 1e-9;

// What holidays leave of the time within the window of the walk.
double without_holidays(const Plant& plant, const std::vector<Index>& calendars) {
  double least = 1;
  for (Index c : calendars) {
    const ShiftCalendar& calendar = plant.calendars[c];
    const double usual = calendar.share() * (walk_to_s - walk_from_s);
    if (usual > 0) least = std::min(least, calendar.on_time(walk_from_s, walk_to_s) / usual);
  }
  return least;
}
}  // namespace

Duty::Duty(const Plant& plant, Index calendar, const std::vector<Need>& needs)
    : plant_(&plant), calendar_(calendar), needs_(&needs) {
  if (calendar != none) calendars_.push_back(calendar);
  for (const Need& need : needs)
    for (Index pool : need.pools)
      for (const PoolShift& shift : plant.pools[pool].shifts)
        if (shift.calendar != none) calendars_.push_back(shift.calendar);
  std::erase_if(calendars_, [&](Index c) { return plant.calendars[c].always(); });
  std::sort(calendars_.begin(), calendars_.end());
  calendars_.erase(std::unique(calendars_.begin(), calendars_.end()), calendars_.end());
}

double Duty::units(const Need& need, double t) const {
  double sum = 0;
  for (Index pool : need.pools)
    for (const PoolShift& shift : plant_->pools[pool].shifts)
      if (shift.calendar == none || plant_->calendars[shift.calendar].on(t)) sum += shift.count;
  return sum;
}

bool Duty::on(double t) const {
  if (calendar_ != none && !plant_->calendars[calendar_].on(t)) return false;
  return std::all_of(needs_->begin(), needs_->end(), [&](const Need& need) { return units(need, t) >= need.count - enough; });
}

double Duty::next_change(double t) const {
  double next = infinity;
  for (Index c : calendars_) next = std::min(next, plant_->calendars[c].next_change(t));
  return next;
}

double Duty::next_on(double start) const {
  double t = start;
  for (int guard = 0; guard < 10000 && std::isfinite(t); ++guard) {
    if (on(t)) return t;
    t = next_change(t);
  }
  return infinity;
}

double Duty::end_of(double start, double work_s) const {
  double t = next_on(start);
  while (std::isfinite(t)) {
    const double change = next_change(t);
    if (t + work_s <= change) return t + work_s;
    work_s -= change - t;
    t = next_on(change);
  }
  return infinity;
}

double Duty::on_time(double from, double to) const {
  double sum = 0;
  for (double t = next_on(from); t < to;) {
    const double change = std::min(to, next_change(t));
    sum += change - t;
    t = next_on(change);
  }
  return sum;
}

double Duty::share() const {
  if (calendars_.empty()) return on(0) ? 1 : 0;
  const double usual = without_holidays(*plant_, calendars_);
  return usual > 0 ? on_time(walk_from_s, walk_to_s) / (walk_to_s - walk_from_s) / usual : 0;
}

bool Duty::same_crew(const Duty& other) const {
  return std::equal(needs_->begin(), needs_->end(), other.needs_->begin(), other.needs_->end(),
                    [](const Need& a, const Need& b) { return a.pools == b.pools && a.count == b.count; });
}

double Duty::crews() const {
  double least = infinity;
  for (const Need& need : *needs_) {
    double unit_s = 0, time_s = 0;
    for (double t = next_on(0); t < walk_to_s;) {
      const double change = std::min(walk_to_s, next_change(t));
      unit_s += units(need, t) * (change - t);
      time_s += change - t;
      t = next_on(change);
    }
    least = std::min(least, time_s > 0 ? unit_s / time_s / need.count : 0);
  }
  return least;
}

Index Duty::crew_pool() const { return needs_->empty() || needs_->front().pools.empty() ? none : needs_->front().pools.front(); }

double bank_rate(const Plant& plant, const std::vector<Stretch>& stretches, const Duty& gate, Index servers) {
  double job_s = 0;
  std::vector<Index> calendars = gate.calendars();
  for (const Stretch& stretch : stretches) {
    job_s += stretch.duration_s;
    calendars.insert(calendars.end(), stretch.duty.calendars().begin(), stretch.duty.calendars().end());
  }
  if (servers * static_cast<double>(stretches.size()) * walk_to_s / job_s > most_steps) return -1;

  using Times = std::priority_queue<double, std::vector<double>, std::greater<>>;
  std::map<Index, Times> crews;  // by pool: when each of its crews is free
  for (const Stretch& stretch : stretches) {
    const Index pool = stretch.duty.crew_pool();
    if (pool == none || crews.count(pool) > 0) continue;
    const double groups = std::clamp(std::floor(stretch.duty.crews() + enough), 1.0, static_cast<double>(servers));
    crews.emplace(pool, Times(std::greater<>(), std::vector<double>(static_cast<std::size_t>(groups), 0.0)));
  }

  struct Ready {
    double time;
    Index server;
    std::size_t stretch;
    bool operator>(const Ready& other) const { return time != other.time ? time > other.time : server > other.server; }
  };
  std::priority_queue<Ready, std::vector<Ready>, std::greater<>> ready;
  for (Index v = 0; v < servers; ++v) ready.push({gate.next_on(0), v, 0});
  std::uint64_t finished = 0;
  while (ready.top().time <= walk_to_s) {
    Ready at = ready.top();
    ready.pop();
    const Stretch& stretch = stretches[at.stretch];
    const Index pool = stretch.duty.crew_pool();
    double start = at.time;
    if (pool != none) {
      Times& free = crews.at(pool);
      start = std::max(start, free.top());
      free.pop();
      at.time = stretch.duty.end_of(start, stretch.duration_s);
      free.push(at.time);
    } else {
      at.time = stretch.duty.end_of(start, stretch.duration_s);
    }
    if (++at.stretch == stretches.size()) {
      at.stretch = 0;
      if (at.time > walk_from_s && at.time <= walk_to_s) ++finished;
      at.time = gate.next_on(at.time);
    }
    ready.push(at);
  }
  return static_cast<double>(finished) / (walk_to_s - walk_from_s) / without_holidays(plant, calendars);
}

}  // namespace retwin
