// Shift calendars: look-up of the weekly pattern and its next change.
#include "core/flow/plant/shift.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/constants.hpp"

namespace retwin {
ShiftCalendar::ShiftCalendar(double cycle_s, std::vector<std::pair<double, double>> on, double offset_s,
                             std::vector<std::pair<double, double>> holidays)
    : cycle_s_(cycle_s), offset_s_(offset_s), holidays_(std::move(holidays)), always_(false) {
  for (const auto& interval : on) {  // adjacent intervals become one, so that every boundary is a change
    if (!on_.empty() && on_.back().second >= interval.first) {
      on_.back().second = std::max(on_.back().second, interval.second);
    } else {
      on_.push_back(interval);
    }
  }
  if (on_.size() == 1 && on_[0].first <= 0 && on_[0].second >= cycle_s_ && holidays_.empty()) always_ = true;
}

bool ShiftCalendar::pattern_on(double t) const {
  const double position = std::fmod(t + offset_s_, cycle_s_);
  auto it = std::upper_bound(on_.begin(), on_.end(), position, [](double x, const auto& i) { return x < i.first; });
  return it != on_.begin() && position < std::prev(it)->second;
}

// Boundaries are computed as cycle start + boundary, so that the same boundary is the same double however it is reached.
double ShiftCalendar::pattern_next(double t) const {
  if (on_.empty() || (on_.size() == 1 && on_[0].first <= 0 && on_[0].second >= cycle_s_)) return infinity;
  const bool joined = on_.front().first <= 0 && on_.back().second >= cycle_s_;  // on across the end of the cycle
  const double cycle = std::floor((t + offset_s_) / cycle_s_);
  for (double c = cycle; c <= cycle + 2; ++c) {
    const double base = c * cycle_s_ - offset_s_;
    for (const auto& [begin, end] : on_) {
      if (!(joined && begin <= 0) && base + begin > t) return base + begin;
      if (!(joined && end >= cycle_s_) && base + end > t) return base + end;
    }
  }
  return infinity;
}

bool ShiftCalendar::on(double t) const {
  if (always_) return true;
  for (const auto& [begin, end] : holidays_)
    if (t >= begin && t < end) return false;
  return pattern_on(t);
}

double ShiftCalendar::next_change(double t) const {
  if (always_) return infinity;
  const bool now = on(t);
  double candidate = t;
  for (int guard = 0; guard < 100000; ++guard) {
    double next = pattern_next(candidate);
    for (const auto& [begin, end] : holidays_) {
      if (begin > candidate) next = std::min(next, begin);
      if (end > candidate) next = std::min(next, end);
    }
    if (next == infinity || on(next) != now) return next;
    candidate = next;
  }
  return infinity;
}

double ShiftCalendar::share() const {
  if (always_) return 1;
  double sum = 0;
  for (const auto& [begin, end] : on_) sum += end - begin;
  return sum / cycle_s_;
}

double ShiftCalendar::on_time(double a, double b) const {
  if (always_) return b - a;
  double sum = 0;
  for (double t = a; t < b;) {
    const double next = std::min(b, next_change(t));
    if (on(t)) sum += next - t;
    t = next;
  }
  return sum;
}

}  // namespace retwin
