// The traffic equations: visits of lots and kg per source lot. Private to core/graph.
#pragma once
#include <string>
#include <vector>

#include "core/graph/capacity.hpp"

namespace retwin {

/// Where flow begins: a source, or a station of a closed loop at which rounds are counted.
struct Entry {
  Index source = none;
  Index station = none;
  double kg = 0;       ///< per lot
  double load = 1;     ///< lots in a carrier
  double load_kg = 0;  ///< mass of each
};
/// Mean mass of what a maker makes [kg], over 1,000 of its lots; 0 without a maker.
double mean_kg(const Plant& plant, const LotMaker* maker, std::uint64_t stream);
std::vector<Entry> entries_of(const Plant& plant, const ProcessGraph& graph, const CapacityInput& input);

/// How a station turns what it takes in into jobs, and what leaves its ports. All defaults filled in.
struct Conversion {
  double lots_per_job = 1;
  double job_kg = 0;     ///< jobs filled by mass: of a job; else 0
  bool unloads = false;  ///< port 0 gives the load of the carrier
  std::vector<PortYield> ports;
};
std::vector<Conversion> conversions_of(const Plant& plant, const CapacityInput& input, std::vector<std::string>& notes);

/// Visits per lot of one entry.
struct Visits {
  std::vector<double> lots, kg;  ///< per station; nan if lots that enter never leave
};
/// One solution per entry. @param shares per edge, none nan
std::vector<Visits> solve_traffic(const Plant& plant, const ProcessGraph& graph, const std::vector<Entry>& entries,
                                  const std::vector<Conversion>& conversions, const std::vector<double>& shares);

/// Lots that an edge carries per lot of an entry.
double edge_flow(const ProcessGraph& graph, const FlowEdge& edge, double share, const Entry& entry,
                 const std::vector<Conversion>& conversions, const Visits& visits);

}  // namespace retwin
