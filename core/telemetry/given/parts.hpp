// What the parts of a plant's calibration share: the plant with its document, the log in the plant's terms, and what was learned.
#pragma once
#include <vector>

#include "core/scenario/scenario.hpp"
#include "core/telemetry/given/matter_network.hpp"
#include "core/telemetry/given/plant.hpp"

namespace retwin {

/// A piece of work at a station: an operation, or all those of one batch. [s after the start of the plant's run; kg]
struct Work {
  double start_s = 0, end_s = 0, mass_kg = 0, setup_s = 0;
  double computed_s = 0;  ///< by the plant's expression for the lot; nan if unknown
  Index pool = none;      ///< that the log names as its resource; none if it names none
};

struct PlantInLog {
  const Scenario& scenario;
  const Node& document;
  const EventLog& log;
  double zero_s = 0;                     ///< stamp of the start of the run, or whole weeks from it, before the log
  std::vector<Index> station_of;         ///< by activity; none: unknown to the plant
  std::vector<std::vector<Work>> works;  ///< by station
  const Plant& plant() const { return *scenario.plant; }
  double last_s() const { return log.last_s() - zero_s; }
};

/// Value under a path of maps; null if there is none.
const Node* find_path(const Node& document, std::initializer_list<std::string_view> path);
/// Duration of a station's only phase if it is computed from the lot, else null.
const Expression* computed_duration(const Station& station);
/// The tree with every quantity of a time multiplied, of a rate or mass rate divided by `factor`; an expression as a product.
Node scaled(const Node& duration, double factor);

/// Shares as a map whose figures, as written, sum to 100 %.
Node shares_node(const std::vector<std::string>& names, const std::vector<double>& shares);

void learn_services(const PlantInLog& at, const PlantCalibrationOptions& options, PlantCalibration& result);
void learn_setups(const PlantInLog& at, const PlantCalibrationOptions& options, PlantCalibration& result);
void learn_routes(const PlantInLog& at, const PlantCalibrationOptions& options, PlantCalibration& result);
void learn_breakdowns(const PlantInLog& at, const StateLog& states, const PlantCalibrationOptions& options,
                      PlantCalibration& result);
void learn_sources(const PlantInLog& at, const PlantCalibrationOptions& options, PlantCalibration& result);

/// Shares of ports and uses per mass of feed.
void learn_matter(const Scenario& scenario, const Node& document, const Measurements& measured, MatterNetwork placed, double level,
                  PlantCalibration& result);
/// Problems: unknown_name (stations), missing (spreads of some readings only).
void check_meters(const Plant& plant, const Measurements& measured, Problems& problems);
/// Powers of stations by state. Times in the states that the meters do not tell are those of the log of states, or else of runs of
/// the plant as given, which tell the power of one state only.
void learn_powers(const Scenario& scenario, const Measurements& measured, const PlantCalibrationOptions& options, PlantCalibration& result);

/// Normal interval of what may be 0 or all there is, cut at these. @param quantile 0: of the normal law
Bounds bounds_within(double value, double sd, double level, double most, double quantile = 0);
/// Of a quantity above 0: normal; where its lower end would not be above 0, that end is normal in the logarithm. @param quantile 0: of the normal law
Bounds positive_bounds(double value, double sd, double level, double quantile = 0);

/// Works of the operations that simulations of the plant as given do, by station.
std::vector<std::vector<Work>> simulate_works(const PlantInLog& at, const PlantCalibrationOptions& options);

}  // namespace retwin
