// Measured streams and analyses as a network of the plant's stations: where each stream leaves and enters, and which balances hold.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/flow/matter/taught_by_flows.hpp"
#include "core/scenario/scenario.hpp"
#include "core/telemetry/balances/component_flows.hpp"
#include "core/telemetry/given/measurements.hpp"

namespace retwin {

/// A stream of matter in the plant.
struct PlacedStream {
  const MeasuredStream* measured;
  Index from = none, to = none;  ///< nodes; none: the outside
  Index port = none;             ///< of `from`, if that is a station; none: it cannot be told
};

struct MatterNetwork {
  std::vector<PlacedStream> streams;
  std::vector<const MeasuredStream*> uses;  ///< rows of flows that stations use
  std::vector<int> components;              ///< analysed ones, numbers among the substances
  std::vector<std::size_t> analyses;        ///< samples of each
  std::vector<Index> stations;              ///< of the units
  std::vector<std::optional<Teachable>> taught;  ///< per station of the plant
  Dimension dimension;                      ///< of all streams: a mass, or a mass rate
  ComponentNetwork network;
  std::optional<std::size_t> column(int component) const;  ///< of a component among those analysed
};

/// Problems of the measurements against the plant: unknown_name (nodes, streams, components, flows), route (no link), port, unit,
/// missing (a spread that cannot be told), too_large.
MatterNetwork place_matter(const Plant& plant, const Measurements& measured, Problems& problems);

}  // namespace retwin
