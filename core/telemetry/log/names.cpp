// Names of a log made fit for a scenario.
#include "core/telemetry/log/names.hpp"

#include <fmt/format.h>

namespace retwin {

std::string scenario_name(std::string_view name) {
  std::string result;
  for (const char c : name) {
    const bool kept = std::string_view(". \t\r\n").find(c) == std::string_view::npos;
    if (kept || (!result.empty() && result.back() != '_')) result += kept ? c : '_';
  }
  for (const std::string_view own : {"", case_station, delay_station, finished_sink, source_of_cases, source_of_history})
    if (result == own) return result + '_';
  return result;
}

std::string delay_name(std::string_view before, std::string_view activity) {
  return scenario_name(fmt::format("delay after {} before {}", before, activity));
}

}  // namespace retwin
