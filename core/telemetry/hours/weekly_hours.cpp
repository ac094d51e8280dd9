// Opening hours that repeat every week: open time between two times by prefix sums, and the text that scenario files write.
#include "core/telemetry/hours/weekly_hours.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>

#include "core/base/constants.hpp"

namespace retwin {
namespace {

struct Moment {
  double week_s, position_s;  // start of the week, and time since then
};

Moment moment(double time_s) {
  const double start = std::floor((time_s + epoch_in_week_s) / week_s) * week_s - epoch_in_week_s;
  return {start, time_s - start};
}

}  // namespace

WeeklyHours::WeeklyHours() : WeeklyHours(std::vector<Span>{{0, week_s}}) {}

WeeklyHours::WeeklyHours(std::vector<Span> spans) {
  if (spans.empty()) throw std::invalid_argument("weekly hours need at least one span");
  for (const Span& span : spans)
    if (!(span.from_s >= 0 && span.from_s < span.to_s && span.to_s <= week_s))
      throw std::invalid_argument(fmt::format("a span from {} to {} s does not lie within a week", span.from_s, span.to_s));
  std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.from_s < b.from_s; });
  for (const Span& span : spans) {
    if (!spans_.empty() && span.from_s <= spans_.back().to_s) {
      spans_.back().to_s = std::max(spans_.back().to_s, span.to_s);
    } else {
      spans_.push_back(span);
    }
  }
  open_s_.push_back(0);
  for (const Span& span : spans_) open_s_.push_back(open_s_.back() + span.to_s - span.from_s);
}

bool WeeklyHours::always_open() const { return spans_.size() == 1 && spans_[0] == Span{0, week_s}; }

bool WeeklyHours::open_at(double time_s) const { return next_open(time_s) <= time_s; }

double WeeklyHours::open_before(double position_s) const {
  const auto after =
      std::upper_bound(spans_.begin(), spans_.end(), position_s, [](double x, const Span& s) { return x < s.from_s; });
  if (after == spans_.begin()) return 0;
  const auto i = static_cast<std::size_t>(after - spans_.begin()) - 1;
  return open_s_[i] + std::min(position_s, spans_[i].to_s) - spans_[i].from_s;
}

double WeeklyHours::open_between(double from_s, double to_s) const {
  if (!(to_s > from_s)) return 0;
  if (always_open()) return to_s - from_s;
  const Moment from = moment(from_s), to = moment(to_s);
  const double weeks = std::round((to.week_s - from.week_s) / week_s);
  return std::max(0.0, weeks * open_per_week_s() + open_before(to.position_s) - open_before(from.position_s));
}

double WeeklyHours::next_open(double time_s) const {
  const Moment now = moment(time_s);
  const auto it =
      std::upper_bound(spans_.begin(), spans_.end(), now.position_s, [](double x, const Span& s) { return x < s.to_s; });
  if (it == spans_.end()) return now.week_s + week_s + spans_.front().from_s;
  return now.position_s >= it->from_s ? time_s : now.week_s + it->from_s;
}

double WeeklyHours::next_close(double time_s) const {
  if (always_open()) return std::numeric_limits<double>::infinity();
  const Moment now = moment(time_s);
  const bool joined = spans_.front().from_s <= 0 && spans_.back().to_s >= week_s;  // open over the end of the week
  for (double week = now.week_s;; week += week_s)
    for (const Span& span : spans_)
      if (week + span.to_s > time_s && !(joined && span.to_s >= week_s)) return week + span.to_s;
}

double WeeklyHours::after(double time_s, double net_s) const {
  const double opening = next_open(time_s);
  if (!(net_s > 0)) return opening;
  if (always_open()) return time_s + net_s;
  const Moment now = moment(opening);
  const double target = open_before(now.position_s) + net_s;
  double weeks = std::floor(target / open_per_week_s());
  double rest = target - weeks * open_per_week_s();
  if (rest <= same_instant_s && weeks > 0) {  // the end of a week's open time, not the start of the next one's
    --weeks;
    rest += open_per_week_s();
  }
  const auto end = std::lower_bound(open_s_.begin() + 1, open_s_.end() - 1, rest - same_instant_s);
  const auto i = static_cast<std::size_t>(end - open_s_.begin()) - 1;
  const double position = std::min(spans_[i].to_s, spans_[i].from_s + (rest - open_s_[i]));
  return std::max(opening, now.week_s + weeks * week_s + position);
}

namespace {

constexpr const char* day_names[7] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

std::string clock(int minutes) { return fmt::format("{:02}:{:02}", minutes / 60, minutes % 60); }

// Days with the same times, as runs that may go over Sunday: {"Sun-Thu", ...}.
std::vector<std::pair<int, std::string>> runs(const bool (&on)[7]) {
  int first = 0;  // a day after one that is not in the group
  while (first < 7 && on[(first + 6) % 7]) ++first;
  if (first == 7) return {{0, "Mon-Sun"}};
  std::vector<std::pair<int, std::string>> out;
  for (int k = 0; k < 7;) {
    const int d = (first + k) % 7;
    if (!on[d]) {
      ++k;
      continue;
    }
    int length = 1;
    while (on[(d + length) % 7]) ++length;
    out.emplace_back(d, length == 1 ? day_names[d] : fmt::format("{}-{}", day_names[d], day_names[(d + length - 1) % 7]));
    k += length;
  }
  return out;
}

}  // namespace

std::vector<std::string> WeeklyHours::weekly_text() const {
  constexpr int day = 24 * 60, week = 7 * day;
  if (always_open()) return {"always"};
  std::vector<std::pair<int, int>> spans;  // in minutes; the one over the end of the week in one piece
  for (const Span& span : spans_) {
    const auto from = static_cast<int>(std::lround(span.from_s / 60)), to = static_cast<int>(std::lround(span.to_s / 60));
    if (from < to) spans.emplace_back(from, to);
  }
  if (spans.size() > 1 && spans.front().first == 0 && spans.back().second == week) {
    spans.back().second += spans.front().second;
    spans.erase(spans.begin());
  }
  struct Days {
    bool on[7] = {};
  };
  std::map<std::string, Days> groups;  // times of a day -> its days
  std::vector<std::pair<int, std::string>> lines;
  for (const auto& [from, to] : spans) {
    if (to - from >= day && from % day == 0 && to % day == 0) {
      for (int d = from / day; d < to / day; ++d) groups["00:00-24:00"].on[d % 7] = true;
    } else if (to - from >= day) {
      lines.emplace_back(
          from, fmt::format("{} {} - {} {}", day_names[from / day], clock(from % day), day_names[to / day % 7], clock(to % day)));
    } else {
      const int end = (to - 1) % day + 1;  // 24:00 rather than 00:00
      groups[clock(from % day) + "-" + clock(end)].on[from / day] = true;
    }
  }
  for (const auto& [times, days] : groups)
    for (const auto& [first, names] : runs(days.on)) lines.emplace_back(first * day, names + " " + times);
  std::sort(lines.begin(), lines.end());
  std::vector<std::string> out;
  for (auto& [at, line] : lines) out.push_back(std::move(line));
  return out;
}

}  // namespace retwin
