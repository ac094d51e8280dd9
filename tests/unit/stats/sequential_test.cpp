// Group-sequential bounds: published values, the error that they spend, and what looking without them costs.
#include "core/stats/sequential.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "core/stats/intervals.hpp"
#include "tests/unit/normal_stream.hpp"

namespace retwin::sequential_test {

namespace {

/// Share of trials without an effect in which Student's statistic is above a bound at any of the looks.
double alarms(const std::vector<std::size_t>& sizes, const std::vector<double>& bounds, int trials) {
  Normal normal(7);
  int crossed = 0;
  for (int trial = 0; trial < trials; ++trial) {
    double sum = 0, squares = 0;
    std::size_t n = 0;
    bool any = false;
    for (std::size_t k = 0; k < sizes.size(); ++k) {
      for (; n < sizes[k]; ++n) {
        const double x = normal();
        sum += x;
        squares += x * x;
      }
      const double count = static_cast<double>(n), mean = sum / count, sd = std::sqrt((squares - count * mean * mean) / (count - 1));
      any = any || mean / (sd / std::sqrt(count)) > bounds[k];
    }
    crossed += any;
  }
  return crossed / static_cast<double>(trials);
}

}  // namespace

TEST_CASE("spending functions end at alpha and grow") {
  for (const Spending spending : {Spending::pocock, Spending::obrien_fleming}) {
    CHECK(alpha_spent(spending, 0.01, 0) == 0);
    CHECK(alpha_spent(spending, 0.01, 1) == doctest::Approx(0.01));
    CHECK(alpha_spent(spending, 0.01, 0.3) < alpha_spent(spending, 0.01, 0.6));
  }
  CHECK(alpha_spent(Spending::pocock, 0.025, 0.5) == doctest::Approx(0.025 * std::log(1 + (std::exp(1.0) - 1) * 0.5)));
}

TEST_CASE("five equal looks at 2.5 %: the bounds of the tables") {
  // Jennison & Turnbull 2000, and every program for group-sequential designs since
  const std::vector<double> shares{0.2, 0.4, 0.6, 0.8, 1};
  const std::vector<double> pocock{2.438, 2.427, 2.410, 2.397, 2.386}, obrien{4.877, 3.357, 2.680, 2.290, 2.031};
  const std::vector<double> a = normal_bounds(Spending::pocock, 0.025, shares),
                            b = normal_bounds(Spending::obrien_fleming, 0.025, shares);
  for (std::size_t k = 0; k < 5; ++k) {
    CHECK(a[k] == doctest::Approx(pocock[k]).epsilon(0.0005));
    CHECK(b[k] == doctest::Approx(obrien[k]).epsilon(0.0005));
  }
}

TEST_CASE("one look is the plain test") {
  CHECK(normal_bounds(Spending::pocock, 0.025, std::vector<double>{1})[0] == doctest::Approx(1.95996).epsilon(1e-5));
  CHECK(student_bounds(Spending::pocock, 0.01, std::vector<std::size_t>{10})[0] ==
        doctest::Approx(student_quantile(0.99, 9)).epsilon(1e-6));
}

TEST_CASE("nothing is spent where next to nothing may be") {
  CHECK(std::isinf(student_bounds(Spending::obrien_fleming, 0.01, std::vector<std::size_t>{2, 160})[0]));
}

TEST_CASE("the chance of an alarm at any look is alpha; with the bound of one look at each it is several times that") {
  const std::vector<std::size_t> sizes{10, 20, 40, 80, 160};
  const std::vector<double> bounds = student_bounds(Spending::pocock, 0.05, sizes);
  std::vector<double> careless;
  for (const std::size_t n : sizes) careless.push_back(student_quantile(0.95, static_cast<double>(n - 1)));
  const double spent = alarms(sizes, bounds, 8000);
  CHECK(spent > 0.04);
  CHECK(spent < 0.06);
  CHECK(alarms(sizes, careless, 8000) > 0.11);
}

}  // namespace retwin::sequential_test
