// Reliefs: what may limit a plant, and the plant with less of it.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/flow/plant/plant.hpp"
#include "core/scenario/scenario.hpp"

namespace retwin {

/// A thing that may limit what a plant makes.
struct Candidate {
  enum class Kind : std::uint8_t { servers, fleet, buffer, pool, repair_crew, calendar, setup, failure, utility, device, demand };
  Kind kind = Kind::servers;
  std::string path;       ///< as in scenario files: "stations.press.servers", "resources.crew", "sources"
  Index item = none;      ///< station, pool, calendar, utility or device of the digital layer
  std::string mode = {};  ///< name of the failure mode
  bool of_station() const {
    return kind == Kind::servers || kind == Kind::fleet || kind == Kind::buffer || kind == Kind::setup || kind == Kind::failure;
  }
};

/// How much of it is taken away.
/// - full: as good as none of it is left. Servers, vehicles: four times as many, or 20 more, whichever is more; where a source is
///   saturated, which would fill any number, twice as many. A pool: a million; with a saturated source twice as many. A buffer: no
///   bound. A calendar: round the clock. A failure mode: off. Setups: no time, nobody needed.
///   A utility: a thousand times the capacity. A link of the digital layer likewise; a computer: a thousand times the cores, each so much faster.
/// - unit: one server, place, vehicle, or person on each shift more; of a bound by mass or volume 10 % more; setups 10 % shorter;
///   failures 10 % rarer; each working interval of a calendar 10 % longer; a utility's capacity
///   or a link's bandwidth 10 % larger, a computer with one core more. Demand: arrivals x 1.25.
/// - large: twice the servers, people, cores or capacity; ten times the buffer.
enum class Extent : std::uint8_t { unit, large, full };

struct Relief {
  Candidate candidate;
  Extent extent = Extent::full;
};

/// All candidates of a plant, demand aside: stations first, then pools, calendars, utilities, and devices where jobs wait for results, in the plant's order.
std::vector<Candidate> candidates(const Plant& plant);
/// More arrivals. Nothing changes with it where all sources are saturated.
Candidate demand();
/// Whether there is a demand that can grow.
bool has_demand(const Plant& plant);
/// Whether the relief is another one than those of less extent.
bool applies(const Plant& plant, const Relief& relief);
/// What changes, for people: "servers 1 -> 2", "buffer 3 -> 30 places", "off".
std::string change_text(const Plant& plant, const Relief& relief);
/// Name and change: "inspect: servers 1 -> 2".
std::string relief_text(const Plant& plant, const Relief& relief);

/// The scenario with these reliefs in force from its beginning, also after changes of parameters on the way. Draws stay those of the
/// plant as it is: they follow lots, stations and visits, not servers in number.
Scenario relieved(const Scenario& scenario, std::span<const Relief> reliefs);

}  // namespace retwin
