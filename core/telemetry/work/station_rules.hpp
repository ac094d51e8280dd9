// What stations do beside working on one lot after the other, where a log shows it: setups between unlike lots, batches.
#pragma once
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "core/stats/bounds.hpp"
#include "core/stats/fit.hpp"
#include "core/telemetry/cases/case_plans.hpp"
#include "core/telemetry/log/event_log.hpp"
#include "core/telemetry/log/learned_parameter.hpp"
#include "core/telemetry/work/pools.hpp"
#include "core/telemetry/work/waiting.hpp"

namespace retwin {

/// A setup before every lot that differs from the one before it in a column.
struct LearnedSetup {
  std::string column;
  Fit time;     ///< [s]
  Bounds mean;  ///< Student [s]
  std::size_t changed = 0, same = 0;
  double at_once_changed = 0, at_once_same = 0;  ///< shares that followed the lot before without a gap
  double p_value = 1;                            ///< of equal shares, normal approximation
  std::vector<double> values;                    ///< of lots that had waited [s]
};

/// Lots that are worked on together.
struct LearnedBatch {
  std::size_t count = 0, batches = 0, full = 0;
  bool waits_until_full = true;  ///< else it takes those that are there when a unit comes free
  double longest_wait_s = std::numeric_limits<double>::quiet_NaN();  ///< of a lot, nan if none is known
};

struct StationRule {
  std::uint32_t activity = 0;
  std::size_t servers = 1;  ///< resources that do nothing else
  std::optional<LearnedSetup> setup;
  std::optional<LearnedBatch> batch;
};

/// Rules of activities whose resources do nothing else, each one thing at a time.
/// A setup shows as gaps: of equal lots many follow each other at once, of unlike ones none does. Where it is not known which lots
/// had waited, they are taken to be as frequent among the unlike as among the equal ones, and the times between lots the same.
/// Lots of the same start, end and resource are a batch; what is not explained by batches being full or units coming free is no
/// rule.
/// @param pools as calibrated, of `found`
/// @param level of the tests for setups, all together
std::vector<StationRule> find_station_rules(const EventLog& log, const std::vector<CasePlan>& plans, const Pools& found,
                                            const std::vector<WorkPool>& pools, double level = 0.01);

/// As find_waiting. Setups are work, so that what they are waited for can be told, but no service; the lots of a batch wait for
/// each other.
Waiting find_waiting_by_rules(const EventLog& log, const std::vector<CasePlan>& plans, std::vector<WorkPool> pools,
                              const PoolOfWork& of_work, const std::vector<StationRule>& rules,
                              double known_until_s = std::numeric_limits<double>::infinity());

void add_rule_parameters(const EventLog& log, const std::vector<StationRule>& rules, std::vector<LearnedParameter>& parameters);

/// By event: whether an earlier one of the same batch speaks for it.
std::vector<bool> batch_followers(const EventLog& log, const std::vector<StationRule>& rules);

}  // namespace retwin
