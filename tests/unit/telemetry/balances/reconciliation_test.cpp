// Data reconciliation: published problems, exact values, classes of streams, tests, elimination, ratios, and bad input.
#include "core/telemetry/balances/reconciliation.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "core/base/random.hpp"

namespace retwin::reconciliation_test {
using nlohmann::json;

namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

json data(const char* name) {
  std::ifstream file(std::string(RETWIN_SOURCE_DIR "/tests/unit/data/") + name);
  REQUIRE(file);
  return json::parse(file);
}

double number(const json& value) { return value.is_null() ? none : value.get<double>(); }

FlowNetwork network(const std::vector<std::vector<double>>& incidence, const std::vector<double>& measured,
                    const std::vector<double>& variance) {
  FlowNetwork n;
  for (std::size_t s = 0; s < measured.size(); ++s) n.streams.push_back({"s" + std::to_string(s), measured[s], variance[s]});
  for (std::size_t u = 0; u < incidence.size(); ++u) n.units.push_back("u" + std::to_string(u));
  n.incidence = incidence;
  return n;
}

FlowNetwork published(const json& problem) { return network(problem["incidence"], problem["measured"], problem["variance"]); }

/// 1e-9 relative, or absolute where that is larger; both nan count as equal.
bool close(double a, double b, double tolerance = 1e-9) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  return std::abs(a - b) <= tolerance * std::max(1.0, std::abs(b));
}

double standard_normal(std::uint64_t i, const char* stream) {
  const Draws draws{replication_key(5, 0), stream_id(stream), 0};
  return std::sqrt(-2 * std::log(draws.uniform(2 * i))) * std::cos(6.283185307179586 * draws.uniform(2 * i + 1));
}

/// 50 streams around 25 units: a loop of 25, and of each unit one from outside or to there.
FlowNetwork ring() {
  std::vector<std::vector<double>> incidence(25, std::vector<double>(50));
  std::vector<double> truth(50);
  for (std::size_t u = 0; u < 25; ++u) {
    incidence[u][u] = 1;               // from the unit before
    incidence[(u + 24) % 25][u] = -1;  // which it leaves
    incidence[u][25 + u] = u % 2 == 0 ? 1 : -1;
    truth[25 + u] = u == 24 ? 6 : u % 2 == 0 ? 10 : 10.5;  // 12 x 10 + 6 = 12 x 10.5
  }
  truth[0] = 100;
  for (std::size_t u = 0; u + 1 < 25; ++u) truth[u + 1] = truth[u] + (u % 2 == 0 ? 1 : -1) * truth[25 + u];
  return network(incidence, truth, std::vector<double>(50, 1));
}

FlowNetwork noisy(FlowNetwork n, std::uint64_t repetition) {
  for (std::size_t s = 0; s < n.streams.size(); ++s)
    n.streams[s].measured += std::sqrt(n.streams[s].variance) * standard_normal(repetition * 64 + s, "meters");
  return n;
}

std::string complaint(const FlowNetwork& n) {
  try {
    reconcile(n);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}
bool has(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("published problems: every figure") {
  const json problems = data("data_reconciliation.json");  // each names its reference
  CHECK(problems.size() == 6);
  for (const json& p : problems) {
    const FlowNetwork n = published(p);
    const Reconciliation r = reconcile(n);
    CAPTURE(p["problem"].get<std::string>());
    CHECK(n.streams.size() == p["streams"]);
    CHECK(n.units.size() == p["units"]);
    CHECK(r.rank == p["rank"]);
    CHECK(r.degrees_of_freedom == p["global_test_dof"]);
    CHECK(close(r.statistic, p["global_test_statistic"]));
    CHECK(close(r.statistic, p["objective"]));
    double objective = 0;
    for (std::size_t s = 0; s < n.streams.size(); ++s) {
      CAPTURE(s);
      CHECK(std::abs(r.value[s] - p["reconciled_wls"][s].get<double>()) <= 5.001e-9);  // eight decimals are printed
      CHECK(std::abs(r.adjustment[s] - p["adjustment"][s].get<double>()) <= 5.001e-9);
      CHECK(close(r.value[s] + r.adjustment[s], n.streams[s].measured, 1e-12));
      CHECK(close(r.z[s], p["measurement_test_z"][s]));
      CHECK(r.kind[s] == FlowClass::redundant);
      CHECK(r.variance[s] < n.streams[s].variance);
      objective += r.adjustment[s] * r.adjustment[s] / n.streams[s].variance;
    }
    CHECK(close(objective, p["objective"]));
    FlowNetwork truth = n;
    for (std::size_t s = 0; s < n.streams.size(); ++s) truth.streams[s].measured = p["true_values_ged"][s];
    const Reconciliation exact = reconcile(truth);
    for (std::size_t u = 0; u < n.units.size(); ++u) {
      CHECK(close(r.residual[u], p["balance_residual_of_measured"][u]));
      CHECK(std::abs(r.reconciled_residual[u]) < 1e-12);
      CHECK(exact.residual[u] == p["true_balance_residual_max"]);
    }
    CHECK(exact.statistic < 1e-20);
    CHECK(exact.p_value == doctest::Approx(1));
    // negative control: a meter that is off by one part in a million is seen
    FlowNetwork off = n;
    off.streams[0].measured *= 1 + 1e-6;
    CHECK_FALSE(close(reconcile(off).statistic, p["global_test_statistic"]));
  }
}

TEST_CASE("the p value of the global test") {
  // one degree of freedom: erfc(sqrt(x / 2)); two: exp(-x / 2)
  const Reconciliation one = reconcile(network({{1, -1}}, {10, 13}, {1, 1.25}));
  CHECK(close(one.statistic, 4, 1e-14));
  CHECK(one.p_value == doctest::Approx(std::erfc(std::sqrt(2.0))).epsilon(1e-12));
  const Reconciliation two = reconcile(network({{1, -1, 0, 0}, {0, 0, 1, -1}}, {10, 13, 5, 5}, {1, 1.25, 1, 1}));
  CHECK(two.degrees_of_freedom == 2);
  CHECK(two.p_value == doctest::Approx(std::exp(-2.0)).epsilon(1e-12));
  CHECK(reconcile(network({{1, -1}}, {1e200, 0}, {1e-200, 1e-200})).p_value == 0);
}

TEST_CASE("exact values: dependent balances, unmeasured streams, variances from 1e-6 to 1e6") {
  const json cases = data("reconciliation_exact.json")["cases"];
  REQUIRE(cases.size() == 3);
  for (const json& c : cases) {
    std::vector<double> measured, variance;
    for (const json& s : c["streams"]) {
      measured.push_back(number(s["measured"]));
      variance.push_back(s["variance"]);
    }
    std::vector<std::vector<double>> incidence(c["units"], std::vector<double>(measured.size()));
    for (std::size_t s = 0; s < measured.size(); ++s) {
      for (const std::size_t u : c["streams"][s]["into"]) incidence[u][s] = 1;
      for (const std::size_t u : c["streams"][s]["out_of"]) incidence[u][s] = -1;
    }
    const FlowNetwork n = network(incidence, measured, variance);
    const Reconciliation r = reconcile(n);
    CAPTURE(c["name"].get<std::string>());
    CHECK(r.rank == c["rank"]);
    CHECK(r.degrees_of_freedom == c["degrees_of_freedom"]);
    CHECK(close(r.statistic, c["statistic"]));
    for (std::size_t s = 0; s < measured.size(); ++s) {
      const json& expected = c["streams"][s];
      CAPTURE(s);
      CHECK(flow_class_names[static_cast<std::size_t>(r.kind[s])] == expected["kind"].get<std::string>());
      CHECK(close(r.value[s], number(expected["value"])));
      CHECK(close(r.z[s], number(expected["z"])));
      const double v = number(expected["value_variance"]);
      if (std::isnan(v)) {
        CHECK(std::isnan(r.variance[s]));
      } else {
        CHECK(std::abs(r.variance[s] - v) <= (v > 0 ? 1e-9 * v : 1e-30));  // 0: the balances leave no doubt
        CHECK(close(r.covariance(s, s), v));
      }
    }
    // the order in which streams and balances are written does not matter, nor does the scale of a balance
    FlowNetwork turned = n;
    std::reverse(turned.streams.begin(), turned.streams.end());
    std::reverse(turned.incidence.begin(), turned.incidence.end());
    for (std::vector<double>& row : turned.incidence) {
      std::reverse(row.begin(), row.end());
      for (double& x : row) x *= 3600;
    }
    const Reconciliation t = reconcile(turned);
    for (std::size_t s = 0; s < measured.size(); ++s) {
      CHECK(close(t.value[measured.size() - 1 - s], r.value[s]));
      CHECK(t.kind[measured.size() - 1 - s] == r.kind[s]);
    }
  }
}

TEST_CASE("classes of streams") {
  // 0 -> A -> 1 -> B -> 2 and 3; B's outlets
  const std::vector<std::vector<double>> line{{1, -1, 0, 0}, {0, 1, -1, -1}};
  Reconciliation r = reconcile(network(line, {10, none, 6, none}, {1, none, 1, none}));
  CHECK(r.kind ==
        std::vector<FlowClass>{FlowClass::nonredundant, FlowClass::observable, FlowClass::nonredundant, FlowClass::observable});
  CHECK(r.value[1] == doctest::Approx(10));
  CHECK(r.value[3] == doctest::Approx(4));
  CHECK(r.variance[3] == doctest::Approx(2));
  CHECK(r.covariance(0, 3) == doctest::Approx(1));
  CHECK(r.covariance(2, 3) == doctest::Approx(-1));
  CHECK(r.adjustment[0] == 0);
  CHECK(std::isnan(r.z[0]));
  CHECK(r.degrees_of_freedom == 0);
  CHECK(r.statistic == 0);
  CHECK(std::isnan(r.p_value));
  CHECK(std::isnan(r.residual[0]));
  CHECK(r.reconciled_residual[1] == doctest::Approx(0));
  // both meters of the line: redundant; the outlets cannot be told apart
  r = reconcile(network(line, {10, 11, none, none}, {1, 3, none, none}));
  CHECK(r.kind ==
        std::vector<FlowClass>{FlowClass::redundant, FlowClass::redundant, FlowClass::unobservable, FlowClass::unobservable});
  CHECK(r.value[0] == doctest::Approx(10.25));  // weights 3 : 1
  CHECK(r.variance[0] == doctest::Approx(0.75));
  CHECK(std::isnan(r.value[2]));
  CHECK(std::isnan(r.covariance(0, 2)));
  CHECK(std::isnan(r.reconciled_residual[1]));
  // nothing measured; a stream that leads nowhere is 0 for certain, measured or not
  r = reconcile(network({{1, -1, 0}, {0, 0, 1}}, {none, none, none}, {none, none, none}));
  CHECK(r.kind == std::vector<FlowClass>{FlowClass::unobservable, FlowClass::unobservable, FlowClass::observable});
  CHECK(r.value[2] == 0);
  CHECK(r.variance[2] == 0);
  r = reconcile(network({{1}}, {0.3}, {0.01}));
  CHECK(r.kind[0] == FlowClass::redundant);
  CHECK(r.value[0] == doctest::Approx(0));
  CHECK(r.z[0] == doctest::Approx(3));
  // no balances at all
  r = reconcile(network({}, {5, none}, {1, none}));
  CHECK(r.kind == std::vector<FlowClass>{FlowClass::nonredundant, FlowClass::unobservable});
  CHECK(r.rank == 0);
  CHECK(r.value[0] == 5);
  // the same balance twice, with rounded coefficients
  r = reconcile(network({{1.0 / 3, -1.0 / 3}, {0.1, -0.1}}, {9, 11}, {1, 1}));
  CHECK(r.rank == 1);
  CHECK(r.degrees_of_freedom == 1);
  CHECK(r.value[0] == doctest::Approx(10));
}

TEST_CASE("reconciled flows are nearer to the truth, by as much as their variance says") {
  const FlowNetwork truth = ring();
  double sum = 0, before = 0, statistic = 0, z2 = 0;
  const Reconciliation exact = reconcile(truth);
  CHECK(exact.statistic < 1e-20);
  for (std::uint64_t i = 0; i < 200; ++i) {
    const FlowNetwork n = noisy(truth, i);
    const Reconciliation r = reconcile(n);
    for (std::size_t s = 0; s < 50; ++s) {
      sum += std::pow(r.value[s] - truth.streams[s].measured, 2) / r.variance[s];
      before += std::pow(n.streams[s].measured - truth.streams[s].measured, 2) / r.variance[s];
      z2 += r.z[s] * r.z[s];
    }
    statistic += r.statistic;
  }
  CHECK(sum / 10000 == doctest::Approx(1).epsilon(0.06));
  CHECK(before / 10000 > 1.5);  // negative control: measurements are not that near
  CHECK(z2 / 10000 == doctest::Approx(1).epsilon(0.06));
  CHECK(statistic / 200 == doctest::Approx(25).epsilon(0.03));
}

TEST_CASE("a gross error of ten standard deviations is found; without one there is seldom an alarm") {
  int found = 0, first = 0, more = 0, alarms = 0;
  for (std::uint64_t i = 0; i < 100; ++i) {
    FlowNetwork n = noisy(ring(), 1000 + i);
    alarms += !screen_gross_errors(n, 0.05).errors.empty();
    const std::size_t bad = (i * 7) % 50;
    n.streams[bad].measured += 10;
    const Screening s = screen_gross_errors(n, 0.05);
    REQUIRE_FALSE(s.errors.empty());
    const auto error = std::find_if(s.errors.begin(), s.errors.end(), [&](const GrossError& e) { return e.stream == bad; });
    first += s.errors.front().stream == bad;
    more += s.errors.size() > 1;
    if (error == s.errors.end()) continue;
    ++found;
    CHECK(std::abs(error->bias - 10) < 4.5 * std::sqrt(error->bias_variance));
    CHECK(s.result.kind[bad] == FlowClass::observable);
    CHECK(error->z > error->critical);
  }
  CHECK(found >= 97);
  CHECK(first >= 97);
  CHECK(more <= 15);
  CHECK(alarms <= 12);  // 5 of 100 on average at most
}

TEST_CASE("several gross errors come off one by one; each lowers the statistic by z squared") {
  FlowNetwork n = noisy(ring(), 7);
  n.streams[3].measured += 25;
  n.streams[30].measured -= 18;
  n.streams[17].measured += 12;
  const Screening s = screen_gross_errors(n, 0.05);
  REQUIRE(s.errors.size() == 3);
  CHECK(s.errors[0].stream == 3);
  CHECK(s.errors[1].stream == 30);
  CHECK(s.errors[2].stream == 17);
  CHECK(s.result.degrees_of_freedom == 22);
  CHECK(s.result.p_value > 0.01);
  double statistic = s.errors[0].statistic;
  CHECK(statistic == doctest::Approx(reconcile(n).statistic).epsilon(1e-12));
  for (const GrossError& e : s.errors) {
    CHECK(e.statistic == doctest::Approx(statistic).epsilon(1e-9));
    statistic -= e.z * e.z;
  }
  CHECK(s.result.statistic == doctest::Approx(statistic).epsilon(1e-9));
  // 50 tests at 5 %: b = 1 - .95^(1/50) = 1.0253e-3; the normal quantile at 1 - b / 2 by its distribution function
  CHECK(std::erfc(s.errors[0].critical / std::sqrt(2.0)) == doctest::Approx(1 - std::pow(0.95, 1.0 / 50)).epsilon(1e-9));
}

TEST_CASE("errors that the balances cannot tell apart are named together") {
  const json first = data("data_reconciliation.json")[0];  // one splitter: three equal z of 3.58
  const Screening s = screen_gross_errors(published(first), 0.05);
  REQUIRE(s.errors.size() == 1);
  CHECK(s.errors[0].stream == 0);
  CHECK(s.errors[0].alike == std::vector<std::size_t>{1, 2});
  CHECK(s.result.degrees_of_freedom == 0);
  CHECK(s.errors[0].bias == doctest::Approx(1.17));
  CHECK(s.errors[0].bias_variance == doctest::Approx(0.07650756 + 0.02099601 + 0.00933156));
  CHECK(screen_gross_errors(published(first), 1e-4).errors.empty());  // critical value 4.15
  CHECK_THROWS_AS(screen_gross_errors(published(first), 0), std::invalid_argument);
  CHECK_THROWS_AS(screen_gross_errors(published(first), 1), std::invalid_argument);
  CHECK_THROWS_AS(screen_gross_errors(published(first), none), std::invalid_argument);
}

TEST_CASE("split coefficients and yields by the delta method") {
  // outlets A = 60 +- 2, B = 40 +- 3 measured, the inlet not: var(A / (A + B)) = (B^2 a + A^2 b) / (A + B)^4
  FlowNetwork n = network({{1, -1, -1}}, {none, 60, 40}, {none, 4, 9});
  Reconciliation r = reconcile(n);
  std::vector<StreamSplit> split = splits(n, r, 0);
  REQUIRE(split.size() == 2);
  CHECK(split[0].stream == 1);
  CHECK(split[0].share.value == doctest::Approx(0.6));
  CHECK(split[0].share.variance == doctest::Approx((1600.0 * 4 + 3600.0 * 9) / 1e8).epsilon(1e-12));
  CHECK(split[1].share.variance == doctest::Approx(split[0].share.variance).epsilon(1e-12));  // the shares sum to 1
  CHECK(flow_ratio(r, {1}, {0}).value == split[0].share.value);
  CHECK(flow_ratio(r, {1, 2}, {0}).value == doctest::Approx(1));
  CHECK(flow_ratio(r, {1, 2}, {0}).variance < 1e-30);  // certain
  // measured inlet: against draws
  n = network({{1, -1, -1}}, {101, 60, 40}, {4, 4, 9});
  r = reconcile(n);
  const FlowRatio share = splits(n, r, 0)[0].share;
  double sum = 0, squares = 0;
  constexpr int draws = 4000;
  for (std::uint64_t i = 0; i < draws; ++i) {
    FlowNetwork m = n;
    for (std::size_t s = 0; s < 3; ++s)
      m.streams[s].measured = r.value[s] + std::sqrt(n.streams[s].variance) * standard_normal(i * 4 + s, "delta");
    const double x = splits(m, reconcile(m), 0)[0].share.value - share.value;
    sum += x;
    squares += x * x;
  }
  CHECK(squares / draws == doctest::Approx(share.variance).epsilon(0.08));
  CHECK(std::abs(sum / draws) < 4 * std::sqrt(share.variance / draws));
  // unobservable, nothing in, no such unit or stream, flows of another network
  n = network({{1, -1, -1}}, {100, none, none}, {1, none, none});
  r = reconcile(n);
  CHECK(std::isnan(splits(n, r, 0)[0].share.value));
  CHECK(std::isnan(flow_ratio(r, {0}, {}).value));
  CHECK_THROWS_AS(splits(n, r, 1), std::invalid_argument);
  CHECK_THROWS_AS(flow_ratio(r, {3}, {0}), std::invalid_argument);
  CHECK_THROWS_AS(splits(ring(), r, 0), std::invalid_argument);
}

TEST_CASE("bad networks are refused with all that is wrong") {
  FlowNetwork n = network({{1, -1, 0, INFINITY}, {1, -1}}, {10, 9, INFINITY, 8}, {0, -1, 1, none});
  n.streams[1].name = "s0";
  n.units.push_back("without a balance");
  const std::string text = complaint(n);
  CHECK(has(text, "stream \"s0\" is given twice"));
  CHECK(has(text, "positive and finite, not 0"));
  CHECK(has(text, "positive and finite, not -1"));
  CHECK(has(text, "positive and finite, not nan"));
  CHECK(has(text, "stream \"s2\": the measurement is infinite"));
  CHECK(has(text, "2 balances are given for 3 units"));
  CHECK(has(text, "2 coefficients are given for 4 streams"));
  CHECK(has(text, "unit \"u0\": a coefficient is not finite"));
  CHECK(has(complaint(FlowNetwork{}), "no streams"));
  CHECK(complaint(ring()).empty());
}

TEST_CASE("no stream runs backwards: what would is held at 0, and who is wrong is named") {
  FlowNetwork n;
  n.streams = {{"feed", 10, 0.01}, {"part", 10.8, 0.01}, {"rest", std::nan(""), std::nan("")}};
  n.units = {"sep"};
  n.incidence = {{1, -1, -1}};
  const Screening s = screen_gross_errors(n, 0.05);
  CHECK(s.held == std::vector<std::size_t>{2});
  REQUIRE(s.errors.size() == 1);
  CHECK(s.errors[0].stream == 0);
  CHECK(s.errors[0].alike == std::vector<std::size_t>{1});
  CHECK(s.errors[0].z == doctest::Approx(0.8 / std::sqrt(0.02)));
  n.streams[1].measured = 10.1;  // control: below 0, but by chance
  CHECK(screen_gross_errors(n, 0.05).held.empty());
  CHECK(screen_gross_errors(n, 0.05).errors.empty());
  n.streams[1].measured = -5;
  const Screening below = screen_gross_errors(n, 0.05);
  REQUIRE(below.errors.size() == 1);
  CHECK(below.errors[0].stream == 1);
}

}  // namespace retwin::reconciliation_test
