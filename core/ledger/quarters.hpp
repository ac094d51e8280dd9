// Electric energy by quarter hours of the calendar, as a utility meters it.
#pragma once
#include <vector>

#include "core/flow/plant/plant.hpp"
#include "core/flow/state/state.hpp"
#include "core/ledger/supply.hpp"

namespace retwin {

/// What stations draw by state, read at the ends of quarter hours and where the plant becomes another; what jobs use beside that, the
/// state knows. A job that is still in hand counts with what it draws by state only.
class QuarterMeter {
 public:
  QuarterMeter(const Plant& plant, const State& state);
  /// The end of the quarter hour that is read at present.
  double next_s() const { return next_s_; }
  /// @param in_force plant since the last reading
  /// @param next that from now on
  void read(const Plant& in_force, const Plant& next, const State& state);
  /// Those that were read from their beginning to their end; empty: there was none, or it was beyond those that are kept
  /// (`most_quarters` after the start).
  QuarterHours quarters(const State& state) const;

 private:
  /// Which stations draw anything by state, and their servers.
  void watch(const Plant& plant, const State& state);
  /// Of those.
  void take(const State& state);
  const Plant* watched_ = nullptr;
  std::vector<std::uint8_t> draws_;  ///< station
  std::vector<Index> servers_;       ///< of stations that draw, but those added since
  std::size_t known_ = 0;            ///< servers there were then
  double day_s_;                  ///< of the day, at the first quarter hour of the run
  double clock0_s_, next_s_;
  bool whole_;                    ///< the quarter has been read from its beginning
  double J_ = 0;                  ///< in it so far
  std::vector<double> time_in_;   ///< station x server state, at the last reading
  std::vector<double> now_in_;
  double standing_J_ = 0;         ///< whatever jobs there are, up to the last reading
  std::vector<double> made_;      ///< by each utility, up to the end of the last quarter hour
  std::vector<std::vector<double>> utilities_;  ///< see QuarterHours
  std::size_t first_ = 0;         ///< number of the first whole quarter, as Accounts::job_J counts
  std::vector<double> quarters_J_;
};

}  // namespace retwin
