// What groups of a plant use of each flow in a window.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/kpi/kpi.hpp"

namespace retwin {

/// What a group used of each flow [SI unit of the flow], and whether an estimate is among it.
struct Use {
  std::vector<double> amount;
  std::vector<bool> estimate;
  explicit Use(std::size_t flows = 0) : amount(flows), estimate(flows) {}
  void add(std::size_t flow, double value, bool estimated = false) {
    amount[flow] += value;
    if (estimated && value != 0) estimate[flow] = true;
  }
  void add(const Use& other, double share) {
    for (std::size_t f = 0; f < amount.size(); ++f) add(f, share * other.amount[f], other.estimate[f]);
  }
};
using Groups = std::map<std::string, Use>;

/// Stations, auxiliaries, sources and sinks. What sinks use falls to the groups of the stations that fill them, by mass; of a port
/// that leads to several places its whole mass counts, without masses each port counts the same.
Groups use_by_group(const KpiInput& in);
/// Share that each group brings of what arrives at a sink, by mass (of an element, unless that is -1).
std::map<std::string, double> filled_by(const Window& window, Index sink, int element = -1);
/// Of all of them [SI unit of the flow].
double total_use(const KpiInput& in, Index flow);

/// Factors of electricity [kg CO2e/J]: that of the location, and those told beside it (none: nothing is told of it). Loads that belong to
/// no station count in every quarter hour.
struct OtherElectricity {
  double location = 0;
  std::optional<double> market, hourly;
  ElectricityAccount account;  ///< with as many supplies as are told
};
OtherElectricity other_electricity(const KpiInput& in);

}  // namespace retwin
