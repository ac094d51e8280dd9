// When cases arrive, where most of them are only known to have come between two times.
#pragma once
#include <span>
#include <vector>

#include "core/telemetry/hours/weekly_hours.hpp"

namespace retwin {

/// Between when nobody waited and the start of a case's first operation. [s]
struct ArrivalBounds {
  double low_s = 0, high_s = 0;
};

/// Logarithm of the likelihood of arrivals that come at a constant rate within hours and never else, the rate being the most likely
/// one: a Poisson process of which the times of some are known and of others only how many came while a queue was never empty (from
/// the same low bound to the last high one of these). What must have come before hours began came as they began; each that cannot
/// have come within hours counts a second.
/// @param others in order of their low bounds, then of their high ones
double arrival_likelihood(const WeeklyHours& hours, std::span<const double> seen_s, std::span<const ArrivalBounds> others);

/// The hours that are the most likely: the same on days in a row; but `otherwise` unless they are clearly more so than that (by 30,
/// in logarithms: arrivals may come together), and hours at which people work if these are nearly as likely (within 10).
WeeklyHours likely_arrival_hours(std::span<const double> seen_s, std::span<const ArrivalBounds> others,
                                 const WeeklyHours& otherwise, std::span<const WeeklyHours> of_work = {});

}  // namespace retwin
