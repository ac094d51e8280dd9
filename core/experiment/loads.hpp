// How likely each candidate limits the plant, from the run of the plant as it is and from the one with all reliefs.
#pragma once
#include <string>
#include <unordered_map>
#include <vector>

#include "core/experiment/relief.hpp"
#include "core/kpi/bottleneck.hpp"

namespace retwin {

using FigureMap = std::unordered_map<std::string, double>;

/// One number per candidate: the work that it would have to do if nothing limited the plant, over what it can do as it is [1]. Of a
/// buffer how full it is, or how long it stops who feeds it; of failures and setups, calendars and pools what follows from the stations.
/// They say only in which order reliefs are taken out: what limits is measured.
/// @param plant as it is @param now its figures @param free with all reliefs @param then its figures
std::vector<double> loads(const std::vector<Candidate>& candidates, const Plant& plant, const FigureMap& now, const Plant& free,
                          const FigureMap& then, const BottleneckAnalysis& analysis);

}  // namespace retwin
