// The check of a loaded state's accounts: every figure a number, every bin where it can be.
#include <algorithm>
#include <bit>
#include <cmath>

#include "core/flow/state/sound.hpp"

namespace retwin {
namespace {

template <class List>
bool figures(const List& list) {
  return std::all_of(list.begin(), list.end(), is_figure);
}

bool small(std::uint64_t count) { return count >> 62 == 0; }

bool figure(const Tally& t) {
  return t.count() == 0 || (small(t.count()) && is_figure(t.total()) && (t.count() < 2 || std::sqrt(t.variance()) <= 1e30));
}

/// The parts of a histogram as it shows them: its count, values that are counted by themselves, what is below and above the bins, the
/// number of the first bin, and bins.
struct Parts {
  std::vector<std::uint64_t> numbers;
  std::uint64_t counted = 0;
  std::size_t values = 0, bins = 0;
  bool sound = true;
  void operator()(const std::uint64_t& number) { numbers.push_back(number); }
  void operator()(const bool&) {}
  void operator()(const std::vector<std::uint64_t>& list) {
    bins = list.size();
    for (const std::uint64_t count : list) add(count);
  }
  template <class Value>
  void operator()(const std::vector<Value>& list) {
    values = list.size();
    for (std::size_t i = 0; i < list.size(); ++i) {
      sound = sound && is_figure(list[i].x) && (i == 0 || list[i - 1].x < list[i].x);
      add(list[i].count);
    }
  }
  void add(std::uint64_t count) {
    counted += count;
    sound = sound && small(count) && small(counted);
  }
};

/// Whether bins lie in the range of a histogram, and all of them add up to what was counted.
bool adds_up(const Histogram& histogram) {
  static const auto bin_of = [](double x) { return std::bit_cast<std::uint64_t>(x) >> (52 - 6); };
  static const std::uint64_t first_of_all = bin_of(Histogram::lowest), behind_all = bin_of(Histogram::highest);
  Parts parts;
  Histogram::visit(histogram, parts);
  const std::uint64_t count = parts.numbers[0], under = parts.numbers[1], over = parts.numbers[2], first = parts.numbers[3];
  if (!parts.sound || !small(count) || !small(under) || !small(over) || (parts.values > 0 && parts.bins > 0)) return false;
  if (parts.bins > 0 && (first < first_of_all || first >= behind_all || parts.bins > behind_all - first)) return false;
  return parts.counted + under + over == count;
}

bool sound(const StationAccount& a, const StationState& station, double now) {
  return is_figure(a.waited) && is_figure(a.active_time) && is_figure(a.kg_in) && figures(a.time_in) && is_figure(a.queue.since_s) && figures(a.queue_s) && is_figure(a.slowed_work_s) &&
         is_figure(a.content.value(now)) && is_figure(a.queue_kg.value(now)) && small(a.jobs) && small(a.lots_in) && small(a.lots_out) &&
         a.queue.lots == station.queued && is_figure(a.held_up.value(now)) && a.held_up.count() <= station.blocked;
}

}  // namespace

std::string wrong_account(const State& s) {
  const Accounts& a = s.accounts;
  for (std::size_t i = 0; i < a.stations.size(); ++i)
    if (!sound(a.stations[i], s.stations[i], s.now)) return "an account of a station is none";
  for (const auto* times : {&a.queue_times, &a.kg_times})
    if (!std::all_of(times->begin(), times->end(), [](const LevelTimes& of) { return of.sound(is_figure); })) return "a time of a level is none";
  if (!std::all_of(a.tank_levels.begin(), a.tank_levels.end(), [](const LevelTimes& of) { return of.sound(is_figure); })) return "a time of a level is none";
  for (std::size_t i = 0; i < s.tanks.size(); ++i) {
    const std::size_t n = s.tank_kg.size() / s.tanks.size();
    const TankState& tank = s.tanks[i];
    double kg = 0;
    bool masses = true;
    for (std::size_t c = i * n; c < (i + 1) * n; ++c) masses = masses && s.tank_kg[c] >= 0 && is_figure(s.tank_kg[c]), kg += s.tank_kg[c];
    if (!masses || !(std::abs(tank.kg - kg) <= 1e-6 * (1 + kg))) return "a tank holds no mass, or another than what is in it";
    if (!(tank.since_s >= 0 && tank.since_s <= s.now) || !small(tank.parts)) return "a tank has no time";
  }
  for (const TankAccount& tank : a.tanks)
    if (!is_figure(tank.drawn_kg) || !is_figure(tank.fresh_kg) || !is_figure(tank.bled_kg)) return "an account of a tank is none";
  for (const SourceAccount& source : a.sources)
    if (!is_figure(source.kg_made) || !is_figure(source.kg_lost) || !figure(source.cycle_time) || !figure(source.waiting) || !small(source.made))
      return "an account of a source is none";
  for (std::size_t k = 0; k < a.sinks.size(); ++k)
    if (!is_figure(a.sinks[k].kg) || !is_figure(a.sinks[k].off_spec_kg) || !small(a.sinks[k].off_spec) || !figure(a.sinks[k].cycle_time) || !small(a.sinks[k].lots) || !is_figure(a.sinks[k].due.lateness_s) || !is_figure(a.sinks[k].due.tardiness_s) || !adds_up(a.cycle_time[k]))
      return "an account of a sink is none";
  for (const LevelIntegral& use : a.standing)
    if (!is_figure(use.level()) || !is_figure(use.value(s.now))) return "an account of what is used at all times is none";
  for (std::size_t k = 0; k < a.tasks.size(); ++k)
    if (!figure(a.tasks[k].latency) || !small(a.tasks[k].begun) || !small(a.tasks[k].delayed) || !adds_up(a.task_latency[k])) return "an account of a task is none";
  for (const std::vector<double>* list :
       {&a.metered, &a.port_kg, &a.port_lots, &a.source_kg, &a.sink_kg, &a.initial_kg, &a.created_kg, &a.transmuted_kg, &a.job_J, &a.tank_kg})
    if (!figures(*list)) return "an account is no number";
  if (!is_figure(a.wip.value(s.now)) || !is_figure(a.wip_cycle_sum) || !small(a.events) || !small(a.completions))
    return "an account of the plant is none";
  for (const ActivePeriod& period : s.activity)
    if (period.station >= s.stations.size() || !is_figure(period.begin) || !is_figure(period.end))
      return "an active period is of no station";
  return {};
}

}  // namespace retwin
