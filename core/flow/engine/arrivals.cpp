// The kinds of arrivals: at random or regular intervals, by a weekly profile, by a table, by blocks of whole days, or always.
#include "core/flow/engine/arrivals.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "core/base/constants.hpp"

namespace retwin {
namespace {

constexpr double never = std::numeric_limits<double>::infinity();
constexpr std::uint64_t draw_of_day = 2;  // beside those of a source's arrivals: the time, 0, and the size of a batch, 1
constexpr int longest_search = 100000;    // days: a block that is not drawn within 270 years does not matter

// --- intervals -------------------------------------------------------------------------------------------------------------------

/// Independent intervals of one distribution. What is still ahead of the interval in hand when the law changes, as a share of it, is
/// ahead under the new law too, of an interval drawn from that: however often parameters change, lots come at the rate of each time.
/// Exponential intervals have no memory and begin anew.
class Renewal final : public ArrivalKind {
 public:
  double next(const ArrivalMoment& at) const override { return later(at, 1); }

  double first(const ArrivalMoment& at) const override {
    return told(at) ? std::max(*at.source.first_s, at.begin()) : later(at, 1);
  }

  double adopt(const ArrivalMoment& at) const override {
    const bool memoryless = at.source.every.plain() && at.source.every.family() == Family::exponential;
    const double left = at.state.next_s - at.now, whole = at.state.interval_s;
    const bool in_hand = left >= 0 && left < whole && at.begin() == at.now;
    return memoryless || told(at) || !in_hand ? first(at) : later(at, left / whole);
  }

 private:
  static bool told(const ArrivalMoment& at) { return at.state.arrivals == 0 && at.source.first_s && *at.source.first_s >= at.now; }

  static double later(const ArrivalMoment& at, double share) {
    at.state.interval_s = std::max(0.0, at.source.every.sample(at.draws.uniform(0)));
    return at.begin() + share * at.state.interval_s;
  }
};

/// A Poisson process whose rate is piecewise constant over a cycle, by exact inversion. It has no memory: what has come says nothing.
class Profile final : public ArrivalKind {
 public:
  double next(const ArrivalMoment& at) const override {
    const Source& source = at.source;
    const std::vector<double>& t = source.profile_time_s;
    const double clock = source.profile_offset_s + at.begin();
    const double cycle = std::floor(clock / t.back());
    const double per_cycle = cumulated(source, t.back());
    if (!(per_cycle > 0)) return never;
    const double target = cumulated(source, clock - cycle * t.back()) - std::log(at.draws.uniform(0));
    const double cycles = std::floor(target / per_cycle);
    const double time = (cycle + cycles) * t.back() + inverse(source, target - cycles * per_cycle) - source.profile_offset_s;
    return std::max(time, at.begin());
  }

 private:
  static double cumulated(const Source& source, double time) {
    const std::vector<double>& t = source.profile_time_s;
    double sum = 0;
    for (std::size_t k = 0; k + 1 < t.size() && time > t[k]; ++k) sum += source.profile_rate[k] * (std::min(time, t[k + 1]) - t[k]);
    return sum;
  }

  static double inverse(const Source& source, double target) {
    const std::vector<double>& t = source.profile_time_s;
    double left = target, last = 0;  // rounding may leave a little after the last stretch with arrivals
    for (std::size_t k = 0; k + 1 < t.size(); ++k) {
      const double rate = source.profile_rate[k], here = rate * (t[k + 1] - t[k]);
      if (left < here) return t[k] + left / rate;
      left -= here;
      if (rate > 0) last = t[k + 1];
    }
    return last;
  }
};

// --- tables ----------------------------------------------------------------------------------------------------------------------

/// How many of the rows at the time from which on lots may come have come: as many as there were arrivals, if there are so many.
template <class F>
Index those_come(const ArrivalMoment& at, F&& is_at_that_time) {
  Index come = static_cast<Index>(std::min<std::size_t>(at.come(), at.source.rows.size()));
  while (come > 0 && !is_at_that_time(come - 1)) --come;
  return come;
}

/// Times told one by one. After a change the first row from now on that has not come comes next; rows of the past do not come any more.
class Timetable final : public ArrivalKind {
 public:
  double next(const ArrivalMoment& at) const override {
    const std::vector<TraceRow>& rows = at.source.rows;
    const std::size_t n = rows.size();
    const double from = at.begin(), period = at.source.repeat_s;
    const double cycle = period > 0 ? std::floor(from / period) : 0;
    if (n == 0 || !(cycle < 1e9)) return never;
    std::uint64_t row = static_cast<std::uint64_t>(cycle) * n;
    const auto end = [&] { return period <= 0 && row >= n; };
    const auto time_of = [&](std::uint64_t k) { return rows[k % n].time_s + static_cast<double>(k / n) * period; };
    const auto time = [&] { return time_of(row); };
    const auto earlier = [](const TraceRow& r, double t) { return r.time_s < t; };
    row += static_cast<std::uint64_t>(std::lower_bound(rows.begin(), rows.end(), from - cycle * period, earlier) - rows.begin());
    while (row > 0 && (end() || time() >= from)) --row;  // the clock of a cycle is rounded
    while (!end() && time() < from) ++row;
    if (!end() && time() == from) row += those_come(at, [&](Index k) { return (period > 0 || row + k < n) && time_of(row + k) == from; });
    at.state.row = row;
    return end() ? never : time_of(row);
  }
};

/// The block of a day of the run depends on nothing but the source and the number of the day; null: none is possible.
const DayBlock* block_of_day(const ArrivalMoment& at, double day) {
  const std::vector<DayBlock>& possible = at.source.day_blocks[static_cast<std::size_t>(std::fmod(day, 7))];
  const double u = Draws{at.key, at.source.stream, static_cast<std::uint64_t>(day)}.uniform(draw_of_day);
  const auto above = [](double x, const DayBlock& block) { return x < block.up_to; };
  const auto drawn = std::upper_bound(possible.begin(), possible.end(), u, above);
  return drawn == possible.end() ? nullptr : &*drawn;
}

/// Whole days, each drawn among those possible on its weekday. An arrival lies within its day even if rounding takes it to midnight, so
/// that the day follows from the time.
class Blocks final : public ArrivalKind {
 public:
  double next(const ArrivalMoment& at) const override {
    const Source& source = at.source;
    const double from = at.begin(), clock0_s = at.plant.clock0_s;
    const double first = std::floor((from + clock0_s) / day_s);
    if (source.rows.empty() || !(first < 1e12)) return never;
    double last = first + longest_search;
    if (source.until_s > 0) last = std::min(last, (source.until_s + clock0_s) / day_s);
    for (double day = first; day < last; ++day) {
      const DayBlock* block = block_of_day(at, day);
      if (!block) continue;
      const auto begin = source.rows.begin() + block->first_row, end = begin + block->rows;
      const double late = std::nextafter((day + 1) * day_s, 0);
      const auto time = [&](const TraceRow& r) { return std::min(day * day_s + r.time_s, late) - clock0_s; };
      auto row = std::lower_bound(begin, end, from, [&](const TraceRow& r, double t) { return time(r) < t; });
      row += those_come(at, [&](Index k) { return k < end - row && time(row[k]) == from; });
      if (row == end) continue;
      at.state.row = static_cast<std::uint64_t>(row - begin);
      return time(*row);
    }
    return never;
  }
};

// --- always ----------------------------------------------------------------------------------------------------------------------

/// A lot is offered whenever there is room. What comes are only the times at which that begins and ends.
class Saturated final : public ArrivalKind {
 public:
  double next(const ArrivalMoment& at) const override {
    if (at.source.start_s > at.now) return at.source.start_s;
    return at.source.until_s > at.now ? at.source.until_s : never;
  }
};

// --- what identifies a law -------------------------------------------------------------------------------------------------------

class Law {
 public:
  void add(std::uint64_t bits) { sum_ = identity(sum_, bits); }
  void add(double value) { add(std::bit_cast<std::uint64_t>(value + 0.0)); }
  void add(const std::vector<double>& values) {
    add(std::uint64_t{values.size()});
    for (const double value : values) add(value);
  }
  /// By what it samples: two that agree there, and in the mean, are taken for the same.
  void add(const Distribution& distribution) {
    add(std::uint64_t{static_cast<std::size_t>(distribution.family())});
    add(distribution.mean());
    for (int k = 0; k < 64; ++k) add(distribution.sample((k + 0.5) / 64));
  }
  std::uint64_t sum() const { return sum_ | 1; }  // 0 is the law of a source that has not begun

 private:
  std::uint64_t sum_ = 0;
};

}  // namespace

const ArrivalKind& arrival_kind(Arrivals arrivals) {
  static const Saturated saturated;
  static const Renewal renewal;
  static const Profile profile;
  static const Timetable timetable;
  static const Blocks blocks;
  static const ArrivalKind* const kinds[] = {&saturated, &renewal, &profile, &timetable, &blocks};
  return *kinds[static_cast<std::size_t>(arrivals)];
}

std::uint64_t arrival_law(const Plant& plant, const Source& source) {
  Law law;
  law.add(std::uint64_t{static_cast<std::size_t>(source.arrivals)});
  law.add(source.start_s);
  switch (source.arrivals) {
    case Arrivals::saturated:  // what it holds out is bound for where its lots went, and not beyond `until`
      law.add(source.until_s);
      for (const RouteOption& option : source.route.options) {
        law.add(stream_id(plant.node_name(option.target)));
        if (option.via != none) law.add(stream_id(plant.node_name(option.via)));
      }
      break;
    case Arrivals::renewal:
      law.add(source.every);
      law.add(source.first_s.value_or(-1));
      break;
    case Arrivals::profile:
      law.add(source.profile_time_s);
      law.add(source.profile_rate);
      law.add(source.profile_offset_s);
      break;
    case Arrivals::timetable: law.add(source.repeat_s); break;
    case Arrivals::blocks:
      law.add(plant.clock0_s);
      for (const std::vector<DayBlock>& possible : source.day_blocks) {
        law.add(std::uint64_t{possible.size()});
        for (const DayBlock& block : possible) {
          law.add(block.up_to);
          law.add(std::uint64_t{block.first_row});
          law.add(std::uint64_t{block.rows});
        }
      }
      break;
  }
  for (const TraceRow& row : source.rows) law.add(row.time_s);
  return law.sum();
}

const TraceRow* arrival_row(const ArrivalMoment& at) {
  const std::vector<TraceRow>& rows = at.source.rows;
  if (rows.empty()) return nullptr;
  if (at.source.arrivals == Arrivals::timetable) return &rows[at.state.row % rows.size()];
  const DayBlock* block = block_of_day(at, std::floor((at.now + at.plant.clock0_s) / day_s));
  return block && at.state.row < block->rows ? &rows[block->first_row + at.state.row] : nullptr;
}

}  // namespace retwin
