// People who take turns are as many as are there at a time; people who are not there by chance are all of them.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

#include "core/base/constants.hpp"
#include "core/base/random.hpp"
#include "core/telemetry/work/turns.hpp"

namespace retwin::turns_test {

namespace {

/// Eight weeks of work of half an hour each hour, by whoever `there` says.
std::size_t at_a_time(std::size_t people, const std::function<bool(std::size_t who, std::int64_t hour)>& there) {
  EventLog log;
  for (std::int64_t hour = 4 * 24; hour < (4 + 56) * 24; ++hour)  // from a Monday on
    for (std::uint32_t who = 0; who < people; ++who) {
      if (!there(who, hour)) continue;
      LogEvent event;
      event.resource = who;
      event.start_s = static_cast<double>(hour) * hour_s + 60 * who;
      event.end_s = event.start_s + 1500;
      log.events.push_back(event);
    }
  std::vector<std::vector<std::uint32_t>> own(people);
  for (std::uint32_t k = 0; k < log.events.size(); ++k) own[log.events[k].resource].push_back(k);
  std::vector<const std::vector<std::uint32_t>*> all;
  for (const auto& one : own) all.push_back(&one);
  return there_at_a_time(log, all);
}

std::int64_t day(std::int64_t hour) { return hour / 24 - 4; }

}  // namespace

TEST_CASE("turns by weekday, by shift, by week") {
  const auto at_work = [](std::int64_t hour) { return hour % 24 >= 8 && hour % 24 < 16 && day(hour) % 7 < 5; };
  CHECK(at_a_time(2, [&](std::size_t who, std::int64_t hour) { return at_work(hour) && (day(hour) % 7 < 2 ? 0u : 1u) == who; }) == 1);
  CHECK(at_a_time(3, [&](std::size_t who, std::int64_t hour) { return static_cast<std::size_t>(hour % 24 / 8) == who; }) == 1);
  CHECK(at_a_time(4, [&](std::size_t who, std::int64_t hour) { return at_work(hour) && static_cast<std::size_t>(day(hour) / 7 % 2) == who % 2; }) == 2);
}

TEST_CASE("all are needed where they are there together, or come and go by chance") {
  const auto at_work = [](std::int64_t hour) { return hour % 24 >= 8 && hour % 24 < 16 && day(hour) % 7 < 5; };
  CHECK(at_a_time(3, [&](std::size_t, std::int64_t hour) { return at_work(hour); }) == 3);
  for (const double p : {0.02, 0.2, 0.6}) {
    CAPTURE(p);
    const Draws draws{replication_key(3, 0), stream_id("turns"), 0};
    CHECK(at_a_time(3, [&](std::size_t who, std::int64_t hour) { return at_work(hour) && draws.uniform(static_cast<std::uint64_t>(hour) * 8 + who) < p; }) == 3);
  }
  CHECK(at_a_time(2, [](std::size_t who, std::int64_t hour) { return hour / 24 == 4 && hour % 24 == static_cast<std::int64_t>(8 + who); }) == 2);  // too little to tell
  CHECK(at_a_time(1, [&](std::size_t, std::int64_t hour) { return at_work(hour); }) == 1);
}

TEST_CASE("who shares a shift is told by the days he is there, though he has work now and then only") {
  const Draws draws{replication_key(7, 0), stream_id("shared"), 0};
  const auto busy = [&](std::size_t who, std::int64_t hour) {  // every other hour, not the same for all
    return hour % 24 >= 8 && hour % 24 < 16 && day(hour) % 7 < 5 && draws.uniform(static_cast<std::uint64_t>(hour) * 8 + who) < 0.5;
  };
  const auto pairs = [&](std::size_t who, std::int64_t hour) {  // of each day, at random
    const auto d = static_cast<std::uint64_t>(day(hour));
    const auto first = static_cast<std::size_t>(4 * draws.uniform(100000 + 2 * d)), step = 1 + static_cast<std::size_t>(3 * draws.uniform(100001 + 2 * d));
    return busy(who, hour) && (who == first || who == (first + step) % 4);
  };
  CHECK(at_a_time(4, pairs) == 2);
  const auto free = [&](std::size_t who, std::int64_t hour) { return busy(who, hour) && draws.uniform(200000 + static_cast<std::uint64_t>(day(hour)) * 8 + who) < 0.5; };
  CHECK(at_a_time(4, free) == 4);  // control: each comes on half of the days as he likes
}

}  // namespace retwin::turns_test
