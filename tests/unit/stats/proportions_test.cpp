// Intervals of counted probabilities against published values and by their coverage.
#include "core/stats/proportions.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "core/base/random.hpp"
#include "core/stats/distribution.hpp"

namespace retwin::proportions_test {

TEST_CASE("Wilson's interval as published") {
  // Newcombe, Statistics in Medicine 17, 1998, table I, method 3
  const struct {
    std::uint64_t r, n;
    double low, high;
  } known[] = {{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718}};
  for (const auto& k : known) {
    const Bounds bounds = wilson_interval(k.r, k.n);
    CHECK(std::abs(bounds.low - k.low) < 0.00006);
    CHECK(std::abs(bounds.high - k.high) < 0.00006);
    CHECK(bounds.contains(bounds.estimate));
  }
  CHECK(wilson_interval(20, 20).high == 1);
  CHECK(wilson_interval(0, 0).contains(0.5));
}

TEST_CASE("Dirichlet marginals: tails of the beta posterior, ends where nothing was counted") {
  const std::vector<std::uint64_t> counts{30, 10, 0};
  const auto plain = dirichlet_intervals(counts, 0.95, false), all = dirichlet_intervals(counts, 0.95, true);
  REQUIRE(plain.size() == 3);
  // beta(a, b) of the marginal: a = count + 1/2, b = rest + (3 - 1)/2
  const Distribution first = Distribution::beta(30.5, 11, 0, 1);
  CHECK(first.cdf(plain[0].low) == doctest::Approx(0.025));
  CHECK(first.cdf(plain[0].high) == doctest::Approx(0.975));
  CHECK(first.cdf(all[0].low) == doctest::Approx(0.025 / 3));
  CHECK(plain[0].estimate == 0.75);
  CHECK(plain[2].low == 0);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(all[i].low <= plain[i].low);
    CHECK(all[i].high > plain[i].high);
  }
  CHECK(dirichlet_intervals(std::vector<std::uint64_t>{7})[0].low == 1);
  CHECK(dirichlet_intervals(std::vector<std::uint64_t>{}).empty());
  CHECK(dirichlet_intervals(std::vector<std::uint64_t>{0, 0})[0].high ==
        1 - dirichlet_intervals(std::vector<std::uint64_t>{0, 0})[0].low);
}

TEST_CASE("simultaneous intervals hold together at their level, plain ones each alone") {
  const std::vector<double> truth{0.5, 0.25, 0.15, 0.1};
  const Distribution law = Distribution::discrete({0, 1, 2, 3}, truth);
  std::uint64_t together = 0, plain_together = 0, one = 0;
  for (std::uint64_t r = 0; r < 400; ++r) {
    const Draws draws{replication_key(13, r), stream_id("routes"), 0};
    std::vector<std::uint64_t> counts(4);
    for (std::uint64_t i = 0; i < 150; ++i) ++counts[static_cast<std::size_t>(law.sample(draws.uniform(i)))];
    const auto all = dirichlet_intervals(counts, 0.9, true), plain = dirichlet_intervals(counts, 0.9, false);
    bool in = true, plain_in = true;
    for (std::size_t i = 0; i < 4; ++i) in = in && all[i].contains(truth[i]), plain_in = plain_in && plain[i].contains(truth[i]);
    together += in ? 1 : 0;
    plain_together += plain_in ? 1 : 0;
    one += plain[0].contains(truth[0]) ? 1 : 0;
  }
  CHECK(wilson_interval(together, 400, 0.999).high > 0.9);  // Bonferroni may cover more
  CHECK(wilson_interval(one, 400, 0.999).contains(0.9));
  CHECK(wilson_interval(plain_together, 400, 0.999).high < 0.9);
}

}  // namespace retwin::proportions_test
