// Ranking and selection with a guarantee: the best of some systems, or one that is as good but for an indifference.
#pragma once
#include <cstddef>
#include <vector>

#include "core/study/contest.hpp"

namespace retwin {

/// What is guaranteed: values are normal; with chance `confidence` the best is selected if it is better than all others by at least
/// `indifference`, else one that is not worse than the best by more.
struct RankingOptions {
  double confidence = 0.95;   ///< (0, 1)
  double indifference = 0;    ///< above 0 [unit of the values]
  std::size_t first = 20;     ///< replications of the first stage, 2 or more: they alone tell the variances, ten are few
  std::size_t most = 1000;    ///< replications of a system, not below `first`
  bool maximise = true;       ///< the larger the better
  bool common = true;         ///< replication r has the same luck in all systems; else all are independent
  std::size_t at_once = 1;    ///< observations worth making in one batch
};

/// The fully sequential procedure of Kim & Nelson (A fully sequential procedure for indifference-zone selection in simulation, ACM
/// TOMACS 11, 2001) with c = 1: after n >= n0 replications system i is beaten by l if the sum of the differences x_l - x_i is larger than
/// max(0, h2 S2_il / (2 delta) - n delta / 2), where S2_il is the variance of the differences in the first stage of n0, h2 = 2 eta (n0 - 1),
/// eta = ((2 a)^(-2 / (n0 - 1)) - 1) / 2, and a = alpha / (k - 1) with common random numbers, 1 - (1 - alpha)^(1 / (k - 1)) without.
/// It ends after at most floor(h2 S2_il / delta^2) + 1 replications. Replications come in batches, but every number of them is looked at in
/// order and what lies beyond the decision is not: the answer does not depend on the batches.
/// The replications must not be those for which the systems were chosen, or the first stage is biased.
Selected select_sequentially(Contest& contest, const RankingOptions& options);

/// The two-stage procedure of Rinott (On two-stage selection procedures and related probability-inequalities, Communications in
/// Statistics - Theory and Methods A7, 1978), for independent systems: ceil((h S_i / delta)^2) replications of each, then the best mean.
/// More replications than the sequential one, but in two batches.
Selected select_in_two_stages(Contest& contest, const RankingOptions& options);
/// Its constant h, for k systems and n0 replications of the first stage: E[E[Phi(h / sqrt((n0 - 1) (1 / x + 1 / y))) | y]^(k - 1)] =
/// confidence for independent x, y, chi-squared with n0 - 1 degrees of freedom.
double rinott_constant(std::size_t systems, std::size_t first, double confidence);

/// The systems that may be the best, by what is known already: with chance `confidence` the best is among them. A system is out if another
/// is significantly better. Independent: X_i < X_j - sqrt(t_i^2 S2_i / n_i + t_j^2 S2_j / n_j) with t the (1 - alpha)^(1 / (k - 1))
/// quantile of Student's law with n - 1 degrees of freedom (Nelson, Swann, Goldsman & Song, Simple procedures for selecting the best
/// simulated system when the number of alternatives is large, Operations Research 49, 2001; for unequal n Boesel, Nelson & Kim, Using
/// ranking and selection to "clean up" after simulation optimization, Operations Research 51, 2003). With common random numbers: Student's
/// test of the paired differences in the replications that both have, each at alpha / (k - 1) (Bonferroni).
/// @param replications of each system, reached before: 0 or 1 of those that do not take part, whose number must not depend on the values
/// @return entrants of which those that may be the best are open; the best mean is `best`, decided if it is alone
Selected screen(const Contest& contest, const std::vector<std::size_t>& replications, const RankingOptions& options);

}  // namespace retwin
