// Stamps by slots of the week: alike weekdays pooled, gaps filled, edges refined.
#include "core/telemetry/hours/week_slots.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "core/base/constants.hpp"

namespace retwin {
namespace {

constexpr double slip_s = 1;  // a start so little after closing was meant to be before it

int whole(double ratio, const char* what) {
  const double n = std::round(ratio);
  if (!(ratio >= 1) || ratio > 86400 || std::abs(ratio - n) > 1e-9) throw std::invalid_argument(what);
  return static_cast<int>(n);
}

}  // namespace

double in_week(double time_s) {
  const double x = std::fmod(time_s + epoch_in_week_s, week_s);
  return x < 0 ? x + week_s : x;
}

WeekSlots::WeekSlots(const HoursOptions& options)
    : options_(options),
      per_day_(whole(day_s / options.slot_s, "slots must divide a day")),
      per_slot_(whole(options.slot_s / options.edge_s, "the resolution of edges must divide a slot")),
      fine_(static_cast<std::size_t>(days_of_week * per_day_ * per_slot_), 0.0) {}

void WeekSlots::add(double time_s, bool is_end) {
  if (!std::isfinite(time_s)) throw std::invalid_argument("a time of work is not finite");
  const double bin = std::floor((is_end ? time_s - 2 * same_instant_s : time_s) / options_.edge_s);
  (is_end || time_s - bin * options_.edge_s > slip_s ? seen_ : on_stroke_).push_back(bin);
}

// Each bin of the calendar with any stamp counts once: stamps that come in bursts are one observation.
void WeekSlots::count() {
  const auto counted = [this](std::vector<double> bins) {
    std::sort(bins.begin(), bins.end());
    bins.erase(std::unique(bins.begin(), bins.end()), bins.end());
    std::vector<double> count(fine_.size(), 0.0);
    for (double bin : bins)
      ++count[std::min(static_cast<std::size_t>(in_week((bin + 0.5) * options_.edge_s) / options_.edge_s), count.size() - 1)];
    return count;
  };
  const std::vector<double> firm = counted(seen_);
  seen_.insert(seen_.end(), on_stroke_.begin(), on_stroke_.end());
  fine_ = counted(seen_);
  const std::size_t n = fine_.size(), slot = static_cast<std::size_t>(per_slot_);
  const auto of_slot = [&](std::size_t k) {
    const auto from = firm.begin() + static_cast<std::ptrdiff_t>(k);
    return std::accumulate(from, from + per_slot_, 0.0);
  };
  for (std::size_t k = 0; k < n; k += slot)  // starts on the stroke of closing, with nothing after them
    if (of_slot(k) <= 0 && of_slot((k + n - slot) % n) > fine_[k]) fine_[k] = 0;
}

// So many stamps and fewer count as none: a small share of those of a busy slot.
double WeekSlots::rare(const std::vector<double>& count) const {
  std::vector<double> seen;
  for (double c : count)
    if (c > 0) seen.push_back(c);
  if (seen.empty()) return 0;
  const auto at = seen.begin() + static_cast<std::ptrdiff_t>(seen.size() * 3 / 4);
  std::nth_element(seen.begin(), at, seen.end());
  return options_.rare_slot * *at;
}

WeekSlots::Hull WeekSlots::hull(const Group& group) const {
  const double none = rare(group.count);
  Hull h;
  for (int j = 0; j < per_day_; ++j)
    if (group.count[static_cast<std::size_t>(j)] > none) {
      if (h.first < 0) h.first = j;
      h.last = j;
    }
  return h;
}

// Stamps that b lacks in the slots where a has some and b has none, if b were like a.
double WeekSlots::lacking(const Group& a, const Group& b) const {
  const Hull ours = hull(a), theirs = hull(b);
  double shared = 0, only = 0;
  for (int j = 0; j < per_day_; ++j)
    if (ours.has(j)) (theirs.has(j) ? shared : only) += a.count[static_cast<std::size_t>(j)];
  return only <= 0 ? 0 : b.total * only / (shared + only);
}

// Days with stamps; those without, too few to tell, are unsure. Of a weekend it takes less to believe that it is off.
std::vector<int> WeekSlots::working_days(const std::vector<std::vector<double>>& count, std::vector<int>& unsure) const {
  double total[days_of_week] = {}, most = 0, level = 0;
  for (int d = 0; d < days_of_week; ++d) {
    for (double c : count[static_cast<std::size_t>(d)]) total[d] += c;
    most = std::max(most, total[d]);
  }
  int busy = 0;
  for (double t : total)
    if (t >= most / 2) level += t, ++busy;
  level /= busy;
  std::vector<int> working;
  for (int d = 0; d < days_of_week; ++d) {
    if (total[d] > options_.rare_day * level) {
      working.push_back(d);
    } else if (level < options_.lacking / (d >= 5 ? 4 : 2)) {
      unsure.push_back(d);
    }
  }
  return working;
}

// The two groups that differ least become one, until all differ.
void WeekSlots::merge_alike(std::vector<Group>& all) const {
  while (all.size() > 1) {
    double least = options_.lacking;
    std::size_t a = 0, b = 0;
    for (std::size_t i = 0; i < all.size(); ++i)
      for (std::size_t j = i + 1; j < all.size(); ++j)
        if (const double x = std::max(lacking(all[i], all[j]), lacking(all[j], all[i])); x < least) least = x, a = i, b = j;
    if (a == b) break;
    all[a].members.insert(all[a].members.end(), all[b].members.begin(), all[b].members.end());
    for (std::size_t j = 0; j < all[a].count.size(); ++j) all[a].count[j] += all[b].count[j];
    all[a].total += all[b].total;
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(b));
  }
}

std::vector<WeekSlots::Group> WeekSlots::groups(int offset) const {
  std::vector<std::vector<double>> count(days_of_week, std::vector<double>(static_cast<std::size_t>(per_day_), 0.0));
  for (int d = 0; d < days_of_week; ++d)
    for (int f = 0; f < per_day_ * per_slot_; ++f)
      count[static_cast<std::size_t>(d)][static_cast<std::size_t>(f / per_slot_)] += fine_[fine_of(d, offset, f)];
  std::vector<int> unsure;
  std::vector<Group> all;
  for (int d : working_days(count, unsure)) {
    Group group{{d}, count[static_cast<std::size_t>(d)], 0, {}};
    for (double c : group.count) group.total += c;
    all.push_back(std::move(group));
  }
  merge_alike(all);
  if (!all.empty()) {
    auto largest = std::max_element(all.begin(), all.end(), [](const Group& x, const Group& y) { return x.total < y.total; });
    largest->members.insert(largest->members.end(), unsure.begin(), unsure.end());
  }
  for (Group& group : all) open_slots(group);
  return all;
}

// From the first slot to the last; pauses in between only where many stamps are lacking.
void WeekSlots::open_slots(Group& group) const {
  const double none = rare(group.count);
  const Hull h = hull(group);
  group.open.assign(group.count.size(), 0);
  double sum = 0, seen = 0;
  for (double c : group.count)
    if (c > none) sum += c, seen += 1;
  for (int j = h.first; j <= h.last && j >= 0;) {
    int k = j;
    while (k <= h.last && group.count[static_cast<std::size_t>(k)] <= none) ++k;
    const bool pause = (k - j) * sum / std::max(1.0, seen) >= options_.lacking;
    for (int i = j; i < k; ++i) group.open[static_cast<std::size_t>(i)] = !pause;
    if (k <= h.last) group.open[static_cast<std::size_t>(k)] = 1;
    j = k + 1;
  }
}

// Marks the open bins of a group's days; the first and the last slot of each span lose the part in which stamps clearly lack.
void WeekSlots::refine(const Group& group, int offset, std::vector<char>& bins) const {
  const int n = per_day_ * per_slot_;
  std::vector<double> fine(static_cast<std::size_t>(n), 0.0);
  std::vector<char> open(static_cast<std::size_t>(n), 0);
  for (int d : group.members)
    for (int f = 0; f < n; ++f) fine[static_cast<std::size_t>(f)] += fine_[fine_of(d, offset, f)];
  double level = 0, width = 0;
  for (int f = 0; f < n; ++f) {
    open[static_cast<std::size_t>(f)] = group.open[static_cast<std::size_t>(f / per_slot_)];
    if (open[static_cast<std::size_t>(f)]) level += fine[static_cast<std::size_t>(f)], width += 1;
  }
  level /= std::max(1.0, width);
  const auto trim = [&](int edge, int step) {  // from the edge of a slot inwards
    int empty = 0;
    while (empty < per_slot_ && fine[static_cast<std::size_t>(edge + step * empty)] <= options_.rare_slot * level) ++empty;
    double left = 0;
    for (int i = empty; i < per_slot_; ++i) left += fine[static_cast<std::size_t>(edge + step * i)];
    if (empty == per_slot_ || empty * level < 2 * options_.lacking || left < (per_slot_ - empty) * level / 2) return;
    for (int i = 0; i < empty; ++i) open[static_cast<std::size_t>(edge + step * i)] = 0;
  };
  for (int j = 1; j < per_day_; ++j) {  // not where the day begins: it goes on there
    const bool before = group.open[static_cast<std::size_t>(j - 1)], now = group.open[static_cast<std::size_t>(j)];
    if (now && !before) trim(j * per_slot_, 1);
    if (before && !now) trim(j * per_slot_ - 1, -1);
  }
  for (int d : group.members)
    for (int f = 0; f < n; ++f) bins[fine_of(d, offset, f)] = open[static_cast<std::size_t>(f)];
}

// Where a plant's day begins: at midnight if nothing is done then, else (night shifts) in the middle of the longest time without
// stamps on any day.
int WeekSlots::day_begins() const {
  std::vector<double> count(static_cast<std::size_t>(per_day_), 0.0);
  for (int f = 0; f < days_of_week * per_day_ * per_slot_; ++f)
    count[static_cast<std::size_t>(f / per_slot_ % per_day_)] += fine_[static_cast<std::size_t>(f)];
  const double none = rare(count);
  const auto empty = [&](int j) { return count[static_cast<std::size_t>(j % per_day_)] <= none; };
  if (empty(0) && empty(per_day_ - 1)) return 0;
  int longest = 1, begins = 0;
  for (int j = 0; j < per_day_; ++j) {
    int length = 0;
    while (length < per_day_ && empty(j + length)) ++length;
    if (length > longest) longest = length, begins = (j + length / 2) % per_day_;
  }
  return begins;
}

WeeklyHours WeekSlots::with_stamps() {
  count();
  const int offset = day_begins();
  std::vector<char> bins(fine_.size(), 0);
  for (const Group& group : groups(offset)) refine(group, offset, bins);
  std::vector<WeeklyHours::Span> spans;
  for (std::size_t k = 0; k < bins.size(); ++k)
    if (bins[k]) spans.push_back({static_cast<double>(k) * options_.edge_s, static_cast<double>(k + 1) * options_.edge_s});
  return spans.empty() ? WeeklyHours() : WeeklyHours(std::move(spans));
}

}  // namespace retwin
