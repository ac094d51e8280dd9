// Puts the methods side by side, lets them name a station each, and says what follows.
#include "core/kpi/bottleneck.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>

#include "core/base/units.hpp"

namespace retwin {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Pairs of stations of which one feeds the other; a transport on the way stands between them.
std::vector<std::pair<Index, Index>> links(const Plant& plant) {
  std::vector<std::pair<Index, Index>> out;
  const auto add = [&](Index from, Index to) {
    if (from < plant.n_stations() && to < plant.n_stations() && from != to) out.emplace_back(from, to);
  };
  const auto add_route = [&](Index from, const Route& route) {
    for (const RouteOption& option : route.options) {
      add(from, option.via != none ? option.via : option.target);
      if (option.via != none) add(option.via, option.target);
    }
  };
  for (Index k = 0; k < plant.n_stations(); ++k)
    for (const Route& route : plant.stations[k].routes) add_route(k, route);
  for (const Source& source : plant.sources) add_route(none, source.route);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

/// Arrows along every link: from a station that is blocked more than the next one starves, downstream; else upstream. Where no
/// arrow leads away, the material turns (Kuo, Lim & Meerkov, Bottlenecks in serial production lines, Math. Problems in
/// Engineering 2, 1996). A starving station that a source feeds directly points at the source, if the plant keeps up with it.
/// Returns the turning point with the largest differences, none if there is no clear one.
Index turning_points(const Plant& plant, bool keeps_up, std::vector<BottleneckRow>& rows) {
  const Index n = plant.n_stations();
  std::vector<double> severity(n, 0);
  std::vector<bool> away(n, false);
  for (const auto& [i, j] : links(plant)) {
    const double difference = rows[i].blocked - rows[j].starved;
    if (difference > 0) away[i] = true;
    if (difference < 0) away[j] = true;
    severity[i] -= difference;
    severity[j] += difference;
  }
  for (const Source& source : plant.sources)
    for (const RouteOption& option : source.route.options)
      if (keeps_up && option.target < n && rows[option.target].starved > 0) away[option.target] = true;
  Index best = none;
  for (Index i = 0; i < n; ++i) {
    rows[i].turning_point = !away[i] && severity[i] > 0;
    if (rows[i].turning_point && (best == none || severity[i] > severity[best])) best = i;
  }
  return best;
}

std::vector<BottleneckRow> fill_rows(const Window& window, const ActivitySweep& activity,
                                     const std::vector<std::pair<std::string, double>>& static_ranking) {
  const Plant& plant = window.plant();
  const std::map<std::string, double> by_name(static_ranking.begin(), static_ranking.end());
  std::vector<BottleneckRow> rows(plant.n_stations());
  for (Index k = 0; k < plant.n_stations(); ++k) {
    BottleneckRow& row = rows[k];
    const double available = window.available_time(k);
    const ActivitySweep::Share& share = activity.shares()[k];
    row.station = plant.stations[k].name;
    row.utilisation = window.utilisation(k);
    row.active_period_s = share.active_period_s();
    row.sole = share.sole_s / activity.length_s();
    row.shifting = share.shifting_s / activity.length_s();
    row.blocked = window.time_in(k, ServerState::blocked) / available;
    row.starved = window.time_in(k, ServerState::starved) / available;
    row.waiting_resource = window.time_in(k, ServerState::waiting_resource) / available;
    const auto known = by_name.find(row.station);
    row.static_utilisation = known == by_name.end() ? nan : known->second;
  }
  return rows;
}

/// The station with the largest value, none if there is no positive one.
Index largest(const std::vector<BottleneckRow>& rows, const std::function<double(const BottleneckRow&)>& value) {
  Index best = none;
  for (Index k = 0; k < rows.size(); ++k)
    if (value(rows[k]) > 0 && (best == none || value(rows[k]) > value(rows[best]))) best = k;
  return best;
}

/// Is what leaves the plant decided in the plant, or by what arrives? Saturated sources, lots that were lost or wait outside, and a
/// stock that grows all say: in the plant.
bool limited_inside(const Window& window) {
  const Plant& plant = window.plant();
  if (plant.sources.empty()) return true;
  double made = 0, lost = 0, left = 0;
  for (Index k = 0; k < plant.sources.size(); ++k) {
    if (plant.sources[k].arrivals == Arrivals::saturated) return true;
    made += window.change([&](const Reading& r) { return r.accounts.sources[k].made; });
    lost += window.change([&](const Reading& r) { return r.accounts.sources[k].lost; });
  }
  for (Index k = 0; k < plant.sinks.size(); ++k)
    left += window.change([&](const Reading& r) { return r.accounts.sinks[k].lots; });
  const double outside = window.change([](const Reading& r) { return r.waiting_outside; });
  const double growth = window.change([](const Reading& r) { return r.live_lots; });
  return lost > 1e-3 * made || outside > 1e-2 * made || growth > 5e-2 * (left + growth);
}

std::string join(const std::vector<std::string>& parts, const char* last) {
  std::string out;
  for (std::size_t k = 0; k < parts.size(); ++k) out += (k == 0 ? "" : k + 1 == parts.size() ? last : ", ") + parts[k];
  return out;
}

/// Each method names a station; the one named most often is the verdict's, ties go to the method named first.
Index elect(const std::vector<std::pair<std::string, Index>>& named) {
  Index winner = none;
  std::ptrdiff_t most = 0;
  for (const auto& [method, station] : named) {
    if (station == none) continue;
    const Index candidate = station;
    const auto votes = std::count_if(named.begin(), named.end(), [&](const auto& other) { return other.second == candidate; });
    if (votes > most) {
      most = votes;
      winner = station;
    }
  }
  return winner;
}

std::string verdict_of(const BottleneckRow& row, bool plant_limits) {
  std::vector<std::string> why{fmt::format("utilisation {:.3f}", row.utilisation)};
  if (row.sole + row.shifting >= 0.005)
    why.push_back(fmt::format("momentary bottleneck {:.0f} % of the time", 100 * (row.sole + row.shifting)));
  if (row.turning_point) why.emplace_back("blocked before it and starved after it");
  if (row.waiting_resource >= 0.01)
    why.push_back(fmt::format("it waits {:.0f} % of its time for resources", 100 * row.waiting_resource));
  const std::string reasons = join(why, ", ");
  return plant_limits ? fmt::format("{} limits the plant: {}.", row.station, reasons)
                      : fmt::format("The plant keeps up with its sources; {} would limit it first: {}.", row.station, reasons);
}

/// What the methods that name another station say, and whether an active period there is more than one long job.
std::string disagreement_of(const BottleneckAnalysis& analysis, const std::vector<BottleneckRow>& rows, const Window& window) {
  std::vector<std::string> parts;
  std::vector<std::string> done;
  for (const auto& [method, station] : analysis.named) {
    if (station.empty() || std::find(done.begin(), done.end(), station) != done.end()) continue;
    done.push_back(station);
    std::vector<std::string> methods;
    const std::string& name = station;
    for (const auto& [other_method, other] : analysis.named)
      if (other == name) methods.push_back(other_method);
    parts.push_back(fmt::format("{} {} {}", join(methods, " and "), methods.size() == 1 ? "names" : "name", station));
  }
  std::string out = "The methods disagree: " + join(parts, "; ") + ".";
  for (Index k = 0; k < rows.size(); ++k) {
    if (rows[k].station == analysis.station || std::find(done.begin(), done.end(), rows[k].station) == done.end()) continue;
    const double jobs = window.change([&](const Reading& r) { return r.accounts.stations[k].jobs; });
    const double job_s = (window.time_in(k, ServerState::working) + window.time_in(k, ServerState::setup)) / jobs;
    if (rows[k].active_period_s < 2 * job_s && rows[k].starved > 0.1)
      out += fmt::format(
          " The active periods of {} are hardly longer than one of its jobs ({}), and it starves {:.0f} % of its time: "
          "long jobs are no bottleneck.",
          rows[k].station, format_duration(job_s), 100 * rows[k].starved);
  }
  return out;
}

}  // namespace

BottleneckAnalysis analyse_bottlenecks(const Window& window, const ActivitySweep& activity,
                                       const std::vector<std::pair<std::string, double>>& static_ranking) {
  BottleneckAnalysis out;
  out.rows = fill_rows(window, activity, static_ranking);
  out.plant_limits = limited_inside(window);
  std::vector<std::pair<std::string, Index>> named;
  named.emplace_back("utilisation", largest(out.rows, [](const BottleneckRow& r) { return r.utilisation; }));
  if (!static_ranking.empty())
    named.emplace_back("static capacity", largest(out.rows, [](const BottleneckRow& r) { return r.static_utilisation; }));
  named.emplace_back("momentary bottleneck", largest(out.rows, [](const BottleneckRow& r) { return r.sole + r.shifting; }));
  named.emplace_back("average active period", largest(out.rows, [](const BottleneckRow& r) { return r.active_period_s; }));
  named.emplace_back("blocked and starved neighbours", turning_points(window.plant(), !out.plant_limits, out.rows));
  for (const auto& [method, station] : named) out.named.emplace_back(method, station == none ? "" : out.rows[station].station);
  const Index winner = elect(named);
  if (winner == none) {
    out.verdict = "No station did any work in the window.";
  } else {
    out.station = out.rows[winner].station;
    out.verdict = verdict_of(out.rows[winner], out.plant_limits);
    out.agree = std::all_of(named.begin(), named.end(), [&](const auto& n) { return n.second == none || n.second == winner; });
    if (!out.agree) out.disagreement = disagreement_of(out, out.rows, window);
  }
  const auto busy = [](const BottleneckRow& row) { return std::isnan(row.utilisation) ? -1.0 : row.utilisation; };
  std::stable_sort(out.rows.begin(), out.rows.end(), [&](const auto& a, const auto& b) { return busy(a) > busy(b); });
  return out;
}

}  // namespace retwin
