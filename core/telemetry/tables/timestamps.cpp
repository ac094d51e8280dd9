// Stamps of logs: one pass over the characters, the format told by the separators.
#include "core/telemetry/tables/timestamps.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
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

/// The date at the front; false if there is none.
bool take_date(Cursor& c, DateOrder order, long& days) {
  int wide = 0, n = 0;
  const int first = c.digits(4, wide);
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

double plain_number(std::string_view text) {
  char copy[32];
  const std::size_t comma = text.find(',');
  if (comma != std::string_view::npos && text.size() < sizeof copy) {
    std::copy(text.begin(), text.end(), copy);
    copy[comma] = '.';
    text = {copy, text.size()};
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return nan;
  const double size = std::abs(value);
  return size > 1e17 ? value / 1e9 : size > 1e14 ? value / 1e6 : size > 1e11 ? value / 1e3 : value;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

namespace {

/// Seconds since 1970 of whatever stands there, nan if it is no time.
double parse_any(std::string_view stamp, DateOrder order, double zone_s, CommonZone* zones) {
  const std::string_view text = trimmed(stamp);
  Cursor c{text.data(), text.data() + text.size()};
  long days = 0;
  double seconds = 0;
  if (!take_date(c, order, days)) {
    Cursor clock{text.data(), text.data() + text.size()};  // a time of day alone
    return take_clock(clock, seconds) && clock.done() ? seconds : plain_number(text);
  }
  if (!c.done()) {
    if (!c.take('T') && !c.take('t') && c.peek() != ' ') return nan;
    c.skip_blanks();
    if (!take_clock(c, seconds) || !take_zone(c, zone_s)) return nan;
    if (zones != nullptr) zones->look(zone_s);
  }
  // whole seconds first: the sum is then rounded once
  const double whole = std::floor(seconds);
  return static_cast<double>(days) * 86400 + whole - zone_s + (seconds - whole);
}

}  // namespace

double parse_stamp(std::string_view stamp, DateOrder order, double zone_s, CommonZone* zones) {
  const double time_s = parse_any(stamp, order, zone_s, zones);
  return time_s >= earliest_stamp_s && time_s < latest_stamp_s ? time_s : nan;
}

void DateOrderVote::look(std::string_view stamp) {
  const std::string_view text = trimmed(stamp);
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

DateOrder DateOrderVote::decided() const {
  const auto badness = [](const Reading& r) { return std::tuple(r.failed, r.backward, r.last_s - r.first_s); };
  return badness(readings_[1]) < badness(readings_[0]) ? DateOrder::day_first : DateOrder::month_first;
}

}  // namespace retwin
