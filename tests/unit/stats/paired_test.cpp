// Paired figures: by hand, against Student's, with a planted difference and a control.
#include "core/stats/paired.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

namespace retwin::paired_test {

namespace {

PairedSums plain(std::vector<double> base, std::vector<double> variant) {
  PairedSums sums;
  sums.base_per.assign(base.size(), 1);
  sums.variant_per = sums.base_per;
  sums.base = std::move(base);
  sums.variant = std::move(variant);
  return sums;
}

const std::vector<double> luck{101, 96, 99, 108, 103, 94, 100, 97, 105, 102};

std::vector<double> times(double factor) {
  std::vector<double> out;
  for (std::size_t k = 0; k < luck.size(); ++k) out.push_back(factor * luck[k] + 0.05 * (k % 2 == 0 ? 1 : -1));
  return out;
}

}  // namespace

TEST_CASE("a plain figure: Student's paired difference") {
  const PairedSums sums = plain(luck, times(1.02));
  const Interval expected = paired_difference(sums.variant, sums.base, 0.95), found = paired_change(sums).interval(0.95);
  CHECK(found.mean == doctest::Approx(expected.mean));
  CHECK(found.half_width == doctest::Approx(expected.half_width));
  CHECK(base_figure(sums).interval(0.95).half_width == doctest::Approx(student_interval(luck).half_width));
}

TEST_CASE("a ratio: the difference of the ratios of sums, the spread by the jackknife") {
  PairedSums sums;
  sums.base = {4, 9, 5};
  sums.base_per = {2, 3, 2};
  sums.variant = {5, 9, 7};
  sums.variant_per = {2, 3, 2};
  CHECK(paired_change(sums).value == doctest::Approx(21.0 / 7 - 18.0 / 7));
  // leaving one out: 16/5 - 14/5, 12/4 - 9/4, 14/5 - 13/5
  const double a = 2.0 / 5, b = 3.0 / 4, c = 1.0 / 5, mean = (a + b + c) / 3;
  const double expected = std::sqrt(2.0 / 3 * ((a - mean) * (a - mean) + (b - mean) * (b - mean) + (c - mean) * (c - mean)));
  CHECK(paired_change(sums).error == doctest::Approx(expected));
  const Interval alone = ratio_interval(sums.base, sums.base_per);
  CHECK(base_figure(sums).interval(0.95).half_width == doctest::Approx(alone.half_width));
}

TEST_CASE("a planted difference of 2 % is found, and none where there is none") {
  const Estimate planted = relative_change(plain(luck, times(1.02))), none = relative_change(plain(luck, times(1)));
  CHECK(planted.interval(0.99).contains(0.02));
  CHECK(planted.interval(0.99).low() > 0.015);
  CHECK(planted.p_value() < 1e-6);
  CHECK(none.p_value() > 0.2);
  CHECK(variance_reduction(plain(luck, times(1.02))) > 100);
  std::vector<double> other(luck.rbegin(), luck.rend());  // other luck: nothing is gained by pairing
  CHECK(variance_reduction(plain(luck, other)) < 2);
  CHECK(relative_change(plain(luck, other)).interval(0.95).half_width > 10 * planted.interval(0.95).half_width);
}

TEST_CASE("identical, undefined, a single pair") {
  const Estimate same = relative_change(plain(luck, luck));
  CHECK(same.value == 0);
  CHECK(same.interval(0.95).half_width == 0);
  CHECK(same.p_value() == 1);
  CHECK(std::isnan(relative_change(plain({0, 0}, {1, 2})).value));
  CHECK(relative_change(plain({0, 0}, {0, 0})).value == 0);
  CHECK(relative_change(plain({-10, -10}, {-9, -9})).value == doctest::Approx(0.1));
  CHECK(std::isnan(paired_change(plain({1}, {2})).interval(0.95).half_width));
  CHECK(std::isnan(paired_change(plain({}, {})).value));
}

}  // namespace retwin::paired_test
