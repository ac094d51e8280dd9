// The one way from a double to a whole number: what fits nowhere is no undefined behaviour.
#pragma once
#include <cstdint>

namespace retwin {

/// `value` without its fraction, at most `most`; what is below 0, and what is no number, counts as 0.
constexpr std::uint32_t whole(double value, std::uint32_t most = 0xffffffffu) {
  return !(value >= 1) ? 0 : value >= static_cast<double>(most) ? most : static_cast<std::uint32_t>(value);
}

}  // namespace retwin
