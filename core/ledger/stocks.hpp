// What lots carry, summed over a place and read at regular times: energy stored by zone, lots in quarantine, what might escape.
#pragma once
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "core/flow/plant/plant.hpp"
#include "core/flow/state/state.hpp"

namespace retwin {

struct Stock {
  std::string name, unit, note;
  double unit_factor = 1;                  ///< SI units in one of `unit`
  std::optional<Expression> of;            ///< of a lot; none: by what it is made of
  std::vector<double> per_kg;              ///< by component [kg/kg]
  std::vector<Index> stations;             ///< that count; empty: all
  double every_s = 3600;
  double most = std::numeric_limits<double>::infinity();  ///< that is held admissible [SI]
  bool estimate = false;
};

/// Groups of the stations that count, in the order of the plant; the first one, without a name, is all of them.
std::vector<std::string> stock_groups(const Plant& plant, const Stock& stock);

/// Readings of one stock [SI].
struct StockReadings {
  std::vector<std::vector<double>> levels; ///< by group (stock_groups), in the order of time
  double largest_lot = 0;
};

/// Reads at whole multiples of `every_s` of the plant's clock. Lots that wait outside are in no group; those under way count where they
/// were loaded.
class StockMeter {
 public:
  /// @param stocks outlive it
  StockMeter(const Plant& plant, const std::vector<Stock>& stocks, double now);
  double next_s() const;
  /// Takes the readings that are due now.
  void read(const Plant& plant, const State& state);
  const std::vector<StockReadings>& readings() const { return readings_; }

 private:
  void read(std::size_t stock, const Plant& plant, const State& state);
  const std::vector<Stock>* stocks_;
  double clock0_s_;
  std::vector<double> next_;
  std::vector<StockReadings> readings_;
  std::vector<std::vector<std::size_t>> group_of_;  ///< stock x station: index into its groups; 0: it does not count
  std::vector<double> slots_;
};

}  // namespace retwin
