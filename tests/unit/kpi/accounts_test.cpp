// Rules on masses and money against sums by hand, on a plant that is small enough for them.
#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/experiment/replications.hpp"
#include "core/ledger/rules_and_prices.hpp"
#include "core/report/account_report.hpp"
#include "tests/unit/small_plant.hpp"

namespace retwin::accounts_test {

namespace {

/// Each hour 60 lots of 10 kg of a salt with 20 % of lithium and 5 kg of steel; all of it goes to one sink. Two groups: `line` has the
/// station, the other an auxiliary of 36 W.
Scenario plant(RulesAndPrices accounts) {
  Plant p = small::plant({small::station("press", Distribution::constant(60), 1)}, {small::saturated("in", 0)}, {"salt", "steel"});
  p.substances.elements = {"Fe", "Li", "Ni"};
  p.substances.fraction = {0, 0.2, 0, 1, 0, 0};
  p.stations[0].group = "line";
  p.sources[0].maker = std::make_shared<small::Weighed>(std::vector<double>{10, 5});
  Scenario s = small::scenario(small::ready(p), 7200, 3600, 2);
  s.run.year_s = 36000;  // ten windows
  s.reporting.auxiliaries.push_back({"light", "house", 36, {{1, 0.001}}, "", false});
  s.reporting.functional_units.push_back({"all", {"out"}, {}, "", {}});
  s.reporting.functional_units.push_back({"line", {"out"}, {"line"}, "", {}});
  s.reporting.accounts = std::make_shared<const RulesAndPrices>(std::move(accounts));
  return s;
}

MassRule rule(const std::string& name, const std::string& kind, std::vector<Counted> out, std::vector<Counted> in) {
  MassRule r;
  r.name = name;
  r.kind = kind;
  r.targets = {{"1970-01-01", 0, 0.5}, {"2030-01-01", 21915, 0.8}};
  r.out = std::move(out);
  r.in = std::move(in);
  return r;
}

PriceLine price(const std::string& name, const std::string& kind, PriceLine::Of of, Index index, double per_unit) {
  PriceLine line;
  line.name = name;
  line.kind = kind;
  line.of = of;
  line.index = index;
  line.per_unit = per_unit;
  return line;
}

double mean(const Results& results, const std::string& path) {
  const KpiSummary* found = results.find(path);
  REQUIRE_MESSAGE(found != nullptr, path);
  return found->interval.mean;
}

std::string verdict(const Scenario& scenario, const Results& results, long day) {
  const std::string text = compliance_table(scenario, results, day).csv();
  for (const char* word : {"more out than in", "not decided", "nothing went in", "fail", "pass"})
    if (text.find(word) != std::string::npos) return word;
  return text;
}

RulesAndPrices priced() {
  RulesAndPrices all;
  all.prices.push_back(price("power", "energy", PriceLine::Of::flow, 0, 0.5 / 3.6e6));  // 36 W x 1 h = 0.036 kWh
  all.prices.push_back(price("acid", "reagents", PriceLine::Of::flow, 1, 2));           // 3.6 kg
  all.prices.push_back(price("feed", "feed", PriceLine::Of::source, 0, -0.1));          // 900 kg, a fee
  all.prices.back().share = {1, 1};
  all.prices.back().group = "line";
  all.prices.push_back(price("rent", "capital", PriceLine::Of::fixed, none, 1000));
  all.prices.back().group = "line";
  PriceLine lithium = price("lithium", "products", PriceLine::Of::sink, 0, 5);
  lithium.revenue = true;
  lithium.share = {0.2 * 0.7, 0};  // 120 kg of it in the salt, 70 % payable
  all.prices.push_back(lithium);
  PriceLine piece = price("piece", "waste", PriceLine::Of::sink, 0, 0);
  piece.per_lot = 0.25;  // 60 lots
  all.prices.push_back(piece);
  return all;
}

}  // namespace

TEST_CASE("money: every kind by hand, and their sums") {
  const Scenario s = plant(priced());
  const Results r = run_replications(s);
  CHECK(mean(r, "money.cost.energy") == doctest::Approx(10 * 0.018));
  CHECK(mean(r, "money.cost.reagents") == doctest::Approx(10 * 7.2));
  CHECK(mean(r, "money.cost.feed") == doctest::Approx(10 * -90));
  CHECK(mean(r, "money.cost.capital") == doctest::Approx(1000));
  CHECK(mean(r, "money.cost.waste") == doctest::Approx(10 * 15));
  CHECK(mean(r, "money.revenue") == doctest::Approx(10 * 420));
  CHECK(mean(r, "money.cost") == doctest::Approx(322.18));
  CHECK(mean(r, "money.margin") == doctest::Approx(4200 - 322.18));
  CHECK(mean(r, "money.group.line") == doctest::Approx(250));
  CHECK(mean(r, "money.group.house") == doctest::Approx(72.18));
  CHECK(mean(r, "per.all.cost") == doctest::Approx(32.218 / 0.9));
  CHECK(mean(r, "per.line.cost") == doctest::Approx(25.0 / 0.9));
  CHECK(mean(r, "per.line.revenue") == doctest::Approx(420 / 0.9));
  CHECK(mean(r, "per.line.margin") == doctest::Approx(395 / 0.9));
}

TEST_CASE("money: kinds, groups and prices each sum to the cost; one that is left out is seen") {
  const Scenario s = plant(priced());
  const Results r = run_replications(s);
  std::map<std::string, double> sums;
  for (const KpiSummary& k : r.kpis)
    for (const char* part : {"money.cost.", "money.group.", "money.price."})
      if (k.kpi.path.starts_with(part)) sums[part] += k.interval.mean;
  CHECK(sums["money.cost."] == doctest::Approx(mean(r, "money.cost")).epsilon(1e-12));
  CHECK(sums["money.group."] == doctest::Approx(mean(r, "money.cost")).epsilon(1e-12));
  CHECK(sums["money.price."] == doctest::Approx(mean(r, "money.cost") + mean(r, "money.revenue")).epsilon(1e-12));
  RulesAndPrices less = priced();
  less.prices.erase(less.prices.begin());
  CHECK(mean(run_replications(plant(less)), "money.cost") != doctest::Approx(sums["money.cost."]).epsilon(1e-12));
}

TEST_CASE("money: an estimate marks what rests on it, and nothing else") {
  RulesAndPrices all = priced();
  all.prices[4].about.estimate = true;  // the product
  const Results r = run_replications(plant(all));
  CHECK(r.find("money.revenue")->kpi.estimate);
  CHECK(r.find("per.all.margin")->kpi.estimate);
  CHECK_FALSE(r.find("money.cost")->kpi.estimate);
}

TEST_CASE("rules: shares by hand, the target of a day, and what more out than in is") {
  RulesAndPrices all;
  all.rules.push_back(rule("li", "recovery", {{{"out"}, {0.2 * 0.75, 0}}}, {{{"in"}, {0.2, 0}}}));
  const Scenario s = plant(all);
  const Results r = run_replications(s);
  CHECK(mean(r, "compliance.li.value") == doctest::Approx(0.75));
  CHECK(mean(r, "compliance.li.target") == doctest::Approx(0.5));
  CHECK(mean(r, "compliance.li.margin") == doctest::Approx(25));
  CHECK(verdict(s, r, 0) == "pass");
  CHECK(verdict(s, r, 21914) == "pass");
  CHECK(verdict(s, r, 21915) == "fail");
  CHECK(complies(s, r, 0));
  CHECK_FALSE(complies(s, r, 21915));
  CHECK_NOTHROW(refuse_more_out_than_in(s, r));

  all.rules[0].at_most = true;
  const Scenario most = plant(all);
  CHECK(verdict(most, run_replications(most), 0) == "fail");
  CHECK(verdict(most, run_replications(most), 21915) == "pass");

  all.rules[0].out[0].share = {1, 1};
  const Scenario much = plant(all);
  CHECK(verdict(much, run_replications(much), 0) == "more out than in");
  CHECK_THROWS_AS(refuse_more_out_than_in(much, run_replications(much)), InputError);
  all.rules[0].kind = "content";  // a share of what holds it is never more than that
  all.rules[0].out[0].share = {1, 0};
  all.rules[0].in[0].share = {1, 1};
  const Scenario part = plant(all);
  CHECK(mean(run_replications(part), "compliance.li.value") == doctest::Approx(2.0 / 3));
}

TEST_CASE("rules: an interval that holds the target decides nothing, one replication is judged by its value") {
  RulesAndPrices all;
  all.rules.push_back(rule("li", "recovery", {{{"out"}, {0.2 * 0.75, 0}}}, {{{"in"}, {0.2, 0}}}));
  const Scenario s = plant(all);
  Results r = run_replications(s);
  for (KpiSummary& k : r.kpis)
    if (k.kpi.path == "compliance.li.value") k.interval = {0.52, 0.05, 0.95, 2};
  CHECK(verdict(s, r, 0) == "not decided");
  CHECK_FALSE(complies(s, r, 0));
  for (KpiSummary& k : r.kpis)
    if (k.kpi.path == "compliance.li.value") k.interval = {0.52, std::nan(""), 0.95, 1};
  CHECK(verdict(s, r, 0) == "pass");
}

}  // namespace retwin::accounts_test
