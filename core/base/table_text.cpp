// Tables for people.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "core/base/readable.hpp"
#include "core/base/table.hpp"
#include "core/base/text.hpp"
#include "core/base/units.hpp"

namespace retwin {
namespace {

/// Code points, which for what we print is the width.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string padded(const std::string& text, std::size_t width, bool left) {
  const std::string space(width - std::min(width, width_of(text)), ' ');
  return left ? text + space : space + text;
}

std::string second(double time_s) { return std::isfinite(time_s) ? format_time(0, std::floor(time_s)) : "-"; }

/// A column as it is shown: its head and its cells.
struct Shown {
  std::vector<std::string> lines;
  std::size_t width = 0;
  bool left = false, told = false;
};

}  // namespace

std::string shown_percent(double share) { return std::isnan(share) ? "-" : fmt::format("{:.1f} %", 100 * share); }

Show shown_fixed(int decimals) {
  return [decimals](double x) { return std::isnan(x) ? "-" : fmt::format("{:.{}f}", x, decimals); };
}

Show shown_digits(int significant) {
  return [significant](double x) { return std::isnan(x) ? "-" : fmt::format("{:.{}g}", x, significant); };
}

std::string Table::shown(std::size_t row, std::size_t column) const {
  const Column& c = columns_[column];
  const Values& values = values_[column];
  switch (c.type) {
    case CellType::number: return c.show ? c.show(values.numbers[row]) : readable(values.numbers[row]);
    case CellType::time: return c.show ? c.show(values.numbers[row]) : second(values.numbers[row]);
    case CellType::flag: return c.show ? c.show(static_cast<double>(values.integers[row])) : values.integers[row] != 0 ? "yes" : "";
    case CellType::text: return one_line(values.texts[row]);  // a name must not become a row of its own
    case CellType::integer: break;
  }
  if (values.integers[row] == missing) return "-";
  return c.show ? c.show(static_cast<double>(values.integers[row])) : std::to_string(values.integers[row]);
}

std::string Table::text() const {
  std::vector<Shown> all;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    if (!columns_[c].name.empty() && columns_[c].head.empty()) continue;
    Shown& column = all.emplace_back();
    column.left = all.size() == 1 || columns_[c].left;
    column.told = all.size() == 1;
    column.lines.push_back(one_line(columns_[c].head));
    for (std::size_t r = 0; r < rows_; ++r) {
      column.lines.push_back(shown(r, c));
      column.told = column.told || (!column.lines.back().empty() && column.lines.back() != "-");
    }
    for (const std::string& line : column.lines) column.width = std::max(column.width, width_of(line));
  }
  std::string out;
  for (std::size_t k = 0; !all.empty() && k < rows_ + 1; ++k) {
    std::string line = k == 0 ? "" : "  ";
    line = padded(line + all.front().lines[k], all.front().width + 2, true);
    for (std::size_t c = 1; c < all.size(); ++c)
      if (all[c].told) line += "  " + padded(all[c].lines[k], all[c].width, all[c].left);
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

}  // namespace retwin
