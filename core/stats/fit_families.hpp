// The families that are fitted, each with its search variables (private to core/stats).
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/stats/fit_cells.hpp"

namespace retwin {

/// Positive families, all by their mean and shape; a shift is added by FitFamily.
struct PositiveFamily {
  const char* key;  ///< in scenario files
  int size;         ///< 1: mean; 2: mean and shape
  /// The curve of this mean and shape, unfinished; empty if out of range.
  std::optional<Curve> (*curve)(double mean, double shape);
  double (*first_shape)(double mean, double sd);  ///< by moments
};
std::span<const PositiveFamily> positive_families();
const PositiveFamily& positive_family(const char* key);

/// One family with everything that is searched.
struct FitFamily {
  const char* name;
  const char* key;  ///< of the positive family, null for one of its own
  bool shifted, cut;
  int n_parameters;
  int ends;  ///< of them, that are an end of the range where the density is cut off
  bool (*applies)(const Cells& cells);
  std::vector<double> (*start)(const FitFamily& family, const Cells& cells);
  std::optional<Curve> (*curve)(const FitFamily& family, const Cells& cells, const std::vector<double>& at);
};
std::span<const FitFamily> fit_families();

/// Curve of largest likelihood; empty if the family cannot have produced the values.
std::optional<Curve> most_likely(const FitFamily& family, const Cells& cells);
/// The same as a Fit, without distances.
std::optional<Fit> fit_to(const FitFamily& family, const Cells& cells);

std::optional<Curve> normal_curve(double mean, double sd, bool non_negative);

}  // namespace retwin
