// Names of a calibrated scenario: of the log's own things as scenarios admit them, and of what the calibration adds.
#pragma once
#include <string>
#include <string_view>

namespace retwin {

/// Names of the stations of a calibrated scenario that are no activities of the log.
inline constexpr const char* case_station = "case_at_work";
inline constexpr const char* delay_station = "extraneous_delay";

inline constexpr const char* finished_sink = "done";
/// Sources of a calibrated scenario: new cases, and those of the log.
inline constexpr const char *source_of_cases = "cases", *source_of_history = "history";

/// A name of a log as scenarios admit it: no blanks, dots, controls ("_"), no formulas, not too long; a "_" more behind those above.
std::string scenario_name(std::string_view name);

/// The station where a case is between the end of one activity and the beginning of another.
std::string delay_name(std::string_view before, std::string_view activity);

/// Plans of a calibrated scenario that bring their own services and delays have names that begin so.
inline constexpr std::string_view own_plan = "own_";

}  // namespace retwin
