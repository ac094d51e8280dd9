// Rows of a table one at a time, wherever it lies: in a delimited text file or in a database.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace retwin {

/// A text without blanks at its ends.
std::string_view trim_blanks(std::string_view text);

/// The rows of a table, in bounded memory.
class Records {
 public:
  virtual ~Records() = default;
  const std::string& path() const { return path_; }                   ///< as it was given
  const std::string& file() const { return file_; }                   ///< in which it lies
  const std::vector<std::string>& header() const { return header_; }  ///< names of the columns, trimmed
  std::uint32_t header_line() const { return header_line_; }          ///< 0 where it is no line
  const std::string& encoding() const { return encoding_; }           ///< that it was decoded from; empty: UTF-8
  char delimiter() const { return delimiter_; }                       ///< '\0' where there is none
  /// Goes to the next row; false at the end. @throws InputError (encoding, with line and column; file)
  virtual bool next() = 0;
  /// The same rows from the start, for a look ahead; null where they can be read only once.
  virtual std::unique_ptr<Records> again() const = 0;
  /// Of this row; valid until the next one.
  const std::vector<std::string_view>& cells() const { return cells_; }
  /// A cell without blanks at its ends; empty where the row is too short for it.
  std::string_view cell(std::size_t column) const {
    return column < cells_.size() ? trim_blanks(cells_[column]) : std::string_view();
  }
  /// Whether the row has the shape of the header and its quotes close. (Trailing empty cells do not count.)
  bool whole() const { return whole_; }
  std::uint32_t line() const { return line_; }  ///< where this row starts: line of the text, or number of the row; from 1
  std::string where() const;                    ///< "line 7", "row 7"
  std::string where(std::size_t column) const;  ///< "line 7, column "start": "noon""
  std::string shape() const;                    ///< what is wrong with a row that is not whole

 protected:
  Records(std::string path, std::string file, char delimiter, const char* word)
      : path_(std::move(path)), file_(std::move(file)), delimiter_(delimiter), word_(word) {}
  Records(Records&&) = default;
  std::string path_, file_, encoding_;
  char delimiter_;
  const char* word_;
  std::vector<std::string> header_;
  std::vector<std::string_view> cells_;
  bool whole_ = true;
  std::uint32_t line_ = 0, header_line_ = 0;
};

/// A file and the table in it that a name says: "plant.sqlite#events". Without '#', or where there is a file of the whole name,
/// the table is empty.
struct TableName {
  std::string file, table;
};
TableName table_name(const std::string& path);

/// Whether a file is an SQLite database by its first bytes.
bool is_sqlite(const std::string& file);

/// A delimited text, plain or gzip; or a table of an SQLite database: the one that is named, the only one, or the only one with
/// rows that `fits` does not refuse (by an InputError).
/// @throws InputError: file; encoding; missing (an empty file, no table); unknown_name (the table); conflict (several that fit, or
/// several of which none does: all of them are listed)
std::unique_ptr<Records> open_records(const std::string& path, char delimiter = '\0',
                                      const std::function<void(Records&)>& fits = {});

}  // namespace retwin
