// Specifications and assays by hand: dry and wet shares, what is known against what is true, how often an error decides.
#include <doctest/doctest.h>

#include <cmath>

#include "core/base/problem.hpp"
#include "core/flow/matter/specification.hpp"
#include "tests/laws/test_binder.hpp"

namespace retwin::assay_test {
using namespace testing;

namespace {

struct Laboratory {
  TestBinder binder;
  TestBench bench{binder};

  TestLot of(std::initializer_list<std::pair<const char*, double>> kg) {
    TestLot lot{"salt", {}, std::vector<double>(binder.substances().size())};
    for (const auto& [name, mass] : kg) lot.kg[static_cast<std::size_t>(binder.component(name))] = mass;
    return lot;
  }
  double known(const TestLot& lot, const char* name) { return lot.attributes.at(static_cast<std::size_t>(binder.attribute(name, dimension::none, false))); }
};

}  // namespace

TEST_CASE("shares are of dry matter, moisture of all, sums of elements are sums") {
  Laboratory lab;
  const Specification salt = read_specification(lab.binder, "specs/sodium_sulphate");
  REQUIRE(salt.limits.size() == 1);
  const TestLot good = lab.of({{"Na2SO4", 10}, {"Na2CO3", 0.1}, {"H2O", 5}}), bad = lab.of({{"Na2SO4", 10}, {"Na2CO3", 0.2}});
  CHECK(salt.limits[0].share(good.kg) == doctest::Approx(10 / 10.1).epsilon(1e-12));
  CHECK(salt.met(good.kg));
  CHECK_FALSE(salt.met(bad.kg));  // 98.04 %

  const Specification carbonate = read_specification(lab.binder, "specs/lithium_carbonate");
  REQUIRE(carbonate.limits.size() == 3);
  const TestLot damp = lab.of({{"Li2CO3", 100}, {"H2O", 0.3}});
  CHECK(carbonate.limits[0].share(damp.kg) == 1);
  CHECK(carbonate.limits[2].name == "H2O");
  CHECK(carbonate.limits[2].share(damp.kg) == doctest::Approx(0.3 / 100.3).epsilon(1e-12));
  CHECK_FALSE(carbonate.met(damp.kg));
  CHECK(carbonate.met(lab.of({{"Li2CO3", 100}, {"H2O", 0.2}}).kg));

  const Specification powder = read_specification(lab.binder, "specs/black_mass_nmc");
  const TestLot oxide = lab.of({{"NMC622", 1}});
  double ni = 0, co = 0;
  const Substances& s = lab.binder.substances();
  const auto c = static_cast<std::size_t>(s.component("NMC622"));
  for (std::size_t e = 0; e < s.elements.size(); ++e) {
    if (s.elements[e] == "Ni") ni = s.fraction[c * s.elements.size() + e];
    if (s.elements[e] == "Co") co = s.fraction[c * s.elements.size() + e];
  }
  CHECK(ni > 0.3);
  CHECK(powder.limits[0].share(oxide.kg) == doctest::Approx(ni + co).epsilon(1e-12));
  CHECK(std::isnan(powder.limits[0].share(lab.of({}).kg)));
}

TEST_CASE("without errors the truth is known, and decides") {
  Laboratory lab;
  const auto operation = lab.binder.operation("assay", "{spec: specs/sodium_sulphate, weighing: 0 %, sampling: 0 %, analysis: 0 %}");
  TestBench::Out out = lab.bench.run(*operation, {lab.of({{"Na2SO4", 10}, {"Na2CO3", 0.1}}), lab.of({{"Na2SO4", 10}, {"Na2CO3", 0.2}})});
  CHECK(lab.bench.verdict == "");
  REQUIRE(out["on_spec"].size() == 1);
  REQUIRE(out["off_spec"].size() == 1);
  CHECK(lab.known(out["on_spec"][0], "assay.Na2SO4") == doctest::Approx(10 / 10.1).epsilon(1e-12));
  CHECK(lab.known(out["on_spec"][0], "assay.kg") == doctest::Approx(10.1).epsilon(1e-12));
  CHECK(lab.known(out["off_spec"][0], "assay.Na2SO4") == doctest::Approx(10 / 10.2).epsilon(1e-12));
}

TEST_CASE("with errors a lot that fails is taken for good as often as the normal law says; its mass stays what it is") {
  // True share .97, limit .985, error 2 % of the sample and nothing else: a normal number above (.985 / .97 - 1) / .02 = .7732.
  Laboratory lab;
  const auto operation = lab.binder.operation("assay", "{spec: specs/sodium_sulphate, weighing: 1 %, sampling: 2 %, analysis: 0 %}");
  constexpr int lots = 20000;
  int passed = 0;
  double error = 0;
  for (int k = 0; k < lots; ++k) {
    TestBench::Out out = lab.bench.run(*operation, {lab.of({{"Na2SO4", 97}, {"Na2CO3", 3}})});
    passed += static_cast<int>(out["on_spec"].size());
    const TestLot& lot = out["on_spec"].empty() ? out["off_spec"].at(0) : out["on_spec"][0];
    REQUIRE(lot.mass() == 100);
    error += std::pow(lab.known(lot, "assay.kg") / 100 - 1, 2);
  }
  const double p = 0.5 * std::erfc(0.7732 / std::sqrt(2.0));
  CHECK(std::abs(passed / double{lots} - p) < 3.3 * std::sqrt(p * (1 - p) / lots));
  CHECK(std::sqrt(error / lots) == doctest::Approx(0.01).epsilon(0.02));
}

TEST_CASE("a specification that says nothing, or of what is not there, is a problem with its place") {
  Laboratory lab;
  CHECK_THROWS_AS(lab.binder.operation("assay", "{spec: specs/none_such}"), InputError);
  CHECK_THROWS_AS(lab.binder.operation("assay", "{sampling: 1 %}"), InputError);
}

}  // namespace retwin::assay_test
