// Clocks that disagree: resources whose stamps are shifted against those of the others.
#pragma once
#include "core/telemetry/log/event_log.hpp"

namespace retwin {

/// Looks at each activity of a resource beside the activity that lots have before it and the one they have after it, by the order
/// of most of their starts: if a shift of all its stamps between two bounds, neither of them 0, would let every lot end one before
/// it begins the next, and none at all does not, the clock of the resource is off by that much. Parallel branches allow no such
/// shift. Needs 20 lots; nothing is changed, it becomes a finding. Which of two clocks is
/// wrong it cannot tell, and a shift so large that most lots seem to go another way is not seen, or as that of another resource.
void find_clock_offsets(EventLog& log);

}  // namespace retwin
