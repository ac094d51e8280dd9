// Measured flows from files: a table of streams between units, or balances as matrices.
#pragma once
#include <string>
#include <vector>

#include "core/telemetry/balances/reconciliation.hpp"

namespace retwin {

struct NamedNetwork {
  std::string name;
  FlowNetwork network;
};

/// A table (CSV) has a row per stream: `stream`; `from` and `to`, the units it leaves and enters (empty: the outside); `measured`
/// (empty: unmeasured); `sd` or `variance` of the measurement. A unit in brackets after these names is the same for all.
/// JSON has `measured` (null: unmeasured), `variance`, `incidence` (units x streams: 1 into the unit, -1 out of it) and, if
/// wanted, `problem`, `streams` and `units` with names; or a list of such objects.
/// @throws InputError: file, missing, number, duplicate, syntax - all at once, with their places
std::vector<NamedNetwork> read_flow_networks(const std::string& path);

}  // namespace retwin
