// Pools of resources: by likeness of work, by shared activities, lots at a time; work that names nobody.
#include "core/telemetry/work/pools.hpp"

#include <doctest/doctest.h>

#include <string>

#include "core/telemetry/log/findings.hpp"

namespace retwin::pools_test {

namespace {

/// A log from one operation after the other.
struct Book {
  EventLog log;
  void add(const std::string& lot, const std::string& activity, const std::string& resource, double start_s, double end_s) {
    LogEvent event;
    event.lot = log.lots.number(lot);
    event.activity = log.activities.number(activity);
    if (!resource.empty()) event.resource = log.resources.number(resource);
    event.row = static_cast<std::uint32_t>(log.events.size() + 1);
    event.start_s = start_s, event.end_s = end_s;
    log.events.push_back(event);
  }
};

const LogPool& pool_of(const Pools& pools, const EventLog& log, const std::string& activity) {
  return pools.pools.at(pools.of_activity.at(log.activities.find(activity)));
}

}  // namespace

TEST_CASE("those who do the same work are a pool, others are not") {
  Book book;
  for (int k = 0; k < 60; ++k) {
    const double t = 1000.0 * k;
    book.add(std::to_string(k), "cut", "cutter_" + std::to_string(k % 3), t, t + 500);
    book.add(std::to_string(k), "weld", k % 2 == 0 ? "Anna" : "Anton", t + 500, t + 900);
    book.add(std::to_string(k), "pack", "Zoe", t + 900, t + 950);
  }
  const Pools pools = discover_pools(book.log);
  REQUIRE(pools.pools.size() == 3);
  const LogPool& cutters = pool_of(pools, book.log, "cut");
  CHECK(cutters.name == "cutter");
  CHECK(cutters.resources.size() == 3);
  CHECK(cutters.units == 3);
  CHECK(cutters.events == 60);
  CHECK(cutters.overlap == 0);
  CHECK(cutters.strangers == 0);
  CHECK(pool_of(pools, book.log, "weld").name == "An");
  CHECK(pool_of(pools, book.log, "weld").units == 2);
  CHECK(pool_of(pools, book.log, "pack").name == "Zoe");
  CHECK(discover_pools(book.log, {0, 0.1}).pools.size() == 1);  // control: with no likeness asked for, all are one
}

TEST_CASE("pools that share an activity are one, unless one of them does nearly all of it") {
  for (const int guest : {2, 20}) {  // every so many-th weld is done by the cutter
    CAPTURE(guest);
    Book book;
    for (int k = 0; k < 100; ++k) {
      const double t = 1000.0 * k;
      book.add(std::to_string(k), "cut", "cutter", t, t + 400);
      book.add(std::to_string(k), "cut", "cutter", t + 400, t + 500);
      book.add(std::to_string(k), "weld", k % guest == 0 ? "cutter" : "welder", t + 500, t + 900);
    }
    const Pools pools = discover_pools(book.log);
    CHECK(pools.pools.size() == (guest == 2 ? 1 : 2));
    if (guest == 2) continue;
    CHECK(pool_of(pools, book.log, "weld").name == "welder");
    CHECK(pool_of(pools, book.log, "weld").strangers == doctest::Approx(0.05));
  }
}

TEST_CASE("a small pool that shares an activity with two larger ones is not what joins them") {
  Book book;  // 5 % by the first named, the others do the rest half and half
  for (int k = 0; k < 200; ++k) {
    const double t = 1000.0 * k;
    const char* const who = k % 20 == 0 ? "guest" : k % 2 == 0 ? "left" : "right";
    book.add(std::to_string(k), "shared", who, t, t + 100);
    book.add(std::to_string(k), "own of left", "left", t + 100, t + 200);
    book.add(std::to_string(k), "own of right", "right", t + 200, t + 300);
    for (int i = 0; i < 3; ++i) book.add(std::to_string(k), "own of guest", "guest", t + 300 + i, t + 301 + i);
  }
  const Pools pools = discover_pools(book.log);
  REQUIRE(pools.pools.size() == 2);
  CHECK(pools.of_activity[book.log.activities.find("own of left")] ==
        pools.of_activity[book.log.activities.find("own of right")]);
  CHECK(pools.of_activity[book.log.activities.find("own of guest")] != pools.of_activity[book.log.activities.find("shared")]);
}

TEST_CASE("several lots at a time count as units; one after the other do not") {
  Book book;
  for (int k = 0; k < 300; ++k) {
    book.add("b" + std::to_string(k), "bake", "oven", 100.0 * k, 100.0 * k + 299);  // always three
    book.add("s" + std::to_string(k), "saw", "saw", 100.0 * k, 100.0 * k + 100);    // the next at the end of the one before
  }
  book.add("s-", "saw", "saw", 100.0 * 300, 100.0 * 300 + 50);
  book.add("s+", "saw", "saw", 100.0 * 300 + 20, 100.0 * 300 + 70);  // once is none
  const Pools pools = discover_pools(book.log);
  CHECK(pool_of(pools, book.log, "bake").units == 3);
  CHECK(pool_of(pools, book.log, "bake").overlap == doctest::Approx(299.0 / 300));
  CHECK(pool_of(pools, book.log, "saw").units == 1);
}

TEST_CASE("work that names nobody is a pool without resources; names that have no work are none") {
  Book book;
  book.log.resources.number("nobody");
  book.log.activities.number("never");
  for (int k = 0; k < 10; ++k) book.add(std::to_string(k), "cure", "", 10.0 * k, 10.0 * k + 50);
  const Pools pools = discover_pools(book.log);
  REQUIRE(pools.pools.size() == 1);
  CHECK(pools.pools.front().name == "cure");
  CHECK(pools.pools.front().resources.empty());
  CHECK(pools.of_activity[book.log.activities.find("never")] == Names::absent);
}

TEST_CASE("a resource for every operation is still one pool, in time") {
  Book book;  // 40,000 resources: all pairs would be 800 million
  for (int k = 0; k < 20'000; ++k) {
    book.add(std::to_string(k), "cut", "cut " + std::to_string(k), 10.0 * k, 10.0 * k + 5);
    book.add(std::to_string(k), "weld", "weld " + std::to_string(k), 10.0 * k + 5, 10.0 * k + 9);
  }
  const Pools pools = discover_pools(book.log);
  CHECK(pools.pools.size() == 2);
  CHECK(pool_of(pools, book.log, "weld").resources.size() == 20'000);
}

}  // namespace retwin::pools_test
