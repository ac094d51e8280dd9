// Distributions: every family against closed forms, tables and itself, and checks that a wrong sampler would not survive.
#include "core/base/constants.hpp"
#include "core/stats/distribution.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "core/base/random.hpp"
#include "core/stats/intervals.hpp"
#include "core/stats/tally.hpp"

namespace retwin::distribution_test {

namespace {

struct Case {
  std::string name;
  Distribution distribution;
  double mean, sd;  // closed form, written out independently of the code under test
};

std::vector<Case> continuous_cases() {
  const double e = std::exp(1.0);
  const double ex = 1 / (e - 1);  // exponential(1) below 1: mean 1 - 1/(e-1), variance 1 - e/(e-1)^2
  return {
      {"exponential", Distribution::exponential(20), 20, 20},
      {"uniform", Distribution::uniform(2, 14), 8, 12 / std::sqrt(12.0)},
      {"triangular", Distribution::triangular(1, 2, 6), 3, std::sqrt((1 + 4 + 36 - 2 - 6 - 12) / 18.0)},
      {"triangular, right", Distribution::triangular(0, 3, 3), 2, std::sqrt(0.5)},
      {"triangular, left", Distribution::triangular(0, 0, 3), 1, std::sqrt(0.5)},
      {"normal", Distribution::normal(-3, 2), -3, 2},
      {"lognormal", Distribution::lognormal(7200, 1500), 7200, 1500},
      {"lognormal, wide", Distribution::lognormal(1, 1.5), 1, 1.5},
      {"gamma", Distribution::gamma(10, 4), 10, 4},
      {"gamma, shape below 1", Distribution::gamma(10, 15), 10, 15},
      {"erlang", Distribution::erlang(3, 6), 6, 6 / std::sqrt(3.0)},
      {"weibull, shape 2", Distribution::weibull(2, 5), 5 * std::sqrt(pi) / 2, 5 * std::sqrt(1 - pi / 4)},
      {"weibull, shape 0.5", Distribution::weibull(0.5, 1), 2, std::sqrt(20.0)},
      {"beta", Distribution::beta(2, 3, 10, 20), 14, 10 * std::sqrt(0.04)},
      {"empirical", Distribution::empirical({4, 0, 1}), 1.5, std::sqrt((1.0 / 3 + 7) / 2 - 2.25)},
      {"hyperexponential", Distribution::hyperexponential(5, 4), 5, 10},
      {"mixture", Distribution::mixture({Distribution::uniform(0, 1), Distribution::uniform(3, 5)}, {1, 3}), 3.125,
       std::sqrt(0.25 / 3 + 0.75 * 49 / 3 - 3.125 * 3.125)},
      {"shifted", Distribution::exponential(2).shifted(5), 7, 2},
      {"scaled", Distribution::gamma(10, 4).scaled(0.5).shifted(1).scaled(2), 12, 4},
      {"exponential below 1", Distribution::exponential(1).truncated(0, 1), 1 - ex, std::sqrt(1 - e * ex * ex)},
      {"exponential above 3", Distribution::exponential(2).truncated(3, infinity), 5, 2},
      {"half normal", Distribution::normal(0, 1).truncated(0, infinity), std::sqrt(2 / pi), std::sqrt(1 - 2 / pi)},
      {"normal, both sides", Distribution::normal(10, 2).truncated(8, 12), 10,
       2 * std::sqrt(1 - 2 * 0.24197072451914337 / 0.6826894921370859)},
      {"uniform, cut", Distribution::uniform(0, 10).truncated(4, 20), 7, 6 / std::sqrt(12.0)},
      {"empirical, cut", Distribution::empirical({0, 1, 5}).truncated(0.5, 3), 0.5 * 0.75 + 0.5 * 2,
       std::sqrt(0.5 * (0.25 / 12 + 0.75 * 0.75) + 0.5 * (4.0 / 12 + 4) - 1.375 * 1.375)},
      {"mixture, cut", Distribution::mixture({Distribution::uniform(0, 1), Distribution::uniform(3, 5)}, {1, 3}).truncated(0, 4),
       0.4 * 0.5 + 0.6 * 3.5, std::sqrt(0.4 / 3 + 0.6 * 37 / 3 - 2.3 * 2.3)},
  };
}

std::vector<Case> discrete_cases() {
  return {
      {"constant", Distribution::constant(7), 7, 0},
      {"poisson", Distribution::poisson(3.5), 3.5, std::sqrt(3.5)},
      {"poisson, large", Distribution::poisson(1000), 1000, std::sqrt(1000.0)},
      {"poisson above 0", Distribution::poisson(1).truncated(1, infinity), 1 / (1 - std::exp(-1.0)),
       std::sqrt(2 / (1 - std::exp(-1.0)) - std::pow(1 - std::exp(-1.0), -2))},
      {"discrete", Distribution::discrete({10, 1, 5}, {1, 2, 1}), 4.25, std::sqrt((100 + 2 + 25) / 4.0 - 4.25 * 4.25)},
      {"discrete, cut", Distribution::discrete({10, 1, 5}, {1, 2, 1}).truncated(1, 5), 7.0 / 3, std::sqrt(9 - 49.0 / 9)},
  };
}

/// Means of a stratified sample: one u in the middle of each of 200,000 equal cells.
Tally stratified(const Distribution& distribution) {
  constexpr int n = 200'000;
  Tally tally;
  for (int i = 0; i < n; ++i) tally.add(distribution.sample((i + 0.5) / n));
  return tally;
}

/// 5,000 values from counter-based uniforms, possibly bent by a biased sampler.
template <class Bend>
std::vector<double> drawn(const Distribution& distribution, const std::string& stream, Bend bend) {
  const Draws draws{replication_key(1, 0), stream_id(stream), 0};
  std::vector<double> values(5'000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = distribution.sample(bend(draws.uniform(i)));
  return values;
}

bool passes_ks(const std::vector<double>& values, const Distribution& distribution) {
  return ks_one_sample(values, [&](double x) { return distribution.cdf(x); }).p_value > 1e-4;
}

}  // namespace

TEST_CASE("mean and sd agree with closed forms and with samples") {
  auto cases = continuous_cases();
  for (auto& more : discrete_cases()) cases.push_back(more);
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CHECK(c.distribution.mean() == doctest::Approx(c.mean).epsilon(1e-9));
    CHECK(c.distribution.sd() == doctest::Approx(c.sd).epsilon(1e-9));
    const Tally tally = stratified(c.distribution);
    // the last stratum of a heavy tail is represented by its middle: that is all the sample misses
    CHECK(std::abs(tally.mean() - c.mean) < 1e-3 * (c.sd + 1e-9));
    CHECK(std::abs(tally.sd() - c.sd) < 0.01 * (c.sd + 1e-9));
  }
}

TEST_CASE("the cdf undoes the quantile") {
  for (const Case& c : continuous_cases()) {
    CAPTURE(c.name);
    double before = -infinity;
    for (const double p : {1e-6, 1e-3, 0.01, 0.1, 0.25, 0.4, 0.4999, 0.5, 0.5001, 0.6, 0.75, 0.9, 0.99, 0.999, 1 - 1e-6}) {
      CAPTURE(p);
      const double x = c.distribution.quantile(p);
      CHECK(std::abs(c.distribution.cdf(x) - p) < 1e-9);
      CHECK(x >= before);
      before = x;
    }
    CHECK(c.distribution.quantile(0) == c.distribution.low());
    CHECK(c.distribution.quantile(1) == c.distribution.high());
    CHECK(c.distribution.cdf(c.distribution.high()) == 1);
    CHECK(c.distribution.probability(c.distribution.low(), c.distribution.high()) == doctest::Approx(1).epsilon(1e-12));
  }
}

TEST_CASE("the quantile of a discrete family is the smallest value whose cdf reaches p") {
  for (const Case& c : discrete_cases()) {
    CAPTURE(c.name);
    for (double p = 0.0005; p < 1; p += 0.001) {
      const double x = c.distribution.quantile(p);
      CHECK(c.distribution.cdf(x) >= p - 1e-12);
      CHECK(c.distribution.cdf(x - 1e-3) < p + 1e-12);
    }
  }
}

TEST_CASE("known quantiles and probabilities") {
  // tables of the standard normal, chi-square (gamma of shape k/2, scale 2), beta and Poisson distributions
  CHECK(Distribution::normal(0, 1).quantile(0.975) == doctest::Approx(1.959963984540054).epsilon(1e-14));
  CHECK(Distribution::normal(0, 1).quantile(0.9995) == doctest::Approx(3.290526731491926).epsilon(1e-13));
  CHECK(Distribution::normal(0, 1).cdf(-1) == doctest::Approx(0.15865525393145705).epsilon(1e-14));
  CHECK(Distribution::gamma(10, std::sqrt(20.0)).quantile(0.95) == doctest::Approx(18.307038053275146).epsilon(1e-12));
  CHECK(Distribution::gamma(1, std::sqrt(2.0)).quantile(0.95) == doctest::Approx(3.841458820694124).epsilon(1e-12));
  CHECK(Distribution::exponential(1).quantile(0.5) == doctest::Approx(std::log(2.0)).epsilon(1e-15));
  CHECK(Distribution::weibull(3, 2).cdf(2) == doctest::Approx(1 - std::exp(-1.0)).epsilon(1e-15));
  CHECK(Distribution::beta(2, 2, 0, 1).cdf(0.25) == doctest::Approx(0.15625).epsilon(1e-14));
  CHECK(Distribution::poisson(2).cdf(3) == doctest::Approx(std::exp(-2.0) * (1 + 2 + 2 + 8.0 / 6)).epsilon(1e-14));
  CHECK(Distribution::poisson(2).quantile(0.95) == 5);
  CHECK(Distribution::lognormal(std::exp(0.5), std::sqrt((std::exp(1.0) - 1) * std::exp(1.0))).quantile(0.5) ==
        doctest::Approx(1).epsilon(1e-13));
}

TEST_CASE("the exponential samples with the reflected uniform, also when shifted or truncated") {
  const Distribution d = Distribution::exponential(4);
  CHECK(d.plain());
  CHECK(d.sample(0.3) == -4 * std::log(0.3));
  CHECK(d.sample(0.3) == doctest::Approx(d.quantile(0.7)).epsilon(1e-15));
  CHECK(d.shifted(1).sample(0.3) == doctest::Approx(1 - 4 * std::log(0.3)).epsilon(1e-15));
  CHECK_FALSE(d.shifted(1).plain());
  CHECK(d.scaled(2).plain());
  CHECK(d.scaled(2).sample(0.3) == -8 * std::log(0.3));
  CHECK(d.truncated(0, 100).sample(0.1) > d.truncated(0, 100).sample(0.2));
  CHECK(Distribution::erlang(1, 4).plain());
}

TEST_CASE("hyperexponential has balanced means") {
  const Distribution d = Distribution::hyperexponential(2, 9);
  const double p = (1 + std::sqrt(0.8)) / 2;  // rates p and 1 - p
  for (const double x : {0.1, 1.0, 5.0, 20.0}) {
    CHECK(d.cdf(x) == doctest::Approx(1 - p * std::exp(-p * x) - (1 - p) * std::exp(-(1 - p) * x)).epsilon(1e-12));
  }
  CHECK(Distribution::hyperexponential(2, 1).family() == Family::exponential);
  CHECK(Distribution::hyperexponential(2, 1e5).sd() == doctest::Approx(2 * std::sqrt(1e5)).epsilon(1e-9));
}

TEST_CASE("truncation stays accurate far out in a tail") {
  const Distribution d = Distribution::normal(0, 1).truncated(10, infinity);
  CHECK(d.low() == 10);
  CHECK(d.mean() == doctest::Approx(10.09809323).epsilon(1e-7));  // phi(10) / Q(10)
  CHECK(d.cdf(d.quantile(0.37)) == doctest::Approx(0.37).epsilon(1e-9));
  const Distribution e = Distribution::exponential(1).truncated(50, 51);
  CHECK(e.mean() == doctest::Approx(51 - 1 / (std::exp(1.0) - 1)).epsilon(1e-9));
  CHECK(Distribution::normal(0, 1).truncated(-1, 1).truncated(0, 5).high() == 1);
}

TEST_CASE("gamma and Poisson of a large shape: the approximation joins the exact function") {
  const auto at = [](double shape, double z) {  // z standard deviations from the mean
    const Distribution d = Distribution::gamma(shape, std::sqrt(shape));
    CHECK(std::abs(d.cdf(d.quantile(0.3)) - 0.3) < 1e-9);
    return d.cdf(shape + z * std::sqrt(shape));
  };
  for (double z = -4; z <= 4; z += 0.25) CHECK(std::abs(at(99'999, z) - at(100'001, z)) < 1e-7);
  CHECK(std::abs(at(1000, 0.5) - at(1002, 0.5)) > 1e-7);  // negative control: a real difference of shapes is seen
  const Distribution counts = Distribution::poisson(1e10);
  CHECK(counts.quantile(0.975) == doctest::Approx(1e10 + 1.959964e5).epsilon(1e-9));
}

TEST_CASE("values never leave the ends") {
  for (const Distribution& d : {Distribution::normal(5, 3).truncated(0, 6), Distribution::gamma(2, 9).truncated(1, 3),
                                Distribution::lognormal(3, 1).shifted(-1).truncated(1, 4), Distribution::beta(0.5, 0.5, 2, 3)}) {
    for (const double u : {0x1.0p-53, 1e-9, 0.1, 0.5, 0.9, 1 - 1e-9, 1 - 0x1.0p-53}) {
      CHECK(d.sample(u) >= d.low());
      CHECK(d.sample(u) <= d.high());
    }
  }
  for (const double u : {0x1.0p-53, 1 - 0x1.0p-53}) {
    CHECK(std::isfinite(Distribution::hyperexponential(1, 4).sample(u)));
    CHECK(std::isfinite(Distribution::gamma(1, 100).sample(u)));
    CHECK(std::isfinite(Distribution::poisson(1e9).sample(u)));
  }
}

TEST_CASE("special cases become the simpler family") {
  CHECK(Distribution::normal(3, 0).is_constant());
  CHECK(Distribution::gamma(3, 0).is_constant());
  CHECK(Distribution::lognormal(3, 0).sample(0.5) == 3);
  CHECK(Distribution::uniform(3, 3).is_constant());
  CHECK(Distribution::empirical({2, 2}).is_constant());
  CHECK(Distribution::discrete({2, 2}, {1, 3}).is_constant());
  CHECK(Distribution::discrete({2, 5}, {1, 0}).sample(0.999999) == 2);
  CHECK(Distribution::mixture({Distribution::normal(0, 1)}, {2}).family() == Family::normal);
  CHECK(Distribution::exponential(3).scaled(0).is_constant());
  CHECK(Distribution::mixture({Distribution::normal(0, 1), Distribution::constant(4)}, {0, 1}).low() == 4);
}

TEST_CASE("ties of an empirical distribution are atoms") {
  const Distribution d = Distribution::empirical({1, 2, 2, 2, 3});
  CHECK(d.cdf(2) == 0.75);
  CHECK(d.probability(2, 2) == 0.5);
  CHECK(d.quantile(0.6) == 2);
  CHECK(d.cdf(1.5) == doctest::Approx(0.125));
}

TEST_CASE("descriptions") {
  CHECK(Distribution::lognormal(7200, 1500).text() == "lognormal(mean 7200, sd 1500)");
  CHECK(Distribution::constant(90).text() == "90");
  CHECK(Distribution::normal(60, 20).truncated(0, infinity).text() == "normal(mean 60, sd 20, min 0)");
  CHECK(Distribution::exponential(60).shifted(30).text() == "exponential(mean 60, shift 30)");
  CHECK(Distribution::mixture({Distribution::exponential(2), Distribution::constant(1)}, {1, 3}).text() ==
        "mixture(0.25: exponential(mean 2), 0.75: 1)");
}

TEST_CASE("samples pass the KS test; those of a biased sampler do not") {
  for (const Case& c : continuous_cases()) {
    CAPTURE(c.name);
    const auto fair = [](double u) { return u; };
    const auto biased = [](double u) { return std::pow(u, 1.2); };  // negative control
    // one honest miss in ten thousand: a second stream decides
    CHECK((passes_ks(drawn(c.distribution, c.name, fair), c.distribution) ||
           passes_ks(drawn(c.distribution, c.name + " again", fair), c.distribution)));
    CHECK_FALSE(passes_ks(drawn(c.distribution, c.name, biased), c.distribution));
  }
}

TEST_CASE("a check of the moments catches a lognormal given the parameters of its logarithm") {
  const Distribution wrong = Distribution::lognormal(std::exp(1.0), 0.5);  // negative control: meant mu 1, sigma 0.5
  CHECK(std::abs(stratified(wrong).mean() - std::exp(1 + 0.125)) > 0.1);
}

}  // namespace retwin::distribution_test
