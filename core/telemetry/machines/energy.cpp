// Energy by state, by non-negative least squares.
#include "core/telemetry/machines/energy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "core/stats/nonnegative.hpp"

namespace retwin {
namespace {

void check(const std::vector<std::string>& states, const std::vector<MeterInterval>& intervals) {
  const auto bad = [](double x) { return !(x >= 0 && std::isfinite(x)); };
  const auto count = [&](auto wrong) { return std::count_if(intervals.begin(), intervals.end(), wrong); };
  std::string wrong;
  const auto say = [&](std::ptrdiff_t n, const char* what) {
    if (n > 0) wrong += fmt::format("\n  {} of {} intervals: {}", n, intervals.size(), what);
  };
  if (states.empty()) wrong += "\n  there are no states";
  if (intervals.empty()) wrong += "\n  there are no intervals";
  say(count([&](const MeterInterval& i) { return i.state_s.size() != states.size(); }), "another number of times than of states");
  say(count([&](const MeterInterval& i) { return std::any_of(i.state_s.begin(), i.state_s.end(), bad); }),
      "a time is negative or not finite");
  say(count([&](const MeterInterval& i) { return bad(i.processed_kg); }), "the mass is negative or not finite");
  say(count([&](const MeterInterval& i) { return bad(i.energy_J); }), "the energy is negative or not finite");
  if (!wrong.empty()) throw std::invalid_argument("no energy by state can be estimated:" + wrong);
}

}  // namespace

EnergyFit fit_energy(const std::vector<std::string>& states, const std::vector<MeterInterval>& intervals) {
  check(states, intervals);
  std::vector<std::vector<double>> rows;
  std::vector<double> energies;
  rows.reserve(intervals.size());
  energies.reserve(intervals.size());
  for (const MeterInterval& interval : intervals) {
    rows.push_back(interval.state_s);
    rows.back().push_back(interval.processed_kg);
    energies.push_back(interval.energy_J);
  }
  const NonnegativeFit fit = nonnegative_least_squares(rows, energies);
  EnergyFit result;
  for (std::size_t s = 0; s <= states.size(); ++s) {
    const EnergyEstimate estimate{fit.values[s], fit.standard_errors[s], fit.identified[s]};
    if (s < states.size()) result.power_W.push_back(estimate);
    else result.per_kg = estimate;
  }
  result.r2 = fit.r2;
  result.residual_sd_J = fit.residual_sd;
  result.intervals = intervals.size();
  result.degrees_of_freedom = fit.degrees_of_freedom;
  return result;
}

}  // namespace retwin
