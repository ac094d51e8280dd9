// The window rule of a log that is given in two parts.
#pragma once
#include <string>
#include <vector>

#include "core/telemetry/cases/windows.hpp"

namespace retwin {

/// @param test its lots get names of their own
inline WindowFound rule_of(const EventLog& past, EventLog test) {
  Names renamed;
  for (std::uint32_t lot = 0; lot < test.lots.size(); ++lot) renamed.number("later " + test.lots[lot]);
  test.lots = renamed;
  const EventLog log = past.followed_by(test);
  std::vector<bool> before(log.lots.size(), false);
  for (std::uint32_t lot = 0; lot < past.lots.size(); ++lot) before[lot] = true;
  return find_window_rule(log, case_plans(log, {}), before);
}

}  // namespace retwin
