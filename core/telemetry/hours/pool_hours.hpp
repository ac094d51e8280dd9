// Resources told apart by when they work: shifts that do the same work, pools with other hours that share an activity.
#pragma once
#include <cstdint>
#include <vector>

#include "core/telemetry/log/event_log.hpp"

namespace retwin {

/// Resources with their events, in order of starts.
struct Crew {
  std::vector<std::uint32_t> resources, events;
};

/// Whether two crews work at different hours: one lacks stamps at hours of the day or on days of the week where the other has them,
/// and durations vary clearly less within each one's own hours than within hours found for both together.
bool other_hours(const EventLog& log, const Crew& a, const Crew& b);

/// A crew of resources by their hours: as it is if all work alike. What does too little to tell goes with the most similar.
std::vector<Crew> by_hours(const EventLog& log, const std::vector<Crew>& resources);

}  // namespace retwin
