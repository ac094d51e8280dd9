// Distances between two event logs: how far a simulated log is from the plant's own, by order, by time and by duration.
#pragma once
#include <cstddef>

#include "core/telemetry/log/event_log.hpp"

namespace retwin {

/// Distances of a simulated log to a real one, as defined by Chapela-Campa, Benchekroun, Baron, Dumas, Krass & Senderovich
/// ("Can I trust my simulation model?", BPM 2023) and computed by their package log-distance-measures. Activities are matched
/// by name. All are symmetric and 0 for a log and itself; all are nan if either log has no events.
struct LogDistances {
  double ngd2 = 0;  ///< of activity pairs [0 ... 1]
  double ngd = 0;   ///< of activity triples [0 ... 1]
  double aedd = 0;  ///< absolute event distribution [h]
  double cadd = 0;  ///< case arrival distribution [h]
  double cedd = 0;  ///< circadian event distribution [h]
  double redd = 0;  ///< relative event distribution [h]
  double ctdd = 0;  ///< cycle time distribution [h]
};

/// All of them. Stamps count to the microsecond. `zone_s` is the offset of the plant's clock from that of the stamps [s], e.g.
/// 28800 for stamps kept in UTC and a plant at UTC+8: the hours of a day and the days of a week are read on the plant's clock.
/// @throws std::invalid_argument if a stamp is not finite or beyond +-1e12 s
LogDistances distances(const EventLog& real, const EventLog& simulated, double zone_s = 0);

/// Sum of |a - b| over all sequences of n activities, a and b how often each occurs in the logs, divided by the sum of a + b;
/// cases in order of (start, end, row), padded with n - 1 blanks on both sides. Counts are absolute: compare logs of as many
/// cases.
/// @throws std::invalid_argument if n is 0 or (activities + 1)^n exceeds 2^64
double ngram_distance(const EventLog& real, const EventLog& simulated, std::size_t n = 3);

/// First Wasserstein distance of all starts and ends, in whole hours since the earliest start of both logs, itself cut to the
/// hour. [h]
double absolute_event_distance(const EventLog& real, const EventLog& simulated, double zone_s = 0);

/// The same for the first start of each case only. [h]
double case_arrival_distance(const EventLog& real, const EventLog& simulated, double zone_s = 0);

/// Mean over the seven weekdays of the first Wasserstein distance of the hours of the day (0 ... 23) of all starts and ends; a
/// weekday without events in one log only counts 23, without events in both 0. [h]
double circadian_event_distance(const EventLog& real, const EventLog& simulated, double zone_s = 0);

/// First Wasserstein distance of all starts and ends since the first start of their case, in whole hours. [h]
double relative_event_distance(const EventLog& real, const EventLog& simulated);

/// First Wasserstein distance of the durations of cases (first start to last end), in whole hours above the shortest of both
/// logs. [h]
double cycle_time_distance(const EventLog& real, const EventLog& simulated);

}  // namespace retwin
