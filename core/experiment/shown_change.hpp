// Changes of figures as people read them.
#pragma once
#include <string>

#include "core/stats/intervals.hpp"

namespace retwin {

/// "+3.1 % [2.7, 3.5]" of shares (unit "%"), "-0.42 h [-0.50, -0.34]" of others, no finer than the spread allows; "0 %" where nothing has
/// changed in any replication, "-" where it is undefined.
std::string shown_change(const Interval& change, const std::string& unit);

/// Whether a change is told as a share of the base: not where the base may as well be 0.
bool share_says(const Interval& base, const Interval& relative);

/// How far from 0 it may be: "0.4 %", the larger end of the interval with two digits.
std::string shown_within(const Interval& change, const std::string& unit);

/// "2 weeks", "3 days", or as a clock shows it.
std::string shown_duration(double seconds);

/// "2 weeks after 1 week of warm-up".
std::string shown_window(double begin_s, double end_s);

}  // namespace retwin
