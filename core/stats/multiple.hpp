// Several tests at once: p-values that allow for their number.
#pragma once
#include <span>
#include <vector>

namespace retwin {

/// Adjusted p-values: those below alpha are shown together, and the chance that any of them is a false alarm is at most alpha, whatever
/// the dependence (Holm, A simple sequentially rejective multiple test procedure, Scand. J. Statist. 6, 1979). In the order given; a NaN
/// is no test and stays one.
std::vector<double> holm(std::span<const double> p_values);

}  // namespace retwin
