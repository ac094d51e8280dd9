// Who does what: resources that do the same work, gathered in pools.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/telemetry/event_log.hpp"

namespace retwin {

/// Resources of an event log that can stand in for one another.
struct LogPool {
  std::string name;
  std::vector<std::uint32_t> resources;   ///< numbers in the log; none: it names no resource for this work
  std::vector<std::uint32_t> activities;  ///< whose work they do
  double units = 1;                       ///< lots that it works on at a time: units of all resources
  std::size_t events = 0;
  double overlap = 0;    ///< share of the events that began while their resource was at work on another
  double strangers = 0;  ///< share of the events of its activities that were done by resources of other pools
};

struct PoolOptions {
  double alike = 0.8;       ///< least cosine between what two resources do, by activity, to be of one pool
  double multitasks = 0.1;  ///< share of events begun beside another from which on a resource does several at a time
};

struct Pools {
  std::vector<LogPool> pools;
  std::vector<std::uint32_t> of_activity;  ///< by activity: number of its pool; absent if it has no events
};

/// Gathers resources whose shares of work by activity are alike (cosine, single linkage), then joins pools that share an activity
/// (neither does 90 % of it). An activity belongs to the pool that does most of it. A resource that is seen at several lots at a
/// time counts as often as it is at the 95 % quantile of its starts.
Pools discover_pools(const EventLog& log, const PoolOptions& options = {});

}  // namespace retwin
