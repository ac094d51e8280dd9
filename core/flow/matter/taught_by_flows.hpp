// What measured flows can teach of a unit operation: how its feed is shared among its ports, and what it uses per mass of feed.
#pragma once
#include <string>
#include <vector>

#include "core/base/units.hpp"

namespace retwin {

/// How the mass of some components is shared among ports, as a field of the station says.
struct PortShares {
  std::string path;             ///< of the field, under the station
  std::vector<int> components;  ///< whose mass it is
  std::vector<int> ports;       ///< that share it, all of it; what leaves by others is not counted
  std::vector<double> given;    ///< per port
  bool single = false;          ///< the field is the share of the first port; else a map by the names of ports
};

/// A flow that is used per mass of feed, as a field of the station says.
struct FeedUse {
  std::string path;     ///< of the field, under the station
  std::string flow;
  Dimension dimension;  ///< of the flow
  double given = 0;     ///< [SI unit of the flow / kg]
};

struct Teachable {
  std::vector<PortShares> shares;
  std::vector<FeedUse> uses;
  std::vector<bool> kept;   ///< per component: as much of it leaves as came in; empty: of none
  bool adds_matter = false; ///< what leaves may be more than came in
};

/// A unit operation that is this, too, can be taught. Known after bind.
class TaughtByFlows {
 public:
  virtual ~TaughtByFlows() = default;
  virtual Teachable teachable() const = 0;
};

}  // namespace retwin
