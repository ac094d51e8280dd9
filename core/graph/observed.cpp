// What a run tells the static capacity: yields, job times, batch sizes and the splits of choices.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/base/constants.hpp"
#include "core/graph/capacity.hpp"

namespace retwin {
namespace {

/// Differences of two accounts.
class Window {
 public:
  Window(const Accounts& end, const Accounts* begin) : end_(end), begin_(begin) {}
  template <class Member>
  double station(std::size_t i, Member member) const {
    const auto at = [&](const Accounts& a) { return static_cast<double>(a.stations[i].*member); };
    return at(end_) - (begin_ ? at(*begin_) : 0);
  }
  double time_in(std::size_t i, ServerState state) const {
    const auto at = [&](const Accounts& a) { return a.stations[i].time_in[static_cast<std::size_t>(state)]; };
    return at(end_) - (begin_ ? at(*begin_) : 0);
  }
  double sink_lots(std::size_t k) const {
    return static_cast<double>(end_.sinks[k].lots) - (begin_ ? static_cast<double>(begin_->sinks[k].lots) : 0);
  }
  double source_lots(std::size_t k) const {
    const auto at = [&](const Accounts& a) { return static_cast<double>(a.sources[k].made) - static_cast<double>(a.sources[k].lost); };
    return at(end_) - (begin_ ? at(*begin_) : 0);
  }
  double port_lots(std::size_t port) const { return end_.port_lots[port] - (begin_ ? begin_->port_lots[port] : 0); }
  double port_kg(std::size_t port, std::size_t components) const {
    const auto at = [&](const Accounts& a) {
      const auto first = a.port_kg.begin() + static_cast<std::ptrdiff_t>(port * components);
      return std::accumulate(first, first + static_cast<std::ptrdiff_t>(components), 0.0);
    };
    return at(end_) - (begin_ ? at(*begin_) : 0);
  }

 private:
  const Accounts& end_;
  const Accounts* begin_;
};

// Of stations whose outputs the plant does not tell; elsewhere the defaults are exact.
void observe_ports(const Plant& plant, const Window& window, std::size_t i, double lots, CapacityInput& seen) {
  const Station& station = plant.stations[i];
  const bool told = !station.operation && station.batch.rule == BatchRule::single;
  if (told || station.special == Special::unload) return;
  const double kg = window.station(i, &StationAccount::kg_in);
  for (std::size_t p = 0; p < station.ports.size(); ++p) {
    PortYield& yield = seen.yields[station.first_port + p];
    const double out = window.port_lots(station.first_port + p);
    if (station.batch.rule == BatchRule::mass && kg > 0) {
      yield.lots_per_kg = out / kg;
    } else if (lots > 0) {
      yield.lots_per_lot = out / lots;
    }
    if (kg > 0) yield.kg_per_kg = window.port_kg(station.first_port + p, plant.n_components) / kg;
  }
}

// What enters a node on ways whose shares are known.
std::vector<double> known_inflow(const Plant& plant, const ProcessGraph& graph, const Window& window) {
  std::vector<double> lots(graph.n_nodes());
  for (const FlowEdge& edge : graph.edges)
    if (!std::isnan(edge.share))
      lots[edge.to] += edge.share * (graph.is_source(edge.origin) ? window.source_lots(graph.source(edge.origin))
                                                                  : window.port_lots(plant.stations[edge.origin].first_port + edge.port));
  return lots;
}

void observe_splits(const Plant& plant, const ProcessGraph& graph, const Window& window, CapacityInput& seen) {
  const std::vector<double> known = known_inflow(plant, graph, window);
  const auto chosen = [&](Index node) {
    const double all = graph.is_station(node) ? window.station(node, &StationAccount::lots_in) : window.sink_lots(node - graph.n_stations);
    return std::max(0.0, all - known[node]);
  };
  for (std::size_t first = 0; first < graph.edges.size();) {
    const FlowEdge& route = graph.edges[first];
    std::size_t last = first;
    double sum = 0;
    std::vector<Index> targets;  // per option, its last node, even where a transport leads there
    for (; last < graph.edges.size() && graph.edges[last].origin == route.origin && graph.edges[last].port == route.port;
         ++last) {
      targets.resize(graph.edges[last].option + 1);
      targets.back() = graph.edges[last].to;
    }
    const auto of_branch = [&](Index target) {  // what was chosen is shared by the branches that lead to it
      return chosen(target) / static_cast<double>(std::count(targets.begin(), targets.end(), target));
    };
    for (const Index target : targets) sum += of_branch(target);
    for (std::size_t e = first; e < last; ++e)
      if (std::isnan(graph.edges[e].share) && sum > 0) seen.shares[e] = of_branch(targets[graph.edges[e].option]) / sum;
    first = last;
  }
}

}  // namespace

CapacityInput observed(const Plant& plant, const Accounts& end, const Accounts* begin) {
  const Window window(end, begin);
  const ProcessGraph graph = process_graph(plant);
  const std::size_t n = plant.stations.size();
  CapacityInput seen;
  seen.yields.resize(plant.n_ports);
  seen.shares.assign(graph.edges.size(), nan);
  for (std::vector<double>* values : {&seen.work_s, &seen.setup_s, &seen.lots_per_job, &seen.job_kg}) values->assign(n, nan);
  for (std::size_t i = 0; i < n; ++i) {
    const Batch& batch = plant.stations[i].batch;
    const double jobs = window.station(i, &StationAccount::jobs);
    if (jobs <= 0) continue;
    const bool one_by_one = batch.rule == BatchRule::single;
    const double lots =
        one_by_one ? jobs + window.station(i, &StationAccount::scrapped) : window.station(i, &StationAccount::left_queue);
    seen.work_s[i] = window.time_in(i, ServerState::working) / jobs;
    seen.setup_s[i] = window.time_in(i, ServerState::setup) / jobs;
    // batches that start before they are full say how little there was to do, not what the station can do
    const bool partial = batch.rule == BatchRule::count && (batch.longest_wait_s >= 0 || batch.least > 0);
    if (!one_by_one && !partial && lots > 0) seen.lots_per_job[i] = lots / jobs;
    if (batch.rule == BatchRule::mass) seen.job_kg[i] = window.station(i, &StationAccount::kg_in) / jobs;
    observe_ports(plant, window, i, lots, seen);
  }
  observe_splits(plant, graph, window, seen);
  return seen;
}

}  // namespace retwin
