// Matches flows and outlets with factors and reasons.
#include "core/ledger/coverage.hpp"

#include <algorithm>
#include <iterator>

namespace retwin {
namespace {

/// Electricity is a flow of every plant, also of one that uses none.
bool uses_electricity(const Plant& plant, const Reporting& reporting) {
  const auto station = [&](const Station& s) {
    return s.energy_J_per_job != 0 || s.energy_J_per_kg != 0 || std::any_of(std::begin(s.power_W), std::end(s.power_W), [](double W) { return W != 0; }) ||
           std::any_of(s.consumption.begin(), s.consumption.end(), [&](const Consumption& c) { return c.flow == plant.electricity; });
  };
  return std::any_of(plant.stations.begin(), plant.stations.end(), station) ||
         std::any_of(reporting.auxiliaries.begin(), reporting.auxiliaries.end(), [](const Auxiliary& a) { return a.power_W != 0; });
}

std::string reason_of(const Plant& plant, const Reporting& reporting, Index flow) {
  for (const FlowNote& note : reporting.flows) {
    if (note.flow != flow) continue;
    const std::string made = note.made_from == none ? "" : "made from " + plant.flows[note.made_from].name + ", which bears its burden";
    return note.no_factor.empty() ? made : note.no_factor;
  }
  return flow == plant.electricity && !uses_electricity(plant, reporting) ? "nothing here uses any" : "";
}

Coverage outlet(const Plant& plant, const Reporting& reporting, Index sink) {
  Coverage row{Coverage::Kind::outlet, plant.sinks[sink].name, sink, {}, sink < reporting.sinks.size() ? reporting.sinks[sink] : ""};
  for (const Passing& passing : reporting.passing)
    for (const Passing::Rate& rate : passing.rates)
      for (const Factor& factor : reporting.factors)
        if (!passing.source && passing.node == sink && factor.flow == rate.flow) row.factors.push_back(&factor);
  if (!row.reason.empty()) return row;
  if (plant.sinks[sink].role == "product") row.reason = "a product: what it becomes is not this plant's";
  if (plant.sinks[sink].role == "internal") row.reason = "stays inside";
  return row;
}

}  // namespace

std::vector<Coverage> coverage(const Plant& plant, const Reporting& reporting) {
  std::vector<Coverage> rows;
  for (Index flow = 0; flow < plant.flows.size(); ++flow) {
    Coverage row{Coverage::Kind::flow, plant.flows[flow].name, flow, {}, ""};
    for (const Factor& factor : reporting.factors)
      if (factor.flow == flow) row.factors.push_back(&factor);
    if (row.factors.empty()) row.reason = reason_of(plant, reporting, flow);
    rows.push_back(std::move(row));
  }
  for (Index sink = 0; sink < plant.sinks.size(); ++sink) rows.push_back(outlet(plant, reporting, sink));
  for (const auto& [name, reason] : reporting.cut_offs) rows.push_back({Coverage::Kind::cut_off, name, none, {}, reason});
  return rows;
}

}  // namespace retwin
