// Counter-based random numbers against their references.
#include <doctest/doctest.h>

#include <Random123/philox.h>

#include <cmath>
#include <cstdint>
#include <limits>

#include "core/base/random.hpp"

namespace retwin::random_test {

namespace {

std::uint64_t reference(std::uint64_t key, std::uint64_t c0, std::uint64_t c1) {
  philox2x64_ctr_t counter;
  counter.v[0] = c0;
  counter.v[1] = c1;
  philox2x64_key_t k;
  k.v[0] = key;
  return philox2x64_R(7, counter, k).v[0];
}

}  // namespace

TEST_CASE("philox is the first word of Random123's philox2x64 with seven rounds") {
  std::uint64_t x = 1;
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t key = x = mix64(x), c0 = x = mix64(x), c1 = x = mix64(x);
    REQUIRE(philox(key, c0, c1) == reference(key, c0, c1));
  }
  constexpr std::uint64_t all = std::numeric_limits<std::uint64_t>::max();
  CHECK(philox(0, 0, 0) == reference(0, 0, 0));
  CHECK(philox(all, all, all) == reference(all, all, all));
  CHECK(philox(0, 0, 0) != reference(0, 0, 1));  // negative control
}

TEST_CASE("mix64 gives the published sequence of SplitMix64") {
  // Seed 1234567, the first five outputs of the reference implementation (S. Vigna, splitmix64.c), as listed by Rosetta Code.
  const std::uint64_t expected[] = {6457827717110365317ull, 3203168211198807973ull, 9817491932198370423ull,
                                    4593380528125082431ull, 16408922859458223821ull};
  std::uint64_t state = 1234567;
  for (const std::uint64_t value : expected) {
    CHECK(mix64(state) == value);
    state += 0x9e3779b97f4a7c15ull;
  }
}

TEST_CASE("to_unit stays strictly inside (0, 1)") {
  CHECK(to_unit(0) > 0);
  CHECK(to_unit(std::numeric_limits<std::uint64_t>::max()) < 1);
  CHECK(to_unit(std::uint64_t{1} << 63) == doctest::Approx(0.5));
  CHECK(std::isfinite(std::log(to_unit(0))));
}

TEST_CASE("streams, identities and draws are addressed, not counted") {
  CHECK(stream_id("press") != stream_id("press2"));
  CHECK(identity(1, 2) != identity(2, 1));
  CHECK(replication_key(7, 0) != replication_key(7, 1));
  const Draws draws{replication_key(1, 0), stream_id("press"), 42};
  const double third = draws.uniform(3);
  static_cast<void>(draws.uniform(1));
  CHECK(draws.uniform(3) == third);
  double sum = 0;
  for (std::uint64_t i = 0; i < 10000; ++i) sum += draws.uniform(i);
  CHECK(sum / 10000 == doctest::Approx(0.5).epsilon(0.03));  // 10 standard errors
}

}  // namespace retwin::random_test
