// Hydrometallurgy and the kiln against published figures: what the acid reaches, what becomes of the electrolyte salt, reagents per tonne.
#include <doctest/doctest.h>

#include <string>

#include "models/materials/components.hpp"
#include "tests/laws/test_binder.hpp"

namespace retwin::hydromet_test {
using namespace testing;

namespace {

class Works {
 public:
  TestBinder binder;
  TestBench bench{binder};
  const Components components{binder};

  TestLot of(std::initializer_list<std::pair<const char*, double>> kg, const char* kind = "slurry") {
    TestLot lot{kind, {}, std::vector<double>(binder.substances().size())};
    for (const auto& [name, mass] : kg) lot.kg[at(name)] = mass;
    return lot;
  }
  TestLot lot(const std::string& kind, const std::string& yaml) {
    const auto maker = binder.lot(kind, yaml);
    return make_lot(binder, *maker, kind, 1);
  }
  /// All that leaves by a port of one job.
  TestLot port(TestBench::Out& out, const std::string& name) {
    TestLot sum = of({});
    for (const TestLot& lot : out[name])
      for (std::size_t c = 0; c < sum.kg.size(); ++c) sum.kg[c] += lot.kg[c];
    return sum;
  }
  TestBench::Out run(const std::string& unit, const std::string& yaml, const std::vector<TestLot>& feed) {
    const auto operation = binder.operation(unit, yaml);
    TestBench::Out out = bench.run(*operation, feed);
    REQUIRE(bench.verdict == "");
    REQUIRE(bench.imbalance < 1e-9);
    return out;
  }
  std::size_t at(const char* name) { return static_cast<std::size_t>(components[name]); }
  double element(const TestLot& lot, const char* symbol) {
    double kg = 0;
    for (std::size_t c = 0; c < lot.kg.size(); ++c) kg += lot.kg[c] * components.share(static_cast<int>(c), symbol);
    return kg;
  }
  double in(const TestLot& lot, const char* name) { return lot.kg[at(name)]; }
};

/// Share of an element of the feed that is dissolved.
double dissolved(Works& works, const TestLot& slurry, const char* symbol, double fed) {
  double kg = 0;
  for (std::size_t c = 0; c < slurry.kg.size(); ++c)
    if (works.components.phase(static_cast<int>(c)) == Phase::dissolved) kg += slurry.kg[c] * works.components.share(static_cast<int>(c), symbol);
  return kg / fed;
}

std::string leach(const std::string& figures) { return "{recipe: recipes/leach_nmc, oxide_extraction: 100 %, " + figures + "}"; }

}  // namespace

TEST_CASE("the kiln leaves nothing of the electrolyte salt but its lithium as fluoride") {
  Works works;
  TestBench::Out out = works.run("pyrolyse", "{}", {works.of({{"LiPF6", 100}, {"graphite", 1000}}, "fragments")});
  const TestLot char_ = works.port(out, "char"), gas = works.port(out, "gas");
  CHECK(works.in(char_, "LiPF6") + works.in(gas, "LiPF6") == doctest::Approx(0).epsilon(1e-9));
  CHECK(works.in(char_, "LiF") == doctest::Approx(17.08).epsilon(1e-3));  // .1708 kg per kg of salt
  CHECK(works.in(gas, "PF5") == doctest::Approx(82.92).epsilon(1e-3));
  // a mechanical train without heat does nothing to it
  out = works.run("sorting_train", "{matrix: partition/mechanical}", {works.of({{"LiPF6", 100}}, "fragments")});
  CHECK(works.in(works.port(out, "black_mass"), "LiPF6") == doctest::Approx(60));
}

TEST_CASE("the oxidiser burns by stoichiometry, and fluorine slips where lime is short") {
  Works works;
  TestBench::Out out = works.run("offgas", "{lime: 1.5, removal: 100 %}", {works.of({{"EC", 100}}, "gas")});
  CHECK(works.bench.metered["CO2_direct"] == doctest::Approx(149.9).epsilon(1e-3));
  works.bench.metered.clear();
  out = works.run("offgas", "{lime: 0, removal: 100 %}", {works.of({{"PVDF", 100}}, "gas")});
  CHECK(works.bench.metered["CO2_direct"] == doctest::Approx(137.5).epsilon(1e-3));
  CHECK(works.in(works.port(out, "stack"), "HF") == doctest::Approx(62.5).epsilon(1e-3));  // all of it: no lime
  CHECK(works.bench.metered["flue_gas"] > 0);
  out = works.run("offgas", "{lime: 1.2, removal: 99 %}", {works.of({{"PVDF", 100}, {"PF5", 10}}, "gas")});
  CHECK(works.in(works.port(out, "stack"), "HF") == doctest::Approx(0.625).epsilon(1e-2));
  CHECK(works.in(works.port(out, "stack"), "PF5") == doctest::Approx(0.1).epsilon(1e-6));
}

TEST_CASE("fluorine bound as LiF in the black mass of old NMC622 cells, if all LiF reports to it") {
  Works works;
  TestBench::Out out = works.run("pyrolyse", "{}", {works.lot("cell", "{chemistry: {NMC622: 100 %}, bill: 2019}")});
  TestLot fragments = works.port(out, "char");
  const double lithium_fluoride = works.in(fragments, "LiF");
  fragments.kg[works.at("LiF")] = 0;
  out = works.run("sorting_train", "{after_pyrolysis: true}", {fragments});
  const TestLot black_mass = works.port(out, "black_mass");
  const double fluorine = lithium_fluoride * works.components.share(works.components["LiF"], "F");
  CHECK(100 * fluorine / (black_mass.mass() + lithium_fluoride) == doctest::Approx(0.504).epsilon(0.03));
}

TEST_CASE("leaching stops where the reductant does: lithium first, then the metals") {
  // plateaus at 50 degC, 1.5 M acid, 50 g/L (913 leaching measurements, LIB-Leaching-Toolkit 2025)
  for (const auto& [ratio, extracted] : {std::pair{0.23, 0.50}, {0.46, 0.68}, {0.69, 0.87}, {0.91, 1.00}}) {
    CAPTURE(ratio);
    Works works;
    const TestLot oxide = works.of({{"NMC111", 1000}});
    TestBench::Out out = works.run("leach", leach("peroxide: " + std::to_string(ratio)), {oxide});
    const TestLot slurry = works.port(out, "slurry");
    CHECK(dissolved(works, slurry, "Ni", works.element(oxide, "Ni")) == doctest::Approx(extracted).epsilon(0.05 / extracted));
    CHECK(dissolved(works, slurry, "Li", works.element(oxide, "Li")) > dissolved(works, slurry, "Ni", works.element(oxide, "Ni")) - 1e-9);
  }
  Works works;
  const TestLot oxide = works.of({{"NMC111", 1000}});
  TestBench::Out out = works.run("leach", leach("peroxide: 0"), {oxide});
  const TestLot slurry = works.port(out, "slurry");
  CHECK(std::abs(dissolved(works, slurry, "Li", works.element(oxide, "Li")) - 0.817) < 0.02);
  CHECK(std::abs(dissolved(works, slurry, "Ni", works.element(oxide, "Ni")) - 0.375) < 0.02);
  // what has given its lithium only is oxide hydroxide, and dissolves when it is leached again
  CHECK(works.in(slurry, "NiOOH") > 100);
  TestLot cake = works.of({{"NiOOH", works.in(slurry, "NiOOH")}});
  out = works.run("leach", leach("peroxide: 1"), {cake});
  CHECK(dissolved(works, works.port(out, "slurry"), "Ni", works.element(cake, "Ni")) == doctest::Approx(1));
}

TEST_CASE("aluminium takes the acid first, and reduces the oxide") {
  Works works;
  const TestLot feed = works.of({{"NMC622", 970}, {"Al", 30}});
  TestBench::Out out = works.run("leach", leach("acid: 0.5, peroxide: 1"), {feed});
  TestLot slurry = works.port(out, "slurry");
  CHECK(works.in(slurry, "Al") < 0.05 * 30);
  const auto metals = [&] { return works.element(feed, "Ni") + works.element(feed, "Co") + works.element(feed, "Mn"); };
  const double extracted = (dissolved(works, slurry, "Ni", 1) + dissolved(works, slurry, "Co", 1) + dissolved(works, slurry, "Mn", 1)) / metals();
  CHECK(extracted <= 0.525);
  CHECK(extracted > 0.40);
  // with all its electrons in the oxide there is no hydrogen, and more of the metals dissolve without peroxide
  out = works.run("leach", leach("peroxide: 0, metal_reduction: 100 %"), {feed});
  CHECK(works.in(works.port(out, "vent"), "H2") == doctest::Approx(0).epsilon(1e-9));
  const double reduced = dissolved(works, works.port(out, "slurry"), "Ni", works.element(feed, "Ni"));
  works.bench.metered.clear();
  out = works.run("leach", leach("peroxide: 0, metal_reduction: 0 %"), {feed});
  CHECK(reduced > dissolved(works, works.port(out, "slurry"), "Ni", works.element(feed, "Ni")) + 0.1);
  // 3/2 mol of hydrogen per mol of aluminium; air that thins it to 1 %
  const double hydrogen_mol = works.in(works.port(out, "vent"), "H2") / works.components.molar_mass(works.components["H2"]);
  CHECK(hydrogen_mol == doctest::Approx(1.5 * 30 / works.components.molar_mass(works.components["Al"])).epsilon(1e-6));
  CHECK(works.bench.metered["dilution_air"] == doctest::Approx(hydrogen_mol * 99 * 0.022414).epsilon(0.02));
}

TEST_CASE("the salt in acid gives its fluorine and phosphorus to the liquor, where lime takes them") {
  Works works;
  const TestLot feed = works.of({{"LiPF6", 10}, {"NMC622", 500}});
  TestBench::Out out = works.run("leach", leach("peroxide: 1.1"), {feed});
  const TestLot slurry = works.port(out, "slurry");
  CHECK(works.in(slurry, "LiPF6") == doctest::Approx(0).epsilon(1e-9));
  CHECK(dissolved(works, slurry, "F", works.element(feed, "F")) == doctest::Approx(1));
  CHECK(dissolved(works, slurry, "P", works.element(feed, "P")) == doctest::Approx(1));
  out = works.run("purify", "{fluoride_removal: 90 %}", {slurry});
  CHECK(works.in(works.port(out, "liquor"), "NaF") > 0);
  CHECK(works.element(works.port(out, "liquor"), "F") == doctest::Approx(0.1 * works.element(feed, "F")).epsilon(0.02));
}

TEST_CASE("LFP in an oxide campaign dissolves, and its iron and phosphate cost caustic soda and lime") {
  Works works;
  TestBench::Out out = works.run("leach", "{recipe: recipes/leach_nmc}", {works.of({{"NMC622", 900}, {"LFP", 100}})});
  const TestLot slurry = works.port(out, "slurry");
  CHECK(works.in(slurry, "FeSO4") > 50);
  CHECK(works.in(slurry, "H3PO4") > 30);
  works.bench.metered.clear();
  works.run("purify", "{}", {slurry});
  const double base = works.bench.metered["NaOH"], lime = works.bench.metered["lime"];
  out = works.run("leach", "{recipe: recipes/leach_nmc}", {works.of({{"NMC622", 900}})});
  works.bench.metered.clear();
  works.run("purify", "{}", {works.port(out, "slurry")});
  CHECK(base > works.bench.metered["NaOH"] + 30);
  CHECK(lime > works.bench.metered["lime"] + 20);
}

TEST_CASE("EverBatt's reagents per tonne of NMC622 black mass, by the hydroxide route") {
  Works works;
  // EverBatt counts neither the aluminium and copper of the black mass nor any loss before the products
  TestLot feed = works.lot("black_mass", "{chemistry: {NMC622: 100 %}, bill: 2023, mass: 1000 kg}");
  for (const char* metal : {"Al", "Cu", "LiF"}) feed.kg[works.at(metal)] = 0;
  TestBench::Out out = works.run("leach", leach("peroxide: 1.0, acid: 1.0"), {feed});
  out = works.run("filter_press", "{recipe: recipes/filter_nmc, wash_efficiency: 100 %}", {works.port(out, "slurry")});
  out = works.run("purify", "{}", {works.port(out, "filtrate")});
  out = works.run("solvent_extraction", "{base: 2, recovery: 100 %}", {works.port(out, "liquor")});
  const TestLot raffinate = works.port(out, "raffinate");
  for (const char* metal : {"Mn", "Co", "Ni"}) works.run("hydroxide", "{}", {works.port(out, metal)});
  out = works.run("evaporate", "{entrainment: 0 %}", {raffinate});
  out = works.run("precipitate", "{off_spec: 0 %}", {works.port(out, "liquor")});
  CHECK(works.bench.metered["H2SO4"] == doctest::Approx(1531).epsilon(0.02));
  CHECK(works.bench.metered["H2O2"] == doctest::Approx(106.3).epsilon(0.02));
  CHECK(works.bench.metered["NaOH"] == doctest::Approx(1001).epsilon(0.02));
  CHECK(works.bench.metered["Na2CO3"] == doctest::Approx(329.8).epsilon(0.02));
  CHECK(works.in(works.port(out, "carbonate"), "Li2CO3") == doctest::Approx(207.2).epsilon(0.02));
}

TEST_CASE("steam follows the water evaporated, whatever the metal") {
  for (const char* sulphate : {"NiSO4", "CoSO4", "MnSO4"}) {
    CAPTURE(sulphate);
    Works works;
    TestBench::Out out = works.run("crystallise", "{off_spec: 0 %}", {works.of({{sulphate, 250}, {"H2O", 1000}}, "strip_liquor")});
    CHECK(works.bench.metered["steam"] == doctest::Approx(1.25 * works.port(out, "condensate").mass()));
    CHECK(works.port(out, "purge").mass() > 0);
  }
}

TEST_CASE("what crystallises carries the mother liquor's impurities, and loses its water in the dryer") {
  Works works;
  TestBench::Out out = works.run("crystallise", "{off_spec: 0 %, moisture: 5 %}", {works.of({{"NiSO4", 250}, {"CoSO4", 5}, {"H2O", 1000}}, "strip_liquor")});
  const TestLot wet = works.port(out, "salt");
  // by hand: 212.5 kg NiSO4 give 360.9 kg of crystals, which take 19.0 of the 150 kg of water along, and with it so much of the cobalt
  CHECK(works.in(wet, "CoSO4") == doctest::Approx(5 * 18.996 / 150).epsilon(1e-3));
  out = works.run("dry_pack", "{}", {wet});
  const TestLot dry = works.port(out, "out");
  CHECK(works.in(dry, "H2O") == doctest::Approx(0).epsilon(1e-9));
  CHECK(works.in(dry, "CoSO4_7H2O") > 0);
  CHECK(works.port(out, "vapour").mass() > 0);
  CHECK(works.in(dry, "NiSO4_6H2O") / dry.mass() < 1);
}

TEST_CASE("soda of a mother liquor is acidified, not sold as sodium sulphate") {
  Works works;
  TestBench::Out out = works.run("evaporate", "{}", {works.of({{"Li2SO4", 60}, {"Na2SO4", 300}, {"Na2CO3", 10}, {"H2O", 2000}})});
  const TestLot salt = works.port(out, "salt");
  CHECK(works.in(salt, "Na2CO3") == doctest::Approx(0).epsilon(1e-9));
  CHECK(works.in(salt, "Na2SO4") / salt.mass() >= 0.985);
  CHECK(works.element(salt, "Li") <= 0.05 * works.element(works.of({{"Li2SO4", 60}}), "Li"));
  CHECK(works.bench.metered["CO2_direct"] == doctest::Approx(10 * 44.009 / 105.988).epsilon(1e-3));
}

TEST_CASE("EverBatt's carbon and credits per tonne of cells on Shandong's grid") {
  // factors of GREET 2022 via EverBatt 2023 [kg CO2e per kg, MJ, kWh], the grid's of 2023
  const std::map<std::string, double> factor = {{"electricity", 0.6191 / 3.6e6}, {"diesel", 0.0900e-6}, {"gas_heat", 0.0694e-6}, {"CO2_direct", 1}, {"lime", 1.284},
                                                {"H2SO4", 0.044}, {"H2O2", 1.081}, {"NaOH", 2.12}, {"Na2CO3", 0.706}, {"process_water", 0},
                                                {"displaced_Ni", -19.95}, {"displaced_Co", -18.18}, {"displaced_MnSO4", -0.869},
                                                {"displaced_Li2CO3", -12.39}, {"displaced_Cu", -4.49}, {"displaced_Al", -6.05}};
  const auto account = [&](const std::string& chemistry) {
    Works works;
    works.run("everbatt", "{}", {works.lot("cell", "{chemistry: {" + chemistry + ": 100 %}, bill: 2023, mass: 1000 kg}")});
    std::pair<double, double> sum;
    for (const auto& [flow, amount] : works.bench.metered) {
      if (chemistry == "LFP" && flow == "H2O2") CHECK(amount == doctest::Approx(0));
      const double kg = amount * factor.at(flow);
      (kg < 0 ? sum.second : sum.first) += kg;
    }
    return sum;
  };
  CHECK(account("NMC622").first == doctest::Approx(2489).epsilon(0.005));
  CHECK(account("NMC622").second == doctest::Approx(-6455).epsilon(0.005));
  CHECK(account("LFP").first == doctest::Approx(822).epsilon(0.005));
  CHECK(account("LFP").second == doctest::Approx(-1837).epsilon(0.005));
}

}  // namespace retwin::hydromet_test
