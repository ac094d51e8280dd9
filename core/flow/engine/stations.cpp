// Buffers by count and mass, of stations with anything beyond the hot path.
#include "core/base/whole.hpp"
#include "core/flow/engine/engine.hpp"

namespace retwin {
namespace {
// The next lot is always the first of its queue, so that nobody has to look for the last.
bool newest_first(const Station& spec) { return spec.dispatch == Dispatch::lifo && spec.batch.rule == BatchRule::single; }
}  // namespace

// --- buffers ---------------------------------------------------------------------------------------------------------------------

bool Engine::has_room(Index station, const Lot& lot) const {
  const StationState& st = s_.stations[station];
  const Station& spec = p_.stations[station];
  const Index capacity = p_.hot[station].capacity;
  const Index per_server = spec.batch.rule == BatchRule::count ? spec.batch.count : 1;
  if (capacity != unlimited && !spec.unlimited_servers) {  // servers without number: each lot finds one
    const std::uint64_t direct = static_cast<std::uint64_t>(st.idle) * per_server;
    if (st.queued + st.reserved >= capacity + direct) return false;
  }
  if (spec.buffer_kg < 0) return capacity != unlimited || !is_offer(s_, lot) || lacks(station, lot);
  const double there = st.queued_kg + (st.reserved > 0 ? promised_kg(station) : 0);
  return (st.queued == 0 && st.reserved == 0) || there + lot.mass <= spec.buffer_kg * (1 + mass_tolerance);
}

// Whether a free server could do with a lot like this one. More than that a saturated source does not put into a buffer without bounds.
bool Engine::lacks(Index station, const Lot& lot) const {
  const StationState& st = s_.stations[station];
  const Station& spec = p_.stations[station];
  const Batch& batch = spec.batch;
  const auto index = static_cast<Index>(&lot - s_.lots.data());
  const std::size_t key = spec.n_keys > 0 ? spec.first_key + key_of(lot, index, batch.by) : 0;
  switch (batch.rule) {
    case BatchRule::count: return s_.key_count[key] < static_cast<std::uint64_t>(st.idle) * batch.count;
    case BatchRule::mass: return s_.key_kg[key] < st.idle * batch.kg * (1 - mass_tolerance) && s_.key_count[key] < static_cast<std::uint64_t>(st.idle) * batch.count;
    case BatchRule::assembly: {
      Index there = 0, needed = 0;
      for (const auto& [kind, count] : batch.parts) needed += kind == lot.kind ? count : 0;
      for (Index other = st.queue.head; other != none; other = s_.lots[other].next) there += s_.lots[other].kind == lot.kind ? 1 : 0;
      return there < static_cast<std::uint64_t>(st.idle) * needed;
    }
    case BatchRule::single:
    case BatchRule::siblings: break;
  }
  return st.queued + st.reserved < st.idle;
}

// Mass of the lots that are promised a place here while they are still worked on (blocking before service).
double Engine::promised_kg(Index station) const {
  double kg = 0;
  for (Index v = 0; v < s_.servers.size(); ++v) {
    const Server& server = s_.servers[v];
    if (!(server.flags & flag_reserved)) continue;
    const Index lot = server.job != none ? server.job : s_.outputs[s_.server_port[v]].head;
    if (lot != none && s_.lots[lot].target == station) kg += s_.lots[lot].mass;
  }
  return kg;
}

bool Engine::enter(Index lot, Index node) {
  const bool ends = p_.is_sink(node) || (p_.stations[node].special == Special::plan && stands_for_step(lot));
  if (!ends && (s_.stations[node].blocked > 0 || !has_room(node, s_.lots[lot]))) return false;
  put_in(lot, node);
  return true;
}

void Engine::put_in(Index lot, Index node) {
  if (p_.is_sink(node)) {
    leave(lot, node - p_.n_stations());
  } else if (p_.stations[node].special == Special::plan && stands_for_step(lot)) {
    end_lot(lot, node);
  } else {
    enqueue(lot, node);
  }
}

std::uint32_t Engine::key_of(const Lot&, Index index, int slot) const {
  return slot < 0 ? 0u : whole(attributes_of(index)[slot] + 1.0);
}

void Engine::enqueue(Index lot, Index station) {
  StationState& st = s_.stations[station];
  const Station& spec = p_.stations[station];
  Lot& l = s_.lots[lot];
  l.holder = none;
  l.target = none;
  StationAccount& account = come_to(station, lot);
  if (spec.buffer_kg >= 0 || spec.batch.rule == BatchRule::mass) s_.accounts.add_kg(station, s_.now, l.mass);
  st.queued_kg += l.mass;
  if (spec.mixed && st.queue.head != none) {  // perfectly mixed: one portion carries on, the single ancestor is not told apart
    const Index into = st.queue.head;
    for (std::size_t c = 0; c < p_.n_components; ++c) kg_of(into)[c] += kg_of(lot)[c];
    const std::uint32_t key = key_of(s_.lots[into], into, spec.batch.by);
    if (spec.n_keys > 0) s_.key_kg[spec.first_key + key] += l.mass;
    s_.lots[into].mass += l.mass;
    account.content.add(s_.now, -1);
    if (observer_)
      observer_->lot_mixed(s_.now, station, s_.lots[into], l, s_.lots[into].mass > 0 ? l.mass / s_.lots[into].mass : 0,
                           {kg_of(into), p_.n_components}, {kg_of(lot), p_.n_components});
    end_lot(lot, station);
    touch(station);
    return;
  }
  wait_in_buffer(lot, station, st, account, newest_first(spec));
  if (spec.n_keys > 0) {
    const std::size_t key = spec.first_key + key_of(l, lot, spec.batch.by);
    ++s_.key_count[key];
    s_.key_kg[key] += l.mass;
  }
  if (spec.batch.longest_wait_s >= 0) schedule_batch_wait(station);
  if (spec.patience) await_patience(lot, station);
  touch(station);
}

/// A lot in the buffer waits so long, not longer.
void Engine::await_patience(Index lot, Index station) {
  const Index visit_slot = p_.hot[station].visit_slot;
  const std::uint64_t visits = visit_slot == none ? 0 : static_cast<std::uint64_t>(attributes_of(lot)[visit_slot]) + 1;
  const Draws draws{s_.key, p_.hot[station].stream + (visits << draw::visit_shift), s_.lots[lot].id};
  const double waits_s = std::max(0.0, p_.stations[station].patience->sample(draws.uniform(draw::patience)));
  s_.patience[lot] = schedule(s_.lots[lot].entered + waits_s, EventKind::give_up, lot);
}

void Engine::give_up(Index lot) {
  for (Index station = 0; station < p_.n_stations(); ++station) {
    if (!p_.stations[station].patience) continue;
    Index previous = none, at = s_.stations[station].queue.head;
    while (at != none && at != lot) previous = at, at = s_.lots[at].next;
    if (at == none) continue;
    take_from_queue(lot, previous, station);
    StationAccount& account = s_.accounts.stations[station];
    ++account.gave_up;
    account.content.add(s_.now, -1);
    leave(lot, p_.stations[station].given_up);
    touch(station);
    return;
  }
}

// Who waits where lots have patience now and had none has so much from when it came; where they have none any more, he waits.
void Engine::adopt_patience() {
  if (s_.patience.size() != (p_.patience ? s_.lots.size() : 0)) s_.patience.assign(p_.patience ? s_.lots.size() : 0, 0);
  for (Index station = 0; station < p_.n_stations() && p_.patience; ++station)
    for (Index lot = s_.stations[station].queue.head; lot != none; lot = s_.lots[lot].next) {
      if (!p_.stations[station].patience) s_.patience[lot] = 0;
      else if (s_.patience[lot] == 0) {
        const double entered = std::exchange(s_.lots[lot].entered, s_.now);
        await_patience(lot, station);
        s_.lots[lot].entered = entered;
      }
    }
}

// A queue that was kept for another rule of dispatch is turned round.
void Engine::adopt_queue(Index station) {
  StationState& st = s_.stations[station];
  if (st.queued < 2) return;
  const double first = s_.lots[st.queue.head].entered, last = s_.lots[st.queue.tail].entered;
  if (newest_first(p_.stations[station]) ? first >= last : first <= last) return;
  for (Index lot = std::exchange(st.queue, {}).head, next; lot != none; lot = next) {
    next = s_.lots[lot].next;
    st.queue.insert(s_.lots, lot, none);
  }
}

void Engine::take_from_queue(Index lot, Index previous, Index station) {
  StationState& st = s_.stations[station];
  const Station& spec = p_.stations[station];
  StationAccount& account = s_.accounts.stations[station];
  Lot& l = s_.lots[lot];
  if (p_.patience) s_.patience[lot] = 0;
  st.queue.remove(s_.lots, lot, previous);
  --st.queued;
  st.queued_kg -= l.mass;
  if (st.queued == 0) st.queued_kg = 0;
  if (spec.buffer_kg >= 0 || spec.batch.rule == BatchRule::mass) s_.accounts.add_kg(station, s_.now, -l.mass);
  if (spec.n_keys > 0) {
    const std::size_t key = spec.first_key + key_of(l, lot, spec.batch.by);
    --s_.key_count[key];
    s_.key_kg[key] = s_.key_count[key] == 0 ? 0.0 : s_.key_kg[key] - l.mass;
  }
  const double waited = s_.now - l.entered;
  l.waited += waited;
  account.waited += waited;
  account.had_to_wait += waited > 0 ? 1 : 0;
  ++account.left_queue;
  count_queued(station, account, -1);
}

void Engine::schedule_batch_wait(Index station) {
  StationState& st = s_.stations[station];
  if (st.wait_event != 0 || st.queue.head == none) return;
  const double due = s_.lots[st.queue.head].entered + p_.stations[station].batch.longest_wait_s;
  if (due > s_.now) st.wait_event = schedule(due, EventKind::batch_wait, station);
}

}  // namespace retwin
