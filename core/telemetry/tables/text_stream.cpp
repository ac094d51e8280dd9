// Blocks of a plain or gzip file to records: lines without quotes go a short way, the others are unquoted in place.
#include "core/telemetry/tables/text_stream.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "core/base/files.hpp"
#include "core/base/interruption.hpp"

namespace retwin {
namespace {

constexpr std::size_t block = 1 << 18;
constexpr std::size_t longest_record = 1 << 20;
constexpr std::int64_t small_enough = std::int64_t{64} << 20;  // [bytes] that any file may unpack to
constexpr std::int64_t most_packed = 200;                      // times its size: logs pack to a tenth, a bomb to a thousandth

Place place_in(const std::string& path, std::uint32_t line = 0, std::size_t column = 0) {
  Place place;
  place.file = path;
  place.line = static_cast<int>(line);
  place.column = static_cast<int>(column);
  return place;
}

/// Whether all bytes are ASCII and none is NUL, eight at a time.
bool plain_ascii(std::string_view text) {
  constexpr std::uint64_t high = 0x8080808080808080u, ones = 0x0101010101010101u;
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + i, 8);
    if (((word | (word - ones)) & high) != 0) return false;
  }
  for (; i < text.size(); ++i)
    if (static_cast<signed char>(text[i]) <= 0) return false;
  return true;
}

}  // namespace

struct ByteSource::Handle {
  std::string path;
  gzFile file = nullptr;
  std::int64_t unpacked = 0;  ///< [bytes]
  explicit Handle(std::string name) : path(std::move(name)) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() {
    if (file != nullptr) gzclose(file);
  }
};

ByteSource::ByteSource(const std::string& path) : handle_(std::make_unique<Handle>(path)) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) refuse(Code::file, place_in(path), fmt::format("{} is a folder", path));
  errno = EINVAL;
  if (path.find('\0') == std::string::npos) handle_->file = gzopen(path.c_str(), "rb");
  if (handle_->file == nullptr)
    refuse(Code::file, place_in(path), fmt::format("cannot read {}: {}", path, std::generic_category().message(errno)),
           "check the name");
  note_input(path);
  gzbuffer(handle_->file, block);
}

ByteSource::~ByteSource() = default;
ByteSource::ByteSource(ByteSource&&) noexcept = default;
ByteSource& ByteSource::operator=(ByteSource&&) noexcept = default;

std::size_t ByteSource::read(char* buffer, std::size_t size) {
  check_interruption();
  const int taken = gzread(handle_->file, buffer, static_cast<unsigned>(size));
  int status = Z_OK;
  const char* message = gzerror(handle_->file, &status);
  if (taken < 0 || (status != Z_OK && status != Z_STREAM_END))
    refuse(Code::file, place_in(handle_->path),
           status == Z_BUF_ERROR ? fmt::format("{} breaks off: its compressed data are not complete", handle_->path)
                                 : fmt::format("cannot read {}: {}", handle_->path, message),
           "copy the file again");
  handle_->unpacked += taken;
  if (handle_->unpacked > small_enough && handle_->unpacked / most_packed > static_cast<std::int64_t>(gzoffset(handle_->file)))
    refuse(Code::too_large, place_in(handle_->path), fmt::format("{} unpacks to more than {} times its size", handle_->path, most_packed),
           "this is no log");
  return static_cast<std::size_t>(taken);
}

RecordStream::RecordStream(const std::string& path, char delimiter) : Records(path, path, delimiter, "line"), source_(path) {
  check_start();
  if (delimiter_ == '\0') detect_delimiter();
  if (!next())
    refuse(Code::missing, place_in(path_, 1, 1), fmt::format("{} is empty", path_), "the first line names the columns");
  header_line_ = line_;
  for (const std::string_view name : cells_) header_.emplace_back(trim_blanks(name));
}

std::unique_ptr<Records> RecordStream::again() const {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path_, error)) return nullptr;
  return std::make_unique<RecordStream>(path_, delimiter_);
}

/// The delimiter of the first line that is not blank, which becomes the next one.
void RecordStream::detect_delimiter() {
  std::size_t length = 0;
  while (find_line(length) && trim_blanks({buffer_.data() + begin_, length}).empty()) {
    begin_ += std::min(length + 1, end_ - begin_);
    ++next_line_;
  }
  std::size_t most = 0;
  delimiter_ = ',';
  for (const char candidate : {',', ';', '\t', '|'}) {
    bool quoted = false;
    std::size_t count = 0;
    for (std::size_t i = begin_; i < begin_ + length; ++i) {
      quoted = quoted != (buffer_[i] == '"');
      if (!quoted && buffer_[i] == candidate) ++count;
    }
    if (count > most) delimiter_ = candidate;
    most = std::max(most, count);
  }
}

/// Binary files and other encodings are told apart before any line is looked for.
void RecordStream::check_start() {
  fill();
  const std::string encoding = encoding_of({buffer_.data(), end_});
  if (!encoding.empty() && encoding != "UTF-8") {
    encoding_ = encoding;
    decoder_.emplace(encoding);
    append(end_);
  }
  const std::string_view start(buffer_.data(), end_);
  if (start.starts_with("\xEF\xBB\xBF")) begin_ = 3;
  if (start.find('\r') != std::string_view::npos && start.find('\n') == std::string_view::npos)
    if (const std::size_t end = start.find_last_not_of('\r'); end != std::string_view::npos && start.find('\r') < end)
      refuse(Code::encoding, place_in(path_, 1, 1), fmt::format("the lines of {} end with a carriage return alone", path_),
             "save it with the line ends of Unix or Windows, for instance: tr '\\r' '\\n'");
  const std::size_t nul = start.find('\0');
  if (nul == std::string_view::npos) return;
  const auto line = static_cast<std::uint32_t>(1 + std::count(start.begin(), start.begin() + static_cast<long>(nul), '\n'));
  refuse(Code::encoding, place_in(path_, line, 1), fmt::format("{} is binary, not text", path_),
         "give a log as CSV, plain or gzip; a spreadsheet can be saved as CSV");
}

/// Decodes so many bytes at the end of the buffer.
void RecordStream::append(std::size_t raw) {
  std::string text;
  if (!decoder_->decode({buffer_.data() + end_ - raw, raw}, text))
    refuse(Code::encoding, place_in(path_, next_line_, 1), fmt::format("this is neither UTF-8 nor {}, which it looks like", encoding_),
           "save the file as UTF-8, for instance: iconv -f gbk -t utf-8");
  end_ -= raw;
  if (buffer_.size() < end_ + text.size()) buffer_.resize(end_ + text.size());
  std::copy(text.begin(), text.end(), buffer_.begin() + static_cast<std::ptrdiff_t>(end_));
  end_ += text.size();
}

/// Reads a block behind the bytes that are not yet used; false at the end of the file. Positions move to the front.
bool RecordStream::fill() {
  if (at_end_) return false;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() < end_ + block) buffer_.resize(end_ + block);
  const std::size_t taken = source_.read(buffer_.data() + end_, block);
  end_ += taken;
  at_end_ = taken == 0;
  if (decoder_ && taken > 0) append(taken);
  return !at_end_;
}

/// Length of the line that starts at begin_, without its line end; false if nothing is left. May call fill(), after which begin_
/// is another.
bool RecordStream::find_line(std::size_t& length) {
  for (std::size_t looked = 0;;) {
    const char* start = buffer_.data() + begin_;
    const auto* found = static_cast<const char*>(std::memchr(start + looked, '\n', end_ - begin_ - looked));
    if (found != nullptr) {
      length = static_cast<std::size_t>(found - start);
      return true;
    }
    looked = end_ - begin_;
    if (looked > longest_record)
      refuse(Code::too_large, place_in(path_, next_line_, 1), fmt::format("a line of more than {} bytes", longest_record),
             "give a log as CSV, one record per line");
    if (!fill()) break;
  }
  length = end_ - begin_;
  return length > 0;
}

/// Length and lines of the record that starts at begin_, line ends inside quotes included; false if a quote never closes.
bool RecordStream::find_quoted_record(std::size_t& length, std::uint32_t& lines) {
  enum { start, bare, quoted, closed } cell = start;
  lines = 1;
  for (std::size_t i = 0; i <= longest_record; ++i) {
    if (begin_ + i == end_ && !fill()) {
      length = i;
      return cell != quoted;
    }
    const char c = buffer_[begin_ + i];
    if (c == '\n') {
      length = i;
      if (cell != quoted) return true;
      ++lines;
    } else if (c == '"') {
      if (cell != bare) cell = cell == quoted ? closed : quoted;
    } else if (cell != quoted) {
      if (c == delimiter_) cell = start;
      else if (c != ' ' && cell == start) cell = bare;
    }
  }
  return false;
}

bool RecordStream::next() {
  std::size_t length = 0;
  while (find_line(length)) {
    std::uint32_t lines = 1;
    const bool quotes = std::memchr(buffer_.data() + begin_, '"', length) != nullptr;
    const std::size_t line_length = length;
    const bool closes = !quotes || find_quoted_record(length, lines);
    if (!closes) {  // then the line stands for itself
      length = line_length;
      lines = 1;
    }
    char* const at = buffer_.data() + begin_;
    line_ = next_line_;
    next_line_ += lines;
    begin_ += std::min(length + 1, end_ - begin_);
    check_text({at, length});
    if (length > 0 && at[length - 1] == '\r') --length;
    whole_ = closes;
    split(at, at + length, quotes && closes);
    if (cells_.size() > 1 || quotes || !trim_blanks(cells_[0]).empty()) return true;
  }
  cells_.clear();
  return false;
}

/// Cells of a record; quoted ones are unquoted in place.
void RecordStream::split(char* at, char* stop, bool quotes) {
  cells_.clear();
  for (;; ++at) {
    char* first = at;
    if (quotes)
      while (first != stop && *first == ' ') ++first;
    if (quotes && first != stop && *first == '"') {
      char* put = first;
      for (at = first + 1; at != stop; ++at) {
        if (*at == '"' && (at + 1 == stop || *++at != '"')) break;
        *put++ = *at;
      }
      cells_.emplace_back(first, static_cast<std::size_t>(put - first));
      for (; at != stop && *at != delimiter_; ++at)
        if (*at != ' ' && *at != '"') whole_ = false;  // text behind a closing quote
    } else {
      first = at;
      while (at != stop && *at != delimiter_) ++at;
      cells_.emplace_back(first, static_cast<std::size_t>(at - first));
    }
    if (at == stop) break;
  }
  if (header_.empty()) return;
  while (cells_.size() > header_.size() && trim_blanks(cells_.back()).empty()) cells_.pop_back();
  if (cells_.size() != header_.size()) whole_ = false;
}

void RecordStream::check_text(std::string_view text) const {
  if (plain_ascii(text)) return;
  const std::size_t bad = invalid_utf8(text);
  if (bad == std::string_view::npos) return;
  const auto line = line_ + static_cast<std::uint32_t>(std::count(text.begin(), text.begin() + static_cast<long>(bad), '\n'));
  const std::size_t start = text.substr(0, bad).rfind('\n');
  const std::size_t column = start == std::string_view::npos ? bad + 1 : bad - start;
  refuse(Code::encoding, place_in(path_, line, column), "this is not UTF-8",
         "save the file as UTF-8, for instance: iconv -f latin1 -t utf-8");
}

}  // namespace retwin
