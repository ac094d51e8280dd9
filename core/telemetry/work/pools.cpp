// Pools by likeness of work: profiles of resources over activities, joined where they are alike.
#include "core/telemetry/work/pools.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include "core/telemetry/hours/pool_hours.hpp"
#include "core/telemetry/work/turns.hpp"

namespace retwin {
namespace {

using Profile = std::vector<std::pair<std::uint32_t, double>>;  // activity, events; in order of activities

/// A profile with what is left of its length from each entry on.
struct Kind {
  const Profile* profile;
  std::size_t resource;
  std::vector<double> rest;
  Kind(const Profile& of, std::size_t who) : profile(&of), resource(who), rest(of.size() + 1, 0) {
    double squares = 0;
    for (std::size_t k = of.size(); k-- > 0;) rest[k] = std::sqrt(squares += of[k].second * of[k].second);
  }
  double length() const { return rest.front(); }
};

/// Whether the sum of products of what both do reaches `enough`; `own` is what the one does by activity, `own_rest` what is left of
/// its length from each activity on. It ends as soon as the rest cannot reach it any more (Cauchy and Schwarz).
bool reaches(double enough, const std::vector<double>& own, const std::vector<double>& own_rest, const Kind& other) {
  constexpr std::size_t stride = 16;
  double sum = 0;
  const Profile& profile = *other.profile;
  for (std::size_t k = 0; k < profile.size(); ++k) {
    if (k % stride == 0 && sum + own_rest[profile[k].first] * other.rest[k] < 0.999999 * enough) return false;
    sum += own[profile[k].first] * profile[k].second;
  }
  return sum >= enough;
}

/// Sets that grow together.
class Joined {
 public:
  explicit Joined(std::size_t n) : of_(n) { std::iota(of_.begin(), of_.end(), std::size_t{0}); }
  std::size_t operator()(std::size_t k) {
    while (of_[k] != k) k = of_[k] = of_[of_[k]];
    return k;
  }
  void join(std::size_t a, std::size_t b) { of_[(*this)(a)] = (*this)(b); }

 private:
  std::vector<std::size_t> of_;
};

/// "tester#0" of a log whose only tester it is: the tester.
std::string without_number(const EventLog& log, const std::string& name) {
  const std::size_t sign = name.rfind('#');
  const bool numbered = sign != std::string::npos && sign > 0 && sign + 1 < name.size() && name.find_first_not_of("0123456789", sign + 1) == std::string::npos;
  if (!numbered) return name;
  const std::string stem = name.substr(0, sign);
  const std::vector<std::string>& all = log.resources.all();
  const bool alone = std::none_of(all.begin(), all.end(), [&](const std::string& other) { return other != name && (other == stem || other.starts_with(stem + "#")); });
  return alone ? stem : name;
}

/// The text that names have in common at their beginning, without number and signs at its end.
std::string common_name(const EventLog& log, const std::vector<std::uint32_t>& resources) {
  std::string name = log.resources[resources.front()];
  for (const std::uint32_t resource : resources) {
    const std::string& other = log.resources[resource];
    std::size_t same = 0;
    while (same < name.size() && same < other.size() && name[same] == other[same]) ++same;
    name.resize(same);
  }
  if (resources.size() == 1) return without_number(log, name);
  while (!name.empty() && (std::isdigit(static_cast<unsigned char>(name.back())) != 0 || name.back() == '_' ||
                           name.back() == '-' || name.back() == ' ' || name.back() == '#'))
    name.pop_back();
  return name.size() < 2 ? log.resources[resources.front()] + " and others" : name;
}

/// How many lots at a time, from events in order of their starts.
struct AtATime {
  double units = 1;
  std::size_t overlapping = 0;
};
AtATime at_a_time(const EventLog& log, const std::vector<std::uint32_t>& events, double multitasks) {
  std::vector<double> ends;  // of what is under way, a heap
  std::vector<double> seen;
  AtATime result;
  for (const std::uint32_t number : events) {
    const LogEvent& event = log.events[number];
    while (!ends.empty() && ends.front() <= event.start_s) {
      std::pop_heap(ends.begin(), ends.end(), std::greater<>());
      ends.pop_back();
    }
    if (!ends.empty() && event.end_s > event.start_s) ++result.overlapping;
    ends.push_back(event.end_s);
    std::push_heap(ends.begin(), ends.end(), std::greater<>());
    seen.push_back(static_cast<double>(ends.size()));
  }
  if (static_cast<double>(result.overlapping) > multitasks * static_cast<double>(events.size())) {
    const auto at = seen.begin() + static_cast<std::ptrdiff_t>(0.95 * static_cast<double>(seen.size() - 1));
    std::nth_element(seen.begin(), at, seen.end());
    result.units = *at;
  }
  return result;
}

struct Gathering {
  std::vector<Profile> profiles;                   // by resource
  std::vector<std::vector<std::uint32_t>> events;  // by resource, in order of starts
  std::vector<Profile> doers;                      // by activity: resource, events
};

Gathering gather_work(const EventLog& log) {
  Gathering work;
  work.profiles.resize(log.resources.size());
  work.events.resize(log.resources.size());
  work.doers.resize(log.activities.size());
  for (std::uint32_t k = 0; k < log.events.size(); ++k) {
    const LogEvent& event = log.events[k];
    if (event.resource != Names::absent) work.events[event.resource].push_back(k);
  }
  std::vector<double> done(log.activities.size(), 0);
  for (std::uint32_t resource = 0; resource < log.resources.size(); ++resource) {
    Profile& profile = work.profiles[resource];
    for (const std::uint32_t k : work.events[resource])
      if (done[log.events[k].activity]++ == 0) profile.emplace_back(log.events[k].activity, 0);
    std::sort(profile.begin(), profile.end());
    for (auto& [activity, n] : profile) {
      n = std::exchange(done[activity], 0);
      work.doers[activity].emplace_back(resource, n);
    }
  }
  return work;
}

/// Those who do alike become one: first whose work is the same, then one of each kind with all others.
void join_alike(const Gathering& work, double alike, Joined& joined) {
  std::map<Profile, std::size_t> kinds;
  for (std::size_t resource = 0; resource < work.profiles.size(); ++resource) {
    if (work.profiles[resource].empty()) continue;
    const auto [kind, fresh] = kinds.emplace(work.profiles[resource], resource);
    if (!fresh) joined.join(resource, kind->second);
  }
  std::vector<Kind> all;
  std::vector<double> does(work.doers.size(), 0), rest = does;
  for (const auto& [profile, resource] : kinds) {
    Kind own(profile, resource);
    for (const auto& [activity, n] : profile) does[activity] = n;
    std::size_t next = profile.size();
    for (std::size_t activity = rest.size(); activity-- > 0;) {
      if (next > 0 && profile[next - 1].first == activity) --next;
      rest[activity] = own.rest[next];
    }
    for (const Kind& other : all)
      if (joined(resource) != joined(other.resource) && reaches(alike * own.length() * other.length(), does, rest, other))
        joined.join(resource, other.resource);
    for (const auto& entry : profile) does[entry.first] = 0;
    all.push_back(std::move(own));
  }
}

/// Those who are joined, with their work.
std::map<std::size_t, std::vector<Crew>> members(const Gathering& work, Joined& joined) {
  std::map<std::size_t, std::vector<Crew>> groups;
  for (std::uint32_t resource = 0; resource < work.events.size(); ++resource)
    if (!work.events[resource].empty()) groups[joined(resource)].push_back({{resource}, work.events[resource]});
  return groups;
}

Crew crew_of(const Gathering& work, Joined& joined, std::size_t pool) {
  Crew crew;
  for (std::uint32_t resource = 0; resource < work.events.size(); ++resource)
    if (joined(resource) == pool)
      crew.events.insert(crew.events.end(), work.events[resource].begin(), work.events[resource].end());
  std::sort(crew.events.begin(), crew.events.end());
  return crew;
}

/// Of those who do alike, shifts apart.
Joined same_hours(const EventLog& log, const Gathering& work, Joined& alike) {
  Joined joined(work.events.size());
  for (const auto& [group, resources] : members(work, alike))
    for (const Crew& crew : by_hours(log, resources))
      for (const std::uint32_t resource : crew.resources) joined.join(resource, crew.resources.front());
  return joined;
}

/// Pools that share an activity become one.
void join_sharers(const EventLog& log, const Gathering& work, Joined& joined) {
  for (const auto& doers : work.doers) {
    std::map<std::size_t, double> by_pool;
    double total = 0;
    for (const auto& [resource, n] : doers) {
      by_pool[joined(resource)] += n;
      total += n;
    }
    if (by_pool.size() < 2) continue;
    const auto most =
        std::max_element(by_pool.begin(), by_pool.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    if (most->second >= 0.9 * total) continue;
    for (const auto& [pool, n] : by_pool)
      if (n >= 0.1 * total && joined(pool) != joined(most->first) &&
          !other_hours(log, crew_of(work, joined, joined(pool)), crew_of(work, joined, joined(most->first))))
        joined.join(pool, most->first);
  }
}

/// Pools that do some of an activity at other hours than the pool that does most of it.
void find_others(const EventLog& log, const Gathering& work, Joined& joined, const std::map<std::size_t, std::uint32_t>& number,
                 Pools& result) {
  result.of_work = PoolOfWork(result.of_activity);
  std::map<std::pair<std::size_t, std::size_t>, bool> apart;
  for (std::uint32_t activity = 0; activity < work.doers.size(); ++activity) {
    std::map<std::size_t, double> by_pool;
    double total = 0;
    for (const auto& [resource, n] : work.doers[activity]) by_pool[joined(resource)] += n, total += n;
    for (const auto& [resource, n] : work.doers[activity]) {
      const std::size_t pool = joined(resource);
      if (number.at(pool) == result.of_activity[activity] || by_pool[pool] < std::max(3.0, 0.02 * total)) continue;
      std::size_t most = pool;
      for (const auto& [other, of_pool] : number)
        if (of_pool == result.of_activity[activity]) most = other;
      const auto [known, fresh] = apart.try_emplace({pool, most}, false);
      if (fresh) known->second = other_hours(log, crew_of(work, joined, pool), crew_of(work, joined, most));
      if (!known->second) continue;
      result.of_work.also(activity, resource, number.at(pool));
      std::vector<std::uint32_t>& own = result.pools[number.at(pool)].activities;
      if (own.empty() || own.back() != activity) own.push_back(activity);
    }
  }
  for (LogPool& pool : result.pools) std::sort(pool.activities.begin(), pool.activities.end());
}

/// The pool of an activity for which nobody is named: that of its crew if it has one, which may be there already.
std::uint32_t pool_of_unnamed(const EventLog& log, std::uint32_t activity, const std::vector<UnseenCrew>& unseen, Pools& result) {
  const auto crew = std::find_if(unseen.begin(), unseen.end(), [&](const UnseenCrew& c) {
    return std::find(c.activities.begin(), c.activities.end(), activity) != c.activities.end();
  });
  if (crew != unseen.end() && crew->activities.front() < activity)
    if (const std::uint32_t pool = result.of_activity[crew->activities.front()]; pool != Names::absent) {
      result.pools[pool].activities.push_back(activity);
      return pool;
    }
  const bool others = crew != unseen.end() && crew->activities.size() > 1;
  result.pools.push_back({log.activities[activity] + (others ? " and others" : ""),
                          {},
                          {activity},
                          crew == unseen.end() ? 0 : crew->units,
                          0,
                          0,
                          0});
  return static_cast<std::uint32_t>(result.pools.size() - 1);
}

}  // namespace

std::vector<std::uint32_t> PoolOfWork::all_of(std::uint32_t activity) const {
  std::set<std::uint32_t> all{of_activity_[activity]};
  for (auto it = also_.lower_bound({activity, 0}); it != also_.end() && it->first.first == activity; ++it) all.insert(it->second);
  return {all.begin(), all.end()};
}

Pools discover_pools(const EventLog& log, const PoolOptions& options, const std::vector<UnseenCrew>& unseen) {
  const Gathering work = gather_work(log);
  Joined alike(log.resources.size());
  join_alike(work, options.alike, alike);
  Joined joined = same_hours(log, work, alike);
  join_sharers(log, work, joined);

  Pools result;
  std::map<std::size_t, std::uint32_t> number;
  for (std::uint32_t resource = 0; resource < log.resources.size(); ++resource) {
    if (work.events[resource].empty()) continue;
    const auto [it, fresh] = number.emplace(joined(resource), static_cast<std::uint32_t>(result.pools.size()));
    if (fresh) result.pools.push_back({{}, {}, {}, 0, 0, 0, 0});
    LogPool& pool = result.pools[it->second];
    const AtATime many = at_a_time(log, work.events[resource], options.multitasks);
    pool.resources.push_back(resource);
    pool.units += many.units;
    pool.events += work.events[resource].size();
    pool.overlap += static_cast<double>(many.overlapping);
  }
  for (LogPool& pool : result.pools) {
    pool.name = common_name(log, pool.resources);
    pool.overlap /= static_cast<double>(pool.events);
    if (pool.units != static_cast<double>(pool.resources.size())) continue;  // some do several things at a time
    std::vector<const std::vector<std::uint32_t>*> own;
    for (const std::uint32_t resource : pool.resources) own.push_back(&work.events[resource]);
    pool.units = static_cast<double>(there_at_a_time(log, own));
  }
  std::vector<double> events(log.activities.size(), 0), named = events;
  for (const LogEvent& event : log.events) {
    events[event.activity] += 1;
    named[event.activity] += event.resource == Names::absent ? 0 : 1;  // who did the others is not known: nobody else
  }
  result.of_activity.assign(log.activities.size(), Names::absent);
  std::vector<double> own(result.pools.size(), 0), all(result.pools.size(), 0);
  for (std::uint32_t activity = 0; activity < log.activities.size(); ++activity) {
    std::map<std::uint32_t, double> by_pool;
    for (const auto& [resource, n] : work.doers[activity]) by_pool[number.at(joined(resource))] += n;
    if (by_pool.empty()) {
      if (events[activity] <= 0) continue;
      result.of_activity[activity] = pool_of_unnamed(log, activity, unseen, result);
      result.pools[result.of_activity[activity]].events += static_cast<std::size_t>(events[activity]);
      own.resize(result.pools.size(), 0);
      all.resize(result.pools.size(), 0);
      continue;
    }
    const auto most =
        std::max_element(by_pool.begin(), by_pool.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    result.of_activity[activity] = most->first;
    result.pools[most->first].activities.push_back(activity);
    own[most->first] += most->second;
    all[most->first] += named[activity];
  }
  find_others(log, work, joined, number, result);
  for (const LogEvent& event : log.events)
    if (const std::uint32_t pool = result.of_work(event); pool != result.of_activity[event.activity])
      own[result.of_activity[event.activity]] += 1;
  for (std::size_t k = 0; k < result.pools.size(); ++k)
    if (all[k] > 0) result.pools[k].strangers = 1 - own[k] / all[k];
  return result;
}

}  // namespace retwin
