// As many decimals as the half-width has in two digits.
#include "core/experiment/shown_change.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/constants.hpp"
#include "core/base/units.hpp"

namespace retwin {
namespace {

double factor_of(const std::string& unit) { return unit == "%" ? 100 : 1; }
std::string with_unit(const std::string& number, const std::string& unit) {
  return unit.empty() || unit == "1" ? number : number + " " + unit;
}

/// Digits behind the point at which this has so many digits.
int decimals_of(double value, int digits) {
  if (!std::isfinite(value) || value == 0) return digits;
  return std::clamp(digits - 1 - static_cast<int>(std::floor(std::log10(std::abs(value)))), 0, 9);
}

/// Never "-0.0".
std::string fixed(double value, int decimals, bool sign) {
  const double scale = std::pow(10.0, decimals);
  const double rounded = std::round(value * scale) / scale;
  if (rounded == 0) return fmt::format("{:.{}f}", 0.0, decimals);
  return sign ? fmt::format("{:+.{}f}", rounded, decimals) : fmt::format("{:.{}f}", rounded, decimals);
}

}  // namespace

std::string shown_change(const Interval& change, const std::string& unit) {
  const double factor = factor_of(unit), mean = factor * change.mean;
  if (std::isnan(mean)) return "-";
  if (mean == 0 && change.half_width == 0) return with_unit("0", unit);
  const bool known = std::isfinite(change.half_width) && change.half_width > 0;
  const int decimals = known ? decimals_of(factor * change.half_width, 2) : decimals_of(mean, 3);
  const std::string middle = with_unit(fixed(mean, decimals, true), unit);
  if (!known) return middle;
  return fmt::format("{} [{}, {}]", middle, fixed(factor * change.low(), decimals, false),
                     fixed(factor * change.high(), decimals, false));
}

std::string shown_duration(double seconds) {
  const auto whole = [&](double unit_s) { return seconds > 0 && std::fmod(seconds, unit_s) == 0; };
  const auto told = [&](double unit_s, const char* name) { return fmt::format("{:g} {}{}", seconds / unit_s, name, seconds == unit_s ? "" : "s"); };
  return whole(week_s) ? told(week_s, "week") : whole(day_s) ? told(day_s, "day") : format_duration(seconds);
}

std::string shown_window(double begin_s, double end_s) {
  return shown_duration(end_s - begin_s) + (begin_s > 0 ? fmt::format(" after {} of warm-up", shown_duration(begin_s)) : "");
}

bool share_says(const Interval& base, const Interval& relative) { return std::isfinite(relative.mean) && !base.contains(0); }

std::string shown_within(const Interval& change, const std::string& unit) {
  const double most = factor_of(unit) * std::max(std::abs(change.low()), std::abs(change.high()));
  const int decimals = decimals_of(most, 2);
  const double scale = std::pow(10.0, decimals);
  return with_unit(fmt::format("{:.{}f}", std::ceil(most * scale) / scale, decimals), unit);
}

}  // namespace retwin
