// Traffic equations as one sparse linear system for lots and kg.
#include "core/graph/traffic.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <Eigen/SparseLU>

#include "core/base/constants.hpp"

namespace retwin {
namespace {

double value_or(const std::vector<double>& values, std::size_t k, double otherwise) {
  return k < values.size() && !std::isnan(values[k]) ? values[k] : otherwise;
}

}  // namespace

double mean_kg(const Plant& plant, const LotMaker* maker, std::uint64_t stream) {
  if (!maker || plant.n_components == 0) return 0;
  constexpr std::uint64_t n = 1000;
  std::vector<double> attributes(plant.attributes.size()), kg(plant.n_components);
  double sum = 0;
  for (std::uint64_t k = 1; k <= n; ++k) {
    std::fill(attributes.begin(), attributes.end(), 0.0);
    std::fill(kg.begin(), kg.end(), 0.0);
    NewLot lot{Draws{0, stream, stream + k}, attributes, kg};
    maker->make(lot);
    for (double part : kg) sum += part;
  }
  return sum / n;
}

namespace {

/// One term of a flow that leaves a port: so much of the lots, or kg, that a station takes in.
struct Term {
  bool lots_out, lots_in;
  double factor;
};

// What leaves a port per lot and per kg taken in.
std::vector<Term> terms_of(const Conversion& conversion, std::size_t port, const Entry& entry) {
  const PortYield& yield = conversion.ports[port];
  if (conversion.unloads && port == 0 && std::isnan(yield.lots_per_lot))
    return {{true, true, entry.load}, {false, true, entry.load * entry.load_kg}};
  const Term lots = std::isnan(yield.lots_per_kg) ? Term{true, true, yield.lots_per_lot} : Term{true, false, yield.lots_per_kg};
  return {lots, {false, false, yield.kg_per_kg}};
}

}  // namespace

std::vector<Entry> entries_of(const Plant& plant, const ProcessGraph& graph, const CapacityInput& input) {
  std::vector<Entry> entries;
  for (Index s = 0; s < plant.sources.size(); ++s) {
    const Source& source = plant.sources[s];
    Entry entry;
    entry.source = s;
    entry.kg = value_or(input.source_kg, s, mean_kg(plant, source.maker.get(), source.stream));
    if (source.load_count) {
      entry.load = source.load_count->mean();
      entry.load_kg = mean_kg(plant, source.load_maker.get(), source.stream + 1);
    }
    entries.push_back(entry);
  }
  if (!entries.empty()) return entries;
  std::vector<bool> reached(graph.n_nodes());
  for (const InitialLots& lots : plant.initial) {
    if (reached[lots.station]) continue;
    Entry entry;
    entry.station = lots.station;
    entry.kg = mean_kg(plant, lots.maker.get(), lots.stream);
    entries.push_back(entry);
    const std::vector<bool> here = reached_from(graph, {lots.station});
    for (std::size_t node = 0; node < here.size(); ++node) reached[node] = reached[node] || here[node];
  }
  return entries;
}

std::vector<Conversion> conversions_of(const Plant& plant, const CapacityInput& input, std::vector<std::string>& notes) {
  std::vector<Conversion> result(plant.stations.size());
  std::string guessed;
  for (std::size_t i = 0; i < result.size(); ++i) {
    const Station& station = plant.stations[i];
    const Batch& batch = station.batch;
    Conversion& c = result[i];
    const bool by_mass = batch.rule == BatchRule::mass && batch.kg > 0;
    double full = batch.rule == BatchRule::count && batch.count != unlimited ? batch.count : 1;
    // a server that has been busy finds what the buffer holds, and starts if that is enough
    if (batch.rule == BatchRule::count && batch.least > 0 && station.buffer_places < batch.count)
      full = std::max(batch.least, station.buffer_places);
    if (batch.rule == BatchRule::assembly) {
      full = 0;
      for (const auto& part : batch.parts) full += part.second;
    }
    c.lots_per_job = std::max(1e-9, value_or(input.lots_per_job, i, full));
    if (by_mass) c.job_kg = value_or(input.job_kg, i, batch.kg);
    c.unloads = station.special == Special::unload;
    if (station.special == Special::plan) {  // the lot itself, and as many steps as its plan has
      c.ports = {{1, 1, nan}, {station.steps_per_lot, station.one_at_a_time ? station.steps_per_lot : 0, nan}};
      continue;
    }
    const auto n = static_cast<double>(station.ports.size());
    for (std::size_t p = 0; p < station.ports.size(); ++p) {
      const std::size_t of_plant = station.first_port + p;
      PortYield y = of_plant < input.yields.size() ? input.yields[of_plant] : PortYield{};
      const bool lots_given = !std::isnan(y.lots_per_lot) || !std::isnan(y.lots_per_kg);
      if (!lots_given && by_mass && (batch.merge || station.operation)) y.lots_per_kg = 1 / c.job_kg;
      if (!lots_given && !c.unloads) y.lots_per_lot = batch.merge ? 1 / c.lots_per_job : 1 / n;
      if (std::isnan(y.kg_per_kg)) y.kg_per_kg = 1 / n;
      if (!lots_given && n > 1 && p == 0) guessed += (guessed.empty() ? "" : ", ") + station.name;
      c.ports.push_back(y);
    }
  }
  if (!guessed.empty())
    notes.push_back(fmt::format("What leaves each port is not known beforehand of {}: equal shares.", guessed));
  return result;
}

std::vector<Visits> solve_traffic(const Plant& plant, const ProcessGraph& graph, const std::vector<Entry>& entries,
                                  const std::vector<Conversion>& conversions, const std::vector<double>& shares) {
  const auto n = static_cast<std::ptrdiff_t>(plant.n_stations());
  const auto row = [n](bool lots, Index station) { return static_cast<int>(lots ? station : station + n); };
  const bool per_entry = std::any_of(conversions.begin(), conversions.end(), [](const auto& c) { return c.unloads; }) ||
                         (!entries.empty() && entries.front().station != none);
  Eigen::SparseLU<Eigen::SparseMatrix<double>> solver;
  std::vector<Index> roots;
  roots.reserve(entries.size());
  for (const Entry& entry : entries) roots.push_back(entry.source != none ? graph.source_node(entry.source) : entry.station);
  const std::vector<bool> reached = reached_from(graph, roots);
  std::vector<Visits> result;
  for (const Entry& entry : entries) {
    Eigen::VectorXd inflow = Eigen::VectorXd::Zero(2 * n);
    std::vector<Eigen::Triplet<double>> matrix;
    matrix.reserve(plant.stations.size() * 2 + graph.edges.size() * 2);
    for (int k = 0; k < 2 * static_cast<int>(n); ++k) matrix.emplace_back(k, k, 1.0);
    for (std::size_t e = 0; e < graph.edges.size(); ++e) {
      const FlowEdge& edge = graph.edges[e];
      if (!graph.is_station(edge.to) || edge.to == entry.station) continue;  // a round ends where it began
      if (!reached[edge.origin]) continue;                                   // a closed loop aside has no solution
      if (graph.is_source(edge.origin)) {
        if (graph.source(edge.origin) != entry.source) continue;
        inflow[row(true, edge.to)] += shares[e];
        inflow[row(false, edge.to)] += shares[e] * entry.kg;
      } else {
        for (const Term& term : terms_of(conversions[edge.origin], edge.port, entry))
          matrix.emplace_back(row(term.lots_out, edge.to), row(term.lots_in, edge.origin), -shares[e] * term.factor);
      }
    }
    if (entry.station != none) {
      inflow[row(true, entry.station)] = 1;
      inflow[row(false, entry.station)] = entry.kg;
    }
    if (result.empty() || per_entry) {
      Eigen::SparseMatrix<double> equations(2 * n, 2 * n);
      equations.setFromTriplets(matrix.begin(), matrix.end());
      solver.compute(equations);
    }
    Eigen::VectorXd visits = Eigen::VectorXd::Constant(2 * n, nan);
    if (solver.info() == Eigen::Success) visits = solver.solve(inflow);
    const bool sound = visits.allFinite() && (n == 0 || visits.minCoeff() > -1e-6) && (n == 0 || visits.maxCoeff() < 1e12);
    if (sound) {
      visits = visits.unaryExpr([](double v) { return v < 1e-12 ? 0.0 : v; });
    } else {
      visits.setConstant(nan);
    }
    result.push_back({{visits.data(), visits.data() + n}, {visits.data() + n, visits.data() + 2 * n}});
  }
  return result;
}

double edge_flow(const ProcessGraph& graph, const FlowEdge& edge, double share, const Entry& entry,
                 const std::vector<Conversion>& conversions, const Visits& visits) {
  if (graph.is_source(edge.origin)) return graph.source(edge.origin) == entry.source ? share : 0;
  double lots = 0;
  for (const Term& term : terms_of(conversions[edge.origin], edge.port, entry))
    if (term.lots_out) lots += term.factor * (term.lots_in ? visits.lots : visits.kg)[edge.origin];
  return lots * share;
}

}  // namespace retwin
