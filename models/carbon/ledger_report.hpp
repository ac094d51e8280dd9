// What `carbon` tells from a ledger: of everything, of one lot, of a background system.
#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "core/experiment/ledger_run.hpp"
#include "core/ledger/footprint.hpp"
#include "core/report/page/pages.hpp"
#include "models/carbon/background.hpp"

namespace retwin {

/// A text for people and tables; they look at what they were made from.
struct LedgerReport {
  std::function<std::string()> text;
  NamedTables tables;
};

LedgerReport report_of_all(const Scenario& scenario, const EdgeSummary& summary, const Footprints& all);
/// @param battery a lot from outside: what its matter caused; else a lot at a sink: what it bears, and the lots that it is made of.
/// Without tables if there is no such lot, or nothing of it.
LedgerReport report_of_lot(const Scenario& scenario, const Ledger& ledger, std::uint64_t lot, bool battery);
LedgerReport report_of_background(const Background& made);

}  // namespace retwin
