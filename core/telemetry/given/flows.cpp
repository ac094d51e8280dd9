// Which way lots go through a given plant, and how many of them come.
#include <fmt/format.h>

#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <charconv>
#include <cmath>
#include <map>

#include "core/base/units.hpp"
#include "core/base/constants.hpp"
#include "core/stats/intervals.hpp"
#include "core/stats/proportions.hpp"
#include "core/telemetry/given/parts.hpp"

namespace retwin {
namespace {

constexpr std::uint64_t fewest_lots = 20;

/// A choice by chance: its options as the file names them, and the node that a lot of each reaches first.
struct Choice {
  std::string path;
  struct Option {
    std::string name;
    Index node = none;
    double given = 0;
  };
  std::vector<Option> options;
};

Index first_node(const RouteOption& option) { return option.via != none ? option.via : option.target; }

/// Shares by target of a route with one port.
Choice route_choice(const Plant& plant, const Station& station) {
  Choice choice{"stations." + station.name + ".to", {}};
  double before = 0;
  for (const RouteOption& option : station.routes[0].options) {
    const std::string via = option.via == none ? std::string() : plant.node_name(option.via) + " -> ";
    choice.options.push_back({via + plant.node_name(option.target), first_node(option), option.share - before});
    before = option.share;
  }
  return choice;
}

/// Shares by port: a map of the station whose keys are ports and whose values are shares that sum to 1.
Choice port_choice(const Station& station, const Node& node) {
  Choice choice;
  for (const Node::Entry& entry : node.entries) {
    if (!entry.value.is_map() || entry.key == "to" || entry.value.entries.size() < 2) continue;
    double sum = 0;
    choice = {"stations." + station.name + "." + entry.key, {}};
    for (const Node::Entry& share : entry.value.entries) {
      const auto port =
          std::find_if(station.ports.begin(), station.ports.end(), [&](const PortInfo& p) { return p.name == share.key; });
      const auto value = share.value.is_scalar() ? parse_quantity(share.value.text) : std::nullopt;
      if (port == station.ports.end() || !value || !value->dimension.none()) break;
      const Route& route = station.routes[static_cast<std::size_t>(port - station.ports.begin())];
      choice.options.push_back({share.key, route.kind == RouteKind::single ? first_node(route.options[0]) : none, value->value});
      sum += value->value;
    }
    if (choice.options.size() == entry.value.entries.size() && std::abs(sum - 1) < 1e-6) return choice;
  }
  return {};
}

/// What became of the lots that left a station.
struct Departures {
  struct One {
    double end_s;
    bool goes_on;  ///< has a further operation in the log
    Index next;    ///< where; none: at no station of the plant
    double lag_s;  ///< until that operation had ended
  };
  std::vector<One> all;
};

std::vector<Departures> departures(const PlantInLog& at) {
  std::vector<Departures> result(at.plant().stations.size());
  for (const std::vector<std::uint32_t>& way : at.log.by_lot())
    for (std::size_t k = 0; k < way.size(); ++k) {
      const LogEvent& event = at.log.events[way[k]];
      const Index station = at.station_of[event.activity];
      if (station == none) continue;
      const LogEvent* next = k + 1 < way.size() ? &at.log.events[way[k + 1]] : nullptr;
      const Index node = next != nullptr ? at.station_of[next->activity] : none;
      result[station].all.push_back(
          {event.end_s - at.zero_s, next != nullptr, node, next != nullptr ? next->end_s - event.end_s : 0});
    }
  return result;
}

/// Lots of each option. Those without a further operation left by the sink among the options, or else are still on the way to the
/// slowest of them; so only departures count that were long enough before the end for all others to be seen.
/// @return why not, if it cannot be told
std::string count(const PlantInLog& at, const Choice& choice, const Departures& from, std::vector<std::uint64_t>& counts) {
  std::map<Index, std::size_t> option_of;
  std::size_t unseen = choice.options.size();
  std::vector<double> lag(choice.options.size(), 0);
  for (std::size_t k = 0; k < choice.options.size(); ++k) {
    const Index node = choice.options[k].node;
    if (node == none) return "where a port leads depends on the lot";
    if (at.plant().is_sink(node)) {
      if (unseen < choice.options.size()) return "two ways out of the plant look alike";
      unseen = k;
    } else if (!option_of.emplace(node, k).second) {
      return "two ways lead to the same station";
    }
  }
  for (const Departures::One& one : from.all)
    if (const auto found = option_of.find(one.next); found != option_of.end())
      lag[found->second] = std::max(lag[found->second], one.lag_s);
  if (unseen == choice.options.size()) unseen = static_cast<std::size_t>(std::max_element(lag.begin(), lag.end()) - lag.begin());
  lag[unseen] = 0;
  const double until_s = at.last_s() - *std::max_element(lag.begin(), lag.end());
  counts.assign(choice.options.size(), 0);
  std::uint64_t all = 0, foreign = 0;
  for (const Departures::One& one : from.all) {
    if (one.end_s > until_s) continue;
    ++all;
    const auto found = option_of.find(one.next);
    if (found == option_of.end() && one.goes_on) ++foreign;
    else ++counts[found == option_of.end() ? unseen : found->second];
  }
  if (foreign > 0) return fmt::format("{} of {} lots went on to where no route leads", foreign, all);
  for (std::size_t k = 0; k < choice.options.size(); ++k)
    if (counts[k] == 0 && k != unseen && at.works[choice.options[k].node].empty() &&
        choice.options[k].given * static_cast<double>(all) > 10)
      return fmt::format("the log has no operation at {}, where lots should have gone", choice.options[k].name);
  if (all < fewest_lots) return fmt::format("{} lots whose way is sure are too few", all);
  if (counts[unseen] == all && !at.plant().is_sink(choice.options[unseen].node)) return "lots cannot be followed";
  return {};
}

// --- sources

/// When lots of a source, by their ordinals, were first worked on.
struct Arrived {
  std::vector<std::pair<double, std::uint64_t>> firsts;  ///< [s after the start], ordinal
};

std::vector<Arrived> arrived(const PlantInLog& at) {
  std::vector<Arrived> result(at.plant().sources.size());
  const auto ways = at.log.by_lot();
  for (std::uint32_t lot = 0; lot < at.log.lots.size(); ++lot) {
    const std::string& name = at.log.lots[lot];
    const std::size_t dash = name.rfind('-');
    if (dash == std::string::npos || ways[lot].empty()) continue;
    const Index source = at.plant().find_source(name.substr(0, dash));
    std::uint64_t ordinal = 0;
    const auto [end, error] = std::from_chars(name.data() + dash + 1, name.data() + name.size(), ordinal);
    if (source == none || error != std::errc() || end != name.data() + name.size()) continue;
    result[source].firsts.emplace_back(at.log.events[ways[lot].front()].start_s - at.zero_s, ordinal);
  }
  return result;
}

double profile_integral(const Source& source, double from_s, double to_s) {
  const double cycle = source.profile_time_s.back();
  const auto up_to = [&](double t) {
    const double turns = std::floor(t / cycle), within = t - turns * cycle;
    double whole = 0, part = 0;
    for (std::size_t k = 0; k + 1 < source.profile_time_s.size(); ++k) {
      const double a = source.profile_time_s[k], b = source.profile_time_s[k + 1];
      whole += source.profile_rate[k] * (b - a);
      part += source.profile_rate[k] * std::clamp(within - a, 0.0, b - a);
    }
    return turns * whole + part;
  };
  return up_to(to_s + source.profile_offset_s) - up_to(from_s + source.profile_offset_s);
}

/// Rate of a weekly profile: its shape stands, arrivals are Poisson; equal-tailed gamma posterior under Jeffreys' prior.
void learn_profile(const PlantInLog& at, const Source& source, const Node* node, const Arrived& seen, double level,
                   PlantCalibration& result) {
  const std::string path = "sources." + source.name + ".profile.rate";
  const double from_s = std::floor((at.log.first_s() - at.zero_s) / day_s) * day_s,
               to_s = std::floor((at.last_s() + 60) / day_s) * day_s;
  std::uint64_t least = UINT64_MAX, most = 0;
  for (const auto& [at_s, ordinal] : seen.firsts) {
    if (at_s >= to_s) continue;
    least = std::min(least, ordinal);
    most = std::max(most, ordinal);
  }
  const Node* written = node != nullptr ? find_path(*node, {"profile", "rate"}) : nullptr;
  const double given = written != nullptr ? parse_quantity(written->text).value_or(Quantity{}).value : 0;
  const double expected = to_s > from_s ? profile_integral(source, from_s, to_s) : 0;
  if (!(given > 0) || most < least || most - least + 1 < fewest_lots || !(expected > 0)) {
    result.left_out.emplace_back(path, "too few lots");
    return;
  }
  const double n = static_cast<double>(most - least + 1), unit = given / expected;
  const Bounds rate{n * unit, unit * boost::math::gamma_p_inv(n + 0.5, (1 - level) / 2),
                    unit * boost::math::gamma_p_inv(n + 0.5, (1 + level) / 2), level};
  result.parameters.push_back({path, rate.estimate, "1/s", rate, static_cast<std::size_t>(n),
                               "arrivals over those expected, lost ones included; gamma, Jeffreys' prior", given});
  result.patches.push_back(
      {path, quantity_node(to_digits(rate.estimate * 7 * day_s, 9) / (7 * day_s), dimension::rate), fmt::format("n = {}", n), {result.parameters.size() - 1}});
}

/// Mean interval of a renewal source; the spread of its intervals is that of the plant.
void learn_interval(const Source& source, const Node* node, const Arrived& seen, double level, PlantCalibration& result) {
  const std::string path = "sources." + source.name + ".every";
  const auto [first, last] = std::minmax_element(seen.firsts.begin(), seen.firsts.end(),
                                                 [](const auto& a, const auto& b) { return a.second < b.second; });
  if (seen.firsts.empty() || last->second - first->second < fewest_lots) {
    result.left_out.emplace_back(path, "too few lots");
    return;
  }
  const double n = static_cast<double>(last->second - first->second), given = source.every.mean(),
               mean = (last->first - first->first) / n;
  const double wide = std::exp(student_quantile(0.5 + level / 2, 1e9) * source.every.sd() / given / std::sqrt(n));
  const Bounds interval{mean, mean / wide, mean * wide, level};
  result.parameters.push_back(
      {path + ".mean", mean, "s", interval, static_cast<std::size_t>(n),
       "time between the first works of the first and the last lot; interval: delta method, spread as in the plant", given});
  const Node* every = node != nullptr && node->is_map() ? node->find("every") : nullptr;
  if (every != nullptr)
    result.patches.push_back(
        {path, scaled(*every, mean / given), fmt::format("n = {}", n), {result.parameters.size() - 1}});
  else
    result.patches.push_back({"sources." + source.name + ".rate",
                              quantity_node(to_digits(1 / mean, 9), dimension::rate),
                              fmt::format("n = {}", n),
                              {result.parameters.size() - 1}});
}

}  // namespace

void learn_routes(const PlantInLog& at, const PlantCalibrationOptions& options, PlantCalibration& result) {
  const std::vector<Departures> from = departures(at);
  for (Index k = 0; k < at.plant().n_stations(); ++k) {
    const Station& station = at.plant().stations[k];
    const Node* node = find_path(at.document, {"stations", station.name});
    if (node == nullptr || !node->is_map() || from[k].all.empty()) continue;
    const bool drawn = station.routes.size() == 1 && station.routes[0].kind == RouteKind::probability;
    const Choice choice = drawn ? route_choice(at.plant(), station) : port_choice(station, *node);
    if (choice.options.empty()) continue;
    std::vector<std::uint64_t> counts;
    if (const std::string why = count(at, choice, from[k], counts); !why.empty()) {
      result.left_out.emplace_back(choice.path, why);
      continue;
    }
    const std::vector<Bounds> shares = dirichlet_intervals(counts, options.level, false);
    std::size_t n = 0;
    for (const std::uint64_t c : counts) n += c;
    std::vector<std::size_t> numbers;
    std::vector<std::string> names;
    std::vector<double> estimates;
    for (std::size_t o = 0; o < shares.size(); ++o) {
      numbers.push_back(result.parameters.size());
      names.push_back(choice.options[o].name);
      estimates.push_back(shares[o].estimate);
      result.parameters.push_back({choice.path + "." + choice.options[o].name, shares[o].estimate, "1", shares[o], n,
                                   "share; Dirichlet, Jeffreys' prior", choice.options[o].given});
    }
    result.patches.push_back({choice.path, shares_node(names, estimates), fmt::format("n = {}", n), numbers});
  }
}

void learn_sources(const PlantInLog& at, const PlantCalibrationOptions& options, PlantCalibration& result) {
  const std::vector<Arrived> seen = arrived(at);
  for (std::size_t k = 0; k < seen.size(); ++k) {
    const Source& source = at.plant().sources[k];
    const Node* node = find_path(at.document, {"sources", source.name});
    if (source.arrivals == Arrivals::profile && !source.batch) learn_profile(at, source, node, seen[k], options.level, result);
    else if (source.arrivals == Arrivals::renewal && !source.batch) learn_interval(source, node, seen[k], options.level, result);
    else result.left_out.emplace_back("sources." + source.name, "only renewal and profile sources of single lots are learned");
  }
}

}  // namespace retwin
