// Suspects: what one run makes think that it limits the plant. Only relief shows whether it does.
#pragma once
#include <string>
#include <vector>

#include "core/ledger/window.hpp"

namespace retwin {

struct Suspect {
  std::string path;  ///< "stations.press.servers", "stations.press.buffer", "resources.crew", "calendars.day"
  double load = 0;   ///< share of what it has that is taken [1]: servers of their time on shift and in order, units on duty, places
  std::string why;   ///< in words
};

/// Stations, buffers, pools and calendars that are loaded to 70 % or stop others, the most loaded first. What has no bound (servers
/// without number, resting, cooling) limits nothing and is none.
std::vector<Suspect> suspects(const Window& window);

}  // namespace retwin
