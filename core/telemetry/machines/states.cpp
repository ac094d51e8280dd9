// Machines from state logs: timelines, shares of time, lives between failures.
#include "core/telemetry/machines/states.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>

#include "core/base/problem.hpp"
#include "core/stats/intervals.hpp"
#include "core/telemetry/log/names.hpp"

namespace retwin {
namespace {

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return text;
}

std::vector<StateClass> meanings(const StateLog& log, const MachineOptions& options) {
  std::vector<StateClass> meaning;
  for (const std::string& name : log.states.all()) meaning.push_back(class_of_state(name));
  Problems problems;
  for (const auto& [name, told] : options.given) {
    bool found = false;
    for (std::uint32_t s = 0; s < log.states.size(); ++s) {
      if (lower(log.states[s]) != lower(name)) continue;
      meaning[s] = told;
      found = true;
    }
    if (found) continue;
    Place place;
    place.file = log.source;
    std::string known;
    for (const std::string& state : log.states.all()) known += (known.empty() ? "" : ", ") + state;
    const std::string near = nearest(name, log.states.all());
    problems.error(Code::unknown_name, place, {}, fmt::format("no record is in the state \"{}\"", name),
                   near.empty() ? "the states are " + known : fmt::format("did you mean {}? The states are {}", near, known));
  }
  problems.throw_if_errors();
  return meaning;
}

/// Student's interval cut off at 0.
Bounds bounds(const Interval& interval) {
  return {interval.mean, std::max(0.0, interval.low()), interval.high(), interval.level};
}

StateFigures figures_of(std::string name, StateClass meaning, const std::vector<double>& durations_s, double recorded_s,
                        double level) {
  StateFigures f;
  f.name = std::move(name);
  f.meaning = meaning;
  f.stays = durations_s.size();
  f.total_s = std::accumulate(durations_s.begin(), durations_s.end(), 0.0);
  f.share = recorded_s > 0 ? f.total_s / recorded_s : 0;
  f.mean_s = bounds(student_interval(durations_s, level));
  if (f.stays < 2) f.mean_s.low = f.mean_s.high = std::nan("");
  return f;
}

void learn_times(MachineFigures& figures, const StateLog& log, const std::vector<StateClass>& meaning, double level) {
  std::map<std::uint32_t, std::vector<double>> by_state;
  std::map<StateClass, std::vector<double>> by_class;
  double recorded_s = 0;
  for (const Stay& stay : figures.timeline.stays) {
    by_state[stay.state].push_back(stay.duration_s());
    by_class[meaning[stay.state]].push_back(stay.duration_s());
    recorded_s += stay.duration_s();
  }
  for (const auto& [state, durations] : by_state)
    figures.states.push_back(figures_of(log.states[state], meaning[state], durations, recorded_s, level));
  std::stable_sort(figures.states.begin(), figures.states.end(),
                   [](const StateFigures& a, const StateFigures& b) { return a.total_s > b.total_s; });
  for (const auto& [kind, durations] : by_class)
    figures.classes.push_back(figures_of(state_class_names[static_cast<std::size_t>(kind)], kind, durations, recorded_s, level));
}

}  // namespace

std::vector<Timeline> timelines(const StateLog& log, double touch_s) {
  std::vector<Timeline> lines(log.machines.size());
  for (const StateRecord& record : log.records) {
    Timeline& line = lines[record.machine];
    ++line.records;
    Stay stay{record.state, record.from_s, record.to_s, record.energy_J};
    if (!line.stays.empty()) {
      Stay& last = line.stays.back();
      if (stay.from_s < last.to_s) {
        const double twice_s = std::min(stay.to_s, last.to_s) - stay.from_s;
        if (twice_s > touch_s || stay.to_s <= last.to_s) ++line.overlaps, line.overlap_s += twice_s;
        if (stay.to_s <= last.to_s) continue;
        stay.energy_J *= (stay.to_s - last.to_s) / stay.duration_s();
        stay.from_s = last.to_s;
      } else if (stay.from_s - last.to_s > touch_s) {
        ++line.gaps;
        line.gap_s += stay.from_s - last.to_s;
      }
      if (last.state == stay.state && stay.from_s - last.to_s <= touch_s) {
        last.to_s = stay.to_s;
        last.energy_J += stay.energy_J;
        continue;
      }
    }
    line.stays.push_back(stay);
  }
  return lines;
}

std::size_t LifeFigures::ended() const {
  return lives.values.size() - static_cast<std::size_t>(std::count(lives.censored.begin(), lives.censored.end(), true));
}

const StateFigures* MachineFigures::of_class(StateClass meaning) const {
  const auto found = std::find_if(classes.begin(), classes.end(), [&](const StateFigures& f) { return f.meaning == meaning; });
  return found == classes.end() ? nullptr : &*found;
}

MachineStates learn_machines(StateLog log, const std::vector<MeterSeries>& meters, const std::vector<MeterSeries>& masses,
                             const MachineOptions& options) {
  MachineStates result;
  result.meaning = meanings(log, options);
  std::vector<Timeline> lines = timelines(log, options.touch_s);
  result.log = std::move(log);
  for (std::uint32_t m = 0; m < lines.size(); ++m) {
    if (lines[m].stays.empty()) continue;
    MachineFigures figures;
    figures.machine = m;
    figures.timeline = std::move(lines[m]);
    figures.from_s = figures.timeline.stays.front().from_s;
    figures.to_s = figures.timeline.stays.back().to_s;
    learn_times(figures, result.log, result.meaning, options.level);
    learn_failures(figures, result.meaning, options);
    result.machines.push_back(std::move(figures));
  }
  std::string unknown;
  for (std::uint32_t s = 0; s < result.meaning.size(); ++s)
    if (result.meaning[s] == StateClass::unknown) unknown += (unknown.empty() ? "\"" : ", \"") + result.log.states[s] + "\"";
  if (!unknown.empty()) result.notes.push_back(fmt::format("It is not known what {} means: neither work nor failure.", unknown));
  learn_power(result, meters, masses, options);
  result.drifts = find_drifts(result.drift_series());
  return result;
}

std::vector<LearnedParameter> MachineStates::parameters() const {
  std::vector<LearnedParameter> result;
  for (const MachineFigures& m : machines) {
    const std::string station = "stations." + scenario_name(log.machines[m.machine]);
    for (const FailureFigures& f : m.failures) {
      const std::string path = fmt::format("{}.fails.{}", station, state_class_names[static_cast<std::size_t>(f.kind)]);
      const auto add = [&](const char* what, const LifeFigures& lives) {
        if (!lives.known()) return;
        result.push_back(
            {fmt::format("{}.{}.mean", path, what), lives.fit.distribution.mean(), "s", lives.mean_s, lives.lives.values.size(),
             fmt::format("{} by maximum likelihood, {} of {} lives ended; interval: profile likelihood{}{}", lives.fit.family,
                         lives.ended(), lives.lives.values.size(), lives.fit.note.empty() ? "" : "; ", lives.fit.note)});
        for (const auto& [name, value] : lives.fit.parameters())
          if (name != "mean")
            result.push_back({fmt::format("{}.{}.{}", path, what, name),
                              value,
                              parameter_unit(name, "s"),
                              {value, std::nan(""), std::nan("")},
                              lives.lives.values.size(),
                              lives.fit.family});
      };
      add("every", f.working.known() ? f.working : f.calendar);
      add("repair", f.repair);
    }
    for (const auto& [kind, field] : {std::pair(StateClass::working, "power"),
                                      {StateClass::idle, "idle_power"},
                                      {StateClass::setup, "setup_power"},
                                      {StateClass::breakdown, "down_power"}})
      if (const StateFigures* f = m.of_class(kind); f && !std::isnan(f->power_W.estimate))
        result.push_back({station + "." + field, f->power_W.estimate, "W", f->power_W, f->power_n, f->power_method});
    if (!std::isnan(m.energy_per_kg.estimate))
      result.push_back({station + ".energy_per_mass", m.energy_per_kg.estimate, "J/kg", m.energy_per_kg, m.energy_per_kg_n,
                        "non-negative least squares on times and mass"});
  }
  return result;
}

}  // namespace retwin
