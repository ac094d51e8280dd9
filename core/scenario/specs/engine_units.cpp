// What each of them is.
#include "core/scenario/specs/engine_units.hpp"

#include "core/scenario/specs/specs.hpp"

namespace retwin {
namespace unit {

const EngineUnit process{.name = "process", .doc = "takes its time; lots pass", .lots_pass = true};
const EngineUnit delay{.name = "delay",
                       .doc = "like process, with a server for every lot unless their number is given",
                       .lots_pass = true,
                       .unlimited_servers = true};
const EngineUnit conveyor{
    .name = "conveyor",
    .doc = "carries lots over a length at a speed; servers are its places; lots leave in order and pile up behind a full target",
    .lots_pass = true,
    .transport = true,
    .time_s = [](const StationSpec& s) { return s.speed_m_per_s > 0 ? s.length_m / s.speed_m_per_s : 0; }};
const EngineUnit vehicles{
    .name = "vehicles",
    .doc = "a fleet (servers) that fetches lots for routes written \"fleet -> target\"; the nearest idle vehicle comes",
    .special = Special::fleet,
    .transport = true};
const EngineUnit plan{
    .name = "plan",
    .doc = "keeps a lot while the steps of its plan are done at other stations, which send it back here; see retwin explain plan",
    .special = Special::plan,
    .takes_steps = false,
    .unlimited_servers = true,
    .steps_port = "to the stations of the steps",
    .time_s = [](const StationSpec&) { return 0.0; }};
const EngineUnit unload{.name = "unload",
                        .doc = "takes the load out of carriers, one lot after the other",
                        .special = Special::unload,
                        .takes_steps = false};

}  // namespace unit

std::span<const EngineUnit* const> engine_units() {
  static constexpr const EngineUnit* all[] = {&unit::process,  &unit::delay, &unit::conveyor,
                                              &unit::vehicles, &unit::plan,  &unit::unload};
  return all;
}

const EngineUnit* engine_unit(std::string_view name) {
  for (const EngineUnit* known : engine_units())
    if (name == known->name) return known;
  return nullptr;
}

}  // namespace retwin
