// Emission factors: the library's sets, grids, replacing by name, and what is refused.
#include <doctest/doctest.h>

#include <map>
#include <set>

#include "core/scenario/library/factors.hpp"
#include "tests/laws/plants.hpp"
#include "tests/laws/test_binder.hpp"

namespace retwin::factors_test {
using namespace plants;
using retwin::testing::TestBinder;

namespace {

EmissionFactors read_sets(TestBinder& binder, const std::vector<std::string>& names) {
  std::vector<Located> sets;
  for (const std::string& name : names) sets.push_back({name, {}});
  return EmissionFactors::read(binder.files(), sets, binder.problems());
}

const char* const library_sets[] = {"shandong_2023", "greet_2022", "reagents_cpcd", "transport_cn", "grids_cn_2023.Sichuan", "footprint_cn_2024"};

/// A plant that meters electricity and lye.
std::string metered(const std::string& factors) {
  return "factors: " + factors +
         "\nsources: {s: {every: 10 min, to: a}}\n"
         "stations: {a: {duration: 5 min, power: 1 kW, consumes: {NaOH: 1 kg}, to: out}}\nsinks: [out]\n";
}

double factor_of(const Scenario& scenario, const std::string& name) {
  for (const Factor& factor : scenario.reporting.factors)
    if (factor.name == name) return factor.kgCO2e_per_unit;
  return -1;
}

}  // namespace

TEST_CASE("emission factors of the library") {
  TestBinder binder;
  const EmissionFactors factors = read_sets(binder, {"shandong_2023"});
  CHECK(binder.problems().all().empty());
  CHECK(factors.of("electricity", 2) == doctest::Approx(0.6191 / 3.6e6));
  CHECK(factors.of("electricity", 3) == doctest::Approx((0.6205 - 0.5306) / 3.6e6));
  CHECK(factors.of("waste_carbon") == doctest::Approx(44.009 / 12.011).epsilon(1e-4));
  CHECK(factors.of("refrigerant") == doctest::Approx(1530));  // its gas, by the warming potential
  CHECK(factors.of("natural_gas") == doctest::Approx(2.768));
  CHECK(factors.of("natural_gas", 1) == doctest::Approx(2.16));
  CHECK(factors.of("hazardous_waste") == doctest::Approx(1.35));
  CHECK(factors.of("road") == doctest::Approx(0.0978e-6));
  CHECK(factors.of("nothing of the kind") == 0);
  for (const char* set : library_sets) {
    CAPTURE(set);
    const EmissionFactors read = read_sets(binder, {set});
    CHECK_FALSE(read.all().empty());
    for (const EmissionFactor& f : read.all()) {
      CAPTURE(f.name);
      CHECK(f.source != "");
      CHECK(f.year >= 2019);
      CHECK(f.confidence >= 0);
    }
  }
  CHECK(binder.problems().all().empty());
}

TEST_CASE("a later set replaces what an earlier one says, and nothing counts twice") {
  TestBinder binder;
  const EmissionFactors sichuan = read_sets(binder, {"shandong_2023", "grids_cn_2023.Sichuan", "reagents_cpcd"});
  CHECK(sichuan.of("electricity", 2) == doctest::Approx(0.1564 / 3.6e6));
  CHECK(sichuan.of("electricity") == doctest::Approx((0.1564 + 0.0899) / 3.6e6));
  CHECK(sichuan.of("NaOH") == doctest::Approx(1.59));
  CHECK(sichuan.of("H2SO4") == doctest::Approx(0.044));
  for (const char* first : library_sets)
    for (const char* second : library_sets) {
      CAPTURE(first);
      CAPTURE(second);
      const EmissionFactors both = read_sets(binder, {first, second}), last = read_sets(binder, {second});
      for (const EmissionFactor& f : last.all()) {
        const int scope = static_cast<int>(f.scope);
        if (f.name != "electricity_upstream") CHECK(both.of(f.flow, scope) == last.of(f.flow, scope));
      }
    }
  CHECK(binder.problems().all().empty());  // no warning of doubles either
}

TEST_CASE("a grid of a province works from a scenario") {
  CHECK(factor_of(compile(metered("[shandong_2023]")), "electricity") == doctest::Approx(0.6191 / 3.6e6));
  const Scenario sichuan = compile(metered("[shandong_2023, grids_cn_2023.Sichuan]"));
  CHECK(factor_of(sichuan, "electricity") == doctest::Approx(0.1564 / 3.6e6));
  CHECK(factor_of(sichuan, "caustic_soda") == doctest::Approx(2.12));
  CHECK(sichuan.reporting.factors.size() == 3);  // with what comes before the power stations
  CHECK(factor_of(compile(metered("grids_cn_2023.Sichuan")), "electricity") == doctest::Approx(0.1564 / 3.6e6));
  CHECK(has(problems_of(metered("[grids_cn_2023.Sechuan]")), Code::unknown_name, "factors"));
  CHECK(has(problems_of(metered("[grids_cn_2023]")), Code::missing, "factors"));
  CHECK(has(problems_of(metered("[shandong_2023.Sichuan]")), Code::missing, "factors/shandong_2023.grids"));
  CHECK(has(problems_of(metered("[gwp100_ar6]")), Code::missing, "factors/gwp100_ar6.factors"));
}

TEST_CASE("a life-cycle factor leaves no upstream beside it, and location beside life cycle is refused") {
  TestBinder binder;
  const EmissionFactors footprint = read_sets(binder, {"shandong_2023", "footprint_cn_2024"});
  CHECK(footprint.of("electricity") == doctest::Approx(0.5777 / 3.6e6));
  CHECK(footprint.of("natural_gas") == doctest::Approx(2.768));  // direct and upstream add up
  CHECK(problems_of(metered("[shandong_2023, footprint_cn_2024]")).empty());
  CHECK(has(problems_of(metered("[footprint_cn_2024, shandong_2023]")), Code::conflict, "factors.electricity_upstream") == false);
  std::vector<const EmissionFactor*> counted;
  const EmissionFactors shandong = read_sets(binder, {"shandong_2023"});
  for (const EmissionFactor& f : shandong.all()) counted.push_back(&f);
  Problems problems;
  check_methods(counted, problems);
  CHECK(problems.all().empty());
  counted.push_back(&footprint.all().front());  // the life-cycle one beside location and upstream
  check_methods(counted, problems);
  CHECK(problems.any_errors());
}

}  // namespace retwin::factors_test
