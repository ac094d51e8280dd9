// Tasks of the digital layer, carried over to another plant. One whose steps are others there begins them anew; of one that is gone nobody waits.
#include <algorithm>
#include <limits>

#include "core/flow/rebase/rebase.hpp"

namespace retwin {

void Rebase::move_digital() {
  Index first = 0;
  for (const Structure::Entry* utility : from_.of("utility")) first += static_cast<Index>(utility->list("outages").size());
  std::size_t device = 0;
  for (const char* kind : {"host", "link"})
    for (const Structure::Entry* entry : from_.of(kind)) {
      const std::vector<std::string>& names = entry->list("outages");
      const Index to = maps_.devices[device++];
      for (Index k = 0; k < names.size() && to != none; ++k) {
        const Device& there = to_.digital.devices[to];
        for (Index number = 0; number < there.outages.size(); ++number)
          if (there.outages[number].name == names[k]) outages_[first + k] = there.first_outage + number;
        if (outages_[first + k] != none) new_.outages[outages_[first + k]] = old_.outages[first + k];
      }
      first += static_cast<Index>(names.size());
    }
  const auto before = from_.of("task"), now = there_.of("task");
  for (std::size_t task = 0; task < maps_.tasks.size(); ++task)
    if (maps_.tasks[task] != none) new_.task_clocks[maps_.tasks[task]] = old_.task_clocks[task];
  new_.tasks_begun = old_.tasks_begun;
  for (TaskState state : old_.tasks) {
    const Index to = maps_.tasks[state.task];
    if (to == none) continue;
    state.left = std::max(0.0, state.left - state.rate * (old_.now - state.since));
    state.since = old_.now;
    if (before[state.task]->list("steps") != now[to]->list("steps")) {
      state.step = 0;
      state.sends = state.together = 0;
      state.left = to_.digital.tasks[to].steps.front().latency_s;
      state.rate = 1;
      state.end = old_.now + state.left;
      if (state.queued != 0) state.rate = 0, state.end = std::numeric_limits<double>::infinity();
    }
    state.task = to;
    const Index waits = state.server;
    state.server = waits == none ? none : server(waits);
    if (state.server != none && old_.awaited[waits] == state.number) new_.awaited[state.server] = state.number;
    new_.tasks.push_back(state);
  }
}

}  // namespace retwin
