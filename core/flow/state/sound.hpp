// Whether a state that comes from a file is one that the engine can go on from.
#pragma once
#include <string>

#include "core/flow/plant/structure.hpp"
#include "core/flow/state/state.hpp"

namespace retwin {

/// Looks once at every index, link, enumeration, count and number of a state: nothing points outside, no list runs in a circle, no
/// lot is at two places, counts agree with what they count, times and amounts are numbers.
/// @param structure of the plant that it was saved from
/// @return what is wrong first, empty if nothing is
std::string contradiction(const State& state, const Structure& structure);

/// Likewise of the accounts alone, in arrays of the right lengths.
std::string wrong_account(const State& state);

struct Layout;
/// Likewise of what jobs draw of utilities, in a state whose servers and events are sound.
std::string wrong_pull(const State& state, const Layout& layout);
/// Whether a server's work is ended by what it draws, and not by an event of its own.
bool draws_now(const State& state, Index server);
/// Likewise of tasks of the digital layer.
std::string wrong_task(const State& state, const Layout& layout);
/// Whether a server's job is done but for the result of a task.
bool waits_now(const State& state, Index server);

/// A number that a figure of a plant can be; see parse_quantity.
inline bool is_figure(double x) { return x >= -1e30 && x <= 1e30; }

}  // namespace retwin
