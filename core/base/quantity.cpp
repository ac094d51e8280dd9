// Numbers with units: the number is split off here, the unit is left to the whitelist.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/base/problem.hpp"
#include "core/base/text.hpp"
#include "core/base/units.hpp"

namespace retwin {
namespace {

/// In SI. What is larger, or smaller and not 0, is no figure of a plant, and products of a few would leave the range of double.
constexpr double largest_quantity = 1e30, smallest_quantity = 1e-30;

bool of_a_plant(double value) {
  const double size = std::abs(value);
  return size == 0 || (size >= smallest_quantity && size <= largest_quantity);
}

constexpr std::string_view time_words[] = {"week",  "weeks", "d",      "day",     "days", "h",      "hour",
                                           "hours", "min",   "minute", "minutes", "s",    "second", "seconds"};

/// value * factor, exact to the last bit for factors such as 1/100 and 1/3600, whose inverse is a whole number.
double scaled(double value, double factor) {
  const double inverse = std::round(1 / factor);
  return factor < 1 && std::abs(inverse * factor - 1) < 1e-14 ? value / inverse : value * factor;
}

/// Takes a number off the front of `text`.
std::optional<double> take_number(std::string_view& text, Refusal& why) {
  std::string_view rest = text;
  double sign = 1;
  if (!rest.empty() && (rest.front() == '+' || rest.front() == '-')) {
    sign = rest.front() == '-' ? -1 : 1;
    rest.remove_prefix(1);
  }
  const bool number = !rest.empty() && (digit(rest[0]) || (rest[0] == '.' && rest.size() > 1 && digit(rest[1])));
  if (!number) {
    why = {"not a number", {}};
    return std::nullopt;
  }
  double value = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (error != std::errc() || !of_a_plant(value)) {
    why = {"a number out of all range", {}, true};
    return std::nullopt;
  }
  text = rest.substr(static_cast<std::size_t>(end - rest.data()));
  if (!text.empty() && (text[0] == ',' || text[0] == '_' || text[0] == '\'') && text.size() > 1 && digit(text[1])) {
    const std::string_view whole = rest.substr(0, static_cast<std::size_t>(end - rest.data()));
    std::string joined(whole);
    for (char c : text) {
      if (digit(c)) joined += c;
      else if (c != text[0]) break;
    }
    why = {fmt::format("'{}' inside a number", text[0]),
           text[0] == ',' ? fmt::format("write {} if it groups thousands, a point if it is the decimal sign", joined)
                          : fmt::format("write {}", joined)};
    return std::nullopt;
  }
  return sign * value;
}

/// "2 h 30 min": at least two numbers, each with a unit of time smaller than the one before; empty if the text is anything else.
std::optional<Quantity> compound_time(std::string_view text) {
  double seconds = 0, last_unit = INFINITY, sign = 1;
  int parts = 0;
  for (std::string_view rest = trim(text); !rest.empty(); rest = trim(rest), ++parts) {
    Refusal ignored;
    const bool negative = rest.front() == '-';
    if (parts > 0 && !digit(rest.front())) return std::nullopt;
    const auto number = take_number(rest, ignored);
    if (!number) return std::nullopt;
    rest = trim(rest);
    std::size_t length = 0;
    while (length < rest.size() && letter(rest[length])) ++length;
    const std::string_view word = rest.substr(0, length);
    if (std::find(std::begin(time_words), std::end(time_words), word) == std::end(time_words)) return std::nullopt;
    const double unit = parse_unit(word, ignored)->value;
    if (unit >= last_unit) return std::nullopt;
    if (parts == 0 && negative) sign = -1;
    seconds += std::abs(*number) * unit;
    last_unit = unit;
    rest.remove_prefix(length);
  }
  if (parts < 2) return std::nullopt;
  return Quantity{sign * seconds, dimension::time};
}

/// The shortest number of a value in one of these units; of equals the first. What can be no quantity of a plant stands in the unit of
/// SI, which is among them: who reads it is told.
std::string shortest(double value, const std::vector<std::string>& units) {
  std::string best, in_si;
  std::size_t least = 0;
  for (const std::string& unit : units) {
    const auto factor = parse_unit(unit);
    RETWIN_CHECK(factor.has_value());
    const double in_unit = value / factor->value;
    for (const std::string& number : {fmt::format("{:.15g}", in_unit), fmt::format("{}", in_unit)}) {
      if (!best.empty() && number.size() >= least) continue;
      const std::string text = unit.empty() ? number : number + (unit.starts_with("1/") ? unit.substr(1) : " " + unit);
      const auto again = parse_quantity(text);
      if (again && again->value == value) best = text, least = number.size();
      else if (factor->value == 1) in_si = text;
    }
  }
  return best.empty() ? in_si : best;
}

}  // namespace

std::string quantity_text(double value, const Dimension& dimension) { return shortest(value, written_units(dimension)); }
std::string share_text(double value) { return shortest(value, {"", "%"}); }

std::optional<Quantity> parse_quantity(std::string_view text, Refusal& why) {
  if (text.size() > 200) {
    why = {"too long for a quantity", {}};
    return std::nullopt;
  }
  const std::string_view spelled = trim(text);
  std::string_view rest = spelled;
  const auto number = take_number(rest, why);
  if (!number) return std::nullopt;
  rest = trim(rest);
  if (rest.empty()) return Quantity{*number, {}};
  if (const auto time = compound_time(spelled)) return time;
  if (digit(rest[0]) && !(rest[0] == '1' && rest.size() > 1 && trim(rest.substr(1)).starts_with('/'))) {
    why = {"two numbers", "write one number and one unit"};
    return std::nullopt;
  }
  const bool celsius = rest == "degC" || rest == "°C" || rest == "℃";
  auto unit = parse_unit(celsius ? "K" : rest, why);
  if (!unit) return std::nullopt;
  unit->value = celsius ? *number + 273.15 : scaled(*number, unit->value);
  if (of_a_plant(unit->value)) return unit;
  why = {"a number out of all range", {}};
  return std::nullopt;
}

std::optional<Quantity> parse_quantity(std::string_view text, std::string* why) {
  Refusal refusal;
  const auto quantity = parse_quantity(text, refusal);
  if (!quantity && why != nullptr) *why = refusal.text();
  return quantity;
}

}  // namespace retwin
