// What a plant used, carried through the matrices of a background system.
#pragma once
#include <cstddef>
#include <optional>
#include <string>

#include "core/base/table.hpp"
#include "core/ledger/edge_collector.hpp"
#include "core/scenario/scenario.hpp"
#include "models/carbon/life_cycle.hpp"

namespace retwin {

struct Background {
  double kg = 0;  ///< CO2e
  std::size_t n_processes = 0;
  Table flows;      ///< one row per flow that the system makes
  Table processes;  ///< one row per process that emits
  std::optional<Problem> beyond;  ///< flows that the system does not make
};

/// Of what stations, sinks, sources and auxiliary loads used, the flows that are called like products of the system.
/// @param folder see ProcessSystem::read @throws InputError with all that is wrong there
Background background_of(const std::string& folder, const Scenario& scenario, const EdgeSummary& summary);
std::string background_text(const Background& background);

}  // namespace retwin
