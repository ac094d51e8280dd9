// Footprints of the lots that a replay tells of, as the ledger of the same run has them.
#pragma once
#include "core/experiment/ledger_run.hpp"
#include "core/ledger/moves.hpp"
#include "core/report/page/page.hpp"

namespace retwin {

/// Adds the part "footprints": a row for each lot of the moves and thing that can be told of it (see FootprintOf), by lot, what, the share
/// of it that is still there, kg CO2e by scope (a scope 0 is credits), and shares of the stages in 255ths of the sum. Where there are
/// none, the text "no_footprints" says why. @param ledger null: the plant has no emission factors
void add_footprints(Page& page, const Scenario& scenario, const Moves& moves, const Ledger* ledger);

}  // namespace retwin
