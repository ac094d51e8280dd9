// Forecasts: many futures of one present, as planned and with changes, each pair of them with the same luck.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/table.hpp"
#include "core/experiment/executor.hpp"
#include "core/stats/intervals.hpp"

namespace retwin {

/// A scenario and the present as its plant has it.
struct Branch {
  std::string label;
  std::shared_ptr<const Scenario> scenario;
  std::shared_ptr<const State> now;
};

struct ForecastOptions {
  std::size_t futures = 20;
  std::optional<std::uint64_t> seed;  ///< none: the luck of the present goes on in the first future, the others are re-keyed
  double level = 0.95;
};

/// A figure of one branch from now until some time.
struct ForecastFigure {
  std::string branch;
  double until_s = 0;         ///< after the start of the run
  Kpi kpi;                    ///< path, unit, doc
  Interval mean;              ///< [unit]; of a ratio, the ratio of the sums
  double p05 = 0, median = 0, p95 = 0;  ///< of the futures: quantiles of their values, linear between two (Hyndman & Fan, Am. Stat. 50, 1996, type 7)
  Interval difference;        ///< to the first branch, paired, future by future [unit]; NaN in the first branch
  std::vector<double> values; ///< one per future, NaN where it has none
};

/// Figures by branch, time and path. The first branch is what the others are compared with.
/// @param until_s [s after the start of the run], each later than now
/// @throws RunError of the first future that cannot go on, with its branch and number
std::vector<ForecastFigure> forecast(const std::vector<Branch>& branches, const std::vector<double>& until_s, const ForecastOptions& options,
                                     const LocalOptions& how);

/// One row per figure.
Table forecast_table(const std::vector<ForecastFigure>& figures);

}  // namespace retwin
