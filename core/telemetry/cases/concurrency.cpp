// Which activities of a log are concurrent: evidence per pair of activities, then a verdict.
#include <algorithm>
#include <cmath>
#include <utility>

#include "core/telemetry/cases/case_plans.hpp"

namespace retwin {

Concurrency::Concurrency(const std::vector<std::pair<std::uint32_t, std::uint32_t>>& pairs) {
  for (const auto& [a, b] : pairs) members_.insert(members_.end(), {a, b});
  std::sort(members_.begin(), members_.end());
  members_.erase(std::unique(members_.begin(), members_.end()), members_.end());
  if (members_.empty()) return;
  number_.assign(members_.back() + std::size_t{1}, Names::absent);
  for (std::uint32_t m = 0; m < members_.size(); ++m) number_[members_[m]] = m;
  related_.assign(members_.size() * members_.size(), false);
  for (const auto& [a, b] : pairs)
    if (a != b) related_[number_[a] * members_.size() + number_[b]] = related_[number_[b] * members_.size() + number_[a]] = true;
}

bool Concurrency::operator()(std::uint32_t a, std::uint32_t b) const {
  if (a >= number_.size() || b >= number_.size() || number_[a] == Names::absent || number_[b] == Names::absent) return false;
  return related_[number_[a] * members_.size() + number_[b]];
}

std::vector<std::pair<std::uint32_t, std::uint32_t>> Concurrency::pairs() const {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> result;
  for (std::size_t i = 0; i < members_.size(); ++i)
    for (std::size_t j = i + 1; j < members_.size(); ++j)
      if (related_[i * members_.size() + j]) result.emplace_back(members_[i], members_[j]);
  return result;
}

namespace {

/// What the cases show of two activities, a < b.
struct Evidence {
  std::uint32_t both = 0;               ///< cases with both; of these:
  std::uint32_t apart[2] = {0, 0};      ///< a, b comes first, without an overlap
  std::uint32_t overlap[2] = {0, 0};    ///< the first a, b began first, with an overlap somewhere
  std::uint32_t at_once = 0;            ///< the first of both began at once, with an overlap somewhere
  std::uint32_t once_each = 0;          ///< overlaps in cases with one a and one b
  std::uint32_t touches[2] = {0, 0};    ///< a, b began first, with however slight an overlap
  std::uint32_t odd_words = 0;          ///< a b a, a b a b a, ...
  std::uint32_t doubles = 0;            ///< a a or b b somewhere
  std::uint64_t changes = 0;            ///< a b and b a in a row (with others between)
  std::uint64_t repeats = 0;            ///< a a and b b in a row
  std::uint64_t own_repeats = 0;        ///< a again, b again
  std::uint32_t relays[2] = {0, 0};     ///< a b, b a in a row on different resources, one after the other; of these:
  std::uint32_t handovers[2] = {0, 0};  ///< the second begins as the first ends
  std::uint32_t overlaps() const { return overlap[0] + overlap[1] + at_once; }
  std::uint32_t rarer() const { return std::min(apart[0] + overlap[0], apart[1] + overlap[1]) + at_once; }
};

/// Evidence of all pairs of the activities that can count.
class PairEvidence {
 public:
  PairEvidence(const EventLog& log, const ConcurrencyOptions& options) : log_(log), options_(options) {
    const std::vector<std::vector<std::uint32_t>> lots = log.by_lot();
    choose(lots);
    pairs_.resize(activities_.size() * (activities_.size() + 1) / 2);
    own_repeats_.resize(activities_.size());
    for (const std::vector<std::uint32_t>& events : lots) add(events);
  }
  const std::vector<std::uint32_t>& activities() const { return activities_; }
  const Evidence& operator()(std::size_t a, std::size_t b) const { return pairs_[place(a, b)]; }
  /// Repetitions in all cases, also those with only one of the two.
  std::uint64_t repeats(std::size_t a, std::size_t b) const {
    const Evidence& e = (*this)(a, b);
    return e.repeats + own_repeats_[a] + own_repeats_[b] - e.own_repeats;
  }

 private:
  /// An activity within the present case.
  struct Trail {
    std::uint32_t activity = 0, first = 0, last = 0, count = 0;  ///< positions in the case
    std::uint32_t longest = 0;                                   ///< position of the one with the latest end so far
    double first_s = 0;                                          ///< start of the first
  };
  /// Two activities within the present case: [x * n + y] for x followed by y.
  struct Meeting {
    std::uint32_t changes = 0, relays = 0, handovers = 0;
    bool overlap = false, touch = false;  ///< x began first; a touch may be slight
  };

  std::size_t place(std::size_t a, std::size_t b) const { return std::max(a, b) * (std::max(a, b) + 1) / 2 + std::min(a, b); }

  void choose(const std::vector<std::vector<std::uint32_t>>& lots) {
    std::vector<std::uint32_t> cases(log_.activities.size()), seen(log_.activities.size(), Names::absent);
    for (std::uint32_t lot = 0; lot < lots.size(); ++lot)
      for (const std::uint32_t e : lots[lot])
        if (std::exchange(seen[log_.events[e].activity], lot) != lot) ++cases[log_.events[e].activity];
    for (std::uint32_t a = 0; a < cases.size(); ++a)
      if (cases[a] >= std::max(options_.min_cases, 1u)) activities_.push_back(a);
    if (activities_.size() > options_.most_activities) {
      std::stable_sort(activities_.begin(), activities_.end(), [&](auto a, auto b) { return cases[a] > cases[b]; });
      activities_.resize(options_.most_activities);
      std::sort(activities_.begin(), activities_.end());
    }
    number_.assign(cases.size(), Names::absent);
    for (std::uint32_t n = 0; n < activities_.size(); ++n) number_[activities_[n]] = n;
    own_.assign(activities_.size(), Names::absent);
  }

  /// Walks through a case; every event meets the last of each other activity.
  void add(const std::vector<std::uint32_t>& events) {
    trails_.clear();
    for (const std::uint32_t e : events) {
      const std::uint32_t a = number_[log_.events[e].activity];
      if (a == Names::absent || own_[a] != Names::absent) continue;
      own_[a] = static_cast<std::uint32_t>(trails_.size());
      trails_.push_back({a});
    }
    meetings_.assign(trails_.size() * trails_.size(), {});
    for (std::uint32_t at = 0; at < events.size(); ++at) {
      const std::uint32_t a = number_[log_.events[events[at]].activity];
      if (a == Names::absent) continue;
      Trail& own = trails_[own_[a]];
      for (std::uint32_t x = 0; x < trails_.size(); ++x)
        if (x != own_[a] && trails_[x].count > 0)
          meet(events, trails_[x], own, at, meetings_[x * trails_.size() + own_[a]]);
      if (own.count == 0) own.first = at, own.first_s = log_.events[events[at]].start_s;
      if (own.count == 0 || log_.events[events[at]].end_s > log_.events[events[own.longest]].end_s) own.longest = at;
      own.last = at;
      ++own.count;
    }
    for (std::uint32_t x = 0; x < trails_.size(); ++x) {
      own_repeats_[trails_[x].activity] += trails_[x].count - 1;
      for (std::uint32_t y = 0; y < trails_.size(); ++y)
        if (trails_[x].activity < trails_[y].activity)
          count(trails_[x], trails_[y], meetings_[x * trails_.size() + y], meetings_[y * trails_.size() + x]);
    }
    for (const Trail& trail : trails_) own_[trail.activity] = Names::absent;
  }

  /// y does not begin before x.
  bool overlap(const LogEvent& x, const LogEvent& y) const {
    const double together_s = std::min(x.end_s, y.end_s) - y.start_s;
    const double shorter_s = std::min(x.end_s - x.start_s, y.end_s - y.start_s);
    return x.end_s > y.start_s && x.start_s < y.end_s && together_s >= options_.overlap_part * shorter_s;
  }

  void meet(const std::vector<std::uint32_t>& events, const Trail& x, const Trail& y, std::uint32_t at, Meeting& xy) const {
    const LogEvent &now = log_.events[events[at]], &longest = log_.events[events[x.longest]];
    xy.touch = xy.touch || longest.end_s > now.start_s + options_.instant_s;
    xy.overlap = xy.overlap || overlap(longest, now);
    if (y.count > 0 && y.last > x.last) return;  // y y in a row
    ++xy.changes;
    const LogEvent& before = log_.events[events[x.last]];
    if (before.resource == Names::absent || now.resource == Names::absent || before.resource == now.resource) return;
    if (before.end_s > now.start_s + options_.instant_s || before.end_s - before.start_s <= options_.instant_s) return;
    ++xy.relays;
    if (now.start_s - before.end_s <= options_.instant_s) ++xy.handovers;
  }

  void count(const Trail& x, const Trail& y, const Meeting& xy, const Meeting& yx) {
    Evidence& e = pairs_[place(x.activity, y.activity)];
    ++e.both;
    const std::uint32_t letters = x.count + y.count, changes = xy.changes + yx.changes;
    if (xy.overlap || yx.overlap) {
      if (std::abs(x.first_s - y.first_s) <= options_.instant_s) ++e.at_once;
      else ++e.overlap[y.first_s < x.first_s];
      e.once_each += letters == 2;
    } else if ((x.first < y.first) == (x.last < y.last)) ++e.apart[y.first < x.first];
    e.touches[0] += xy.touch, e.touches[1] += yx.touch;
    if (changes + 1 < letters) ++e.doubles;
    else if (letters % 2 == 1) ++e.odd_words;
    e.changes += changes;
    e.repeats += letters - 1 - changes;
    e.own_repeats += letters - 2;
    e.relays[0] += xy.relays, e.relays[1] += yx.relays;
    e.handovers[0] += xy.handovers, e.handovers[1] += yx.handovers;
  }

  const EventLog& log_;
  const ConcurrencyOptions& options_;
  std::vector<std::uint32_t> activities_, number_;  ///< those that can count; the number of each among them
  std::vector<Evidence> pairs_;
  std::vector<std::uint64_t> own_repeats_;
  std::vector<std::uint32_t> own_;  ///< number of an activity within the present case
  std::vector<Trail> trails_;
  std::vector<Meeting> meetings_;
};

class Verdicts {
 public:
  Verdicts(const PairEvidence& evidence, const ConcurrencyOptions& options, bool prompt)
      : evidence_(evidence), options_(options), prompt_(prompt), n_(evidence.activities().size()), related_(n_ * n_, false) {
    for (std::size_t b = 0; b < n_; ++b)
      for (std::size_t a = 0; a < b; ++a)
        if (either_order(a, b) || held_up(a, b)) relate(a, b);
    while (follow_branches()) {
    }
  }
  Concurrency result() const {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
    for (std::size_t b = 0; b < n_; ++b)
      for (std::size_t a = 0; a < b; ++a)
        if (related_[a * n_ + b]) pairs.emplace_back(evidence_.activities()[a], evidence_.activities()[b]);
    return Concurrency(pairs);
  }

 private:
  void relate(std::size_t a, std::size_t b) { related_[a * n_ + b] = related_[b * n_ + a] = true; }

  bool enough(std::uint32_t cases, double noise, const Evidence& e) const {
    return cases >= options_.min_cases && cases >= noise * e.both;
  }
  bool repetitive(std::size_t a, std::size_t b) const {
    return static_cast<double>(evidence_.repeats(a, b)) >= options_.repeats * static_cast<double>(evidence_(a, b).changes);
  }
  bool overlapping(std::uint32_t cases, std::size_t a, std::size_t b) const {
    const Evidence& e = evidence_(a, b);
    return enough(cases, options_.overlap_noise, e) && (cases >= options_.lasting * e.both || !repetitive(a, b));
  }

  bool either_order(std::size_t a, std::size_t b) const {
    const Evidence& e = evidence_(a, b);
    if (overlapping(std::min(e.overlap[0], e.overlap[1]) + e.at_once, a, b)) return true;
    if (repetitive(a, b)) return false;
    if (enough(e.once_each, options_.order_noise, e)) return true;
    if (!enough(e.rarer(), options_.order_noise, e)) return false;
    if (enough(e.odd_words, options_.order_noise, e) && !enough(e.doubles, options_.order_noise, e)) return false;
    const auto hands_over = [&](int way) {
      return e.relays[way] >= options_.min_cases && e.handovers[way] >= options_.handovers * e.relays[way];
    };
    return !(hands_over(0) && hands_over(1));
  }

  /// Overlaps that are rare because one of the two is held up by a queue: where work begins as soon as it can, what waits for the
  /// other would never overlap it, and would begin as that ends whenever there is no queue.
  bool held_up(std::size_t a, std::size_t b) const {
    const Evidence& e = evidence_(a, b);
    if (!prompt_ || repetitive(a, b)) return false;
    const int usual = e.apart[1] > e.apart[0];
    return e.overlaps() >= options_.min_cases && e.relays[usual] >= 20 && 2 * e.handovers[usual] <= e.overlaps();
  }

  /// True if c mostly comes before y.
  bool precedes(std::size_t c, std::size_t y) const {
    const Evidence& e = evidence_(c, y);
    return !related_[c * n_ + y] && e.both > 0 && 2 * e.apart[y < c] > e.both;
  }

  /// An overlap in one order, x first, that the order within branches explains.
  bool follow_branches() {
    bool found = false;
    for (std::size_t b = 0; b < n_; ++b)
      for (std::size_t a = 0; a < b; ++a) {
        const Evidence& e = evidence_(a, b);
        const bool second = e.touches[1] > e.touches[0];
        if (related_[a * n_ + b] || enough(e.rarer(), options_.order_noise, e) || !overlapping(e.touches[second], a, b)) continue;
        const bool sufficient = overlapping(e.overlaps(), a, b);
        if (!(second ? in_branch(b, a, sufficient) : in_branch(a, b, sufficient))) continue;
        relate(a, b);
        found = true;
      }
    return found;
  }

  /// True if y follows some c that is concurrent with x; if that is not `sufficient`, x must precede some d beside both.
  bool in_branch(std::size_t x, std::size_t y, bool sufficient) const {
    for (std::size_t c = 0; c < n_; ++c) {
      if (!related_[c * n_ + x] || c == y || !precedes(c, y)) continue;
      if (sufficient) return true;
      for (std::size_t d = 0; d < n_; ++d)
        if (related_[d * n_ + c] && related_[d * n_ + y] && d != x && precedes(x, d)) return true;
    }
    return false;
  }

  const PairEvidence& evidence_;
  const ConcurrencyOptions& options_;
  bool prompt_;
  std::size_t n_;
  std::vector<bool> related_;
};

/// Whether much work begins at the very instant at which other work on its lot ends.
bool prompt(const EventLog& log, double instant_s) {
  constexpr double much = 0.2;
  std::size_t later = 0, at_once = 0;
  for (const std::vector<std::uint32_t>& events : log.by_lot()) {
    std::vector<double> ends;
    for (const std::uint32_t k : events) ends.push_back(log.events[k].end_s);
    std::sort(ends.begin(), ends.end());
    for (std::size_t k = 1; k < events.size(); ++k) {
      const double start = log.events[events[k]].start_s;
      const auto near = std::lower_bound(ends.begin(), ends.end(), start - instant_s);
      ++later;
      at_once += near != ends.end() && *near <= start + instant_s;
    }
  }
  return static_cast<double>(at_once) > much * static_cast<double>(later);
}

}  // namespace

Concurrency discover_concurrency(const EventLog& log, const ConcurrencyOptions& options) {
  return Verdicts(PairEvidence(log, options), options, prompt(log, options.instant_s)).result();
}

}  // namespace retwin
