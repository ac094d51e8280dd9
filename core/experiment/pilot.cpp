// The pilot run: the first replication from the empty plant, until enough has happened.
#include "core/experiment/pilot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/units.hpp"
#include "core/flow/engine/simulation.hpp"
#include "core/graph/edge_counter.hpp"
#include "core/graph/kinds_seen.hpp"
#include "core/ledger/writers.hpp"

namespace retwin {
namespace {

constexpr std::uint64_t enough_events = 200000;
constexpr std::size_t enough_lots = 1000000;  ///< in the plant at once
constexpr double least_run = 0.01;            ///< of the run: less than this tells little

struct Enough {};

class Budget : public Watch {
 public:
  explicit Budget(double most_events) : events_(std::min(static_cast<double>(enough_events), most_events)) {}
  void look(const State& state) override {
    if (static_cast<double>(state.accounts.events) >= events_ || state.lots.size() >= enough_lots) throw Enough{};
  }

 private:
  double events_;
};

/// What a run of the pilot has shown, and how far it came.
struct Pilot {
  CapacityInput seen;
  std::string note;
};

Pilot run_pilot(const Scenario& scenario, const ProcessGraph& graph) {
  const Plant& plant = *scenario.plant;
  const double duration_s = scenario.run.duration_s;
  Simulation simulation(scenario.plant, scenario.run.seed, 0, scenario.changes);
  KindsSeen kinds(plant);
  EdgeCounter ways(plant, graph, 0);
  Observers observers;
  observers.add(&kinds);
  observers.add(&ways);
  Budget budget(plant.limits.events);
  std::string stopped;
  try {
    simulation.advance(duration_s, &observers, &budget);
  } catch (const Enough&) {
    if (simulation.now() < least_run * duration_s)
      stopped = fmt::format("; it was ended after {} events, which is little of {}", simulation.state().accounts.events,
                            format_duration(duration_s));
  } catch (const RunError& error) {
    stopped = std::string("; it stopped: ") + error.what();
  }
  Pilot pilot{observed(plant, simulation.state().accounts), {}};
  pilot.note = fmt::format("Splits and times that the files do not tell are those of a pilot run of {} from the empty plant{}.",
                           format_duration(simulation.now()), stopped);
  pilot.seen.shares = ways.shares();
  for (std::size_t e = 0; e < graph.edges.size(); ++e)
    if (!std::isnan(graph.edges[e].share)) pilot.seen.shares[e] = std::nan("");  // the file tells
  // how long campaigns last depends on how much waits: there the mix tells more than a run that may have been short of lots
  pilot.seen.mix = kinds.shares();
  for (Index i = 0; i < plant.n_stations(); ++i)
    if (plant.stations[i].dispatch == Dispatch::campaign && !pilot.seen.mix[i].empty()) pilot.seen.setup_s[i] = std::nan("");
  return pilot;
}

}  // namespace

Capacity capacity_of(const Scenario& scenario, const ProcessGraph& graph) {
  const auto over_the_run = [&](CapacityInput input) {
    input.until_s = scenario.run.duration_s;
    return static_capacity(*scenario.plant, graph, input);
  };
  Capacity told = over_the_run({});
  if (told.notes.empty()) return told;
  const Pilot pilot = run_pilot(scenario, graph);
  Capacity seen = over_the_run(pilot.seen);
  seen.notes.insert(seen.notes.begin(), pilot.note);
  return seen;
}

}  // namespace retwin
