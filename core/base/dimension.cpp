// Dimensions: their algebra, their names for messages, and the units people write for them.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "core/base/units.hpp"

namespace retwin {
namespace dimension {
//                              length, mass, time, current, temperature, amount, money, CO2e
constinit const Dimension none{};
constinit const Dimension time{{0, 0, 1}};
constinit const Dimension mass{{0, 1}};
constinit const Dimension length{{1}};
constinit const Dimension volume{{3}};
constinit const Dimension speed{{1, 0, -1}};
constinit const Dimension energy{{2, 1, -2}};
constinit const Dimension power{{2, 1, -3}};
constinit const Dimension rate{{0, 0, -1}};
constinit const Dimension mass_rate{{0, 1, -1}};
constinit const Dimension volume_rate{{3, 0, -1}};
constinit const Dimension money{{0, 0, 0, 0, 0, 0, 1}};
constinit const Dimension temperature{{0, 0, 0, 0, 1}};
constinit const Dimension specific_energy{{2, 0, -2}};
constinit const Dimension amount{{0, 0, 0, 0, 0, 1}};
}  // namespace dimension

namespace {

struct Name {
  Dimension dimension;
  const char* description;
  const char* example;
  const char* si;  ///< null: written in base units
};

constexpr Name names[] = {
    {{}, "a plain number", "", nullptr},
    {{{0, 0, 1}}, "a time", "min", nullptr},
    {{{0, 1}}, "a mass", "kg", nullptr},
    {{{1}}, "a length", "m", nullptr},
    {{{2}}, "an area", "m2", nullptr},
    {{{3}}, "a volume", "m3", nullptr},
    {{{1, 0, -1}}, "a speed", "m/s", nullptr},
    {{{1, 0, -2}}, "an acceleration", "m/s2", nullptr},
    {{{0, 0, -1}}, "a rate", "1/h", nullptr},
    {{{0, 1, -1}}, "a mass rate", "kg/h", nullptr},
    {{{3, 0, -1}}, "a volume rate", "m3/h", nullptr},
    {{{-3, 1}}, "a density", "kg/m3", nullptr},
    {{{3, -1}}, "a volume per mass", "m3/t", nullptr},
    {{{-2, 1}}, "a mass per area", "kg/m2", nullptr},
    {{{-2, 1, -1}}, "a mass rate per area", "kg/(m2 h)", nullptr},
    {{{1, 1, -2}}, "a force", "N", "N"},
    {{{-1, 1, -2}}, "a pressure", "bar", "Pa"},
    {{{2, 1, -2}}, "an energy", "kWh", "J"},
    {{{2, 1, -3}}, "a power", "kW", "W"},
    {{{2, 0, -2}}, "an energy per mass", "kWh/t", "J/kg"},
    {{{-2, -1, 2}}, "a number per energy", "1/kWh", "1/J"},
    {{{-2, 0, 2}}, "a mass per energy", "kg/kWh", "kg/J"},
    {{{1, -1, 2}}, "a volume per energy", "m3/kWh", "m3/J"},
    {{{2, 0, -3}}, "a power per mass", "kW/t", "W/kg"},
    {{{0, 1, -3}}, "a power per area", "W/m2", "W/m2"},
    {{{0, 0, 0, 1}}, "a current", "A", nullptr},
    {{{0, 0, 1, 1}}, "a charge", "Ah", "A s"},
    {{{2, 1, -3, -1}}, "a voltage", "V", "V"},
    {{{2, 1, -3, -2}}, "a resistance", "ohm", "ohm"},
    {{{0, 0, 0, 0, 1}}, "a temperature", "K", nullptr},
    {{{2, 1, -2, 0, -1}}, "a heat capacity", "kJ/K", "J/K"},
    {{{2, 0, -2, 0, -1}}, "a specific heat capacity", "kJ/(kg K)", "J/(kg K)"},
    {{{0, 1, -3, 0, -1}}, "a heat transfer coefficient", "W/(m2 K)", "W/(m2 K)"},
    {{{0, 0, -1, 0, 1}}, "a temperature rate", "K/min", nullptr},
    {{{0, 0, 0, 0, 0, 1}}, "an amount of substance", "mol", nullptr},
    {{{-3, 0, 0, 0, 0, 1}}, "a concentration", "mol/L", nullptr},
    {{{0, 1, 0, 0, 0, -1}}, "a molar mass", "g/mol", nullptr},
    {{{2, 1, -2, 0, 0, -1}}, "an energy per amount", "kJ/mol", "J/mol"},
    {{{0, 0, 0, 0, 0, 0, 1}}, "an amount of money", "CNY", nullptr},
    {{{0, -1, 0, 0, 0, 0, 1}}, "a price per mass", "CNY/t", nullptr},
    {{{-3, 0, 0, 0, 0, 0, 1}}, "a price per volume", "CNY/m3", nullptr},
    {{{0, 0, -1, 0, 0, 0, 1}}, "a cost rate", "CNY/h", nullptr},
    {{{-2, -1, 2, 0, 0, 0, 1}}, "a price per energy", "CNY/kWh", "CNY/J"},
    {{{0, 0, 0, 0, 0, 0, 1, -1}}, "a price per CO2-equivalent", "CNY/tCO2e", nullptr},
    {{{0, 0, 0, 0, 0, 0, 0, 1}}, "a CO2-equivalent mass", "kg CO2e", nullptr},
    {{{0, -1, 0, 0, 0, 0, 0, 1}}, "a CO2-equivalent per mass", "kg CO2e/kg", nullptr},
    {{{-3, 0, 0, 0, 0, 0, 0, 1}}, "a CO2-equivalent per volume", "kg CO2e/m3", nullptr},
    {{{0, 0, -1, 0, 0, 0, 0, 1}}, "a CO2-equivalent rate", "kg CO2e/h", nullptr},
    {{{-2, -1, 2, 0, 0, 0, 0, 1}}, "a CO2-equivalent per energy", "kg CO2e/kWh", "kgCO2e/J"},
    {{{-1, -1, 0, 0, 0, 0, 0, 1}}, "a CO2-equivalent of transport", "kg CO2e/(t km)", nullptr},
};

/// Units that people write beside the example, by dimension.
constexpr std::pair<Dimension, const char*> also_written[] = {
    {{{0, 0, 1}}, "s h d weeks"},  {{{0, 1}}, "t g"},          {{{1}}, "mm km"},          {{{3}}, "L"},
    {{{1, 0, -1}}, "m/min km/h"},  {{{0, 0, -1}}, "1/s 1/min 1/d 1/week"}, {{{0, 1, -1}}, "t/h kg/s t/d"}, {{{3, 0, -1}}, "m3/s L/h L/min"},
    {{{2, 1, -2}}, "J kJ MJ MWh"}, {{{2, 1, -3}}, "W MW"},     {{{2, 0, -2}}, "kWh/kg MJ/kg J/kg"}, {{{3, -1}}, "m3/kg L/kg"},
};

const Name* find_name(const Dimension& dimension) {
  const auto* found = std::find_if(std::begin(names), std::end(names), [&](const Name& n) { return n.dimension == dimension; });
  return found == std::end(names) ? nullptr : found;
}

std::string in_base_units(const Dimension& dimension) {
  static constexpr std::pair<std::size_t, const char*> order[] = {{1, "kg"}, {0, "m"},   {2, "s"},   {3, "A"},
                                                                  {4, "K"},  {5, "mol"}, {6, "CNY"}, {7, "kgCO2e"}};
  std::string out;
  for (const bool numerator : {true, false}) {
    for (const auto& [index, symbol] : order) {
      const auto exponent = static_cast<int>(dimension.exponent[index]);  // NOLINT(bugprone-signed-char-misuse): it has a sign
      if (exponent == 0 || (exponent > 0) != numerator) continue;
      out += fmt::format("{}{}{}", out.empty() ? "" : " ", symbol, exponent == 1 ? "" : std::to_string(exponent));
    }
  }
  return out;
}

template <class Combine>
Dimension combined(const Dimension& a, Combine combine) {
  Dimension out;
  for (std::size_t i = 0; i < out.exponent.size(); ++i) {
    out.exponent[i] = static_cast<signed char>(std::clamp(combine(static_cast<int>(a.exponent[i]), i), -100, 100));
  }
  return out;
}

}  // namespace

Dimension operator*(const Dimension& a, const Dimension& b) {
  return combined(a, [&](int e, std::size_t i) { return e + b.exponent[i]; });
}
Dimension operator/(const Dimension& a, const Dimension& b) {
  return combined(a, [&](int e, std::size_t i) { return e - b.exponent[i]; });
}
Dimension power(const Dimension& a, int exponent) {
  return combined(a, [&](int e, std::size_t) { return e * std::clamp(exponent, -100, 100); });
}

std::string describe(const Dimension& dimension) {
  const Name* name = find_name(dimension);
  return name != nullptr ? name->description : "a quantity in " + in_base_units(dimension);
}

std::string example_unit(const Dimension& dimension) {
  const Name* name = find_name(dimension);
  return name != nullptr ? name->example : in_base_units(dimension);
}

std::vector<std::string> written_units(const Dimension& dimension) {
  std::vector<std::string> units;
  for (const auto& [of, list] : also_written)
    if (of == dimension)
      for (std::string_view rest = list; !rest.empty();) {
        const std::size_t blank = std::min(rest.find(' '), rest.size());
        units.emplace_back(rest.substr(0, blank));
        rest.remove_prefix(std::min(blank + 1, rest.size()));
      }
  const std::string example = example_unit(dimension), si = si_unit(dimension);
  for (const std::string& unit : {example, si})
    if (std::find(units.begin(), units.end(), unit) == units.end()) units.push_back(unit);
  return units;
}

std::string si_unit(const Dimension& dimension) {
  const Name* name = find_name(dimension);
  return name != nullptr && name->si != nullptr ? name->si : in_base_units(dimension);
}

}  // namespace retwin
