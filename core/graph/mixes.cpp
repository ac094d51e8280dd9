// Mixes of kinds by what the sources draw, and what stands between a source and a station.
#include "core/graph/mixes.hpp"

#include <algorithm>
#include <cmath>

namespace retwin {
namespace {

constexpr std::size_t samples = 10000;

/// What a source gives its lots, or those that its carriers bring: by the rows of its table, its attributes, or its maker.
std::vector<double> mix_of(const Plant& plant, const Source& source, int slot, bool of_load) {
  const std::size_t n = plant.attributes[static_cast<std::size_t>(slot)].categories.size() + 1;
  std::vector<double> mix(n);
  const auto add = [&](double value, double share) {
    mix[value >= 0 && value + 1 < static_cast<double>(n) ? static_cast<std::size_t>(value) + 1 : 0] += share;
  };
  double rest = 1;
  if (!of_load)
    for (const TraceRow& row : source.rows)
      for (const auto& [given, value] : row.values) {
        if (given != slot) continue;
        add(value, 1.0 / static_cast<double>(source.rows.size()));
        rest -= 1.0 / static_cast<double>(source.rows.size());
      }
  if (rest < 1e-9) return mix;
  const std::vector<AttributeDraw>& draws = of_load ? source.load_attributes : source.attributes;
  const auto drawn = std::find_if(draws.begin(), draws.end(), [&](const AttributeDraw& d) { return d.slot == slot && d.distribution; });
  const LotMaker* maker = of_load ? source.load_maker.get() : source.maker.get();
  const std::uint64_t stream = source.stream + (of_load ? 1 : 0);
  std::vector<double> attributes, kg(plant.n_components);
  for (std::size_t k = 0; k < samples; ++k) {
    double value = plant.blank[static_cast<std::size_t>(slot)];
    if (drawn != draws.end()) {
      value = drawn->distribution->sample((static_cast<double>(k) + 0.5) / samples);
    } else if (maker) {
      attributes = plant.blank;
      std::fill(kg.begin(), kg.end(), 0.0);
      NewLot lot{Draws{0, stream, stream + k + 1}, attributes, kg};
      maker->make(lot);
      value = attributes[static_cast<std::size_t>(slot)];
    }
    add(value, rest / samples);
  }
  return mix;
}

}  // namespace

std::vector<double> Mixes::at(Index station, const std::vector<std::pair<Index, double>>& lots) const {
  const int slot = plant_.stations[station].setup.by;
  std::vector<double> sum(plant_.attributes[static_cast<std::size_t>(slot)].categories.size() + 1);
  for (const auto& [source, weight] : lots) {
    if (!(weight > 0)) continue;
    const std::vector<double> mix = mix_of(plant_, plant_.sources[source], slot, is_unloaded(source, station));
    for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += weight * mix[k];
  }
  return sum;
}

// Nodes from which a way leads to the station.
std::vector<bool> Mixes::before(Index station) const {
  std::vector<std::vector<Index>> ways(graph_.n_nodes());
  for (const FlowEdge& edge : graph_.edges) ways[edge.to].push_back(edge.from);
  std::vector<bool> seen(graph_.n_nodes());
  std::vector<Index> open{station};
  while (!open.empty()) {
    const Index node = open.back();
    open.pop_back();
    for (const Index from : ways[node])
      if (!seen[from]) seen[from] = true, open.push_back(from);
  }
  return seen;
}

// A carrier itself does not come beyond the station that takes out its load.
bool Mixes::is_unloaded(Index source, Index station) const {
  if (!plant_.sources[source].load_count) return false;
  std::vector<bool> seen(graph_.n_nodes());
  std::vector<Index> open{graph_.source_node(source)};
  while (!open.empty()) {
    const Index node = open.back();
    open.pop_back();
    if (graph_.is_station(node) && plant_.stations[node].special == Special::unload) continue;
    for (const FlowEdge& edge : graph_.edges)
      if (edge.from == node && !seen[edge.to]) seen[edge.to] = true, open.push_back(edge.to);
  }
  return !seen[station];
}

bool Mixes::at_random(Index station) const {
  const Station& here = plant_.stations[station];
  const std::vector<bool> earlier = before(station);
  const auto by_case = [](const Route& route) { return route.kind == RouteKind::cases && route.options.size() > 1; };
  for (Index i = 0; i < graph_.n_stations; ++i) {
    const Station& s = plant_.stations[i];
    const bool changes = s.operation || s.batch.merge || s.special == Special::plan || s.dispatch != Dispatch::fifo;
    if (earlier[i] && (changes || std::any_of(s.routes.begin(), s.routes.end(), by_case))) return false;
  }
  std::vector<double> first;
  for (Index k = 0; k < graph_.n_sources; ++k) {
    const Source& source = plant_.sources[k];
    if (!earlier[graph_.source_node(k)]) continue;
    for (const TraceRow& row : source.rows)
      for (const auto& [slot, value] : row.values)
        if (slot == here.setup.by) return false;
    if (by_case(source.route)) return false;
    const std::vector<double> mix = at(station, {{k, 1.0}});
    if (first.empty()) first = mix;
    for (std::size_t c = 0; c < mix.size(); ++c)
      if (std::abs(mix[c] - first[c]) > 1e-6) return here.dispatch == Dispatch::campaign;
  }
  return !first.empty() && (here.dispatch == Dispatch::fifo || here.dispatch == Dispatch::lifo || here.dispatch == Dispatch::campaign);
}

}  // namespace retwin
