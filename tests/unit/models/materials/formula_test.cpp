// Formulas: elements, counts, fractions, parentheses, and what is none.
#include <doctest/doctest.h>

#include "models/materials/chemistry.hpp"
#include "models/materials/components.hpp"
#include "models/materials/formula.hpp"
#include "tests/laws/test_binder.hpp"

namespace retwin::formula_test {
using namespace testing;

TEST_CASE("formulas") {
  CHECK(*parse_formula("H2SO4") == Formula{{"H", 2}, {"O", 4}, {"S", 1}});
  CHECK(*parse_formula("C2H2F2") == Formula{{"C", 2}, {"F", 2}, {"H", 2}});
  CHECK(*parse_formula("NiSO4(H2O)6") == Formula{{"H", 12}, {"Ni", 1}, {"O", 10}, {"S", 1}});
  CHECK(*parse_formula("Ca3(PO4)2") == Formula{{"Ca", 3}, {"O", 8}, {"P", 2}});
  const Formula nmc = *parse_formula("LiNi0.6Co0.2Mn0.2O2");
  CHECK(nmc.at("Ni") == doctest::Approx(0.6));
  CHECK(nmc.at("O") == doctest::Approx(2));
  const Formula thirds = *parse_formula("LiNi1/3Co1/3Mn1/3O2");
  CHECK(thirds.at("Mn") == doctest::Approx(1.0 / 3));
  CHECK(parse_formula("Co")->at("Co") == 1);  // cobalt, not carbon and oxygen
  CHECK(parse_formula("CO")->size() == 2);
}

TEST_CASE("what is no formula says why") {
  for (const char* text :
       {"", "h2o", "Ni(", "NiSO4)", "Li0", "Li1/0", "Ni SO4", "2H2O", "Li-Fe", "((((((((((H))))))))))", "Na+"}) {
    CAPTURE(text);
    std::string why;
    CHECK_FALSE(parse_formula(text, &why));
    CHECK(why != "");
  }
}

TEST_CASE("substances of the library: molar masses and element shares") {
  TestBinder binder;
  const Components components(binder);
  CHECK(binder.problems().all().empty());
  const auto molar = [&](const char* name) { return components.molar_mass(components[name]) * 1e3; };
  // sums of IUPAC 2021 abridged atomic weights, by hand
  CHECK(molar("H2O") == doctest::Approx(18.015));
  CHECK(molar("H2SO4") == doctest::Approx(98.072));
  CHECK(molar("Li2CO3") == doctest::Approx(73.888));
  CHECK(molar("NiSO4_6H2O") == doctest::Approx(262.839));
  CHECK(molar("LFP") == doctest::Approx(157.755));
  CHECK(components.share(components["LFP"], "Li") == doctest::Approx(0.0440).epsilon(0.001));
  CHECK(components.atoms(components["NMC811"], "Ni") == doctest::Approx(0.8));
  CHECK(components.share(components["BMS"], "X") == 1);
  CHECK(components.molar_mass(components["BMS"]) == 0);
  const Substances& s = components.substances();
  for (std::size_t c = 0; c < s.size(); ++c) {
    double sum = 0;
    for (std::size_t e = 0; e < s.elements.size(); ++e) sum += s.fraction[c * s.elements.size() + e];
    CAPTURE(s.components[c]);
    CHECK(sum == doctest::Approx(1).epsilon(1e-12));
  }
}

TEST_CASE("element shares of cells agree with the published ones") {
  TestBinder binder;
  const Components components(binder);
  // EverBatt 2019 and 2023 cells, shares of the cell (own calculation from the published tables, before renormalising)
  struct Row {
    const char* chemistry;
    Bill bill;
    const char* element;
    double share;
  };
  const Row rows[] = {{"NMC111", Bill::y2023, "Ni", 0.0944567}, {"NMC811", Bill::y2019, "Ni", 0.150112},
                      {"NMC622", Bill::y2023, "Co", 0.0544554}, {"NMC622", Bill::y2019, "Cu", 0.161},
                      {"LFP", Bill::y2023, "Fe", 0.1616},       {"NMC811", Bill::y2019, "F", 0.0408719},
                      {"NCA", Bill::y2023, "Ni", 0.2152},       {"LMO", Bill::y2023, "Mn", 0.3110}};
  for (const Row& row : rows) {
    const CellBill cell = read_cell(components, row.chemistry, row.bill);
    double share = 0;
    for (std::size_t c = 0; c < cell.shares.size(); ++c)
      share += cell.shares[c] * components.share(static_cast<int>(c), row.element);
    CAPTURE(row.chemistry);
    CAPTURE(row.element);
    CHECK(share == doctest::Approx(row.share).epsilon(0.003));
  }
}

}  // namespace retwin::formula_test
