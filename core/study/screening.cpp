// Procedures that look once: subset selection by what is known, and Rinott's two stages.
#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <cmath>

#include "core/base/problem.hpp"
#include "core/stats/intervals.hpp"
#include "core/study/chances.hpp"
#include "core/study/comparisons.hpp"
#include "core/study/ranking.hpp"

namespace retwin {
namespace {

/// The best mean of those that are open is selected. @return who is open
std::vector<std::size_t> select_best_mean(const RankingOptions& options, Selected& out) {
  const double sign = options.maximise ? 1 : -1;
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < out.entrants.size(); ++i) {
    if (out.entrants[i].standing != Standing::open) continue;
    open.push_back(i);
    if (!out.best || sign * out.entrants[i].mean > sign * out.entrants[*out.best].mean) out.best = i;
  }
  return open;
}

/// That the selected one is the best of those that are open.
double stated_chance(const Contest& contest, const RankingOptions& options, const Selected& out,
                     const std::vector<std::size_t>& open) {
  std::vector<std::size_t> counts;
  for (const std::size_t i : open) counts.push_back(out.entrants[i].replications);
  const ChanceOptions how{options.maximise, options.common, options.indifference, options.draws};
  return chances_of_best(contest, open, counts,
                         how)[static_cast<std::size_t>(std::find(open.begin(), open.end(), *out.best) - open.begin())];
}

/// How much better `winner` must look than `loser` to be significantly better.
double allowance(const RankingOptions& options, const Entrant& winner, const Entrant& loser, double error, const Tally& pairs) {
  if (options.common) {
    const double n = static_cast<double>(pairs.count());
    return student_quantile(1 - error, n - 1) * pairs.sd() / std::sqrt(n);
  }
  double sum = 0;
  for (const Entrant* one : {&winner, &loser}) {
    const double n = static_cast<double>(one->replications), t = student_quantile(1 - error, n - 1);
    sum += t * t * one->sd * one->sd / n;
  }
  return std::sqrt(sum);
}

/// Where a law is, and with what weight: values evenly apart in the logarithm, all but 1e-13 of it on either side.
struct ChiSquared {
  std::vector<double> at, weight;
};
ChiSquared chi_squared_points(double degrees) {
  constexpr double beyond = 1e-13;
  constexpr int steps = 120;  // the sum of so smooth a function converges faster than any power of their number
  const boost::math::chi_squared_distribution<double> law(degrees);
  const double low = std::log(quantile(law, beyond)), width = (std::log(quantile(complement(law, beyond))) - low) / steps;
  ChiSquared out;
  for (int k = 0; k <= steps; ++k) {
    out.at.push_back(std::exp(low + k * width));
    out.weight.push_back(pdf(law, out.at.back()) * out.at.back() * width);
  }
  return out;
}

}  // namespace

void check(const RankingOptions& options) {
  RETWIN_CHECK(options.confidence > 0 && options.confidence < 1);
  RETWIN_CHECK(options.first >= 2 && options.most >= options.first);
}

double error_of_one(const RankingOptions& options, std::size_t systems) {
  const double others = static_cast<double>(std::max<std::size_t>(systems, 2) - 1);
  return options.common ? (1 - options.confidence) / others : 1 - std::pow(options.confidence, 1 / others);
}

Tally paired(const Contest& contest, std::size_t a, std::size_t b, std::size_t n) {
  Tally tally;
  for (std::size_t r = 0; r < n; ++r) tally.add(contest.value(a, r) - contest.value(b, r));
  return tally;
}

Selected screen(const Contest& contest, const std::vector<std::size_t>& replications, const RankingOptions& options) {
  Selected out;
  std::vector<std::size_t> taking_part;
  for (std::size_t i = 0; i < replications.size(); ++i) {
    out.entrants.push_back(observed(contest, i, replications[i]));
    if (replications[i] < 2) out.entrants[i].standing = Standing::unseen;
    if (out.entrants[i].standing == Standing::open) taking_part.push_back(i);
  }
  const double error = error_of_one(options, taking_part.size()), sign = options.maximise ? 1 : -1;
  std::vector<Entrant> entrants = out.entrants;
  for (const std::size_t i : taking_part)
    for (const std::size_t j : taking_part) {
      if (i == j) continue;
      const Entrant &loser = out.entrants[i], &winner = out.entrants[j];
      const Tally pairs = options.common ? paired(contest, j, i, std::min(loser.replications, winner.replications)) : Tally();
      const double ahead = sign * (options.common ? pairs.mean() : winner.mean - loser.mean);
      if (ahead <= allowance(options, winner, loser, error, pairs)) continue;
      entrants[i].standing = Standing::beaten;
      entrants[i].other = j;
      break;
    }
  out.entrants = std::move(entrants);
  const std::vector<std::size_t> open = select_best_mean(options, out);
  if (!out.best) return out;
  out.decided = open.size() == 1;
  out.ending = out.decided ? Ending::one_left : Ending::exhausted;
  out.chance = out.decided ? options.confidence : stated_chance(contest, options, out, open);
  out.entrants[*out.best].standing = Standing::best;
  return out;
}

double rinott_constant(std::size_t systems, std::size_t first, double confidence) {
  if (systems < 2) return 0;
  const double degrees = static_cast<double>(first - 1);
  const ChiSquared chi = chi_squared_points(degrees);
  const auto correct = [&](double h) {
    double outer = 0;
    for (std::size_t i = 0; i < chi.at.size(); ++i) {
      double inner = 0;
      for (std::size_t j = 0; j < chi.at.size(); ++j)
        inner += chi.weight[j] * std::erfc(-h / std::sqrt(2 * degrees * (1 / chi.at[i] + 1 / chi.at[j]))) / 2;
      outer += chi.weight[i] * std::pow(inner, static_cast<double>(systems - 1));
    }
    return outer;
  };
  double low = 0, high = 1;
  while (correct(high) < confidence) low = high, high *= 2;
  while (high - low > 1e-4) {
    const double middle = (low + high) / 2;
    (correct(middle) < confidence ? low : high) = middle;
  }
  return high;
}

Selected select_in_two_stages(Contest& contest, const RankingOptions& options) {
  check(options);
  RETWIN_CHECK(options.indifference > 0 && !options.common);
  Opening opening(contest, options.first);
  Selected& out = opening.selected;
  const double h = rinott_constant(contest.systems(), options.first, options.confidence);
  std::vector<std::size_t> wanted(contest.systems());
  for (const std::size_t i : opening.open()) {
    const double exact = std::min(std::ceil(std::pow(h * out.entrants[i].sd / options.indifference, 2)), 1e15);
    const std::size_t needed = std::max(options.first, static_cast<std::size_t>(exact));
    out.needed = std::max(out.needed, needed);
    wanted[i] = std::min(needed, options.most);
    out.observations += wanted[i] - options.first;
  }
  contest.reach(wanted);
  for (const std::size_t i : opening.open()) out.entrants[i] = observed(contest, i, wanted[i]);
  const std::vector<std::size_t> open = select_best_mean(options, out);
  if (!out.best) return std::move(out);
  out.decided = out.needed <= options.most;
  out.ending = out.decided ? Ending::sampled : Ending::exhausted;
  out.chance = out.decided ? options.confidence : stated_chance(contest, options, out, open);
  for (const std::size_t i : open)
    if (out.decided) out.entrants[i].standing = Standing::beaten, out.entrants[i].other = *out.best;
  out.entrants[*out.best].standing = Standing::best;
  return std::move(out);
}

}  // namespace retwin
