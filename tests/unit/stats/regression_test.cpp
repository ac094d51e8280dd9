// Least squares against a published example, dependent predictors, and coverage of the intervals.
#include "core/stats/regression.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>

#include "core/base/random.hpp"
#include "core/stats/distribution.hpp"
#include "core/stats/proportions.hpp"

namespace retwin::regression_test {

namespace {

std::vector<double> sample(const Distribution& law, std::size_t n, const char* stream, std::uint64_t replication = 0) {
  const Draws draws{replication_key(21, replication), stream_id(stream), 0};
  std::vector<double> out(n);
  for (std::size_t i = 0; i < n; ++i) out[i] = law.sample(draws.uniform(i));
  return out;
}

}  // namespace

TEST_CASE("Anscombe's first set") {
  // The American Statistician 27, 1973: y = 3.00 + 0.50 x, se of the slope 0.118, R2 0.667; F 17.99 on 1 and 9 degrees of freedom
  const std::vector<double> x{10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5};
  const std::vector<double> y{8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68};
  const Regression fit = regress(y, {x});
  CHECK(fit.coefficients[0].estimate() == doctest::Approx(3.0001).epsilon(1e-4));
  CHECK(fit.coefficients[1].estimate() == doctest::Approx(0.5001).epsilon(1e-4));
  CHECK(fit.coefficients[0].standard_error == doctest::Approx(1.1247).epsilon(1e-4));
  CHECK(fit.coefficients[1].standard_error == doctest::Approx(0.1179).epsilon(1e-3));
  CHECK(fit.coefficients[1].t == doctest::Approx(4.241).epsilon(1e-3));
  CHECK(fit.coefficients[1].p_value == doctest::Approx(0.00217).epsilon(1e-2));
  CHECK(fit.r2 == doctest::Approx(0.6665).epsilon(1e-4));
  CHECK(fit.adjusted_r2 == doctest::Approx(0.6295).epsilon(1e-4));
  CHECK(fit.residual_sd == doctest::Approx(1.237).epsilon(1e-3));
  CHECK(fit.f == doctest::Approx(17.99).epsilon(1e-3));
  CHECK(fit.f_p_value == doctest::Approx(fit.coefficients[1].p_value).epsilon(1e-9));
  CHECK(fit.predict(std::vector<double>{10}) == doctest::Approx(8.001).epsilon(1e-4));
}

TEST_CASE("several predictors of very different size and offset are recovered exactly without noise") {
  const auto pieces = sample(Distribution::uniform(1, 40), 50, "pieces"),
             mass_kg = sample(Distribution::uniform(1e6, 1e6 + 3), 50, "mass");
  std::vector<double> service_s(50);
  for (std::size_t i = 0; i < 50; ++i) service_s[i] = 180 + 25 * pieces[i] + 0.4 * mass_kg[i];
  const Regression fit = regress(service_s, {pieces, mass_kg});
  CHECK(fit.rank == 3);
  CHECK(fit.coefficients[0].estimate() == doctest::Approx(180).epsilon(1e-3));
  CHECK(fit.coefficients[1].estimate() == doctest::Approx(25).epsilon(1e-8));
  CHECK(fit.coefficients[2].estimate() == doctest::Approx(0.4).epsilon(1e-6));
  CHECK(fit.r2 == doctest::Approx(1));
  CHECK(fit.f_p_value < 1e-12);
}

TEST_CASE("dependent or constant predictors: a solution, but no errors") {
  const auto x = sample(Distribution::uniform(0, 1), 30, "x"), noise = sample(Distribution::normal(0, 0.1), 30, "noise");
  std::vector<double> y(30), twice(30);
  for (std::size_t i = 0; i < 30; ++i) y[i] = 1 + 2 * x[i] + noise[i], twice[i] = 2 * x[i];
  const Regression one = regress(y, {x}), both = regress(y, {x, twice}), constant = regress(y, {x, std::vector<double>(30, 7.0)});
  CHECK(both.rank == 2);
  CHECK(std::isnan(both.coefficients[1].standard_error));
  CHECK(both.predict(std::vector<double>{0.5, 1}) == doctest::Approx(one.predict(std::vector<double>{0.5})));
  CHECK(both.r2 == doctest::Approx(one.r2));
  CHECK(both.residual_sd == doctest::Approx(one.residual_sd));
  CHECK(constant.rank == 2);
  CHECK(constant.coefficients[2].estimate() == 0);
  CHECK(one.rank == 2);
  CHECK(std::isfinite(one.coefficients[1].standard_error));
}

TEST_CASE("edges: no predictor, as many unknowns as values, a constant outcome, bad input") {
  const Regression mean = regress(std::vector<double>{1, 2, 6}, {});
  CHECK(mean.coefficients[0].estimate() == 3);
  CHECK(mean.coefficients[0].interval.half_width == doctest::Approx(student_interval(std::vector<double>{1, 2, 6}).half_width));
  CHECK(mean.r2 == 0);
  CHECK(std::isnan(mean.f));
  const Regression exact = regress(std::vector<double>{1, 2}, {{1, 3}});
  CHECK(exact.coefficients[1].estimate() == doctest::Approx(0.5));
  CHECK(std::isnan(exact.coefficients[1].standard_error));
  CHECK(std::isnan(regress(std::vector<double>{5, 5, 5}, {{1, 2, 3}}).r2));
  CHECK(regress(std::vector<double>{5}, {{1}}).coefficients[0].estimate() == 5);
  CHECK_THROWS_AS(regress(std::vector<double>{}, {}), std::invalid_argument);
  CHECK_THROWS_AS(regress(std::vector<double>{1, 2}, {{1}}), std::invalid_argument);
  CHECK_THROWS_AS(regress(std::vector<double>{1, std::nan("")}, {{1, 2}}), std::invalid_argument);
}

TEST_CASE("intervals of slopes cover at their level, F finds nothing where there is nothing; too narrow ones are caught") {
  std::uint64_t covered = 0, narrow = 0, found = 0;
  for (std::uint64_t r = 0; r < 400; ++r) {
    const auto a = sample(Distribution::exponential(3), 25, "a", r), b = sample(Distribution::uniform(0, 9), 25, "b", r);
    const auto noise = sample(Distribution::normal(0, 4), 25, "noise", r);
    std::vector<double> y(25);
    for (std::size_t i = 0; i < 25; ++i) y[i] = 5 + 1.5 * a[i] - 0.5 * b[i] + noise[i];
    const Interval slope = regress(y, {a, b}, 0.9).coefficients[1].interval;
    covered += slope.contains(1.5) ? 1 : 0;
    narrow += std::abs(slope.mean - 1.5) < 0.7 * slope.half_width ? 1 : 0;
    found += regress(noise, {a, b}).f_p_value < 0.1 ? 1 : 0;
  }
  CHECK(wilson_interval(covered, 400, 0.999).contains(0.9));
  CHECK(wilson_interval(found, 400, 0.999).contains(0.1));
  CHECK_FALSE(wilson_interval(narrow, 400, 0.999).contains(0.9));
}

TEST_CASE("many observations take no more memory than their own") {
  std::vector<double> x, y;
  for (int k = 0; k < 400'000; ++k) {
    x.push_back(k % 1000);
    y.push_back(5 + 0.25 * (k % 1000) + (k % 7 == 0 ? 3 : -0.5));
  }
  const Regression r = regress(y, {x});  // a square of them would be 1.3 TB
  CHECK(r.coefficients[1].estimate() == doctest::Approx(0.25).epsilon(1e-4));
  CHECK(r.coefficients[1].standard_error > 0);
}

}  // namespace retwin::regression_test
