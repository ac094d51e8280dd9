// Plants written as scenarios, for laws and tests of the engine: compile, shuffle, run, and record what happens.
#pragma once
#include <bit>
#include <cmath>
#include <cstdlib>
#include <map>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "core/flow/engine/simulation.hpp"
#include "core/ledger/reading.hpp"
#include "core/ledger/window.hpp"
#include "core/scenario/document/document.hpp"
#include "core/scenario/scenario.hpp"
#include "models/models.hpp"

namespace retwin::plants {

constexpr double minute = 60, hour = 3600, day = 86400, week = 7 * day;

inline const Registry& registry() {
  static const Registry all = [] {
    Registry r;
    register_basic_operations(r);
    register_models(r);
    return r;
  }();
  return all;
}

/// How many plants a law tries: usually so many, else as an environment variable says.
inline unsigned plants_to_try(const char* variable, unsigned usual) {
  const char* const said = std::getenv(variable);
  return said ? static_cast<unsigned>(std::atoi(said)) : usual;
}

inline Node parse(const std::string& text) {
  Problems problems;
  std::optional<Node> node = read_yaml(text, "test.yaml", problems);
  problems.throw_if_errors();
  return *node;
}

inline Scenario compile(const Node& document, const Registry& with = registry()) {
  return compile_scenario(document, "test.yaml", with, {RETWIN_SOURCE_DIR "/scenarios/library"});
}
inline Scenario compile(const std::string& text, const Registry& with = registry()) { return compile(parse(text), with); }

inline Simulation start(const Scenario& scenario, std::uint64_t seed = 1) {
  return Simulation(scenario.plant, seed, 0, scenario.changes);
}

/// Codes and paths of what is wrong with a text; empty if it compiles.
inline std::vector<Problem> problems_of(const std::string& text) {
  try {
    compile(text);
  } catch (const InputError& e) {
    return e.problems();
  }
  return {};
}
inline bool has(const std::vector<Problem>& problems, Code code, const std::string& path) {
  for (const Problem& p : problems)
    if (p.code == code && p.path == path) return true;
  return false;
}

/// The document with the entries of every map in another order. What an assembly is made of is left: there the first part leads.
inline void shuffle(Node& node, std::mt19937& random) {
  for (Node::Entry& entry : node.entries)
    if (entry.key != "parts") shuffle(entry.value, random);
  for (Node& item : node.items) shuffle(item, random);
  for (std::size_t k = node.entries.size(); k > 1; --k) std::swap(node.entries[k - 1], node.entries[random() % k]);
}

/// Writes down when lots leave and jobs begin and end.
class Recorder : public Observer {
 public:
  struct Entry {
    double at;
    Index server = 0;
    std::uint64_t lot = 0;
  };
  explicit Recorder(const Simulation& simulation) : simulation_(&simulation) {}
  void lot_made(const Birth& birth) override { made.push_back({birth.now, 0, birth.lot.id}); }
  void lot_entered(double now, Index station, const Lot& lot) override { entered[station].push_back({now, 0, lot.id}); }
  void lot_ended(double now, const Lot& lot, Index node, std::span<const double>) override { ended[node].push_back({now, 0, lot.id}); }
  void job_started(const JobRecord& job) override { started[job.station].push_back({job.now, job.server, job.inputs.front().id}); }
  void job_finished(const JobRecord& job) override { finished[job.station].push_back({job.now, job.server, job.inputs.front().id}); }
  void state_changed(double now, Index station, Index server, ServerState from, ServerState to) override {
    states[station].push_back({now, server, from, to});
  }
  struct Change {
    double at;
    Index server;
    ServerState from, to;
  };
  std::vector<Entry> made;
  std::map<Index, std::vector<Entry>> entered, ended, started, finished;
  std::map<Index, std::vector<Change>> states;

 private:
  const Simulation* simulation_;
};

/// Times as doctest can print them.
struct Times : std::vector<double> {
  using std::vector<double>::vector;
  friend std::ostream& operator<<(std::ostream& out, const Times& times) {
    for (const double t : times) out << t << ' ';
    return out;
  }
};

/// A scenario that has run, with what was recorded; times in the unit that `per` says.
class Run {
 public:
  explicit Run(const std::string& text, double until_s, std::uint64_t seed = 1, double per = minute)
      : scenario(compile(text)), simulation(start(scenario, seed)), recorder(simulation), per_(per) {
    simulation.advance(until_s, &recorder);
  }
  void advance(double until_s) { simulation.advance(until_s, &recorder); }
  Index station(const std::string& name) const { return known(simulation.plant().find_station(name), name); }
  Index sink(const std::string& name) const { return known(simulation.plant().find_sink(name), name); }
  Index source(const std::string& name) const { return known(simulation.plant().find_source(name), name); }
  /// When lots reached a sink.
  Times left(const std::string& name) { return times(recorder.ended[simulation.plant().sink_node(sink(name))]); }
  Times lost(const std::string& name) {
    return times(recorder.ended[simulation.plant().n_stations() + static_cast<Index>(simulation.plant().sinks.size()) + source(name)]);
  }
  Times starts(const std::string& name) { return times(recorder.started[station(name)]); }
  Times ends(const std::string& name) { return times(recorder.finished[station(name)]); }
  Times entries(const std::string& name) { return times(recorder.entered[station(name)]); }
  const StationAccount& account(const std::string& name) const { return simulation.state().accounts.stations[station(name)]; }
  const SourceAccount& source_account(const std::string& name) const { return simulation.state().accounts.sources[source(name)]; }
  /// Time of all servers in a state, the stretch that is going on included.
  double time_in(const std::string& name, ServerState state) const {
    return read(simulation.plant(), simulation.state()).accounts.stations[station(name)].time_in[static_cast<std::size_t>(state)] / per_;
  }
  Index queued(const std::string& name) const { return simulation.state().stations[station(name)].queued; }

  Scenario scenario;
  Simulation simulation;
  Recorder recorder;

 private:
  static Index known(Index index, const std::string& name) {
    if (index == none) throw std::out_of_range("no such thing in this plant: " + name);
    return index;
  }
  Times times(const std::vector<Recorder::Entry>& entries) const {
    Times out;
    for (const Recorder::Entry& e : entries) out.push_back(std::round(e.at / per_ * 1e6) / 1e6);
    return out;
  }
  double per_;
};

// --- what must hold at every event -----------------------------------------------------------------------------------------------

/// Looks at the state before every event and at every lot that is made or ends.
class Auditor : public Observer {
 public:
  /// @param judged_by the plant whose limits hold, if not the simulation's own  @param every how many events between two looks
  explicit Auditor(const Simulation& simulation, const Plant* judged_by = nullptr, std::uint64_t every = 1)
      : simulation_(&simulation), judged_by_(judged_by), every_(every) {}
  bool between_events() const override { return true; }
  void before_event(double) override {
    if (++events_ % every_ == 0) look();
  }
  void lot_made(const Birth& birth) override {
    if (birth.origin == Origin::tank) return;        // no lot of the plant, and never told to be gone
    const bool step = birth.origin == Origin::step;  // it stands for a step of a plan and is none of the plant's lots
    if (!step) ++made;
    if (!alive_.emplace(birth.lot.id, step).second) complain("an identity was given twice");
  }
  void lot_ended(double, const Lot& lot, Index, std::span<const double>) override {
    const auto found = alive_.find(lot.id);
    if (found == alive_.end()) {
      complain("a lot ended that was never made");
      return;
    }
    if (!found->second) ++ended;
    alive_.erase(found);
  }

  /// What was found wrong, each kind once.
  const std::map<std::string, int>& complaints() const { return complaints_; }
  std::uint64_t made = 0, ended = 0, looks = 0;
  double most_queued = 0;

  void look() {
    ++looks;
    const State& s = simulation_->state();
    const Plant& p = judged_by_ ? *judged_by_ : simulation_->plant();
    in_hand_.assign(p.stations.size(), 0);
    idle_.assign(p.stations.size(), 0);
    for (std::size_t v = 0; v < s.servers.size(); ++v) {
      const Server& server = s.servers[v];
      in_hand_[s.server_station[v]] += (server.job != none ? server.jobs_lots : 0) + server.outputs;
      idle_[s.server_station[v]] += server.stage == Stage::idle && server.conditions == 0 ? 1 : 0;
    }
    for (Index k = 0; k < p.n_stations(); ++k) station(s, p, k);
    std::vector<double> held(p.pools.size());
    for (const Server& server : s.servers)
      for (const Index head : {server.grant, server.repair_grant})
        for (Index g = head; g != none; g = s.grants[g].next) held[s.grants[g].pool] += s.grants[g].count;
    for (std::size_t k = 0; k < p.pools.size(); ++k) {
      const PoolState& pool = s.pools[k];
      if (std::abs(pool.taken - held[k]) > 1e-9 || pool.taken < -1e-9) complain("units of a pool are lost or held twice");
      if (std::abs(pool.use.level() - pool.taken) > 1e-9) complain("the account of a pool differs from it");
      if (pool.taken > pool.capacity + 1e-9 && !p.pools[k].finish && !beyond_shift(s, p, static_cast<Index>(k)))
        complain("more units of a pool are taken than there are");
    }
    Index outside = 0;
    for (const SourceState& source : s.sources) outside += source.offered;
    if (made - ended + outside != s.live_lots) complain("lots are not conserved");
    if (std::abs(s.accounts.wip.level() + outside - s.live_lots) > 1e-6) complain("work in process is miscounted");
  }

 private:
  // Servers with a lot that finds no room in a station: in its line, and once for each way that leads there in lines of routes.
  static std::uint64_t held_up(const State& s, const Plant& p, Index k) {
    std::uint64_t held = 0;
    for (Index lot = s.stations[k].line.head; lot != none; lot = s.lots[lot].wait_next) held += (s.lots[lot].holder & source_holder) == 0;
    for (Index r = 0; r < s.routes.size(); ++r)
      for (Index lot = s.routes[r].line.head; lot != none; lot = s.lots[lot].wait_next)
        for (const RouteOption& option : p.route(r).options)
          held += (s.lots[lot].holder & source_holder) == 0 && p.route(r).gate(option) == k;
    return held;
  }
  // A repair in hand, or one whose crew stays, may go on after the shift.
  static bool beyond_shift(const State& s, const Plant&, Index pool) {
    for (const Server& server : s.servers)
      for (const Index head : {server.conditions != 0 ? server.grant : none, server.repair_grant})
        for (Index g = head; g != none; g = s.grants[g].next)
          if (s.grants[g].pool == pool) return true;
    return false;
  }
  void station(const State& s, const Plant& p, Index k) {
    const StationState& st = s.stations[k];
    const Station& spec = p.stations[k];
    const StationHot& hot = p.hot[k];
    const StationAccount& account = s.accounts.stations[k];
    Index queued = 0;
    double kg = 0;
    for (Index lot = st.queue.head; lot != none && queued <= st.queued; lot = s.lots[lot].next) ++queued, kg += s.lots[lot].mass;
    if (queued != st.queued) complain("the length of a queue is wrong");
    if (std::abs(kg - st.queued_kg) > 1e-6 * (1 + kg)) complain("the mass of a queue is wrong");
    if (idle_[k] != st.idle) complain("idle servers are miscounted");
    if (st.reserved > s.servers.size()) complain("more places are promised than there are jobs");
    if (account.queue.lots != st.queued) complain("the account of a queue differs from it");
    if (account.held_up.count() != held_up(s, p, static_cast<Index>(k))) complain("who is held up before a station is miscounted");
    if (std::abs(account.content.level() - st.queued - in_hand_[k]) > 1e-9) complain("the content of a station is miscounted");
    most_queued = std::max(most_queued, static_cast<double>(st.queued));
    const Index per_server = spec.batch.rule == BatchRule::count ? spec.batch.count : 1;
    const Index servers = spec.unlimited_servers ? static_cast<Index>(s.servers.size()) : hot.servers;
    // beside its places, a buffer takes what the idle servers will; if these then go out of order it stays
    const bool steady = spec.batch.rule == BatchRule::single && spec.failures.empty() && spec.calendar == none && spec.headway_s <= 0 && !spec.unlimited_servers;
    const std::uint64_t places = hot.capacity + static_cast<std::uint64_t>(steady ? st.idle : servers) * per_server;
    if (hot.capacity != unlimited && st.queued > places) complain("more lots wait in a buffer than it has places");
    if (spec.buffer_kg >= 0 && st.queued > 1 && st.queued_kg > spec.buffer_kg * (1 + 1e-6))
      complain("more mass waits in a buffer than it holds");
  }
  void complain(const std::string& what) { ++complaints_[what]; }

  const Simulation* simulation_;
  const Plant* judged_by_;
  std::uint64_t every_, events_ = 0;
  std::vector<Index> in_hand_, idle_;
  std::map<std::uint64_t, bool> alive_;  // whether it stands for a step
  std::map<std::string, int> complaints_;
};

/// Everything a run tells, by name: accounts of stations, sources, sinks, pools and flows, and the lots that are there.
inline std::map<std::string, double> tell(const Simulation& simulation) {
  const Plant& p = simulation.plant();
  const State& s = simulation.state();
  const Reading now = read(p, s);
  std::map<std::string, double> out;
  for (Index k = 0; k < p.n_stations(); ++k) {
    const StationAccount& a = now.accounts.stations[k];
    const std::string name = p.stations[k].name + ".";
    for (std::size_t i = 0; i < n_server_states; ++i) out[name + server_state_names[i]] = a.time_in[i];
    out[name + "jobs"] = static_cast<double>(a.jobs);
    out[name + "in"] = static_cast<double>(a.lots_in);
    out[name + "out"] = static_cast<double>(a.lots_out);
    out[name + "failures"] = static_cast<double>(a.failures);
    out[name + "setups"] = static_cast<double>(a.setups);
    out[name + "scrapped"] = static_cast<double>(a.scrapped);
    out[name + "kg"] = a.kg_in;
    out[name + "waited"] = now.waits_s[k];
    out[name + "queue"] = now.accounts.queue_integral(static_cast<Index>(k));
    out[name + "held up"] = a.held_up.value(s.now);
    for (std::size_t f = 0; f < p.flows.size(); ++f) out[name + p.flows[f].name] = now.accounts.metered[k * p.flows.size() + f];
  }
  for (std::size_t k = 0; k < p.sinks.size(); ++k) {
    out[p.sinks[k].name + ".lots"] = static_cast<double>(now.accounts.sinks[k].lots);
    out[p.sinks[k].name + ".kg"] = now.accounts.sinks[k].kg;
    out[p.sinks[k].name + ".stay"] = now.accounts.sinks[k].cycle_time.total();
  }
  for (std::size_t k = 0; k < p.sources.size(); ++k) {
    out[p.sources[k].name + ".made"] = static_cast<double>(now.accounts.sources[k].made);
    out[p.sources[k].name + ".lost"] = static_cast<double>(now.accounts.sources[k].lost);
  }
  for (std::size_t k = 0; k < p.pools.size(); ++k) out[p.pools[k].name + ".use"] = now.pools[k].use.value(s.now);
  out["wip"] = now.accounts.wip.value(s.now);
  out["events"] = static_cast<double>(now.accounts.events);
  out["lots"] = now.live_lots;
  return out;
}

}  // namespace retwin::plants
