// SimGrid, in a process of its own: it allows one engine per process, and what fails in it ends that process alone. Nothing else includes it.
#pragma once
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/flow/plant/cosimulation.hpp"

namespace retwin {

/// Who asks, and is answered.
struct NetworkQuestion {
  std::vector<double> capacity;
  std::vector<double> left;
  std::vector<std::uint32_t> first;  ///< of each activity in `over`, and the end
  std::vector<std::uint32_t> over;
};
struct NetworkAnswer {
  std::vector<double> rates;
  std::string failure;               ///< what SimGrid says, if it fails
};

/// Runs until there are no more questions.
/// @param ways the links of each transfer that may be asked about
/// @param next fills in a question; false: there is none
void serve_with_simgrid(const std::vector<DigitalDevice>& devices, const std::vector<std::vector<std::uint32_t>>& ways,
                        const std::function<bool(NetworkQuestion&)>& next, const std::function<void(const NetworkAnswer&)>& answer);

/// A route of a platform: names of its links, in order.
struct PlatformRoute {
  std::string from, to;
  std::vector<std::string> over;
  double latency_s = 0;
};
/// What a platform file of SimGrid says.
struct Platform {
  struct Computer {
    std::string name;
    double core = 0;       ///< operations/s of one core
    std::uint32_t cores = 1;
    double idle_W = 0, busy_W = 0;
    bool powered = false;  ///< the file says what it draws
  };
  struct Link {
    std::string name;
    double capacity = 0;   ///< byte/s
    bool shared = true;
  };
  std::vector<Computer> computers;
  std::vector<Link> links;
  std::vector<PlatformRoute> routes;
  std::string failure;     ///< why it could not be read
};
/// Reads a platform, with the routes that are wanted. May end the process if the file is malformed: see `read_platform`.
Platform load_with_simgrid(const std::string& file, const std::vector<std::pair<std::string, std::string>>& routes);

}  // namespace retwin
