// Reactions: every one of the library and every derived one balances; extents are limited by what is there.
#include <doctest/doctest.h>

#include "models/materials/reaction.hpp"
#include "tests/laws/test_binder.hpp"

namespace retwin::reactions_test {
using namespace testing;

TEST_CASE("every reaction of the library balances and is read") {
  TestBinder binder;
  const Components components(binder);
  const Node* all = binder.library("reactions").find("reactions");
  REQUIRE(all != nullptr);
  for (const std::string& name : all->keys()) {
    CAPTURE(name);
    CHECK_FALSE(Reaction::named(components, name).empty());
  }
  CHECK(binder.problems().all().empty());
}

TEST_CASE("a reaction that does not balance is refused, and so is an unknown component") {
  TestBinder binder;
  const Components components(binder);
  const auto refused = [&](const char* text) {
    const std::size_t before = binder.problems().all().size();
    const bool empty = Reaction::parse(components, text, {}, "test").empty();
    return empty && binder.problems().all().size() == before + 1 && binder.problems().all().back().code == Code::library;
  };
  CHECK(refused("Al + 3 H2SO4 -> Al_sulphate + 3 H2"));
  CHECK(refused("2 H2O2 -> 2 H2O + 1.001 O2"));
  CHECK(refused("2 Unobtainium -> O2"));
  CHECK(refused("Fe -> Cu"));
  CHECK_FALSE(refused("2 Al + 3 H2SO4 -> Al_sulphate + 3 H2"));
}

TEST_CASE("leaching of oxides: published stoichiometry") {
  TestBinder binder;
  const Components components(binder);
  const auto used = [&](const char* oxide, const char* agent) {
    return -Reaction::oxide_leach(components, components[oxide]).coefficient(components[agent]);
  };
  // 2 LiMO2 + 3 H2SO4 + H2O2 -> Li2SO4 + 2 MSO4 + 4 H2O + O2
  for (const char* name : {"NMC111", "NMC532", "NMC622", "NMC811"}) {
    CHECK(used(name, "H2SO4") == doctest::Approx(1.5));
    CHECK(used(name, "H2O2") == doctest::Approx(0.5));
    CHECK(used(name, "O2") == doctest::Approx(-0.5));
  }
  CHECK(used("LMO", "H2SO4") == doctest::Approx(2.5));
  CHECK(used("NCA", "Al_sulphate") == doctest::Approx(-0.025));
  CHECK(Reaction::oxide_leach(components, components["LFP"]).empty());
  CHECK(Reaction::oxide_leach(components, components["graphite"]).empty());
  CHECK(Reaction::phosphate_leach(components, components["NMC111"]).empty());
  // .311 kg H2SO4 and .108 kg H2O2 per kg LFP
  const Reaction lfp = Reaction::phosphate_leach(components, components["LFP"]);
  const double kg = components.molar_mass(components["LFP"]);
  CHECK(-lfp.coefficient(components["H2SO4"]) * components.molar_mass(components["H2SO4"]) / kg ==
        doctest::Approx(0.311).epsilon(0.002));
  CHECK(-lfp.coefficient(components["H2O2"]) * components.molar_mass(components["H2O2"]) / kg ==
        doctest::Approx(0.108).epsilon(0.002));
  CHECK(binder.problems().all().empty());
}

TEST_CASE("combustion gives the carbon of EverBatt's burn-off") {
  TestBinder binder;
  const Components components(binder);
  const std::pair<const char*, double> carbon[] = {
      {"PET", 0.63}, {"PP", 0.86}, {"EC", 0.41}, {"DMC", 0.40}, {"PVDF", 0.375}};  // [kg C/kg]
  for (const auto& [fuel, share] : carbon) {
    const Reaction burn = Reaction::combustion(components, components[fuel]);
    const double CO2 =
        burn.coefficient(components["CO2"]) * components.molar_mass(components["CO2"]) / components.molar_mass(components[fuel]);
    CHECK(CO2 == doctest::Approx(share * 44.0 / 12).epsilon(0.01));
  }
  CHECK(Reaction::combustion(components, components["LiPF6"]).empty());
  CHECK(Reaction::combustion(components, components["H2O"]).empty());
  CHECK(Reaction::combustion(components, components["CO2"]).empty());
}

TEST_CASE("a reaction goes as far as the material allows, and what is used up is gone") {
  TestBinder binder;
  const Components components(binder);
  Job job(0, components.size());
  job.reset({}, {}, 0);
  const int Cu = components["Cu"], acid = components["H2SO4"], peroxide = components["H2O2"];
  Material tank = job.nothing();
  tank.absorb(job.create(Cu, 1.0, -1));
  tank.absorb(job.create(acid, 0.3, -1));
  tank.absorb(job.create(peroxide, 5.0, -1));
  const Reaction dissolve = Reaction::named(components, "copper_dissolution");
  const double extent = dissolve.apply(job, tank, 1e9);
  CHECK(extent == doctest::Approx(0.3 / components.molar_mass(acid)));
  CHECK(tank[acid] == doctest::Approx(0).epsilon(1e-12));
  CHECK(tank[Cu] > 0);
  CHECK(tank.mass() == doctest::Approx(6.3));
  CHECK(dissolve.apply(job, tank) <= 1e-12);
  job.make(0, 0, std::move(tank), -1);
  CHECK(job.verdict(1, 1) == "");
}

}  // namespace retwin::reactions_test
