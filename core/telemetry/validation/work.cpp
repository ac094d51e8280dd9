// Crews and hours of a plant, as the log's activities and resources meet them.
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/telemetry/calibration/replay.hpp"
#include "core/base/constants.hpp"
#include "core/telemetry/validation/parts.hpp"

namespace retwin {
namespace {

WeeklyHours hours_of(const ShiftCalendar& calendar, double start_s) {
  if (calendar.always()) return {};
  std::vector<WeeklyHours::Span> spans;
  const double monday =
      std::ceil((start_s - 4 * day_s) / (7 * day_s)) * 7 * day_s + 4 * day_s - start_s;  // the first after the start
  double from = monday;
  while (from < monday + 7 * day_s) {
    const double to = std::min(calendar.next_change(from), monday + 7 * day_s);
    if (calendar.on(from)) spans.push_back({from - monday, to - monday});
    from = to;
  }
  return spans.empty() ? WeeklyHours{} : WeeklyHours(std::move(spans));
}

}  // namespace

PoolOfWork work_of(const Plant& plant, const WorkModel& model, const EventLog& log) {
  PoolOfWork work(model.of_activity);
  for (const auto& [station, activity] : model.activities) {
    const Index known = plant.find_station(station);
    if (known == none || plant.stations[known].phases.empty() || plant.stations[known].phases.front().needs.empty()) continue;
    const std::vector<Index>& pools = plant.stations[known].phases.front().needs.front().pools;
    for (std::uint32_t resource = 0; pools.size() > 1 && resource < log.resources.size(); ++resource) {
      const std::string name = scenario_name(log.resources[resource]);
      for (const Index pool : pools) {
        const std::vector<std::string>& names = plant.pools[pool].qualifications;
        if (plant.pools[pool].name == name || std::find(names.begin(), names.end(), name) != names.end())
          work.also(activity, resource, pool);
      }
    }
  }
  return work;
}

WorkModel work_model(const Plant& plant, const EventLog& log) {
  WorkModel model;
  for (const Pool& pool : plant.pools) {
    WorkPool work;
    work.name = pool.name;
    work.units = 0;
    for (const PoolShift& shift : pool.shifts) work.units = std::max(work.units, shift.count);
    if (work.units >= 10000) work.units = std::numeric_limits<double>::infinity();
    for (const PoolShift& shift : pool.shifts)
      if (shift.calendar != none) work.hours = hours_of(plant.calendars[shift.calendar], static_cast<double>(plant.day0) * day_s);
    work.suspends = !pool.finish;
    work.fits = pool.fit;
    model.pools.push_back(std::move(work));
  }
  const auto nobody = static_cast<std::uint32_t>(model.pools.size());
  model.pools.push_back({"", std::numeric_limits<double>::infinity(), {}, false});
  std::vector<bool> occurs(log.activities.size(), false);  // names of rows set aside have no events
  for (const LogEvent& event : log.events) occurs[event.activity] = true;
  for (const std::string& name : log.activities.all()) {
    const std::string station_name = scenario_name(name);
    const Index station = plant.find_station(station_name);
    if (occurs[model.of_activity.size()] || station != none)
      model.activities.emplace(station_name, static_cast<std::uint32_t>(model.of_activity.size()));
    if (station == none) {
      if (occurs[model.of_activity.size()]) model.unknown.push_back(name);
      model.of_activity.push_back(nobody);
      continue;
    }
    const std::vector<WorkPhase>& phases = plant.stations[station].phases;
    const bool crew = !phases.empty() && !phases.front().needs.empty();
    model.of_activity.push_back(crew ? phases.front().needs.front().pools.front() : nobody);
  }
  model.of_work = work_of(plant, model, log);
  return model;
}

}  // namespace retwin
