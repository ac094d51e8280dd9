// Dates and durations: ISO text to days and back, durations for reading.
#include <fmt/format.h>

#include <cctype>
#include <chrono>
#include <cmath>

#include "core/base/units.hpp"

#include "core/base/constants.hpp"

namespace retwin {
namespace {

/// All of `text` as digits.
std::optional<int> digits(std::string_view text) {
  int value = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

/// "Mon", "monday"; negative if it is no weekday.
int named_day(std::string_view text) {
  static constexpr std::string_view days[] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
  std::string lower;
  for (const char c : text) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (int day = 0; day < 7; ++day)
    if (lower.size() >= 3 && days[day].starts_with(lower)) return day;
  return -1;
}

}  // namespace

std::string format_duration(double seconds) {
  if (std::isnan(seconds)) return "?";
  if (seconds < 0) return "-" + format_duration(-seconds);
  if (seconds < 60) return fmt::format("{:.4g} s", seconds);
  if (seconds > 1e15) return "for ever";
  const auto whole = static_cast<long long>(std::llround(seconds));
  const long long days = whole / 86400, rest = whole % 86400;
  const std::string clock = fmt::format("{:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60);
  return days > 0 ? fmt::format("{} d {}", days, clock) : clock;
}

std::string format_weeks(double seconds) {
  if (seconds > 0 && std::fmod(seconds, week_s) == 0) return fmt::format("{:g} week{}", seconds / week_s, seconds == week_s ? "" : "s");
  return format_duration(seconds);
}

std::optional<long> parse_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = digits(text.substr(0, 4)), month = digits(text.substr(5, 2)), day = digits(text.substr(8, 2));
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return static_cast<long>(std::chrono::sys_days(date).time_since_epoch().count());
}

std::optional<double> parse_time(std::string_view text) {
  const std::optional<long> date = parse_date(text.substr(0, 10));
  if (!date) return std::nullopt;
  double seconds = static_cast<double>(*date) * day_s;
  if (text.size() == 10) return seconds;
  if ((text.size() != 16 && text.size() != 19) || (text[10] != ' ' && text[10] != 'T')) return std::nullopt;
  constexpr int least_too_large[] = {24, 60, 60}, worth[] = {3600, 60, 1};
  for (std::size_t k = 0; 11 + 3 * k < text.size(); ++k) {
    const std::optional<int> value = digits(text.substr(11 + 3 * k, 2));
    if (!value || *value >= least_too_large[k] || (k > 0 && text[10 + 3 * k] != ':')) return std::nullopt;
    seconds += *value * worth[k];
  }
  return seconds;
}

std::string format_time(long day0, double seconds) {
  if (!std::isfinite(seconds) || std::abs(seconds) > 1e11) return "?";
  const auto milliseconds = static_cast<long long>(std::llround(seconds * 1000));
  constexpr auto per_day = static_cast<long long>(day_s) * 1000;
  long long days = milliseconds / per_day, rest = milliseconds % per_day;
  if (rest < 0) {
    rest += per_day;
    --days;
  }
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day0 + days))};
  const std::string clock = fmt::format("{:02}:{:02}:{:02}", rest / 3600000, rest / 60000 % 60, rest / 1000 % 60);
  return fmt::format("{:04}-{:02}-{:02}T{}{}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()), clock, rest % 1000 == 0 ? "" : fmt::format(".{:03}", rest % 1000));
}

namespace {
std::string stamp_text(double time_s, std::size_t length) {
  const double day = std::floor(time_s / day_s);
  return format_time(static_cast<long>(day), time_s - day * day_s).substr(0, length);
}
}  // namespace

std::string format_minute(double time_s) { return stamp_text(time_s, 16); }
std::string format_second(double time_s) { return stamp_text(time_s, 19); }

std::vector<int> parse_weekdays(std::string_view text) {
  const auto dash = text.find('-');
  const int first = named_day(text.substr(0, dash));
  const int last = dash == std::string_view::npos ? first : named_day(text.substr(dash + 1));
  std::vector<int> days;
  if (first < 0 || last < 0) return days;
  for (int day = first; days.push_back(day), day != last;) day = (day + 1) % 7;
  return days;
}

int day_of_year(long days_since_epoch) {
  const std::string year = format_time(days_since_epoch, 0).substr(0, 4);
  return static_cast<int>(days_since_epoch - parse_date(year + "-01-01").value_or(days_since_epoch));
}

int weekday(long days_since_epoch) { return static_cast<int>(((days_since_epoch + 3) % 7 + 7) % 7); }

}  // namespace retwin
