// Matching against an enumeration of all ways to give units to needs.
#include "core/flow/plant/matching.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <random>

namespace retwin::matching_test {

namespace {

/// The most units that can be given in whole units, by trying everything.
int most_by_trying(const std::vector<Need>& needs, std::vector<int> free, std::size_t n = 0, int given = 0) {
  if (n == needs.size()) return 0;
  if (given == static_cast<int>(needs[n].count)) return most_by_trying(needs, free, n + 1);
  int best = most_by_trying(needs, free, n + 1);
  for (const Index pool : needs[n].pools) {
    if (free[pool] == 0) continue;
    --free[pool];
    best = std::max(best, 1 + most_by_trying(needs, free, n, given + 1));
    ++free[pool];
  }
  return best;
}

struct Case {
  std::vector<Need> needs;
  std::vector<int> free;
  int asked = 0;
};

Case random_case(std::mt19937& random, bool greedy_trap) {
  Case c;
  const unsigned pools = 2 + random() % 4, needs = 1 + random() % 4;
  for (unsigned p = 0; p < pools; ++p) c.free.push_back(static_cast<int>(random() % 3));
  for (unsigned n = 0; n < needs; ++n) {
    Need need;
    for (Index p = 0; p < pools; ++p)
      if (random() % 2 == 0) need.pools.push_back(p);
    if (need.pools.empty()) need.pools.push_back(static_cast<Index>(random() % pools));
    std::shuffle(need.pools.begin(), need.pools.end(), random);
    need.count = greedy_trap || random() % 2 == 0 ? 1 : 2;
    c.asked += static_cast<int>(need.count);
    c.needs.push_back(need);
  }
  return c;
}

/// What first come, first served would give: the negative control.
int most_by_greed(const Case& c) {
  std::vector<int> free = c.free;
  int given = 0;
  for (const Need& need : c.needs) {
    double missing = need.count;
    for (const Index pool : need.pools)
      for (; missing > 0 && free[pool] > 0; --free[pool], --missing) ++given;
  }
  return given;
}

}  // namespace

TEST_CASE("needs are met exactly when some way of meeting them exists, and as far as possible otherwise") {
  std::mt19937 random(7);
  Matching matching;
  int met = 0, beyond_greed = 0;
  for (int k = 0; k < 4000; ++k) {
    const Case c = random_case(random, k % 2 == 0);
    const int most = most_by_trying(c.needs, c.free);
    const bool all = matching.meet(c.needs, [&](Index p) { return c.free[p]; });
    CHECK(all == (most == c.asked));
    double given = 0;
    for (const Units& u : matching.given()) {
      given += u.count;
      CHECK(u.count <= c.free[u.pool]);
    }
    CHECK(given == doctest::Approx(most));
    met += all ? 1 : 0;
    beyond_greed += most_by_greed(c) < most ? 1 : 0;
  }
  CHECK(met > 500);
  CHECK(beyond_greed > 100);  // a greedy choice would be caught
}

TEST_CASE("fractions are matched, and the order of preference is kept where it does") {
  Matching matching;
  const std::vector<Need> needs{{{0, 1}, 0.5}, {{0}, 0.75}};
  const double free[] = {1.0, 0.25};
  CHECK(matching.meet(needs, [&](Index p) { return free[p]; }));
  REQUIRE(matching.given().size() == 2);
  CHECK(matching.given()[0].count == doctest::Approx(1.0));
  CHECK(matching.given()[1].count == doctest::Approx(0.25));
  CHECK(!matching.meet({{{0, 1}, 0.5}, {{0}, 0.8}}, [&](Index p) { return free[p]; }));
  CHECK(matching.meet({{{1, 0}, 0.2}}, [&](Index p) { return free[p]; }));
  CHECK(matching.given().front().pool == 1);
}

TEST_CASE("any number of parts") {
  std::vector<Need> needs;
  for (Index p = 0; p < 40; ++p) needs.push_back({{p}, 1});
  Matching matching;
  CHECK(matching.meet(needs, [](Index) { return 1.0; }));
  CHECK(matching.given().size() == 40);
  CHECK(!matching.meet(needs, [](Index p) { return p == 39 ? 0.0 : 1.0; }));
}

}  // namespace retwin::matching_test
