// Flows with analyses reconciled: cases computed by hand, what is not determined, a wrong analysis, a bound.
#include "core/telemetry/balances/component_flows.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace retwin::component_flows_test {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// One station that parts a feed into two: streams feed, a, b.
ComponentNetwork splitter(std::size_t components) {
  ComponentNetwork n;
  for (const char* name : {"feed", "a", "b"}) n.streams.push_back({{name, nan, nan}, std::vector<double>(components, nan), std::vector<double>(components, nan)});
  n.units = {"splitter"};
  n.incidence = {{1, -1, -1}};
  n.balanced = {true};
  n.kept = {std::vector<bool>(components, true)};
  return n;
}
void measure(ComponentStream& stream, double flow, double sd) { stream.flow.measured = flow, stream.flow.variance = sd * sd; }
void analyse(ComponentStream& stream, std::size_t c, double fraction, double sd) { stream.fraction[c] = fraction, stream.variance[c] = sd * sd; }
double sd(const EstimatedFlow& flow) { return std::sqrt(std::inner_product(flow.factor.begin(), flow.factor.end(), flow.factor.begin(), 0.0)); }

}  // namespace

TEST_CASE("exact measurements give exact flows of two components") {
  ComponentNetwork n = splitter(2);
  measure(n.streams[0], 100, 1), measure(n.streams[1], 60, 1), measure(n.streams[2], 40, 1);
  analyse(n.streams[0], 0, 0.3, 0.01), analyse(n.streams[1], 0, 0.4, 0.01), analyse(n.streams[2], 0, 0.15, 0.01);
  analyse(n.streams[0], 1, 0.5, 0.01), analyse(n.streams[1], 1, 0.2, 0.01), analyse(n.streams[2], 1, 0.95, 0.01);
  const ComponentFlows flows = reconcile_components(n);
  CHECK(flows.converged);
  CHECK(flows.degrees_of_freedom == 3);
  CHECK(flows.wrong.empty());
  CHECK(flows.component[1][0].value / flows.component[0][0].value == doctest::Approx(0.8).epsilon(1e-12));
  CHECK(flows.component[2][1].value / flows.component[0][1].value == doctest::Approx(0.76).epsilon(1e-12));
  CHECK(flows.imbalance < 1e-12);
}

TEST_CASE("the gap of a balance is shared by the variances") {
  // flows as good as exact: 100 w_f = 60 w_a + 40 w_b was measured as 31 = 24 + 8. The gap of -1 goes to the streams as 100^2 : 60^2 : 40^2
  // of 15200, so that 31 + 10000/15200 comes in and 24 - 3600/15200 and 8 - 1600/15200 leave.
  ComponentNetwork n = splitter(1);
  measure(n.streams[0], 100, 1e-7), measure(n.streams[1], 60, 1e-7), measure(n.streams[2], 40, 1e-7);
  const double s = 0.01;
  analyse(n.streams[0], 0, 0.31, s), analyse(n.streams[1], 0, 0.4, s), analyse(n.streams[2], 0, 0.2, s);
  const ComponentFlows flows = reconcile_components(n);
  CHECK(flows.component[0][0].value == doctest::Approx(31 + 10000 / 15200.0).epsilon(1e-9));
  CHECK(flows.component[1][0].value == doctest::Approx(24 - 3600 / 15200.0).epsilon(1e-9));
  CHECK(flows.component[2][0].value == doctest::Approx(8 - 1600 / 15200.0).epsilon(1e-9));
  // variance of a: 3600 s^2 (1 - 3600 / 15200)
  CHECK(sd(flows.component[1][0]) == doctest::Approx(60 * s * std::sqrt(1 - 3600 / 15200.0)).epsilon(1e-6));
}

TEST_CASE("two meters of one flow give the weighted mean") {
  ComponentNetwork n;
  n.streams = {{{"in", 10, 1}, {}, {}}, {{"out", 12, 4}, {}, {}}};
  n.units = {"pipe"};
  n.incidence = {{1, -1}};
  n.balanced = {true};
  n.kept = {{}};
  const ComponentFlows flows = reconcile_components(n);
  CHECK(flows.total[0].value == doctest::Approx(10.4));  // (10 / 1 + 12 / 4) / (1 / 1 + 1 / 4)
  CHECK(sd(flows.total[1]) == doctest::Approx(std::sqrt(0.8)));
}

TEST_CASE("two products without a scale: their masses follow from what is in them") {
  ComponentNetwork n = splitter(1);
  measure(n.streams[0], 100, 1);
  analyse(n.streams[0], 0, 0.3, 1e-4), analyse(n.streams[1], 0, 0.4, 1e-4), analyse(n.streams[2], 0, 0.15, 1e-4);
  const ComponentFlows flows = reconcile_components(n);
  CHECK(flows.converged);
  CHECK(flows.total[1].value == doctest::Approx(60).epsilon(1e-9));  // (0.3 - 0.15) / (0.4 - 0.15)
  CHECK(flows.component[1][0].value == doctest::Approx(24).epsilon(1e-9));
}

TEST_CASE("what nothing determines is not known") {
  ComponentNetwork n = splitter(1);
  measure(n.streams[0], 100, 1), measure(n.streams[1], 60, 1);
  analyse(n.streams[0], 0, 0.3, 0.01);
  const ComponentFlows flows = reconcile_components(n);
  CHECK(flows.total[2].known());
  CHECK(flows.component[0][0].known());
  CHECK_FALSE(flows.component[1][0].known());
  CHECK_FALSE(flows.component[2][0].known());
  n.kept = {{true}};
  analyse(n.streams[1], 0, 0.4, 0.01);  // now the other outlet follows
  CHECK(reconcile_components(n).component[2][0].value == doctest::Approx(6).epsilon(1e-9));
  n.kept = {{false}};  // unless the component is not kept
  CHECK_FALSE(reconcile_components(n).component[2][0].known());
}

TEST_CASE("a wrong analysis is found and named; a right one is not") {
  ComponentNetwork n = splitter(2);
  measure(n.streams[0], 100, 0.5), measure(n.streams[1], 60, 0.5), measure(n.streams[2], 40, 0.5);
  analyse(n.streams[0], 0, 0.3, 0.002), analyse(n.streams[1], 0, 0.4, 0.002), analyse(n.streams[2], 0, 0.35, 0.002);  // 0.15 is true
  analyse(n.streams[0], 1, 0.5, 0.002), analyse(n.streams[1], 1, 0.2, 0.002), analyse(n.streams[2], 1, 0.95, 0.002);
  const ComponentFlows flows = reconcile_components(n);
  REQUIRE(flows.wrong.size() == 1);
  CHECK(flows.wrong[0].component == 0);
  const bool named = flows.wrong[0].stream == 2 || std::any_of(flows.wrong[0].alike.begin(), flows.wrong[0].alike.end(), [](auto& k) { return k.first == 2; });
  CHECK(named);
  CHECK(flows.component[1][1].value == doctest::Approx(12).epsilon(0.02));
}

TEST_CASE("no flow runs backwards, and the balances still close") {
  ComponentNetwork n = splitter(1);
  measure(n.streams[0], 100, 1), measure(n.streams[1], 60, 1), measure(n.streams[2], 40, 1);
  analyse(n.streams[0], 0, 0.295, 0.01), analyse(n.streams[1], 0, 0.5, 0.01);  // 29.5 in, 30 out by a: nothing is left for b
  const ComponentFlows flows = reconcile_components(n);
  CHECK(flows.component[2][0].held);
  CHECK(flows.component[2][0].value == 0);
  CHECK(sd(flows.component[2][0]) > 0);
  CHECK(flows.component[0][0].value == doctest::Approx(flows.component[1][0].value).epsilon(1e-12));
  CHECK(flows.imbalance < 1e-12);
}

}  // namespace retwin::component_flows_test
