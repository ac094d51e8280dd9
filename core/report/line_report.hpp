// How well a line's scenario foretells its log, for people and for programs.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "core/base/table.hpp"
#include "core/telemetry/lines/validation.hpp"

namespace retwin {

std::string text_report(const LineValidation& validation);
std::string json_report(const LineValidation& validation);
/// windows and stations.
std::vector<std::pair<std::string, Table>> tables_of(const LineValidation& validation);

}  // namespace retwin
