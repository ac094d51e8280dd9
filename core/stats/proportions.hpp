// Intervals of probabilities that were counted: how sure is it that 12 of 40 lots are 30 %?
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "core/stats/bounds.hpp"

namespace retwin {

/// Score interval of one probability; the estimate is the share (Wilson, JASA 22, 1927). 0 ... 1 and a NaN estimate without
/// trials.
Bounds wilson_interval(std::uint64_t successes, std::uint64_t trials, double level = 0.95);

/// Intervals of the probabilities of a multinomial: equal-tailed quantiles of the beta marginals of the Dirichlet posterior under
/// Jeffreys' prior, Dirichlet(1/2, ..., 1/2) (Gelman et al., Bayesian Data Analysis, 2013, sec. 2.8 and 3.4). A bound reaches 0
/// or 1 where none or all were counted, as Brown, Cai & DasGupta advise (Statistical Science 16, 2001). Estimates are the shares.
/// @param simultaneous all hold together at `level`: each is taken at 1 - (1 - level) / number (Bonferroni)
std::vector<Bounds> dirichlet_intervals(std::span<const std::uint64_t> counts, double level = 0.95, bool simultaneous = true);

}  // namespace retwin
