// The series of a log in which changes are looked for: services, arrivals, ways taken, rejects, energies.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/telemetry/drift/drift.hpp"
#include "core/telemetry/log/event_log.hpp"
#include "core/telemetry/readers/csv_log.hpp"

namespace retwin {

/// Times of service by activity, and by resource where one has several. `service_s` per event, nan where it is unknown; empty:
/// end - start.
/// @throws std::invalid_argument if service_s is neither empty nor as long as the log
std::vector<DriftSeries> service_series(const EventLog& log, std::span<const double> service_s = {});

/// Times between arrivals in a log of less than two days; else arrivals per day against the mean of that day of the week, the first
/// and the last day left out. Lots that were in the plant when the log began did not arrive.
DriftSeries arrival_series(const EventLog& log);

/// Ways taken: after an activity with several next ones, 1 where a lot went this way and 0 where it went another (of two ways the
/// rarer; of many the eight most frequent). To leave the plant is a way too. Operations at the end of the log, less before it than
/// lots ever took until their next, are left out: where they went cannot be known.
std::vector<DriftSeries> route_series(const EventLog& log, const DriftOptions& options = {});

/// Columns of a log that say how good work was and what it took; an empty name is looked for among the usual ones, "-" says that
/// there is no such column.
struct DriftColumns {
  std::string rejected;    ///< amount, or a word or 0/1 per operation ("yes", "NOK", "scrap")
  std::string good, made;  ///< amounts
  std::string energy, mass;
  std::string energy_unit, mass_unit;  ///< if the names of the columns do not say them
};

/// Asks a reader for these columns: those named must be there, the others are read if there is a usual one.
void ask_for(const DriftColumns& columns, LogMapping& mapping);

/// Share of rejects per operation, rejected / (good + rejected) or rejected / made, or good / made, as the columns allow; by
/// activity. What cannot be told is said in `notes`.
std::vector<DriftSeries> yield_series(const EventLog& log, const DriftColumns& columns, std::vector<std::string>& notes);

/// Energy per operation, per mass where there is a column of it; by activity, and by resource where one has several.
/// @throws InputError (unit) of an energy or a mass that is none
std::vector<DriftSeries> energy_series(const EventLog& log, const DriftColumns& columns, std::vector<std::string>& notes);

}  // namespace retwin
