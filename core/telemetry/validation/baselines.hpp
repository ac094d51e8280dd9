// What any model has to beat: cases of the past, repeated as they were.
#pragma once
#include <cstdint>

#include "core/telemetry/log/event_log.hpp"

namespace retwin {

/// `cases` cases of the past, moved by whole weeks, so that days and hours stay theirs: those that began from `begin_s` on, so many weeks
/// earlier; as few weeks as leave enough of them. Where the past does not reach so far, its last cases, moved to the nearest week; of a past
/// of less than a week moved so that the first begins at `begin_s`.
EventLog replay_last_cases(const EventLog& past, std::size_t cases, double begin_s);

/// `cases` whole cases of the past, drawn with replacement, one after another by times between first starts that are drawn too.
EventLog bootstrap_cases(const EventLog& past, std::size_t cases, double begin_s, std::uint64_t seed, std::uint64_t draw);

}  // namespace retwin
