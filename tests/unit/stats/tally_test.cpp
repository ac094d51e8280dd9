// Accumulators: values, windows by subtraction, pooling.
#include "core/stats/tally.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <type_traits>
#include <vector>

#include "core/base/random.hpp"

namespace retwin::tally_test {

static_assert(std::is_trivially_copyable_v<Tally> && std::is_trivially_copyable_v<LevelIntegral>);

namespace {
double uniform(std::uint64_t i) { return to_unit(philox(1, 2, i)); }
}  // namespace

TEST_CASE("tally: mean and sd") {
  Tally tally;
  CHECK(std::isnan(tally.mean()));
  for (const double x : {2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0}) tally.add(x);
  CHECK(tally.count() == 8);
  CHECK(tally.mean() == 5);
  CHECK(tally.total() == 40);
  CHECK(tally.sd() == doctest::Approx(std::sqrt(32.0 / 7)));
  Tally one;
  one.add(3);
  CHECK(one.mean() == 3);
  CHECK(std::isnan(one.sd()));
}

TEST_CASE("tally: a small spread around a large mean is kept") {
  Tally tally;
  for (int i = 0; i < 1000; ++i) tally.add(1e9 + (i % 2));
  CHECK(tally.mean() == doctest::Approx(1e9 + 0.5).epsilon(1e-15));
  CHECK(tally.sd() == doctest::Approx(0.5 * std::sqrt(1000.0 / 999)).epsilon(1e-9));
}

TEST_CASE("tally: end minus start is the window; pooling puts it together again") {
  Tally all, window;
  Tally start = all;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    if (i == 400) start = all;
    const double x = 50 + 10 * uniform(i) + (i >= 400 ? 5 : 0);
    all.add(x);
    if (i >= 400) window.add(x);
  }
  const Tally difference = all - start;
  CHECK(difference.count() == 600);
  CHECK(difference.mean() == doctest::Approx(window.mean()).epsilon(1e-12));
  CHECK(difference.sd() == doctest::Approx(window.sd()).epsilon(1e-10));
  CHECK(std::abs(all.mean() - window.mean()) > 1);  // negative control: the warm-up did matter
  CHECK((all - Tally()).mean() == all.mean());
  Tally pooled = start;
  pooled += window;
  CHECK(pooled.count() == all.count());
  CHECK(pooled.mean() == doctest::Approx(all.mean()).epsilon(1e-12));
  CHECK(pooled.sd() == doctest::Approx(all.sd()).epsilon(1e-10));
}

TEST_CASE("level integral: computed on read, not changed by it") {
  LevelIntegral queue;
  queue.add(10, 2);
  queue.add(15, -1);
  CHECK(queue.value(15) == 10);
  CHECK(queue.value(20) == 15);
  CHECK(queue.value(20) == 15);
  CHECK(queue.level() == 1);
  queue.set(20, 4);
  CHECK(queue.value(21) == 19);
  CHECK(queue.value(21) - queue.value(20) == 4);
  CHECK(LevelIntegral(3, 100).value(110) == 30);
}

TEST_CASE("histogram: quantiles within a bin's width") {
  Histogram histogram;
  constexpr std::uint64_t n = 100'000;
  for (std::uint64_t i = 0; i < n; ++i) histogram.add(-3600 * std::log((static_cast<double>(i) + 0.5) / n));
  for (const double p : {0.01, 0.1, 0.5, 0.9, 0.99}) {
    CHECK(histogram.quantile(p) == doctest::Approx(-3600 * std::log1p(-p)).epsilon(2e-3));
  }
  Histogram same;
  for (int i = 0; i < 10; ++i) same.add(7200);
  CHECK(same.quantile(0.5) == doctest::Approx(7200).epsilon(0.016));
}

/// So many different values that they are counted in bins.
Histogram in_bins() {
  Histogram histogram;
  for (std::size_t i = 0; i <= Histogram::most_values; ++i) histogram.add(1e4 + static_cast<double>(i));
  return histogram;
}

TEST_CASE("histogram: quantiles of small samples, and of few values, are exact") {
  Histogram three;
  for (const double x : {1800.0, 600.0, 1200.0}) three.add(x);
  CHECK(three.quantile(0.5) == 1200);
  CHECK(three.quantile(0.9) == 1800);
  CHECK(three.quantile(0) == 600);
  three.add(600);
  CHECK(three.quantile(0.5) == 900);  // half-way between the two in the middle
  Histogram coin;
  for (int i = 0; i < 100'000; ++i) coin.add(i % 10 < 9 ? 600 + 1e-12 * i : 603);  // closer than the width of a bin
  CHECK(coin.quantile(0.5) == 600);
  CHECK(coin.quantile(0.89) == 600);
  CHECK(coin.quantile(0.91) == 603);
  Histogram later = coin;
  for (int i = 0; i < 7; ++i) later.add(601);
  CHECK((later - coin).count() == 7);
  CHECK((later - coin).quantile(0.5) == 601);
  for (int i = 0; i < 5000; ++i) later.add(1000 + i);
  CHECK((later - coin).count() == 5007);
  CHECK((later - coin).quantile(0.5) == doctest::Approx(3500).epsilon(0.016));
}

TEST_CASE("histogram: ends, empty, windows and pooling") {
  CHECK(std::isnan(Histogram().quantile(0.5)));
  const Histogram before = in_bins();
  Histogram histogram = before;
  histogram.add(0);
  histogram.add(0);
  histogram.add(1e12);
  CHECK((histogram - before).quantile(0.5) == 0);
  CHECK((histogram - before).quantile(1) == Histogram::highest);
  const Histogram start = histogram;
  for (int i = 0; i < 100; ++i) histogram.add(100);
  for (int i = 0; i < 100; ++i) histogram.add(0.5);  // grows downwards, after the copy
  const Histogram window = histogram - start;
  CHECK(window.count() == 200);
  CHECK(window.quantile(0.25) == doctest::Approx(0.5).epsilon(0.016));
  CHECK(window.quantile(0.75) == doctest::Approx(100).epsilon(0.016));
  CHECK((histogram - Histogram()).count() == histogram.count());
  CHECK((histogram - histogram).count() == 0);
  CHECK(std::isnan((histogram - histogram).quantile(0.5)));
  Histogram pooled = start;
  pooled += window;
  for (const double p : {0.005, 0.3, 0.8, 0.999}) CHECK(pooled.quantile(p) == histogram.quantile(p));
}

TEST_CASE("histogram: relative width of the bins stays below 1.6 % over the whole range") {
  for (double x = 1.1 * Histogram::lowest; x < 0.9 * Histogram::highest; x *= 1.37) {
    const Histogram before = in_bins();
    Histogram histogram = before;
    histogram.add(x);
    histogram = histogram - before;
    CHECK(histogram.quantile(0) <= x);
    CHECK(histogram.quantile(1) >= x);
    CHECK(histogram.quantile(1) - histogram.quantile(0) <= x / 64 * (1 + 1e-12));
  }
}

}  // namespace retwin::tally_test
