// The digital layer: tasks that compute and send, step by step, and jobs that wait for what comes of them. A step that has its core, or its links, to
// itself goes at their pace; only those that share are put to SimGrid, which tells how fast each goes until the first of them ends. What is left of
// each lies in the state, so that a copy goes on from any moment.
//
// Simplified: a step that nothing is free for (computer off, link down) waits where it is, and nothing is lost or sent again. Who stands keeps nobody
// else from what he stands before. A job that is in service at the start has its result.
#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include <fmt/format.h>

#include "core/flow/engine/engine.hpp"

namespace retwin {
namespace {
constexpr double no_time = std::numeric_limits<double>::infinity();
constexpr std::size_t most_together = 5000;  // tasks: each of their ends takes SimGrid time in proportion
constexpr double rounding = 1e-12;  // relative: of sums of equal shares
}  // namespace

// --- tasks -----------------------------------------------------------------------------------------------------------------------

void Engine::begin_task(Index task, Index server, double lots) {
  if (s_.tasks.size() >= p_.limits.lots) throw RunError("tasks of the digital layer pile up: task " + p_.digital.tasks[task].name + " begins more often than it ends", s_.now, server == none ? "" : p_.stations[station_of(server)].name);
  TaskState state;
  state.task = task;
  state.server = server;
  state.begun = s_.now;
  state.number = ++s_.tasks_begun;
  state.scale = p_.digital.tasks[task].per_lot ? lots : 1;
  ++s_.accounts.tasks[task].begun;
  if (server != none) s_.awaited[server] = state.number;
  state.queued = 1;
  state.since = s_.now;
  state.end = no_time;
  s_.tasks.push_back(state);
  begin_queued(task);
}

/// As many as may go on at once.
void Engine::begin_queued(Index task) {
  auto going = static_cast<Index>(std::count_if(s_.tasks.begin(), s_.tasks.end(), [&](const TaskState& state) { return state.task == task && state.queued == 0; }));
  for (TaskState& state : s_.tasks) {
    if (going >= p_.digital.tasks[task].at_once) return;
    if (state.task != task || state.queued == 0) continue;
    ++going;
    state.queued = 0;
    begin_step(state);
    share_devices_ = true;
  }
}

/// Of a task that has none left, its end is now.
void Engine::begin_step(TaskState& state) {
  const std::vector<DigitalStep>& steps = p_.digital.tasks[state.task].steps;
  state.since = state.end = s_.now;
  state.rate = 0;
  state.together = state.sends = 0;
  if (state.step >= steps.size()) return;
  const DigitalStep& step = steps[state.step];
  if (step.latency_s > 0) {
    state.left = step.latency_s;
    state.rate = 1;
    state.end = s_.now + step.latency_s;
    return;
  }
  state.sends = 1;
  state.left = step.over.empty() ? 0 : step.amount * state.scale;
  if (state.left > 0) state.end = no_time;
}

void Engine::steps_ended() {
  s_.step_event = 0;
  share_devices_ = true;
  std::vector<TaskState> done;
  for (TaskState& state : s_.tasks) {
    while (state.end <= s_.now) {
      const std::vector<DigitalStep>& steps = p_.digital.tasks[state.task].steps;
      ask_again_ = ask_again_ || state.together != 0;
      if (state.step < steps.size() && state.sends == 0) {  // after its latency the bytes flow
        state.sends = 1;
        state.rate = 0;
        state.since = s_.now;
        state.left = steps[state.step].over.empty() ? 0 : steps[state.step].amount * state.scale;
        state.end = state.left > 0 ? no_time : s_.now;
        continue;
      }
      if (state.step + 1u >= steps.size()) {
        done.push_back(state);
        break;
      }
      ++state.step;
      begin_step(state);
    }
  }
  std::erase_if(s_.tasks, [&](const TaskState& state) { return state.end <= s_.now; });
  for (const TaskState& state : done) {
    if (p_.digital.tasks[state.task].at_once != unlimited) begin_queued(state.task);
    end_task(state);
  }
}

void Engine::end_task(const TaskState& state) {
  const double latency_s = s_.now - state.begun;
  s_.accounts.tasks[state.task].latency.add(latency_s);
  s_.accounts.task_latency[state.task].add(latency_s);
  if (state.server != none && s_.awaited[state.server] == state.number) result_is_there(state.server);
}

// --- jobs that wait for them -----------------------------------------------------------------------------------------------------

void Engine::await_result(Index index) {
  forget_result(index);
  begin_task(current_phase(s_.servers[index]).task, index, s_.servers[index].jobs_lots);
}

/// Whoever began it does not wait for it any more; it goes on all the same.
void Engine::forget_result(Index index) {
  if (!awaits_result(index)) return;
  for (TaskState& state : s_.tasks)
    if (state.number == s_.awaited[index]) state.server = none;
  s_.awaited[index] = 0;
}

/// Its work is done; the result is not there.
void Engine::hold_for_result(Index index) {
  Server& server = s_.servers[index];
  const auto mine = std::find_if(s_.tasks.begin(), s_.tasks.end(), [&](const TaskState& state) { return state.number == s_.awaited[index]; });
  if (!is_held(server)) ++s_.accounts.tasks[mine->task].delayed;
  server.work_start = s_.now;
  server.remaining = 0;
  server.pending = s_.order++;  // its result ends it
  set_base(index, ServerState::waiting_digital);
}

void Engine::result_is_there(Index index) {
  Server& server = s_.servers[index];
  s_.awaited[index] = 0;
  if (!is_held(server) || server.pending == 0 || server.conditions != 0) return;
  s_.accounts.tasks[current_phase(server).task].waited += s_.now - server.work_start;
  server.pending = 0;
  end_of_work(index);
}

void Engine::tasks_after(Index index) {
  for (const Index task : p_.stations[station_of(index)].tasks_after) begin_task(task, none, s_.servers[index].jobs_lots);
}

// --- by the clock ----------------------------------------------------------------------------------------------------------------

void Engine::await_task(Index task, double time) {
  TaskClock& clock = s_.task_clocks[task];
  ++clock.ordinal;
  clock.pending = schedule(time, EventKind::task_due, task);
}

void Engine::task_due(Index index) {
  const DigitalTask& task = p_.digital.tasks[index];
  TaskClock& clock = s_.task_clocks[index];
  clock.pending = 0;
  if (!task.every) return;
  begin_task(index, none, 1);
  await_task(index, s_.now + std::max(0.0, task.every->sample(Draws{s_.key, task.stream, clock.ordinal}.uniform(0))));
}

// --- who goes how fast -----------------------------------------------------------------------------------------------------------

double Engine::capacity_of_device(Index index) const {
  const Device& device = p_.digital.devices[index];
  return device.capacity * left_by_outages(device.first_outage, device.outages.size());
}

/// Whether its step shares nothing of what it goes over. @param users of each device
bool Engine::goes_alone(const TaskState& state, const std::vector<Index>& users, double& rate) const {
  bool alone = true;
  for (const Index index : p_.digital.tasks[state.task].steps[state.step].over) {
    const Device& device = p_.digital.devices[index];
    const double here = device.link ? rate : device.core();
    rate = std::min(rate, here);
    alone = alone && (device.link ? !device.shared || users[index] == 1 : users[index] * device.core() <= (device.capacity - device.streams) * (1 + rounding));
  }
  return alone;
}

void Engine::share_devices() {
  share_devices_ = false;
  const std::vector<Device>& devices = p_.digital.devices;
  std::vector<double> capacity(devices.size());
  for (Index d = 0; d < devices.size(); ++d) capacity[d] = capacity_of_device(d);
  std::vector<Index> users(devices.size(), 0);
  const auto over = [&](const TaskState& state) -> const std::vector<Index>& { return p_.digital.tasks[state.task].steps[state.step].over; };
  const auto takes = [&](const TaskState& state) { return state.sends != 0 && state.end > s_.now; };
  const auto stands = [&](const TaskState& state) {
    return std::any_of(over(state).begin(), over(state).end(), [&](Index d) { return capacity[d] <= devices[d].streams; });
  };
  for (const TaskState& state : s_.tasks)
    if (takes(state) && !stands(state))
      for (const Index d : over(state)) ++users[d];
  for (TaskState& state : s_.tasks) {
    if (!takes(state)) continue;
    double rate = no_time;
    for (const Index d : over(state))
      if (devices[d].link) rate = std::min(rate, capacity[d] - devices[d].streams);
    const bool waits = stands(state), alone = waits || goes_alone(state, users, rate);
    ask_again_ = ask_again_ || alone == (state.together != 0);
    state.together = alone ? 0 : 1;
    if (alone) set_task_rate(state, waits ? 0 : rate);
  }
  if (ask_again_) ask_network(capacity);
  ask_again_ = false;
  count_devices(capacity);
  double end = no_time;
  for (const TaskState& state : s_.tasks) end = std::min(end, state.end);
  if (end == s_.step_end && s_.step_event != 0) return;
  s_.step_end = end;
  s_.step_event = end == no_time ? 0 : schedule(end, EventKind::step_end, 0);
}

void Engine::set_task_rate(TaskState& state, double rate) {
  if (rate == state.rate && (rate == 0 || state.end != no_time)) return;
  state.left = std::max(0.0, state.left - state.rate * (s_.now - state.since));
  state.since = s_.now;
  state.rate = rate;
  state.end = state.left <= 0 ? s_.now : rate > 0 ? s_.now + state.left / rate : no_time;
}

void Engine::ask_network(const std::vector<double>& capacity) {
  std::vector<TaskState*> asked;
  std::vector<DigitalActivity> activities;
  for (TaskState& state : s_.tasks) {
    if (state.together == 0 || state.sends == 0 || state.end <= s_.now) continue;
    const double left = state.left - state.rate * (s_.now - state.since);
    if (left <= 0) {
      set_task_rate(state, 0);
      continue;
    }
    if (asked.size() == most_together)
      throw RunError(fmt::format("task {} of the digital layer begins more often than it ends: more than {} of all share devices; write at_once, or give it more", p_.digital.tasks[state.task].name, most_together), s_.now, state.server == none ? "" : p_.stations[station_of(state.server)].name);
    asked.push_back(&state);
    activities.push_back({left, p_.digital.tasks[state.task].steps[state.step].over});
  }
  if (activities.empty()) return;
  const auto fail = [&](const char* why) {
    const Index server = asked.back()->server;
    throw RunError(std::string("the digital layer: ") + why, s_.now, server == none ? "" : p_.stations[station_of(server)].name);
  };
  if (p_.digital.network == nullptr) fail("tasks share a device, and there is no network");
  std::vector<double> rates;
  try {
    rates = p_.digital.network->rates(capacity, activities);
  } catch (const std::runtime_error& error) {
    fail(error.what());
  }
  for (std::size_t k = 0; k < asked.size(); ++k) set_task_rate(*asked[k], rates[k]);
}

/// How much of each device is in use, and what computers draw: in proportion to their cores at work, as SimGrid's plug-in for the energy of hosts has it.
void Engine::count_devices(const std::vector<double>& capacity) {
  const std::vector<Device>& devices = p_.digital.devices;
  std::vector<double> busy(devices.size());
  for (Index d = 0; d < devices.size(); ++d)
    if (capacity[d] > 0) busy[d] = std::min(devices[d].streams, capacity[d]);
  for (const TaskState& state : s_.tasks)
    if (state.sends != 0 && state.rate > 0)
      for (const Index d : p_.digital.tasks[state.task].steps[state.step].over) busy[d] += state.rate;
  for (Index d = 0; d < devices.size(); ++d) {
    DeviceAccount& account = s_.accounts.devices[d];
    const double share = std::min(1.0, busy[d] / devices[d].capacity);
    set_level(account.busy, devices[d].link ? busy[d] : share * devices[d].cores);
    use_always(d, capacity[d] > 0 ? devices[d].idle_W + share * (devices[d].busy_W - devices[d].idle_W) : 0);
    set_level(account.away, capacity[d] > 0 ? 0 : 1);
    set_level(account.offered, devices[d].link ? capacity[d] : capacity[d] > 0 ? devices[d].cores : 0);
  }
}

// --- beginning, and another plant ------------------------------------------------------------------------------------------------

void Engine::start_digital() {
  for (Index task = 0; task < p_.digital.tasks.size(); ++task)
    if (p_.digital.tasks[task].every) await_task(task, s_.now + p_.digital.tasks[task].first_s);
  if (!p_.digital.devices.empty()) share_devices_ = true;
}

// Other speeds, amounts and routes hold from now on, for what is left of a step. Who waits for another task there begins it now. A task that waits for no clock any more does not begin by it, one that
// does so now begins after its time.
void Engine::adopt_digital(bool same) {
  for (Index task = 0; task < s_.task_clocks.size(); ++task) {
    TaskClock& clock = s_.task_clocks[task];
    const std::optional<Distribution>& every = p_.digital.tasks[task].every;
    if (!every) clock.pending = 0;
    else if (clock.pending == 0)
      await_task(task, s_.now < p_.digital.tasks[task].first_s ? p_.digital.tasks[task].first_s : s_.now + std::max(0.0, every->sample(Draws{s_.key, p_.digital.tasks[task].stream, clock.ordinal + 1}.uniform(0))));
  }
  for (Index task = 0; task < s_.task_clocks.size(); ++task) begin_queued(task);
  for (Index v = 0; v < s_.servers.size(); ++v) {
    Server& server = s_.servers[v];
    if (server.stage != Stage::work) continue;
    const Index wanted = current_phase(server).task;
    const auto mine = std::find_if(s_.tasks.begin(), s_.tasks.end(), [&](const TaskState& state) { return awaits_result(v) && state.number == s_.awaited[v]; });
    if (mine != s_.tasks.end() && mine->task != wanted) {  // of a plant where it waits for something else
      forget_result(v);
      if (wanted != none) await_result(v);
    }
    if (!is_held(server) || server.pending == 0 || awaits_result(v)) continue;
    server.pending = 0;
    resume_work(v);  // nothing is left of it
  }
  if (!p_.digital.devices.empty() && (!same || (!s_.tasks.empty() && s_.step_event == 0))) share_devices_ = ask_again_ = true;
}

}  // namespace retwin
