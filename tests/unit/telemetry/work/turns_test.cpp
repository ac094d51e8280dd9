// People who share shifts: by hours where they relieve one another, by days where not all of them are there.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "core/base/random.hpp"
#include "core/telemetry/work/turns.hpp"

using namespace retwin;

namespace {

constexpr double hour = 3600, day = 24 * hour, monday = 4 * day;  // 1970-01-05

struct Roster {
  EventLog log;
  std::vector<std::vector<std::uint32_t>> events{4};
  void work(std::size_t who, double from_s) {
    LogEvent event;
    event.start_s = from_s, event.end_s = from_s + 0.5 * hour;
    events[who].push_back(static_cast<std::uint32_t>(log.events.size()));
    log.events.push_back(event);
  }
  std::size_t at_a_time() const {
    std::vector<const std::vector<std::uint32_t>*> own;
    for (const auto& one : events) own.push_back(&one);
    return there_at_a_time(log, own);
  }
};

}  // namespace

TEST_CASE("of four who share day shifts two by two there are two at a time; of four who come as they like, four") {
  const Draws draws{7, stream_id("turns"), 0};
  std::uint64_t drawn = 0;
  Roster pairs, weeks, free, shifts;
  for (int d = 0; d < 70; ++d) {
    if (d % 7 >= 5) continue;
    const double begin = monday + d * day + 8 * hour;
    const auto first = static_cast<std::size_t>(4 * draws.uniform(drawn++)), step = 1 + static_cast<std::size_t>(3 * draws.uniform(drawn++));
    for (int h = 0; h < 8; h += 2)
      for (std::size_t who = 0; who < 4; ++who) {
        const double at = begin + h * hour + 10 * static_cast<double>(who);
        if (who == first || who == (first + step) % 4) pairs.work(who, at);
        if ((who < 2) == (d / 7 % 2 == 0)) weeks.work(who, at);
        if (draws.uniform(1000 + static_cast<std::uint64_t>(d) * 4 + who) < 0.5) free.work(who, at);  // by the day
        shifts.work(who, at + (who < 2 ? 0 : 8 * hour));
      }
  }
  CHECK(pairs.at_a_time() == 2);
  CHECK(weeks.at_a_time() == 2);
  CHECK(shifts.at_a_time() == 2);
  CHECK(free.at_a_time() == 4);
}
