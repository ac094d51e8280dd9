// Powers of stations by state, from energies of meters and the times in the states.
#include <fmt/format.h>

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "core/base/constants.hpp"
#include "core/base/fields.hpp"
#include "core/base/readable.hpp"
#include "core/ledger/reading.hpp"
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

constexpr double least_covered = 0.99;  ///< of an interval by records of states

/// Times in the states from a log: of the machine of the reading, or of all servers of the station. False: it does not tell them.
bool times_from(const StateLog& states, MeterReading& reading) {
  std::vector<std::size_t> meaning;
  for (std::uint32_t s = 0; s < states.states.size(); ++s) meaning.push_back(state_of(class_of_state(states.states[s])));
  double covered_s = 0;
  std::set<std::uint32_t> machines;
  for (const StateRecord& record : states.records) {
    const std::string& machine = states.machines[record.machine];
    if (machine != reading.machine && machine.substr(0, machine.find('#')) != reading.machine) continue;
    machines.insert(record.machine);
    const double overlap = std::min(record.to_s, reading.to_s) - std::max(record.from_s, reading.from_s);
    if (!(overlap > 0) || meaning[record.state] == MeterReading::n_states) continue;
    covered_s += overlap;
    reading.state_s[meaning[record.state]] += overlap;
  }
  if (covered_s > 0 && covered_s >= least_covered * (reading.to_s - reading.from_s) * static_cast<double>(machines.size())) return true;
  reading.state_s = {};
  return false;
}

/// Shares of the servers' time in the states that the plant as given spends, from runs of it.
class TimesOfRuns {
 public:
  TimesOfRuns(const Scenario& scenario, const PlantCalibrationOptions& options) : plant_(*scenario.plant), shares_(plant_.n_stations()) {
    const double from_s = scenario.run.warmup_s, until_s = std::min(scenario.run.duration_s, from_s + 26 * week_s);
    for (std::uint64_t k = 0; k < options.replications; ++k) {
      Simulation simulation(scenario.plant, options.seed, k, scenario.changes);
      simulation.advance(from_s);
      const Reading begin = read(plant_, simulation.state());
      simulation.advance(until_s);
      const Reading end = read(plant_, simulation.state());
      for (Index s = 0; s < plant_.n_stations(); ++s) {
        std::array<double, MeterReading::n_states> share{};
        for (std::size_t state = 0; state < n_server_states; ++state)
          if (const std::size_t as = counted_as(static_cast<ServerState>(state)); as < share.size())
            share[as] += (end.accounts.stations[s].time_in[state] - begin.accounts.stations[s].time_in[state]) / ((until_s - from_s) * plant_.stations[s].servers);
        shares_[s].push_back(share);
      }
    }
  }
  /// Puts the time in the only state that draws power, the plant says. @return its relative error; nan: there are several, or it never is
  double put(Index station, MeterReading& reading) const {
    const Station& s = plant_.stations[station];
    std::size_t only = MeterReading::n_states;
    for (std::size_t k = 0; k < MeterReading::n_states; ++k) {
      if (!(s.power_W[static_cast<std::size_t>(server_states[k])] > 0)) continue;
      if (only < MeterReading::n_states) return nan;
      only = k;
    }
    if (only == MeterReading::n_states) return nan;
    std::vector<double> values;
    for (const auto& share : shares_[station]) values.push_back(share[only]);
    const Interval interval = student_interval(values);
    reading.state_s[only] = interval.mean * reading.duration_s * (reading.machine == s.name ? s.servers : 1);
    return interval.mean > 0 ? interval.half_width / interval.mean / student_quantile(0.975, 1e9) : nan;
  }

 private:
  static std::size_t counted_as(ServerState state) {
    switch (state) {
      case ServerState::working: return MeterReading::working;
      case ServerState::setup: return MeterReading::setup;
      case ServerState::down:
      case ServerState::maintenance: return MeterReading::down;
      case ServerState::off_shift: return MeterReading::n_states;
      default: return MeterReading::idle;
    }
  }
  const Plant& plant_;
  std::vector<std::vector<std::array<double, MeterReading::n_states>>> shares_;
};

/// A reading that is further from what the others say than chance allows.
struct WrongReading {
  std::size_t number = 0;
  double z = 0, critical = infinity, expected_J = 0;
};

struct Powers {
  std::vector<double> value, sd;  ///< per state
  std::vector<bool> identified;
  double quantile = 0;            ///< 0: of the normal law
  WrongReading worst;
};

/// The reading with the largest residual over its spread, the reading itself left out (Cook & Weisberg, Residuals and Influence in
/// Regression, 1982, 2.2.2), and what is exceeded by the largest of all with a probability of .1 % (Bonferroni).
WrongReading worst_of(const Eigen::MatrixXd& a, const Eigen::MatrixXd& inverse, const std::vector<double>& energies, const NonnegativeFit& found, bool stated) {
  constexpr double level = 1e-3, tied = 1e-6;
  WrongReading worst;
  const auto n = static_cast<double>(energies.size());
  if (found.degrees_of_freedom < 3) return worst;
  const auto degrees = static_cast<double>(found.degrees_of_freedom);
  worst.critical = student_quantile(1 - level / (2 * n), stated ? 1e9 : degrees - 1);
  for (std::size_t i = 0; i < energies.size(); ++i) {
    const auto row = static_cast<Eigen::Index>(i);
    double expected = 0;
    for (std::size_t k = 0; k < found.values.size(); ++k) expected += a(row, static_cast<Eigen::Index>(k)) * found.values[k];
    const double own = 1 - a.row(row).dot(inverse.col(row));  // 0: nothing else tells what it should be
    if (own < tied) continue;
    const double residual = energies[i] - expected, squares = found.residual_squares - residual * residual / own;
    const double sd = stated ? 1 : std::sqrt(std::max(0.0, squares) / (degrees - 1));
    const double least = 1e-12 * std::abs(energies[i]);  // where all the others agree to the last digit
    const double z = std::abs(residual) / (std::max(sd, least) * std::sqrt(own));
    if (std::abs(residual) > least && z > worst.z) worst.z = z, worst.number = i, worst.expected_J = energies[i] - residual / own;
  }
  return worst;
}

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
  Powers result{found.values, {}, found.identified, 0, worst_of(a, inverse, energies, found, stated)};
  if (stated) result.worst.expected_J *= readings[result.worst.number].sd_J;
  const double scale = stated ? 1 : found.residual_sd;
  if (!stated && found.degrees_of_freedom > 0) result.quantile = student_quantile(0.5 + level / 2, static_cast<double>(found.degrees_of_freedom));
  for (std::size_t k = 0; k < found.values.size(); ++k) result.sd.push_back(scale * inverse.row(static_cast<Eigen::Index>(k)).norm());
  return result;
}

class PowerLearner {
 public:
  PowerLearner(const Plant& plant, const Measurements& measured, double level, PlantCalibration& result)
      : plant_(plant), measured_(measured), level_(level), result_(result) {}

  /// @param error of times from runs, relative, the same for all readings; empty: they are measured
  void learn(Index k, std::vector<MeterReading> readings, const std::optional<double>& error) {
    const Station& station = plant_.stations[k];
    const std::string name = "stations." + station.name;
    if (station.energy_J_per_job != 0 || station.energy_J_per_kg != 0 || station.power_W[static_cast<std::size_t>(ServerState::off_shift)] != 0)
      return leave(name + ".power", "it also draws energy per job, per mass or while off, which one meter does not tell apart");
    if (readings.empty()) return leave(name + ".power", "its times in the states are not told, nor how long it was metered");
    if (error && std::isnan(*error))
      return leave(name + ".power", "its times in the states are not told, and runs of the plant, where it draws power in more than one, give every interval the same of them");
    const Powers powers = without_wrong_ones(readings);
    for (std::size_t s = 0; s < MeterReading::n_states; ++s) {
      const std::string path = name + "." + fields[s];
      if (std::none_of(readings.begin(), readings.end(), [&](const MeterReading& r) { return r.state_s[s] > 0; })) {
        if (s <= MeterReading::idle) leave(path, "the machine was never in this state while metered");
      } else if (!powers.identified[s]) {
        leave(path, "the intervals do not tell it from the power in other states");
      } else if (std::isnan(powers.sd[s])) {
        leave(path, "too few intervals, whose spread is not stated");
      } else {
        const double sd = std::hypot(powers.sd[s], error.value_or(0) * powers.value[s]);
        put(path, powers.value[s], bounds_within(powers.value[s], sd, level_, infinity, powers.quantile), readings.size(), station.power_W[static_cast<std::size_t>(server_states[s])],
            std::string(powers.quantile > 0 ? "least squares of energies on times, none below 0; Student" : "least squares of energies on times weighted by their spreads, none below 0") +
                (error ? "; times from runs of the plant as given" : ""));
      }
    }
  }

 private:
  /// Readings that contradict the others are set aside one by one, a tenth of them at most, or one of few.
  Powers without_wrong_ones(std::vector<MeterReading>& readings) {
    Powers powers = fit(readings, level_);
    for (std::size_t left = std::max<std::size_t>(1, readings.size() / 10); left > 0 && powers.worst.z > powers.worst.critical; --left) {
      const MeterReading& wrong = readings[powers.worst.number];
      result_.set_aside.push_back(fmt::format("{} in line {} of {}: {} kWh, the other readings say {} (z = {}, critical {})", wrong.machine, wrong.place.line, measured_.meter_file.path,
                                              readable(wrong.energy_J / 3.6e6), readable(powers.worst.expected_J / 3.6e6), readable(powers.worst.z), readable(powers.worst.critical)));
      readings.erase(readings.begin() + static_cast<std::ptrdiff_t>(powers.worst.number));
      powers = fit(readings, level_);
    }
    return powers;
  }
  void leave(const std::string& path, const std::string& why) { result_.left_out.emplace_back(path, why); }
  void put(const std::string& path, double value, const Bounds& bounds, std::size_t n, double given, std::string method) {
    result_.patches.push_back({path, quantity_node(to_digits(value, 9), dimension::power), fmt::format("n = {}", n), {result_.parameters.size()}, true});
    result_.parameters.push_back({path, value, "W", bounds, n, std::move(method), given, measured_.meter_file.path, measured_.meter_file.sha256});
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

void learn_powers(const Scenario& scenario, const Measurements& measured, const PlantCalibrationOptions& options, PlantCalibration& result) {
  const Plant& plant = *scenario.plant;
  PowerLearner learner(plant, measured, options.level, result);
  std::optional<TimesOfRuns> runs;
  for (Index k = 0; k < plant.n_stations(); ++k) {
    std::vector<MeterReading> timed, untimed;
    bool any = false;
    for (MeterReading reading : measured.readings) {
      if (station_of(plant, reading.machine) != k) continue;
      any = true;
      const bool logged = !reading.has_states && options.states != nullptr && !std::isnan(reading.from_s) && times_from(*options.states, reading);
      if (reading.has_states || logged) timed.push_back(reading);
      else if (reading.duration_s > 0) untimed.push_back(reading);
    }
    std::optional<double> error;
    if (timed.empty() && !untimed.empty()) {
      if (!runs) runs.emplace(scenario, options);
      for (MeterReading& reading : untimed) error = runs->put(k, reading);
      timed = std::move(untimed);
    }
    if (any) learner.learn(k, timed, error);
  }
}

}  // namespace retwin
