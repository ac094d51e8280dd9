// Stamps of logs: one pass over the characters, the format told by the separators.
#include "core/telemetry/tables/timestamps.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <ctime>
#include <limits>
#include <tuple>

#include "core/base/constants.hpp"

namespace retwin {
namespace {

// No log was written before or after: 1900, 9999 and the like stand for a date that is not known. A little before 0 are times of runs
// that count from their start.
constexpr double earliest_stamp_s = -366.0 * 86400, latest_stamp_s = 230.0 * 365.2425 * 86400;
constexpr double tenths[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};

/// Walks over the characters of a stamp.
struct Cursor {
  const char* at;
  const char* end;
  bool done() const { return at == end; }
  char peek() const { return at == end ? '\0' : *at; }
  bool take(char c) {
    if (at == end || *at != c) return false;
    ++at;
    return true;
  }
  void skip_blanks() {
    while (at != end && *at == ' ') ++at;
  }
  /// Up to `most` digits; how many there were in `count`.
  int digits(int most, int& count) {
    int value = 0;
    for (count = 0; count < most && at != end && *at >= '0' && *at <= '9'; ++count) value = value * 10 + (*at++ - '0');
    return value;
  }
  /// A word of the letters of `lower`, in either case.
  bool word(std::string_view lower) {
    if (static_cast<std::size_t>(end - at) < lower.size()) return false;
    for (std::size_t i = 0; i < lower.size(); ++i)
      if ((at[i] | 0x20) != lower[i]) return false;
    at += lower.size();
    return true;
  }
};

/// Days since 1970-01-01 of a date of the Gregorian calendar
/// (H. Hinnant, "chrono-compatible low-level date algorithms", days_from_civil).
long days_of(int year, int month, int day) {
  const int y = month <= 2 ? year - 1 : year;
  const int era = (y >= 0 ? y : y - 399) / 400;
  const int of_era = y - era * 400;
  const int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097L + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

bool real_date(int year, int month, int day) {
  constexpr int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12 || day < 1) return false;
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return day <= lengths[month - 1] + (month == 2 && leap ? 1 : 0);
}

constexpr std::string_view months[] = {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::string_view rest_of_months[] = {"uary", "ruary", "ch", "il", "", "e", "y", "ust", "tember", "ober", "ember", "ember"};

/// The month that is written out at the front, in English; 0 if there is none.
int take_month(Cursor& c) {
  for (int m = 0; m < 12; ++m)
    if (c.word(months[m])) {
      if (!rest_of_months[m].empty()) c.word(rest_of_months[m]);  // short, or in full
      return m + 1;
    }
  return 0;
}

/// After the day of "27-Feb-2023".
bool take_named_month(Cursor& c, int day, long& days) {
  const char separator = c.peek();
  ++c.at;
  const int month = take_month(c);
  c.take('.');
  int n = 0;
  if (month == 0 || (!c.take(separator) && !c.take(' ') && !c.take(','))) return false;
  int year = c.digits(4, n);
  if (n == 2) year += year < 70 ? 2000 : 1900;
  else if (n != 4) return false;
  if (!real_date(year, month, day)) return false;
  days = days_of(year, month, day);
  return true;
}

/// A part of a date in Chinese or Japanese: a number and its sign.
bool take_part(Cursor& c, std::string_view sign, int& value) {
  int n = 0;
  Cursor ahead = c;
  value = ahead.digits(4, n);
  if (n == 0 || std::string_view(ahead.at, static_cast<std::size_t>(ahead.end - ahead.at)).substr(0, sign.size()) != sign) return false;
  ahead.at += sign.size();
  c = ahead;
  return true;
}

bool take_cjk_date(Cursor& c, long& days) {
  int year = 0, month = 0, day = 0;
  Cursor ahead = c;
  if (!take_part(ahead, "\u5e74", year) || !take_part(ahead, "\u6708", month) || !take_part(ahead, "\u65e5", day) || !real_date(year, month, day)) return false;
  days = days_of(year, month, day);
  c = ahead;
  return true;
}

/// "8h 0min 12s" by their signs.
bool take_cjk_clock(Cursor& c, double& seconds) {
  int hour = 0, minute = 0, second = 0;
  Cursor ahead = c;
  if (!take_part(ahead, "\u65f6", hour) && !take_part(ahead, "\u6642", hour)) return false;
  if (!take_part(ahead, "\u5206", minute) || hour > 23 || minute > 59) return false;
  take_part(ahead, "\u79d2", second);
  if (second > 60) return false;
  seconds = hour * 3600 + minute * 60 + second;
  c = ahead;
  return true;
}

/// Digits of one size: 8 a date, with a time of day of 4 or 6 (or more: fractions). False if it is no such date.
bool date_of_digits(std::string_view digits, long& days, double& seconds) {
  const auto part = [&](std::size_t at, std::size_t n) {
    int value = 0;
    for (std::size_t k = at; k < at + n; ++k) value = value * 10 + (digits[k] - '0');
    return value;
  };
  if (digits.size() < 8 || digits.size() > 17 || (digits.size() > 8 && digits.size() < 12) || digits.size() == 13) return false;
  const int year = part(0, 4), month = part(4, 2), day = part(6, 2);
  if (year < 1990 || year > 2100 || !real_date(year, month, day)) return false;
  days = days_of(year, month, day);
  seconds = 0;
  if (digits.size() == 8) return true;
  const int hour = part(8, 2), minute = part(10, 2), second = digits.size() >= 14 ? part(12, 2) : 0;
  if (hour > 23 || minute > 59 || second > 60) return false;
  seconds = hour * 3600 + minute * 60 + second + (digits.size() > 14 ? part(14, digits.size() - 14) / tenths[digits.size() - 14] : 0);
  return true;
}

/// The date at the front; false if there is none.
bool take_date(Cursor& c, DateOrder order, long& days) {
  if (take_cjk_date(c, days)) return true;
  int wide = 0, n = 0;
  const int first = c.digits(4, wide);
  if (wide <= 2 && wide > 0 && (c.peek() == '-' || c.peek() == ' ' || c.peek() == '/' || c.peek() == '.') && c.end - c.at > 3 && (c.at[1] | 0x20) >= 'a' && (c.at[1] | 0x20) <= 'z')
    return take_named_month(c, first, days);
  const char separator = c.peek();
  if (separator != '-' && separator != '/' && separator != '.') return false;
  ++c.at;
  const int second = c.digits(2, n);
  if (n == 0 || !c.take(separator)) return false;
  int year = 0, month = 0, day = 0;
  if (wide == 4) {
    year = first;
    month = second;
    day = c.digits(2, n);
  } else if (wide == 1 || wide == 2) {
    const bool day_first = separator == '.' || order == DateOrder::day_first;
    day = day_first ? first : second;
    month = day_first ? second : first;
    year = c.digits(4, n);
    if (n == 2) year += year < 70 ? 2000 : 1900;
    else if (n != 4) return false;
  }
  if (n == 0 || !real_date(year, month, day)) return false;
  days = days_of(year, month, day);
  return true;
}

/// The time of day after a date [s]; false if it is none.
bool take_clock(Cursor& c, double& seconds) {
  int n = 0;
  int hour = c.digits(2, n);
  if (n == 0 || !c.take(':')) return false;
  const int minute = c.digits(2, n);
  if (n != 2 || minute > 59) return false;
  int second = 0;
  double fraction = 0;
  if (c.take(':')) {
    second = c.digits(2, n);
    if (n != 2 || second > 60) return false;
    if (c.take('.') || c.take(',')) {
      const int digits = c.digits(9, n);
      if (n == 0) return false;
      fraction = digits / tenths[n];
      while (c.peek() >= '0' && c.peek() <= '9') ++c.at;
    }
  }
  Cursor half = c;
  half.skip_blanks();
  const bool pm = half.word("pm");
  if (pm || half.word("am")) {
    if (hour < 1 || hour > 12) return false;
    hour = hour % 12 + (pm ? 12 : 0);
    c = half;
  }
  if (hour > 24 || (hour == 24 && (minute > 0 || second > 0 || fraction > 0))) return false;
  seconds = hour * 3600 + minute * 60 + second + fraction;
  return true;
}

/// The zone after a time of day [s]; false if it is none.
bool take_zone(Cursor& c, double& zone_s) {
  c.skip_blanks();
  if (c.done()) return true;
  if (c.word("z") || c.word("utc") || c.word("gmt")) {
    zone_s = 0;
    if (c.done()) return true;
  }
  constexpr std::pair<std::string_view, int> named[] = {{"cest", 2}, {"cet", 1}, {"eest", 3}, {"eet", 2}, {"west", 1}, {"wet", 0}, {"bst", 1}, {"est", -5}, {"edt", -4},
                                                        {"cdt", -5}, {"mst", -7}, {"mdt", -6}, {"pst", -8}, {"pdt", -7}, {"jst", 9}, {"kst", 9}};
  for (const auto& [name, hours] : named) {
    if (!c.word(name)) continue;
    zone_s = hours * 3600;
    return c.done();
  }
  const bool west = c.peek() == '-';
  if (!west && c.peek() != '+') return false;
  ++c.at;
  int n = 0, minutes = 0;
  const int hours = c.digits(2, n);
  if (n != 2) return false;
  if (!c.done()) {
    c.take(':');
    minutes = c.digits(2, n);
    if (n != 2) return false;
  }
  zone_s = (west ? -1 : 1) * (hours * 3600 + minutes * 60);
  return c.done() && hours < 24 && minutes < 60;
}

constexpr double excel_epoch_days = 25569;  // 1970-01-01, counted from 1899-12-30
constexpr double first_ticks = 6.3e17, last_ticks = 6.6e17, ticks_of_1970 = 621355968e9;

double number_of_text(std::string_view text) {
  char copy[32];
  const std::size_t comma = text.find(',');
  if (comma != std::string_view::npos && text.size() < sizeof copy) {
    std::copy(text.begin(), text.end(), copy);
    copy[comma] = '.';
    text = {copy, text.size()};
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error != std::errc() || end != text.data() + text.size() || !std::isfinite(value) ? nan : value;
}

double plain_number(std::string_view text, const StampReading& reading) {
  const double value = number_of_text(text), size = std::abs(value);
  if (std::isnan(value)) return nan;
  if (reading.numbers == NumberStamps::days) return std::round((value - excel_epoch_days) * 86400 * 1e3) / 1e3;  // they keep milliseconds
  if (reading.unit_s > 0) return value * reading.unit_s;
  if (size >= first_ticks && size <= last_ticks) return (value - ticks_of_1970) / 1e7;
  return size > 1e17 ? value / 1e9 : size > 1e14 ? value / 1e6 : size > 1e11 ? value / 1e3 : value;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

namespace {

bool all_digits(std::string_view text) { return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos; }

/// Whole seconds first: the sum is then rounded once.
double moment(long days, double seconds, double zone_s) {
  const double whole = std::floor(seconds);
  return static_cast<double>(days) * 86400 + whole - zone_s + (seconds - whole);
}

/// By a format of strptime(), all of the text.
double parse_by_format(std::string_view text, const std::string& format, double zone_s, CommonZone* zones) {
  const std::string copy(text);
  std::tm parts{};
  parts.tm_mday = 1;
  parts.tm_year = 70;
  const char* end = strptime(copy.c_str(), format.c_str(), &parts);
  if (end == nullptr) return nan;
  double fraction = 0;
  if (*end == '.' || *end == ',') {
    int n = 0;
    Cursor c{end + 1, copy.data() + copy.size()};
    const int digits = c.digits(9, n);
    if (n == 0) return nan;
    fraction = digits / tenths[n];
    end = c.at;
  }
  if (*end != '\0') return nan;
  if (format.find("%z") != std::string::npos) zone_s = static_cast<double>(parts.tm_gmtoff);
  if (zones != nullptr) zones->look(zone_s);
  return static_cast<double>(days_of(parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday)) * 86400 + parts.tm_hour * 3600 + parts.tm_min * 60 + parts.tm_sec - zone_s + fraction;
}

/// Seconds since 1970 of whatever stands there, nan if it is no time.
double parse_any(std::string_view stamp, const StampReading& reading, double zone_s, CommonZone* zones) {
  const std::string_view text = trimmed(stamp);
  if (!reading.format.empty()) return parse_by_format(text, reading.format, zone_s, zones);
  Cursor c{text.data(), text.data() + text.size()};
  long days = 0;
  double seconds = 0;
  if (!take_date(c, reading.order, days)) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const bool whole = digits == text.size() && (digits == 14 || digits == 17 || reading.numbers == NumberStamps::dates);  // as epoch of whatever unit after 2200
    if (whole && date_of_digits(text, days, seconds)) {
      if (zones != nullptr) zones->look(zone_s);
      return moment(days, seconds, zone_s);
    }
    if (digits == 8 && text.size() > 8 && (text[8] == 'T' || text[8] == 't')) {  // 20230227T080012Z
      Cursor basic{text.data() + 9, text.data() + text.size()};
      const std::string_view clock = text.substr(9, std::min(text.find_first_not_of("0123456789.,", 9), text.size()) - 9);
      std::string compact(text.substr(0, 8));
      for (const char d : clock)
        if (d != '.' && d != ',') compact += d;
      basic.at += clock.size();
      if (clock.empty() || !date_of_digits(std::string_view(compact).substr(0, 17), days, seconds) || !take_zone(basic, zone_s)) return nan;
      if (zones != nullptr) zones->look(zone_s);
      return moment(days, seconds, zone_s);
    }
    Cursor clock{text.data(), text.data() + text.size()};  // a time of day alone
    return take_clock(clock, seconds) && clock.done() ? seconds : plain_number(text, reading);
  }
  if (!c.done()) {
    if (!c.take('T') && !c.take('t') && c.peek() != ' ' && !(c.peek() >= '0' && c.peek() <= '9')) return nan;
    c.skip_blanks();
    if ((!take_cjk_clock(c, seconds) && !take_clock(c, seconds)) || !take_zone(c, zone_s)) return nan;
    if (zones != nullptr) zones->look(zone_s);
  }
  return moment(days, seconds, zone_s);
}

}  // namespace

double parse_stamp(std::string_view stamp, const StampReading& reading, double zone_s, CommonZone* zones) {
  const double time_s = parse_any(stamp, reading, zone_s, zones);
  return time_s >= earliest_stamp_s && time_s < latest_stamp_s ? time_s : nan;
}

bool is_placeholder(std::string_view stamp, const StampReading& reading) {
  return std::isnan(parse_stamp(stamp, reading)) && std::isnan(number_of_text(trimmed(stamp))) && !std::isnan(parse_any(stamp, reading, 0, nullptr));
}

bool is_date_alone(std::string_view stamp) {
  const std::string_view text = trimmed(stamp);
  for (const DateOrder order : {DateOrder::month_first, DateOrder::day_first}) {
    Cursor c{text.data(), text.data() + text.size()};
    long days = 0;
    if (take_date(c, order, days) && c.done()) return true;
  }
  long days = 0;
  double seconds = 0;
  return text.size() == 8 && all_digits(text) && date_of_digits(text, days, seconds);
}

bool is_clock_alone(std::string_view stamp) {
  const std::string_view text = trimmed(stamp);
  Cursor c{text.data(), text.data() + text.size()};
  double seconds = 0;
  return take_clock(c, seconds) && c.done();
}

void StampVote::look(std::string_view stamp) {
  constexpr double first_day = 25000, last_day = 75000;
  const std::string_view text = trimmed(stamp);
  if (const double number = number_of_text(text); !std::isnan(number)) {
    long days = 0;
    double seconds = 0;
    ++numbers_;
    if (all_digits(text) && date_of_digits(text, days, seconds)) ++dates_;
    if (number >= first_day && number <= last_day) ++days_;
    if (number != std::floor(number)) ++parts_of_days_;
  }
  const std::size_t separator = text.find_first_not_of("0123456789");
  if (separator == std::string_view::npos || separator > 2 || (text[separator] != '/' && text[separator] != '-')) return;
  for (const DateOrder order : {DateOrder::month_first, DateOrder::day_first}) {
    Reading& reading = readings_[static_cast<int>(order)];
    const double time_s = parse_stamp(text, order);
    if (std::isnan(time_s)) {
      ++reading.failed;
      continue;
    }
    if (time_s < reading.before_s) ++reading.backward;
    reading.before_s = time_s;
    reading.first_s = std::min(reading.first_s, time_s);
    reading.last_s = std::max(reading.last_s, time_s);
  }
}

StampReading StampVote::decided() const {
  const auto badness = [](const Reading& r) { return std::tuple(r.failed, r.backward, r.last_s - r.first_s); };
  StampReading reading = badness(readings_[1]) < badness(readings_[0]) ? DateOrder::day_first : DateOrder::month_first;
  if (numbers_ > 0 && dates_ == numbers_) reading.numbers = NumberStamps::dates;
  else if (numbers_ > 0 && days_ == numbers_ && parts_of_days_ > 0) reading.numbers = NumberStamps::days;
  return reading;
}

}  // namespace retwin
