// A background system of processes as matrices: h = C B A^-1 f (Heijungs and Suh, The Computational Structure of Life Cycle Assessment,
// 2002), for what the plant buys from beyond its fence.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/problem.hpp"

namespace retwin {

/// An entry of a matrix: row, column, value.
struct Exchange {
  std::size_t row = 0, column = 0;
  double amount = 0;
};

/// Processes, each of which makes a product of its own; A holds what they make (> 0) and take (< 0), products x processes; B what each
/// emits, flows x processes; C what each flow weighs [kg CO2e per its unit].
struct ProcessSystem {
  std::vector<std::string> processes, units, flows;
  std::vector<Exchange> technosphere, biosphere;
  std::vector<double> weights;
  /// Reads processes.csv (process, unit), technosphere.csv (process, input, amount: taken for one unit of its product; an input that is
  /// the process itself is what is lost of it), biosphere.csv (process, flow, amount) and weights.csv (flow, kg_CO2e). Problems say file
  /// and line.
  static ProcessSystem read(const std::string& folder, Problems& problems);
};

/// What one demand causes.
struct Impact {
  double kg = 0;                                          ///< CO2e
  std::vector<double> scaling;                            ///< of each process
  std::vector<std::pair<std::size_t, double>> by_process; ///< direct emissions [kg CO2e], the largest first
};

/// Factorised once, asked often.
class LifeCycle {
 public:
  /// @throws InputError (conflict): the technosphere is singular, with a process that takes part in it
  explicit LifeCycle(ProcessSystem system);
  ~LifeCycle();
  const ProcessSystem& system() const { return system_; }
  /// @param demand by product, in its unit
  Impact of(const std::vector<double>& demand) const;
  /// kg CO2e of a unit of each product, from one solve with the transposed matrix.
  std::vector<double> intensities() const;

 private:
  struct Solver;
  ProcessSystem system_;
  std::unique_ptr<Solver> solver_;
};

}  // namespace retwin
