// Holm's adjustment: by hand, in any order, and its error rate with a control.
#include "core/stats/multiple.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace retwin::multiple_test {

TEST_CASE("Holm by hand") {
  const std::vector<double> adjusted = holm(std::vector<double>{0.01, 0.04, 0.03, 0.005});
  CHECK(adjusted[0] == doctest::Approx(0.03));
  CHECK(adjusted[1] == doctest::Approx(0.06));
  CHECK(adjusted[2] == doctest::Approx(0.06));
  CHECK(adjusted[3] == doctest::Approx(0.02));
  CHECK(holm({}).empty());
  CHECK(holm(std::vector<double>{0.7, 0.9})[0] == 1);
}

TEST_CASE("what is no test does not count") {
  const std::vector<double> adjusted = holm(std::vector<double>{0.01, std::numeric_limits<double>::quiet_NaN(), 0.5});
  CHECK(adjusted[0] == doctest::Approx(0.02));
  CHECK(std::isnan(adjusted[1]));
  CHECK(adjusted[2] == doctest::Approx(0.5));
}

TEST_CASE("of twelve true hypotheses one is rejected at most as often as alpha says; without the adjustment far more often") {
  std::uint64_t state = 12345;
  const auto uniform = [&] {  // splitmix64
    std::uint64_t z = (state += 0x9e3779b97f4a7c15ull);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1.0p-53;
  };
  int adjusted = 0, plain = 0;
  constexpr int trials = 4000;
  for (int trial = 0; trial < trials; ++trial) {
    std::vector<double> p(12);
    std::generate(p.begin(), p.end(), uniform);
    const std::vector<double> q = holm(p);
    adjusted += *std::min_element(q.begin(), q.end()) < 0.05;
    plain += *std::min_element(p.begin(), p.end()) < 0.05;
  }
  CHECK(adjusted < trials * 0.062);
  CHECK(adjusted > trials * 0.035);
  CHECK(plain > trials * 0.4);
}

}  // namespace retwin::multiple_test
