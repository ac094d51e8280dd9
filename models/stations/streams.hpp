// The streams that a sorting train can have, in the order of its ports.
#pragma once
#include <string>
#include <vector>

namespace retwin {

inline constexpr std::size_t residue_stream = 5, offgas_stream = 6;

inline std::vector<std::string> sorting_streams() { return {"black_mass", "Cu", "Al", "steel", "plastics", "residue", "offgas"}; }

}  // namespace retwin
