// The check of what a loaded state says of the digital layer: every task is at one of its steps, and who waits for one waits for one that is under way.
#include <cmath>
#include <unordered_map>

#include "core/base/whole.hpp"
#include "core/flow/state/layout.hpp"
#include "core/flow/state/sound.hpp"

namespace retwin {
namespace {
bool is_amount(double x) { return x >= 0 && is_figure(x); }
}  // namespace

std::string wrong_task(const State& s, const Layout& is) {
  std::unordered_map<std::uint64_t, Event> events;
  for (const Event& event : s.calendar.events()) events.emplace(event.order, event);
  const auto due = [&](std::uint64_t order, Index index, EventKind kind) {
    const auto event = events.find(order);
    return event != events.end() && event->second.index == index && event->second.kind == kind;
  };
  std::vector<Index> waits(s.servers.size(), 0);
  std::uint64_t last = 0;
  for (const TaskState& task : s.tasks) {
    if (task.number <= last || task.number > s.tasks_begun || task.task >= is.task_steps.size() || task.step >= is.task_steps[task.task]) return "a task is at none of its steps";
    last = task.number;
    if (!is_amount(task.left) || !is_amount(task.rate) || !is_amount(task.scale) || task.sends > 1 || task.together > 1 || task.queued > 1 || std::isnan(task.end)) return "what is left of a task is no amount";
    if (!(task.since >= 0 && task.since <= s.now && task.begun >= 0 && task.begun <= s.now)) return "a task has begun at no time";
    if (task.server == none) continue;
    if (task.server >= s.servers.size() || s.awaited[task.server] != task.number) return "a task is of no job";
    waits[task.server] = 1;
    const Server& server = s.servers[task.server];
    if (server.stage != Stage::work || is.stations[s.server_station[task.server]].tasks[server.phase] != task.task) return "a job waits for a task that is none of its own";
  }
  for (Index v = 0; v < s.awaited.size(); ++v)
    if ((s.awaited[v] != 0) != (waits[v] != 0)) return "a job waits for a task that is not under way";
  if (s.step_event != 0 && !due(s.step_event, 0, EventKind::step_end)) return "the digital layer waits for another event";
  if (std::isnan(s.step_end)) return "the digital layer waits for no time";
  for (Index task = 0; task < s.task_clocks.size(); ++task)
    if (s.task_clocks[task].pending != 0 && !due(s.task_clocks[task].pending, task, EventKind::task_due)) return "a task waits for another event";
  for (const DeviceAccount& a : s.accounts.devices)
    for (const LevelIntegral* level : {&a.busy, &a.away, &a.offered})
      if (!is_amount(level->level()) || !is_figure(level->value(s.now))) return "an account of a device is none";
  for (const TaskAccount& a : s.accounts.tasks)
    if (!is_figure(a.waited)) return "an account of a task is none";
  return {};
}

bool waits_now(const State& s, Index server) {
  return s.servers[server].base == ServerState::waiting_digital && server < s.awaited.size() && s.awaited[server] != 0;
}

}  // namespace retwin
