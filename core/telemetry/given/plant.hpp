// Parameters of a given plant from its own event log, and the scenario with them that extends the plant.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/registry.hpp"
#include "core/telemetry/calibration/calibration.hpp"
#include "core/telemetry/given/measurements.hpp"
#include "core/telemetry/readers/state_log.hpp"

namespace retwin {

class Plant;

struct PlantCalibrationOptions {
  std::vector<std::string> libraries;  ///< folders, see load_scenario
  std::uint64_t replications = 4;      ///< simulations of the plant as given, each as long as the log, to compare like with like
  std::uint64_t seed = 20260105;       ///< of these, together with the checksum of the log
  double level = 0.95;
  const StateLog* states = nullptr;  ///< of its machines, called "station" or "station#server"; null: there is none
  const Measurements* measured = nullptr;  ///< flows, analyses and meters; null: there are none
};

/// A value that the calibrated scenario sets.
struct PlantPatch {
  std::string path;  ///< in the plant
  Node value;
  std::string note;
  /// Numbers into the parameters: one that its times or rates go with, or the shares that it lists.
  std::vector<std::size_t> parameters;
  bool measured = false;  ///< learned from flows or meters: drawn from the intervals
};

/// What the balances say of the measured flows.
struct FlowFindings {
  std::size_t streams = 0, components = 0, degrees_of_freedom = 0;
  double p_value = 0;              ///< of the global test; nan without degrees of freedom
  double imbalance = 0;            ///< what is left of the balances, relative
};

struct PlantCalibration {
  std::string plant_path, plant_name;
  std::string log, sha256;  ///< file and checksum of the log; empty: there was none
  std::string states;       ///< file of the states of machines; empty: there was none
  std::size_t operations = 0, lots = 0;
  double first_s = 0, last_s = 0;  ///< of the log
  std::vector<MeasuredFile> measured;  ///< flows, assays, meters
  FlowFindings flows;
  std::vector<std::string> set_aside;  ///< measurements that the others contradict, in words
  std::vector<LearnedParameter> parameters;
  std::vector<PlantPatch> patches;
  /// What was not learned, and why: a path, or an activity that the plant does not know.
  std::vector<std::pair<std::string, std::string>> left_out;
};

/// Numeric columns of a log that calibrate_plant uses beside the usual ones where they are there: mass_kg, setup_s, and
/// attributes that durations are computed from, called as simulations call them ("capacity [J]").
std::vector<std::string> calibration_columns(const Plant& plant);

/// Learns from a log whose activities are stations of the plant and whose lots are called "source-ordinal" as those of
/// simulations.
///
/// Services: end - start of the operations, one per batch, without the hours in which calendars of the station and its crew are
/// off. Only those that began early enough to have ended within the log count, or long ones would be missing (length bias).
/// Where the plant has random breakdowns, or several phases, end - start is more than work: then the mean is compared with that
/// of the plant as given, simulated, and the ratio, with the errors of both, scales the plant's own; throughputs, constants and
/// durations computed from the lot are read off the median, which breakdowns do not touch.
/// Routing: shares by which lots went on from a station whose routes, or whose ports, are drawn; Dirichlet intervals.
/// Sources: lots that came (their ordinals count lost ones too) over the time in which they came.
/// Breakdowns cannot be seen in operations: those of the plant stand, or are learned from the states of machines (one random
/// kind per station): lives between them, censored at the end of the log, and repairs.
/// Flows and analyses, reconciled: shares by which stations part components, where a field of theirs says them, and what they use per
/// mass of feed. Meters: powers by state.
/// @param log may be missing where something was measured
/// @throws InputError: as load_scenario; unknown_name if the log has no station of the plant; what is wrong with the measurements,
/// see place_matter and check_meters
PlantCalibration calibrate_plant(const std::string& plant_path, std::optional<EventLog> log, const Registry& registry,
                                 const PlantCalibrationOptions& options = {});

/// The scenario, and beside it its parameters (stem_parameters.csv). @throws InputError (file)
void write_calibration(const PlantCalibration& calibration, const std::string& path);

/// Scenarios that extend the one at `path` (stem_1.yaml ...), each with all calibrated parameters drawn anew, for one
/// replication each: logarithms normal with the width of the interval, shares Dirichlet; one parameter independent of the
/// other.
/// @throws InputError (file)
void write_draws(const PlantCalibration& calibration, const std::string& path, std::uint64_t draws, std::uint64_t seed);

}  // namespace retwin
