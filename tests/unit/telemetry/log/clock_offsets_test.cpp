// The clock of one resource that is off is found with its size; parallel branches, queues and clocks that agree are none.
#include "core/telemetry/log/clock_offsets.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "core/base/random.hpp"
#include "core/telemetry/log/clean.hpp"

namespace retwin::clock_offsets_test {

namespace {

/// Lots through three stations with queues; the stamps of the second are shifted, or it works beside the first.
EventLog log_of(std::uint64_t r, double shift_s, bool parallel = false) {
  const Draws d{replication_key(41, r), stream_id("clock"), 0};
  EventLog log;
  double free_s[3] = {0, 0, 0};
  const char* const names[3] = {"saw", "press", "booth"};
  for (std::size_t i = 0; i < 100; ++i) {
    const double begun_s = 300.0 * static_cast<double>(i);
    double at_s = begun_s;
    for (std::size_t k = 0; k < 3; ++k) {
      const double start_s = std::max(parallel && k == 1 ? begun_s + 20 : at_s, free_s[k]);
      const double end_s = start_s + 100 + 190 * d.uniform(3 * i + k), off_s = k == 1 ? shift_s : 0;
      free_s[k] = end_s;
      at_s = std::max(at_s, end_s + 10);
      log.events.push_back({log.lots.number(std::to_string(i)), log.activities.number("work at " + std::string(names[k])),
                            log.resources.number(names[k]), static_cast<std::uint32_t>(3 * i + k + 2), start_s + off_s,
                            end_s + off_s});
    }
  }
  return log;
}

std::string found(EventLog log) {
  put_in_order(log);
  find_clock_offsets(log);
  std::string all;
  for (const LogFinding& f : log.findings) all += f.example;
  return all;
}

}  // namespace

TEST_CASE("a clock that is off is named with its shift") {
  for (std::uint64_t r = 0; r < 5; ++r) {
    CHECK(found(log_of(r, -150)).starts_with("press: "));
    CHECK(found(log_of(r, -150)).ends_with("s later"));
    CHECK(found(log_of(r, 120)).starts_with("press: "));
    CHECK(found(log_of(r, 120)).ends_with("s earlier"));
  }
}

TEST_CASE("clocks that agree, and branches beside one another") {
  for (std::uint64_t r = 0; r < 50; ++r) {
    CHECK(found(log_of(r, 0)).empty());
    CHECK(found(log_of(r, 0, true)).empty());
  }
}

}  // namespace retwin::clock_offsets_test
