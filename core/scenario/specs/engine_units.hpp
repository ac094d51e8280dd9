// The units that the engine knows by itself: one record each, with all that follows from the name alone.
#pragma once
#include <optional>
#include <span>
#include <string_view>

#include "core/flow/plant/plant.hpp"

namespace retwin {

struct StationSpec;

struct EngineUnit {
  const char* name;
  const char* doc;
  Special special = Special::nothing;
  bool lots_pass = false;            ///< they come out as they went in, unless they are merged
  bool takes_steps = true;           ///< a step of a plan can be done there
  bool transport = false;            ///< its speed tells its times; lots come with a goal of their own
  bool unlimited_servers = false;    ///< unless their number is given
  const char* steps_port = nullptr;  ///< sentence of a second port, to the stations of a plan's steps
  /// Time of a job that follows from other fields than those of every station [s]; null: from those, or from the engine.
  double (*time_s)(const StationSpec&) = nullptr;
};

namespace unit {
extern const EngineUnit process, delay, conveyor, vehicles, plan, unload;
}
std::span<const EngineUnit* const> engine_units();
/// Null for a unit operation of the registry.
const EngineUnit* engine_unit(std::string_view name);

}  // namespace retwin
