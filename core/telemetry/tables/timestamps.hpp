// Stamps of logs in the formats plants write, read fast: without a locale, without allocation.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace retwin {

/// Which of the two small numbers of a date such as 2/3/2023 is the day.
enum class DateOrder : std::uint8_t { month_first, day_first };

/// What a column of stamps does not say itself.
struct StampOptions {
  std::optional<bool> day_first;  ///< of dates such as 2/3/2023; decided from the first rows of the log if not given
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
/// "27.2.2023 08:00:12", dates alone, times of day alone ("08:00:12.5", of 1970-01-01), and plain numbers: seconds, or milli-,
/// micro- or nanoseconds if above 1e11, 1e14, 1e17; a comma in them is a decimal one.
/// Zones: Z, UTC, GMT, +02, +0200, +02:00. Numbers are taken to be in UTC.
/// @param zones looks at the zone of a stamp that is a date with a time
double parse_stamp(std::string_view stamp, DateOrder order = DateOrder::month_first, double zone_s = 0,
                   CommonZone* zones = nullptr);

/// Decides the order of 2/3/2023 from many stamps in the order of the log: the reading that makes times of more of them, that
/// goes back less often, that spans less time; month first if all that is equal.
class DateOrderVote {
 public:
  void look(std::string_view stamp);
  DateOrder decided() const;

 private:
  struct Reading {
    std::uint64_t failed = 0, backward = 0;
    double first_s = 1e300, last_s = -1e300, before_s = -1e300;
  };
  Reading readings_[2];  ///< by DateOrder
};

}  // namespace retwin
