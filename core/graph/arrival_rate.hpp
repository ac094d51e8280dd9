// How many lots a source is expected to bring within a stretch of time. Private to core/graph.
#pragma once
#include "core/flow/plant/plant.hpp"

namespace retwin {

/// The time over which averages are taken: a run without its warm-up.
struct Period {
  double from_s = 0, until_s = 0;
  double length_s() const { return until_s - from_s; }
};

/// Expected rate within the period [lots/s], its active time and its limit counted; infinity for a saturated source. Intervals
/// between arrivals count by their mean.
double mean_rate(const Plant& plant, const Source& source, const Period& period);

}  // namespace retwin
