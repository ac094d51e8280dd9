// What the carbon account covers: flows, outlets, reasons, and what has neither.
#include <doctest/doctest.h>

#include "core/ledger/coverage.hpp"
#include "tests/unit/small_plant.hpp"

namespace retwin::coverage_test {

namespace {

const Coverage& row(const std::vector<Coverage>& rows, const std::string& item) {
  for (const Coverage& one : rows)
    if (one.item == item) return one;
  FAIL("no row of " << item);
  return rows.front();
}

}  // namespace

TEST_CASE("every flow and every outlet has a factor, a reason, or is uncovered") {
  Plant p = small::plant({small::station("press", Distribution::constant(4), 1)}, {small::source("in", Distribution::constant(10), 0)});
  p.sinks.push_back({"rest", "waste", {}});
  p.sinks.push_back({"loop", "internal", {}});
  const auto plant = small::ready(p);
  Reporting r;
  CHECK(row(coverage(*plant, r), "electricity").reason == "nothing here uses any");
  r.auxiliaries.push_back({"light", "", 36, {}, "", false});
  std::vector<Coverage> rows = coverage(*plant, r);
  CHECK_FALSE(row(rows, "electricity").covered());
  CHECK_FALSE(row(rows, "acid").covered());
  CHECK(row(rows, "out").covered());  // a product
  CHECK(row(rows, "loop").covered());
  CHECK_FALSE(row(rows, "rest").covered());
  r.factors.push_back({0, 1, "grid", "table", 2, false});
  r.flows.push_back({1, 0, ""});
  r.passing.push_back({false, 1, "", {{0, 1, 0, -1}}, false});
  r.cut_offs.emplace_back("tools", "no inventory");
  rows = coverage(*plant, r);
  CHECK(row(rows, "electricity").factors.at(0)->name == "grid");
  CHECK(row(rows, "acid").reason.find("electricity") != std::string::npos);
  CHECK(row(rows, "rest").factors.size() == 1);
  CHECK(row(rows, "tools").kind == Coverage::Kind::cut_off);
  r.flows[0].no_factor = "rain";
  CHECK(row(coverage(*plant, r), "acid").reason == "rain");
}

}  // namespace retwin::coverage_test
