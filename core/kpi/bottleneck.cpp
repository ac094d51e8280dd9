// Puts the methods side by side, lets them name a station each, and says what follows.
#include "core/kpi/bottleneck.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>

#include "core/base/constants.hpp"

namespace retwin {
namespace {

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
/// Returns the busiest turning point, none if there is none.
Index turning_points(const Plant& plant, bool keeps_up, std::vector<BottleneckRow>& rows) {
  const Index n = plant.n_stations();
  std::vector<bool> away(n, false), towards(n, false);
  for (const auto& [i, j] : links(plant)) {
    const double difference = rows[i].while_available(&BottleneckRow::blocked) - rows[j].while_available(&BottleneckRow::starved);
    if (difference > 0) away[i] = towards[j] = true;
    if (difference < 0) away[j] = towards[i] = true;
  }
  for (const Source& source : plant.sources)
    for (const RouteOption& option : source.route.options)
      if (keeps_up && option.target < n && rows[option.target].starved > 0) away[option.target] = true;
  Index best = none;
  for (Index i = 0; i < n; ++i) {
    rows[i].turning_point = towards[i] && !away[i];
    if (rows[i].turning_point && (best == none || rows[i].utilisation > rows[best].utilisation)) best = i;
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
    const double all = window.server_time(k);
    const ActivitySweep::Share& share = activity.shares()[k];
    row.station = plant.stations[k].name;
    row.utilisation = window.utilisation(k);
    row.active_period_s = share.active_period_s();
    row.sole = share.sole_s / activity.length_s();
    row.shifting = share.shifting_s / activity.length_s();
    row.available = window.available_time(k) / all;
    row.blocked = window.time_in(k, ServerState::blocked) / all;
    row.starved = window.time_in(k, ServerState::starved) / all;
    row.waiting_resource = window.time_in(k, ServerState::waiting_resource) / all;
    const auto known = by_name.find(row.station);
    row.static_utilisation = known == by_name.end() ? nan : known->second;
  }
  return rows;
}

/// Servers without number are no capacity: lots that rest or cool there are no activity, and its filling from empty is no stock that grows.
bool has_capacity(const Station& s) { return !s.unlimited_servers; }

/// The station with the largest value, of those that have a capacity; none if there is no positive one.
Index largest(const Plant& plant, const std::vector<BottleneckRow>& rows, const std::function<double(const BottleneckRow&)>& value) {
  Index best = none;
  for (Index k = 0; k < rows.size(); ++k)
    if (has_capacity(plant.stations[k]) && value(rows[k]) > 0 && (best == none || value(rows[k]) > value(rows[best]))) best = k;
  return best;
}

/// Lots by which the lines before stations have grown.
double growth_of_lines(const Window& window) {
  double lots = 0;
  for (Index k = 0; k < window.plant().n_stations(); ++k)
    if (has_capacity(window.plant().stations[k]))
      lots += window.change([&](const Reading& r) { return r.accounts.stations[k].queue.lots; });
  return lots;
}

/// Is what leaves the plant decided in the plant, or by what arrives? Saturated sources, lots that were lost or wait outside, and
/// lines that grow all say: in the plant.
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
  const double growth = growth_of_lines(window);
  return lost > 1e-2 * made || outside > 1e-2 * made || growth > 5e-2 * (left + growth);
}

std::string join(const std::vector<std::string>& parts, const char* last) {
  std::string out;
  for (std::size_t k = 0; k < parts.size(); ++k) out += (k == 0 ? "" : k + 1 == parts.size() ? last : ", ") + parts[k];
  return out;
}

constexpr double mostly_starved = 0.5, often_starved = 0.1, often_waiting = 0.1;
constexpr double time_to_spare = 0.5;  // loaded to less than that nothing is suspect while the plant keeps up

/// What a method says, and whether it can be right about that station.
struct Vote {
  const char* method;
  Index station;
  bool from_activity = false;
  bool credible = true;
};

/// A station that mostly starves limits nothing; and where an active period is hardly longer than one job of a station that has
/// servers to spare, its length says how long its jobs are, not how busy it is.
void judge(Vote& vote, const std::vector<BottleneckRow>& rows, const Window& window) {
  if (vote.station == none) return;
  const BottleneckRow& row = rows[vote.station];
  const double jobs = window.change([&](const Reading& r) { return r.accounts.stations[vote.station].jobs; });
  const double job_s =
      (window.time_in(vote.station, ServerState::working) + window.time_in(vote.station, ServerState::setup)) / jobs;
  const double starved = row.while_available(&BottleneckRow::starved);
  const bool long_jobs = row.active_period_s < 2 * job_s && starved > often_starved;
  vote.credible = starved <= mostly_starved && !(vote.from_activity && long_jobs);
}

/// The station named most often by methods that can be right; ties go to the method that comes first, and so does all if none can.
Index elect(const std::vector<Vote>& votes) {
  Index winner = votes.front().station;
  std::ptrdiff_t most = 0;
  for (const Vote& vote : votes) {
    if (vote.station == none || !vote.credible) continue;
    const auto n = std::count_if(votes.begin(), votes.end(),
                                 [&](const Vote& other) { return other.credible && other.station == vote.station; });
    if (n > most) {
      most = n;
      winner = vote.station;
    }
  }
  return winner;
}

std::string verdict_of(const BottleneckRow& row, bool plant_limits) {
  std::vector<std::string> why;
  if (std::isfinite(row.utilisation)) why.push_back(fmt::format("utilisation {:.3f}", row.utilisation));
  if (!plant_limits && std::isfinite(row.static_utilisation))
    why.insert(why.begin(), fmt::format("loaded to {:.3f} of its capacity", row.static_utilisation));
  if (row.sole + row.shifting >= 0.005)
    why.push_back(fmt::format("momentary bottleneck {:.0f} % of the time", 100 * (row.sole + row.shifting)));
  if (row.turning_point) why.emplace_back("blocked before it and starved after it");
  if (row.waiting_resource >= 0.01)
    why.push_back(fmt::format("it waits {:.0f} % of its time for resources", 100 * row.waiting_resource));
  const std::string reasons = why.empty() ? "it is never available" : join(why, ", ");
  return plant_limits ? fmt::format("{} is the first suspect: {}.", row.station, reasons)
                      : fmt::format("The plant keeps up with its sources; {} would limit it first: {}.", row.station, reasons);
}

/// Who names whom, and why a station that is not the verdict's was named.
std::string disagreement_of(const std::vector<Vote>& votes, Index winner, const std::vector<BottleneckRow>& rows) {
  std::vector<Index> stations;
  for (const Vote& vote : votes)
    if (vote.station != none && std::find(stations.begin(), stations.end(), vote.station) == stations.end())
      stations.push_back(vote.station);
  std::vector<std::string> parts;
  std::string reasons;
  for (const Index station : stations) {
    std::vector<std::string> methods;
    bool doubted = false;
    for (const Vote& vote : votes) {
      if (vote.station != station) continue;
      methods.emplace_back(vote.method);
      doubted = doubted || !vote.credible;
    }
    const BottleneckRow& row = rows[station];
    parts.push_back(fmt::format("{} {} {}", join(methods, " and "), methods.size() == 1 ? "names" : "name", row.station));
    if (station == winner) continue;
    if (row.while_available(&BottleneckRow::starved) > mostly_starved)
      reasons += fmt::format(" {} starves {:.0f} % of its time and limits nothing.", row.station, 100 * row.starved);
    else if (doubted)
      reasons += fmt::format(" {} is active for long because its jobs are long; it starves {:.0f} % of its time.", row.station,
                             100 * row.starved);
    if (row.waiting_resource > often_waiting)
      reasons += fmt::format(" {} waits {:.0f} % of its time for resources.", row.station, 100 * row.waiting_resource);
  }
  return "The methods disagree: " + join(parts, "; ") + "." + reasons;
}

}  // namespace

BottleneckAnalysis analyse_bottlenecks(const Window& window, const ActivitySweep& activity,
                                       const std::vector<std::pair<std::string, double>>& static_ranking) {
  BottleneckAnalysis out;
  out.rows = fill_rows(window, activity, static_ranking);
  out.plant_limits = limited_inside(window);
  out.suspects = suspects(window);
  const auto by = [&](double BottleneckRow::*value) {
    return largest(window.plant(), out.rows, [=](const BottleneckRow& r) { return r.*value; });
  };
  std::vector<Vote> votes{{"utilisation", by(&BottleneckRow::utilisation)}};
  if (!static_ranking.empty()) votes.push_back({"static capacity", by(&BottleneckRow::static_utilisation)});
  votes.push_back({"momentary bottleneck", largest(window.plant(), out.rows, [](const BottleneckRow& r) { return r.sole + r.shifting; }), true});
  votes.push_back({"average active period", by(&BottleneckRow::active_period_s), true});
  votes.push_back({"blocked and starved neighbours", turning_points(window.plant(), !out.plant_limits, out.rows)});
  for (Vote& vote : votes) {
    judge(vote, out.rows, window);
    out.named.emplace_back(vote.method, vote.station == none ? "" : out.rows[vote.station].station);
  }
  bool worked = false;
  for (Index k = 0; k < window.plant().n_stations(); ++k)
    worked = worked || window.time_in(k, ServerState::working) > 0;
  // While the plant keeps up nothing limits it yet; what would is told by capacity, which knows of shifts and crews what utilisation
  // does not.
  const bool by_capacity = !out.plant_limits && !static_ranking.empty() && votes[1].station != none;
  const Index winner = by_capacity ? votes[1].station : elect(votes);
  const auto idle = [&](const BottleneckRow& row) {
    return !(row.utilisation >= time_to_spare) && !(row.static_utilisation >= time_to_spare);
  };
  if (winner == none && !out.suspects.empty()) {
    const Suspect& first = out.suspects.front();
    out.verdict = out.plant_limits ? fmt::format("{} is the first suspect: {}.", first.path, first.why)
                                   : fmt::format("The plant keeps up with its sources; {} would limit it first: {}.", first.path, first.why);
  } else if (winner == none) {
    out.verdict = worked ? "Nothing limits it: the plant keeps up with its sources." : "No station did any work in the window.";
  } else if (!out.plant_limits && out.suspects.empty() && idle(out.rows[winner])) {
    out.verdict = "Nothing limits it: the plant keeps up with its sources, and every station has time to spare.";
  } else {
    out.station = out.rows[winner].station;
    out.verdict = verdict_of(out.rows[winner], out.plant_limits);
    out.agree = std::all_of(votes.begin(), votes.end(), [&](const Vote& v) { return v.station == none || v.station == winner; });
    if (!out.agree) out.disagreement = disagreement_of(votes, winner, out.rows);
  }
  const auto busy = [](const BottleneckRow& row) { return std::isnan(row.utilisation) ? -1.0 : row.utilisation; };
  std::stable_sort(out.rows.begin(), out.rows.end(), [&](const auto& a, const auto& b) { return busy(a) > busy(b); });
  return out;
}

}  // namespace retwin
