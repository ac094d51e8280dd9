// Outages of utilities and of devices of the digital layer: when they come, how long they last, and what they leave.
#include <algorithm>
#include <limits>

#include "core/flow/engine/engine.hpp"

namespace retwin {
namespace {
constexpr double not_again = std::numeric_limits<double>::infinity();
}  // namespace

/// When it comes next; infinity: not any more. @param first it may be now
double Engine::next_outage(Index index, bool first) {
  const Outage& spec = p_.outage(index);
  const std::uint64_t ordinal = ++s_.outages[index].ordinal;
  if (spec.during != none) return first && p_.calendars[spec.during].on(s_.now) ? s_.now : p_.calendars[spec.during].next_change(s_.now);
  if (spec.every) return s_.now + std::max(0.0, spec.every->sample(Draws{s_.key, spec.stream, ordinal}.uniform(0)));
  const auto next = first ? std::lower_bound(spec.at_s.begin(), spec.at_s.end(), s_.now) : std::upper_bound(spec.at_s.begin(), spec.at_s.end(), s_.now);
  return next == spec.at_s.end() ? not_again : *next;
}

void Engine::await_outage(Index index, double time) {
  OutageState& state = s_.outages[index];
  state.next_s = time;
  state.pending = time == not_again ? 0 : schedule(time, EventKind::outage, index);
}

void Engine::turn_outage(Index index) {
  OutageState& state = s_.outages[index];
  const Outage& spec = p_.outage(index);
  state.there = state.there == 0 ? 1 : 0;
  if (spec.during != none) {
    state.there = p_.calendars[spec.during].on(s_.now) ? 1 : 0;
    await_outage(index, p_.calendars[spec.during].next_change(s_.now));
  } else await_outage(index, state.there != 0 ? s_.now + std::max(0.0, spec.lasts.sample(Draws{s_.key, spec.stream, state.ordinal}.uniform(1))) : next_outage(index, false));
  tell_outage(index);
}

void Engine::tell_outage(Index index) {
  if (p_.outages[index].utility != none) tell_capacity(p_.outages[index].utility);
  else share_devices_ = ask_again_ = true;
}

double Engine::left_by_outages(Index first, std::size_t outages) const {
  double left = 1;
  for (Index index = first; index < first + outages; ++index)
    if (s_.outages[index].there != 0) left = std::min(left, p_.outage(index).leaves);
  return left;
}

void Engine::start_outages() {
  for (Index index = 0; index < p_.outages.size(); ++index) await_outage(index, next_outage(index, true));
}

// One whose times are given by a list waits for the next of the list in force.
void Engine::adopt_outages() {
  for (Index index = 0; index < p_.outages.size(); ++index) {
    OutageState& state = s_.outages[index];
    const Outage& spec = p_.outage(index);
    if (state.ordinal == 0) {
      await_outage(index, next_outage(index, true));
    } else if (spec.during != none) {
      const bool on = p_.calendars[spec.during].on(s_.now);
      const double next = on == (state.there != 0) ? p_.calendars[spec.during].next_change(s_.now) : s_.now;
      if (next != state.next_s) await_outage(index, next);
    } else if (state.there == 0 && (!spec.at_s.empty() || state.pending == 0)) {
      const std::uint64_t ordinal = state.ordinal;
      const double next = next_outage(index, false);
      if (!spec.at_s.empty()) state.ordinal = ordinal;
      if (next != state.next_s) await_outage(index, next);
    }
  }
}

}  // namespace retwin
