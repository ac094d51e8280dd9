// A table for the terminal: columns as wide as their widest cell, the first one to the left, numbers to the right.
#pragma once
#include <string>
#include <vector>

namespace retwin {

class TextTable {
 public:
  explicit TextTable(std::vector<std::string> heads) : rows_{std::move(heads)} {}
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const { return rows_.size() == 1; }
  /// Lines, all but the heads indented by two, each ended by a newline. Cells are UTF-8; columns of nothing but "-" and "" are
  /// left out.
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;  ///< heads first
};

}  // namespace retwin
