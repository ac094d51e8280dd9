// An SQLite database as a file to read, or to write under a temporary name until it is complete.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/replacement.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace retwin {

/// What a query of a foreign file may cost; the file's statements share it.
struct SqliteWatch {
  std::int64_t looks = 0;  ///< at its work since the last row
  std::uint64_t most_rows = 0;
};

/// A prepared statement; places and columns count from 0.
class SqliteStatement {
 public:
  SqliteStatement& bind(int place, std::string_view text);
  SqliteStatement& bind(int place, double value);  ///< nan: NULL
  SqliteStatement& bind_bytes(int place, std::string_view bytes);  ///< that need be no text; they are there until the next step
  void unbind();  ///< all NULL
  /// Goes to the next row; false at the end, and it can be bound anew. @throws InputError (file)
  bool step();
  /// Runs what gives no rows; how many rows it changed.
  int run();
  int columns() const;
  std::string column_name(int column) const;
  bool is_null(int column) const;
  bool is_number(int column) const;
  bool is_fraction(int column) const;  ///< a number that is not stored as an integer
  double number(int column) const;
  std::string_view bytes(int column) const;  ///< as they are, until the next step
  std::string_view text(int column) const;  ///< until the next step. @throws InputError (encoding)

 private:
  friend class SqliteFile;
  struct Close {
    void operator()(sqlite3_stmt* statement) const;
  };
  [[noreturn]] void fail() const;
  std::unique_ptr<sqlite3_stmt, Close> statement_;
  std::string path_;
  std::shared_ptr<SqliteWatch> watch_;  ///< null where nothing foreign is read
  std::uint64_t rows_ = 0;
};

class SqliteFile {
 public:
  enum class Mode : std::uint8_t {
    read,
    write,  ///< a new file that takes its name at commit()
    keep    ///< our own file, made if there is none: every transaction that was committed stays, however the program ends
  };
  /// @throws InputError (file, conflict) if it cannot be read, is no database, or cannot be written
  SqliteFile(const std::string& path, Mode mode);
  ~SqliteFile();  ///< one to write, without commit(): nothing is left behind
  SqliteFile(const SqliteFile&) = delete;
  SqliteFile& operator=(const SqliteFile&) = delete;

  /// @throws InputError (file)
  SqliteStatement prepare(const std::string& sql);
  void run(const std::string& sql) { prepare(sql).run(); }
  /// Names of its tables and views, in order of their making.
  std::vector<std::string> tables();
  /// Names of the columns of a table or view, none if it is not there.
  std::vector<std::string> columns_of(const std::string& table);
  /// Closes what was written and puts it under its name.
  void commit();
  const std::string& path() const { return path_; }

  /// A name as SQL writes it: in double quotes.
  static std::string quoted(std::string_view name);

 private:
  [[noreturn]] void fail(const char* what, const std::string& why) const;
  void open(const std::string& name, Mode mode);
  void close();
  std::string path_;
  std::unique_ptr<Replacement> place_;  ///< of one that is written
  sqlite3* file_ = nullptr;
  std::shared_ptr<SqliteWatch> watch_;
};

}  // namespace retwin
