// How a series of observations falls into stretches. Private to this room.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "core/telemetry/drift/drift.hpp"

namespace retwin {

using Values = std::vector<double>;

struct SeriesSplit {
  std::size_t at = 0;
  double p_value = 1;
};

double median(std::span<const double> values);
/// Ranks, ties sharing theirs.
Values ranks(std::span<const double> values);
/// Long-run variance over variance of scores that have a level of their own before and after `at`; at least 1.
double correlation_factor(std::span<const double> scores, std::size_t at);
/// The best split of a stretch as a whole: by its ranks or, if it is short, as a step; or as a large shift.
SeriesSplit split_of(std::span<const double> values, const Values& scores, std::size_t shortest);
/// The best split of a stretch: on the whole, with half of the risk, or on the parts of it.
SeriesSplit best_split(std::span<const double> values, std::size_t shortest);
/// Of a series too short for ranks: as a step or a large shift.
SeriesSplit short_split(std::span<const double> values);
/// Moves a split to where the sum of distances to the medians of both sides is least.
std::size_t refined(std::span<const double> values, std::size_t at, std::size_t shortest);
/// Splits values[from ... to) as long as the p-value is below the limit.
void segment(const Values& values, std::size_t from, std::size_t to, double factor, double limit, const DriftOptions& options,
             std::vector<SeriesSplit>& out);

}  // namespace retwin
