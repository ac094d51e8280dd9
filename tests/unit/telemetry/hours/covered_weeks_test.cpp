// What a log never covered of a week is unknown, not closed.
#include "core/telemetry/hours/coverage.hpp"

#include <doctest/doctest.h>

#include "core/base/constants.hpp"

namespace retwin::covered_weeks_test {

namespace {

constexpr double monday = 4 * day_s;  // the 5th of January 1970

std::string text(const WeeklyHours& hours) {
  std::string all;
  for (const std::string& one : hours.weekly_text()) all += (all.empty() ? "" : ", ") + one;
  return all;
}

}  // namespace

TEST_CASE("days and hours that a log never covered are as those that it did") {
  const auto hours = [](double from_h, double to_h, int days) {
    std::vector<WeeklyHours::Span> spans;
    for (int d = 0; d < days; ++d) spans.push_back({d * day_s + from_h * hour_s, d * day_s + to_h * hour_s});
    return WeeklyHours(std::move(spans));
  };
  CHECK(text(filled_in(hours(9, 17, 2), monday + 9 * hour_s, monday + day_s + 17 * hour_s)) == "Mon-Sun 09:00-17:00");  // the night between was seen
  CHECK(filled_in(hours(6, 16, 1), monday + 6 * hour_s, monday + 16 * hour_s).always_open());  // nothing says that it closes
  CHECK(filled_in(WeeklyHours({{6 * hour_s, day_s + 12 * hour_s}}), monday + 6 * hour_s, monday + day_s + 12 * hour_s).always_open());
  const WeeklyHours office = hours(9, 17, 5);
  CHECK(text(filled_in(office, monday + 9 * hour_s, monday + 7 * day_s + 9 * hour_s)) == "Mon-Fri 09:00-17:00");  // a whole week: all is known
  CHECK(text(filled_in(office, monday + 9 * hour_s, monday + 6.9 * day_s)) == "Mon-Fri 09:00-17:00");             // Saturday and Sunday were seen
  CHECK(text(filled_in(office, std::numeric_limits<double>::quiet_NaN(), 0)) == "Mon-Fri 09:00-17:00");
}

TEST_CASE("days of the week that a log never covered") {
  CHECK(unseen_weekdays(monday + 9 * hour_s, monday + day_s + 17 * hour_s) == std::vector<int>{2, 3, 4, 5, 6});
  CHECK(unseen_weekdays(monday - day_s, monday + hour_s) == std::vector<int>{1, 2, 3, 4, 5});
  CHECK(unseen_weekdays(monday, monday + 7 * day_s).empty());
}

}  // namespace retwin::covered_weeks_test
