// How often the procedures of core/study select the best of systems whose means are known, and how often they say they do.
//
// usage: selection_rates [--runs N] [--only guarantees|statements]
//
// Guarantees: the best is better than all others by the indifference (slippage, the least favourable means), or each is worse than the one
// before by it (even); variances 1, growing from 1 to 2 from the best to the others, or falling; independent, or with a correlation of .5.
// Fails where so few right ones have a chance below one in a thousand if the promise holds, or a procedure that forgets how many
// systems there are is not found out. Statements: budgets spent by optimal allocation, over problems with random means, where the stated chance must
// be right within .05; and of single problems, where none can be (chances.hpp): it must not say too much by more where 80 % are right.
#include <fmt/core.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "core/study/allocation.hpp"
#include "core/study/ranking.hpp"
#include "tests/unit/study/normal_contest.hpp"

using namespace retwin;

namespace {

struct Rate {
  double correct = 0, stated = 0, replications = 0;
};

template <class Select>
Rate rate(int runs, Select select) {
  Rate out;
  for (int run = 0; run < runs; ++run) {
    const Selected selected = select(static_cast<std::uint64_t>(run) + 1);
    out.correct += selected.best == std::size_t{0};
    out.stated += selected.chance;
    out.replications += static_cast<double>(selected.observations) / static_cast<double>(selected.entrants.size());
  }
  for (double* sum : {&out.correct, &out.stated, &out.replications}) *sum /= runs;
  return out;
}

/// Whether so few are not just bad luck of so many runs.
bool kept(double correct, double promised, int runs) {
  return correct >= promised - 3.09 * std::sqrt(promised * (1 - promised) / runs);
}

const char* name(Variances variances) {
  return variances == Variances::equal ? "equal" : variances == Variances::increasing ? "increasing" : "decreasing";
}

struct Problem {
  std::size_t k;
  double distance;
  Spread spread;
  Variances variances;
  double correlation;
  NormalContest contest(std::uint64_t seed) const { return made_contest(k, distance, spread, variances, correlation, seed); }
  std::string text() const {
    return fmt::format("k {:3} {:8} variances {:10} correlation {:.1f}", k, spread == Spread::slippage ? "slippage" : "even",
                       name(variances), correlation);
  }
};

std::vector<Problem> problems(const std::vector<std::size_t>& sizes, double distance) {
  std::vector<Problem> out;
  for (const std::size_t k : sizes)
    for (const Spread spread : {Spread::slippage, Spread::even})
      for (const Variances variances : {Variances::equal, Variances::increasing, Variances::decreasing})
        for (const double correlation : {0.0, 0.5}) out.push_back({k, distance, spread, variances, correlation});
  return out;
}

bool said(const std::string& what, const Rate& found, bool fine) {
  fmt::print("{}: correct {:.4f}, stated {:.4f}, {:.1f} replications a system: {}\n", what, found.correct, found.stated,
             found.replications, fine ? "as promised" : "NOT AS PROMISED");
  return fine;
}

RankingOptions options_of(double confidence, double indifference) {
  RankingOptions options;
  options.confidence = confidence;
  options.indifference = indifference;
  options.most = 1000000;
  options.at_once = 8;
  return options;
}

bool guarantees(int runs) {
  bool good = true;
  for (const double confidence : {0.95, 0.99})
    for (const Problem& problem : problems({5, 20, 100}, 0.5)) {
      const auto sequential = [&](double promised) {
        return rate(runs, [&](std::uint64_t seed) {
          NormalContest contest = problem.contest(seed);
          return select_sequentially(contest, options_of(promised, problem.distance));
        });
      };
      Rate found = sequential(confidence);
      good =
          said(fmt::format("sequential {:.2f} {}", confidence, problem.text()), found, kept(found.correct, confidence, runs)) &&
          good;
      if (problem.spread != Spread::slippage) continue;
      if (problem.k < 100 && problem.correlation == 0 && problem.variances == Variances::equal) {
        found = sequential(1 - (1 - confidence) * static_cast<double>(problem.k - 1));
        good = said(fmt::format("control: forgets k {:.2f} {}", confidence, problem.text()), found,
                    !kept(found.correct, confidence, runs)) &&
               good;
      }
      if (problem.correlation > 0) continue;
      RankingOptions options = options_of(confidence, problem.distance);
      options.common = false;
      found = rate(runs, [&](std::uint64_t seed) {
        NormalContest contest = problem.contest(seed);
        return select_in_two_stages(contest, options);
      });
      good =
          said(fmt::format("two stages {:.2f} {}", confidence, problem.text()), found, kept(found.correct, confidence, runs)) &&
          good;
    }
  return good;
}

AllocationOptions allocation_of(std::size_t k, std::size_t each, bool common) {
  AllocationOptions options;
  options.budget = k * each;
  options.increment = k;
  options.all = true;
  options.common = common;
  options.draws = 200;
  return options;
}

bool statements(int runs) {
  constexpr double off = 0.05;
  bool good = true;
  for (const std::size_t k : {std::size_t{2}, std::size_t{5}, std::size_t{10}, std::size_t{20}})
    for (const double correlation : {0.0, 0.5})
      for (const std::size_t each : {std::size_t{10}, std::size_t{20}, std::size_t{40}, std::size_t{80}}) {
        const Rate found = rate(runs, [&](std::uint64_t seed) {
          NormalContest contest = random_contest(k, 1, correlation, seed);
          return select_with_budget(contest, allocation_of(k, each, correlation > 0));
        });
        good = said(fmt::format("budget, random means: k {:2} correlation {:.1f}", k, correlation), found,
                    std::abs(found.stated - found.correct) <= off) &&
               good;
      }
  for (const Problem& problem : problems({5, 10}, 0.3))
    for (const std::size_t each : {std::size_t{20}, std::size_t{40}, std::size_t{80}, std::size_t{160}}) {
      const Rate found = rate(runs, [&](std::uint64_t seed) {
        NormalContest contest = problem.contest(seed);
        return select_with_budget(contest, allocation_of(problem.k, each, problem.correlation > 0));
      });
      good = said("budget " + problem.text(), found, found.correct < 0.8 || found.stated <= found.correct + off) && good;
    }
  return good;
}

}  // namespace

int main(int argc, char** argv) {
  int runs = 1000;
  std::string only;
  for (int k = 1; k + 1 < argc; k += 2) {
    if (std::strcmp(argv[k], "--runs") == 0) runs = std::atoi(argv[k + 1]);
    if (std::strcmp(argv[k], "--only") == 0) only = argv[k + 1];
  }
  const bool kept_promises = only == "statements" || guarantees(runs), true_statements = only == "guarantees" || statements(runs);
  return kept_promises && true_statements ? 0 : 1;
}
