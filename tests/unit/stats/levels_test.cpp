// Times by level: quantiles and maxima that can be counted, windows as differences, and the width of the bins.
#include <doctest/doctest.h>

#include <cmath>

#include "core/stats/levels.hpp"

namespace retwin::levels_test {

TEST_CASE("whole numbers below 512 are told apart, quantiles are the lowest level that a share does not exceed") {
  LevelTimes times;
  CHECK(std::isnan(times.quantile(0.5)));
  CHECK(times.maximum() == 0);
  for (int level = 0; level < 512; ++level) times.add(level, 1);
  CHECK(times.total_s() == 512);
  CHECK(times.integral() == 511 * 512 / 2);
  CHECK(times.maximum() == 511);
  for (int level = 0; level < 512; ++level) {
    CHECK(times.quantile((level + 1) / 512.0) == level);
    CHECK(times.quantile((level + 0.5) / 512.0) == level);
    if (level < 511) CHECK(times.quantile((level + 1.01) / 512.0) == level + 1);
  }
}

TEST_CASE("beyond, and between whole numbers, a level is rounded down by at most 0.4 %") {
  for (double level = 0.00123; level < 1e8; level *= 1.7) {
    LevelTimes times;
    times.add(level, 3);
    CHECK(times.maximum() <= level);
    CHECK(times.maximum() > level * (1 - 1.0 / 256));
    CHECK(times.quantile(0.95) == times.maximum());
    CHECK(times.integral() == level * 3);
  }
  LevelTimes tiny;
  tiny.add(1e-9, 3);
  tiny.add(-1e-12, 3);  // what rounding leaves of an empty buffer
  CHECK(tiny.maximum() == 0);
  CHECK(tiny.quantile(0.95) == 0);
}

TEST_CASE("the difference of two readings is the window between; what was before does not count") {
  LevelTimes times;
  times.add(700, 5);
  times.add(3, 5);
  const LevelTimes begin = times;
  times.add(2, 9);
  times.add(40, 1);
  const LevelTimes window = times - begin;
  CHECK(window.maximum() == 40);
  CHECK(window.quantile(0.9) == 2);
  CHECK(window.quantile(0.91) == 40);
  CHECK(window.total_s() == 10);
  CHECK(window.integral() == 58);
  CHECK(times.maximum() == 700);  // control: the whole run has more
}

TEST_CASE("bins that cannot be are not sound") {
  const auto is = [](double x) { return std::isfinite(x); };
  LevelTimes times;
  times.add(5, 1);
  CHECK(times.sound(is));
  times.add(6, std::nan(""));
  CHECK_FALSE(times.sound(is));
}

TEST_CASE("time with at least one is a union, and goes on when it is counted again") {
  AnyTime any;
  any.come(1);
  any.come(2);
  any.go(5);
  CHECK(any.value(6) == 5);
  any.go(7);
  CHECK(any.value(9) == 6);
  any.come(10);
  const AnyTime before = any;
  any.forget();
  any.come(12);
  any.come(12);
  any.recounted(before, 12);
  CHECK(any.count() == 2);
  CHECK(any.value(13) == 9);
  any.forget();
  any.recounted(before, 12);  // none is left
  CHECK(any.value(13) == 8);
}

}  // namespace retwin::levels_test
