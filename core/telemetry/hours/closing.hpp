// What is done about work that closing time would interrupt.
#pragma once
#include <cstddef>
#include <span>

#include "core/telemetry/hours/weekly_hours.hpp"

namespace retwin {

/// Pieces of work that lie across closed times or end in them.
struct AcrossClosing {
  std::size_t seen = 0;
  double expected = 0;  ///< if closing kept nobody from beginning any: as many of them as their time is of that from opening to closing
  /// Whether work is begun only where it can be ended: ten or more are expected, and less than a tenth of them is seen.
  bool avoided() const;
};
AcrossClosing across_closing(std::span<const WorkSpan> work, const WeeklyHours& hours);

}  // namespace retwin
