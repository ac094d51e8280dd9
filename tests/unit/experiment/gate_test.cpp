// Gates: looks that end where all is decided, what is not shown, and how often a planted loss gets through.
#include "core/experiment/gate.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "tests/unit/normal_stream.hpp"

namespace retwin::gate_test {

namespace {

struct Planted {
  PairedSums sums;
  std::size_t reached = 0;
};

/// Pairs whose variant is `factor` times the base, with noise of its own.
Planted planted(double factor, double noise, std::uint64_t seed) {
  Normal normal(seed);
  Planted made;
  for (std::size_t k = 0; k < gate_most; ++k) {
    const double base = 100 + 5 * normal();
    made.sums.base.push_back(base);
    made.sums.variant.push_back(factor * base + noise * normal());
    made.sums.base_per.push_back(1);
    made.sums.variant_per.push_back(1);
  }
  return made;
}

Judged judge(Planted& of, const char* limit = "< -1 %", bool identical = false) {
  GateCondition condition{limit, "products", limit[0] == '<', (limit[0] == '<' ? -0.01 : 0.01), true};
  Pairs pairs;
  pairs.reach = [&](std::size_t n) { of.reached = n; };
  pairs.identical = [=](std::size_t) { return identical; };
  pairs.unit = [](const std::string&) { return "1"; };
  pairs.sums = [&](const std::string&, std::size_t n) {
    PairedSums s = of.sums;
    for (std::vector<double>* part : {&s.base, &s.variant, &s.base_per, &s.variant_per}) part->resize(n);
    return s;
  };
  static const Looks looks = looks_up_to(gate_most);
  return pass_gate({condition}, looks, pairs).front();
}

}  // namespace

TEST_CASE("looks at 10, 20, 40, 80, 160, or up to what there is") {
  CHECK(looks_up_to(160).counts == std::vector<std::size_t>{10, 20, 40, 80, 160});
  CHECK(looks_up_to(25).counts == std::vector<std::size_t>{10, 20, 25});
  CHECK(looks_up_to(10).counts == std::vector<std::size_t>{10});
  CHECK(looks_up_to(4).counts == std::vector<std::size_t>{4});
  CHECK(looks_up_to(160).critical.front() > looks_up_to(10).critical.front());
}

TEST_CASE("what is clear is clear at the first look, what is not takes more, what cannot be told is not shown") {
  Planted same = planted(1, 0.2, 1), worse = planted(0.95, 0.2, 2), vague = planted(1, 3, 3), hopeless = planted(1, 60, 4);
  CHECK(judge(same).verdict == GateVerdict::passed);
  CHECK(same.reached == 10);
  CHECK(judge(worse).verdict == GateVerdict::failed);
  CHECK(worse.reached == 10);
  CHECK(judge(vague).verdict == GateVerdict::passed);
  CHECK(vague.reached > 10);
  const Judged not_shown = judge(hopeless);
  CHECK(not_shown.verdict == GateVerdict::not_shown);
  CHECK_FALSE(not_shown.ok());
  CHECK(hopeless.reached == 160);
  CHECK(not_shown.why == "undecided at the last look");
  CHECK(sentence(not_shown).find("not shown, which counts as failed") != std::string::npos);
}

TEST_CASE("identical at once, and a rise where less is better") {
  Planted any = planted(0.9, 5, 5), risen = planted(1.05, 0.2, 6);
  CHECK(judge(any, "< -1 %", true).verdict == GateVerdict::identical);
  CHECK(any.reached == 10);
  CHECK(judge(risen, "> 1 %").verdict == GateVerdict::failed);
  CHECK(judge(risen, "< -1 %").verdict == GateVerdict::passed);
}

TEST_CASE("a share of nothing is not shown, and says so") {
  Planted nothing = planted(1, 1, 7);
  std::fill(nothing.sums.base.begin(), nothing.sums.base.end(), 0.0);
  const Judged judged = judge(nothing);
  CHECK(judged.verdict == GateVerdict::not_shown);
  CHECK(judged.why.find("the base is 0") != std::string::npos);
}

TEST_CASE(
    "what is at the limit passes in one of a hundred gates, what is beyond it in none; without the critical values it would in many") {
  int at_limit = 0, beyond = 0, careless = 0;
  constexpr int trials = 1500;
  for (int k = 0; k < trials; ++k) {
    Planted limit = planted(0.99, 2, 1000 + static_cast<std::uint64_t>(k)), loss = planted(0.98, 2, 9000 + static_cast<std::uint64_t>(k));
    at_limit += judge(limit).ok();
    beyond += judge(loss).ok();
    const PairedSums& s = limit.sums;
    PairedSums first = s;
    for (std::vector<double>* part : {&first.base, &first.variant, &first.base_per, &first.variant_per}) part->resize(10);
    careless += relative_change(first).value > -0.01;
  }
  CHECK(at_limit <= trials * 0.019);
  CHECK(at_limit >= trials * 0.003);
  CHECK(beyond == 0);
  CHECK(careless > trials * 0.4);
}

}  // namespace retwin::gate_test
