// Records of a delimited text file, plain or gzip, however long it is: blocks in, cells out.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/problem.hpp"

namespace retwin {

/// Bytes of a file in pieces; gzip is unpacked on the way.
class ByteSource {
 public:
  explicit ByteSource(const std::string& path);  ///< @throws InputError (file) if it cannot be read
  ~ByteSource();
  ByteSource(ByteSource&&) noexcept;
  ByteSource& operator=(ByteSource&&) noexcept;
  /// Up to `size` bytes; 0 at the end. @throws InputError (file) if the file breaks off or is damaged
  std::size_t read(char* buffer, std::size_t size);

 private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
};

/// SHA-256 of the bytes of a file as they lie on the disk, in hexadecimal; empty if it is no regular file.
std::string sha256_of_file(const std::string& path);

/// A text without blanks at its ends.
std::string_view trim_blanks(std::string_view text);

/// The records of a delimited text file, one at a time in bounded memory. Cells may be quoted, with line ends and doubled quotes
/// inside; a byte order mark, CRLF and blank lines are skipped. The first record names the columns and tells the delimiter
/// (the one of , ; tab | it has most of).
class RecordStream {
 public:
  /// @throws InputError: file; encoding (not UTF-8, binary); missing (an empty file)
  explicit RecordStream(const std::string& path, char delimiter = '\0');

  const std::string& path() const { return path_; }
  const std::vector<std::string>& header() const { return header_; }  ///< trimmed
  std::uint32_t header_line() const { return header_line_; }
  char delimiter() const { return delimiter_; }
  /// Goes to the next record; false at the end. @throws InputError (encoding, with line and column)
  bool next();
  /// Of this record; valid until the next one.
  const std::vector<std::string_view>& cells() const { return cells_; }
  /// A cell without blanks at its ends; empty where the record is too short for it.
  std::string_view cell(std::size_t column) const {
    return column < cells_.size() ? trim_blanks(cells_[column]) : std::string_view();
  }
  /// Whether the record has the shape of the header and its quotes close. (Trailing empty cells do not count.)
  bool whole() const { return whole_; }
  std::uint32_t line() const { return line_; }  ///< where this record starts; counts from 1

 private:
  bool fill();
  bool find_line(std::size_t& length);
  bool find_quoted_record(std::size_t& length, std::uint32_t& lines);
  void split(char* at, char* stop, bool quotes);
  void check_start();
  void detect_delimiter();
  void check_text(std::string_view text) const;

  std::string path_;
  ByteSource source_;
  char delimiter_;
  std::vector<std::string> header_;
  std::vector<std::string_view> cells_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;  ///< of the bytes that are not yet used
  bool at_end_ = false, whole_ = true;
  std::uint32_t line_ = 0, next_line_ = 1, header_line_ = 1;
};

}  // namespace retwin
