// Numbers that everybody needs.
#pragma once
#include <limits>

namespace retwin {

inline constexpr double nan = std::numeric_limits<double>::quiet_NaN();
inline constexpr double infinity = std::numeric_limits<double>::infinity();
inline constexpr double minute_s = 60, hour_s = 3600, day_s = 24 * hour_s, week_s = 7 * day_s;
inline constexpr double pi = 3.14159265358979323846;
inline constexpr double tonne_kg = 1000;

}  // namespace retwin
