// Resource pools: requests are granted all or none, by exact matching of needs and pools, in the order of priority, work that was begun
// and interrupted first, then age (of a job that asks again, that of the job; of those who ask at one instant, that of the lot). A
// waiting request claims what it can have now against those of lower priority, and once it was overtaken too often (`ageing` of its
// pools) against those of its own, so that a big one cannot starve behind small ones.
#include <algorithm>
#include <limits>

#include "core/flow/engine/crews.hpp"
#include "core/flow/plant/duty.hpp"

namespace retwin {
namespace {

bool ahead(const Request& a, const Request& b) {
  if (a.priority != b.priority) return a.priority > b.priority;
  return a.resumes != b.resumes ? a.resumes > b.resumes : a.order < b.order;
}

bool share_pool(const std::vector<Need>& a, const std::vector<Need>& b) {
  for (const Need& x : a)
    for (const Need& y : b)
      for (Index p : x.pools)
        if (std::find(y.pools.begin(), y.pools.end(), p) != y.pools.end()) return true;
  return false;
}

}  // namespace

const std::vector<Need>* Crews::needs_of(const Server& server) const {
  const Index index = static_cast<Index>(&server - s_.servers.data());
  const Station& spec = p_.stations[s_.server_station[index]];
  if (server.conditions & out_of_order) return &spec.failures[server.failed_mode].needs;
  if (server.stage == Stage::setup) return &spec.setup.needs;
  if (server.stage == Stage::changeover) return &spec.changeover_needs;
  if (server.stage == Stage::work) return &spec.phases[server.phase].needs;
  return nullptr;
}

double Crews::slowest(Index grant) const {
  double speed = s_.grants[grant].speed;
  for (; grant != none; grant = s_.grants[grant].next) speed = std::min(speed, s_.grants[grant].speed);
  return speed;
}

double Crews::units_in(Index grant, Index pool) const {
  double units = 0;
  for (; grant != none; grant = s_.grants[grant].next)
    if (s_.grants[grant].pool == pool) units += s_.grants[grant].count;
  return units;
}

// Servers whose jobs hold units of a pool, the oldest job first.
std::vector<Index> Crews::holders_of(Index pool) const {
  std::vector<Index> holders;
  for (Index v = 0; v < s_.servers.size(); ++v)
    if (units_in(s_.servers[v].grant, pool) > eps) holders.push_back(v);
  std::sort(holders.begin(), holders.end(), [&](Index a, Index b) { return s_.servers[a].began < s_.servers[b].began; });
  return holders;
}

// Whether a crew that was kept during a repair has gone off duty meanwhile.
bool Crews::beyond_shift(Index grant) const {
  for (; grant != none; grant = s_.grants[grant].next) {
    const PoolState& pool = s_.pools[s_.grants[grant].pool];
    const Pool& spec = p_.pools[s_.grants[grant].pool];
    if (!spec.finish && !spec.keep && pool.taken > pool.capacity + eps) return true;
  }
  return false;
}

// Whether a job has to wait for those who are to go on with it: the units on duty are with the oldest jobs.
bool Crews::off_duty(Index index) const {
  for (Index grant = s_.servers[index].grant; grant != none; grant = s_.grants[grant].next) {
    const Index pool = s_.grants[grant].pool;
    double left = s_.pools[pool].capacity;
    if (!p_.pools[pool].keep || s_.pools[pool].taken <= left + eps) continue;
    for (const Server& server : s_.servers)
      if (server.grant != none && server.began <= s_.servers[index].began) left -= units_in(server.grant, pool);
    if (left < -eps) return true;
  }
  return false;
}

// --- granting --------------------------------------------------------------------------------------------------------------------

// Units of a pool that are on duty; of one that fits its work into shifts, those that stay until the server's is done. What no shift is
// long enough for is begun all the same, and so are repairs, of which nobody knows how long they take.
double Crews::to_be_had(Index pool, Index index) const {
  const Pool& spec = p_.pools[pool];
  const double here = s_.pools[pool].capacity;
  if (!spec.fit || (s_.servers[index].conditions & out_of_order)) return here;
  const std::vector<Need>* const needs = needs_of(s_.servers[index]);
  auto longest = longest_.find(needs);
  if (longest == longest_.end()) longest = longest_.emplace(needs, longest_shift(p_, *needs)).first;
  const double length = work_s_(index) / spec.speed;
  return length > longest->second ? here : std::min(here, least_on_duty(p_, spec, s_.now, s_.now + length));
}

// `claims`: units by pool that requests ahead keep; null: none.
bool Crews::grant(Index index, Index& granted, const std::vector<double>* claims) {
  const auto free_of = [&](Index pool) { return to_be_had(pool, index) - s_.pools[pool].taken - (claims ? (*claims)[pool] : 0.0); };
  if (!matching_.meet(*needs_of(s_.servers[index]), free_of)) return false;
  for (const Units& units : matching_.given()) take(granted, units.pool, units.count);
  return true;
}

void Crews::take(Index& grant, Index pool, double count) {
  Index node = s_.free_grant;
  if (node == none) {
    node = static_cast<Index>(s_.grants.size());
    s_.grants.emplace_back();
  } else {
    s_.free_grant = s_.grants[node].next;
  }
  s_.grants[node] = {pool, grant, count, p_.pools[pool].speed};
  grant = node;
  s_.pools[pool].taken += count;
  s_.pools[pool].use.add(s_.now, count);
  tell(pool);
}

void Crews::release(Index& grant) {
  while (grant != none) {
    Grant& g = s_.grants[grant];
    PoolState& pool = s_.pools[g.pool];
    if (p_.pools[g.pool].keep && pool.taken > pool.capacity + eps) kept_are_free = s_.pools_dirty = true;
    if (!s_.requests.empty() && !p_.pools[g.pool].ample) s_.pools_dirty = true;
    pool.taken -= g.count;
    pool.use.add(s_.now, -g.count);
    tell(g.pool);
    const Index next = g.next;
    g.next = s_.free_grant;
    g.pool = none;
    s_.free_grant = grant;
    grant = next;
  }
}

// A request keeps as many units as it can have now: a largest matching, so that whatever is freed later serves it as if nobody behind
// it had been served. It keeps none while those on duty could not meet it even if all of them were free.
void Crews::claim(Index index, std::vector<double>& claims) {
  const std::vector<Need>& needs = *needs_of(s_.servers[index]);
  if (!matching_.meet(needs, [&](Index pool) { return to_be_had(pool, index); })) return;
  matching_.meet(needs, [&](Index pool) { return to_be_had(pool, index) - s_.pools[pool].taken - claims[pool]; });
  for (const Units& units : matching_.given()) claims[units.pool] += units.count;
}

// --- requests --------------------------------------------------------------------------------------------------------------------

bool Crews::aged(const Request& waiting) const {
  for (const Need& need : *needs_of(s_.servers[waiting.server]))
    for (const Index pool : need.pools)
      if (p_.pools[pool].ageing != unlimited && waiting.overtaken >= p_.pools[pool].ageing) return true;
  return false;
}

// Interrupted at work, or while it waited.
bool Crews::asks_again(Index index) const {
  return (s_.servers[index].flags & flag_suspended) != 0 && (s_.servers[index].conditions & out_of_order) == 0;
}

void Crews::insert(Index index) {
  Server& server = s_.servers[index];
  Request r;
  r.server = index;
  r.since = s_.now;
  r.priority = p_.stations[s_.server_station[index]].priority;
  const bool again = asks_again(index);
  r.resumes = again && server.remaining >= 0 ? 1 : 0;
  r.order = again ? server.began : s_.order++;
  s_.requests.insert(std::upper_bound(s_.requests.begin(), s_.requests.end(), r, ahead), r);
  server.flags |= flag_waiting;
}

// Of those who ask for the first time, at one instant, the older lot goes first, whatever brought it there; machines without a job last.
void Crews::order_fresh() {
  std::vector<Request*> asked;
  std::vector<std::uint64_t> orders;
  for (Request& r : s_.requests) {
    if (r.fresh == 0 || r.since != s_.now || asks_again(r.server)) continue;
    asked.push_back(&r);
    orders.push_back(r.order);
  }
  if (asked.size() < 2) return;
  std::sort(orders.begin(), orders.end());
  std::sort(asked.begin(), asked.end(), [&](const Request* a, const Request* b) {
    const auto born = [&](const Request* r) {
      const Index lot = s_.servers[r->server].job;
      return lot == none ? std::numeric_limits<double>::infinity() : s_.lots[lot].born;
    };
    return born(a) != born(b) ? born(a) < born(b) : a->order < b->order;
  });
  for (std::size_t k = 0; k < asked.size(); ++k) asked[k]->order = orders[k];
  std::stable_sort(s_.requests.begin(), s_.requests.end(), ahead);
}

// The server waits in line: who is served is decided when nothing else can move at this instant.
void Crews::ask(Index index) {
  insert(index);
  asked_ = true;
}

// Those that were looked at before have what they lack no more than then, unless units have become free. Claims do not hold up who has
// a crew while he asks for another (for a repair): they may be waiting for just that crew.
void Crews::serve(const std::function<void(Index)>& begin, const std::function<void(Index)>& waits) {
  if (asked_) order_fresh();
  const bool all = s_.pools_dirty;
  s_.pools_dirty = asked_ = false;
  std::vector<double> claims(s_.pools.size(), 0);
  std::vector<std::size_t> passed;  // requests of the priority at hand that wait on and have not claimed anything
  for (std::size_t k = 0; k < s_.requests.size();) {
    const Index index = s_.requests[k].server;
    Server& server = s_.servers[index];
    const std::vector<Need>& needs = *needs_of(server);
    if (!passed.empty() && s_.requests[passed.front()].priority > s_.requests[k].priority) {
      for (const std::size_t before : passed) claim(s_.requests[before].server, claims);
      passed.clear();
    }
    const bool repair = (server.conditions & out_of_order) != 0, fresh = s_.requests[k].fresh != 0;
    if ((all || fresh) && grant(index, repair ? server.repair_grant : server.grant, server.grant == none ? &claims : nullptr)) {
      for (const std::size_t before : passed)
        if (share_pool(needs, *needs_of(s_.servers[s_.requests[before].server]))) ++s_.requests[before].overtaken;
      s_.requests.erase(s_.requests.begin() + static_cast<std::ptrdiff_t>(k));
      server.flags &= static_cast<std::uint8_t>(~flag_waiting);
      begin(index);
      continue;
    }
    s_.requests[k].fresh = 0;
    if (fresh && !repair) waits(index);
    if (aged(s_.requests[k])) {
      claim(index, claims);
    } else {
      passed.push_back(k);
    }
    ++k;
  }
}

void Crews::cancel(Index index) {
  std::erase_if(s_.requests, [&](const Request& r) { return r.server == index; });
  s_.servers[index].flags &= static_cast<std::uint8_t>(~flag_waiting);
  if (!s_.requests.empty()) s_.pools_dirty = true;  // what it claimed is free for others
}

// Another plant: other priorities, needs and units.
void Crews::renew() {
  longest_.clear();
  for (Request& r : s_.requests) r.priority = p_.stations[s_.server_station[r.server]].priority;
  std::stable_sort(s_.requests.begin(), s_.requests.end(), ahead);
  kept_are_free = s_.pools_dirty = true;
}

void Crews::tell(Index pool) {
  if (observer_) observer_->crew_changed(s_.now, pool, s_.pools[pool].taken, s_.pools[pool].capacity);
}

}  // namespace retwin
