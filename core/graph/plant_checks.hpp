// What cannot work in a plant although every part of it is in order: lots without mass, buffers, siblings, sinks.
#pragma once
#include "core/base/problem.hpp"
#include "core/flow/plant/plant.hpp"

namespace retwin {

/// Reports, at the place of the station or sink:
/// - `missing` (error): a throughput or a batch by mass where no lot that comes has a mass; (warning) where those of one source have
///   none, or where only the buffer, an energy or a consumption is by mass;
/// - `route` (warning): siblings that wait for others which may leave the plant on another way;
/// - `unreachable` (warning): a sink that no lot can reach, and a station that only routes of share 0 lead to.
void check_flow(const Plant& plant, Problems& problems);

}  // namespace retwin
