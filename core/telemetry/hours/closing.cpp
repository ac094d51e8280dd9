// Counts what lies across closed times against what would if nobody minded.
#include "core/telemetry/hours/closing.hpp"

#include <algorithm>
namespace retwin {

bool AcrossClosing::avoided() const { return expected >= 10 && static_cast<double>(seen) < 0.1 * expected; }

AcrossClosing across_closing(std::span<const WorkSpan> work, const WeeklyHours& hours) {
  constexpr double stroke_s = 1;
  AcrossClosing result;
  if (hours.always_open()) return result;
  const double shift_s = hours.open_per_week_s() / static_cast<double>(hours.spans().size());  // the mean of them
  for (const WorkSpan& one : work) {
    const double open_s = hours.open_between(one.start_s, one.end_s);
    if (open_s < one.end_s - one.start_s - stroke_s) ++result.seen;
    result.expected += std::min(1.0, open_s / shift_s);
  }
  return result;
}

}  // namespace retwin
