// Duty and the walk of a bank of servers through its calendars.
#include "core/graph/duty.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <queue>

#include "core/base/constants.hpp"

namespace retwin {
namespace {
constexpr double most_steps = 1e6, close_enough = 1e-9;
constexpr double walked_before_s = 2 * week_s;  // until the servers are as far apart as they will be
}  // namespace

Duty::Duty(const Plant& plant, const Period& period, Index calendar, const std::vector<Need>& needs)
    : plant_(&plant), period_(period), calendar_(calendar), needs_(&needs) {
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
  return std::all_of(needs_->begin(), needs_->end(), [&](const Need& need) { return units(need, t) >= need.count - close_enough; });
}

double Duty::next_change(double t) const {
  double next = infinity;
  for (Index c : calendars_) next = std::min(next, plant_->calendars[c].next_change(t));
  return next;
}

double Duty::next_on(double start) const {
  double t = start;
  while (t <= period_.until_s) {
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

double Duty::share(const Period& period) const {
  if (calendars_.empty()) return on(0) ? 1 : 0;
  double sum = 0;
  for (double t = next_on(period.from_s); t < period.until_s;) {
    const double change = std::min(period.until_s, next_change(t));
    sum += change - t;
    t = next_on(change);
  }
  return sum / period.length_s();
}

bool Duty::same_crew(const Duty& other) const {
  return std::equal(needs_->begin(), needs_->end(), other.needs_->begin(), other.needs_->end(),
                    [](const Need& a, const Need& b) { return a.pools == b.pools && a.count == b.count; });
}

double Duty::crews_at(double t) const {
  double least = infinity;
  for (const Need& need : *needs_)
    if (need.count > 0) least = std::min(least, units(need, t) / need.count);
  return least;
}

double Duty::crews() const {
  if (needs_->empty()) return infinity;
  const double on_share = share();
  return on_share > 0 ? at_work(1e9) / on_share : 0;
}

double Duty::at_work(double servers) const {
  if (calendars_.empty()) return on(0) ? std::min(servers, std::floor(crews_at(0) + close_enough)) : 0;
  double sum = 0;
  for (double t = next_on(period_.from_s); t < period_.until_s;) {
    const double change = std::min(period_.until_s, next_change(t));
    sum += std::min(servers, std::floor(crews_at(t) + close_enough)) * (change - t);
    t = next_on(change);
  }
  return sum / period_.length_s();
}

Index Duty::crew_pool() const { return needs_->empty() || needs_->front().pools.empty() ? none : needs_->front().pools.front(); }

namespace {

/// What of a period is walked: whole weeks, so that the walk stays short.
Period walked_part(const std::vector<Stretch>& stretches, Index servers, const Period& period) {
  double job_s = 0;
  for (const Stretch& stretch : stretches) job_s += stretch.duration_s;
  const double longest_s = most_steps * job_s / (servers * static_cast<double>(stretches.size()));
  if (period.length_s() <= longest_s) return period;
  return {period.from_s, period.from_s + std::floor(longest_s / week_s) * week_s};
}

using Times = std::priority_queue<double, std::vector<double>, std::greater<>>;

/// By pool: when each of its crews is free.
std::map<Index, Times> crews_of(const std::vector<Stretch>& stretches, Index servers, double from) {
  std::map<Index, Times> crews;
  for (const Stretch& stretch : stretches) {
    const Index pool = stretch.duty.crew_pool();
    if (pool == none || crews.count(pool) > 0) continue;
    const double groups = std::clamp(std::floor(stretch.duty.crews() + close_enough), 1.0, static_cast<double>(servers));
    crews.emplace(pool, Times(std::greater<>(), std::vector<double>(static_cast<std::size_t>(groups), from)));
  }
  return crews;
}

}  // namespace

double bank_rate(const std::vector<Stretch>& stretches, const Duty& gate, Index servers, const Period& period) {
  const Period part = walked_part(stretches, servers, period);
  if (part.length_s() <= 0) return -1;
  const double begin = std::max(0.0, part.from_s - walked_before_s);
  std::map<Index, Times> crews = crews_of(stretches, servers, begin);
  struct Ready {
    double time;
    Index server;
    std::size_t stretch;
    bool operator>(const Ready& other) const { return time != other.time ? time > other.time : server > other.server; }
  };
  std::priority_queue<Ready, std::vector<Ready>, std::greater<>> ready;
  for (Index v = 0; v < servers; ++v) ready.push({gate.next_on(begin), v, 0});
  std::uint64_t finished = 0;
  while (ready.top().time <= part.until_s) {
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
      if (at.time > part.from_s && at.time <= part.until_s) ++finished;
      at.time = gate.next_on(at.time);
    }
    ready.push(at);
  }
  if (finished == 0) return -1;
  double correction = infinity;  // by whatever is on least in the whole, compared with the part
  const auto compare = [&](const Duty& duty) {
    if (duty.share(part) > 0) correction = std::min(correction, duty.share(period) / duty.share(part));
  };
  compare(gate);
  for (const Stretch& stretch : stretches) compare(stretch.duty);
  return static_cast<double>(finished) / part.length_s() * (part.until_s < period.until_s ? correction : 1);
}

}  // namespace retwin
