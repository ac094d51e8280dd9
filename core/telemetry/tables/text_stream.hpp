// Records of a delimited text file, plain or gzip, however long it is: blocks in, cells out.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/problem.hpp"
#include "core/telemetry/tables/encoding.hpp"
#include "core/telemetry/tables/records.hpp"

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

/// The records of a delimited text file, one at a time in bounded memory. Cells may be quoted, with line ends and doubled quotes
/// inside; a byte order mark, CRLF and blank lines are skipped; what is not UTF-8 is decoded by what its beginning looks like, see encoding(). The first record names the columns and tells the delimiter
/// (the one of , ; tab | it has most of).
class RecordStream final : public Records {
 public:
  /// @throws InputError: file; encoding (not UTF-8, binary); missing (an empty file)
  explicit RecordStream(const std::string& path, char delimiter = '\0');
  /// @throws InputError (encoding, with line and column)
  bool next() override;
  std::unique_ptr<Records> again() const override;  ///< null for a pipe

 private:
  bool fill();
  void append(std::size_t raw);
  bool find_line(std::size_t& length);
  bool find_quoted_record(std::size_t& length, std::uint32_t& lines);
  void split(char* at, char* stop, bool quotes);
  void check_start();
  void detect_delimiter();
  void check_text(std::string_view text) const;

  ByteSource source_;
  std::optional<Decoder> decoder_;  ///< of what is not UTF-8
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;  ///< of the bytes that are not yet used
  bool at_end_ = false;
  std::uint32_t next_line_ = 1;
};

}  // namespace retwin
