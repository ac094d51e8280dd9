// What a report is about beside the flow itself: functional units, loads that no station draws, emission factors, shared groups.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "core/flow/plant/plant.hpp"

namespace retwin {

/// A denominator with a name: the mass that all intensities of this unit are divided by.
struct FunctionalUnit {
  std::string name;
  /// Whose mass counts: "station.port", or the name of a source (made less lost), a sink, or a station (mass of finished jobs);
  /// "sources.x", "sinks.x" and "stations.x" where a bare name would be ambiguous.
  std::vector<std::string> ports;
  std::vector<std::string> groups;  ///< groups whose use is counted; empty: the whole plant
  std::string doc;
};

/// A constant load or use outside the stations: lighting, ventilation, stand-by heat.
struct Auxiliary {
  std::string name;
  std::string group;
  double power_W = 0;
  std::vector<std::pair<Index, double>> consumes;  ///< flow and amount per second [its SI unit/s]
  std::string note;
  bool estimate = false;
};

/// Emission factor of a flow.
struct Factor {
  Index flow = 0;
  double kgCO2e_per_unit = 0;  ///< per SI unit of the flow (J, kg, m3)
  std::string name;
  std::string source;
  int scope = 3;  ///< 1, 2 or 3 of the GHG Protocol
  bool estimate = false;
  /// What is avoided elsewhere: told beside the emissions, never netted with them.
  bool credit() const { return kgCO2e_per_unit < 0; }
};

/// A group that several functional units share, and how its use is split between other groups.
struct Allocation {
  std::string group;
  std::vector<std::pair<std::string, double>> to;  ///< group and share; shares sum to 1
  bool by_electricity = false;  ///< in proportion to the groups' direct use of electricity instead; shares are ignored
};

/// What the times of a station rest on, as its file says.
struct Evidence {
  std::string confidence;  ///< "estimate", "literature", "measured", or empty: not said
  std::string source;
  bool estimate() const { return confidence == "estimate"; }
};

struct Reporting {
  std::vector<FunctionalUnit> functional_units;
  std::vector<Auxiliary> auxiliaries;
  std::vector<Factor> factors;
  std::vector<Allocation> allocations;
  std::vector<Evidence> stations;  ///< in the order of the plant; empty: nothing is said of any
  bool credits() const {
    for (const Factor& factor : factors)
      if (factor.credit()) return true;
    return false;
  }
  Evidence of_station(Index k) const { return k < stations.size() ? stations[k] : Evidence(); }
};

}  // namespace retwin
