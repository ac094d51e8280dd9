// Bounds of shifts: what every lot admits.
#include "core/telemetry/log/clock_offsets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "core/telemetry/log/findings.hpp"

namespace retwin {
namespace {

constexpr std::size_t fewest_lots = 20, most_lots = 500, longest_lot = 100;
constexpr double least_s = 1;          ///< smaller shifts are rounding
constexpr double share_of_lots = 0.9;  ///< that must have the activity beside it

struct Beside {
  std::vector<double> later_s;  ///< start of the activity after that of the one beside it
  double gap_s = INFINITY;      ///< the least from the end of the first to the start of the second, if it comes before; and after
  double gap_after_s = INFINITY;
};

/// The shift [s] that operations of one activity and resource need: low to high; none if low > high.
struct Shift {
  double low_s = -INFINITY, high_s = INFINITY;
};

Shift shift_of(const EventLog& log, const std::vector<std::uint32_t>& operations,
               const std::vector<std::vector<std::uint32_t>>& by_lot) {
  std::map<std::uint32_t, Beside> beside;
  std::size_t lots = 0;
  for (const std::uint32_t k : operations) {
    const LogEvent& own = log.events[k];
    if (by_lot[own.lot].size() > longest_lot || lots == most_lots) continue;
    ++lots;
    for (const std::uint32_t other : by_lot[own.lot]) {
      const LogEvent& event = log.events[other];
      if (event.resource == own.resource || event.activity == own.activity) continue;
      Beside& b = beside[event.activity];
      b.later_s.push_back(own.start_s - event.start_s);
      b.gap_s = std::min(b.gap_s, own.start_s - event.end_s);
      b.gap_after_s = std::min(b.gap_after_s, event.start_s - own.end_s);
    }
  }
  if (lots < fewest_lots) return {};
  double before_s = INFINITY, after_s = INFINITY;
  Shift shift;
  for (auto& [activity, b] : beside) {
    if (static_cast<double>(b.later_s.size()) < share_of_lots * static_cast<double>(lots) || b.later_s.size() > lots) continue;
    const auto middle = b.later_s.begin() + static_cast<std::ptrdiff_t>(b.later_s.size() / 2);
    std::nth_element(b.later_s.begin(), middle, b.later_s.end());
    if (*middle > 0 && *middle < before_s) before_s = *middle, shift.low_s = -b.gap_s;
    if (*middle < 0 && -*middle < after_s) after_s = -*middle, shift.high_s = b.gap_after_s;
  }
  return shift;
}

}  // namespace

void find_clock_offsets(EventLog& log) {
  std::vector<std::pair<std::uint64_t, std::uint32_t>> all;  // resource and activity, operation
  for (std::uint32_t k = 0; k < log.events.size(); ++k)
    if (const LogEvent& e = log.events[k]; e.resource != Names::absent)
      all.emplace_back(std::uint64_t{e.resource} << 32 | e.activity, k);
  std::sort(all.begin(), all.end());
  std::vector<std::pair<std::uint32_t, std::vector<std::uint32_t>>> operations;  // resource; of one activity each
  for (auto from = all.begin(); from != all.end();) {
    const auto to = std::find_if(from, all.end(), [&](const auto& one) { return one.first != from->first; });
    if (static_cast<std::size_t>(to - from) >= fewest_lots) {
      operations.emplace_back(static_cast<std::uint32_t>(from->first >> 32), std::vector<std::uint32_t>());
      for (; from != to; ++from) operations.back().second.push_back(from->second);
    }
    from = to;
  }
  if (operations.empty()) return;
  const std::vector<std::vector<std::uint32_t>> by_lot = log.by_lot();
  std::map<std::uint32_t, Shift> shifts;
  std::map<std::uint32_t, std::uint32_t> first;
  for (const auto& [resource, own] : operations) {
    const Shift here = shift_of(log, own, by_lot);
    Shift& whole = shifts[resource];
    whole.low_s = std::max(whole.low_s, here.low_s);
    whole.high_s = std::min(whole.high_s, here.high_s);
    first.emplace(resource, own.front());
  }
  std::vector<std::size_t> records(log.resources.size(), 0);
  for (const auto& one : all) ++records[one.first >> 32];
  for (const auto& [resource, shift] : shifts) {
    const bool behind = shift.low_s > least_s, ahead = shift.high_s < -least_s;
    if (!(shift.low_s <= shift.high_s) || !(behind || ahead) || !std::isfinite(shift.low_s) || !std::isfinite(shift.high_s))
      continue;
    const LogEvent& event = log.events[first.at(resource)];
    for (std::size_t k = 0; k < records[resource]; ++k)
      note(log.findings, LogFault::clock_offset, "kept: a clock that may disagree with the others", false, event.row, [&] {
        return fmt::format("{}: every lot would be at one place at a time if its stamps were {:.6g} to {:.6g} s {}",
                           log.resources[resource], std::min(std::abs(shift.low_s), std::abs(shift.high_s)),
                           std::max(std::abs(shift.low_s), std::abs(shift.high_s)), behind ? "later" : "earlier");
      });
  }
}

}  // namespace retwin
