// CSV: rows to text and text to rows, one at a time.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/base/files.hpp"

namespace retwin {
namespace {

constexpr int end_of_file = std::char_traits<char>::eof();
constexpr std::size_t longest_row = 1 << 20;
constexpr int most_reports = 20;

}  // namespace

CsvWriter::CsvWriter(const std::vector<std::string>& columns) : columns_(columns.size()) {
  for (const std::string& column : columns) cell(std::string_view(column));
  end_row();
}

CsvWriter& CsvWriter::cell(std::string_view text) {
  if (invalid_utf8(text) != std::string_view::npos) return cell(std::string_view(sound_utf8(text)));
  if (cells_++ > 0) text_ += ',';
  const bool blank_row = text.empty() && columns_ == 1;  // would read as no row at all
  if (!blank_row && text.find_first_of(",\"\r\n") == std::string_view::npos) {
    text_ += text;
    return *this;
  }
  text_ += '"';
  for (char c : text) {
    if (c == '"') text_ += '"';
    text_ += c;
  }
  text_ += '"';
  return *this;
}

CsvWriter& CsvWriter::cell(double value) { return std::isnan(value) ? cell("") : cell(std::string_view(number_text(value))); }
CsvWriter& CsvWriter::cell(std::int64_t value) { return cell(std::string_view(std::to_string(value))); }

void CsvWriter::end_row() {
  RETWIN_CHECK(cells_ == columns_);
  cells_ = 0;
  text_ += '\n';
}

std::string CsvWriter::take() { return std::exchange(text_, std::string()); }

CsvReader::CsvReader(const std::string& path, Problems& problems, char delimiter, const Place& from)
    : name_(path), problems_(&problems), delimiter_(delimiter) {
  std::error_code error;
  auto file = std::make_shared<std::ifstream>();
  if (!std::filesystem::is_directory(path, error)) file->open(path, std::ios::binary);
  if (!file->is_open()) {
    Place place = from;
    if (place.file.empty()) place.file = path;
    problems.error(Code::file, place, {}, fmt::format("cannot read {}", path),
                   "check the name; it is relative to the file that names it");
    return;
  }
  note_input(path);
  input_ = std::move(file);
  read_header();
}

CsvReader::CsvReader(std::shared_ptr<std::istream> input, std::string name, Problems& problems, char delimiter)
    : input_(std::move(input)), name_(std::move(name)), problems_(&problems), delimiter_(delimiter) {
  read_header();
}

CsvReader CsvReader::from_text(std::string text, std::string name, Problems& problems, char delimiter) {
  return {std::make_shared<std::istringstream>(std::move(text)), std::move(name), problems, delimiter};
}

int CsvReader::column(std::string_view name) const {
  const auto found = std::find(columns_.begin(), columns_.end(), name);
  return found == columns_.end() ? -1 : static_cast<int>(found - columns_.begin());
}

Place CsvReader::place(int column) const {
  const auto index = static_cast<std::size_t>(column);
  Place place;
  place.file = name_;
  place.line = index < places_.size() ? places_[index].first : row_line_;
  place.column = index < places_.size() ? places_[index].second : 1;
  if (index < row_.size()) place.length = static_cast<int>(std::max<std::size_t>(row_[index].size(), 1));
  return place;
}

void CsvReader::read_header() {
  int taken = 0;
  for (const int expected : {0xEF, 0xBB, 0xBF}) {  // a byte order mark
    if (input_->peek() != expected) break;
    input_->get();
    ++taken;
  }
  input_->clear();
  for (; taken > 0 && taken < 3; --taken) input_->unget();
  if (!read_row(columns_)) {
    if (reported_ == 0) report(Code::trace, 1, 1, "no header row");
    input_ = nullptr;
  }
}

bool CsvReader::next() {
  while (input_ != nullptr && read_row(row_)) {
    if (row_.size() == columns_.size()) return true;
    report(Code::trace, row_line_, 1, fmt::format("a row of {} cells under {} columns", row_.size(), columns_.size()));
  }
  row_.clear();
  return false;
}

void CsvReader::report(Code code, int line, int column, const std::string& message) {
  if (++reported_ > most_reports) return;
  Place place;
  place.file = name_;
  place.line = line;
  place.column = column;
  problems_->error(code, place, {},
                   reported_ == most_reports ? message + " (further problems of this file are not listed)" : message);
}

int CsvReader::next_byte() {
  const int byte = input_->rdbuf()->sbumpc();
  if (byte == '\n') {
    ++line_;
    column_ = 1;
  } else {
    ++column_;
  }
  return byte;
}

/// Eats the '\n' of a "\r\n"; a lone '\r' ends a line, too.
void CsvReader::end_of_line(int byte) {
  if (byte != '\r') return;
  if (input_->rdbuf()->sgetc() == '\n') {
    next_byte();
  } else {
    ++line_;
    column_ = 1;
  }
}

void CsvReader::skip_line() {
  for (int byte = next_byte(); byte != '\n' && byte != end_of_file;) byte = next_byte();
}

/// The rest of a quoted cell; false if the quote is never closed.
bool CsvReader::read_quoted(std::string& cell) {
  while (cell.size() <= longest_row) {
    const int byte = next_byte();
    if (byte == end_of_file) return false;
    if (byte == '"') {
      if (input_->rdbuf()->sgetc() != '"') return true;
      next_byte();
    }
    cell += static_cast<char>(byte);
  }
  return false;
}

/// The next row that is not blank; false at the end. Rows that cannot be read are reported and skipped.
bool CsvReader::read_row(std::vector<std::string>& row) {
  row.clear();
  places_.clear();
  std::size_t size = 0;
  bool quoted = false;
  const auto restart = [&] {
    row.clear();
    places_.clear();
    size = 0;
    quoted = false;
  };
  for (;;) {
    if (row.empty()) row_line_ = line_;
    places_.emplace_back(line_, column_);
    std::string cell;
    int byte = next_byte();
    if (byte == '"') {
      quoted = true;
      if (!read_quoted(cell)) {
        report(Code::trace, places_.back().first, places_.back().second, "a quote that is never closed");
        return false;
      }
      byte = next_byte();
    } else {
      for (; byte != delimiter_ && byte != '\n' && byte != '\r' && byte != end_of_file && cell.size() <= longest_row;
           byte = next_byte()) {
        cell += static_cast<char>(byte);
      }
    }
    const bool ends = byte == '\n' || byte == '\r' || byte == end_of_file;
    size += cell.size() + 1;
    if (byte == '\r') end_of_line(byte);
    const bool broken = (byte != delimiter_ && !ends) || size > longest_row;
    const bool foreign = invalid_utf8(cell) != std::string_view::npos;
    if (broken || foreign) {
      report(foreign ? Code::encoding : Code::trace, places_.back().first, places_.back().second,
             foreign              ? "this is not UTF-8"
             : size > longest_row ? "too long a row"
                                  : "text after a closing quote");
      if (!ends) skip_line();
      if (byte == end_of_file) return false;
      restart();
      continue;
    }
    row.push_back(std::move(cell));
    if (!ends) continue;
    const bool blank = row.size() == 1 && row[0].empty() && !quoted;
    if (!blank) return true;
    if (byte == end_of_file) return false;
    restart();
  }
}

}  // namespace retwin
