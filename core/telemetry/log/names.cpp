// Names of a log made fit for a scenario.
#include "core/telemetry/log/names.hpp"

#include <fmt/format.h>

#include "core/base/files.hpp"
#include "core/base/text.hpp"

namespace retwin {

namespace {

constexpr std::size_t longest_name = 120;  ///< [bytes], with room for what a calibration puts before and behind it

/// The beginning of a name that is too long, with a checksum of all of it.
std::string shortened(const std::string& name) {
  std::size_t end = longest_name - 9;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;
  return name.substr(0, end) + "_" + sha256_hex(name).substr(0, 8);
}

}  // namespace

std::string scenario_name(std::string_view name) {
  std::string result;
  for (const char c : one_line(without_controls(name, "_"))) {
    const bool kept = std::string_view(". \t\r\n").find(c) == std::string_view::npos;
    if (kept || (!result.empty() && result.back() != '_')) result += kept ? c : '_';
  }
  if (!result.empty() && std::string_view("=+-@").find(result[0]) != std::string_view::npos) result.insert(0, 1, '_');
  if (result.size() > longest_name) result = shortened(result);
  for (const std::string_view own : {"", "null", "Null", "NULL", case_station, delay_station, finished_sink, source_of_cases, source_of_history})
    if (result == own) return result + '_';
  return result;
}

std::string delay_name(std::string_view before, std::string_view activity) {
  return scenario_name(fmt::format("delay after {} before {}", before, activity));
}

}  // namespace retwin
