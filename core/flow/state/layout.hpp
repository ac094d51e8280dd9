// What the structure of a plant says of the arrays of its states: a station's part of servers, ports, clocks, keys and memory.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/flow/plant/structure.hpp"
#include "core/flow/state/state.hpp"

namespace retwin {

struct LaidDraw {
  Index utility = 0;
  bool needed = false, gives = false;
};
struct LaidStation {
  std::string name;
  std::size_t first_server = 0, servers = 0;
  std::size_t first_clock = 0, first_key = 0;
  std::size_t ports = 0, phases = 0, modes = 0, keys = 0, memory = 0, places = 1;
  std::vector<bool> whole_station;  ///< per failure mode: one clock for all servers
  bool unlimited = false, plan = false;
  std::optional<std::size_t> batch_by;  ///< attribute
  std::vector<std::vector<LaidDraw>> draws;  ///< by phase
  std::vector<Index> tasks;          ///< by phase, that it waits for; none
};
struct LaidPlan {
  std::vector<Index> at;                 ///< station of each step
  std::vector<std::vector<Index>> after;  ///< steps before each step
};
struct Layout {
  std::vector<LaidStation> stations;
  std::vector<LaidPlan> plans;
  std::vector<std::size_t> categories;  ///< per attribute, 0 for a number
  std::optional<std::size_t> plan_slot;
  std::size_t sources = 0, sinks = 0, pools = 0, calendars = 0, kinds = 0, flows = 0, components = 0, tanks = 0, tank_levels = 0;
  bool patience = false;
  std::size_t utilities = 0, circles = 0, outages = 0, devices = 0;
  std::vector<std::size_t> task_steps;  ///< per task of the digital layer
  std::vector<Index> circle_of;  ///< by utility
  std::size_t ports = 0, clocks = 0, keys = 0, memory = 0, most_steps = 0;
  std::size_t servers = 0;
  std::size_t nodes() const { return stations.size() + sinks; }
};

/// @return nothing if the structure contradicts itself: a name twice, a step of a plan at no station or after no step
std::optional<Layout> lay_out(const Structure& structure);
/// Whether the arrays of a state have the lengths that the layout gives them.
bool lengths_agree(const State& state, const Layout& layout);

}  // namespace retwin
