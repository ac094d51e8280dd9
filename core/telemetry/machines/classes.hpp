// What the states of a machine mean, by the words plants use for them.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace retwin {

/// Jams are the failures that the one who stands beside the machine clears; breakdowns need a repair.
enum class StateClass : std::uint8_t { working, setup, idle, planned, jam, breakdown, unknown };
inline constexpr std::size_t n_state_classes = 7;
extern const char* const state_class_names[n_state_classes];

inline bool is_failure(StateClass c) { return c == StateClass::jam || c == StateClass::breakdown; }

/// By a table of stems in English, German, French, Spanish, Italian, Swedish and Chinese, without case and accents: a stem counts
/// where a word of the name begins ("MachineDown", "machine_down" and "Machine: down" have the word "down"). The first row of the
/// table that is met decides: "unplanned stop" is a breakdown, "planned downtime" is not. A bare "stopped" is unknown: it can be
/// either.
StateClass class_of_state(std::string_view name);

}  // namespace retwin
