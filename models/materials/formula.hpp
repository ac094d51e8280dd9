// Chemical formulas as text: "LiNi0.6Co0.2Mn0.2O2", "NiSO4(H2O)6", "LiNi1/3Co1/3Mn1/3O2".
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace retwin {

/// Atoms of each element per formula unit [mol/mol].
using Formula = std::map<std::string, double>;

/// Reads a formula: element symbols, parentheses, counts as decimal numbers or fractions of two whole numbers.
/// @return empty if it is none, with `why` saying what is wrong in a few words
std::optional<Formula> parse_formula(std::string_view text, std::string* why = nullptr);

}  // namespace retwin
