// What the referees share: departures by the engine and by S4U actors from the same draws, and how they are compared.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <simgrid/s4u.hpp>
#include <string>
#include <vector>

#include "core/base/random.hpp"
#include "core/flow/engine/simulation.hpp"
#include "core/scenario/scenario.hpp"

namespace referee {

using Departures = std::map<std::uint64_t, double>;  ///< ordinal of the lot at its source, time [s]

inline constexpr double tolerance = 1e-12;             ///< relative to the clock
inline constexpr std::size_t least_departures = 10000;  ///< fewer would prove little
inline constexpr std::uint64_t seed = 20240817;

/// Draws of the engine, addressed as it addresses them: by station, lot, visit (none: no station is on a cycle) and draw.
class Luck {
 public:
  Luck(const char* source, bool perturb) : source_(retwin::stream_id(std::string("source ") + source)), perturb_(perturb) {}
  double arrival(std::uint64_t number) const { return draw(source_, number, 0); }
  double service(const char* station, std::uint64_t ordinal) const {
    return draw(retwin::stream_id(station), source_ + ordinal, 0);
  }
  double until_failure(const char* station, std::uint64_t number) const { return draw(failures(station), number, 0); }
  double repair(const char* station, std::uint64_t number) const { return draw(failures(station), number, 1); }
  /// A millionth of a second at one lot of the last station: what the comparison must notice.
  double perturbation(std::uint64_t ordinal) const { return perturb_ && ordinal == 5000 ? 1e-6 : 0; }

 private:
  static std::uint64_t failures(const char* station) { return retwin::stream_id(std::string(station) + " fails stop"); }
  double draw(std::uint64_t stream, std::uint64_t lot, std::uint64_t number) const {
    return retwin::Draws{key_, stream, lot}.uniform(number);
  }
  std::uint64_t key_ = retwin::replication_key(seed, 0);
  std::uint64_t source_;
  bool perturb_;
};

inline double exponential(double mean, double u) { return -mean * std::log(u); }
inline double uniform(double low, double high, double u) { return low + (high - low) * u; }

/// Departures by the engine, and how many lots the source made.
struct EngineSide {
  Departures departures;
  std::uint64_t made = 0;
};

inline EngineSide run_engine(const std::string& scenario_file, const char* source) {
  struct Leaving : retwin::Observer {
    Departures times;
    std::uint64_t source = 0;
    void lot_ended(double now, const retwin::Lot& lot, retwin::Index, std::span<const double>) override { times[lot.id - source] = now; }
  };
  const std::string folder = RETWIN_SOURCE_DIR "/tests/verify/scenarios/";
  const retwin::Scenario scenario = retwin::load_scenario(folder + scenario_file, {});
  retwin::Simulation simulation(scenario.plant, seed);
  Leaving leaving;
  leaving.source = retwin::stream_id(std::string("source ") + source);
  simulation.advance(scenario.run.duration_s, &leaving);
  return {leaving.times, simulation.state().sources[0].ordinal};
}

/// Runs S4U actors to the end; `build` creates them on a host. One engine per process.
template <class Build>
void run_actors(Build build) {
  std::string name = "referee", threshold = "--log=root.thres:critical", precision = "--cfg=surf/precision:1e-14";
  char* words[] = {name.data(), threshold.data(), precision.data(), nullptr};
  int count = 3;
  simgrid::s4u::Engine engine(&count, words);
  auto* zone = simgrid::s4u::create_full_zone("zone");
  auto* host = zone->create_host("host", "1Gf")->seal();
  zone->seal();
  build(host);
  engine.run();
}

/// Compares lot by lot; the exit code of the test. With a perturbed draw, a difference is what is wanted.
inline int compare(const EngineSide& engine, const Departures& actors, bool perturb) {
  double worst = 0;
  std::size_t missing = 0, different = 0;
  for (const auto& [lot, time] : engine.departures) {
    const auto other = actors.find(lot);
    if (other == actors.end()) {
      ++missing;
      continue;
    }
    const double apart = std::abs(other->second - time) / std::max(1.0, time);
    worst = std::max(worst, apart);
    different += apart > tolerance ? 1 : 0;
  }
  std::printf("%zu departures, %zu missing, %zu differ by more than %.0e of the clock, worst %.2g\n", engine.departures.size(),
              missing, different, tolerance, worst);
  const bool enough = engine.departures.size() >= least_departures;
  const bool same = missing == 0 && different == 0;
  return enough && missing == 0 && same != perturb ? 0 : 1;
}

inline bool is_control(int count, char** words) { return count > 1 && std::string(words[1]) == "--perturb"; }

}  // namespace referee
