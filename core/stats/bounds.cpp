// Bounds as people read them.
#include "core/stats/bounds.hpp"

#include <fmt/format.h>

#include <cmath>

namespace retwin {

std::string bounds_text(const Bounds& bounds, int digits, double unit) {
  if (std::isnan(bounds.low) || std::isnan(bounds.high)) return {};
  const auto side = [&](double x) { return std::isinf(x) ? std::string() : fmt::format("{:.{}g}", x / unit, digits); };
  return fmt::format(" ({} ... {})", side(bounds.low), side(bounds.high));
}

}  // namespace retwin
