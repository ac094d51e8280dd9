// Why a run made nothing: warnings for its report.
#pragma once
#include <vector>

#include "core/base/problem.hpp"
#include "core/flow/state/state.hpp"
#include "core/ledger/window.hpp"

namespace retwin {

/// Where no lot reached a sink in the window: what came and where it is. Where a station has lots waiting and has finished no job
/// although others have: what it waits for. Code `window`, path of the station; empty if all is well.
/// @param state at the end of the window
std::vector<Problem> nothing_made(const Window& window, const State& state);

}  // namespace retwin
