// A sweep over each pool in order of starts: who was free, what had been asked for.
#include "core/telemetry/hours/coverage.hpp"
#include "core/telemetry/work/waiting.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <queue>
#include <span>
#include <utility>

#include "core/base/constants.hpp"
#include "core/telemetry/hours/arrival_hours.hpp"
#include "core/telemetry/work/delays.hpp"

namespace retwin {
namespace {

constexpr double stroke_s = 1;      // open for less is closed

/// Shifts begin within this of their hour: a hundredth of the usual duration, between a millisecond and a second.
double tick_of(const EventLog& log) {
  std::vector<double> durations;
  for (const LogEvent& event : log.events)
    if (event.end_s > event.start_s) durations.push_back(event.end_s - event.start_s);
  if (durations.empty()) return 1e-3;
  const auto middle = durations.begin() + static_cast<std::ptrdiff_t>(durations.size() / 2);
  std::nth_element(durations.begin(), middle, durations.end());
  return std::clamp(0.01 * *middle, 1e-3, 1.0);
}

/// What the steps of all cases wait for.
void follow_plans(const EventLog& log, const std::vector<CasePlan>& plans, Waiting& waiting) {
  for (const CasePlan& plan : plans)
    for (const CasePlan::Step& step : plan.steps) {
      OperationTimes& times = waiting.operations[step.event];
      times.first = step.after.empty();
      times.enabled_s = times.first ? nan : -infinity;
      for (const std::uint32_t k : step.after) {
        const std::uint32_t before = plan.steps[k].event;
        if (log.events[before].end_s < times.enabled_s) continue;
        times.enabled_s = log.events[before].end_s;
        times.before = before;
      }
    }
}

/// The events of a pool, in order of starts.
std::vector<std::vector<std::uint32_t>> by_pool(const EventLog& log, std::size_t pools, const PoolOfWork& of_work) {
  std::vector<std::vector<std::uint32_t>> events(pools);
  for (std::uint32_t k = 0; k < log.events.size(); ++k)
    if (const std::uint32_t pool = of_work(log.events[k]); pool != Names::absent) events[pool].push_back(k);
  for (std::vector<std::uint32_t>& of : events)
    std::stable_sort(of.begin(), of.end(), [&](auto a, auto b) { return log.events[a].start_s < log.events[b].start_s; });
  return events;
}

/// The end of the last time within hours in [from, to], or nothing.
double last_open(const WeeklyHours& hours, double from_s, double to_s) {
  if (hours.always_open()) return to_s;
  const double from = std::max(from_s, to_s - 14 * 86400.0);
  const double open = hours.open_between(from, to_s);
  return open > 0 ? hours.after(from, open * (1 - 1e-12)) : -infinity;
}

/// When a unit of a pool was idle within hours, the latest times of it.
class IdleTimes {
 public:
  explicit IdleTimes(const WorkPool& pool) : pool_(pool) {}
  void add(double from_s, double to_s) {
    if (!(to_s >= from_s)) return;
    if (!times_.empty() && times_.back().first == from_s) times_.back().second = to_s;
    else times_.emplace_back(from_s, to_s);
  }
  /// The last of it at which work that began then would have been begun, had it waited: as long as it could have been ended before
  /// closing, where that counts.
  double last(double start_s, double service_s) const {
    constexpr std::size_t most = 50;  // looked at
    for (std::size_t k = times_.size(); k-- > 0 && times_.size() - k <= most;) {
      const auto [from, to] = times_[k];
      const double closes = pool_.fits ? pool_.hours.next_close(to - stroke_s) : infinity;
      const double until = closes <= start_s ? std::min(to, closes - service_s) : to;
      if (until >= from) return until;
    }
    return -infinity;
  }

 private:
  const WorkPool& pool_;
  std::vector<std::pair<double, double>> times_;  ///< ascending [s]
};

/// Whether each event began with a unit free and within hours, so that nothing of the pool's had held it up;
/// and until when, before each event, a unit had last been idle within hours: nobody was waiting then.
void sweep(const EventLog& log, const std::vector<std::uint32_t>& events, const WorkPool& pool, double tick_s,
           double known_until_s, Waiting& waiting, std::vector<double>& idle_until) {
  IdleTimes idle_times(pool);
  double free_since = -infinity, usual_s = 0;  // one bound for all who come before a closing time: they are judged together
  for (const std::uint32_t k : events) usual_s += pool.hours.open_between(log.events[k].start_s, log.events[k].end_s) / static_cast<double>(events.size());
  std::priority_queue<double, std::vector<double>, std::greater<>> ends;
  for (const std::uint32_t k : events) {
    const LogEvent& event = log.events[k];
    OperationTimes& times = waiting.operations[k];
    times.service_s = pool.suspends ? pool.hours.open_between(event.start_s, event.end_s) : event.end_s - event.start_s;
    while (!ends.empty() && ends.top() < event.start_s - stamp_instant_s) {
      if (static_cast<double>(ends.size()) >= pool.units) free_since = ends.top();
      ends.pop();
    }
    const bool free =
        static_cast<double>(ends.size()) < pool.units;  // just before the start: ends of this very instant still count
    const bool open = pool.hours.always_open() || pool.hours.open_at(event.start_s - tick_s);
    if (free) idle_times.add(free_since, last_open(pool.hours, free_since, event.start_s));
    const double idle = idle_times.last(event.start_s, times.first ? usual_s : times.service_s);
    idle_until.push_back(idle);
    const bool at_once = event.start_s - times.enabled_s <= stamp_instant_s;
    const bool known = event.start_s < known_until_s || !pool.finite();  // what is never short of units needs none seen idle
    times.seen = known && (at_once || (free && open));
    if (known && !times.first) times.least_delay_s = std::max(0.0, std::min(idle, event.start_s) - times.enabled_s);
    ends.push(event.end_s);
  }
}

/// Operations by what they are and what came before them, without the first ones of cases: kind after kind, each in their order.
class Kinds {
 public:
  Kinds(const EventLog& log, const std::vector<std::uint32_t>& events, const Waiting& waiting) {
    std::vector<std::pair<std::uint64_t, std::uint32_t>> all;  // activities before and now, operation
    for (const std::uint32_t k : events)
      if (const OperationTimes& times = waiting.operations[k]; !times.first && times.before != Names::absent)
        all.emplace_back(std::uint64_t{log.events[times.before].activity} << 32 | log.events[k].activity, k);
    std::sort(all.begin(), all.end());
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (i == 0 || all[i].first != all[i - 1].first) begin_.push_back(i);
      events_.push_back(all[i].second);
    }
    begin_.push_back(events_.size());
  }
  std::size_t size() const { return begin_.size() - 1; }
  std::span<const std::uint32_t> operator[](std::size_t kind) const {
    return std::span(events_).subspan(begin_[kind], begin_[kind + 1] - begin_[kind]);
  }

 private:
  std::vector<std::uint32_t> events_;
  std::vector<std::size_t> begin_;
};

/// First come, first served: what begins later was asked for later, and was asked for no earlier than it was enabled.
void follow_order(const EventLog& log, const std::vector<std::uint32_t>& events, double known_until_s, Waiting& waiting) {
  double asked = -infinity, asked_now = -infinity, now = -infinity;
  for (const std::uint32_t k : events) {
    OperationTimes& times = waiting.operations[k];
    const double start = log.events[k].start_s;
    if (start > now + stamp_instant_s) asked = asked_now, now = start;  // at one instant the order is not known
    if (start >= known_until_s) return;
    if (!times.first) times.least_delay_s = std::max(times.least_delay_s, asked - times.enabled_s);
    if (!times.first || times.seen) asked_now = std::max(asked_now, times.first ? start : std::min(times.enabled_s, start));
  }
}

/// The same from the other side: work without delays was asked for when it was enabled, what began before it no later.
void follow_order_back(const EventLog& log, const std::vector<std::uint32_t>& events, const std::vector<char>& delayed,
                       Waiting& waiting) {
  double asked = infinity, asked_now = infinity, now = infinity;
  for (std::size_t n = events.size(); n-- > 0;) {
    const std::uint32_t k = events[n];
    OperationTimes& times = waiting.operations[k];
    const double start = log.events[k].start_s;
    if (start < now - stamp_instant_s) asked = asked_now, now = start;
    if (!times.first) times.most_delay_s = asked - times.enabled_s;
    if (times.first ? times.seen : delayed[k] == 0) asked_now = std::min(asked_now, times.first ? start : times.enabled_s);
  }
}

/// By event of a pool: whether operations of its kind are seen to begin late, so that they are asked for some time after they are
/// enabled.
/// @param ordered whether what others show, that began before, counts too
void find_delayed(const EventLog& log, const std::vector<std::uint32_t>& of_pool, const Waiting& waiting, bool ordered,
                  std::vector<char>& delayed) {
  for (const std::uint32_t k : of_pool) delayed[k] = 0;
  const Kinds kinds(log, of_pool, waiting);
  for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
    const std::span<const std::uint32_t> events = kinds[kind];
    std::size_t seen = 0, late = 0;
    const auto n_late =
        std::count_if(events.begin(), events.end(), [&](auto k) { return waiting.operations[k].least_delay_s > 1; });
    if (ordered && static_cast<double>(n_late) > std::max(3.0, 0.2 * static_cast<double>(events.size()))) {
      for (const std::uint32_t k : events) delayed[k] = 1;
      continue;
    }
    for (const std::uint32_t k : events) {
      if (!waiting.operations[k].seen) continue;
      ++seen;
      if (log.events[k].start_s > waiting.operations[k].enabled_s + 1) ++late;
    }
    if (late < 3 || static_cast<double>(late) < 0.02 * static_cast<double>(seen)) continue;
    for (const std::uint32_t k : events) delayed[k] = 1;
  }
}

/// How well the order of starts follows that of requests, and how much of the waiting the pool explains. When work that is delayed
/// was asked for is not known, unless all is.
void judge(const EventLog& log, const std::vector<std::uint32_t>& events, const WorkPool& pool, double known_until_s,
           const std::vector<char>& delayed, bool some, QueueOrder& order, double& explained, const Waiting& waiting) {
  order = {};
  double waited = 0, by_pool = 0, last = nan;
  for (const std::uint32_t k : events) {
    const OperationTimes& times = waiting.operations[k];
    if (times.first || log.events[k].start_s >= known_until_s) continue;
    const bool late = log.events[k].start_s > times.enabled_s + stamp_instant_s;
    if (late) waited += 1, by_pool += times.seen ? 0 : 1;
    if (!late || times.seen || !pool.finite() || (some && delayed[k] != 0)) continue;
    if (!std::isnan(last)) {
      ++order.pairs;
      if (times.enabled_s >= last - stamp_instant_s) ++order.in_order;
    }
    last = times.enabled_s;
  }
  explained = waited > 0 ? by_pool / waited : 1;
}

/// Judges the order of all pools. Work that others overtook was delayed if the rest, at least a third of it, keeps its order.
std::vector<char> judge_order(const EventLog& log, const std::vector<std::vector<std::uint32_t>>& events,
                              const std::vector<WorkPool>& pools, double known_until_s, Waiting& waiting) {
  std::vector<char> delayed(log.events.size(), 0), overtaken = delayed;
  const std::vector<char> none = delayed;
  const auto count = [&](const std::vector<std::uint32_t>& of, const std::vector<char>& left_out) {
    return std::count_if(of.begin(), of.end(), [&](auto k) { return !waiting.operations[k].first && left_out[k] == 0; });
  };
  const std::vector<OperationTimes> plain = waiting.operations;
  for (std::size_t p = 0; p < pools.size(); ++p) {
    find_delayed(log, events[p], waiting, false, delayed);
    if (!pools[p].finite()) {
      judge(log, events[p], pools[p], known_until_s, delayed, false, waiting.order[p], waiting.explained[p], waiting);
      continue;
    }
    follow_order(log, events[p], known_until_s, waiting);
    find_delayed(log, events[p], waiting, true, overtaken);
    const auto rest = count(events[p], overtaken), all = count(events[p], none);
    judge(log, events[p], pools[p], known_until_s, overtaken, true, waiting.order[p], waiting.explained[p], waiting);
    if (3 * rest >= all && waiting.order[p].pairs > 20 && waiting.order[p].fifo() >= 0.95) {
      for (const std::uint32_t k : events[p]) delayed[k] = overtaken[k];
      follow_order_back(log, events[p], delayed, waiting);
      continue;
    }
    for (const std::uint32_t k : events[p]) waiting.operations[k] = plain[k];
    judge(log, events[p], pools[p], known_until_s, delayed, count(events[p], delayed) > 0, waiting.order[p], waiting.explained[p],
          waiting);
  }
  return delayed;
}

/// Hours in which cases are seen to arrive, and those of the day in which about as many others seem to: where the crew is busy
/// until late, none of them is seen.
WeeklyHours seen_or_many(const EventLog& log, const std::vector<double>& seen, const std::vector<double>& others, const WeeklyHours& all) {
  constexpr double many = 0.25;
  const WeeklyHours hours = discover_arrival_hours(seen, covered_by(log)).hours;
  std::vector<double> count(24, 0);  // by hour of the day
  for (const std::vector<double>* const times : {&seen, &others})
    for (const double at : *times)
      count[static_cast<std::size_t>(std::floor(at / hour_s) - 24 * std::floor(at / hour_s / 24))] += 1;
  const double usual = static_cast<double>(seen.size() + others.size()) /
                       static_cast<double>(std::count_if(count.begin(), count.end(), [](double n) { return n > 0; }));
  std::vector<WeeklyHours::Span> spans;
  for (const WeeklyHours::Span& span : all.spans())
    for (double at = span.from_s; at < span.to_s;) {
      const double next = std::min(span.to_s, (std::floor(at / hour_s) + 1) * hour_s);
      if (count[static_cast<std::size_t>(at / hour_s) % 24] >= many * usual) spans.push_back({at, next});
      else
        for (const WeeklyHours::Span& own : hours.spans())
          if (std::max(at, own.from_s) < std::min(next, own.to_s))
            spans.push_back({std::max(at, own.from_s), std::min(next, own.to_s)});
      at = next;
    }
  return spans.empty() ? all : WeeklyHours(std::move(spans));
}

struct ArrivalHours {
  WeeklyHours hours;
  bool likely = false;  ///< told by likely_arrival_hours
};

/// When cases arrive: as those do that are known to have begun on arrival, if all others can have come at such times too (between
/// when nobody waited and their start); else as most of the first operations begin. Where many are not known, other hours may be
/// clearly more likely.
/// @param waiting with arrivals as they would be, were they possible whenever first operations begin
ArrivalHours arrival_hours(const EventLog& log, const std::vector<std::vector<std::uint32_t>>& events,
                           const std::vector<std::vector<double>>& idle_until, const std::vector<WorkPool>& pools,
                           double known_until_s, const Waiting& waiting) {
  constexpr std::size_t fewest = 20, enough = 40;
  std::vector<double> seen, starts, likely;
  std::vector<ArrivalBounds> others;
  for (std::size_t p = 0; p < events.size(); ++p)
    for (std::size_t i = 0; i < events[p].size(); ++i) {
      const OperationTimes& times = waiting.operations[events[p][i]];
      if (!times.first) continue;
      const double start = log.events[events[p][i]].start_s;
      starts.push_back(start);
      if (times.seen) seen.push_back(start);
      else likely.push_back(times.enabled_s);
      if (!times.seen && start < known_until_s && std::isfinite(idle_until[p][i])) others.push_back({idle_until[p][i], start});
    }
  const auto found = [&] {
    if (seen.size() >= enough) {
      const WeeklyHours hours = seen_or_many(log, seen, likely, discover_arrival_hours(starts, covered_by(log)).hours);
      const auto possible = std::count_if(others.begin(), others.end(),
                                          [&](const auto& o) { return hours.open_between(o.low_s, o.high_s) > stamp_instant_s; });
      if (static_cast<double>(possible) >= 0.95 * static_cast<double>(others.size())) return hours;
    }
    const std::vector<double>& telling = 2 * seen.size() > starts.size() ? seen : starts;
    return telling.size() < fewest ? WeeklyHours{} : discover_arrival_hours(telling, covered_by(log)).hours;
  };
  if (others.size() < enough || static_cast<double>(others.size()) < 0.2 * static_cast<double>(starts.size()))
    return {found(), false};
  std::vector<WeeklyHours> of_work;
  for (const WorkPool& pool : pools) of_work.push_back(pool.hours);
  return {likely_arrival_hours(seen, others, found(), of_work), true};
}

/// Arrivals before the first operations that had to wait for the pool.
/// @param hours when cases arrive; the time between two bounds is counted within them
void infer_arrivals(const EventLog& log, const std::vector<std::uint32_t>& events, bool fifo, const WeeklyHours& hours,
                    const std::vector<double>& idle_until, const std::vector<char>& delayed, Waiting& waiting) {
  constexpr std::size_t farthest = 1000;
  const std::size_t n = events.size();
  const auto start_of = [&](std::size_t k) { return log.events[events[k]].start_s; };
  std::vector<double> latest(n, infinity);  // no later than what was asked for after it
  double bound = infinity;
  for (std::size_t k = n; k-- > 0;) {
    const OperationTimes& times = waiting.operations[events[k]];
    const double start = log.events[events[k]].start_s;
    if (!times.first && delayed[events[k]] == 0) bound = std::min(bound, times.enabled_s);
    if (!times.first && delayed[events[k]] != 0)
      bound = std::min(bound, times.seen ? start : times.enabled_s + times.most_delay_s);
    if (times.first && times.seen) bound = std::min(bound, start);
    latest[k] = std::min(bound, start);
  }
  double earliest = -infinity;
  for (std::size_t k = 0; k < n;) {
    OperationTimes& times = waiting.operations[events[k]];
    const double start = log.events[events[k]].start_s;
    if (!times.first || times.seen || !fifo) {
      if (times.first) times.enabled_s = start;
      earliest = std::max(earliest, times.seen ? start : std::min(times.enabled_s + times.least_delay_s, start));
      ++k;
      continue;
    }
    std::size_t last = k;  // a run of unknown ones with one bound
    while (last + 1 < n && waiting.operations[events[last + 1]].first && !waiting.operations[events[last + 1]].seen) ++last;
    std::vector<double> open;  // until each one's own bound
    const double from = std::max(earliest, idle_until[k]);
    for (std::size_t i = k; i <= last; ++i) open.push_back(hours.open_between(from, std::min(latest[i], start_of(i))));
    for (std::size_t i = k; i <= last; ++i) {
      const double low = std::max(earliest, idle_until[i]), high = std::min(latest[i], start_of(i));
      double at = high;
      if (std::isfinite(low) && high > low) {
        // evenly, so that those behind it can be so too
        const double passed = hours.open_between(from, low), whole = open.back() - passed;
        double step = whole / static_cast<double>(last - i + 2);
        for (std::size_t j = i; j <= std::min(last, i + farthest); ++j)
          step = std::min(step, (open[j - k] - passed) / static_cast<double>(j - i + 1));
        // the stroke of closing is no time to arrive
        at = whole > stroke_s ? hours.after(low, std::max(step, 0.0)) : hours.next_open(low + stroke_s);
        at = std::min(std::max(at, low + 2 * stamp_instant_s), high);
      }
      waiting.operations[events[i]].enabled_s = at;
      earliest = std::max(earliest, at);
    }
    k = last + 1;
  }
}

/// Likely delays, by what came before and what comes.
void estimate_delays(const EventLog& log, Waiting& waiting) {
  std::vector<std::uint32_t> every(log.events.size());
  std::iota(every.begin(), every.end(), 0u);
  const Kinds kinds(log, every, waiting);
  for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
    const std::span<const std::uint32_t> events = kinds[kind];
    std::vector<DelayBounds> bounds;
    for (const std::uint32_t k : events) {
      const OperationTimes& times = waiting.operations[k];
      const double most = std::clamp(times.most_delay_s, 0.0, times.delay_s);
      bounds.push_back(times.seen ? DelayBounds{times.delay_s, times.delay_s}
                                  : DelayBounds{std::min(times.least_delay_s, most), most});
    }
    const std::vector<double> likely = likely_delays(bounds);
    for (std::size_t k = 0; k < events.size(); ++k) waiting.operations[events[k]].likely_delay_s = likely[k];
  }
}

}  // namespace

Waiting find_waiting(const EventLog& log, const std::vector<CasePlan>& plans, const std::vector<WorkPool>& pools,
                     const PoolOfWork& of_work, double known_until_s) {
  Waiting waiting;
  waiting.operations.resize(log.events.size());
  waiting.order.resize(pools.size());
  waiting.explained.assign(pools.size(), 1);
  follow_plans(log, plans, waiting);
  const auto events = by_pool(log, pools.size(), of_work);
  const double tick_s = tick_of(log);
  std::vector<std::vector<double>> idle_until(pools.size());
  for (std::size_t p = 0; p < pools.size(); ++p) sweep(log, events[p], pools[p], tick_s, known_until_s, waiting, idle_until[p]);
  const std::vector<char> delayed = judge_order(log, events, pools, known_until_s, waiting);
  const auto infer = [&](const WeeklyHours& hours) {
    for (std::size_t p = 0; p < pools.size(); ++p)
      infer_arrivals(log, events[p], pools[p].finite() && waiting.order[p].fifo() >= 0.8, hours, idle_until[p], delayed, waiting);
  };
  std::vector<double> starts;
  for (std::size_t k = 0; k < log.events.size(); ++k)
    if (waiting.operations[k].first) starts.push_back(log.events[k].start_s);
  infer(discover_arrival_hours(starts, covered_by(log)).hours);
  const ArrivalHours come = arrival_hours(log, events, idle_until, pools, known_until_s, waiting);
  infer(come.hours);
  if (come.likely) waiting.arrival_hours = come.hours;
  waiting.arrivals_s.assign(log.lots.size(), nan);
  for (std::size_t k = 0; k < log.events.size(); ++k) {
    OperationTimes& times = waiting.operations[k];
    const LogEvent& event = log.events[k];
    if (of_work(event) == Names::absent && times.first) times.enabled_s = event.start_s;
    if (times.first && times.seen)
      if (const WeeklyHours& open = pools[of_work(event)].hours; !open.open_at(event.start_s))
        times.enabled_s =
            last_open(open, event.start_s - tick_s, event.start_s) - 2 * stamp_instant_s;  // begun on the stroke of closing
    times.delay_s = std::max(0.0, event.start_s - times.enabled_s);
    double& arrival = waiting.arrivals_s[event.lot];
    if (times.first && !(arrival <= times.enabled_s)) arrival = times.enabled_s;
  }
  estimate_delays(log, waiting);
  return waiting;
}

}  // namespace retwin
