// Tables of databases as rows of texts, and the choice among them.
#include "core/telemetry/tables/records.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "core/base/files.hpp"
#include "core/base/problem.hpp"
#include "core/base/sqlite_file.hpp"
#include "core/telemetry/tables/text_stream.hpp"

namespace retwin {
namespace {

/// The rows of one table; NULL is an empty cell.
class TableRecords final : public Records {
 public:
  TableRecords(const std::string& path, const std::string& file, const std::string& table)
      : Records(path, file, '\0', "row"),
        table_(table),
        database_(file, SqliteFile::Mode::read),
        row_(database_.prepare("SELECT * FROM " + SqliteFile::quoted(table))),
        numbers_(static_cast<std::size_t>(row_.columns())) {
    for (int c = 0; c < row_.columns(); ++c) header_.emplace_back(trim_blanks(row_.column_name(c)));
  }

  bool next() override {
    cells_.clear();
    if (!row_.step()) return false;
    ++line_;
    for (int c = 0; c < row_.columns(); ++c) cells_.push_back(text(c));
    return true;
  }

  std::unique_ptr<Records> again() const override { return std::make_unique<TableRecords>(path_, file_, table_); }

 private:
  /// SQLite itself writes fractions with 15 digits, which is too few for stamps.
  std::string_view text(int column) {
    if (row_.is_null(column)) return {};
    if (!row_.is_fraction(column)) return row_.text(column);
    return numbers_[static_cast<std::size_t>(column)] = number_text(row_.number(column));
  }

  std::string table_;
  SqliteFile database_;
  SqliteStatement row_;
  std::vector<std::string> numbers_;
};

std::string described(const std::vector<std::string>& tables, SqliteFile& database) {
  std::string out;
  for (const std::string& table : tables)
    out += fmt::format("{}{} ({})", out.empty() ? "" : "; ", table, fmt::join(database.columns_of(table), ", "));
  return out;
}

/// Those that are not refused; without the empty ones if others have rows.
std::vector<std::string> fitting(const std::vector<std::string>& tables, const std::string& path, const std::string& file,
                                 const std::function<void(Records&)>& fits) {
  std::vector<std::string> filled, empty;
  for (const std::string& table : tables) {
    TableRecords records(path, file, table);
    try {
      fits(records);
    } catch (const InputError&) {
      continue;
    }
    (TableRecords(path, file, table).next() ? filled : empty).push_back(table);
  }
  return filled.empty() ? empty : filled;
}

std::string chosen_table(const std::string& path, const TableName& name, const std::function<void(Records&)>& fits) {
  SqliteFile database(name.file, SqliteFile::Mode::read);
  const std::vector<std::string> tables = database.tables();
  if (tables.empty()) refuse(Code::missing, name.file, name.file + " holds no table", "give a database that holds the log");
  if (!name.table.empty()) {
    if (std::find(tables.begin(), tables.end(), name.table) != tables.end()) return name.table;
    const std::string near = nearest(name.table, tables);
    refuse(Code::unknown_name, name.file, fmt::format("there is no table \"{}\"", name.table),
           (near.empty() ? "" : "did you mean " + near + "? ") + "the tables are " + described(tables, database));
  }
  if (tables.size() == 1) return tables[0];
  const std::vector<std::string> possible = fits ? fitting(tables, path, name.file, fits) : tables;
  if (possible.size() == 1) return possible[0];
  const std::string example = fmt::format("{}#{}", name.file, (possible.empty() ? tables : possible)[0]);
  refuse(Code::conflict, name.file,
         fmt::format("{} of the tables of {} {}", possible.empty() ? "none" : std::to_string(possible.size()), name.file,
                     possible.empty() ? "is OCEL 2.0 or recognised by its columns"
                                      : "can be meant: " + fmt::format("{}", fmt::join(possible, ", "))),
         fmt::format("name the table, as in {}, and its columns; the tables are {}", example, described(tables, database)));
}

}  // namespace

std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

std::string Records::where() const { return fmt::format("{} {}", word_, line_); }

std::string Records::where(std::size_t column) const {
  return fmt::format("{}, column \"{}\": \"{}\"", where(), header_[column], cell(column).substr(0, 60));
}

std::string Records::shape() const {
  return fmt::format("{}: {} cells under {} columns, or an open quote", where(), cells_.size(), header_.size());
}

TableName table_name(const std::string& path) {
  std::error_code error;
  const std::size_t sign = path.rfind('#');
  if (sign == std::string::npos || std::filesystem::exists(path, error)) return {path, {}};
  return {path.substr(0, sign), path.substr(sign + 1)};
}

bool is_sqlite(const std::string& file) {
  static constexpr std::string_view first("SQLite format 3\0", 16);
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return false;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> in(std::fopen(file.c_str(), "rb"), &std::fclose);
  std::array<char, 16> bytes{};
  return in != nullptr && std::fread(bytes.data(), 1, bytes.size(), in.get()) == bytes.size() &&
         std::string_view(bytes.data(), bytes.size()) == first;
}

std::unique_ptr<Records> open_records(const std::string& path, char delimiter, const std::function<void(Records&)>& fits) {
  const TableName name = table_name(path);
  if (!is_sqlite(name.file)) return std::make_unique<RecordStream>(path, delimiter);
  return std::make_unique<TableRecords>(path, name.file, chosen_table(path, name, fits));
}

}  // namespace retwin
