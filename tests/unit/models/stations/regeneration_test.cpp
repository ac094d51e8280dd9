// Direct regeneration and the recipes of triage by hand.
#include <doctest/doctest.h>

#include "core/base/problem.hpp"
#include "models/materials/components.hpp"
#include "tests/laws/test_binder.hpp"

namespace retwin::regeneration_test {
using namespace testing;

namespace {

double in(TestBinder& binder, const TestLot& lot, const char* component) { return lot.kg[static_cast<std::size_t>(binder.component(component))]; }

}  // namespace

TEST_CASE("sheets of one chemistry are parted and their lithium is dosed by the state of health; mixed ones are rejected") {
  TestBinder binder;
  TestBench bench(binder);
  const auto operation = binder.operation("relithiate", "{recovery: 90 %, least_purity: 98 %, lithium_excess: 10 %, water: 2}");
  const int soh = binder.attribute("soh", dimension::none, true);
  const auto sheet = [&](double nmc, double lfp, double health) {
    TestLot lot{"cathode_sheet", std::vector<double>(binder.attributes().size()), std::vector<double>(binder.substances().size())};
    lot.attributes[static_cast<std::size_t>(soh)] = health;
    for (const auto& [name, kg] : {std::pair{"NMC622", nmc}, {"LFP", lfp}, {"Al", 10.0}, {"PVDF", 3.0}, {"carbon_black", 2.0}})
      lot.kg[static_cast<std::size_t>(binder.component(name))] = kg;
    return lot;
  };
  TestBench::Out out = bench.run(*operation, {sheet(100, 0, 0.8)});
  CHECK(bench.verdict == "");
  CHECK(bench.imbalance < 1e-9);
  REQUIRE(out["cathode"].size() == 1);
  CHECK(out["cathode"][0].mass() == doctest::Approx(90));
  CHECK(in(binder, out["cathode"][0], "NMC622") == doctest::Approx(90));
  CHECK(out["foil"].at(0).mass() == doctest::Approx(10));
  CHECK(out["residue"].at(0).mass() == doctest::Approx(3 + 2 + 10));
  // LiNi.6Co.2Mn.2O2 weighs 96.93, Li2CO3 73.89 g/mol for two Li: 100 kg x .2 missing x 1.1
  CHECK(in(binder, out["liquor"].at(0), "Li2CO3") == doctest::Approx(100 / 96.93 * 0.2 * 1.1 * 73.89 / 2).epsilon(2e-3));
  CHECK(in(binder, out["liquor"][0], "H2O") == doctest::Approx(200));

  out = bench.run(*operation, {sheet(100, 0, 1)});
  CHECK(in(binder, out["liquor"].at(0), "Li2CO3") == 0);  // scrap of making cells lacks none

  out = bench.run(*operation, {sheet(97, 3, 0.8)});
  CHECK(out["cathode"].empty());
  REQUIRE(out["reject"].size() == 1);
  CHECK(out["reject"][0].mass() == doctest::Approx(115));
}

TEST_CASE("triage picks a recipe by model, damage and charge, of what it believes") {
  TestBinder binder;
  TestBench bench(binder);
  const auto operation = binder.operation(
      "vision_triage", "{recipes: packs/dismantling, wrong_label: 0 %, damage_missed: 0 %, false_alarm: 0 %, soh_error: 0 %, soc_error: 0 %}");
  const auto slot = [&](const char* name) { return static_cast<std::size_t>(binder.attribute(name, dimension::none, false)); };
  const auto maker = binder.lot("pack", "{model: {LFP_car: 100 %}, soc: 20 %}");
  const auto index = [&](const char* name, const std::string& word) {
    const auto& all = binder.categories(static_cast<int>(slot(name)));
    return static_cast<double>(std::find(all.begin(), all.end(), word) - all.begin());
  };
  const auto recipe = [&](const char* model, double damaged, double soc, double dead) {
    TestLot lot{"pack", std::vector<double>(binder.attributes().size()), std::vector<double>(binder.substances().size())};
    lot.attributes[slot("model")] = index("model", model);
    lot.attributes[slot("damaged")] = damaged;
    lot.attributes[slot("soc")] = soc;
    lot.attributes[slot("bms_dead")] = dead;
    TestBench::Out out = bench.run(*operation, {lot});
    const TestLot& seen = damaged > 0 ? out["damaged"].at(0) : out["safe"].at(0);
    return std::pair(seen.attributes[slot("label.recipe")], seen.attributes[slot("label.work")] / 60);
  };
  CHECK(recipe("LFP_car", 0, 0.2, 0) == std::pair(index("label.recipe", "standard"), 40.0));
  CHECK(recipe("LFP_box", 0, 0.2, 0) == std::pair(index("label.recipe", "box"), 50.0));
  CHECK(recipe("LFP_phev", 0, 0.2, 0) == std::pair(index("label.recipe", "phev"), 30.0));
  CHECK(recipe("LFP_box", 0, 0.5, 0) == std::pair(index("label.recipe", "charged"), 55.0));  // the first that fits
  CHECK(recipe("LFP_car", 0, 0.2, 1) == std::pair(index("label.recipe", "charged"), 55.0));  // nobody knows its charge
  CHECK(recipe("LFP_box", 1, 0.2, 0) == std::pair(index("label.recipe", "damaged"), 75.0));
}

}  // namespace retwin::regeneration_test
