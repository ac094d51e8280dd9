// Numbers as people read them.
#pragma once
#include <string>

namespace retwin {

/// A number for reading: four digits, thousands grouped; "-" if it is none.
std::string readable(double value);
/// "1,590 ± 12": the half-width with two digits, the value no finer than it; the value alone where the spread is unknown.
std::string readable(double value, double half_width);

}  // namespace retwin
