// A window of a run: the difference of two readings, and what a report asks of it by name.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/ledger/reading.hpp"

namespace retwin {

/// What happened between two readings of one state. The plant must outlive it; where parameters change during the window it is
/// extended piece by piece, each with the plant in force, so that power by state is counted at the power of its time.
class Window {
 public:
  Window(const Plant& plant, Reading begin);
  /// Goes on to a later reading. @param plant in force since the last one (same structure as the first)
  void extend(const Plant& plant, Reading end);

  const Plant& plant() const { return *plant_; }
  const Reading& begin() const { return begin_; }
  const Reading& end() const { return end_; }
  double begin_s() const { return begin_.at_s; }
  double end_s() const { return end_.at_s; }
  double length_s() const { return end_.at_s - begin_.at_s; }
  /// Change over the window of anything that is counted: `f` takes a Reading.
  template <class F>
  double change(F f) const {
    return static_cast<double>(f(end_)) - static_cast<double>(f(begin_));
  }
  /// Time average of a level: `f` takes Accounts or pools of a Reading and returns a LevelIntegral.
  template <class F>
  double average(F f) const {
    return (f(end_).value(end_.at_s) - f(begin_).value(begin_.at_s)) / length_s();
  }

  // --- stations
  /// Server time in each state; sums to servers x length. Of a job that a utility slows, its work at full speed counts as working and the rest
  /// as waiting for the utility; its server shows that it waits, and has the power of that state, all the while. [s]
  std::array<double, n_server_states> time_in(Index station) const;
  double time_in(Index station, ServerState state) const;
  double server_time(Index station) const;  ///< [s]
  /// Server time less off_shift, down and maintenance. [s]
  double available_time(Index station) const;
  /// Working and setup, as a share of the available time; NaN if there was none.
  double utilisation(Index station) const;

  // --- buffers
  double mean_queue(Index station) const;        ///< lots
  LevelTimes queue_times(Index station) const;   ///< of the lots in it
  LevelTimes kg_times(Index station) const;      ///< of the mass in it, where that is kept [kg]
  double held_up_s(Index station) const;         ///< time in which a server before it held a lot that found no room

  // --- electricity and other flows [SI unit of the flow]
  double electricity_by_state(Index station, ServerState state) const;  ///< power in that state x time in it [J]
  double used(Index station, Index flow) const;                         ///< by state, per job and metered by the unit operation
  double used(Index flow) const;                                        ///< by all stations
  double electricity(Index station) const { return used(station, plant_->electricity); }  ///< [J]

  // --- masses [kg]
  double port_kg(Index station, std::size_t port) const;
  double port_kg(Index station, std::size_t port, std::size_t component) const;
  double source_kg(Index source) const;  ///< made less lost
  double source_kg(Index source, std::size_t component) const;
  double sink_kg(Index sink) const;  ///< that leaves the plant there: nothing at a tank
  double sink_kg(Index sink, std::size_t component) const;
  double created_kg(Index station) const;
  double created_kg(Index station, std::size_t component) const;
  /// Mass through "station.port", "source", "sink", "station" (finished jobs) or, where that is ambiguous, "sources.x",
  /// "sinks.x", "stations.x"; empty if there is no such thing.
  std::optional<double> mass_through(std::string_view name) const;
  /// Of a component; empty also for a station, whose jobs are counted by their whole mass.
  std::optional<double> mass_through(std::string_view name, std::size_t component) const;

  // --- laws
  /// Stock at the start + initial lots + sources + created + transmuted - sinks - stock at the end, relative to what came in and
  /// was transmuted: 0 but for rounding. Of a component, or the sum of the components' errors relative to their sum.
  double mass_balance_error() const;
  double mass_balance_error(std::size_t component) const;
  /// Little's law as an identity over the window: the time integral of the level and the time that its lots spent there in the
  /// window; the relative difference is 0 but for rounding.
  double little_error(Index station) const;
  double little_error() const;  ///< of the plant as a whole

 private:
  struct Balance {
    double residual, scale;  ///< [kg]
  };
  Balance balance(std::size_t component) const;
  /// What passes it: at a tank, what comes and is not let out.
  double through_sink(Index sink) const;
  double through_sink(Index sink, std::size_t component) const;
  template <class Source, class Sink, class Station, class Port>
  std::optional<double> through(std::string_view name, Source of_source, Sink of_sink, Station of_station, Port of_port) const;

  const Plant* plant_;
  Reading begin_, end_;
  std::vector<double> by_state_J_;  ///< station x server state
  std::vector<double> used_;        ///< station x flow: by state
};

}  // namespace retwin
