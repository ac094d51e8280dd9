// Who is on duty when, as calendars tell it in advance.
#pragma once
#include <functional>
#include <vector>

#include "core/flow/plant/plant.hpp"

namespace retwin {

/// Follows the units on duty of all pools that could meet the needs, from the start of the run on, from change to change.
/// @param calendar also changes, none: no other
/// @param visit told of [from, to) [s] and the units by pool in it, those of other pools 0; false ends the walk
void follow_duty(const Plant& plant, const std::vector<Need>& needs, Index calendar, double until_s,
                 const std::function<bool(double from_s, double to_s, const std::vector<double>& units)>& visit);

/// The fewest units of a pool on duty at any time in [from, to) [s].
double least_on_duty(const Plant& plant, const Pool& pool, double from_s, double to_s);

/// The longest time in which units that stay on duty could meet the needs, one relieving no other [s]; infinity if there is no end to one.
double longest_shift(const Plant& plant, const std::vector<Need>& needs);

}  // namespace retwin
