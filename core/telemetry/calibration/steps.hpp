// The steps of a calibration, each in a file of its own; calibrate() says in which order. Private to this room.
#pragma once
#include "core/telemetry/calibration/learned.hpp"

namespace retwin {

/// Pools of resources, their hours, and the rules (setups, batches) of their stations.
/// @param known_until_s until when work under way would be in the log [s]
void find_pools(Calibration& c, double known_until_s);
/// A pool is taken for finite if its resources being busy or off explains most of the waiting for it, or if they are seen to do
/// one thing at a time; else work waits for something that the log does not show.
void decide_pools(Calibration& c);

/// What services depend on, and of that what explains services of other cases too.
void find_factors(Calibration& c);
void fit_services(Calibration& c);
/// Intraclass correlation of what services are above or below the usual of their activity and effort (one-way random effects;
/// Shrout & Fleiss, Psychological Bulletin 86, 1979), with the F statistic of "cases do not differ".
double find_case_effect(const Calibration& c);
void fit_delays(Calibration& c);

/// Of cases that did not begin before the log, unless all did.
void find_arrivals(Calibration& c, bool cut_at_split);

}  // namespace retwin
