// Changes are found where they are, in time, and not where there are none.
#include "core/stats/change_point.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>

#include "core/base/random.hpp"
#include "core/stats/distribution.hpp"

namespace retwin::change_point_test {

namespace {

struct Stretch {
  std::size_t n;
  Distribution law;
};

std::vector<double> series(const std::vector<Stretch>& stretches, std::uint64_t replication = 0) {
  const Draws draws{replication_key(9, replication), stream_id("series"), 0};
  std::vector<double> out;
  for (const Stretch& stretch : stretches) {
    for (std::size_t i = 0; i < stretch.n; ++i) out.push_back(stretch.law.sample(draws.uniform(out.size())));
  }
  return out;
}

/// Least cost by trying every segmentation, for short series: the recursion without pruning.
std::size_t changes_without_pruning(const std::vector<double>& x, std::size_t shortest, double penalty) {
  const std::size_t n = x.size();
  const auto cost = [&](std::size_t from, std::size_t to) {
    double mean = 0, squares = 0;
    const double m = static_cast<double>(to - from);
    for (std::size_t i = from; i < to; ++i) mean += x[i] / m;
    for (std::size_t i = from; i < to; ++i) squares += (x[i] - mean) * (x[i] - mean) / m;
    return m * (std::log(squares) + 1) + std::log(m);
  };
  std::vector<double> least(n + 1, 1e300);
  std::vector<std::size_t> changes(n + 1, 0);
  least[0] = -penalty;
  for (std::size_t t = shortest; t <= n; ++t) {
    for (std::size_t s = 0; s + shortest <= t; ++s) {
      const double total = least[s] + cost(s, t) + penalty;
      if (total < least[t]) least[t] = total, changes[t] = changes[s] + (s > 0 ? 1 : 0);
    }
  }
  return changes[n];
}

}  // namespace

TEST_CASE("changes of mean and of variance are found at their places") {
  const Distribution calm = Distribution::normal(100, 2), slow = Distribution::normal(110, 2),
                     wild = Distribution::normal(110, 10);
  const auto found = change_points(series({{300, calm}, {200, slow}, {250, wild}}));
  REQUIRE(found.size() == 2);
  CHECK(std::abs(static_cast<double>(found[0].index) - 300) <= 2);
  CHECK(std::abs(static_cast<double>(found[1].index) - 500) <= 10);
  CHECK(found[0].mean_before == doctest::Approx(100).epsilon(0.01));
  CHECK(found[0].mean_after == doctest::Approx(110).epsilon(0.01));
  CHECK(found[0].p_value < 1e-6);
  CHECK(found[0].gain > 100);
}

TEST_CASE("no changes where there are none: at most 2 in 100 steady series") {
  std::size_t false_ones = 0;
  for (std::uint64_t r = 0; r < 100; ++r) false_ones += change_points(series({{400, Distribution::normal(100, 2)}}, r)).size();
  CHECK(false_ones <= 2);
  ChangePointOptions greedy;
  greedy.penalty = 1;  // negative control: a price too low finds changes everywhere
  CHECK(change_points(series({{400, Distribution::normal(100, 2)}}), greedy).size() > 5);
}

TEST_CASE("pruning loses nothing") {
  for (std::uint64_t r = 0; r < 20; ++r) {
    const auto x =
        series({{60, Distribution::normal(10, 1)}, {40, Distribution::normal(11, 1)}, {50, Distribution::normal(10, 2)}}, r);
    for (const double penalty : {4.0, 10.0, 20.0}) {
      ChangePointOptions options;
      options.penalty = penalty;
      CHECK(change_points(x, options).size() == changes_without_pruning(x, options.shortest, penalty));
    }
  }
}

TEST_CASE("rates of times between events and of counts") {
  ChangePointOptions options;
  options.law = SegmentLaw::exponential;
  const auto times = change_points(series({{400, Distribution::exponential(60)}, {400, Distribution::exponential(20)}}), options);
  REQUIRE(times.size() == 1);
  CHECK(std::abs(static_cast<double>(times[0].index) - 400) < 15);
  std::size_t false_ones = 0;
  for (std::uint64_t r = 0; r < 50; ++r)
    false_ones += change_points(series({{400, Distribution::exponential(60)}}, r), options).size();
  CHECK(false_ones <= 1);
  options.law = SegmentLaw::poisson;
  const auto counts = change_points(series({{200, Distribution::poisson(4)}, {200, Distribution::poisson(9)}}), options);
  REQUIRE(counts.size() == 1);
  CHECK(std::abs(static_cast<double>(counts[0].index) - 200) < 10);
}

TEST_CASE("constants, rounded runs, long and short series") {
  CHECK(change_points({}).empty());
  CHECK(change_points(std::vector<double>(100, 60.0)).empty());
  std::vector<double> steps(100, 60.0);
  for (std::size_t i = 50; i < 100; ++i) steps[i] = 66;
  const auto found = change_points(steps);
  REQUIRE(found.size() == 1);
  CHECK(found[0].index == 50);
  std::vector<double> minutes = series({{500, Distribution::normal(600, 40)}});
  for (double& x : minutes) x = 60 * std::round(x / 60);
  CHECK(change_points(minutes).empty());  // runs of equal minutes are no segments
  const auto late = change_points(series({{40003, Distribution::normal(100, 2)}, {20000, Distribution::normal(101, 2)}}));
  REQUIRE(late.size() == 1);
  CHECK(std::abs(static_cast<double>(late[0].index) - 40003) < 30);
  CHECK_THROWS_AS(change_points(std::vector<double>{1, std::nan("")}), std::invalid_argument);
  ChangePointOptions options;
  options.law = SegmentLaw::poisson;
  CHECK_THROWS_AS(change_points(std::vector<double>{1, -1}, options), std::invalid_argument);
}

TEST_CASE("a service time that rises by 20 % is alarmed within three observations") {
  const Distribution steady = Distribution::normal(600, 12);
  int placed = 0;
  for (std::uint64_t r = 0; r < 20; ++r) {
    const auto reference = series({{100, steady}}, 1000 + r);
    for (const double factor : {1.2, 0.8}) {
      Cusum cusum(reference);
      for (const double x : series({{200, steady}}, r)) CHECK(cusum.add(x) == Cusum::Side::neither);
      const Cusum::Side side = factor > 1 ? Cusum::Side::above : Cusum::Side::below;
      std::size_t until = 0;
      for (const double x : series({{10, steady.scaled(factor)}}, 500 + r)) {
        ++until;
        if (cusum.add(x) != Cusum::Side::neither) break;
      }
      CHECK(until <= 3);
      CHECK(cusum.alarm() == side);
      CHECK(cusum.changed_at(side) <= 200);
      placed += cusum.changed_at(side) >= 195 ? 1 : 0;  // a chance excursion may have been under way
      cusum.reset();
      CHECK(cusum.alarm() == Cusum::Side::neither);
    }
  }
  CHECK(placed >= 34);  // of 40
}

TEST_CASE("10,000 steady observations: no alarm at a steady run of a million; alarms at one of a thousand") {
  const Distribution steady = Distribution::normal(600, 12);
  Cusum::Options hasty;
  hasty.steady_run = 1000;
  std::size_t false_ones = 0, hasty_ones = 0;
  for (std::uint64_t r = 0; r < 10; ++r) {
    const auto reference = series({{200, steady}}, 2000 + r);
    Cusum cusum(reference), quick(reference, hasty);
    for (const double x : series({{10000, steady}}, 3000 + r)) {
      if (cusum.add(x) != Cusum::Side::neither) ++false_ones, cusum.reset();
      if (quick.add(x) != Cusum::Side::neither) ++hasty_ones, quick.reset();
    }
  }
  CHECK(false_ones == 0);
  CHECK(hasty_ones > 0);
}

TEST_CASE("the steady run is what Siegmund's approximation promises") {
  CHECK(cusum_threshold(0.5, 465) == doctest::Approx(5).epsilon(0.01));  // Montgomery: h = 5, k = 1/2 has a run of 465
  CHECK(cusum_threshold(0.5, 168) == doctest::Approx(4).epsilon(0.01));  // and h = 4 one of 168
  // measured: a reference so large that its own error does not count
  Cusum::Options options;
  options.steady_run = 400;
  const Distribution law = Distribution::normal(0, 1);
  Cusum cusum(series({{200000, law}}, 1), options);
  std::size_t alarms = 0;
  const std::size_t n = 200000;
  for (const double x : series({{n, law}}, 2)) {
    if (cusum.add(x) != Cusum::Side::neither) ++alarms, cusum.reset();
  }
  CHECK(static_cast<double>(n) / static_cast<double>(alarms) == doctest::Approx(400).epsilon(0.15));
}

TEST_CASE("one outlier is no alarm; constants and skewed values have a scale; bad references are refused") {
  const auto reference = series({{100, Distribution::normal(600, 12)}});
  Cusum cusum(reference);
  CHECK(cusum.add(1e9) == Cusum::Side::neither);
  CHECK(cusum.add(600) == Cusum::Side::neither);
  Cusum still(std::vector<double>(20, 60.0));
  for (int i = 0; i < 100; ++i) CHECK(still.add(60.0) == Cusum::Side::neither);
  still.add(66), still.add(66);
  CHECK(still.alarm() == Cusum::Side::above);
  Cusum::Options logarithm;
  logarithm.logarithm = true;
  Cusum skewed(series({{500, Distribution::lognormal(600, 600)}}, 4), logarithm),
      plain(series({{500, Distribution::lognormal(600, 600)}}, 4));
  for (const double x : series({{5000, Distribution::lognormal(600, 600)}}, 5)) skewed.add(x), plain.add(x);
  CHECK(skewed.alarm() == Cusum::Side::neither);
  CHECK(plain.alarm() == Cusum::Side::above);  // negative control: the threshold holds for normal observations only
  CHECK_THROWS_AS(Cusum(std::vector<double>{1}), std::invalid_argument);
  CHECK_THROWS_AS(Cusum(std::vector<double>{1, std::nan("")}), std::invalid_argument);
  CHECK_THROWS_AS(Cusum(std::vector<double>{1, -1}, logarithm), std::invalid_argument);
}

}  // namespace retwin::change_point_test
