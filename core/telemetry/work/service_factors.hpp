// What services depend on beside the activity: who did it, what for, how much of it; setups between unlike lots; batches.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/stats/bounds.hpp"
#include "core/stats/intervals.hpp"
#include "core/telemetry/log/event_log.hpp"

namespace retwin {

/// A resource or a column that the services of an activity differ by.
struct ServiceFactor {
  std::uint32_t activity = 0;
  std::string factor;    ///< "resource", or the name of a column
  double explained = 0;  ///< share of the variance of services [0 ... 1]: eta squared, or R squared of a straight line
  double p_value = 1;    ///< of no difference (Kruskal & Wallis, JASA 47, 1952) or no slope; after Holm over all that were tested
  std::size_t n = 0;
  Bounds slope;            ///< numeric columns: seconds per unit
  double intercept_s = 0;  ///< numeric columns
  struct Level {
    std::string name;
    std::size_t n = 0;
    Bounds mean_s;
  };
  std::vector<Level> levels;  ///< of categories, in order of their means
};

/// Gap between two lots on one resource, the second having waited: longer if a category changes.
struct SetupFound {
  std::uint32_t activity = 0;
  std::string factor;     ///< column whose change needs it
  Interval difference_s;  ///< mean gap with a change - without (Welch)
  std::size_t changed = 0, same = 0;
};

/// Lots that went through an activity together.
struct BatchesFound {
  std::uint32_t activity = 0;
  std::size_t batches = 0, largest = 0;
  double mean = 0;  ///< lots per operation
};

struct ServiceFactors {
  std::vector<ServiceFactor> factors;  ///< significant ones, the most telling first
  std::vector<SetupFound> setups;
  std::vector<BatchesFound> batches;  ///< of activities in which more than one lot in twenty is not alone
};

/// @param service_s by event, nan where unknown
/// @param enabled_s by event: when it could have begun
/// @param level of the tests, all together
ServiceFactors find_service_factors(const EventLog& log, std::span<const double> service_s, std::span<const double> enabled_s,
                                    double level = 0.01);

}  // namespace retwin
