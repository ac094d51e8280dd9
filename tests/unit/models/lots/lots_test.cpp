// Lot makers: mixes by mass or count, masses that follow the bill of materials, ages within their bounds; emission factors.
#include <doctest/doctest.h>

#include "models/materials/chemistry.hpp"
#include "tests/laws/test_binder.hpp"

namespace retwin::lots_test {
using namespace testing;

namespace {

/// Mean and count share of a model over many packs.
struct Count {
  double packs = 0, kg = 0;
};
std::map<std::string, Count> census(TestBinder& binder, const std::string& yaml, int n) {
  const auto maker = binder.lot("pack", yaml);
  const int model = binder.attribute("model", {}, true);
  std::map<std::string, Count> out;
  for (int i = 0; i < n; ++i) {
    const TestLot pack = make_lot(binder, *maker, "pack", static_cast<std::uint64_t>(i));
    const double index = pack.attributes[static_cast<std::size_t>(model)];
    Count& c = out[binder.categories(model)[static_cast<std::size_t>(index)]];
    c.packs += 1;
    c.kg += pack.mass();
  }
  return out;
}

}  // namespace

TEST_CASE("shares of a mix count mass, or packs if the file says so") {
  TestBinder binder;
  const int n = 20000;
  auto by_mass = census(binder, "{model: {LFP_phev: 50 %, NMC811_car: 50 %}}", n);
  const double kg = by_mass["LFP_phev"].kg + by_mass["NMC811_car"].kg;
  CHECK(by_mass["LFP_phev"].kg / kg == doctest::Approx(0.5).epsilon(0.02));
  CHECK(by_mass["LFP_phev"].packs / n == doctest::Approx((1 / 165.0) / (1 / 165.0 + 1 / 479.0)).epsilon(0.02));
  CHECK(by_mass["NMC811_car"].kg / by_mass["NMC811_car"].packs == doctest::Approx(479).epsilon(0.01));

  TestBinder other;
  auto by_count = census(other, "{chemistry: {LFP: 60 %, NMC622: 40 %}, shares: count}", n);
  CHECK(by_count["LFP_pack"].packs / n == doctest::Approx(0.6).epsilon(0.02));
}

TEST_CASE("a pack has the attributes it was asked for") {
  TestBinder binder;
  const auto maker =
      binder.lot("pack",
                 "{model: {NMC622_car: 100 %}, soh: {normal: {mean: 0.7, sd: 0.1, min: 0.3, max: 0.95}}, damaged: 9 %, "
                 "bms_dead: 8 %, year: 2026}");
  const auto at = [&](const TestLot& lot, const char* name) {
    return lot.attributes[static_cast<std::size_t>(binder.attribute(name, {}, false))];
  };
  const int n = 10000;
  double damaged = 0, dead = 0, soh = 0;
  for (std::uint64_t i = 0; i < n; ++i) {
    const TestLot pack = make_lot(binder, *maker, "pack", i);
    damaged += at(pack, "damaged"), dead += at(pack, "bms_dead"), soh += at(pack, "soh");
    REQUIRE(at(pack, "soh") >= 0.3);
    REQUIRE(at(pack, "soh") <= 0.95);
    REQUIRE(at(pack, "in_service") >= 3 * 365.25 * 86400 * 0.999);
    REQUIRE(at(pack, "in_service") <= 12 * 365.25 * 86400 * 1.001);
    REQUIRE(at(pack, "vintage") >= 2013);
    REQUIRE(at(pack, "vintage") <= 2023);
    REQUIRE(pack.mass() >= 305 - 3 * 37 - 1e-6);
    REQUIRE(pack.mass() <= 305 + 3 * 37 + 1e-6);
  }
  CHECK(damaged / n == doctest::Approx(0.09).epsilon(0.1));
  CHECK(dead / n == doctest::Approx(0.08).epsilon(0.1));
  CHECK(soh / n == doctest::Approx(0.697).epsilon(0.01));
  const TestLot pack = make_lot(binder, *maker, "pack", 0);
  CHECK(at(pack, "capacity") == doctest::Approx(54 * 3.6e6));
  CHECK(at(pack, "modules") == 10);
  CHECK(at(pack, "label.chemistry") == -1);
}

TEST_CASE("bills of materials sum to 1 for every chemistry and vintage, and the vintage matters") {
  TestBinder binder;
  const Components components(binder);
  for (const std::string& chemistry : components.chemistries())
    for (const Bill bill : {Bill::y2019, Bill::y2023}) {
      CAPTURE(chemistry);
      double cell = 0, pack = 0;
      for (double s : read_cell(components, chemistry, bill).shares) cell += s;
      for (double s : read_pack(components, chemistry, bill)) pack += s;
      CHECK(cell == doctest::Approx(1));
      CHECK(pack == doctest::Approx(1));
      CHECK(read_specific_energy(components, chemistry) > 0.05 * 3.6e6);
    }
  const auto Cu = static_cast<std::size_t>(components["Cu"]);
  CHECK(read_cell(components, "NMC811", Bill::y2019).shares[Cu] > 1.8 * read_cell(components, "NMC811", Bill::y2023).shares[Cu]);
  CHECK(binder.problems().all().empty());
}

TEST_CASE("mistakes in a mix are problems with their place") {
  const auto code = [](const char* kind, const char* yaml) {
    TestBinder binder;
    try {
      binder.lot(kind, yaml);
    } catch (const InputError& e) {
      return e.problems().front().code;
    }
    return Code::file;
  };
  CHECK(code("pack", "{chemistry: {LFP: 60 %, NMC662: 40 %}}") == Code::unknown_name);
  CHECK(code("pack", "{chemistry: {LFP: 60 %, NMC622: 30 %}}") == Code::probability);
  CHECK(code("pack", "{}") == Code::missing);
  CHECK(code("pack", "{model: {LFP_car: 100 %}, chemistry: {LFP: 100 %}}") == Code::conflict);
  CHECK(code("module", "{chemistry: {LFP: 110 %}}") == Code::range);
}

}  // namespace retwin::lots_test
