// Powers of stations by state, from energies of meters and the times in the states.
#include <fmt/format.h>

#include <Eigen/QR>
#include <algorithm>
#include <cmath>

#include "core/base/constants.hpp"
#include "core/base/fields.hpp"
#include "core/stats/intervals.hpp"
#include "core/stats/nonnegative.hpp"
#include "core/telemetry/given/parts.hpp"
#include "core/telemetry/machines/classes.hpp"

namespace retwin {
namespace {

constexpr const char* fields[MeterReading::n_states] = {"power", "idle_power", "setup_power", "down_power"};
constexpr ServerState server_states[MeterReading::n_states] = {ServerState::working, ServerState::starved, ServerState::setup, ServerState::down};

/// State of a reading that a state of a log counts as; none: of no power.
std::size_t state_of(StateClass meaning) {
  switch (meaning) {
    case StateClass::working: return MeterReading::working;
    case StateClass::idle: return MeterReading::idle;
    case StateClass::setup: return MeterReading::setup;
    case StateClass::planned:
    case StateClass::jam:
    case StateClass::breakdown: return MeterReading::down;
    case StateClass::unknown: break;
  }
  return MeterReading::n_states;
}

Index station_of(const Plant& plant, const std::string& machine) {
  const Index station = plant.find_station(machine);
  return station != none ? station : plant.find_station(machine.substr(0, machine.find('#')));
}

/// Times in the states from a log: of the machine of the reading, or of all servers of the station.
bool times_from(const StateLog& states, MeterReading& reading) {
  std::vector<std::size_t> meaning;
  for (std::uint32_t s = 0; s < states.states.size(); ++s) meaning.push_back(state_of(class_of_state(states.states[s])));
  bool any = false;
  for (const StateRecord& record : states.records) {
    const std::string& machine = states.machines[record.machine];
    if (machine != reading.machine && machine.substr(0, machine.find('#')) != reading.machine) continue;
    const double overlap = std::min(record.to_s, reading.to_s) - std::max(record.from_s, reading.from_s);
    if (!(overlap > 0)) continue;
    any = true;
    if (meaning[record.state] < MeterReading::n_states) reading.state_s[meaning[record.state]] += overlap;
  }
  return any;
}

struct Powers {
  std::vector<double> value, sd;  ///< per state
  std::vector<bool> identified;
  double quantile = 0;            ///< 0: of the normal law
};

/// Least squares weighted by the spreads that the meters state; where none does, by that of the residuals.
Powers fit(const std::vector<MeterReading>& readings, double level) {
  const bool stated = !std::isnan(readings.front().sd_J);
  std::vector<std::vector<double>> rows;
  std::vector<double> energies;
  Eigen::MatrixXd a(static_cast<Eigen::Index>(readings.size()), static_cast<Eigen::Index>(MeterReading::n_states));
  for (const MeterReading& r : readings) {
    const double sd = stated ? r.sd_J : 1;
    for (std::size_t k = 0; k < r.state_s.size(); ++k) a(static_cast<Eigen::Index>(rows.size()), static_cast<Eigen::Index>(k)) = r.state_s[k] / sd;
    rows.push_back({});
    for (const double s : r.state_s) rows.back().push_back(s / sd);
    energies.push_back(r.energy_J / sd);
  }
  const NonnegativeFit found = nonnegative_least_squares(rows, energies);
  const Eigen::MatrixXd inverse = a.completeOrthogonalDecomposition().pseudoInverse();
  Powers result{found.values, {}, found.identified};
  const double scale = stated ? 1 : found.residual_sd;
  if (!stated && found.degrees_of_freedom > 0) result.quantile = student_quantile(0.5 + level / 2, static_cast<double>(found.degrees_of_freedom));
  for (std::size_t k = 0; k < found.values.size(); ++k) result.sd.push_back(scale * inverse.row(static_cast<Eigen::Index>(k)).norm());
  return result;
}

class PowerLearner {
 public:
  PowerLearner(const Plant& plant, const Measurements& measured, double level, PlantCalibration& result)
      : plant_(plant), measured_(measured), level_(level), result_(result) {}

  void learn(Index k, const std::vector<MeterReading>& readings) {
    const Station& station = plant_.stations[k];
    const std::string name = "stations." + station.name;
    if (station.energy_J_per_job != 0 || station.energy_J_per_kg != 0 || station.power_W[static_cast<std::size_t>(ServerState::off_shift)] != 0)
      return leave(name + ".power", "it also draws energy per job, per mass or while off, which one meter does not tell apart");
    if (readings.empty()) return leave(name + ".power", "its times in the states are not known");
    const Powers powers = fit(readings, level_);
    for (std::size_t s = 0; s < MeterReading::n_states; ++s) {
      const std::string path = name + "." + fields[s];
      if (std::none_of(readings.begin(), readings.end(), [&](const MeterReading& r) { return r.state_s[s] > 0; })) {
        if (s <= MeterReading::idle) leave(path, "the machine was never in this state while metered");
      } else if (!powers.identified[s]) {
        leave(path, "the intervals do not tell it from the power in other states");
      } else if (std::isnan(powers.sd[s])) {
        leave(path, "too few intervals, whose spread is not stated");
      } else {
        put(path, powers.value[s], positive_bounds(powers.value[s], powers.sd[s], level_, powers.quantile), readings.size(),
            station.power_W[static_cast<std::size_t>(server_states[s])], powers.quantile > 0);
      }
    }
  }

 private:
  void leave(const std::string& path, const std::string& why) { result_.left_out.emplace_back(path, why); }
  void put(const std::string& path, double value, const Bounds& bounds, std::size_t n, double given, bool student) {
    result_.patches.push_back({path, quantity_node(to_digits(value, 9), dimension::power), fmt::format("n = {}", n), {result_.parameters.size()}, true});
    result_.parameters.push_back({path, value, "W", bounds, n, student ? "least squares of energies on times, none below 0; Student" : "least squares of energies on times weighted by their spreads, none below 0",
                                  given, measured_.meter_file.path, measured_.meter_file.sha256});
  }

  const Plant& plant_;
  const Measurements& measured_;
  double level_;
  PlantCalibration& result_;
};

}  // namespace

void check_meters(const Plant& plant, const Measurements& measured, Problems& problems) {
  std::vector<std::string> names;
  for (const Station& station : plant.stations) names.push_back(station.name);
  for (const MeterReading& reading : measured.readings) {
    const Index station = station_of(plant, reading.machine);
    const std::string near = nearest(reading.machine, names);
    if (station == none)
      problems.error(Code::unknown_name, reading.place, reading.machine, fmt::format("the plant has no station {}", reading.machine), near.empty() ? std::string() : "did you mean " + near + "?");
    const auto first = std::find_if(measured.readings.begin(), measured.readings.end(), [&](const MeterReading& r) { return station_of(plant, r.machine) == station; });
    if (station != none && std::isnan(first->sd_J) != std::isnan(reading.sd_J))
      problems.error(Code::missing, reading.place, reading.machine, "some readings of this station have a spread and others none", "give sd in all of its rows, or in none");
  }
}

void learn_powers(const Plant& plant, const Measurements& measured, const StateLog* states, double level, PlantCalibration& result) {
  PowerLearner learner(plant, measured, level, result);
  for (Index k = 0; k < plant.n_stations(); ++k) {
    std::vector<MeterReading> readings;
    bool any = false;
    for (MeterReading reading : measured.readings) {
      if (station_of(plant, reading.machine) != k) continue;
      any = true;
      const bool timed = reading.has_states || (states != nullptr && !std::isnan(reading.from_s) && times_from(*states, reading));
      if (timed) readings.push_back(reading);
    }
    if (any) learner.learn(k, readings);
  }
}

}  // namespace retwin
