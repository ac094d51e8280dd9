// Who does what: resources that do the same work, gathered in pools.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/telemetry/log/event_log.hpp"
#include "core/telemetry/work/unseen_crews.hpp"

namespace retwin {

/// Resources of an event log that can stand in for one another.
struct LogPool {
  std::string name;
  std::vector<std::uint32_t> resources;   ///< numbers in the log; none: it names no resource for this work
  std::vector<std::uint32_t> activities;  ///< whose work they do
  double units = 1;                       ///< lots that it works on at a time: units of all resources, or of those who are there at a time
                                          ///< (see there_at_a_time); 0: not known
  std::size_t events = 0;
  double overlap = 0;    ///< share of the events that began while their resource was at work on another
  double strangers = 0;  ///< share of the events of its activities that were done by resources of other pools
};

struct PoolOptions {
  double alike = 0.8;       ///< least cosine between what two resources do, by activity, to be of one pool
  double multitasks = 0.1;  ///< share of events begun beside another from which on a resource does several at a time
};

/// Which pool does a piece of work: that of its activity, or of its resource where pools with different hours do the activity.
class PoolOfWork {
 public:
  PoolOfWork(std::vector<std::uint32_t> of_activity = {}) : of_activity_(std::move(of_activity)) {}
  PoolOfWork(std::initializer_list<std::uint32_t> of_activity) : of_activity_(of_activity) {}
  /// A pool that does the activity too, through this resource.
  void also(std::uint32_t activity, std::uint32_t resource, std::uint32_t pool) { also_[{activity, resource}] = pool; }
  std::uint32_t operator()(const LogEvent& event) const {
    if (also_.empty()) return of_activity_[event.activity];
    const auto other = also_.find({event.activity, event.resource});
    return other == also_.end() ? of_activity_[event.activity] : other->second;
  }
  const std::vector<std::uint32_t>& of_activity() const { return of_activity_; }
  /// All that do an activity, in order.
  std::vector<std::uint32_t> all_of(std::uint32_t activity) const;

 private:
  std::vector<std::uint32_t> of_activity_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> also_;  ///< by activity and resource
};

struct Pools {
  std::vector<LogPool> pools;
  std::vector<std::uint32_t> of_activity;  ///< by activity: number of its pool; absent if it has no events
  PoolOfWork of_work;                      ///< the same, with the others that do an activity at other hours
};

/// Gathers resources whose shares of work by activity are alike (cosine, single linkage) and that work at the same hours, then
/// joins pools that share an activity (neither does 90 % of it) unless their hours differ (see other_hours). An activity belongs to
/// the pool that does most of it, and to those with other hours that do some. A resource that is seen at several lots at a time
/// counts as often as it is at the 95 % quantile of its starts. Activities for which nobody is named are a pool each, or one for
/// those that an unseen crew does.
Pools discover_pools(const EventLog& log, const PoolOptions& options = {}, const std::vector<UnseenCrew>& unseen = {});

}  // namespace retwin
