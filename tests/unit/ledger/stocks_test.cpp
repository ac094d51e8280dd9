// Stocks by hand: what lots carry where they are, at whole hours of the clock.
#include "core/ledger/stocks.hpp"

#include <doctest/doctest.h>

#include "core/experiment/replications.hpp"
#include "tests/laws/plants.hpp"

namespace retwin::stocks_test {
using namespace plants;

namespace {

// Lots at 0:10, 1:10, ... carry 2; they stay in `rest` (group quiet) for 90 min, then in `press` (group loud) for 45 min.
const char* const plant_text = R"(
run: {start: 2026-01-05, duration: 1 d, warmup: 0 s, replications: 1}
attributes: {weight: {unit: kg}}
sources: {feed: {every: 1 h, first: 10 min, attributes: {weight: 2 kg}, to: rest}}
stations:
  rest: {servers: 5, duration: 90 min, group: quiet, to: press}
  press: {servers: 5, duration: 45 min, group: loud, to: out}
sinks: [out]
stocks:
  held: {of: weight, unit: kg, every: 1 h, most: 5 kg}
  lots: {of: 1, stations: [press], every: 30 min}
)";

double at(const Results& results, const std::string& path) {
  const KpiSummary* found = results.find(path);
  REQUIRE(found != nullptr);
  return found->interval.mean;
}

}  // namespace

TEST_CASE("readings at whole hours, by group") {
  const Scenario scenario = compile(plant_text);
  const Results results = run_replications(scenario);
  // At h:00 from 3:00 on: those that came 50 and 110 min ago; after 90 min at the press, so that one rests and one is pressed (110 of
  // 135 min). 0:00 is no reading, 1:00 has one lot, 2:00 two; the last is at 24:00.
  CHECK(at(results, "stocks.held.max") == doctest::Approx(4));
  CHECK(at(results, "stocks.held.mean") == doctest::Approx((2 + 23 * 4) / 24.0));
  CHECK(at(results, "stocks.held.quiet.mean") == doctest::Approx(2));
  CHECK(at(results, "stocks.held.loud.mean") == doctest::Approx(2 * 23 / 24.0));
  CHECK(at(results, "stocks.held.largest_lot") == doctest::Approx(2));
  CHECK(at(results, "stocks.held.above") == 0);
  // every half an hour: at h:00 one (110 min old), at h:30 none is between 90 and 135 min old (80, 140)
  CHECK(at(results, "stocks.lots.mean") == doctest::Approx(23 / 48.0));
  CHECK(results.find("stocks.lots.quiet.mean") == nullptr);
}

TEST_CASE("control: twice the stay doubles what is held") {
  std::string longer = plant_text;
  longer.replace(longer.find("duration: 90 min"), 16, "duration: 3 h   ");
  const Results results = run_replications(compile(longer));
  CHECK(at(results, "stocks.held.max") == doctest::Approx(6));  // three rest, and a fourth is done by then
  CHECK(at(results, "stocks.held.above") == doctest::Approx(22 / 24.0));  // from 3:00 on, 6 kg and more
}

}  // namespace retwin::stocks_test
