// Tables for the terminal.
#include "core/report/text_table.hpp"

#include <algorithm>
#include <cstddef>

#include "core/base/text.hpp"

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

}  // namespace

std::string TextTable::text() const {
  std::vector<std::vector<std::string>> rows = rows_;  // a name must not become a row of its own
  for (std::vector<std::string>& row : rows)
    for (std::string& cell : row) cell = one_line(cell);
  const std::size_t columns = rows.front().size();
  std::vector<std::size_t> width(columns, 0);
  std::vector<bool> told(columns, false);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (std::size_t c = 0; c < std::min(columns, rows[r].size()); ++c) {
      width[c] = std::max(width[c], width_of(rows[r][c]));
      if (r > 0 && !rows[r][c].empty() && rows[r][c] != "-") told[c] = true;
    }
  }
  std::string out;
  for (const std::vector<std::string>& row : rows) {
    std::string line = &row == &rows.front() ? "" : "  ";
    line = padded(line + row.front(), width[0] + 2, true);
    for (std::size_t c = 1; c < std::min(columns, row.size()); ++c)
      if (told[c]) line += "  " + padded(row[c], width[c], false);
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

}  // namespace retwin
