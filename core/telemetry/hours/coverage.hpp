// What of a week a log covered: the rest is unknown, not closed.
#pragma once
#include <vector>

#include "core/telemetry/hours/weekly_hours.hpp"
#include "core/telemetry/log/event_log.hpp"

namespace retwin {

/// Hours with the times of the week that a log from one time to another never covered: open as the same time of the days that it did
/// cover, and open where it covered that time on no day. A log of a week or more covers all.
WeeklyHours filled_in(const WeeklyHours& hours, double from_s, double to_s);
/// Days of the week (Monday 0) of which a log from one time to another covered nothing.
std::vector<int> unseen_weekdays(double from_s, double to_s);

/// Of a log, from its first start to its last end.
HoursOptions covered_by(const EventLog& log);

}  // namespace retwin
