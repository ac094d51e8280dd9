// How much setup the jobs of a station need, from the kinds of lots that come and the rule by which they are taken. Private to core/graph.
#pragma once
#include <vector>

#include "core/flow/plant/plant.hpp"

namespace retwin {

/// Mean setup per job [s] of a station that is never short of work, kinds coming at random. First come first served, each job
/// follows another one at random; with campaigns, or batches by kind, the station is walked through thousands of jobs, its buffer
/// always full. A campaign that lasts until nothing of its kind is left has no end where the buffer has none.
/// @param mix shares of the kinds in the order of the categories, "unknown" first; their sum does not matter
/// @param job_s server time of a job beside the setup
double setup_per_job(const Station& station, const std::vector<double>& mix, double job_s);

}  // namespace retwin
