// Expected arrivals of every kind of source, cumulated from the start of the run.
#include "core/graph/arrival_rate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/constants.hpp"

namespace retwin {
namespace {

double profile_lots(const Source& source, double until_s) {
  const std::vector<double>& t = source.profile_time_s;
  double per_cycle = 0, sum = 0;
  for (std::size_t k = 0; k + 1 < t.size(); ++k) per_cycle += source.profile_rate[k] * (t[k + 1] - t[k]);
  const double cycles = std::floor(until_s / t.back()), rest = until_s - cycles * t.back();
  for (std::size_t k = 0; k + 1 < t.size(); ++k) sum += source.profile_rate[k] * std::clamp(rest - t[k], 0.0, t[k + 1] - t[k]);
  return cycles * per_cycle + sum;
}

double timetable_lots(const Source& source, double until_s) {
  const auto before = [&](double t) {
    const auto last = std::lower_bound(source.rows.begin(), source.rows.end(), t, [](const TraceRow& r, double x) { return r.time_s < x; });
    return static_cast<double>(last - source.rows.begin());
  };
  if (source.repeat_s <= 0) return before(until_s);
  const double cycles = std::floor(std::max(0.0, until_s) / source.repeat_s);
  return cycles * static_cast<double>(source.rows.size()) + before(until_s - cycles * source.repeat_s);
}

/// Whole days by the mean of their blocks, the last one by its rows.
double block_lots(const Plant& plant, const Source& source, double until_s) {
  const double end = until_s + plant.clock0_s, days = std::floor(end / day_s);
  const auto of_day = [&](std::size_t weekday, double until) {
    double lots = 0, before = 0;
    for (const DayBlock& block : source.day_blocks[weekday]) {
      const auto first = source.rows.begin() + block.first_row;
      const auto last = std::lower_bound(first, first + block.rows, until, [](const TraceRow& r, double x) { return r.time_s < x; });
      lots += (block.up_to - before) * static_cast<double>(last - first);
      before = block.up_to;
    }
    return lots;
  };
  double sum = 0;
  for (std::size_t d = 0; d < 7; ++d) {
    const double whole = std::floor((days + 6 - static_cast<double>(d)) / 7);  // how many of the days before are such a weekday
    sum += whole * of_day(d, std::numeric_limits<double>::infinity());
  }
  sum += of_day(static_cast<std::size_t>(std::fmod(days, 7)), end - days * day_s);
  return sum - (plant.clock0_s > 0 ? of_day(0, plant.clock0_s) : 0);
}

/// Expected arrivals up to a time.
double arrivals(const Plant& plant, const Source& source, double until_s) {
  const double begin = source.first_s ? std::max(*source.first_s, source.start_s) : source.start_s;
  const double end = source.until_s > 0 ? std::min(until_s, source.until_s) : until_s;
  const double from = source.arrivals == Arrivals::renewal ? begin : source.start_s;
  if (end <= from) return 0;
  switch (source.arrivals) {
    case Arrivals::saturated: break;
    case Arrivals::renewal: return (end - from) / source.every.mean();
    case Arrivals::profile:
      return profile_lots(source, source.profile_offset_s + end) - profile_lots(source, source.profile_offset_s + from);
    case Arrivals::timetable: return timetable_lots(source, end) - timetable_lots(source, from);
    case Arrivals::blocks: return block_lots(plant, source, end) - block_lots(plant, source, from);
  }
  return std::numeric_limits<double>::infinity();
}

}  // namespace

double mean_rate(const Plant& plant, const Source& source, const Period& period) {
  if (source.arrivals == Arrivals::saturated) return std::numeric_limits<double>::infinity();
  const double batch = source.batch ? std::max(0.0, source.batch->mean()) : 1;
  const double most = source.limit == unlimited ? std::numeric_limits<double>::infinity() : source.limit;
  const auto lots = [&](double until_s) { return std::min(most, batch * arrivals(plant, source, until_s)); };
  return period.length_s() > 0 ? (lots(period.until_s) - lots(period.from_s)) / period.length_s() : 0;
}

}  // namespace retwin
