// Tests by ranks and lines, activity by activity.
#include "core/telemetry/work/service_factors.hpp"

#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <numeric>
#include <tuple>

#include "core/stats/regression.hpp"
#include "core/stats/tally.hpp"

namespace retwin {
namespace {

constexpr std::size_t fewest_of_factor = 5;  // of a level
constexpr double least_of_factor = 0.02;     // less is of no use, however significant

struct Observation {
  double value;
  double group;  // number of a category, or a quantity
};

/// p-value of Kruskal and Wallis, ties corrected.
double rank_test(std::vector<Observation> all) {
  std::sort(all.begin(), all.end(), [](const Observation& a, const Observation& b) { return a.value < b.value; });
  const auto n = static_cast<double>(all.size());
  std::map<double, std::pair<double, double>> groups;  // sum of ranks, count
  double ties = 0;
  for (std::size_t k = 0; k < all.size();) {
    std::size_t end = k;
    while (end < all.size() && all[end].value == all[k].value) ++end;
    const double rank = 0.5 * static_cast<double>(k + 1 + end), t = static_cast<double>(end - k);
    ties += t * t * t - t;
    for (; k < end; ++k) {
      auto& [sum, count] = groups[all[k].group];
      sum += rank, count += 1;
    }
  }
  const double correction = 1 - ties / (n * n * n - n);
  if (groups.size() < 2 || !(correction > 1e-12)) return 1;
  double h = 0;
  for (const auto& [group, of] : groups) h += of.first * of.first / of.second;
  h = (12 / (n * (n + 1)) * h - 3 * (n + 1)) / correction;
  return boost::math::cdf(
      boost::math::complement(boost::math::chi_squared(static_cast<double>(groups.size() - 1)), std::max(0.0, h)));
}

void by_category(ServiceFactor& factor, std::vector<Observation> all, const std::function<std::string(double)>& name) {
  std::map<double, Tally> groups;
  for (const Observation& o : all) groups[o.group].add(o.value);
  std::erase_if(all, [&](const Observation& o) { return groups[o.group].count() < fewest_of_factor; });
  std::erase_if(groups, [](const auto& g) { return g.second.count() < fewest_of_factor; });
  if (groups.size() < 2) return;
  Tally total;
  for (const Observation& o : all) total.add(o.value);
  double between = 0;
  for (const auto& [group, tally] : groups) {
    between += static_cast<double>(tally.count()) * std::pow(tally.mean() - total.mean(), 2);
    const Interval mean = student_interval(tally);
    factor.levels.push_back({name(group), tally.count(), {mean.mean, mean.low(), mean.high()}});
  }
  factor.n = all.size();
  factor.explained = between / (total.variance() * static_cast<double>(factor.n - 1));
  factor.p_value = rank_test(std::move(all));
  std::stable_sort(factor.levels.begin(), factor.levels.end(),
                   [](const auto& a, const auto& b) { return a.mean_s.estimate < b.mean_s.estimate; });
}

void by_quantity(ServiceFactor& factor, const std::vector<Observation>& all) {
  std::vector<double> y, x;
  for (const Observation& o : all) y.push_back(o.value), x.push_back(o.group);
  if (y.size() < 2 * fewest_of_factor || *std::max_element(x.begin(), x.end()) <= *std::min_element(x.begin(), x.end())) return;
  const Regression line = regress(y, {x});
  factor.n = y.size();
  factor.explained = line.r2;
  factor.p_value = line.f_p_value;
  factor.intercept_s = line.coefficients[0].interval.mean;
  const Interval& slope = line.coefficients[1].interval;
  factor.slope = {slope.mean, slope.low(), slope.high()};
}

using ByActivity = std::map<std::uint32_t, std::vector<Observation>>;

ByActivity gather(const EventLog& log, std::span<const double> service_s, const std::function<double(std::size_t)>& group) {
  ByActivity all;
  for (std::size_t k = 0; k < log.events.size(); ++k)
    if (const double g = group(k); !std::isnan(g) && !std::isnan(service_s[k]))
      all[log.events[k].activity].push_back({service_s[k], g});
  return all;
}

/// Holm's correction; what is left that tells something.
void keep_telling(std::vector<ServiceFactor>& factors, double level) {
  std::sort(factors.begin(), factors.end(), [](const auto& a, const auto& b) { return a.p_value < b.p_value; });
  double largest = 0;
  for (std::size_t k = 0; k < factors.size(); ++k)
    factors[k].p_value = largest = std::max(largest, std::min(1.0, factors[k].p_value * static_cast<double>(factors.size() - k)));
  std::erase_if(factors, [&](const ServiceFactor& f) { return f.p_value > level || !(f.explained >= least_of_factor); });
  std::stable_sort(factors.begin(), factors.end(), [](const auto& a, const auto& b) { return a.explained > b.explained; });
}

/// Gaps on a resource before lots that were waiting, by whether a category changed.
void find_setups(const EventLog& log, std::span<const double> enabled_s, std::vector<SetupFound>& setups) {
  for (const LogColumn& column : log.columns) {
    if (column.numeric || column.destination) continue;
    std::map<std::uint32_t, std::pair<std::vector<double>, std::vector<double>>> gaps;  // by activity: changed, same
    std::map<std::uint32_t, std::size_t> last;                                          // by resource
    for (std::size_t k = 0; k < log.events.size(); ++k) {
      const LogEvent& event = log.events[k];
      if (event.resource == Names::absent || std::isnan(column.values[k])) continue;
      const auto [before, fresh] = last.try_emplace(event.resource, k);
      const LogEvent& previous = log.events[before->second];
      if (!fresh && previous.end_s <= event.start_s && enabled_s[k] <= previous.end_s && previous.activity == event.activity) {
        auto& [changed, same] = gaps[event.activity];
        (column.values[before->second] != column.values[k] ? changed : same).push_back(event.start_s - previous.end_s);
      }
      before->second = k;
    }
    for (const auto& [activity, both] : gaps) {
      if (both.first.size() < fewest_of_factor || both.second.size() < fewest_of_factor) continue;
      const Interval difference = welch_difference(both.first, both.second, 0.99);
      if (difference.low() > 0) setups.push_back({activity, column.name, difference, both.first.size(), both.second.size()});
    }
  }
}

void find_batches(const EventLog& log, std::vector<BatchesFound>& found) {
  struct Counted {
    std::size_t lots = 0, operations = 0, together = 0, largest = 0;
  };
  using Stamps = std::tuple<std::uint32_t, std::uint32_t, double, double>;  // activity, resource, start, end
  std::vector<Stamps> operations;
  for (const LogEvent& event : log.events)
    if (event.resource != Names::absent && event.end_s > event.start_s)
      operations.emplace_back(event.activity, event.resource, event.start_s, event.end_s);
  std::sort(operations.begin(), operations.end());
  for (auto at = operations.begin(); at != operations.end();) {
    const std::uint32_t activity = std::get<0>(*at);
    Counted c;
    while (at != operations.end() && std::get<0>(*at) == activity) {
      const auto end = std::find_if(at, operations.end(), [&](const Stamps& other) { return other != *at; });
      const auto lots = static_cast<std::size_t>(end - at);
      c.lots += lots, ++c.operations;
      c.together += lots > 1 ? lots : 0;
      c.largest = std::max(c.largest, lots);
      at = end;
    }
    if (20 * c.together > c.lots)
      found.push_back({activity, c.operations, c.largest, static_cast<double>(c.lots) / static_cast<double>(c.operations)});
  }
}

}  // namespace

ServiceFactors find_service_factors(const EventLog& log, std::span<const double> service_s, std::span<const double> enabled_s,
                                    double level) {
  ServiceFactors found;
  const auto add = [&](const std::string& name, const ByActivity& all, const std::function<std::string(double)>& category) {
    for (const auto& [activity, observations] : all) {
      ServiceFactor factor;
      factor.activity = activity;
      factor.factor = name;
      if (category) by_category(factor, observations, category);
      else by_quantity(factor, observations);
      if (factor.n > 0) found.factors.push_back(std::move(factor));
    }
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  add("resource",
      gather(log, service_s,
             [&](std::size_t k) { return log.events[k].resource == Names::absent ? nan : log.events[k].resource; }),
      [&](double number) { return log.resources[static_cast<std::uint32_t>(number)]; });
  for (const LogColumn& column : log.columns) {
    if (column.destination) continue;
    std::function<std::string(double)> category;
    if (!column.numeric) category = [&column](double number) { return column.categories[static_cast<std::uint32_t>(number)]; };
    add(column.name, gather(log, service_s, [&](std::size_t k) { return column.values[k]; }), category);
  }
  keep_telling(found.factors, level);
  find_setups(log, enabled_s, found.setups);
  find_batches(log, found.batches);
  return found;
}

}  // namespace retwin
