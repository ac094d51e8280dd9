// Thin over the C interface of SQLite: errors become InputError.
#include "core/base/sqlite_file.hpp"

#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <filesystem>
#include <system_error>
#include <utility>

#include "core/base/problem.hpp"
#include "core/base/text.hpp"

namespace retwin {
namespace fs = std::filesystem;
namespace {

constexpr int longest_value = 1 << 24;                ///< [bytes] of a text
constexpr int steps_between_looks = 1'000'000;        ///< of SQLite's machine
constexpr std::int64_t most_looks = 300;              ///< without a row: a view that never ends
constexpr std::uint64_t rows_of_any_file = 1'000'000; ///< that a view may make of a small file

}  // namespace

void SqliteStatement::Close::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

void SqliteStatement::fail() const {
  refuse(Code::file, path_, fmt::format("{}: {}", path_, sqlite3_errmsg(sqlite3_db_handle(statement_.get()))),
         "the file is damaged, the disk is full, or another program holds it");
}

SqliteStatement& SqliteStatement::bind(int place, std::string_view text) {
  if (invalid_utf8(text) != std::string_view::npos) return bind(place, std::string_view(sound_utf8(text)));
  if (sqlite3_bind_text64(statement_.get(), place + 1, text.data() == nullptr ? "" : text.data(), text.size(), SQLITE_TRANSIENT,
                          SQLITE_UTF8) != SQLITE_OK)
    fail();
  return *this;
}

SqliteStatement& SqliteStatement::bind(int place, double value) {
  if (sqlite3_bind_double(statement_.get(), place + 1, value) != SQLITE_OK) fail();  // a nan is stored as NULL
  return *this;
}

SqliteStatement& SqliteStatement::bind_bytes(int place, std::string_view bytes) {
  if (sqlite3_bind_blob64(statement_.get(), place + 1, bytes.data() == nullptr ? "" : bytes.data(), bytes.size(), SQLITE_STATIC) != SQLITE_OK)
    fail();
  return *this;
}

void SqliteStatement::unbind() { sqlite3_clear_bindings(statement_.get()); }

bool SqliteStatement::step() {
  if (watch_) watch_->looks = 0;
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) {
    if (watch_ && ++rows_ > watch_->most_rows)
      refuse(Code::too_large, path_, fmt::format("{}: a table of more rows than the file has bytes", path_), "a view without end is no log");
    return true;
  }
  if (result == SQLITE_INTERRUPT)
    refuse(Code::too_large, path_, fmt::format("{}: a query that comes to no end", path_), "store what the view makes as a table");
  if (result == SQLITE_TOOBIG)
    refuse(Code::too_large, path_, fmt::format("{}: a value of more than {} MB", path_, longest_value >> 20), "this is no log");
  if (result != SQLITE_DONE) fail();
  rows_ = 0;
  sqlite3_reset(statement_.get());
  return false;
}

int SqliteStatement::run() {
  while (step()) {
  }
  return sqlite3_changes(sqlite3_db_handle(statement_.get()));
}

int SqliteStatement::columns() const { return sqlite3_column_count(statement_.get()); }
std::string SqliteStatement::column_name(int column) const {
  const char* name = sqlite3_column_name(statement_.get(), column);
  return name == nullptr ? "" : name;
}
bool SqliteStatement::is_null(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }
bool SqliteStatement::is_number(int column) const {
  const int type = sqlite3_column_type(statement_.get(), column);
  return type == SQLITE_INTEGER || type == SQLITE_FLOAT;
}
bool SqliteStatement::is_fraction(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_FLOAT; }
double SqliteStatement::number(int column) const { return sqlite3_column_double(statement_.get(), column); }

std::string_view SqliteStatement::bytes(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return {bytes == nullptr ? "" : bytes, static_cast<std::size_t>(bytes == nullptr ? 0 : size)};
}

std::string_view SqliteStatement::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  const int size = sqlite3_column_bytes(statement_.get(), column);
  const std::string_view text(bytes == nullptr ? "" : bytes, static_cast<std::size_t>(bytes == nullptr ? 0 : size));
  if (invalid_utf8(text) != std::string_view::npos)
    refuse(Code::encoding, path_, fmt::format("{}: a value of column {} is not UTF-8", path_, column_name(column)),
           "write the log again with texts in UTF-8");
  return text;
}

SqliteFile::SqliteFile(const std::string& path, Mode mode) : path_(path) {
  std::error_code ignored;
  if (mode == Mode::read) {
    if (::access(path.c_str(), R_OK) != 0)
      refuse(Code::file, path, fmt::format("cannot read {}: {}", path, std::generic_category().message(errno)),
             "check the name and the rights of the file");
    if (fs::is_directory(path, ignored)) refuse(Code::file, path, path + " is a folder");
    if (fs::is_regular_file(path, ignored) && fs::file_size(path, ignored) == 0)
      refuse(Code::missing, path, path + " is empty", "give a database that holds the log");
    note_input(path);
  } else if (mode == Mode::keep) {
    if (fs::is_directory(path, ignored)) refuse(Code::file, path, path + " is a folder");
    if (const fs::path folder = fs::path(path).parent_path(); !folder.empty()) fs::create_directories(folder, ignored);
  } else {
    place_ = std::make_unique<Replacement>(path);
    if (place_->direct()) fail("cannot write", "it is no regular file");
  }
  open(place_ ? place_->name() : path_, mode);
}

void SqliteFile::open(const std::string& name, Mode mode) {
  constexpr int flags[] = {SQLITE_OPEN_READONLY, SQLITE_OPEN_READWRITE, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE};
  if (sqlite3_open_v2(name.c_str(), &file_, flags[static_cast<std::size_t>(mode)], nullptr) != SQLITE_OK) {
    const std::string why = file_ == nullptr ? "no memory" : sqlite3_errmsg(file_);
    close();
    fail("cannot open", why);
  }
  if (mode == Mode::read) {  // a foreign file may hold views, which are programs
    std::error_code ignored;
    const std::uintmax_t size = fs::file_size(path_, ignored);
    watch_ = std::make_shared<SqliteWatch>();
    watch_->most_rows = std::max<std::uint64_t>(rows_of_any_file, ignored ? 0 : size);
    sqlite3_limit(file_, SQLITE_LIMIT_LENGTH, longest_value);
    sqlite3_progress_handler(
        file_, steps_between_looks, [](void* watch) { return ++static_cast<SqliteWatch*>(watch)->looks > most_looks ? 1 : 0; }, watch_.get());
  }
  sqlite3_db_config(file_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  try {
    if (place_) {  // in defensive mode there would be a journal
      run("PRAGMA journal_mode = OFF");  // what breaks off is thrown away as a whole
      run("PRAGMA synchronous = OFF");
      run("BEGIN");
    } else if (mode == Mode::keep) {
      run("PRAGMA locking_mode = EXCLUSIVE");  // one writer: whoever comes second is told
      run("PRAGMA synchronous = NORMAL");
      run("SELECT count(*) FROM sqlite_master");
    } else {
      sqlite3_db_config(file_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
      run("SELECT count(*) FROM sqlite_master");  // whether it is a database
    }
  } catch (...) {
    close();
    throw;
  }
}

SqliteFile::~SqliteFile() { close(); }

void SqliteFile::close() { sqlite3_close_v2(std::exchange(file_, nullptr)); }

void SqliteFile::fail(const char* what, const std::string& why) const {
  refuse(Code::file, path_, fmt::format("{} {}: {}", what, path_, why), "check the name");
}

SqliteStatement SqliteFile::prepare(const std::string& sql) {
  SqliteStatement statement;
  statement.path_ = path_;
  statement.watch_ = watch_;
  sqlite3_stmt* raw = nullptr;
  const int result = sqlite3_prepare_v2(file_, sql.c_str(), -1, &raw, nullptr);
  statement.statement_.reset(raw);
  if (result != SQLITE_OK) fail("cannot use", sqlite3_errmsg(file_));
  return statement;
}

std::vector<std::string> SqliteFile::tables() {
  std::vector<std::string> names;
  SqliteStatement statement =
      prepare("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid");
  while (statement.step()) names.emplace_back(statement.text(0));
  return names;
}

std::vector<std::string> SqliteFile::columns_of(const std::string& table) {
  std::vector<std::string> names;
  SqliteStatement statement = prepare("SELECT name FROM pragma_table_info(?)");
  statement.bind(0, table);
  while (statement.step()) names.emplace_back(statement.text(0));
  return names;
}

void SqliteFile::commit() {
  run("COMMIT");
  close();
  Replacement::complete(std::move(place_));
}

std::string SqliteFile::quoted(std::string_view name) {
  std::string out = "\"";
  for (const char c : sound_utf8(name)) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

}  // namespace retwin
