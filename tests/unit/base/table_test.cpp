// One table through all its renderings: equal values, hostile cells, nothing and infinity.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/base/files.hpp"
#include "core/base/table_json.hpp"

namespace retwin::table_test {

namespace {

constexpr double no_number = std::numeric_limits<double>::quiet_NaN(), infinite = std::numeric_limits<double>::infinity();
const std::string hostile = "a,\"b\"\r\nc;\t=1+1 \xff é";

Table sample() {
  Table table({text_column("name", "what it is called"), number_column("rate", "1/h", "how often"), integer_column("n"),
               time_column("at"), flag_column("good"), shown_column("remark"), number_column("inside", "kg").for_programs()});
  table.row({"press", 0.1 + 0.2, 3, 1767600000.0, true, "fine", 1.5});
  table.row({hostile, no_number, Cell(), no_number, false, "-", infinite});
  table.row({"", -infinite, -7, 0.5, true, "", 1e-300});
  return table;
}

/// Values of CSV that are not those of the table; -1 if it does not read.
int differing(const Table& table, const std::string& csv) {
  Problems problems;
  CsvReader reader = CsvReader::from_text(csv, "table", problems);
  int wrong = 0;
  for (std::size_t r = 0; r < table.rows(); ++r) {
    if (!reader.next()) return -1;
    for (std::size_t c = 0; c < table.columns().size(); ++c) {
      const Column& column = table.columns()[c];
      if (column.name.empty()) continue;
      const std::string& cell = reader.cell(reader.column(column.name));
      if (column.type == CellType::number) {
        const double value = table.numbers(c)[r];
        wrong += std::isnan(value) ? !cell.empty() : std::isfinite(value) ? number_of(cell) != value : cell != number_text(value);
      }
      if (column.type == CellType::text) wrong += cell != sound_utf8(table.texts(c)[r]);
    }
  }
  return problems.all().empty() && !reader.next() ? wrong : -1;
}

int differing(const Table& table, const nlohmann::ordered_json& rows) {
  int wrong = rows.size() == table.rows() ? 0 : 1;
  for (std::size_t r = 0; r < table.rows() && wrong == 0; ++r) {
    for (std::size_t c = 0; c < table.columns().size(); ++c) {
      const Column& column = table.columns()[c];
      if (column.name.empty()) continue;
      const auto& cell = rows[r].at(column.name);
      if (column.type == CellType::number) {
        const double value = table.numbers(c)[r];
        wrong += std::isfinite(value) ? cell != value : !cell.is_null();
      }
      if (column.type == CellType::text) wrong += cell.get<std::string>() != sound_utf8(table.texts(c)[r]);
    }
  }
  return wrong;
}

}  // namespace

TEST_CASE("CSV and JSON say the same as the table, whatever stands in it") {
  const Table table = sample();
  CHECK(differing(table, table.csv()) == 0);
  const auto json = nlohmann::ordered_json::parse(table.json());
  CHECK(differing(table, json["rows"]) == 0);
  CHECK(differing(table, nlohmann::ordered_json::parse(json_rows<nlohmann::json>(table).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace))) == 0);
  // negative control: another value, another text
  Table other = table;
  other.row({"more", 1, 1, 1.0, true, "", 1});
  CHECK(differing(other, table.csv()) == -1);
  CHECK(differing(other, json["rows"]) > 0);
  std::string changed = table.csv();
  changed.replace(changed.find("0.30000000000000004"), 19, "0.3");
  CHECK(differing(table, changed) == 1);
}

TEST_CASE("columns: names with units in JSON, what is missing, times, flags") {
  const auto json = nlohmann::ordered_json::parse(sample().json());
  CHECK(json["columns"].size() == 6);  // not the one for people
  CHECK(json["columns"][1] == nlohmann::ordered_json{{"name", "rate"}, {"type", "number"}, {"unit", "1/h"}, {"doc", "how often"}});
  CHECK(json["rows"][0]["at"] == "2026-01-05T08:00:00");
  CHECK(json["rows"][1]["at"].is_null());
  CHECK(json["rows"][1]["n"].is_null());
  CHECK(json["rows"][2]["n"] == -7);
  CHECK(json["rows"][1]["good"] == false);
  CHECK(sample().csv().find("press,0.30000000000000004,3,2026-01-05T08:00:00,yes,1.5\n") != std::string::npos);
  CHECK(sample().csv().find(",,,,no,inf\n") != std::string::npos);
  CHECK(sample().find("rate") == 1);
  CHECK(sample().find("remark") == -1);
  CHECK_THROWS_AS(sample().row({1.0}), CheckError);             // a number where a text belongs
  CHECK_THROWS_AS(Table({}).row({"too many"}), CheckError);
  CHECK_THROWS_AS(json_column<nlohmann::json>(sample(), "remark"), CheckError);
  CHECK(json_column<nlohmann::json>(sample(), "inside").dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) == "[1.5,null,1e-300]");
  CHECK(json_by_name<nlohmann::json>(sample())["press"]["n"] == 3);
}

TEST_CASE("for people: aligned, what nobody filled in is left out, no cell makes a row of its own") {
  Table table = Table::for_people({"Name", "x", "y"});
  table.row({"a", "1 ± 2"});
  table.row({"long name", "10", "-"});
  CHECK(table.text() == "Name             x\n  a          1 ± 2\n  long name     10\n");
  const std::string text = sample().text();
  CHECK(std::count(text.begin(), text.end(), '\n') == 4);
  CHECK(text.find("inside") == std::string::npos);
  CHECK(text.find("rate [1/h]") != std::string::npos);
  CHECK(text.find("0.3000") != std::string::npos);
  CHECK(text.find("nan") == std::string::npos);
  Table left({text_column("a"), text_column("b").to_the_left(), number_column("c").as("C", shown_fixed(1))});
  left.row({"x", "y", 0.25});
  left.row({"x", "longer", no_number});
  CHECK(left.text() == "a    b         C\n  x  y       0.2\n  x  longer    -\n");
}

}  // namespace retwin::table_test
