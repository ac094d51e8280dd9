// Event logs straight from a simulation, as a value.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/scenario/scenario.hpp"
#include "core/telemetry/log/event_log.hpp"

namespace retwin {

struct SimulatedLogOptions {
  std::uint64_t seed = 1, replication = 0;
  std::string_view source;  ///< only lots of this source; empty: all
  std::uint64_t lots = 0;   ///< end once so many of these have left; 0: none counts
  double until_s = 0;       ///< end at the latest then, from the start of the run
  double lots_until_s = 0;  ///< end once this is past and all lots made have left; 0: never for that reason
};

/// Runs a scenario once and keeps the operations at the stations that `activities` has (all if it is empty) under the numbers that
/// it gives them; stamps in seconds since 1970-01-01 on the plant's clock. What is under way at the end is left out.
/// @throws RunError if the plant locks up
EventLog simulate_log(const Scenario& scenario, const SimulatedLogOptions& options,
                      const std::map<std::string, std::uint32_t>& activities = {});

}  // namespace retwin
