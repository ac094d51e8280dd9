// Files: reading with a limit, atomic writing, CSV in and out, checksums.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/problem.hpp"
#include "core/base/replacement.hpp"
#include "core/base/text.hpp"

namespace retwin {

/// All bytes of a file; empty and a problem (file, too_large) at `from` (default: the file itself) if that cannot be.
std::optional<std::string> read_file(const std::string& path, std::size_t limit_bytes, Problems& problems,
                                     const Place& from = {});

/// What gathers before it goes to a file that is written bit by bit.
inline constexpr std::size_t piece_bytes = 1 << 16;

/// A file that appears under its name only when it is complete, see Replacement and FileSet.
/// @throws InputError (file, conflict) if it cannot be written
class AtomicFile {
 public:
  explicit AtomicFile(std::string path);
  ~AtomicFile();  ///< without commit(): nothing is left behind
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  void write(std::string_view bytes);
  void commit();

 private:
  std::unique_ptr<Replacement> place_;
  std::FILE* file_ = nullptr;
};

/// All of a file at once, atomically. @throws InputError (file)
void write_file(const std::string& path, std::string_view bytes);

/// The shortest text that reads back as the same double; "inf", "nan" where it is none.
std::string number_text(double value);
/// The finite number that a text is as a whole, whatever the locale; empty if it is none.
std::optional<double> number_of(std::string_view text);

/// SHA-256 of bytes, in hexadecimal.
std::string sha256_hex(std::string_view bytes);
/// SHA-256 of the bytes of a regular file, in hexadecimal; empty if there is none, or it cannot be read.
std::string sha256_of_file(const std::string& path);

/// Rows to CSV text (RFC 4180, '\n'), quoted where needed, bytes that are no UTF-8 as U+FFFD. Otherwise a cell is written as it is: one
/// that begins with = + - @ is data here, but may be a formula to a spreadsheet.
class CsvWriter {
 public:
  explicit CsvWriter(const std::vector<std::string>& columns);
  CsvWriter& cell(std::string_view text);
  CsvWriter& cell(const char* text) { return cell(std::string_view(text)); }
  CsvWriter& cell(double value);
  CsvWriter& cell(std::int64_t value);
  /// @throws CheckError if the row has another number of cells than there are columns
  void end_row();
  const std::string& text() const { return text_; }
  /// The text so far, which is then forgotten (for files written in pieces).
  std::string take();

 private:
  std::size_t columns_, cells_ = 0;
  std::string text_;
};

/// A CSV file read row by row: quotes, CRLF, a byte order mark. The first row names the columns. Rows with another number of cells,
/// open quotes and bytes that are not UTF-8 are problems (trace, encoding) and are skipped; blank lines are ignored.
class CsvReader {
 public:
  CsvReader(const std::string& path, Problems& problems, char delimiter = ',', const Place& from = {});
  /// From memory, with a name for messages.
  static CsvReader from_text(std::string text, std::string name, Problems& problems, char delimiter = ',');

  bool open() const { return input_ != nullptr; }  ///< false: there is no such file, or no header in it
  const std::vector<std::string>& columns() const { return columns_; }
  /// Index of a column, -1 if there is none.
  int column(std::string_view name) const;
  /// Goes to the next row; false at the end.
  bool next();
  const std::vector<std::string>& row() const { return row_; }
  const std::string& cell(int column) const { return row_.at(static_cast<std::size_t>(column)); }
  int line() const { return row_line_; }
  /// Where a cell of the current row starts, without an excerpt.
  Place place(int column) const;

 private:
  CsvReader(std::shared_ptr<std::istream> input, std::string name, Problems& problems, char delimiter);
  void read_header();
  bool read_row(std::vector<std::string>& row);
  int next_byte();
  bool read_quoted(std::string& cell);
  void end_of_line(int byte);
  void skip_line();
  void report(Code code, int line, int column, const std::string& message);

  std::shared_ptr<std::istream> input_;
  std::string name_;
  Problems* problems_;
  char delimiter_;
  std::vector<std::string> columns_, row_;
  std::vector<std::pair<int, int>> places_;  ///< line and column of each cell
  int line_ = 1, column_ = 1;                ///< of the next byte
  int row_line_ = 0;
  int reported_ = 0;
};

}  // namespace retwin
