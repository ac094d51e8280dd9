// A table within a larger JSON document, for whatever class the document is made of.
#pragma once
#include <cmath>
#include <string>
#include <type_traits>

#include "core/base/problem.hpp"
#include "core/base/table.hpp"

namespace retwin {

/// JSON knows no NaN and no infinity: both are null.
template <class Json>
Json json_number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

/// In one line; bytes that are not UTF-8 are replaced.
template <class Json>
std::string json_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// A cell as JSON.
template <class Json>
Json json_cell(const Cell& cell) {
  return std::visit(
      [](const auto& value) -> Json {
        using Kind = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<Kind, std::monostate>) {
          return nullptr;
        } else if constexpr (std::is_same_v<Kind, double>) {
          return json_number<Json>(value);
        } else {
          return value;
        }
      },
      cell.value());
}

/// One row as an object: all columns that have a name, from column `first` on.
template <class Json>
Json json_row(const Table& table, std::size_t row, std::size_t first = 0) {
  Json out = Json::object();
  for (std::size_t c = first; c < table.columns().size(); ++c)
    if (const std::string& name = table.columns()[c].name; !name.empty()) out[name] = json_cell<Json>(table.at(row, c));
  return out;
}

/// All rows as an array of objects.
template <class Json>
Json json_rows(const Table& table) {
  Json out = Json::array();
  for (std::size_t r = 0; r < table.rows(); ++r) out.push_back(json_row<Json>(table, r));
  return out;
}

/// Rows as an object by the text in the first column; what stands for a row is the object of the other columns.
template <class Json>
Json json_by_name(const Table& table) {
  Json out = Json::object();
  for (std::size_t r = 0; r < table.rows(); ++r) out[table.texts(0)[r]] = json_row<Json>(table, r, 1);
  return out;
}

/// One column as an array. @throws CheckError if there is none of this name
template <class Json>
Json json_column(const Table& table, std::string_view name) {
  const int column = table.find(name);
  RETWIN_CHECK(column >= 0);
  Json out = Json::array();
  for (std::size_t r = 0; r < table.rows(); ++r) out.push_back(json_cell<Json>(table.at(r, static_cast<std::size_t>(column))));
  return out;
}

}  // namespace retwin
