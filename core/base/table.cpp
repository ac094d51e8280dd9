// Tables: columns, rows, and their texts for programs.
#include "core/base/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/base/constants.hpp"
#include "core/base/files.hpp"
#include "core/base/problem.hpp"
#include "core/base/table_json.hpp"
#include "core/base/units.hpp"

namespace retwin {
namespace {

Column named(std::string name, CellType type, std::string unit, std::string doc) {
  Column column;
  column.head = unit.empty() || unit == "1" ? name : name + " [" + unit + "]";
  column.name = std::move(name);
  column.type = type;
  column.unit = std::move(unit);
  column.doc = std::move(doc);
  return column;
}

double number_in(const Cell& cell) {
  if (const double* number = std::get_if<double>(&cell.value())) return *number;
  if (const auto* integer = std::get_if<std::int64_t>(&cell.value())) return static_cast<double>(*integer);
  RETWIN_CHECK(std::holds_alternative<std::monostate>(cell.value()));
  return nan;
}

std::int64_t integer_in(const Cell& cell) {
  if (const auto* integer = std::get_if<std::int64_t>(&cell.value())) return *integer;
  RETWIN_CHECK(std::holds_alternative<std::monostate>(cell.value()));
  return Table::missing;
}

std::string text_in(const Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell.value())) return *text;
  RETWIN_CHECK(std::holds_alternative<std::monostate>(cell.value()));
  return {};
}

bool flag_in(const Cell& cell) {
  if (const bool* flag = std::get_if<bool>(&cell.value())) return *flag;
  RETWIN_CHECK(std::holds_alternative<std::monostate>(cell.value()));
  return false;
}

struct AsCsv {
  CsvWriter& csv;
  void operator()(std::monostate) const { csv.cell(""); }
  void operator()(double value) const { csv.cell(value); }
  void operator()(std::int64_t value) const { csv.cell(value); }
  void operator()(bool value) const { csv.cell(value ? "yes" : "no"); }
  void operator()(const std::string& value) const { csv.cell(value); }
};

}  // namespace

const char* const cell_type_names[5] = {"number", "text", "time", "integer", "flag"};

Column Column::as(std::string shown_head, Show how) const {
  Column column = *this;
  column.head = std::move(shown_head);
  column.show = std::move(how);
  return column;
}

Column Column::to_the_left() const {
  Column column = *this;
  column.left = true;
  return column;
}

Column Column::for_programs() const { return as({}); }

Column number_column(std::string name, std::string unit, std::string doc) {
  return named(std::move(name), CellType::number, std::move(unit), std::move(doc));
}
Column integer_column(std::string name, std::string doc) { return named(std::move(name), CellType::integer, "1", std::move(doc)); }
Column text_column(std::string name, std::string doc) { return named(std::move(name), CellType::text, {}, std::move(doc)); }
Column time_column(std::string name, std::string doc) { return named(std::move(name), CellType::time, {}, std::move(doc)); }
Column flag_column(std::string name, std::string doc) { return named(std::move(name), CellType::flag, {}, std::move(doc)); }
Column shown_column(std::string head) { return Column().as(std::move(head)); }

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)), values_(columns_.size()) {}

Table Table::for_people(const std::vector<std::string>& heads) {
  std::vector<Column> columns;
  for (const std::string& head : heads) columns.push_back(shown_column(head));
  return Table(std::move(columns));
}

void Table::row(const std::vector<Cell>& cells) {
  RETWIN_CHECK(cells.size() <= columns_.size());
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    Values& values = values_[c];
    const Cell cell = c < cells.size() ? cells[c] : Cell();
    switch (columns_[c].type) {
      case CellType::number:
      case CellType::time: values.numbers.push_back(number_in(cell)); break;
      case CellType::integer: values.integers.push_back(integer_in(cell)); break;
      case CellType::flag: values.integers.push_back(flag_in(cell) ? 1 : 0); break;
      case CellType::text: values.texts.push_back(text_in(cell)); break;
    }
  }
  ++rows_;
}

int Table::find(std::string_view name) const {
  const auto found = std::find_if(columns_.begin(), columns_.end(), [&](const Column& c) { return c.name == name; });
  return found == columns_.end() || name.empty() ? -1 : static_cast<int>(found - columns_.begin());
}

Cell Table::at(std::size_t row, std::size_t column) const {
  const Values& values = values_.at(column);
  switch (columns_[column].type) {
    case CellType::number: return std::isnan(values.numbers.at(row)) ? Cell() : Cell(values.numbers[row]);
    case CellType::time: return std::isnan(values.numbers.at(row)) ? Cell() : Cell(format_time(0, values.numbers[row]));
    case CellType::integer: return values.integers.at(row) == missing ? Cell() : Cell(values.integers[row]);
    case CellType::flag: return Cell(values.integers.at(row) != 0);
    case CellType::text: break;
  }
  return Cell(values.texts.at(row));
}

std::string Table::csv() const {
  std::vector<std::string> names;
  for (const Column& column : columns_)
    if (!column.name.empty()) names.push_back(column.name);
  CsvWriter csv(names);
  for (std::size_t r = 0; r < rows_; ++r) {
    for (std::size_t c = 0; c < columns_.size(); ++c)
      if (!columns_[c].name.empty()) std::visit(AsCsv{csv}, at(r, c).value());
    csv.end_row();
  }
  return csv.text();
}

std::string Table::json() const {
  using Json = nlohmann::ordered_json;
  Json columns = Json::array();
  for (const Column& c : columns_)
    if (!c.name.empty())
      columns.push_back({{"name", c.name}, {"type", cell_type_names[static_cast<std::size_t>(c.type)]}, {"unit", c.unit}, {"doc", c.doc}});
  const Json all{{"columns", std::move(columns)}, {"rows", json_rows<Json>(*this)}};
  return all.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace retwin
