// Censored lives: closed forms, a published example, coverage of the intervals, and what ignoring the censoring does.
#include "core/stats/survival.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/base/random.hpp"
#include "core/stats/proportions.hpp"

namespace retwin::survival_test {

namespace {

/// Lives of this distribution, each watched for no longer than a time of its own, uniform in 0 ... horizon.
Lives watched(const Distribution& life, double horizon, std::size_t n, std::uint64_t replication) {
  const Draws lives{replication_key(3, replication), stream_id("life"), 0}, ends{lives.key, stream_id("end"), 0};
  Lives out;
  for (std::size_t i = 0; i < n; ++i) {
    const double x = life.sample(lives.uniform(i)), end = horizon * ends.uniform(i);
    out.values.push_back(std::min(x, end));
    out.censored.push_back(end < x);
  }
  return out;
}

}  // namespace

TEST_CASE("Kaplan and Meier: remission under 6-MP") {
  // Freireich et al. 1963 as in Cox & Oakes, Analysis of Survival Data, 1984, table 1.1; estimates are the textbook's
  const Lives lives{{6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35},
                    {false, false, false, true,  false, true, false, true, true, false, false,
                     true,  true,  true,  false, false, true, true,  true, true, true}};
  const std::vector<SurvivalStep> steps = kaplan_meier(lives);
  const std::vector<std::pair<double, double>> known{{6, 0.857},  {7, 0.807},  {10, 0.753}, {13, 0.690},
                                                     {16, 0.627}, {22, 0.538}, {23, 0.448}};
  REQUIRE(steps.size() == known.size());
  for (std::size_t i = 0; i < known.size(); ++i) {
    CHECK(steps[i].time == known[i].first);
    CHECK(std::abs(steps[i].survival.estimate - known[i].second) < 0.0005);
    CHECK(steps[i].survival.contains(known[i].second));
  }
  CHECK(steps[0].at_risk == 21);
  CHECK(steps[0].ended == 3);
  // Greenwood: se of S(6) is sqrt(.857 * .143 / 21) = 0.0764; on the scale of log(-log S) 0.0764 / (S |log S|) = 0.578
  const double s = 18.0 / 21, factor = std::exp(1.959964 * std::sqrt((1 - s) * s / 21) / (s * -std::log(s)));
  CHECK(steps[0].survival.low == doctest::Approx(std::pow(s, factor)).epsilon(1e-5));
  CHECK(steps[0].survival.high == doctest::Approx(std::pow(s, 1 / factor)).epsilon(1e-5));
}

TEST_CASE("censored exponential: total time over ends; without the marks the mean is too small") {
  const Lives lives = watched(Distribution::exponential(100), 200, 3000, 0);
  const double total = std::accumulate(lives.values.begin(), lives.values.end(), 0.0);
  const double ended = static_cast<double>(std::count(lives.censored.begin(), lives.censored.end(), false));
  const std::vector<Fit> fits = fit_lives(lives);
  CHECK(fits[0].family == "exponential");
  CHECK(fits[0].distribution.mean() == doctest::Approx(total / ended).epsilon(1e-4));
  CHECK(fits[0].distribution.mean() == doctest::Approx(100).epsilon(0.1));
  CHECK(fits[0].ks < 0.05);
  CHECK(fit_lives({lives.values, {}})[0].distribution.mean() < 70);
}

TEST_CASE("families of censored lives are told apart") {
  const std::pair<const char*, Distribution> truths[] = {{"weibull", Distribution::weibull(3, 100)},
                                                         {"lognormal", Distribution::lognormal(100, 100)},
                                                         {"gamma", Distribution::gamma(100, 60)},
                                                         {"exponential", Distribution::exponential(100)}};
  for (const auto& [family, truth] : truths) {
    CAPTURE(family);
    const std::vector<Fit> fits = fit_lives(watched(truth, 300, 5000, 1));
    CHECK(fits[0].family == family);
    CHECK(fits[0].distribution.mean() == doctest::Approx(truth.mean()).epsilon(0.05));
    CHECK(fits[0].distribution.quantile(0.5) == doctest::Approx(truth.quantile(0.5)).epsilon(0.05));
  }
}

TEST_CASE("likelihood intervals of the mean cover at their level; those that ignore the censoring do not") {
  const std::pair<const char*, Distribution> truths[] = {{"exponential", Distribution::exponential(100)},
                                                         {"weibull", Distribution::weibull(1.5, 100)}};
  for (const auto& [family, truth] : truths) {
    CAPTURE(family);
    std::uint64_t covered = 0, ignoring = 0;
    for (std::uint64_t r = 0; r < 400; ++r) {
      const Lives lives = watched(truth, 250, 60, 100 + r);
      covered += mean_interval(lives, family, 0.9).contains(truth.mean()) ? 1 : 0;
      ignoring += mean_interval({lives.values, {}}, family, 0.9).contains(truth.mean()) ? 1 : 0;
    }
    CHECK(wilson_interval(covered, 400, 0.999).contains(0.9));
    CHECK(ignoring < 200);
  }
}

TEST_CASE("few lives, or none that ended") {
  const Lives open{{100, 200, 300}, {true, true, true}};
  const Fit fit = fit_lives(open)[0];
  CHECK(fit.distribution.mean() == doctest::Approx(600 / std::log(2.0)));
  CHECK_FALSE(fit.note.empty());
  const Bounds bounds = mean_interval(open, "exponential", 0.95);
  CHECK(bounds.low == doctest::Approx(-600 / std::log(0.05)));
  CHECK(std::isinf(bounds.high));
  const std::vector<Fit> one = fit_lives({{100, 200, 300}, {true, false, true}});
  CHECK(one.size() == 1);
  CHECK(one[0].distribution.mean() == doctest::Approx(600).epsilon(1e-4));
  CHECK_NOTHROW(fit_lives({{0, 0, 0}, {}}));
  CHECK_NOTHROW(fit_lives({{5, 5, 5}, {}}));
  CHECK_NOTHROW(fit_lives({{0, 0, 10}, {true, false, true}}));
  CHECK_NOTHROW(mean_interval({{0, 0, 0}, {}}, "weibull"));
  CHECK_THROWS_AS(fit_lives({{}, {}}), std::invalid_argument);
  CHECK_THROWS_AS(fit_lives({{-1}, {}}), std::invalid_argument);
  CHECK_THROWS_AS(fit_lives({{1, 2}, {true}}), std::invalid_argument);
  CHECK_THROWS_AS(mean_interval({{1, 2}, {}}, "normal"), std::invalid_argument);
}

}  // namespace retwin::survival_test
