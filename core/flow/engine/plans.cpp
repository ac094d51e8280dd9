// Plans: lots that carry a precedence graph of operations of their own. A station with `unit: plan` keeps a lot while its steps are
// done by lots that stand for them (they carry the attributes but no mass, and end when they come back or leave the plant), or, one at
// a time, sends the lot itself from step to step.
#include <algorithm>

#include "core/base/whole.hpp"
#include "core/flow/engine/engine.hpp"

namespace retwin {

const Plan& Engine::plan_of(Index lot) const {
  const double category = attributes_of(lot)[p_.plan_slot];
  return p_.plans[std::min<std::size_t>(whole(category), p_.plans.size() - 1)];
}

// The step that a lot is on, null for one that follows no plan.
const PlanStep* Engine::step_of(Index lot) const {
  const Lot& l = s_.lots[lot];
  return l.plan_of == none ? nullptr : &plan_of(l.plan_of).steps[l.step];
}

void Engine::begin_plan(Index index) {
  const bool travels = p_.stations[station_of(index)].one_at_a_time;
  const Index lot = s_.servers[index].job;
  if (s_.lots[lot].plan_of == lot) {
    step_ended(lot, s_.lots[lot].step);
  } else {
    const Plan& plan = plan_of(lot);
    for (std::size_t k = 0; k < plan.steps.size(); ++k) steps_of(lot)[k] = static_cast<std::uint8_t>(plan.steps[k].after.size());
    if (travels) s_.lots[lot].plan_of = lot;
  }
  set_base(index, ServerState::blocked);  // it waits for other stations
  if (travels || plan_done(lot)) {
    finish_job(index);
  } else {
    begin_ready_steps(lot);
  }
}

void Engine::end_step_lot(Index lot, Index where) {
  if (observer_) observer_->lot_ended(s_.now, s_.lots[lot], where, masses_of(lot));
  const Lot ended = s_.lots[lot];
  s_.lots[ended.plan_of].waited += ended.waited;
  ++s_.live_lots;
  free_lot(lot);
  step_ended(ended.plan_of, ended.step);
}

bool Engine::plan_done(Index owner) const {
  return std::all_of(steps_of(owner), steps_of(owner) + plan_of(owner).steps.size(), [](std::uint8_t s) { return s == step_done; });
}

// A lot whose steps others stand for is held by its server; one that travels is on its way back to it.
void Engine::step_ended(Index owner, Index step) {
  steps_of(owner)[step] = step_done;
  for (const Index next : plan_of(owner).steps[step].followers) --steps_of(owner)[next];
  if (s_.lots[owner].plan_of == owner) return;
  if (plan_done(owner)) {
    finish_job(s_.lots[owner].holder);
  } else {
    begin_ready_steps(owner);
  }
}

void Engine::begin_ready_steps(Index owner) {
  const Plan& plan = plan_of(owner);
  const std::uint64_t stream = p_.hot[station_of(s_.lots[owner].holder)].stream;
  for (Index k = 0; k < plan.steps.size(); ++k) {
    if (steps_of(owner)[k] != 0) continue;
    steps_of(owner)[k] = step_begun;
    const Index lot = new_lot();
    --s_.live_lots;  // it only stands for one
    const Lot& from = s_.lots[owner];
    Lot& l = s_.lots[lot];
    l.id = identity(identity(from.id, stream), plan.steps[k].stream);
    l.family = from.id;
    l.born = s_.now;
    l.source = from.source;
    l.kind = from.kind;
    l.plan_of = owner;
    l.step = k;
    std::copy_n(attributes_of(owner), n_attributes_, attributes_of(lot));
    for (const Index slot : p_.visit_slots) attributes_of(lot)[slot] = 0;
    apply_draws(lot, plan.steps[k].attributes, plan.steps[k].stream);
    const Ancestor owner_itself{from.id, 1};
    if (observer_) observer_->lot_made({s_.now, l, {}, Origin::step, {&owner_itself, 1}, {}, station_of(s_.lots[owner].holder)});
    enqueue(lot, plan.steps[k].station);
  }
}

// Of the steps that are ready, the one whose station has the fewest lots waiting; the first of equals.
Index Engine::choose_step(Index lot) {
  const Plan& plan = plan_of(lot);
  const auto length = [&](Index step) {
    const StationState& st = s_.stations[plan.steps[step].station];
    const Index servers = p_.hot[plan.steps[step].station].servers;
    return std::uint64_t{st.queued} + st.blocked + st.inbound + servers - std::min(servers, st.idle);
  };
  Index chosen = none;
  for (Index k = 0; k < plan.steps.size(); ++k)
    if (steps_of(lot)[k] == 0 && (chosen == none || length(k) < length(chosen))) chosen = k;
  steps_of(lot)[chosen] = step_begun;
  s_.lots[lot].step = chosen;
  apply_draws(lot, plan.steps[chosen].attributes, plan.steps[chosen].stream);
  return plan.steps[chosen].station;
}

}  // namespace retwin
