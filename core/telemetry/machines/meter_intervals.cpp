// Readings of meters to amounts over intervals.
#include "core/telemetry/machines/meter_intervals.hpp"

#include <algorithm>
#include <cstddef>
#include <map>

#include "core/telemetry/machines/energy.hpp"

namespace retwin {

void MeterGrowth::finish() {
  std::map<double, double> slopes;  // changes of the slope
  for (const Part& p : parts_) {
    slopes[p.from_s] += p.amount / (p.to_s - p.from_s);
    slopes[p.to_s] -= p.amount / (p.to_s - p.from_s);
  }
  double slope = 0, sum = 0;
  for (const auto& [at_s, change] : slopes) {
    if (!time_s_.empty()) sum += slope * (at_s - time_s_.back());
    time_s_.push_back(at_s);
    sum_.push_back(sum);
    slope += change;
  }
}

double MeterGrowth::at(double time_s) const {
  const auto next = std::upper_bound(time_s_.begin(), time_s_.end(), time_s);
  if (next == time_s_.begin()) return 0;
  if (next == time_s_.end()) return sum_.back();
  const std::size_t i = static_cast<std::size_t>(next - time_s_.begin());
  return sum_[i - 1] + (sum_[i] - sum_[i - 1]) * (time_s - time_s_[i - 1]) / (time_s_[i] - time_s_[i - 1]);
}

bool counts_up(const MeterSeries& series) {
  std::size_t up = 0, down = 0;
  for (std::size_t i = 1; i < series.value.size(); ++i) {
    up += series.value[i] > series.value[i - 1] ? 1 : 0;
    down += series.value[i] < series.value[i - 1] ? 1 : 0;
  }
  return up >= 3 && up > 10 * down;
}

std::vector<MeteredEnergy> intervals_of(const MeterSeries& series, bool counter, bool ahead) {
  constexpr std::size_t most = 20000;
  std::vector<MeteredEnergy> result;
  const bool is_power = series.dimension == dimension::power;
  for (std::size_t i = 1; i < series.time_s.size(); ++i) {
    const double from_s = series.time_s[i - 1], to_s = series.time_s[i], reading = series.value[ahead ? i - 1 : i];
    double energy_J = reading;
    if (counter) energy_J = series.value[i] - series.value[i - 1];
    else if (is_power) energy_J = metered_energy_J(reading, to_s - from_s);
    if (to_s > from_s && energy_J >= 0) result.push_back({from_s, to_s, energy_J});
  }
  const std::size_t together = (result.size() + most - 1) / most;
  if (together < 2) return result;
  std::vector<MeteredEnergy> fewer;
  for (std::size_t i = 0; i < result.size(); ++i) {
    if (i % together == 0 || fewer.back().to_s != result[i].from_s) {
      fewer.push_back(result[i]);
    } else {
      fewer.back().to_s = result[i].to_s;
      fewer.back().energy_J += result[i].energy_J;
    }
  }
  return fewer;
}

}  // namespace retwin
