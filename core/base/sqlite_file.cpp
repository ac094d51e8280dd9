// Thin over the C interface of SQLite: errors become InputError.
#include "core/base/sqlite_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "core/base/files.hpp"
#include "core/base/problem.hpp"

namespace retwin {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void refuse(Code code, const std::string& path, std::string message, std::string hint = {}) {
  Place place;
  place.file = path;
  throw InputError({{code, Severity::error, std::move(place), {}, std::move(message), std::move(hint)}});
}

}  // namespace

void SqliteStatement::Close::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

void SqliteStatement::fail() const {
  refuse(Code::file, path_, fmt::format("{}: {}", path_, sqlite3_errmsg(sqlite3_db_handle(statement_.get()))),
         "the file is damaged, or another program holds it");
}

SqliteStatement& SqliteStatement::bind(int place, std::string_view text) {
  if (sqlite3_bind_text64(statement_.get(), place + 1, text.data() == nullptr ? "" : text.data(), text.size(), SQLITE_TRANSIENT,
                          SQLITE_UTF8) != SQLITE_OK)
    fail();
  return *this;
}

SqliteStatement& SqliteStatement::bind(int place, double value) {
  if (sqlite3_bind_double(statement_.get(), place + 1, value) != SQLITE_OK) fail();  // a nan is stored as NULL
  return *this;
}

void SqliteStatement::unbind() { sqlite3_clear_bindings(statement_.get()); }

bool SqliteStatement::step() {
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  if (result != SQLITE_DONE) fail();
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
  static std::atomic<unsigned> counter{0};
  int flags = SQLITE_OPEN_READONLY;
  if (mode == Mode::read) {
    if (::access(path.c_str(), R_OK) != 0)
      refuse(Code::file, path, fmt::format("cannot read {}: {}", path, std::generic_category().message(errno)),
             "check the name and the rights of the file");
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) refuse(Code::file, path, path + " is a folder");
    if (fs::is_regular_file(path, ignored) && fs::file_size(path, ignored) == 0)
      refuse(Code::missing, path, path + " is empty", "give a database that holds the log");
  } else {
    std::error_code ignored;
    const fs::path target(path_);
    if (target.has_parent_path()) fs::create_directories(target.parent_path(), ignored);
    if (fs::exists(target, ignored) && !fs::is_regular_file(target, ignored)) fail("cannot write", "it is no regular file");
    temporary_ = fmt::format("{}.{}-{}.sqlite.tmp", path_, ::getpid(), counter++);
    const int descriptor = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor < 0) {
      temporary_.clear();
      fail("cannot write", std::generic_category().message(errno));
    }
    ::close(descriptor);
    flags = SQLITE_OPEN_READWRITE;
  }
  const std::string& name = temporary_.empty() ? path_ : temporary_;
  if (sqlite3_open_v2(name.c_str(), &file_, flags, nullptr) != SQLITE_OK) {
    const std::string why = file_ == nullptr ? "no memory" : sqlite3_errmsg(file_);
    close();
    remove_temporary();
    fail("cannot open", why);
  }
  sqlite3_db_config(file_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(file_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  try {
    if (mode == Mode::read) {
      run("SELECT count(*) FROM sqlite_master");  // whether it is a database
    } else {
      run("PRAGMA journal_mode = OFF");  // what breaks off is thrown away as a whole
      run("PRAGMA synchronous = OFF");
      run("BEGIN");
    }
  } catch (...) {
    close();
    remove_temporary();
    throw;
  }
}

SqliteFile::~SqliteFile() {
  close();
  remove_temporary();
}

void SqliteFile::close() { sqlite3_close_v2(std::exchange(file_, nullptr)); }

void SqliteFile::remove_temporary() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  temporary_.clear();
}

void SqliteFile::fail(const char* what, const std::string& why) const {
  refuse(Code::file, path_, fmt::format("{} {}: {}", what, path_, why), "check the name");
}

SqliteStatement SqliteFile::prepare(const std::string& sql) {
  SqliteStatement statement;
  statement.path_ = path_;
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
  const int descriptor = ::open(temporary_.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
  if (descriptor >= 0) ::close(descriptor);
  if (!synced || std::rename(temporary_.c_str(), path_.c_str()) != 0)
    fail("cannot write", std::generic_category().message(errno));
  temporary_.clear();
}

std::string SqliteFile::quoted(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

}  // namespace retwin
