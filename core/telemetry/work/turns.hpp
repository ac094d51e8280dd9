// People who take turns: how many of the names of a pool are there at the same time.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/telemetry/log/event_log.hpp"

namespace retwin {

/// How many of these resources are there at a time, if their times are arranged: shifts, weekdays, rotating weeks. Whoever has work in an
/// hour of the calendar, or before and after it within two hours, is there. By chance the number that are there would vary from hour to
/// hour by the sum of p (1 - p), p the share of the hours in which each is there; where it varies by less than a third of that, somebody
/// has arranged it, and 98 % of the hours have no more than what is returned. The same by days, for those who share a shift. Else all of
/// them are needed: their number.
/// @param events of each resource, by number in the log, in order of starts
std::size_t there_at_a_time(const EventLog& log, const std::vector<const std::vector<std::uint32_t>*>& events);

}  // namespace retwin
