// The figures of this domain and their table, through the registry as both doors have it.
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "core/experiment/replications.hpp"
#include "models/models.hpp"
#include "tests/unit/small_plant.hpp"

namespace retwin::recovery_test {

namespace {

/// 10 kg of a salt with 20 % of lithium and 5 kg of steel in every lot; all of it goes to one sink.
Scenario plant(const std::string& role, const Registry& registry) {
  Plant p = small::plant({small::station("press", Distribution::constant(60), 1)}, {small::saturated("in", 0)}, {"salt", "steel"});
  p.substances.elements = {"Fe", "Li", "Ni"};
  p.substances.fraction = {0, 0.2, 0, 1, 0, 0};
  p.sinks[0].role = role;
  p.sources[0].maker = std::make_shared<small::Weighed>(std::vector<double>{10, 5});
  Scenario s = small::scenario(small::ready(p), 7200, 3600);
  for (const auto& [name, kpi] : registry.kpis) s.kpis.push_back(kpi.add);
  return s;
}

}  // namespace

TEST_CASE("recovery: what of an element leaves in products, of those that are there and asked for") {
  const Registry registry = whole_registry();
  const Scenario good = plant("product", registry), bad = plant("waste", registry);
  const Results made = run_replications(good), lost = run_replications(bad);
  REQUIRE(made.find("elements.Li.recovery") != nullptr);
  CHECK(made.find("elements.Li.recovery")->interval.mean == 1);
  CHECK(lost.find("elements.Li.recovery")->interval.mean == 0);  // negative control
  const double t_per_year = 60 * 10 * 0.2 * 365 * 24 / 1000;     // 60 lots an hour
  CHECK(made.find("elements.Li.to_products")->interval.mean == doctest::Approx(t_per_year));
  CHECK(made.find("elements.Li.to_others")->interval.mean == 0);
  CHECK(lost.find("elements.Li.to_others")->interval.mean == doctest::Approx(t_per_year));
  CHECK(made.find("elements.Fe.recovery") == nullptr);  // nobody asks
  CHECK(made.find("elements.Ni.recovery") == nullptr);  // nothing has it

  const Exporter* exporter = registry.exporter("elements");
  REQUIRE(exporter != nullptr);
  CHECK(exporter->applies(good));
  const Table table = exporter->table(good, made);
  REQUIRE(table.rows() == 1);
  CHECK(table.texts(0)[0] == "Li");
  CHECK(table.numbers(3)[0] == 1);
  CHECK(exporter->text(good, made) == table.csv());
}

TEST_CASE("the registry has what both doors show by name") {
  const Registry registry = whole_registry();
  CHECK(registry.kpis.count("recovery") == 1);
  CHECK(registry.readers.size() == 3);
  for (const Exporter& exporter : registry.exporters) {
    CHECK_MESSAGE(!exporter.doc.empty(), exporter.name);
    CHECK_MESSAGE(exporter.text, exporter.name);
    CHECK(registry.exporter(exporter.name) == &exporter);
  }
}

}  // namespace retwin::recovery_test
