// Numbers with units: "450 kg/h" to SI and back, with a whitelist of units (udunits2 stands behind it).
#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace retwin {

/// Exponents of the base dimensions. Energy is M L2 T-2 as in SI; money and CO2-equivalents are dimensions of their own, pieces
/// are plain numbers ("30/h").
struct Dimension {
  // length, mass, time, current, temperature, amount, money, CO2-equivalent mass
  std::array<signed char, 8> exponent{};
  bool operator==(const Dimension&) const = default;
  bool none() const { return *this == Dimension{}; }
};
Dimension operator*(const Dimension& a, const Dimension& b);
Dimension operator/(const Dimension& a, const Dimension& b);
Dimension power(const Dimension& a, int exponent);

namespace dimension {
extern const Dimension none, time, mass, length, volume, speed, energy, power, rate, mass_rate, volume_rate, money, temperature,
    specific_energy, amount;
}

/// A number in SI with its dimension.
struct Quantity {
  double value = 0;
  Dimension dimension;
};

/// Why a text is no quantity, and what to write instead (empty if nothing is near).
struct Refusal {
  std::string message;
  std::string hint;
  bool out_of_range = false;  ///< it is a quantity, but none of a plant
  std::string text() const;   ///< both in one line
};

/// Reads "450 kg/h", "12 %", "2 h", "2 h 30 min", "0.62 kg CO2e/kWh", "30/h", "3" (dimensionless). A shift of scale is applied to a
/// bare temperature ("20 degC" is 293.15 K); within a product degC counts as K. On failure: empty, with `why` saying what is wrong
/// ("no such unit: kgg") in a few words. Safe to call from several threads.
std::optional<Quantity> parse_quantity(std::string_view text, Refusal& why);
std::optional<Quantity> parse_quantity(std::string_view text, std::string* why = nullptr);

/// The unit alone: factor to SI and dimension ("kg/h" -> 2.7e-4, M/T). A bare degC, being no factor, is refused.
/// Money is counted in CNY; EUR and USD are converted at one dated rate (see units.cpp).
std::optional<Quantity> parse_unit(std::string_view unit, Refusal& why);
std::optional<Quantity> parse_unit(std::string_view unit, std::string* why = nullptr);

/// "a mass rate", "a time", "a plain number", for messages.
std::string describe(const Dimension& dimension);
/// A unit people write for this dimension: "kg/h", "min", "kW"; empty for a plain number.
std::string example_unit(const Dimension& dimension);
/// All units people write for it, the SI unit among them.
std::vector<std::string> written_units(const Dimension& dimension);
/// The quantity as people write it, in the unit that makes the number shortest: "450 kg/h", "25 min", "0.1". parse_quantity() reads it
/// back as the same double. @param value finite
std::string quantity_text(double value, const Dimension& dimension);
/// Likewise a plain number that is a share: "36 %" or "0.3333".
std::string share_text(double value);
/// SI unit, e.g. "kg s-1", "W"; empty for a plain number. parse_unit() reads it back with the factor 1.
std::string si_unit(const Dimension& dimension);

/// A duration for reading, e.g. "2 d 03:04:05", "03:04:05", "12.5 s".
std::string format_duration(double seconds);
/// Likewise, and whole weeks as "13 weeks".
std::string format_weeks(double seconds);

/// Days since 1970-01-01 of an ISO date ("2026-01-05"), empty if it is none.
std::optional<long> parse_date(std::string_view text);
/// Seconds since 1970-01-01 of "2026-01-05", "2026-01-05 09:30", "2026-01-05T09:30:15"; empty if it is none.
std::optional<double> parse_time(std::string_view text);
/// ISO date and time of seconds after the start of the day `day0`: "2026-01-05T03:04:05", with ".250" where it is not whole.
std::string format_time(long day0, double seconds);
/// The time of a stamp [s since 1970] to the minute, or to the second.
std::string format_minute(double time_s);
std::string format_second(double time_s);
/// Of its year, 0 = January 1st.
int day_of_year(long days_since_epoch);
/// 0 = Monday.
int weekday(long days_since_epoch);
/// Weekdays named by "Mon" (or "Monday"), "Mon-Fri", "Sat-Mon", 0 = Monday; empty if these are none.
std::vector<int> parse_weekdays(std::string_view text);

}  // namespace retwin
