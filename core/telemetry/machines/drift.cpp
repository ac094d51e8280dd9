// Series of machines in which changes are looked for: failures, repairs, powers, meters.
#include <map>
#include <utility>

#include "core/telemetry/machines/states.hpp"

#include "core/base/constants.hpp"

namespace retwin {
namespace {

constexpr double watts_per_kW = 1000;

/// Lives that have ended, with the times at which they began.
DriftSeries ended(DriftKind kind, std::string subject, const char* unit, const LifeFigures& lives,
                  const std::vector<double>& since_s, double per) {
  DriftSeries series{kind, std::move(subject), unit, {}, {}, kind == DriftKind::failure_rate};
  for (std::size_t i = 0; i < lives.lives.values.size(); ++i) {
    if (lives.lives.censored[i]) continue;
    series.time_s.push_back(since_s[i]);
    series.value.push_back(lives.lives.values[i] / per);
  }
  return series;
}

}  // namespace

std::vector<DriftSeries> MachineStates::drift_series() const {
  std::vector<DriftSeries> all;
  for (const MachineFigures& m : machines) {
    const std::string& machine = log.machines[m.machine];
    for (const FailureFigures& f : m.failures) {
      const std::string subject = machine + " / " + state_class_names[static_cast<std::size_t>(f.kind)];
      const bool working = f.working.known();
      all.push_back(ended(DriftKind::failure_rate, subject, working ? "per h at work" : "per h", working ? f.working : f.calendar,
                          f.since_s, hour_s));
      all.push_back(ended(DriftKind::repair, subject, "s", f.repair, f.repairs_s, 1));
    }
    std::map<std::uint32_t, DriftSeries> by_state;
    for (const Stay& stay : m.timeline.stays) {
      if (!(stay.energy_J >= 0) || !(stay.duration_s() > 0)) continue;
      DriftSeries& series = by_state[stay.state];
      series.time_s.push_back(stay.from_s);
      series.value.push_back(stay.energy_J / stay.duration_s() / watts_per_kW);
    }
    for (auto& [state, series] : by_state) {
      series.kind = DriftKind::energy;
      series.unit = "kW";
      series.subject = machine + " / " + log.states[state];
      all.push_back(std::move(series));
    }
  }
  all.insert(all.end(), metered.begin(), metered.end());
  return all;
}

}  // namespace retwin
