// What was learned from a log, and how well it predicts, for people.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "core/base/table.hpp"
#include "core/telemetry/calibration/calibration.hpp"
#include "core/telemetry/given/plant.hpp"
#include "core/telemetry/validation/validation.hpp"

namespace retwin {

std::string text_report(const Calibration& calibration);
std::string text_report(const PlantCalibration& calibration);
std::string text_report(const Validation& validation);
std::string json_report(const Validation& validation);
/// figures, metrics and activities.
std::vector<std::pair<std::string, Table>> tables_of(const Validation& validation);

}  // namespace retwin
