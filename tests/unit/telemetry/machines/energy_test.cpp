// Non-negative least squares and energy by state: exact recovery, optimality, bounds, what cannot be told apart, and bad input.
#include "core/telemetry/machines/energy.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "core/base/random.hpp"
#include "core/stats/nonnegative.hpp"

namespace retwin::energy_test {

namespace {

using Rows = std::vector<std::vector<double>>;

/// Largest violation of the conditions of an optimum (Karush, Kuhn and Tucker): gradient 0 where positive, not positive at 0;
/// relative to the size of the terms.
double violation(const Rows& rows, const std::vector<double>& targets, const std::vector<double>& x) {
  double worst = 0;
  for (std::size_t j = 0; j < x.size(); ++j) {
    if (x[j] < 0) return INFINITY;
    double gradient = 0, size = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      double residual = targets[i];
      for (std::size_t k = 0; k < x.size(); ++k) residual -= rows[i][k] * x[k];
      gradient += rows[i][j] * residual;
      size += std::abs(rows[i][j] * targets[i]);
    }
    if (size > 0) worst = std::max(worst, (x[j] > 0 ? std::abs(gradient) : gradient) / size);
  }
  return worst;
}

/// A text that names all that is wrong.
template <class Call>
std::string complaint(Call call) {
  try {
    call();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}
bool has(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

const Draws draws{replication_key(11, 0), stream_id("energy"), 0};

/// Intervals of an hour: working, idle, off.
std::vector<MeterInterval> hours(std::size_t n, double working_W, double idle_W, double off_W, double per_kg_J, double noise_J) {
  std::vector<MeterInterval> out;
  for (std::size_t i = 0; i < n; ++i) {
    const auto u = [&](std::uint64_t k) { return draws.uniform(8 * i + k); };
    const double working = 3600 * u(0), idle = (3600 - working) * u(1), off = 3600 - working - idle,
                 kg = working / 60 * (0.5 + u(2));
    const double normal = std::sqrt(-2 * std::log(u(3))) * std::cos(6.283185307179586 * u(4));
    out.push_back(
        {working * working_W + idle * idle_W + off * off_W + kg * per_kg_J + noise_J * normal, {working, idle, off}, kg});
  }
  return out;
}

const std::vector<std::string> states{"working", "idle", "off"};

}  // namespace

TEST_CASE("where nothing is negative, it is ordinary least squares") {
  // y = 1 + 2 t at t = 0, 1, 2, 3 with residuals +d, -d, -d, +d: orthogonal to both columns
  const double d = 0.1;
  const NonnegativeFit fit = nonnegative_least_squares({{1, 0}, {1, 1}, {1, 2}, {1, 3}}, {1 + d, 3 - d, 5 - d, 7 + d});
  CHECK(fit.values[0] == doctest::Approx(1).epsilon(1e-12));
  CHECK(fit.values[1] == doctest::Approx(2).epsilon(1e-12));
  CHECK(fit.residual_squares == doctest::Approx(0.04).epsilon(1e-12));
  CHECK(fit.degrees_of_freedom == 2);
  CHECK(fit.residual_sd == doctest::Approx(std::sqrt(0.02)).epsilon(1e-12));
  // textbook: var(slope) = s2 / sum (t - 1.5)^2 = 0.02 / 5, var(intercept) = s2 (1/4 + 1.5^2 / 5)
  CHECK(fit.standard_errors[1] == doctest::Approx(std::sqrt(0.02 / 5)).epsilon(1e-12));
  CHECK(fit.standard_errors[0] == doctest::Approx(std::sqrt(0.02 * (0.25 + 2.25 / 5))).epsilon(1e-12));
  // squares about the mean 4: 2.9^2 + 1.1^2 + .9^2 + 3.1^2 = 20.04
  CHECK(fit.r2 == doctest::Approx(1 - 0.04 / 20.04).epsilon(1e-12));
}

TEST_CASE("a coefficient that would be negative is held at 0") {
  // unconstrained: intercept -1, slope 1; with the intercept at 0 the slope is sum(t y) / sum(t^2) = (0 + 0 + 2 + 6) / 14
  const NonnegativeFit fit = nonnegative_least_squares({{1, 0}, {1, 1}, {1, 2}, {1, 3}}, {-1, 0, 1, 2});
  CHECK(fit.values[0] == 0);
  CHECK(std::isnan(fit.standard_errors[0]));
  CHECK(fit.identified[0]);
  CHECK(fit.values[1] == doctest::Approx(8.0 / 14).epsilon(1e-12));
  CHECK(fit.degrees_of_freedom == 3);
  // all of them, if the targets are negative
  const NonnegativeFit none = nonnegative_least_squares({{1, 0}, {1, 1}}, {-1, -2});
  CHECK(none.values == std::vector<double>{0, 0});
  CHECK(none.residual_squares == 5);
}

TEST_CASE("random problems meet the conditions of an optimum, in any units") {
  int held = 0, positive = 0;
  for (std::uint64_t problem = 0; problem < 200; ++problem) {
    const std::size_t p = 1 + problem % 12, n = 1 + (problem * 7) % 40;  // fewer rows than columns, too
    Rows rows(n, std::vector<double>(p));
    std::vector<double> targets(n);
    for (std::size_t i = 0; i < n; ++i) {
      const auto u = [&](std::uint64_t k) { return draws.uniform(100000 + problem * 10000 + i * 20 + k) - 0.3; };
      for (std::size_t j = 0; j < p; ++j) rows[i][j] = u(j) * std::pow(10.0, static_cast<double>(j % 5) * 2 - 4);
      targets[i] = u(15);
    }
    const NonnegativeFit fit = nonnegative_least_squares(rows, targets);
    CAPTURE(problem);
    CHECK(violation(rows, targets, fit.values) < 1e-9);
    for (const double x : fit.values) ++(x > 0 ? positive : held);
  }
  CHECK(held > 100);
  CHECK(positive > 100);
  // negative control: the check sees a solution that is off by a thousandth, and a negative one
  CHECK(violation({{1, 0}, {0, 1}}, {1, 1}, {1.001, 1}) > 1e-4);
  CHECK(violation({{1, 0}, {0, 1}}, {1, -1}, {1, -1}) > 1);
  CHECK(violation({{1, 0}, {0, 1}}, {1, 1}, {1, 0}) > 0.5);
}

TEST_CASE("powers and energy per kg without noise come back exactly") {
  const EnergyFit fit = fit_energy(states, hours(60, 90e3, 12e3, 0, 40e3, 0));
  CHECK(fit.power_W[0].value == doctest::Approx(90e3).epsilon(1e-9));
  CHECK(fit.power_W[1].value == doctest::Approx(12e3).epsilon(1e-9));
  CHECK(fit.power_W[2].value < 1e-3);
  CHECK(fit.per_kg.value == doctest::Approx(40e3).epsilon(1e-9));
  CHECK(fit.r2 == doctest::Approx(1).epsilon(1e-12));
  CHECK(fit.intervals == 60);
  CHECK(metered_energy_J(500, 900) == 450000);
}

TEST_CASE("standard errors say how far off the estimates are") {
  int within = 0, total = 0;
  double worst = 0;
  const std::vector<MeterInterval> all = hours(200 * 40, 90e3, 12e3, 3e3, 40e3, 2e6);
  for (int repetition = 0; repetition < 200; ++repetition) {
    const std::vector<MeterInterval> part(all.begin() + repetition * 40, all.begin() + repetition * 40 + 40);
    const EnergyFit fit = fit_energy(states, part);
    const double truth[] = {90e3, 12e3, 3e3, 40e3};
    for (std::size_t j = 0; j < 4; ++j) {
      const EnergyEstimate& e = j < 3 ? fit.power_W[j] : fit.per_kg;
      if (std::isnan(e.standard_error)) continue;
      worst = std::max(worst, std::abs(e.value - truth[j]) / e.standard_error);
      within += std::abs(e.value - truth[j]) < 2.0281 * e.standard_error;  // Student, 36 degrees of freedom, 95 %
      ++total;
    }
  }
  CHECK(total >= 700);
  CHECK(within > 0.93 * total);
  CHECK(within < 0.97 * total);
  CHECK(worst < 6);
}

TEST_CASE("what cannot be told apart is said") {
  // mass in strict proportion to working time
  std::vector<MeterInterval> intervals = hours(30, 90e3, 12e3, 3e3, 0, 1e4);
  for (MeterInterval& i : intervals) i.processed_kg = i.state_s[0] / 10;
  EnergyFit fit = fit_energy(states, intervals);
  CHECK_FALSE(fit.power_W[0].identified);
  CHECK_FALSE(fit.per_kg.identified);
  CHECK(std::isnan(fit.power_W[0].standard_error));
  CHECK(fit.power_W[1].identified);
  CHECK(fit.power_W[0].value + fit.per_kg.value / 10 == doctest::Approx(90e3).epsilon(1e-3));  // together they are right
  // a state never seen, nothing processed
  for (MeterInterval& i : intervals) {
    i.state_s[0] += i.state_s[2];
    i.state_s[2] = i.processed_kg = 0;
  }
  fit = fit_energy(states, intervals);
  CHECK_FALSE(fit.power_W[2].identified);
  CHECK_FALSE(fit.per_kg.identified);
  CHECK(fit.power_W[0].identified);
  // fewer intervals than unknowns
  fit = fit_energy(states, {intervals.begin(), intervals.begin() + 1});
  CHECK_FALSE(fit.power_W[0].identified);
  CHECK(fit.degrees_of_freedom == 0);
  CHECK(std::isnan(fit.r2));
  CHECK(std::isnan(fit.residual_sd_J));
}

TEST_CASE("bad input is refused with all that is wrong") {
  const std::string text = complaint([] {
    fit_energy(states, {{1, {1, 2, 3}, 0}, {NAN, {1, 2, 3}, 0}, {1, {1, 2}, 0}, {1, {1, -2, 3}, 0}, {1, {1, 2, 3}, INFINITY}});
  });
  CHECK(has(text, "1 of 5 intervals: another number of times"));
  CHECK(has(text, "1 of 5 intervals: a time is negative"));
  CHECK(has(text, "1 of 5 intervals: the mass"));
  CHECK(has(text, "1 of 5 intervals: the energy"));
  const std::string empty = complaint([] { fit_energy({}, {}); });
  CHECK(has(empty, "no states"));
  CHECK(has(empty, "no intervals"));
  CHECK_THROWS_AS(nonnegative_least_squares({}, {}), std::invalid_argument);
  CHECK_THROWS_AS(nonnegative_least_squares({{}}, {1}), std::invalid_argument);
  CHECK_THROWS_AS(nonnegative_least_squares({{1, 2}, {1}}, {1, 2}), std::invalid_argument);
  CHECK_THROWS_AS(nonnegative_least_squares({{1}}, {1, 2}), std::invalid_argument);
  CHECK_THROWS_AS(nonnegative_least_squares({{NAN}}, {1}), std::invalid_argument);
  CHECK_THROWS_AS(nonnegative_least_squares({{1}}, {INFINITY}), std::invalid_argument);
}

}  // namespace retwin::energy_test
