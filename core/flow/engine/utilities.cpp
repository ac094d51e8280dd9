// Utilities: what jobs draw, and how fast their work goes on. Rates are found anew at the end of an instant in which somebody came, went or
// has other bounds; between two such instants nothing changes, so that no time is stepped through.
//
// Simplified: what is drawn is metered when its job ends, its electricity evenly over the time of the job; what a job has drawn that is scrapped, with
// the next job of its server.
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "core/flow/engine/engine.hpp"

namespace retwin {
namespace {
constexpr double at_no_time = std::numeric_limits<double>::infinity();
constexpr double slack = 1e-9;  // relative: a rate or a time that differs by less is the same
}  // namespace

// --- the work of a server --------------------------------------------------------------------------------------------------------

const Draw* Engine::draw_of(const Pull& pull) const { return retwin::draw_of(current_phase(s_.servers[pull.server]).draws, pull); }

double Engine::bound_of(const Pull& pull) const {
  const Draw* const draw = draw_of(pull);
  return draw ? draw->at_most_per_s : speed_of(s_.servers[pull.server]);
}

/// Utilities of which it takes, and how much at a rate of 1.
void Engine::takes_of(const Pull& pull, std::vector<Take>& out) const {
  if (const Draw* const needed = draw_of(pull)) {
    out.push_back({needed->utility, 1});
    return;
  }
  for (const Draw& draw : current_phase(s_.servers[pull.server]).draws)
    if (!draw.needed() && !draw.gives()) out.push_back({draw.utility, draw.per_s});
}

Index Engine::circle_of(const Pull& pull) const {
  if (const Draw* const needed = draw_of(pull)) return p_.utilities[needed->utility].circle;
  const std::vector<Draw>& draws = current_phase(s_.servers[pull.server]).draws;
  const auto along = main_draw(draws);
  return p_.utilities[(along == draws.end() ? draws.front() : *along).utility].circle;
}

Index Engine::new_pull(Index server, std::uint16_t item, double left) {
  Index index = s_.free_pull;
  if (index == none) {
    index = static_cast<Index>(s_.pulls.size());
    s_.pulls.emplace_back();
  } else {
    s_.free_pull = s_.pulls[index].next;
  }
  Pull& pull = s_.pulls[index] = {};
  pull.server = server;
  pull.item = item;
  pull.left = left;
  pull.since = s_.now;
  pull.end = at_no_time;
  return index;
}

// Of a phase that is begun later than at its beginning, in service at the start, so much is needed as there is work left.
void Engine::make_pulls(Index index) {
  const double work_s = s_.servers[index].remaining;
  const std::vector<Draw>& draws = current_phase(s_.servers[index]).draws;
  Index* last = &s_.server_pulls[index].first;
  const auto add = [&](std::uint16_t item, double left) {
    const Index pull = new_pull(index, item, left);
    *last = pull;
    last = &s_.pulls[pull].next;
  };
  s_.pulls.reserve(s_.pulls.size() + draws.size() + 1);  // `last` points into it
  add(0, work_s);
  double kg = 0, share = -1;
  std::uint16_t item = 0;
  for (const Draw& draw : draws) {
    if (!draw.needed()) continue;
    if (share < 0) {
      const double whole_s = phase_duration(index);
      share = whole_s > 0 ? std::min(1.0, work_s / whole_s) : 1;
      for (Index lot = s_.servers[index].job; lot != none; lot = s_.lots[lot].next) kg += s_.lots[lot].mass;
    }
    add(++item, share * (draw.per_job + draw.per_kg * kg));
  }
}

/// Counts what was done since its speed was last looked at, if it was held up.
void Engine::count_slowed(Index index) {
  ServerPulls& pulls = s_.server_pulls[index];
  const double ahead = phase_ahead(s_, index);
  if (s_.servers[index].base == ServerState::waiting_utility)
    s_.accounts.stations[station_of(index)].slowed_work_s += pulls.ahead_s - ahead;
  pulls.ahead_s = ahead;
}

void Engine::set_rate(Pull& pull, double rate) {
  if (rate == pull.rate && pull.end != at_no_time) return;
  pull.left = std::max(0.0, pull.left - pull.rate * (s_.now - pull.since));
  pull.since = s_.now;
  pull.rate = rate;
  pull.end = pull.left <= 0 ? s_.now : rate > 0 ? s_.now + pull.left / rate : at_no_time;
  tell_drawn(pull);
}

void Engine::tell_drawn(const Pull& pull) {
  const auto set = [&](const Draw& draw, double rate) {
    if (draw.counted) s_.drawn[pull.server * p_.utilities.size() + draw.utility].set(s_.now, rate);
  };
  if (const Draw* const needed = draw_of(pull)) return set(*needed, pull.rate);
  for (const Draw& draw : current_phase(s_.servers[pull.server]).draws)
    if (!draw.needed()) set(draw, pull.rate * draw.per_s);
}

void Engine::begin_pulls(Index index) {
  if (s_.server_pulls[index].first == none) make_pulls(index);
  for (Index k = s_.server_pulls[index].first; k != none; k = s_.pulls[k].next) {
    Pull& pull = s_.pulls[k];
    pull.bound = bound_of(pull);
    if (pull.item > 0 && pull.left <= 0) continue;  // it has had all of that
    pull.active = 1;
    pull.since = s_.now;
    pull.end = at_no_time;
    const Index circle = circle_of(pull);
    s_.circles[circle].users.push_back(s_.pulls, k);
    want(pull, pull.bound);
    fresh_.push_back(k);
    if (pull.item == 0 && gives(pull)) s_.circles[circle].ample = 0;  // there is more to be had
    share_anew(circle);
  }
  s_.server_pulls[index].ahead_s = phase_ahead(s_, index);
}

void Engine::leave_circle(Index k) {
  Pull& pull = s_.pulls[k];
  if (pull.active == 0) return;
  const Index index = circle_of(pull);
  CircleState& circle = s_.circles[index];
  if (pull.end <= circle.end) circle.end = at_no_time;  // somebody else's is the next: it is looked for
  set_rate(pull, 0);
  circle.users.remove(s_.pulls, k);
  pull.active = 0;
  want(pull, -pull.bound);
  if (pull.item == 0 && gives(pull)) circle.ample = 0;
  if (circle.users.empty())
    for (const Index utility : p_.circles[index]) s_.wanted[utility] = 0;  // sums that go up and down do not come back to it
  share_anew(index);
}

/// So much more is wanted of what it takes of.
void Engine::want(const Pull& pull, double rate) {
  takes_.clear();
  takes_of(pull, takes_);
  for (const Take& take : takes_) s_.wanted[take.utility] += rate * take.per_rate;
}

void Engine::stop_pulls(Index index) {
  count_slowed(index);
  for (Index k = s_.server_pulls[index].first; k != none; k = s_.pulls[k].next) leave_circle(k);
}

/// The phase has ended, or is begun anew.
void Engine::drop_pulls(Index index) {
  if (s_.server_pulls.empty() || s_.server_pulls[index].first == none) return;
  Index k = std::exchange(s_.server_pulls[index].first, none);
  while (k != none) {
    leave_circle(k);
    const Index next = s_.pulls[k].next;
    s_.pulls[k] = {};
    s_.pulls[k].next = s_.free_pull;
    s_.free_pull = k;
    k = next;
  }
}

/// What its job has drawn is metered.
void Engine::meter_drawn(Index index) {
  if (s_.drawn.empty()) return;
  const Index station = station_of(index);
  for (Index u = 0; u < p_.utilities.size(); ++u) {
    DrawnAmount& drawn = s_.drawn[index * p_.utilities.size() + u];
    const double amount = drawn.at(s_.now);
    drawn = {};
    if (amount == 0) continue;
    const Index flow = p_.utilities[u].flow;
    s_.accounts.metered[station * p_.flows.size() + flow] += amount;
    if (observer_) observer_->record_.metered.push_back({flow, amount});
    if (flow == p_.electricity) spread_energy(index, amount);
  }
}

// --- sharing ---------------------------------------------------------------------------------------------------------------------

void Engine::share_anew(Index circle) {
  if (std::find(to_share_.begin(), to_share_.end(), circle) == to_share_.end()) to_share_.push_back(circle);
}

/// Those who have ended, of a circle whose event has come.
void Engine::pulls_ended(Index circle) {
  std::vector<Index> ended;
  for (Index k = s_.circles[circle].users.head; k != none; k = s_.pulls[k].in_circle)
    if (s_.pulls[k].end <= s_.now) ended.push_back(k);
  for (const Index k : ended) {
    const Index index = s_.pulls[k].server;
    count_slowed(index);
    leave_circle(k);
    s_.pulls[k].left = 0;
    bool all = true;
    for (Index one = s_.server_pulls[index].first; one != none; one = s_.pulls[one].next) all = all && s_.pulls[one].left <= 0 && s_.pulls[one].active == 0;
    if (!all) continue;
    s_.servers[index].pending = 0;
    end_of_work(index);
  }
  share_anew(circle);
}

void Engine::share_utilities() {
  std::sort(to_share_.begin(), to_share_.end());
  for (const Index circle : to_share_) {
    const bool ample = s_.circles[circle].ample != 0 && std::all_of(p_.circles[circle].begin(), p_.circles[circle].end(), [&](Index utility) {
      return s_.wanted[utility] <= to_be_had(utility) * (1 - slack);
    });
    if (ample) give_all(circle);
    else share(circle);
  }
  to_share_.clear();
  fresh_.clear();
}

/// Who has come has all that he asks for, as the others have, and who has gone leaves nobody more.
void Engine::give_all(Index index) {
  CircleState& circle = s_.circles[index];
  double end = circle.end;
  for (const Index k : fresh_) {
    Pull& pull = s_.pulls[k];
    if (pull.active == 0 || pull.rate != 0 || circle_of(pull) != index) continue;
    set_rate(pull, pull.bound);
    end = std::min(end, pull.end);
  }
  for (const Index utility : p_.circles[index]) {
    set_level(s_.accounts.utilities[utility].taken, s_.wanted[utility]);
    keep_or_give(utility);
  }
  if (circle.end == at_no_time)
    for (Index k = circle.users.head; k != none; k = s_.pulls[k].in_circle) end = std::min(end, s_.pulls[k].end);
  await_end(index, end);
}

/// What stays as it was is not looked at: sums are those of a run that nobody has interrupted.
void Engine::set_level(LevelIntegral& level, double to) {
  if (level.level() != to) level.set(s_.now, to);
}

void Engine::await_end(Index index, double end) {
  CircleState& circle = s_.circles[index];
  if (end == circle.end && circle.pending != 0) return;
  circle.end = end;
  circle.pending = end == at_no_time ? 0 : schedule(end, EventKind::pull_end, index);
}

double Engine::capacity_now(Index utility) const {
  const Utility& spec = p_.utilities[utility];
  return left_by_outages(spec.first_outage, spec.outages.size()) * spec.capacity;
}

bool Engine::gives(const Pull& pull) const {
  const std::vector<Draw>& draws = current_phase(s_.servers[pull.server]).draws;
  return std::any_of(draws.begin(), draws.end(), [](const Draw& draw) { return draw.gives(); });
}

/// What jobs give to the utilities of a circle: they take nothing while they work, so that nothing slows them.
void Engine::feed(Index index) {
  for (const Index utility : p_.circles[index]) s_.fed[utility] = 0;
  for (Index k = s_.circles[index].users.head; k != none; k = s_.pulls[k].in_circle) {
    const Pull& pull = s_.pulls[k];
    if (pull.item > 0) continue;
    for (const Draw& draw : current_phase(s_.servers[pull.server]).draws)
      if (draw.gives()) s_.fed[draw.utility] -= draw.per_s * bound_of(pull);
  }
  for (const Index utility : p_.circles[index]) set_level(s_.accounts.utilities[utility].fed, s_.fed[utility]);
}

void Engine::share(Index index) {
  CircleState& circle = s_.circles[index];
  const std::vector<Index>& utilities = p_.circles[index];
  feed(index);
  const auto local = [&](Index utility) {  // few are shared together
    return static_cast<Index>(std::find(utilities.begin(), utilities.end(), utility) - utilities.begin());
  };
  std::vector<double> designed, now, taken(utilities.size());
  for (const Index utility : utilities) {
    designed.push_back(p_.utilities[utility].capacity);
    now.push_back(to_be_had(utility));
  }
  users_.clear();
  takes_.clear();
  std::vector<std::size_t> first_take;
  std::vector<Index> pulls;
  for (Index k = circle.users.head; k != none; k = s_.pulls[k].in_circle) {
    pulls.push_back(k);
    first_take.push_back(takes_.size());
    takes_of(s_.pulls[k], takes_);
  }
  first_take.push_back(takes_.size());
  for (Take& take : takes_) take.utility = local(take.utility);
  for (std::size_t i = 0; i < pulls.size(); ++i) {
    const Pull& pull = s_.pulls[pulls[i]];
    double weight = 1;
    int priority = 0;
    if (const Draw* const needed = draw_of(pull)) {
      weight = needed->weight;
      priority = needed->priority;
    } else {
      double largest = 0;  // share of a utility: what it takes most of says how it stands against others
      for (const Draw& draw : current_phase(s_.servers[pull.server]).draws) {
        const double part = draw.per_s / p_.utilities[draw.utility].capacity;
        if (draw.needed() || draw.gives() || part <= largest) continue;
        largest = part;
        weight = draw.weight;
        priority = draw.priority;
      }
    }
    const std::span<const Take> takes(takes_.data() + first_take[i], first_take[i + 1] - first_take[i]);
    users_.push_back({bound_of(pull), fair_share(weight, takes, designed), priority, takes});
  }
  const std::vector<double>& rates = sharing_(now, users_);
  std::vector<char> more(utilities.size(), 0);
  double end = at_no_time;
  circle.ample = 1;
  for (const Index utility : utilities) s_.wanted[utility] = 0;
  for (const Index k : pulls) count_slowed(s_.pulls[k].server);
  for (std::size_t i = 0; i < pulls.size(); ++i) s_.pulls[pulls[i]].bound = users_[i].bound;
  for (const Index k : pulls) s_.server_pulls[s_.pulls[k].server].ahead_s = phase_ahead(s_, s_.pulls[k].server);
  for (std::size_t i = 0; i < pulls.size(); ++i) {
    Pull& pull = s_.pulls[pulls[i]];
    set_rate(pull, rates[i]);
    end = std::min(end, pull.end);
    if (rates[i] != pull.bound) circle.ample = 0;
    for (const Take& take : users_[i].takes) {
      s_.wanted[utilities[take.utility]] += pull.bound * take.per_rate;
      taken[take.utility] += rates[i] * take.per_rate;
      if (rates[i] < pull.bound * (1 - slack)) more[take.utility] = 1;
    }
  }
  for (std::size_t u = 0; u < utilities.size(); ++u) {
    UtilityAccount& account = s_.accounts.utilities[utilities[u]];
    set_level(account.taken, taken[u]);
    keep_or_give(utilities[u]);
    set_level(account.full, more[u] != 0 && taken[u] >= now[u] * (1 - slack) ? 1 : 0);
  }
  for (const Index k : pulls) show_speed(s_.pulls[k].server);
  await_end(index, end);
}

/// It is held up where it ends later than it would with all that it asks for.
void Engine::show_speed(Index index) {
  const Server& server = s_.servers[index];
  double end = s_.now;
  for (Index k = s_.server_pulls[index].first; k != none; k = s_.pulls[k].next)
    if (s_.pulls[k].active != 0) end = std::max(end, s_.pulls[k].end);
  const bool slow = end - s_.now > s_.server_pulls[index].ahead_s * (1 + slack);
  set_base(index, slow ? ServerState::waiting_utility : current_phase(server).state);
}

// --- what is kept ----------------------------------------------------------------------------------------------------------------

/// What it gives now, and what it has kept.
double Engine::to_be_had(Index utility) const {
  const StoreState& store = s_.stores[utility];
  return capacity_now(utility) + s_.fed[utility] + (store.at(s_.now) > 0 ? p_.utilities[utility].storage.discharge : 0);
}

/// What is taken beyond what it gives comes out of the store; what is not taken goes into it, less what is lost on the way. What it holds is lost little by
/// little; a full one is kept full.
void Engine::keep_or_give(Index utility) {
  const Storage& spec = p_.utilities[utility].storage;
  StoreState& store = s_.stores[utility];
  if (spec.amount > 0 || store.level > 0) {
    const double over = s_.accounts.utilities[utility].taken.level() - capacity_now(utility) - s_.fed[utility];
    const double level = std::min(spec.amount, std::max(0.0, store.at(s_.now)));
    StoreState now{level, 0, s_.now, 0, 0, 0};
    if (over > 0) now.gives = level > 0 ? over : 0;
    else now.takes = std::min(-over, spec.charge);
    const double hold = spec.loss_per_s / spec.efficiency;  // keeps it as it is
    if (over <= 0 && level >= spec.amount && now.takes >= hold) now.takes = hold;
    else now.rate = spec.efficiency * now.takes - now.gives - spec.loss_per_s;
    if (level <= 0) now.rate = std::max(0.0, now.rate);
    const bool same = now.rate == store.rate && now.gives == store.gives && now.takes == store.takes && level < spec.amount;
    if (!same || (store.pending == 0 && now.rate != 0)) {
      settle_store(s_, utility, s_.accounts);
      store = now;
      if (now.rate != 0) store.pending = schedule(s_.now + (now.rate < 0 ? level / -now.rate : (spec.amount - level) / now.rate), EventKind::store_end, utility);
    }
  }
  count_input(utility);
}

void Engine::end_store(Index utility) {
  StoreState& store = s_.stores[utility];
  settle_store(s_, utility, s_.accounts);
  store = {store.rate < 0 ? 0 : p_.utilities[utility].storage.amount, 0, s_.now, 0, 0, 0};
  s_.circles[p_.utilities[utility].circle].ample = 0;
  share_anew(p_.utilities[utility].circle);
}

/// What it uses for what it gives now: on the line through the points that are known, beyond the last of them as before it. One that is away uses nothing.
void Engine::count_input(Index utility) {
  const auto& points = p_.utilities[utility].input;
  const StoreState& store = s_.stores[utility];
  UtilityAccount& account = s_.accounts.utilities[utility];
  const double made = std::max(0.0, account.taken.level() - s_.fed[utility] - store.gives + store.takes);
  set_level(account.made, made);
  double used = 0;
  if (points.empty()) {  // what jobs take is metered with them; what goes into the store and comes out of it, less
    if (p_.utilities[utility].storage.amount > 0) use_always(static_cast<Index>(p_.digital.devices.size()) + utility, store.takes - store.gives);
    return;
  }
  if (capacity_now(utility) > 0) {
    std::size_t k = 1;
    while (k + 1 < points.size() && made > points[k].first) ++k;
    const auto& [from, low] = points[k - 1];
    const auto& [to, high] = points[k];
    used = std::max(0.0, low + (high - low) * (made - from) / (to - from));
  }
  use_always(static_cast<Index>(p_.digital.devices.size()) + utility, used);
}

void Engine::use_always(Index index, double per_s) {
  LevelIntegral& level = s_.accounts.standing[index];
  if (level.level() == per_s) return;
  if (observer_) observer_->standing_use(s_.now, index, per_s);
  level.set(s_.now, per_s);
}

// --- another capacity ------------------------------------------------------------------------------------------------------------

void Engine::tell_capacity(Index utility) {
  const double capacity = capacity_now(utility);
  if (s_.accounts.utilities[utility].offered.level() == capacity) return;
  s_.accounts.utilities[utility].offered.set(s_.now, capacity);
  s_.circles[p_.utilities[utility].circle].ample = 0;
  share_anew(p_.utilities[utility].circle);
}

void Engine::start_utilities() {
  for (Index utility = 0; utility < p_.utilities.size(); ++utility) {
    tell_capacity(utility);
    share_anew(p_.utilities[utility].circle);  // what it keeps may fill up
  }
}

// --- another plant ---------------------------------------------------------------------------------------------------------------

// Other capacities, rates and weights hold from now on. A job whose phase draws something else than it has begun to draw goes on with what is left
// of its work.
void Engine::adopt_utilities(bool same) {
  std::set<std::uint64_t> orders;
  for (const Event& event : s_.calendar.events()) orders.insert(event.order);
  for (Index v = 0; v < s_.servers.size(); ++v) {
    Server& server = s_.servers[v];
    if (server.stage != Stage::work || is_held(server)) continue;
    const bool works = server.pending != 0 && server.conditions == 0;
    const std::vector<Draw>& draws = current_phase(server).draws;
    const auto needed = std::count_if(draws.begin(), draws.end(), [](const Draw& draw) { return draw.needed(); });
    std::ptrdiff_t there = 0;
    bool active = false;  // none is that was brought over from a plant where the station draws something else
    if (!s_.server_pulls.empty())
      for (Index k = s_.server_pulls[v].first; k != none; k = s_.pulls[k].next, ++there) active = active || s_.pulls[k].active != 0;
    const std::ptrdiff_t expected = draws.empty() ? 0 : 1 + needed;
    if (there == 0 && works && !orders.contains(server.pending)) {  // it drew in a plant without this one's utilities: nothing ends it
      run_clocks(v, s_.now - server.work_start);
      server.duration += s_.now - server.work_start;
      resume_work(v);
      continue;
    }
    if (there == expected ? active || !works || there == 0 : there == 0 && !works) continue;
    if (works) stop_work(v);
    drop_pulls(v);
    if (works) resume_work(v);
  }
  if (p_.utilities.empty()) return;
  for (Index utility = 0; utility < p_.utilities.size(); ++utility) tell_capacity(utility);
  for (Index circle = 0; circle < s_.circles.size(); ++circle)
    if (!same || (!s_.circles[circle].users.empty() && s_.circles[circle].pending == 0)) {
      s_.circles[circle].ample = 0;
      share_anew(circle);
    }
}

}  // namespace retwin
