// Header names to columns, with "did you mean"; units in names; numbers in cells.
#include "core/telemetry/tables/columns.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace retwin {
namespace {

constexpr int rows_for_stamps = 10000;
constexpr std::size_t rows_for_values = 200;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

bool same_word(std::string_view text, std::string_view word) {
  return text.size() == word.size() &&
         std::equal(text.begin(), text.end(), word.begin(), [](char a, char b) { return lower(a) == b; });
}

}  // namespace

const std::vector<std::string_view> usual_starts = {"starttime",      "starttimestamp", "start",     "timestart",
                                                    "timestampstart", "startdatetime",  "startdate", "startedat",
                                                    "begintime",      "begin",          "from",      "starts",
                                                    "startzeit",      "beginn",         "\u5f00\u59cb\u65f6\u95f4"};
const std::vector<std::string_view> usual_ends = {
    "endtime",    "endtimestamp", "completetimestamp", "completetime", "completiontime", "end",
    "complete",   "timeend",      "timestampend",      "enddatetime",  "enddate",        "endedat",
    "finishtime", "finish",       "finishtimestamp",   "finishedat",   "stoptime",       "stop",
    "to",         "endzeit",           "ende",         "\u7ed3\u675f\u65f6\u95f4", "\u5b8c\u6210\u65f6\u95f4",
    "timetimestamp"};
const std::vector<std::string> usual_destinations = {"queue", "nextqueue", "nextstation", "nextmachine", "destination", "sentto"};
const std::vector<std::string_view> usual_stamps = {"timetimestamp", "timestamp", "time", "datetime", "eventtime", "ts", "date", "timestamp*"};

std::string plain_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 || (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z')) out += lower(c);
  }
  return out;
}

bool absent_text(std::string_view text) {
  if (text.empty() || text == "-" || text == "?") return true;
  if (text.size() < 2 || text.size() > 6) return false;
  for (const std::string_view word : {"nan", "none", "null", "nat", "n/a", "#n/a", "<na>", "<null>", "(null)", "\\n", "--"})
    if (same_word(text, word)) return true;
  return false;
}

ColumnFinder::ColumnFinder(const Records& records) : names_(records.header()), taken_(records.header().size()) {
  place_.file = records.path();
  place_.line = static_cast<int>(records.header_line());
  place_.column = 1;
  for (const std::string& name : names_) plain_.push_back(plain_name(name));
  std::vector<std::size_t> filled(names_.size());
  std::size_t rows = 0;
  const std::unique_ptr<Records> ahead = records.again();
  for (; ahead && rows < rows_for_values && ahead->next(); ++rows)
    for (std::size_t column = 0; ahead->whole() && column < names_.size(); ++column) filled[column] += absent_text(ahead->cell(column)) ? 0 : 1;
  for (const std::size_t n : filled) sparse_.push_back(2 * n < rows);
}

std::optional<std::size_t> ColumnFinder::find(std::string& given, const std::vector<std::string_view>& usual) {
  if (given == no_column) return std::nullopt;
  const auto use = [&](std::size_t column) {
    given = names_[column];
    taken_[column] = true;
    if (std::count(names_.begin(), names_.end(), given) > 1)
      problem(Code::duplicate, fmt::format("more than one column is called \"{}\"", given), "give each a name of its own");
    return column;
  };
  if (!given.empty()) {
    const auto exact = std::find(names_.begin(), names_.end(), trim_blanks(given));
    if (exact != names_.end()) return use(static_cast<std::size_t>(exact - names_.begin()));
    const auto plain = std::find(plain_.begin(), plain_.end(), plain_name(given));
    if (plain != plain_.end() && !plain->empty()) return use(static_cast<std::size_t>(plain - plain_.begin()));
    const std::string near = nearest(given, names_);
    problem(Code::unknown_name, fmt::format("there is no column \"{}\"", given),
            near.empty() ? header_text() : fmt::format("did you mean \"{}\"? {}", near, header_text()));
    return std::nullopt;
  }
  for (const bool also_sparse : {false, true})
    for (std::string_view name : usual) {
      const bool start_only = name.back() == '*';
      if (start_only) name.remove_suffix(1);
      for (std::size_t column = 0; column < plain_.size(); ++column)
        if (!taken_[column] && (also_sparse || !sparse_[column]) && (start_only ? plain_[column].starts_with(name) : plain_[column] == name)) return use(column);
    }
  return std::nullopt;
}

std::optional<std::size_t> ColumnFinder::require(std::string& given, const char* role,
                                                 const std::vector<std::string_view>& usual) {
  const bool named = !given.empty() && given != no_column;
  const auto column = find(given, usual);
  if (!column && !named)
    problem(Code::missing, fmt::format("no column is recognised as the {}", role),
            fmt::format("name it in the mapping; {}", header_text()));
  return column;
}

void ColumnFinder::problem(Code code, std::string message, std::string hint) {
  problems_.error(code, place_, {}, std::move(message), std::move(hint));
}

std::string ColumnFinder::header_text() const {
  constexpr std::size_t most = 20;
  std::vector<std::string> shown(names_.begin(), names_.begin() + static_cast<long>(std::min(most, names_.size())));
  return fmt::format("the header has: {}{}", fmt::join(shown, ", "), names_.size() > most ? ", ..." : "");
}

std::string unit_in_name(std::string_view name) {
  const auto between = [&](char open, char close) -> std::string {
    const std::size_t from = name.rfind(open), to = name.rfind(close);
    if (from == std::string_view::npos || to == std::string_view::npos || to < from) return {};
    return std::string(trim_blanks(name.substr(from + 1, to - from - 1)));
  };
  for (const auto& [open, close] : {std::pair('[', ']'), std::pair('(', ')')})
    if (std::string unit = between(open, close); !unit.empty()) return unit;
  const std::size_t cut = name.find_last_of("_ ");
  if (cut == std::string_view::npos) return {};
  const std::string last(name.substr(cut + 1));
  return parse_quantity("0 " + last) ? last : std::string();
}

double cell_number(std::string_view text, char delimiter) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  char copy[64];
  const std::size_t comma = delimiter == ',' ? std::string_view::npos : text.find(',');
  if (comma != std::string_view::npos && text.size() < sizeof copy) {
    std::copy(text.begin(), text.end(), copy);
    copy[comma] = '.';
    text = {copy, text.size()};
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool read = error == std::errc() && end == text.data() + text.size() && sane_number(value);
  return read ? value : std::numeric_limits<double>::quiet_NaN();
}

StampReading stamp_reading(const Records& records, const std::vector<std::size_t>& columns, const StampOptions& options) {
  StampVote vote;  // one writer, one order: all columns vote together
  const std::unique_ptr<Records> ahead = records.again();
  for (int row = 0; ahead && row < rows_for_stamps && ahead->next(); ++row)
    for (const std::size_t column : columns) vote.look(ahead->cell(column));
  StampReading reading = vote.decided();
  if ((options.unit_s > 0 || options.numbers) && vote.numbers() == 0 && ahead)
    refuse(Code::conflict, records.path(), "a unit of times is given, but no time of the log is a plain number", "leave it out, or name the column of times");
  if (options.day_first) reading.order = *options.day_first ? DateOrder::day_first : DateOrder::month_first;
  if (options.numbers) reading.numbers = *options.numbers;
  if (options.unit_s > 0) reading.numbers = NumberStamps::seconds, reading.unit_s = options.unit_s;
  reading.format = options.format;
  return reading;
}

}  // namespace retwin
