// What was learned about machines from their states and meters, for people and programs.
#pragma once
#include <string>

#include "core/telemetry/machines/states.hpp"

namespace retwin {

std::string text_report(const MachineStates& machines);
std::string json_report(const MachineStates& machines);

}  // namespace retwin
