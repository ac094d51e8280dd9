// A budget spent by the rule of optimal allocation, and the chance that is stated of its choice.
#include "core/study/allocation.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

#include "core/study/chances.hpp"
#include "tests/unit/study/normal_contest.hpp"

namespace retwin::allocation_test {

namespace {

Entrant entrant(double mean, double sd, std::size_t n) {
  Entrant made;
  made.mean = mean;
  made.sd = sd;
  made.replications = n;
  return made;
}

struct Shares {
  double stated = 0, correct = 0;
};

/// Problems whose means vary about as much as the values do.
Shares of_problems(int problems, std::size_t k, double correlation, std::size_t each, bool allocate) {
  Shares out;
  for (int problem = 0; problem < problems; ++problem) {
    NormalContest contest = random_contest(k, 1, correlation, static_cast<std::uint64_t>(problem) + 1);
    AllocationOptions options;
    options.budget = k * each;
    options.first = allocate ? 10 : each;
    options.increment = k;
    options.all = true;
    options.common = correlation > 0;
    options.draws = 100;
    const Selected selected = select_with_budget(contest, options);
    out.stated += selected.chance / problems;
    out.correct += static_cast<double>(selected.best == std::size_t{0}) / problems;
  }
  return out;
}

}  // namespace

TEST_CASE("shares of the budget: the rule of the paper, by hand") {
  // distances 1 and 2 of standard deviations 1 and 2: equal shares; the best sd 1 times sqrt(1 + 1/4)
  const std::vector<double> shares = optimal_shares({entrant(3, 1, 1000), entrant(2, 1, 1000), entrant(1, 2, 1000)}, true);
  const double best = std::sqrt(1 + 0.25);
  CHECK(shares[0] == doctest::Approx(best / (2 + best)));
  CHECK(shares[1] == doctest::Approx(1 / (2 + best)));
  CHECK(shares[2] == doctest::Approx(1 / (2 + best)));
}

TEST_CASE("what does not vary gets nothing, and equal means do not take all") {
  const std::vector<double> shares =
      optimal_shares({entrant(3, 1, 100), entrant(3, 1, 100), entrant(2.9, 1, 100), entrant(1, 0, 100)}, true);
  CHECK(shares[3] == 0);
  CHECK(shares[2] > 0.005);
  CHECK(std::accumulate(shares.begin(), shares.end(), 0.0) == doctest::Approx(1));
}

TEST_CASE("the budget is spent to the last observation and no more, most of it on those that may be the best") {
  NormalContest contest = made_contest(10, 0.5, Spread::even, Variances::equal, 0.2, 4);
  AllocationOptions options;
  options.budget = 1003;
  options.increment = 17;
  options.all = true;
  const Selected selected = select_with_budget(contest, options);
  CHECK(contest.made == 1003);
  CHECK(selected.observations == 1003);
  CHECK(selected.best == std::size_t{0});
  CHECK(selected.entrants[0].replications + selected.entrants[1].replications > 500);
  CHECK(selected.entrants[9].replications < 20);
}

TEST_CASE("the allocation selects better than even shares do") {
  const Shares even = of_problems(500, 10, 0, 40, false), optimal = of_problems(500, 10, 0, 40, true);
  CHECK(optimal.correct > even.correct + 0.03);
}

TEST_CASE("over problems the stated chance is right within .05, with common random numbers and without") {
  for (const double correlation : {0.0, 0.5})
    for (const std::size_t k : {std::size_t{2}, std::size_t{10}})
      for (const std::size_t each : {std::size_t{20}, std::size_t{80}}) {
        const Shares shares = of_problems(1000, k, correlation, each, true);
        CAPTURE(k);
        CAPTURE(each);
        CHECK(std::abs(shares.stated - shares.correct) <= 0.05);
      }
}

TEST_CASE("control: who does not know of common random numbers states too little") {
  double with = 0, without = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    NormalContest contest = made_contest(5, 0.3, Spread::even, Variances::equal, 0.9, seed);
    const std::vector<std::size_t> systems{0, 1, 2, 3, 4}, counts{30, 25, 20, 20, 20};
    contest.reach(counts);
    ChanceOptions options;
    options.draws = 1000;
    with += chances_of_best(contest, systems, counts, options)[0] / 100;
    options.common = false;
    without += chances_of_best(contest, systems, counts, options)[0] / 100;
  }
  CHECK(with > 0.9);
  CHECK(without < 0.85);
}

TEST_CASE("of two systems the chance is that of Student's test, paired or not") {
  NormalContest contest = made_contest(2, 0.3, Spread::even, Variances::equal, 0.6, 9);
  contest.reach({12, 12});
  double sum = 0, squares = 0;
  for (std::size_t r = 0; r < 12; ++r) {
    const double difference = contest.value(0, r) - contest.value(1, r);
    sum += difference;
    squares += difference * difference;
  }
  const double t = sum / 12 / std::sqrt((squares - sum * sum / 12) / 11 / 12);
  ChanceOptions options;
  options.draws = 200000;
  const double chance = chances_of_best(contest, {0, 1}, {12, 12}, options)[0];
  // the distribution function of t with 11 degrees of freedom by Simpson's rule; the constant is Gamma(6) / (sqrt(11 pi) Gamma(5.5))
  double area = 0;
  constexpr int steps = 2000;
  for (int k = 0; k <= steps; ++k) {
    const double x = t * k / steps, weight = k == 0 || k == steps ? 1 : k % 2 == 1 ? 4 : 2;
    area += weight * std::pow(1 + x * x / 11, -6) * t / steps / 3;
  }
  const double exact = 0.5 + area * std::tgamma(6) / (std::sqrt(11 * 3.14159265358979323846) * std::tgamma(5.5));
  CHECK(chance == doctest::Approx(exact).epsilon(0.01));
  CHECK(chances_of_best(contest, {0, 1}, {12, 12}, options)[0] == chance);  // the same seed
}

TEST_CASE("with an indifference beyond all differences each is as good as the best") {
  NormalContest contest = made_contest(3, 0.01, Spread::even, Variances::equal, 0.5, 2);
  contest.reach({20, 20, 20});
  ChanceOptions options;
  options.indifference = 10;
  for (const double chance : chances_of_best(contest, {0, 1, 2}, {20, 20, 20}, options)) CHECK(chance == 1);
}

TEST_CASE("it ends when the chance is as large as asked for; the same systems are one") {
  NormalContest contest = made_contest(5, 3, Spread::even, Variances::equal, 0, 1);
  const Selected selected = select_with_budget(contest, AllocationOptions());
  CHECK(selected.ending == Ending::confident);
  CHECK(selected.decided);
  CHECK(selected.observations == 50);
  NormalContest twins({1, 1}, {0, 0}, 0, 1);
  const Selected same = select_with_budget(twins, AllocationOptions());
  CHECK(same.decided);
  CHECK(same.entrants[1].standing == Standing::same);
  CHECK(same.observations == 20);
}

}  // namespace retwin::allocation_test
