// Static capacity: traffic, station rates and crews put together, the smallest limit found.
#include "core/graph/capacity.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/base/constants.hpp"
#include "core/graph/arrival_rate.hpp"
#include "core/graph/crew_limits.hpp"
#include "core/graph/flow_bound.hpp"
#include "core/graph/mixes.hpp"
#include "core/graph/station_rate.hpp"
#include "core/graph/traffic.hpp"

namespace retwin {
namespace {

double value_or_nan(const std::vector<double>& values, std::size_t k) { return k < values.size() ? values[k] : nan; }

constexpr double longest_period_s = 520 * week_s;

Period period_of(const CapacityInput& input) {
  if (!(input.until_s > input.from_s)) return {2 * week_s, 8 * week_s};  // whole cycles of calendars of 1, 2, 3 and 6 weeks
  return {input.from_s, std::min(input.until_s, input.from_s + longest_period_s)};
}

bool chooses(RouteKind kind) { return kind == RouteKind::shortest || kind == RouteKind::fastest || kind == RouteKind::overflow; }

/// The whole calculation; one member function per step, results kept between them.
class Analysis {
 public:
  Analysis(const Plant& plant, const ProcessGraph& graph, const CapacityInput& input)
      : plant_(plant),
        graph_(graph),
        input_(input),
        period_(period_of(input)),
        units_(mean_units(plant, period_)),
        entries_(entries_of(plant, graph, input)),
        conversions_(conversions_of(plant, input, result_.notes)),
        mixes_(plant, graph) {}

  Capacity run() {
    set_rates();
    set_shares(false);
    solve();
    const bool choice = std::any_of(graph_.edges.begin(), graph_.edges.end(),
                                    [](const FlowEdge& e) { return chooses(e.kind) && std::isnan(e.share); });
    if (choice) {  // once more, now that the targets' capacities are known
      set_shares(true);
      solve();
    }
    result_.has_choice = choice;
    find_limits();
    find_loads();
    bound();
    if (entries_.empty()) result_.notes.push_back("There is neither a source nor an initial lot: nothing flows.");
    return std::move(result_);
  }

 private:
  // Weights of the entries in the mix; `fixed_` is what flows anyway, `growing_` what is scaled up to the limit.
  void set_rates() {
    bool saturated = false;
    double sum = 0, finite = 0;
    for (const Entry& entry : entries_) {
      double rate = infinity;
      if (entry.source != none) {
        rate = value_or_nan(input_.source_rate, entry.source);
        if (std::isnan(rate)) rate = mean_rate(plant_, plant_.sources[entry.source], period_);
      }
      rates_.push_back(rate);
      saturated = saturated || std::isinf(rate);
      if (std::isfinite(rate)) sum += rate, finite += 1;
    }
    if (!saturated && sum <= 0) {  // nothing is known of the flow: lots are counted one by one
      std::fill(rates_.begin(), rates_.end(), infinity);
      saturated = true;
    }
    for (double rate : rates_) {
      const bool grows = std::isinf(rate) || !saturated;
      growing_.push_back(!grows ? 0 : saturated ? 1 : rate);
      fixed_.push_back(grows ? 0 : rate);
      mix_.push_back(!std::isinf(rate) ? rate : sum > 0 ? sum / finite : 1);
    }
    result_.source_rate.assign(plant_.sources.size(), 0);
    for (std::size_t k = 0; k < entries_.size(); ++k)
      if (entries_[k].source != none) result_.source_rate[entries_[k].source] = rates_[k];
    result_.feed = saturated || entries_.empty() ? infinity : sum;
  }

  void set_shares(bool capacities_known) {
    const std::vector<FlowEdge>& edges = graph_.edges;
    result_.shares.assign(edges.size(), 0);
    for (std::size_t first = 0; first < edges.size();) {  // the options of one route stand together
      std::size_t last = first;
      while (last < edges.size() && edges[last].origin == edges[first].origin && edges[last].port == edges[first].port) ++last;
      share_out(first, last, capacities_known);
      first = last;
    }
  }

  // An option over a transport is two edges with one share.
  void share_out(std::size_t first, std::size_t last, bool capacities_known) {
    const FlowEdge& route = graph_.edges[first];
    const double options = graph_.edges[last - 1].option + 1.0;
    double sum = 0;
    bool bounded = capacities_known && chooses(route.kind);
    for (std::size_t e = first; e < last && bounded; ++e) {
      if (!is_target(e, last)) continue;
      const double capacity = graph_.is_station(graph_.edges[e].to) ? result_.stations[graph_.edges[e].to].capacity : infinity;
      bounded = std::isfinite(capacity) && capacity > 0;
      sum += capacity;
    }
    for (std::size_t e = first; e < last; ++e) {
      const FlowEdge& edge = graph_.edges[e];
      double share = value_or_nan(input_.shares, e);
      if (std::isnan(share)) share = edge.share;
      if (std::isnan(share) && bounded) share = result_.stations[graph_.edges[is_target(e, last) ? e : e + 1].to].capacity / sum;
      if (std::isnan(share) && edge.kind == RouteKind::overflow) share = edge.option == 0 ? 1 : 0;
      if (std::isnan(share)) {
        share = 1 / options;
        if (e == first && edge.kind == RouteKind::cases && !capacities_known)
          result_.notes.push_back(fmt::format("How often {} takes each case is not known beforehand: equal shares.",
                                              graph_node_name(plant_, edge.origin)));
      }
      result_.shares[e] = share;
    }
  }
  bool is_target(std::size_t e, std::size_t last) const {
    return e + 1 == last || graph_.edges[e + 1].option != graph_.edges[e].option;
  }

  void solve() {
    visits_ = solve_traffic(plant_, graph_, entries_, conversions_, result_.shares);
    result_.stations.assign(plant_.stations.size(), {});
    rates_of_stations_.clear();
    double all = 0;
    for (double weight : mix_) all += weight;
    for (Index i = 0; i < plant_.n_stations(); ++i) {
      StationCapacity& s = result_.stations[i];
      for (std::size_t k = 0; k < entries_.size(); ++k) {
        if (mix_[k] <= 0) continue;
        s.visits += mix_[k] / all * visits_[k].lots[i];
        s.kg += mix_[k] / all * visits_[k].kg[i];
      }
      rate_station(i, s);
    }
  }

  void rate_station(Index i, StationCapacity& s) {
    const Conversion& c = conversions_[i];
    const double kg_per_lot = s.visits > 0 && s.kg > 0 ? s.kg / s.visits : nan;
    s.lots_per_job = c.job_kg > 0 && kg_per_lot > 0 ? c.job_kg / kg_per_lot : c.lots_per_job;
    const JobFacts facts{c.job_kg > 0 ? c.job_kg : kg_per_lot * c.lots_per_job, value_or_nan(input_.work_s, i),
                         value_or_nan(input_.setup_s, i), mix_at(i)};
    StationRate rate = station_rate(plant_, period_, units_, i, facts);
    s.job_s = rate.job_s;
    s.on_share = rate.on_share;
    s.availability = rate.availability;
    s.capacity = rate.jobs_per_s * s.lots_per_job;
    rates_of_stations_.push_back(std::move(rate));
  }

  // Of the kinds that setups depend on; empty where there are no setups.
  std::vector<double> mix_at(Index i) const {
    if (plant_.stations[i].setup.by < 0) return {};
    if (i < input_.mix.size() && !input_.mix[i].empty()) return input_.mix[i];
    std::vector<std::pair<Index, double>> lots;  // source and what comes of it
    for (std::size_t k = 0; k < entries_.size(); ++k)
      if (entries_[k].source != none && mix_[k] > 0) lots.emplace_back(entries_[k].source, mix_[k] * visits_[k].lots[i]);
    return mixes_.at(i, lots);
  }

  // Jobs of a station per lot of an entry.
  double jobs(std::size_t entry, Index i) const {
    const Conversion& c = conversions_[i];
    const bool by_mass = c.job_kg > 0 && visits_[entry].kg[i] > 0;
    return by_mass ? visits_[entry].kg[i] / c.job_kg : visits_[entry].lots[i] / c.lots_per_job;
  }
  double jobs_with(const std::vector<double>& weights, Index i) const {
    double sum = 0;
    for (std::size_t k = 0; k < entries_.size(); ++k)
      if (weights[k] > 0) sum += weights[k] * jobs(k, i);
    return sum;
  }

  // How often the growing entries fit into what the fixed ones leave.
  static double scale(double capacity, double fixed, double growing) {
    return growing > 0 && !std::isnan(capacity) ? std::max(0.0, capacity - fixed) / growing : infinity;
  }
  double source_lots(double scale) const {
    double sum = 0;
    for (std::size_t k = 0; k < entries_.size(); ++k) sum += fixed_[k] + (growing_[k] > 0 ? scale * growing_[k] : 0);
    return sum;
  }

  void find_limits() {
    pool_growing_.assign(plant_.pools.size(), 0);
    pool_fixed_.assign(plant_.pools.size(), 0);
    result_.pools.assign(plant_.pools.size(), {});
    utility_growing_.assign(plant_.utilities.size(), 0);
    utility_fixed_.assign(plant_.utilities.size(), 0);
    result_.utilities.assign(plant_.utilities.size(), {});
    std::vector<std::vector<CrewWork>> work(plant_.pools.size());
    double all = 0;
    for (double weight : mix_) all += weight;
    std::string no_time, no_order;
    for (Index i = 0; i < plant_.n_stations(); ++i) {
      StationCapacity& s = result_.stations[i];
      const StationRate& rate = rates_of_stations_[i];
      const double growing = jobs_with(growing_, i), fixed = jobs_with(fixed_, i), mixed = jobs_with(mix_, i);
      for (const auto& [pool, units] : rate.crew_base) result_.pools[pool].base += units;
      for (const auto& [pool, unit_s] : rate.crew_s) {
        if (mixed > 0) work[pool].push_back({i, growing * unit_s, fixed * unit_s});
        pool_growing_[pool] += growing * unit_s;
        pool_fixed_[pool] += fixed * unit_s;
        result_.pools[pool].demand += mixed / all * unit_s;
      }
      for (const auto& [utility, amount] : rate.drawn) {
        if (mixed <= 0) continue;
        utility_growing_[utility] += growing * amount;
        utility_fixed_[utility] += fixed * amount;
      }
      const double x = scale(rate.jobs_per_s, fixed, growing);
      s.limit = source_lots(x);
      if (s.visits > 0 && std::isnan(rate.jobs_per_s)) no_time += (no_time.empty() ? "" : ", ") + plant_.stations[i].name;
      if (x < scale_) scale_ = x, result_.bottleneck_station = i;
      const bool told = !std::isnan(value_or_nan(input_.setup_s, i)) || (i < input_.mix.size() && !input_.mix[i].empty());
      if (plant_.stations[i].setup.by >= 0 && s.visits > 0 && !told && !mixes_.at_random(i))
        no_order += (no_order.empty() ? "" : ", ") + plant_.stations[i].name;
    }
    if (!result_.stations.empty() && std::isnan(result_.stations.front().visits))
      result_.notes.push_back("Some lots that enter never leave: there is no steady flow.");
    if (!no_time.empty())
      result_.notes.push_back(
          fmt::format("The capacity of {} is not known beforehand: the job time depends on the lot.", no_time));
    if (!no_order.empty())
      result_.notes.push_back(
          fmt::format("In which order kinds come to {}, and with it setups, is not known beforehand: as if at random.", no_order));
    for (Index p = 0; p < plant_.pools.size(); ++p) {
      PoolCapacity& pool = result_.pools[p];
      pool.units = units_[p];
      const double x = crew_scale(plant_, graph_, period_, p, work[p], pool.base);
      pool.limit = source_lots(x);
      if (x < scale_) scale_ = x, result_.bottleneck_pool = p, result_.bottleneck_station = none;
    }
    for (Index u = 0; u < plant_.utilities.size(); ++u) {
      UtilityCapacity& utility = result_.utilities[u];
      utility.capacity = plant_.utilities[u].capacity;
      if (std::isnan(utility_growing_[u]) || std::isnan(utility_fixed_[u])) {
        result_.notes.push_back(fmt::format("How much of {} is drawn is not known beforehand: the time or mass of a job depends on the lot.", plant_.utilities[u].name));
        utility.limit = nan;
        continue;
      }
      const double x = scale(utility.capacity, utility_fixed_[u], utility_growing_[u]);
      utility.limit = source_lots(x);
      if (x < scale_) scale_ = x, result_.bottleneck_utility = u, result_.bottleneck_pool = result_.bottleneck_station = none;
    }
    result_.capacity = source_lots(scale_);
    result_.throughput = std::min(result_.feed, result_.capacity);
  }

  // At the rates of the sources; saturated ones at the capacity.
  void find_loads() {
    const double x = std::isinf(result_.feed) ? scale_ : 1;
    std::vector<double> flow;
    for (std::size_t k = 0; k < entries_.size(); ++k) flow.push_back(fixed_[k] + (growing_[k] > 0 ? x * growing_[k] : 0));
    for (Index i = 0; i < plant_.n_stations(); ++i) {
      StationCapacity& s = result_.stations[i];
      s.load = 0;
      for (std::size_t k = 0; k < entries_.size(); ++k)
        if (flow[k] > 0 && visits_[k].lots[i] != 0) s.load += flow[k] * visits_[k].lots[i];
      const double in_use = jobs_with(flow, i) / rates_of_stations_[i].jobs_per_s;
      s.utilisation = s.load == 0 ? 0 : in_use;
    }
    for (Index p = 0; p < plant_.pools.size(); ++p) {
      PoolCapacity& pool = result_.pools[p];
      pool.load = pool.base + pool_fixed_[p] + (pool_growing_[p] > 0 ? x * pool_growing_[p] : 0);
      pool.utilisation = pool.load > 0 ? pool.load / pool.units : 0;
    }
    note_devices();
    for (Index u = 0; u < plant_.utilities.size(); ++u) {
      UtilityCapacity& utility = result_.utilities[u];
      utility.load = utility_fixed_[u] + (utility_growing_[u] > 0 ? x * utility_growing_[u] : 0);
      if (std::isnan(utility_growing_[u])) utility.load = nan;
      utility.utilisation = utility.load / utility.capacity;
    }
    for (std::size_t e = 0; e < graph_.edges.size(); ++e) {
      double rate = 0;
      for (std::size_t k = 0; k < entries_.size(); ++k) {
        const double lots = edge_flow(graph_, graph_.edges[e], result_.shares[e], entries_[k], conversions_, visits_[k]);
        if (flow[k] > 0 && lots != 0) rate += flow[k] * lots;
      }
      result_.edge_rate.push_back(rate);
    }
  }

  /// Computers and links of the digital layer that are asked for more than they have: their tasks pile up.
  void note_devices() {
    const DigitalLayer& layer = plant_.digital;
    std::vector<double> asked(layer.devices.size());
    const auto add = [&](Index task, double per_s, double lots) {
      for (const DigitalStep& step : layer.tasks[task].steps)
        for (const Index d : step.over) asked[d] += per_s * step.amount * (layer.tasks[task].per_lot ? lots : 1);
    };
    for (Index i = 0; i < plant_.n_stations() && !layer.tasks.empty(); ++i) {
      const StationCapacity& s = result_.stations[i];
      const double jobs_per_s = s.lots_per_job > 0 ? s.load / s.lots_per_job : 0;
      for (const WorkPhase& phase : plant_.stations[i].phases)
        if (phase.task != none) add(phase.task, jobs_per_s, s.lots_per_job);
      for (const Index task : plant_.stations[i].tasks_after) add(task, jobs_per_s, s.lots_per_job);
    }
    for (Index task = 0; task < layer.tasks.size(); ++task)
      if (layer.tasks[task].every) add(task, 1 / layer.tasks[task].every->mean(), 1);
    for (Index d = 0; d < layer.devices.size(); ++d)
      if (const double share = asked[d] / (layer.devices[d].capacity - layer.devices[d].streams); share > 1)
        result_.notes.push_back(fmt::format("{} {} of the digital layer is asked for {:.0f} % of what it has: its tasks pile up.", layer.devices[d].link ? "Link" : "Host", layer.devices[d].name, 100 * share));
  }

  void bound() {
    if (entries_.empty() || entries_.front().station != none) {  // a closed loop has no cut between its ends
      result_.upper_bound = result_.capacity;
      return;
    }
    BoundNetwork network{result_.source_rate, {}, {}};
    double least_load = infinity;
    for (const Entry& entry : entries_) least_load = std::min(least_load, entry.load);
    for (Index i = 0; i < plant_.n_stations(); ++i) {
      const StationCapacity& s = result_.stations[i];
      network.capacity.push_back(std::isnan(s.capacity) ? infinity : s.capacity);
      double gain = 0;
      for (const PortYield& port : conversions_[i].ports)
        gain += !std::isnan(port.lots_per_kg)   ? (s.visits > 0 ? port.lots_per_kg * s.kg / s.visits : 0)
                : std::isnan(port.lots_per_lot) ? least_load
                                                : port.lots_per_lot;
      network.gain.push_back(gain);
    }
    result_.upper_bound = max_flow(graph_, network);
  }

  const Plant& plant_;
  const ProcessGraph& graph_;
  const CapacityInput& input_;
  Period period_;
  std::vector<double> units_;  // of each pool on duty
  Capacity result_;
  std::vector<Entry> entries_;
  std::vector<Conversion> conversions_;
  Mixes mixes_;
  std::vector<double> rates_, growing_, fixed_, mix_;  // per entry
  std::vector<Visits> visits_;                         // per entry
  std::vector<StationRate> rates_of_stations_;
  std::vector<double> utility_growing_, utility_fixed_;  // amounts per unit of scale, and anyway
  std::vector<double> pool_growing_, pool_fixed_;  // units per unit of scale, and taken anyway
  double scale_ = infinity;
};

}  // namespace

Capacity static_capacity(const Plant& plant, const ProcessGraph& graph, const CapacityInput& input) {
  return Analysis(plant, graph, input).run();
}

}  // namespace retwin
