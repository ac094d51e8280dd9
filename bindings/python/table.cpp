// Tables in Python: every column an array; names, units, what they mean.
#include "bindings/python/table.hpp"

#include <fmt/format.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "bindings/python/shown.hpp"
#include "core/base/readable.hpp"

namespace retwin::python {
namespace {

/// Times as numpy has them, to the millisecond; NaT where there is none.
py::object times(const std::vector<double>& seconds) {
  py::array_t<std::int64_t> array(static_cast<py::ssize_t>(seconds.size()));
  auto to = array.mutable_unchecked<1>();
  for (std::size_t k = 0; k < seconds.size(); ++k)
    to(static_cast<py::ssize_t>(k)) =
        std::isfinite(seconds[k]) ? std::llround(seconds[k] * 1000) : std::numeric_limits<std::int64_t>::min();
  return array.attr("view")("datetime64[ms]");
}

/// Integers as such, or as floats with NaN where one is missing.
py::object integers(const std::vector<std::int64_t>& values, py::handle owner) {
  if (std::find(values.begin(), values.end(), Table::missing) == values.end()) return view(values, owner);
  py::array_t<double> array(static_cast<py::ssize_t>(values.size()));
  auto to = array.mutable_unchecked<1>();
  for (std::size_t k = 0; k < values.size(); ++k)
    to(static_cast<py::ssize_t>(k)) =
        values[k] == Table::missing ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(values[k]);
  return py::object(array);
}

py::object array_of(const TablePointer& table, std::size_t column) {
  const py::object owner = py::cast(std::const_pointer_cast<Table>(table));
  switch (table->columns()[column].type) {
    case CellType::number: return view(table->numbers(column), owner);
    case CellType::time: return times(table->numbers(column));
    case CellType::integer: return integers(table->integers(column), owner);
    case CellType::flag: return view(table->integers(column), owner).attr("astype")("bool");
    case CellType::text: break;
  }
  return text_array(table->texts(column));
}

py::object column_of(const TablePointer& table, const std::string& name) {
  if (const int found = table->find(name); found >= 0) return array_of(table, static_cast<std::size_t>(found));
  std::vector<std::string> known;
  for (const Column& c : table->columns()) known.push_back(c.name);
  const std::string near = nearest(name, known);
  throw py::key_error("no column " + name + (near.empty() ? "; columns lists them all" : "; did you mean " + near + "?"));
}

std::vector<std::string> names(const Table& table) {
  std::vector<std::string> out;
  for (const Column& c : table.columns())
    if (!c.name.empty()) out.push_back(c.name);
  return out;
}

py::dict told(const Table& table, std::string Column::*what) {
  py::dict out;
  for (const Column& c : table.columns())
    if (!c.name.empty()) out[py::str(c.name)] = c.*what;
  return out;
}

py::object frame(const TablePointer& table) {
  py::object made = py::module_::import("pandas").attr("DataFrame")(arrays_of(table));
  made.attr("attrs")["units"] = told(*table, &Column::unit);
  made.attr("attrs")["docs"] = told(*table, &Column::doc);
  return made;
}

/// One place as people read it.
std::string shown_cell(const Table& table, std::size_t row, std::size_t column) {
  const Column& c = table.columns()[column];
  const auto number = [&](double value, const std::string& plain) { return c.show ? c.show(value) : plain; };
  switch (c.type) {
    case CellType::text: return table.texts(column)[row];
    case CellType::flag: return number(static_cast<double>(table.integers(column)[row]), table.integers(column)[row] != 0 ? "yes" : "");
    case CellType::integer: break;
    case CellType::time:
    case CellType::number: {
      const double value = table.numbers(column)[row];
      if (c.type == CellType::number) return number(value, readable(value));
      const std::string* text = nullptr;
      const Cell cell = table.at(row, column);
      return number(value, (text = std::get_if<std::string>(&cell.value())) != nullptr ? text->substr(0, 19) : "-");
    }
  }
  const std::int64_t value = table.integers(column)[row];
  return value == Table::missing ? "-" : number(static_cast<double>(value), std::to_string(value));
}

/// Heads with whether their columns are set to the left, and rows, as people read them: the first so many rows.
py::tuple shown_rows(const Table& table, std::size_t most) {
  py::list heads, rows;
  std::vector<std::size_t> columns;
  for (std::size_t c = 0; c < table.columns().size(); ++c) {
    const Column& column = table.columns()[c];
    if (!column.name.empty() && column.head.empty()) continue;
    columns.push_back(c);
    heads.append(py::make_tuple(column.head, columns.size() == 1 || column.left, column.doc));
  }
  for (std::size_t r = 0; r < std::min(most, table.rows()); ++r) {
    py::list row;
    for (const std::size_t c : columns) row.append(shown_cell(table, r, c));
    rows.append(row);
  }
  return py::make_tuple(heads, rows);
}

}  // namespace

py::dict arrays_of(const TablePointer& table) {
  py::dict out;
  for (std::size_t c = 0; c < table->columns().size(); ++c)
    if (const std::string& name = table->columns()[c].name; !name.empty()) out[py::str(name)] = array_of(table, c);
  return out;
}

void declare_tables(py::module_& module) {
  py::class_<Table, std::shared_ptr<Table>> type(module, "Table", R"(A table of a result: named columns with their units; str() is the table for people.

table['utilisation'] is a numpy array with one entry per row: floats (NaN where there is nothing), integers (floats if one is missing),
bools, datetime64[ms], or text. Views of numbers are read-only and keep the table alive.)");
  declare_shown(type, "its rows, with all columns that programs read.");
  type.def("__len__", &Table::rows)
      .def("__getitem__", [](const std::shared_ptr<Table>& self, const std::string& name) { return column_of(self, name); })
      .def_property_readonly("columns", names, "Names, in their order")
      .def_property_readonly(
          "units", [](const Table& self) { return told(self, &Column::unit); }, "Column -> unit; '1' for counts and shares, '' for none")
      .def_property_readonly(
          "docs", [](const Table& self) { return told(self, &Column::doc); }, "Column -> what it is")
      .def(
          "arrays", [](const std::shared_ptr<Table>& self) { return arrays_of(self); }, "Column -> array, as a dict")
      .def(
          "to_pandas", [](const std::shared_ptr<Table>& self) { return frame(self); },
          "A pandas.DataFrame with the plain names of the columns; attrs['units'] and attrs['docs'] tell of its columns. Raises ImportError without pandas.")
      .def("_shown", shown_rows, py::arg("most"), "Heads and the first rows, as people read them.")
      .def("csv", &Table::csv, "The text that the command line writes")
      .def("json", &Table::json, "Columns with units and rows, as text")
      .def("__str__", &Table::text)
      .def("__repr__", [](const Table& self) { return fmt::format("<Table: {} rows, {} columns>", self.rows(), names(self).size()); });
}

}  // namespace retwin::python
