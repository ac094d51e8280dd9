// A parameter learned from records, and the table of such that goes with every scenario made of them.
#pragma once
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "core/base/table.hpp"
#include "core/stats/bounds.hpp"

namespace retwin {

/// One learned parameter, for the table that goes with a calibrated scenario.
struct LearnedParameter {
  std::string path;  ///< in the scenario
  double value = 0;
  std::string unit;
  Bounds interval;
  std::size_t n = 0;
  std::string method;
  double given = std::numeric_limits<double>::quiet_NaN();  ///< by the plant that was calibrated
  std::string source = {}, sha256 = {};  ///< that it was learned from, if it was not the log of the table
};

/// Rounded to so many significant digits, as a scenario tells what was learned.
double to_digits(double value, int digits);

/// A row per parameter: value, unit, interval, number of observations, method, the log that it was learned from with its checksum,
/// and the value that the plant had before.
Table parameters_table(const std::vector<LearnedParameter>& parameters, const std::string& log, const std::string& sha256);

}  // namespace retwin
