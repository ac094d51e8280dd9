// Tables as values: named columns with their units, filled row by row, rendered once each as CSV, as JSON and for people.
#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace retwin {

enum class CellType : std::uint8_t { number, text, time, integer, flag };
extern const char* const cell_type_names[5];

/// How a number, an integer or a time is shown to people.
using Show = std::function<std::string(double)>;

/// One column. Without a name it is for people only, without a head for programs only.
struct Column {
  std::string name;  ///< column in CSV, key in JSON, name in Python
  CellType type = CellType::text;
  std::string unit;  ///< "1" for counts and shares; empty where there is none
  std::string doc;   ///< one sentence
  std::string head;  ///< what people read above it
  Show show;         ///< default: readable(), the integer, the time to the second
  bool left = false;  ///< set to the left for people, as the first column always is; else to the right

  Column as(std::string shown_head, Show how = {}) const;
  Column to_the_left() const;
  Column for_programs() const;
};
Column number_column(std::string name, std::string unit = {}, std::string doc = {});
Column integer_column(std::string name, std::string doc = {});
Column text_column(std::string name, std::string doc = {});
/// Seconds since 1970-01-01; "2026-01-05T06:00:00" in CSV and JSON.
Column time_column(std::string name, std::string doc = {});
Column flag_column(std::string name, std::string doc = {});
/// Text for people alone.
Column shown_column(std::string head);

/// What stands in one place of a table. Nothing: NaN of a number, an empty text, an integer that is missing.
class Cell {
 public:
  Cell() = default;
  Cell(double value) : value_(value) {}
  Cell(bool value) : value_(value) {}
  Cell(std::string text) : value_(std::move(text)) {}
  Cell(std::string_view text) : value_(std::string(text)) {}
  Cell(const char* text) : value_(std::string(text)) {}
  template <std::integral Integer>
  Cell(Integer value) : value_(static_cast<std::int64_t>(value)) {}
  const auto& value() const { return value_; }

 private:
  std::variant<std::monostate, double, std::int64_t, bool, std::string> value_;
};

class Table {
 public:
  static constexpr std::int64_t missing = std::numeric_limits<std::int64_t>::min();  ///< an integer that is none

  explicit Table(std::vector<Column> columns);
  /// For people alone: columns of text under these heads.
  static Table for_people(const std::vector<std::string>& heads);

  /// What is left out at the end is missing. @throws CheckError for more cells than columns, or of other types; an integer may
  /// stand for a number
  void row(const std::vector<Cell>& cells);
  std::size_t rows() const { return rows_; }
  bool empty() const { return rows_ == 0; }
  const std::vector<Column>& columns() const { return columns_; }
  /// Number of a column, -1 if none has this name.
  int find(std::string_view name) const;

  /// A column of numbers or times [s since 1970-01-01], NaN where there is none; of integers (`missing`) or flags (0, 1); of texts.
  const std::vector<double>& numbers(std::size_t column) const { return values_.at(column).numbers; }
  const std::vector<std::int64_t>& integers(std::size_t column) const { return values_.at(column).integers; }
  const std::vector<std::string>& texts(std::size_t column) const { return values_.at(column).texts; }
  /// One place, as programs read it: a time as text, a missing integer and a NaN as nothing.
  Cell at(std::size_t row, std::size_t column) const;

  /// With a row of names; what is missing is empty, numbers read back exactly, "inf" is infinite, flags are yes and no.
  std::string csv() const;
  /// {"columns": [{name, type, unit, doc}], "rows": [{name: value}]}; what is missing, and what is infinite, is null.
  std::string json() const;
  /// For a terminal: columns as wide as their widest cell, rows indented by two. Columns of nothing but "-" and "" are left out.
  std::string text() const;

 private:
  struct Values {
    std::vector<double> numbers;
    std::vector<std::int64_t> integers;
    std::vector<std::string> texts;
  };
  std::string shown(std::size_t row, std::size_t column) const;

  std::vector<Column> columns_;
  std::vector<Values> values_;
  std::size_t rows_ = 0;
};

/// A share as "12.3 %", "-" if it is none.
std::string shown_percent(double share);
/// A Show of so many digits behind the point, or in all; "-" for NaN.
Show shown_fixed(int decimals);
Show shown_digits(int significant);

}  // namespace retwin
