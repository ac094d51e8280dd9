// Intervals, warm-up and comparisons of samples, against tables, worked examples and what they must refuse.
#include "core/stats/intervals.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "core/base/random.hpp"
#include "core/stats/distribution.hpp"

namespace retwin::intervals_test {

namespace {

std::vector<double> sample(const Distribution& distribution, std::size_t n, const char* stream) {
  const Draws draws{replication_key(7, 0), stream_id(stream), 0};
  std::vector<double> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = distribution.sample(draws.uniform(i));
  return values;
}

}  // namespace

TEST_CASE("Student's quantiles as in the tables") {
  CHECK(student_quantile(0.975, 9) == doctest::Approx(2.2621571628).epsilon(1e-10));
  CHECK(student_quantile(0.95, 1) == doctest::Approx(6.313751514675043).epsilon(1e-12));
  CHECK(student_quantile(0.9995, 19) == doctest::Approx(3.883405852592082).epsilon(1e-11));
}

TEST_CASE("Student's interval") {
  const std::vector<double> values{1.2, 1.5, 1.68, 1.89, 0.95, 1.49, 1.58, 1.55, 0.5, 1.09};
  const Interval interval = student_interval(values, 0.9);
  CHECK(interval.n == 10);
  CHECK(interval.mean == doctest::Approx(1.343));
  // s^2 = 0.167512 by hand; t_{.95,9} = 1.833113
  CHECK(interval.half_width == doctest::Approx(1.8331129 * std::sqrt(0.1675122 / 10)).epsilon(1e-5));
  CHECK(interval.contains(1.5));
  CHECK_FALSE(interval.contains(2));
}

TEST_CASE("0 or 1 replication: the half-width is NaN") {
  const std::vector<double> none, one{3};
  CHECK(std::isnan(student_interval(none).mean));
  CHECK(std::isnan(student_interval(none).half_width));
  CHECK(student_interval(one).mean == 3);
  CHECK(std::isnan(student_interval(one).half_width));
  CHECK_FALSE(student_interval(one).contains(3));
  CHECK(std::isnan(ratio_interval(none, none).mean));
  CHECK(ratio_interval(one, std::vector<double>{2}).mean == 1.5);
  CHECK(std::isnan(ratio_interval(one, std::vector<double>{2}).half_width));
  CHECK(std::isnan(welch_difference(one, none).half_width));
  CHECK_FALSE(equivalence(one, one, 1e9).equivalent);
  CHECK(std::isnan(ks_two_sample(none, one).p_value));
  CHECK(std::isnan(wasserstein1(none, one)));
  CHECK(std::isnan(wasserstein1(one, std::vector<double>{std::nan("")})));
}

TEST_CASE("Student's interval covers at its level; one that is too narrow is caught") {
  const Distribution normal = Distribution::normal(10, 3);
  int covered = 0, covered_when_narrow = 0;
  constexpr int trials = 4000;
  const std::vector<double> all = sample(normal, 5 * trials, "coverage");
  for (int i = 0; i < trials; ++i) {
    Interval interval = student_interval(std::span(all).subspan(static_cast<std::size_t>(5 * i), 5), 0.95);
    covered += interval.contains(10);
    interval.half_width *= 1.96 / student_quantile(0.975, 4);  // negative control: the normal quantile instead of Student's
    covered_when_narrow += interval.contains(10);
  }
  const double sd = std::sqrt(trials * 0.95 * 0.05);
  CHECK(std::abs(covered - 0.95 * trials) < 4 * sd);
  CHECK(std::abs(covered_when_narrow - 0.95 * trials) > 4 * sd);
}

TEST_CASE("ratio: sums over sums, not a mean of ratios") {
  const std::vector<double> energy{100, 300}, tonnes{1, 2};
  CHECK(ratio_interval(energy, tonnes).mean == doctest::Approx(400.0 / 3));
  CHECK(std::abs((100.0 / 1 + 300.0 / 2) / 2 - 400.0 / 3) > 1);  // negative control
  // equal denominators: the ratio is a mean, the interval Student's
  const std::vector<double> x{3, 5, 4, 8, 6}, twos(5, 2);
  CHECK(ratio_interval(x, twos).mean == doctest::Approx(2.6));
  CHECK(ratio_interval(x, twos).half_width == doctest::Approx(student_interval(x).half_width / 2));
  // proportional: no uncertainty
  CHECK(ratio_interval(std::vector<double>{2, 4, 6}, std::vector<double>{1, 2, 3}).half_width ==
        doctest::Approx(0).epsilon(1e-12));
}

TEST_CASE("ratio: the interval covers where the mean of ratios is biased") {
  int covered = 0, covered_by_mean = 0;
  constexpr int trials = 1000, n = 20;
  const Distribution work = Distribution::exponential(2);
  const Draws draws{1, 2, 3};
  std::uint64_t next = 0;
  for (int t = 0; t < trials; ++t) {
    std::vector<double> above, below, ratios;
    for (int i = 0; i < n; ++i) {
      const double tonnes = 0.2 + work.sample(draws.uniform(next++));
      above.push_back(3 * tonnes + 5 + work.sample(draws.uniform(next++)));  // E = 3 * 2.2 + 7
      below.push_back(tonnes);
      ratios.push_back(above.back() / below.back());
    }
    const double exact = 13.6 / 2.2;
    covered += ratio_interval(above, below).contains(exact);
    covered_by_mean += student_interval(ratios).contains(exact);
  }
  CHECK(covered > 0.90 * trials);
  CHECK(covered_by_mean < 0.75 * trials);  // negative control
}

TEST_CASE("paired differences profit from common random numbers; Welch does not need pairs") {
  std::vector<double> a = sample(Distribution::normal(100, 20), 10, "common"), b = a;
  const std::vector<double> noise = sample(Distribution::normal(1, 0.1), 10, "own");
  for (std::size_t i = 0; i < b.size(); ++i) b[i] -= noise[i];
  const Interval paired = paired_difference(a, b), unpaired = welch_difference(a, b);
  CHECK(paired.mean == doctest::Approx(unpaired.mean));
  CHECK(paired.contains(1));
  CHECK_FALSE(paired.contains(0));
  CHECK(unpaired.contains(0));
  // equal sizes and variances: Welch's degrees of freedom are 2 (n - 1)
  const std::vector<double> x{1, 2, 3, 4}, y{3, 4, 5, 6};
  const Interval welch = welch_difference(x, y);
  CHECK(welch.mean == -2);
  CHECK(welch.half_width == doctest::Approx(student_quantile(0.975, 6) * std::sqrt(2 * (5.0 / 3) / 4)));
}

TEST_CASE("equivalence needs a margin wider than the interval") {
  const std::vector<double> a = sample(Distribution::normal(50, 1), 40, "a"), b = sample(Distribution::normal(50.2, 1), 40, "b");
  CHECK(equivalence(a, b, 1.5).equivalent);
  CHECK_FALSE(equivalence(a, b, 0.1).equivalent);
  CHECK(equivalence(a, b, 1.5).difference.level == doctest::Approx(0.9));
  CHECK(paired_equivalence(a, a, 1e-9).equivalent);
  // few values that do not differ significantly are not thereby equivalent
  const std::vector<double> few{49, 52}, others{51, 48};
  CHECK(welch_difference(few, others).contains(0));
  CHECK_FALSE(equivalence(few, others, 1.5).equivalent);
}

TEST_CASE("batch means and autocorrelation") {
  const std::vector<double> series{99, 1, 3, 5, 7, 9, 11};
  CHECK(batch_means(series, 3) == std::vector<double>{2, 6, 10});
  CHECK(batch_means(series, 8).empty());
  CHECK(batch_means_interval(series, 3).mean == 6);
  CHECK(autocorrelation(std::vector<double>{1, -1, 1, -1, 1, -1}) == doctest::Approx(-5.0 / 6));
  CHECK(std::isnan(autocorrelation(std::vector<double>{2, 2, 2})));
  // an AR(1) series: batches widen the interval, plain Student on correlated values is far too narrow
  const std::vector<double> noise = sample(Distribution::normal(0, 1), 20'000, "ar");
  std::vector<double> ar(noise.size());
  for (std::size_t i = 1; i < ar.size(); ++i) ar[i] = 0.9 * ar[i - 1] + noise[i];
  CHECK(autocorrelation(ar) == doctest::Approx(0.9).epsilon(0.03));
  const double exact = 1.96 * 10 / std::sqrt(20'000.0);  // long-run sd = 1 / (1 - 0.9)
  CHECK(batch_means_interval(ar).half_width == doctest::Approx(exact).epsilon(0.4));
  CHECK(student_interval(ar).half_width < 0.4 * exact);
}

TEST_CASE("MSER-5 cuts the transient, keeps a stationary series and refuses a short run") {
  std::vector<double> series = sample(Distribution::normal(10, 1), 2000, "mser");
  const auto untouched = mser5(series);
  REQUIRE(untouched);
  CHECK(*untouched < 400);
  for (std::size_t i = 0; i < 500; ++i) series[i] += 20 * std::exp(-static_cast<double>(i) / 100);
  const auto cut = mser5(series);
  REQUIRE(cut);
  CHECK(*cut > 200);
  CHECK(*cut <= 800);
  CHECK(*cut % 5 == 0);
  std::vector<double> trend(500);
  for (std::size_t i = 0; i < trend.size(); ++i) trend[i] = static_cast<double>(i);
  CHECK_FALSE(mser5(trend));  // negative control: never stationary
  CHECK_FALSE(mser5(std::vector<double>(49, 1.0)));
  CHECK(mser5(std::vector<double>(100, 1.0)) == std::size_t{0});
}

TEST_CASE("Kolmogorov-Smirnov") {
  const std::vector<double> a{1, 2, 3, 4}, b{3, 4, 5, 6};
  CHECK(ks_two_sample(a, b).statistic == 0.5);
  CHECK(ks_two_sample(a, a).statistic == 0);
  CHECK(ks_two_sample(a, a).p_value == 1);
  CHECK(ks_one_sample(std::vector<double>{0.5}, [](double x) { return x; }).statistic == 0.5);
  // critical values of the limit law: 1.358 at 5 %, 1.628 at 1 % (Massey, J. Am. Stat. Assoc. 46, 1951); large n, so no correction
  const auto p_at = [](double statistic) {
    std::vector<double> values(1'000'000);
    const double root = std::sqrt(1e6) + 0.12 + 0.11 / std::sqrt(1e6);
    const double off = statistic / root - 0.5e-6;  // a regular grid has the distance 0.5 / n by itself
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = (static_cast<double>(i) + 0.5) * 1e-6;
    return ks_one_sample(values, [off](double x) { return x + off; }).p_value;
  };
  CHECK(p_at(1.3581) == doctest::Approx(0.05).epsilon(1e-3));
  CHECK(p_at(1.6276) == doctest::Approx(0.01).epsilon(1e-3));
  CHECK(p_at(0.82757) == doctest::Approx(0.5).epsilon(1e-3));
  const auto x = sample(Distribution::gamma(10, 5), 2000, "x"), y = sample(Distribution::gamma(10, 5), 1500, "y");
  CHECK(ks_two_sample(x, y).p_value > 1e-3);
  CHECK(ks_two_sample(x, sample(Distribution::lognormal(10, 5), 1500, "z")).p_value < 0.05);
  CHECK(ks_two_sample(x, sample(Distribution::gamma(11, 5), 1500, "z")).p_value < 1e-4);
}

TEST_CASE("chi-square") {
  // Mendel's peas, 9:3:3:1, chi-square 0.470 with 3 degrees of freedom (Fisher, Annals of Science 1, 1936)
  const std::vector<double> peas{315, 101, 108, 32}, ratio{556 * 9 / 16.0, 556 * 3 / 16.0, 556 * 3 / 16.0, 556 / 16.0};
  const TestResult result = chi_square(peas, ratio);
  CHECK(result.statistic == doctest::Approx(0.470).epsilon(1e-3));
  CHECK(result.p_value == doctest::Approx(0.9254).epsilon(1e-3));
  CHECK(chi_square(std::vector<double>{60, 40}, std::vector<double>{50, 50}).p_value == doctest::Approx(0.0455).epsilon(1e-3));
  CHECK(std::isnan(chi_square(std::vector<double>{1}, std::vector<double>{1}).p_value));
}

TEST_CASE("Wasserstein distance") {
  const std::vector<double> a{1, 2, 3}, b{4, 5, 6};
  CHECK(wasserstein1(a, b) == doctest::Approx(3));
  CHECK(wasserstein1(a, a) == 0);
  CHECK(wasserstein1(std::vector<double>{0, 1, 3}, std::vector<double>{5, 6, 8}) == doctest::Approx(5));
  CHECK(wasserstein1(std::vector<double>{0}, std::vector<double>{-1, 1}) == doctest::Approx(1));
  CHECK(wasserstein1(b, a) == wasserstein1(a, b));
}

TEST_CASE("intervals of what is never below 0 stay above it, and those of others are Student's") {
  const std::vector<double> few{10, 12, 3600}, mixed{-10, 12, 3600}, many{10, 11, 12, 13};
  const Interval plain = student_interval(few);
  CHECK(plain.low() < 0);
  const Bounds kept = bounds_of(few);
  CHECK(kept.estimate == plain.mean);
  CHECK(kept.low > 0);
  CHECK(std::log(kept.high / kept.estimate) == doctest::Approx(plain.half_width / plain.mean));
  CHECK(std::log(kept.estimate / kept.low) == doctest::Approx(plain.half_width / plain.mean));
  CHECK(bounds_of(mixed).low < 0);
  CHECK(bounds_of(many).low == student_interval(many).low());
}

}  // namespace retwin::intervals_test
