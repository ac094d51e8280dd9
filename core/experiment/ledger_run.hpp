// A ledger to ask for footprints: that of a file, or of a run made for it.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "core/ledger/edge_collector.hpp"
#include "core/ledger/edges.hpp"
#include "core/scenario/scenario.hpp"

namespace retwin {

struct Ledger {
  std::unique_ptr<EdgeStore> edges;
  EdgeSummary summary;
};
/// @throws InputError (file, structure): it is damaged, or of another plant
Ledger read_ledger(const std::string& path, const Plant& plant);
/// One replication over the whole duration, kept in memory. @param stop asked between pieces of the run; may throw
Ledger ledger_of_run(const Scenario& scenario, const std::function<void()>& stop = {});

}  // namespace retwin
