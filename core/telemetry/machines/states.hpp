// What state logs and meters teach about machines: shares of time, times to failure and repair, power by state.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/stats/bounds.hpp"
#include "core/stats/fit.hpp"
#include "core/stats/survival.hpp"
#include "core/telemetry/drift/drift.hpp"
#include "core/telemetry/log/learned_parameter.hpp"
#include "core/telemetry/machines/classes.hpp"
#include "core/telemetry/readers/meter_series.hpp"
#include "core/telemetry/readers/state_log.hpp"

namespace retwin {

struct MachineOptions {
  /// States whose meaning is told, by name without regard to case; the others are looked up by class_of_state.
  std::vector<std::pair<std::string, StateClass>> given;
  double touch_s = 1;   ///< records no further apart than this touch: no gap, and one stay if of the same state [s]
  double level = 0.95;  ///< of all intervals
};

/// A stay of a machine in one state: records of the same state that touch are one.
struct Stay {
  std::uint32_t state = 0;
  double from_s = 0, to_s = 0;
  double energy_J = 0;  ///< nan where that of one of its records is not known
  double duration_s() const { return to_s - from_s; }
};

/// The stays of one machine in order of time, none before the end of the one before.
struct Timeline {
  std::vector<Stay> stays;
  std::size_t records = 0, gaps = 0, overlaps = 0;
  double gap_s = 0, overlap_s = 0;  ///< time without record; time recorded twice, of which the record that began first is kept
};

/// What is known of one class of states, or one state, of one machine.
struct StateFigures {
  std::string name;
  StateClass meaning = StateClass::unknown;
  std::size_t stays = 0;
  double total_s = 0, share = 0;  ///< of the recorded time
  Bounds mean_s;
  Bounds power_W;  ///< NaN where it is not known
  std::size_t power_n = 0;
  std::string power_method;
};

/// Lives of one kind and what is fitted to them. The interval of the mean is by profile likelihood, wide enough for every family
/// whose BIC is within 2 of the best: the choice between them is uncertain too.
struct LifeFigures {
  Lives lives;
  Fit fit;
  Bounds mean_s;
  bool known() const { return !lives.values.empty(); }
  std::size_t ended() const;
};

/// One kind of failure of one machine.
struct FailureFigures {
  StateClass kind = StateClass::breakdown;
  std::size_t count = 0;
  LifeFigures working, calendar;  ///< from the end of one failure to the next: time at work; all of it
  LifeFigures repair;
  std::vector<double> since_s, repairs_s;  ///< when each life of calendar (and working), and each repair, began
  std::vector<std::string> notes;
};

/// How jams and breakdowns were told apart in the durations of failures of one name.
struct Apart {
  bool tried = false, separated = false;
  double threshold_s = 0;  ///< shorter ones are jams
  double bic_gain = 0;     ///< of the best law of one hump over two lognormals
  double ashman_d = 0;
  double ratio = 0;  ///< of the means
  std::string text;  ///< in words
};

struct MachineFigures {
  std::uint32_t machine = 0;
  double from_s = 0, to_s = 0;
  Timeline timeline;
  std::vector<StateFigures> states;   ///< the longest first
  std::vector<StateFigures> classes;  ///< that occur, in the order of StateClass
  std::vector<FailureFigures> failures;
  Apart apart;
  Bounds energy_per_kg;  ///< [J/kg]
  std::size_t energy_per_kg_n = 0;
  std::vector<std::string> notes;
  const StateFigures* of_class(StateClass meaning) const;
};

struct MachineStates {
  StateLog log;
  std::vector<StateClass> meaning;  ///< by state of the log
  std::vector<MachineFigures> machines;
  std::vector<std::string> sources;  ///< meters and mass series, with their SHA-256
  std::vector<DriftSeries> metered;  ///< energies of meters: per mass, or against what the states explain
  std::vector<Drift> drifts;         ///< of drift_series()
  std::vector<std::string> notes;
  /// Series in which changes are looked for: failures per time at work, times to repair, powers of states, meters.
  std::vector<DriftSeries> drift_series() const;
  std::vector<LearnedParameter> parameters() const;
};

/// Learns all of it.
///
/// Lives: from the end of one failure to the next, right-censored by the end of the log. The stretch before the first failure is
/// the rest of a life that began unseen; it counts as a life only while there are fewer than three failures (exact for
/// exponential lives). Failures with nothing but planned stops between them are one. Fits: fit_lives, mean_interval.
///
/// Jams are told from breakdowns by the names of the states if there are both; else by the durations, if two lognormals have a
/// BIC better by 10 than every law of one hump (Kass & Raftery, JASA 90, 1995: "very strong"), their means are at least five-fold
/// apart, each has at least five repairs, and Ashman's D of the logarithms is above 2 (Ashman, Bird & Zepf, Astronomical Journal
/// 108, 1994). It takes 30 repairs to try.
///
/// Power: with meters by non-negative least squares on the times in the states (fit_energy); else from the energies of the
/// records, as ratio of sums with the jackknife (ratio_interval), with masses by least squares on time and mass, weighted by the
/// inverse of the durations. A meter belongs to the machine of its name, a single one of another name to all machines together;
/// likewise masses, and those of the plant count for every machine without its own. What a reading of power means, the time
/// before or after it, is told by which fits better.
/// @throws InputError: unknown_name (given states, meters), unit (a meter that shows neither power nor energy, a mass series that
///   shows neither mass nor mass rate)
MachineStates learn_machines(StateLog log, const std::vector<MeterSeries>& meters = {},
                             const std::vector<MeterSeries>& masses = {}, const MachineOptions& options = {});

/// The stays of every machine of a log.
std::vector<Timeline> timelines(const StateLog& log, double touch_s);

/// Failures of a machine from its timeline (into failures, apart and notes of `figures`).
void learn_failures(MachineFigures& figures, const std::vector<StateClass>& meaning, const MachineOptions& options);

/// Power and energy per mass (into states, classes, energy_per_kg and notes of the machines, and metered). @throws as learn_machines
void learn_power(MachineStates& states, const std::vector<MeterSeries>& meters, const std::vector<MeterSeries>& masses,
                 const MachineOptions& options);

/// A scenario fragment with the failures and powers of each machine that has any, to be laid over a plant; beside it the table of
/// parameters (its stem with _parameters.csv). @param base the plant it extends; none if empty
/// @throws InputError (file; trace if there is nothing to write)
void write_machines(const MachineStates& states, const std::string& path, const std::string& base = {});

}  // namespace retwin
