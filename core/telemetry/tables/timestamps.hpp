// Stamps of logs in the formats plants write, read fast: without a locale, without allocation.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace retwin {

/// Which of the two small numbers of a date such as 2/3/2023 is the day.
enum class DateOrder : std::uint8_t { month_first, day_first };

/// What plain numbers in a column of stamps are: seconds since 1970 (or milli-, micro- or nanoseconds, by their size), days as
/// spreadsheets count them (46055.2538), or dates written without signs (20260202, 202602020605).
enum class NumberStamps : std::uint8_t { seconds, days, dates };

/// How the stamps of a log are read.
struct StampReading {
  DateOrder order = DateOrder::month_first;
  NumberStamps numbers = NumberStamps::seconds;
  double unit_s = 0;   ///< of plain numbers [s]; 0: by their size
  std::string format;  ///< as strptime() takes it; empty: by the signs that stand there
  StampReading() = default;
  StampReading(DateOrder order_) : order(order_) {}  // NOLINT(google-explicit-constructor): an order alone is the usual reading
};

/// What a column of stamps does not say itself.
struct StampOptions {
  std::optional<bool> day_first;  ///< of dates such as 2/3/2023; decided from the first rows of the log if not given
  std::optional<NumberStamps> numbers;  ///< likewise
  double unit_s = 0;              ///< of plain numbers [s]; 0: by their size
  std::string format;             ///< see StampReading
  double zone_s = 0;              ///< offset from UTC of stamps that name no zone [s]; 0 keeps them in the log's own local time
};

/// The offset from UTC that stamps have in common.
class CommonZone {
 public:
  void look(double zone_s) {
    if (!any_) any_ = true, zone_s_ = zone_s;
    else if (zone_s != zone_s_) differ_ = true;
  }
  double zone_s() const { return differ_ ? 0 : zone_s_; }  ///< 0 if they differ [s]

 private:
  bool any_ = false, differ_ = false;
  double zone_s_ = 0;
};

/// Seconds since 1970-01-01 00:00 of a stamp, in UTC if it names a zone; nan if it is no time, or none of a log (before 1969, from
/// 2200 on: dates that stand for an unknown one). Read are
/// "2023-01-02 10:02:58.550936+00:00", "2016-03-12T22:59:55.000Z", "2023/04/20 08:00", "2/27/2023 08:00:12 PM" (by `order`),
/// "27.2.2023 08:00:12", "27-Feb-2023 08:00", "27 February 2023", "20230227T080012Z", "20230227080012", "2023年2月27日 8时0分12秒", dates
/// alone, times of day alone ("08:00:12.5", of 1970-01-01), and plain numbers: seconds, or milli-, micro- or nanoseconds if above 1e11,
/// 1e14, 1e17, or ticks of 100 ns since the year 1 (6.3e17 to 6.6e17: .NET, 1997 to 2092); a comma in them is a decimal one.
/// Zones: Z, UTC, GMT, +02, +0200, +02:00, and names that mean one offset (CET, CEST, EST, EDT, PST, PDT, JST, ...; not CST). Numbers
/// are taken to be in UTC.
/// @param zones looks at the zone of a stamp that is a date with a time
double parse_stamp(std::string_view stamp, const StampReading& reading = {}, double zone_s = 0, CommonZone* zones = nullptr);

/// Whether it is a date that no log can have: 1900-01-01, 9999-12-31 and the like stand for one that is not known.
bool is_placeholder(std::string_view stamp, const StampReading& reading = {});

/// Whether it is a date without a time of day, or a time of day without a date.
bool is_date_alone(std::string_view stamp);
bool is_clock_alone(std::string_view stamp);

/// Decides the order of 2/3/2023 from many stamps in the order of the log: the reading that makes times of more of them, that
/// goes back less often, that spans less time; month first if all that is equal. And what plain numbers are: dates without signs
/// where each of them is one (8 or 12 digits, of the years from 1990 to 2100), days of a spreadsheet where all lie between 25,000 and
/// 75,000 (1968 to 2105) and some of them are no whole days.
class StampVote {
 public:
  void look(std::string_view stamp);
  StampReading decided() const;
  std::uint64_t numbers() const { return numbers_; }  ///< of all that was looked at

 private:
  struct Reading {
    std::uint64_t failed = 0, backward = 0;
    double first_s = 1e300, last_s = -1e300, before_s = -1e300;
  };
  Reading readings_[2];  ///< by DateOrder
  std::uint64_t numbers_ = 0, dates_ = 0, days_ = 0, parts_of_days_ = 0;
};

}  // namespace retwin
