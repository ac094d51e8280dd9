// Power by state and energy per mass of machines, from the energies of their records or from meters.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <numeric>

#include "core/base/problem.hpp"
#include "core/base/constants.hpp"
#include "core/base/units.hpp"
#include "core/stats/intervals.hpp"
#include "core/telemetry/machines/energy.hpp"
#include "core/telemetry/machines/meter_intervals.hpp"
#include "core/telemetry/machines/states.hpp"

namespace retwin {
namespace {

constexpr double least_covered = 0.99;  ///< of an interval by records of states

/// An interval cut off at 0; NaN where the half-width is not known.
Bounds bounds(double value, double half_width, double level) {
  return {value, std::isnan(half_width) ? nan : std::max(0.0, value - half_width), value + half_width, level};
}

/// Student's interval; NaN where the data do not tell the value.
Bounds bounds(const EnergyEstimate& estimate, std::size_t degrees, double level) {
  if (!estimate.identified) return {nan, nan, nan, level};
  const double half =
      degrees > 0 ? student_quantile((1 + level) / 2, static_cast<double>(degrees)) * estimate.standard_error : nan;
  return bounds(estimate.value, half, level);
}

/// Works on all machines of a log.
class Learner {
 public:
  Learner(MachineStates& states, const MachineOptions& options) : states_(states), options_(options) {}

  void run(const std::vector<MeterSeries>& meters, const std::vector<MeterSeries>& masses) {
    check(meters, {dimension::power, dimension::energy}, "power or energy", "a meter");
    check(masses, {dimension::mass, dimension::mass_rate}, "mass or mass rate", "a mass series");
    const auto of_meter = owners(meters), of_mass = owners(masses);
    problems_.throw_if_errors();
    for (std::size_t k = 0; k < masses.size(); ++k) add_mass(masses[k], of_mass[k]);
    for (auto& [machine, growth] : mass_) growth.finish();
    for (MachineFigures& m : states_.machines) from_records(m);
    for (std::size_t k = 0; k < meters.size(); ++k) from_meter(meters[k], of_meter[k]);
  }

 private:
  static constexpr std::size_t all_machines = static_cast<std::size_t>(-1);

  void check(const std::vector<MeterSeries>& all, const std::vector<Dimension>& wanted, const char* what, const char* who) {
    for (const MeterSeries& series : all) {
      if (std::find(wanted.begin(), wanted.end(), series.dimension) == wanted.end()) {
        Place place;
        place.file = series.source;
        place.line = 1;
        place.column = 1;
        problems_.error(Code::unit, place, series.name,
                        fmt::format("{} is {}; {} shows {}", series.unit, describe(series.dimension), who, what),
                        fmt::format("write for instance {} or {}", example_unit(wanted[0]), example_unit(wanted[1])));
      }
      states_.sources.push_back(fmt::format("{} (SHA-256 {})", series.source, series.sha256));
    }
    std::sort(states_.sources.begin(), states_.sources.end());
    states_.sources.erase(std::unique(states_.sources.begin(), states_.sources.end()), states_.sources.end());
  }

  /// The machine of each series; that of a single series without the name of a machine are all.
  std::vector<std::size_t> owners(const std::vector<MeterSeries>& all) {
    std::vector<std::size_t> result;
    std::vector<std::string> known;
    for (const MachineFigures& m : states_.machines) known.push_back(states_.log.machines[m.machine]);
    for (const MeterSeries& series : all) {
      const auto found = std::find(known.begin(), known.end(), series.name);
      result.push_back(found == known.end() ? all_machines : static_cast<std::size_t>(found - known.begin()));
      if (found != known.end() || all.size() == 1) continue;
      Place place;
      place.file = series.source;
      std::string names;
      for (const std::string& name : known) names += (names.empty() ? "" : ", ") + name;
      const std::string near = nearest(series.name, known);
      problems_.error(
          Code::unknown_name, place, {}, fmt::format("\"{}\" is no machine of {}", series.name, states_.log.source),
          near.empty() ? "the machines are " + names : fmt::format("did you mean {}? The machines are {}", near, names));
    }
    if (result.size() == 1 && result[0] == all_machines && known.size() == 1) result[0] = 0;
    return result;
  }

  // --- masses: an amount counts evenly for the working stay in which it is stamped, or the last one before

  void add_mass(const MeterSeries& series, std::size_t owner) {
    MeterGrowth& growth = mass_[owner];
    const bool rate = series.dimension == dimension::mass_rate, counter = !rate && counts_up(series);
    states_.notes.push_back(fmt::format("Mass {}: {}.", series.name,
                                        rate      ? "a rate until the next reading"
                                        : counter ? "a counter"
                                                  : "amounts"));
    const auto& t = series.time_s;
    for (std::size_t i = 0; i < t.size(); ++i) {
      if (!rate && !counter) {
        if (series.value[i] > 0) add_amount(growth, owner, t[i], series.value[i]);
      } else if (i > 0 && t[i] > t[i - 1]) {
        const double amount = rate ? series.value[i - 1] * (t[i] - t[i - 1]) : series.value[i] - series.value[i - 1];
        if (amount > 0) growth.add(t[i - 1], t[i], amount);
      }
    }
  }

  void add_amount(MeterGrowth& growth, std::size_t owner, double at_s, double kg) {
    if (owner == all_machines) return growth.add(at_s, at_s + 1, kg);
    const std::vector<Stay>& stays = states_.machines[owner].timeline.stays;
    auto of = std::lower_bound(stays.begin(), stays.end(), at_s, [](const Stay& stay, double t) { return stay.from_s < t; });
    while (of != stays.begin()) {
      --of;
      if (states_.meaning[of->state] == StateClass::working && of->duration_s() > 0) return growth.add(of->from_s, of->to_s, kg);
    }
    growth.add(at_s, at_s + 1, kg);
  }

  /// Whose masses count for a machine: its own, else those of the plant.
  std::size_t mass_owner(std::size_t machine) const { return mass_.count(machine) ? machine : all_machines; }

  double mass(std::size_t owner, double from_s, double to_s) const {
    const auto found = mass_.find(owner);
    return found == mass_.end() ? 0 : std::max(0.0, found->second.between(from_s, to_s));
  }

  // --- from the energies of records

  void from_records(MachineFigures& m) {
    if (!states_.log.has_energy) return;
    const auto figure = [&](StateFigures& f, auto belongs) {
      std::vector<double> energies, times;
      for (const Stay& stay : m.timeline.stays)
        if (belongs(stay) && stay.energy_J >= 0 && stay.duration_s() > 0)
          energies.push_back(stay.energy_J), times.push_back(stay.duration_s());
      f.power_n = energies.size();
      if (energies.empty()) return;
      const Interval ratio = ratio_interval(energies, times, options_.level);
      f.power_W = bounds(ratio.mean, ratio.half_width, options_.level);
      f.power_method = "energy over time of the records; interval: jackknife";
    };
    const auto negative =
        std::count_if(m.timeline.stays.begin(), m.timeline.stays.end(), [](const Stay& stay) { return stay.energy_J < 0; });
    if (negative > 0) m.notes.push_back(fmt::format("{} stays with a negative energy left out of the powers", negative));
    for (StateFigures& f : m.states) figure(f, [&](const Stay& s) { return states_.log.states[s.state] == f.name; });
    for (StateFigures& f : m.classes) figure(f, [&](const Stay& s) { return states_.meaning[s.state] == f.meaning; });
    const std::size_t self = static_cast<std::size_t>(&m - states_.machines.data());
    if (!mass_.empty()) records_with_mass(m, mass_owner(self));
  }

  /// energy = power x time + energy per kg x kg, each record divided by the root of its duration.
  void records_with_mass(MachineFigures& m, std::size_t owner) {
    std::vector<MeterInterval> rows;
    for (const Stay& stay : m.timeline.stays) {
      if (!(stay.energy_J >= 0) || !(stay.duration_s() > 0)) continue;
      const double weight = 1 / std::sqrt(stay.duration_s());
      MeterInterval row{stay.energy_J * weight, std::vector<double>(m.classes.size(), 0.0),
                        mass(owner, stay.from_s, stay.to_s) * weight};
      row.state_s[class_index(m, stay)] = stay.duration_s() * weight;
      rows.push_back(std::move(row));
    }
    if (rows.empty()) return;
    const EnergyFit fit = fit_energy(std::vector<std::string>(m.classes.size()), rows);
    if (!fit.per_kg.identified) {
      m.notes.push_back("the records do not tell the energy per kg from the power");
      return;
    }
    m.energy_per_kg = bounds(fit.per_kg, fit.degrees_of_freedom, options_.level);
    m.energy_per_kg_n = rows.size();
    for (std::size_t c = 0; c < m.classes.size(); ++c) {
      m.classes[c].power_W = bounds(fit.power_W[c], fit.degrees_of_freedom, options_.level);
      m.classes[c].power_method = "weighted non-negative least squares on the energies of records, with mass";
    }
  }

  std::size_t class_index(const MachineFigures& m, const Stay& stay) const {
    const StateClass meaning = states_.meaning[stay.state];
    return static_cast<std::size_t>(
        std::find_if(m.classes.begin(), m.classes.end(), [&](const StateFigures& f) { return f.meaning == meaning; }) -
        m.classes.begin());
  }
  std::size_t state_index(const MachineFigures& m, const Stay& stay) const {
    const std::string& name = states_.log.states[stay.state];
    return static_cast<std::size_t>(
        std::find_if(m.states.begin(), m.states.end(), [&](const StateFigures& f) { return f.name == name; }) - m.states.begin());
  }

  // --- from meters

  struct Rows {
    std::vector<MeterInterval> rows;
    std::vector<double> from_s;
    std::size_t uncovered = 0;
  };

  /// Times of the machines in their states (or classes) per interval.
  Rows rows_of(const std::vector<MeteredEnergy>& intervals, const std::vector<std::size_t>& machines, std::size_t owner,
               bool by_class) const {
    Rows result;
    std::vector<std::size_t> next(machines.size(), 0), first{0};
    std::vector<std::vector<std::size_t>> column(machines.size());
    for (std::size_t k = 0; k < machines.size(); ++k) {
      const MachineFigures& m = states_.machines[machines[k]];
      first.push_back(first.back() + (by_class ? m.classes.size() : m.states.size()));
      for (const Stay& stay : m.timeline.stays)
        column[k].push_back(first[k] + (by_class ? class_index(m, stay) : state_index(m, stay)));
    }
    for (const MeteredEnergy& interval : intervals) {
      MeterInterval row{interval.energy_J, std::vector<double>(first.back(), 0.0), mass(owner, interval.from_s, interval.to_s)};
      bool covered = true;
      for (std::size_t k = 0; k < machines.size(); ++k) {
        const std::vector<Stay>& stays = states_.machines[machines[k]].timeline.stays;
        while (next[k] < stays.size() && stays[next[k]].to_s <= interval.from_s) ++next[k];
        double seen_s = 0;
        for (std::size_t i = next[k]; i < stays.size() && stays[i].from_s < interval.to_s; ++i) {
          const double both_s = std::min(stays[i].to_s, interval.to_s) - std::max(stays[i].from_s, interval.from_s);
          if (both_s > 0) row.state_s[column[k][i]] += both_s, seen_s += both_s;
        }
        covered = covered && seen_s >= least_covered * (interval.to_s - interval.from_s);
      }
      if (covered) result.rows.push_back(std::move(row)), result.from_s.push_back(interval.from_s);
      else ++result.uncovered;
    }
    return result;
  }

  EnergyFit fit_rows(const Rows& rows) const {
    return fit_energy(std::vector<std::string>(rows.rows.front().state_s.size()), rows.rows);
  }

  void from_meter(const MeterSeries& series, std::size_t owner) {
    std::vector<std::size_t> machines{owner};
    if (owner == all_machines) {
      machines.clear();
      for (std::size_t m = 0; m < states_.machines.size(); ++m) machines.push_back(m);
    }
    const bool counter = series.dimension == dimension::energy && counts_up(series);
    const std::size_t mass_of = mass_owner(owner);
    EnergyFit best;
    Rows used;
    bool ahead = false;
    for (const bool reading_ahead : {false, true}) {
      if (counter && reading_ahead) break;
      Rows rows = rows_of(intervals_of(series, counter, reading_ahead), machines, mass_of, true);
      if (rows.rows.empty()) continue;
      EnergyFit fit = fit_rows(rows);
      if (used.rows.empty() || fit.residual_sd_J < best.residual_sd_J)
        best = std::move(fit), used = std::move(rows), ahead = reading_ahead;
    }
    if (used.rows.empty()) {
      states_.notes.push_back(fmt::format("Meter {}: no interval of it lies within the records of the states.", series.name));
      return;
    }
    states_.notes.push_back(fmt::format("Meter {}: {}; {} intervals ({} without states left out){}.", series.name,
                                        counter ? "a counter"
                                        : ahead ? "a reading counts until the next"
                                                : "a reading counts since the one before",
                                        used.rows.size(), used.uncovered, std::isnan(best.r2) ? "" : fmt::format(", R2 {:.3f}", best.r2)));
    if (best.r2 < 0.1) states_.notes.push_back(fmt::format("Meter {}: the states explain next to nothing of it.", series.name));
    if (std::any_of(best.power_W.begin(), best.power_W.end(), [](const EnergyEstimate& power) { return !power.identified; }))
      states_.notes.push_back(fmt::format(
          "Meter {}: the powers of some states cannot be told from those of others{}.", series.name,
          machines.size() > 1 ? "; of machines that are always in some state one meter shows only differences between states"
                              : ""));
    compare_with_records(series, used, machines);
    add_series(machines.size() == 1 ? states_.log.machines[states_.machines[machines[0]].machine] : series.name, used, best);
    assign(machines, best, true);
    assign(machines, fit_rows(rows_of(intervals_of(series, counter, ahead), machines, mass_of, false)), false);
    if (machines.size() == 1 && best.per_kg.identified) {
      MachineFigures& m = states_.machines[machines[0]];
      m.energy_per_kg = bounds(best.per_kg, best.degrees_of_freedom, options_.level);
      m.energy_per_kg_n = best.intervals;
    }
  }

  /// The series in which a change is looked for: energy per mass, of blocks that hold a two-hundredth of it, as ratios over little
  /// mass are noisy; without masses, energy over what the states explain.
  void add_series(const std::string& subject, const Rows& rows, const EnergyFit& fit) {
    constexpr double blocks = 200, joules_per_kWh = 3.6e6;
    double total_kg = 0;
    for (const MeterInterval& row : rows.rows) total_kg += row.processed_kg;
    DriftSeries series{DriftKind::energy, subject + " / meter", total_kg > 0 ? "kWh/kg" : "of explained", {}, {}, false};
    double energy_J = 0, kg = 0, from_s = 0;
    for (std::size_t i = 0; i < rows.rows.size(); ++i) {
      const MeterInterval& row = rows.rows[i];
      if (!(energy_J > 0) && !(kg > 0)) from_s = rows.from_s[i];
      energy_J += row.energy_J;
      kg += total_kg > 0 ? row.processed_kg : std::inner_product(row.state_s.begin(), row.state_s.end(), fit.power_W.begin(), 0.0,
                                                                 std::plus<>(), [](double time_s, const EnergyEstimate& power) {
                                                                   return time_s * power.value;
                                                                 });
      if (total_kg > 0 && kg < total_kg / blocks) continue;
      if (kg > 0) series.time_s.push_back(from_s), series.value.push_back(energy_J / kg / (total_kg > 0 ? joules_per_kWh : 1));
      energy_J = kg = 0;
    }
    states_.metered.push_back(std::move(series));
  }

  void assign(const std::vector<std::size_t>& machines, const EnergyFit& fit, bool classes) {
    std::size_t column = 0;
    for (const std::size_t m : machines)
      for (StateFigures& f : classes ? states_.machines[m].classes : states_.machines[m].states) {
        f.power_W = bounds(fit.power_W[column++], fit.degrees_of_freedom, options_.level);
        f.power_n = fit.intervals;
        f.power_method = "non-negative least squares on a meter and the times in the states";
      }
  }

  /// A meter that disagrees with the energies of the records by far is in another unit than it says.
  void compare_with_records(const MeterSeries& series, const Rows& rows, const std::vector<std::size_t>& machines) {
    double metered_J = 0, recorded_J = 0;
    for (const MeterInterval& row : rows.rows) {
      metered_J += row.energy_J;
      std::size_t column = 0;
      for (const std::size_t m : machines)
        for (const StateFigures& f : states_.machines[m].classes) {
          if (row.state_s[column] > 0) recorded_J += row.state_s[column] * f.power_W.estimate;
          ++column;
        }
    }
    const double ratio = metered_J / recorded_J;
    if (recorded_J > 0 && (ratio > 2 || ratio < 0.5))
      states_.notes.push_back(fmt::format("Meter {}: {:.4g} times the energy of the records; is its unit ({}) right?",
                                          series.name, ratio, series.unit));
  }

  MachineStates& states_;
  const MachineOptions& options_;
  Problems problems_;
  std::map<std::size_t, MeterGrowth> mass_;  ///< by machine
};

}  // namespace

void learn_power(MachineStates& states, const std::vector<MeterSeries>& meters, const std::vector<MeterSeries>& masses,
                 const MachineOptions& options) {
  Learner(states, options).run(meters, masses);
  for (MachineFigures& m : states.machines) {
    const StateFigures* working = m.of_class(StateClass::working);
    if (working && ((working->power_W.estimate > 0 && working->power_W.estimate < 1) || working->power_W.estimate > 1e8))
      m.notes.push_back(fmt::format("{:.3g} W at work: is the unit of the energy right?", working->power_W.estimate));
  }
}

}  // namespace retwin
