// Numbers as people read them: as many digits as they mean.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/readable.hpp"

namespace retwin {
namespace {

constexpr double largest_grouped = 1e12, smallest_fixed = 1e-4;

std::string grouped(double value, int decimals) {
  std::string text = fmt::format("{:.{}f}", value, decimals);
  const std::size_t point = text.find('.');
  const std::size_t first = text.front() == '-' ? 1 : 0;
  std::size_t end = point == std::string::npos ? text.size() : point;
  while (end > first + 3) {
    end -= 3;
    text.insert(end, ",");
  }
  return text;
}

/// Decimals that show so many significant digits.
int decimals_for(double value, int digits) {
  return std::clamp(digits - 1 - static_cast<int>(std::floor(std::log10(std::abs(value)))), 0, 9);
}

bool is_extreme(double value) { return std::abs(value) >= largest_grouped || (value != 0 && std::abs(value) < smallest_fixed); }

}  // namespace

std::string readable(double value) {
  if (std::isnan(value)) return "-";
  if (value == 0) return "0";
  if (std::isinf(value) || is_extreme(value)) return fmt::format("{:.3g}", value);
  return grouped(value, decimals_for(value, 4));
}

std::string readable(double value, double half_width) {
  if (!std::isfinite(value) || !std::isfinite(half_width) || half_width == 0 || is_extreme(half_width)) return readable(value);
  const int decimals = decimals_for(half_width, 2);
  return grouped(value, decimals) + " ± " + grouped(half_width, decimals);
}

}  // namespace retwin
