// Waste water: what is treated and reused is nobody's waste; what is discharged is metered, for others to treat.
#include <doctest/doctest.h>

#include "tests/laws/test_binder.hpp"

namespace retwin::wastewater_test {
using namespace testing;

TEST_CASE("the water that is discharged is metered, not the water that is treated") {
  TestBinder binder;
  const auto operation = binder.operation("wastewater");
  const auto water = static_cast<std::size_t>(binder.component("H2O"));
  TestLot lot{"condensate", {}, std::vector<double>(binder.substances().size())};
  lot.kg[water] = 1000;
  lot.kg[static_cast<std::size_t>(binder.component("Na2SO4"))] = 20;
  TestBench bench(binder);
  const auto out = bench.run(*operation, {lot});
  CHECK(bench.metered["waste_water"] == doctest::Approx(100));  // 90 % are reused
  CHECK(bench.metered["waste_water"] == doctest::Approx(out.at("discharge")[0].kg[water]));
  CHECK(out.at("reuse")[0].kg[water] == doctest::Approx(900));
  CHECK(bench.imbalance < 1e-12);
  CHECK(out.at("reuse")[0].kg[static_cast<std::size_t>(binder.component("Na2SO4"))] == 0);  // clean, if nothing else is said
}

TEST_CASE("what is not kept out is in the reused water, as much thinner as its rejection says") {
  TestBinder binder;
  const auto operation = binder.operation("wastewater", "{reuse: 80 %, solute_rejection: 97 %}");
  const auto water = static_cast<std::size_t>(binder.component("H2O")), salt = static_cast<std::size_t>(binder.component("Na2SO4"));
  const auto solid = static_cast<std::size_t>(binder.component("graphite"));
  TestLot lot{"condensate", {}, std::vector<double>(binder.substances().size())};
  lot.kg[water] = 1000, lot.kg[salt] = 20;
  TestBench bench(binder);
  const auto out = bench.run(*operation, {lot});
  const std::vector<double>& reused = out.at("reuse")[0].kg;
  CHECK(reused[salt] / reused[water] == doctest::Approx(0.03 * 20 / 1000));
  CHECK(reused[salt] + out.at("discharge")[0].kg[salt] == doctest::Approx(20));
  lot.kg[solid] = 10;
  CHECK(bench.run(*operation, {lot}).at("reuse")[0].kg[solid] == 0);
  CHECK(bench.imbalance < 1e-12);
}

}  // namespace retwin::wastewater_test
