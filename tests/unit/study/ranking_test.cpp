// Selection with a guarantee: how often it is kept, what batches change, and systems that are the same, fail or do not vary.
#include "core/study/ranking.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "tests/unit/study/normal_contest.hpp"

namespace retwin::ranking_test {

namespace {

/// A contest of given values.
class Given : public Contest {
 public:
  explicit Given(std::vector<std::vector<double>> values) : values_(std::move(values)) {}
  std::size_t systems() const override { return values_.size(); }
  void reach(const std::vector<std::size_t>&) override {}
  double value(std::size_t system, std::size_t r) const override { return values_[system][r % values_[system].size()]; }

 private:
  std::vector<std::vector<double>> values_;
};

RankingOptions options_of(double confidence, double indifference) {
  RankingOptions options;
  options.confidence = confidence;
  options.indifference = indifference;
  options.most = 100000;
  return options;
}

/// Share of contests whose first system, the best by so much, is selected.
template <class Select>
double correct(int runs, std::size_t k, double by, double correlation, Select select) {
  int right = 0;
  for (int run = 0; run < runs; ++run) {
    NormalContest contest =
        made_contest(k, by, Spread::slippage, Variances::increasing, correlation, static_cast<std::uint64_t>(run) + 1);
    right += select(contest);
  }
  return static_cast<double>(right) / runs;
}

/// The confidence with which a procedure would promise `confidence` if it forgot that there are k - 1 others.
double forgetful(double confidence, std::size_t k) { return 1 - (1 - confidence) * static_cast<double>(k - 1); }

/// What so many runs may stay below a promise by bad luck, one time in a thousand.
double luck(double promised, int runs) { return 3.09 * std::sqrt(promised * (1 - promised) / runs); }

}  // namespace

TEST_CASE("the best by the indifference is selected as often as promised; by one who forgets how many there are it is not") {
  constexpr int runs = 400;
  for (const double correlation : {0.0, 0.5}) {
    const auto share = [&](double confidence) {
      return correct(runs, 10, 0.5, correlation, [&](NormalContest& contest) {
        return select_sequentially(contest, options_of(confidence, 0.5)).best == std::size_t{0};
      });
    };
    CHECK(share(0.95) >= 0.95 - luck(0.95, runs));
    CHECK(share(forgetful(0.95, 10)) < 0.95 - luck(0.95, runs));
  }
}

TEST_CASE("where some are nearly as good, one of them is selected as often as promised") {
  constexpr int runs = 400;
  int good = 0;
  for (int run = 0; run < runs; ++run) {
    NormalContest contest = made_contest(10, 0.2, Spread::even, Variances::increasing, 0.5, static_cast<std::uint64_t>(run) + 1);
    good += *select_sequentially(contest, options_of(0.95, 0.5)).best <= 2;
  }
  CHECK(good >= (0.95 - luck(0.95, runs)) * runs);
}

TEST_CASE("two stages select as often as promised; with the constant of a smaller confidence they do not") {
  constexpr int runs = 200;
  const auto share = [&](double confidence) {
    RankingOptions options = options_of(confidence, 0.5);
    options.common = false;
    return correct(runs, 5, 0.5, 0,
                   [&](NormalContest& contest) { return select_in_two_stages(contest, options).best == std::size_t{0}; });
  };
  CHECK(share(0.95) >= 0.95 - luck(0.95, runs));
  CHECK(share(0.7) < 0.95 - luck(0.95, runs));
}

TEST_CASE(
    "Rinott's constant of two systems: sqrt(2) z where the variances are known, the sum of two Cauchy variables where n0 is 2") {
  CHECK(rinott_constant(2, 100000, 0.95) == doctest::Approx(std::sqrt(2.0) * 1.644854).epsilon(0.001));
  CHECK(rinott_constant(2, 2, 0.95) == doctest::Approx(2 * std::tan(0.45 * 3.14159265358979323846)).epsilon(0.0001));
  CHECK(rinott_constant(20, 10, 0.95) > rinott_constant(5, 10, 0.95));
  CHECK(rinott_constant(1, 10, 0.95) == 0);
}

TEST_CASE("the best is among those that screening leaves, of unequal numbers too; one who forgets how many there are loses it") {
  constexpr int runs = 400;
  for (const bool common : {true, false}) {
    const auto share = [&](double confidence, bool& smaller) {
      return correct(runs, 10, 0.05, common ? 0.5 : 0, [&](NormalContest& contest) {
        std::vector<std::size_t> counts{12};
        for (std::size_t k = 1; k < 10; ++k) counts.push_back(10 + 3 * k);
        contest.reach(counts);
        RankingOptions options = options_of(confidence, 0);
        options.common = common;
        options.draws = 10;
        const Selected screened = screen(contest, counts, options);
        for (const Entrant& entrant : screened.entrants) smaller = smaller || entrant.standing == Standing::beaten;
        return screened.entrants[0].standing != Standing::beaten;
      });
    };
    bool smaller = false;
    CHECK(share(0.95, smaller) >= 0.95);
    CHECK(smaller);
    CHECK(share(0.05, smaller) < 0.95);
  }
}

TEST_CASE("the answer does not depend on the batches") {
  NormalContest one = made_contest(8, 0.2, Spread::slippage, Variances::increasing, 0.3, 5),
                many = made_contest(8, 0.2, Spread::slippage, Variances::increasing, 0.3, 5);
  RankingOptions options = options_of(0.95, 0.2);
  const Selected a = select_sequentially(one, options);
  options.at_once = 64;
  const Selected b = select_sequentially(many, options);
  CHECK(a.best == b.best);
  for (std::size_t k = 0; k < 8; ++k) {
    CHECK(a.entrants[k].standing == b.entrants[k].standing);
    CHECK(a.entrants[k].replications == b.entrants[k].replications);
    CHECK(a.entrants[k].mean == b.entrants[k].mean);
  }
  CHECK(many.batches * 4 < one.batches);
  CHECK(a.observations == one.made);
  CHECK(b.observations == many.made);
}

TEST_CASE("the smaller the better is the larger the better of the negative") {
  NormalContest contest = made_contest(4, 1, Spread::even, Variances::equal, 0.5, 3);
  RankingOptions options = options_of(0.99, 0.5);
  CHECK(select_sequentially(contest, options).best == std::size_t{0});
  options.maximise = false;
  CHECK(select_sequentially(contest, options).best == std::size_t{3});
}

TEST_CASE("systems that give the same values are one, and end the contest") {
  const std::vector<double> some{1, 2, 4, 3, 1, 5}, better{3, 4, 6, 5, 3, 7};
  Given all({some, some, some}), two({some, better, better});
  const Selected same = select_sequentially(all, options_of(0.95, 0.01));
  CHECK(same.decided);
  CHECK(same.best == std::size_t{0});
  CHECK(same.entrants[2].standing == Standing::same);
  CHECK(same.entrants[2].other == 0);
  CHECK(same.observations == 60);
  const Selected pair = select_sequentially(two, options_of(0.95, 0.01));
  CHECK(pair.best == std::size_t{1});
  CHECK(pair.entrants[0].standing == Standing::beaten);  // by just 2 each time: no doubt
  CHECK(pair.entrants[2].standing == Standing::same);
  CHECK(pair.observations == 60);
}

TEST_CASE("systems with the same mean in another order end at the replications that the guarantee needs") {
  Given given({{1, 2, 3, 4}, {4, 3, 2, 1}});
  RankingOptions options = options_of(0.95, 1);
  options.first = 4;
  const Selected selected = select_sequentially(given, options);
  CHECK(selected.decided);
  CHECK(selected.entrants[*selected.best].replications <= selected.needed);
}

TEST_CASE("out of replications nothing is decided, and the chance is stated") {
  NormalContest contest = made_contest(3, 0.01, Spread::slippage, Variances::equal, 0, 1);
  RankingOptions options = options_of(0.95, 0.01);
  options.most = 50;
  const Selected selected = select_sequentially(contest, options);
  CHECK(!selected.decided);
  CHECK(selected.ending == Ending::exhausted);
  CHECK(selected.best.has_value());
  CHECK(selected.chance > 0.3);
  CHECK(selected.chance < 0.95);
  CHECK(selected.needed > 10000);
  CHECK(contest.made == 150);
}

TEST_CASE("an indifference next to nothing needs very many replications, and a confidence that is luck needs none") {
  NormalContest contest = made_contest(2, 1, Spread::even, Variances::equal, 0, 1);
  RankingOptions options = options_of(0.95, 1e-200);
  options.most = 30;
  CHECK(select_sequentially(contest, options).needed > 1000000);
  CHECK(select_sequentially(contest, options_of(0.4, 1)).observations == 40);
}

TEST_CASE("what cannot be observed takes no part, whether it fails at once or later") {
  const double nothing = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> late(25, 100.0);
  late[22] = nothing;
  Given given({{nothing}, {1, 2, 3, 1, 2, 4, 1}, late, {1.1, 2, 3, 1, 2.1, 4, 1}});
  RankingOptions options = options_of(0.95, 0.01);
  options.most = 10000;
  const Selected selected = select_sequentially(given, options);
  CHECK(selected.entrants[0].standing == Standing::failed);
  CHECK(selected.entrants[0].replications == 1);
  CHECK(selected.best.has_value());
  Given none({{nothing}, {nothing}});
  const Selected nobody = select_sequentially(none, options);
  CHECK(!nobody.best);
  CHECK(!nobody.decided);
  CHECK(nobody.ending == Ending::nobody);
}

TEST_CASE("one system alone is the best") {
  Given given({{1, 2, 3}});
  const Selected selected = select_sequentially(given, options_of(0.95, 0.1));
  CHECK(selected.decided);
  CHECK(selected.best == std::size_t{0});
}

}  // namespace retwin::ranking_test
