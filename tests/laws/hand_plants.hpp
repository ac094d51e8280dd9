// Plants built by hand for the laws of states: one that uses what a state can hold, and one that only uses the hot path.
#pragma once
#include <algorithm>
#include <cmath>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/base/problem.hpp"
#include "core/base/random.hpp"
#include "core/flow/engine/simulation.hpp"
#include "core/flow/state/snapshot.hpp"

namespace retwin::hand {

constexpr double day = 86400;
enum { chemistry, visits };

// --- plants by hand --------------------------------------------------------------------------------------------------------------

/// Stations by name with targets by name; sorted and linked in build().
class Draft {
 public:
  Plant plant;

  Station& station(const std::string& name, const Distribution& service, std::vector<std::string> targets) {
    Station& s = stations_.emplace_back();
    s.name = name;
    s.phases = {{"work", {service, {}}, {}, true, ServerState::working, {}}};
    for (std::size_t k = 0; k < targets.size(); ++k) s.ports.push_back({k == 0 ? "out" : "reject", "", false});
    targets_[name] = std::move(targets);
    return s;
  }
  Source& source(const std::string& name, Arrivals arrivals, const Distribution& every, const std::string& target) {
    Source& s = sources_.emplace_back();
    s.name = name;
    s.stream = stream_id(name);
    s.arrivals = arrivals;
    s.every = every;
    targets_[name] = {target};
    return s;
  }
  void sinks(const std::vector<std::string>& names) {
    for (const std::string& name : names) plant.sinks.push_back({name, "product", {}});
  }
  Station& at(const std::string& name) {
    return *std::find_if(stations_.begin(), stations_.end(), [&](const Station& s) { return s.name == name; });
  }
  void retarget(const std::string& name, std::vector<std::string> targets) { targets_[name] = std::move(targets); }
  void remove(const std::string& name) {
    std::erase_if(stations_, [&](const Station& s) { return s.name == name; });
    std::erase_if(sources_, [&](const Source& s) { return s.name == name; });
  }

  std::shared_ptr<const Plant> build() {
    Plant p = plant;
    const auto in_order = [](const auto& a, const auto& b) {
      return a.priority != b.priority ? a.priority > b.priority : a.name < b.name;
    };
    p.stations.assign(stations_.begin(), stations_.end());
    p.sources.assign(sources_.begin(), sources_.end());
    std::sort(p.stations.begin(), p.stations.end(), in_order);
    std::sort(p.sources.begin(), p.sources.end(), in_order);
    const auto route = [&](const std::string& target) {
      const Index station = p.find_station(target);
      Route r;
      r.options.push_back({station != none ? station : p.sink_node(p.find_sink(target)), none, 1, {}, 0});
      return r;
    };
    for (Station& s : p.stations)
      for (const std::string& target : targets_.at(s.name)) s.routes.push_back(route(target));
    for (Source& s : p.sources) s.route = route(targets_.at(s.name).front());
    finish_plant(p);
    p.structure_hash = structure_hash(p);
    return std::make_shared<const Plant>(std::move(p));
  }

 private:
  std::deque<Station> stations_;
  std::deque<Source> sources_;
  std::map<std::string, std::vector<std::string>> targets_;
};

inline Duration fixed(double seconds) { return {Distribution::constant(seconds), {}}; }

/// Sends every fifth job of a server back, which it remembers.
class Inspection : public UnitOperation {
 public:
  std::vector<PortInfo> ports() const override { return {{"out", "", false}, {"reject", "", false}}; }
  std::vector<MemoryField> memory() const override { return {{"seen", dimension::none, 0, "jobs since the last one that was sent back"}}; }
  void process(Job& job) const override {
    job.memory()[0] += 1;
    for (int k = 0; k < job.inputs(); ++k) job.pass(k, job.memory()[0] > 4 ? 1 : 0);
    if (job.memory()[0] > 4) job.memory()[0] = 0;
  }
};

class Maker : public LotMaker {
 public:
  void make(NewLot& lot) const override {
    for (std::size_t c = 0; c < lot.kg.size(); ++c) lot.kg[c] = 100 + 50 * lot.draws.uniform(c);
  }
};

inline FailureMode failure(const std::string& name, FailureClock clock, double every_s, double repair_s) {
  FailureMode mode;
  mode.name = name;
  mode.clock = clock;
  mode.every = {Distribution::exponential(every_s), {}};
  mode.repair = {Distribution::exponential(repair_s), {}};
  mode.stream = stream_id(name);
  return mode;
}

/// Packs through a sorting station, baths with a crew, a cooling delay and an inspection that sends some back, into a store; and
/// scrap from a saturated source.
inline Draft factory() {
  Draft d;
  Plant& p = d.plant;
  p.attributes = {{"chemistry", {}, {"LFP", "NMC"}, false}, {"visits", {}, {}, false}};
  p.kinds = {{"pack", false}, {"scrap", false}};
  p.flows = {{"electricity", {}}};
  p.substances.components = {"Al", "Cu"};
  p.n_components = 2;
  p.calendars = {ShiftCalendar(day, {{6 * 3600.0, 22 * 3600.0}}, 0)};
  p.calendar_names = {"two shifts"};
  p.pools = {{"crew", {{0, 2}, {none, 1}}, {}, 1, false}, {"fitters", {{none, 1}}, {}, 1, false}};
  d.sinks({"product", "waste"});

  Station& sort = d.station("sort", Distribution::exponential(300), {"bath"});
  sort.buffer_places = 5;
  sort.visit_slot = visits;
  Station& bath = d.station("bath", Distribution::constant(0), {"cool"});
  bath.servers = 3;
  bath.buffer_places = 8;
  bath.calendar = 0;
  bath.phases = {{"load", fixed(400), {{{0}, 2}}, true, ServerState::working, {}},
                 {"soak", fixed(3000), {}, false, ServerState::working, {}}};
  bath.batch.rule = BatchRule::count;
  bath.batch.count = 3;
  bath.batch.by = chemistry;
  bath.batch.longest_wait_s = 5000;
  Station& cool = d.station("cool", Distribution::exponential(2000), {"inspect"});
  cool.unlimited_servers = true;
  cool.servers = 1;
  Station& inspect = d.station("inspect", Distribution::exponential(200), {"press", "sort"});
  inspect.buffer_places = 6;
  inspect.operation = std::make_shared<Inspection>();
  inspect.setup.by = chemistry;
  inspect.setup.time = Distribution::constant(120);
  inspect.failures = {failure("jam", FailureClock::working, 4000, 300),
                      failure("breakdown", FailureClock::calendar, 3 * day, 7200)};
  inspect.failures[1].needs = {{{1}, 1}};
  Station& press = d.station("press", Distribution::uniform(200, 400), {"store"});
  press.buffer_places = 4;
  press.block_before = true;
  Station& store = d.station("store", Distribution::constant(140), {"product"});
  store.buffer_places = 2;

  Source& packs = d.source("packs", Arrivals::renewal, Distribution::exponential(500), "sort");
  packs.maker = std::make_shared<Maker>();
  packs.attributes = {{chemistry, Distribution::discrete({0, 1}, {0.6, 0.4})}};
  Source& scrap = d.source("scrap", Arrivals::saturated, Distribution(), "store");
  scrap.kind = 1;
  scrap.maker = packs.maker;
  return d;
}

/// A serial line that only uses the hot path.
inline Draft line() {
  Draft d;
  d.plant.flows = {{"electricity", {}}};
  d.plant.kinds = {{"part", false}};
  d.sinks({"out"});
  for (int k = 1; k <= 5; ++k) {
    Station& s = d.station("m" + std::to_string(k), Distribution::exponential(60), {k < 5 ? "m" + std::to_string(k + 1) : "out"});
    s.buffer_places = 3;
    s.servers = k == 3 ? 2 : 1;
  }
  d.source("feed", Arrivals::saturated, Distribution(), "m1");
  return d;
}

inline Simulation after(const std::shared_ptr<const Plant>& plant, double seconds, std::uint64_t seed = 7) {
  Simulation s(plant, seed);
  s.advance(seconds);
  return s;
}

inline std::string digest(const Simulation& s) { return state_digest(s.state(), s.plant()); }

/// Problems of what `f` throws; empty if it throws nothing.
template <class F>
std::vector<Problem> problems_of(F&& f) {
  try {
    f();
  } catch (const InputError& e) {
    return e.problems();
  }
  return {};
}

inline std::set<std::string> paths_of(const std::vector<Problem>& problems) {
  std::set<std::string> paths;
  for (const Problem& p : problems) paths.insert(p.path);
  return paths;
}

inline std::multiset<std::uint64_t> identities(const State& s) {
  std::multiset<std::uint64_t> ids;
  for (const Lot& lot : s.lots)
    if (lot.id != 0) ids.insert(lot.id);
  return ids;
}

/// Whether the counts that a station keeps are the lengths of its lists, and every lot is in one place.
inline bool lists_agree(const State& s) {
  std::size_t lots = 0;
  bool agree = true;
  for (const StationState& st : s.stations) {
    Index queued = 0, blocked = 0, idle = 0;
    for (Index lot = st.queue.head; lot != none; lot = s.lots[lot].next) ++queued;
    for (Index lot = st.line.head; lot != none; lot = s.lots[lot].wait_next) ++blocked;
    for (Index v = st.idlers.head; v != none; v = s.servers[v].next) ++idle;
    agree = agree && queued == st.queued && blocked <= st.blocked && idle == st.idle;  // some wait for several stations
    lots += queued;
  }
  for (const Server& server : s.servers) lots += server.job == none ? 0 : server.jobs_lots;
  for (const auto& outputs : s.outputs)
    for (Index lot = outputs.head; lot != none; lot = s.lots[lot].next) ++lots;
  for (const SourceState& source : s.sources) lots += source.waiting;
  return agree && lots == s.live_lots && lots == identities(s).size();
}

/// Mass in the plant that the accounts cannot explain, relative to what came in.
inline double unexplained(const State& s, std::size_t components) {
  double in = 0, balance = 0;
  for (std::size_t k = 0; k < s.accounts.source_kg.size(); ++k) in += s.accounts.source_kg[k];
  for (const double kg : s.accounts.initial_kg) balance += kg;
  for (const double kg : s.accounts.sink_kg) balance -= kg;
  for (std::size_t lot = 0; lot < s.lots.size(); ++lot)
    if (s.lots[lot].id != 0 && !is_offer(s, s.lots[lot]))
      for (std::size_t c = 0; c < components; ++c) balance -= s.kg[lot * components + c];
  return std::abs(in + balance) / in;
}

}  // namespace retwin::hand
