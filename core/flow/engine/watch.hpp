// Somebody who looks in on a run while it goes on and may end it: Ctrl-C, a budget of events.
#pragma once
#include "core/flow/state/state.hpp"

namespace retwin {

/// Asked between two events, once in a thousand. What it throws ends the run there: the state is as after the last event.
class Watch {
 public:
  virtual ~Watch() = default;
  virtual void look(const State& state) = 0;
};

}  // namespace retwin
