// What a run may use: lots that are there at a time, and events. A run that would never end, or not fit into memory, says so.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/flow/engine/engine.hpp"
#include "core/flow/engine/pace.hpp"

namespace retwin {
namespace {

// The pace of the rest is foretold from so many events on, sooner where it is absurd.
constexpr double enough_to_tell = 2e7, enough_if_absurd = 5e6, absurd = 100;

const std::string& busiest_station(const Plant& plant, const State& state) {
  Index most = 0;
  for (Index station = 0; station < plant.n_stations(); ++station)
    if (state.accounts.stations[station].jobs > state.accounts.stations[most].jobs) most = station;
  return plant.stations[most].name;
}

}  // namespace

void check_pace(const Plant& plant, const State& state, double began_s, std::uint64_t events_before, double until_s) {
  const double all = static_cast<double>(state.accounts.events), here = static_cast<double>(state.accounts.events - events_before);
  double expected = all;
  if (here >= enough_if_absurd && state.now > began_s && until_s < std::numeric_limits<double>::infinity())
    expected += here * (std::max(0.0, until_s - state.now) / (state.now - began_s));
  if (all <= plant.limits.events && expected <= plant.limits.events * (here < enough_to_tell ? absurd : 1)) return;
  throw RunError(fmt::format("{} {:.3g} events; run.most_events admits {:.3g}",
                             expected > all ? "at this pace the run would take" : "more than", expected, plant.limits.events),
                 state.now, busiest_station(plant, state));
}

// Where most of them are: that is where to look.
void Engine::too_many_lots() const {
  Index fullest = 0;
  const auto there = [&](Index station) { return s_.accounts.stations[station].content.level(); };
  for (Index station = 0; station < p_.n_stations(); ++station)
    if (there(station) > there(fullest)) fullest = station;
  throw RunError(fmt::format("more than {} lots at a time; run.most_lots admits no more", p_.limits.lots), s_.now,
                 there(fullest) > 0 ? p_.stations[fullest].name : "");
}

// Events up to now are counted in the state.
void Engine::check_events(double began_s, std::uint64_t handled, double until_s) const {
  check_pace(p_, s_, began_s, s_.accounts.events - handled, until_s);
}

// Stations and loops without duration could go on for ever at one instant.
void Engine::time_stands_still() const {
  throw RunError("time stands still: jobs without duration follow one another for ever", s_.now, busiest());
}

const std::string& Engine::busiest() const { return busiest_station(p_, s_); }

}  // namespace retwin
