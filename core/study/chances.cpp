// Draws of the means from their posterior, and who is the best in each.
#include "core/study/chances.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/base/constants.hpp"
#include "core/base/problem.hpp"
#include "core/base/random.hpp"

namespace retwin {
namespace {

/// Random variates by number, the same for the same seed.
class Variates {
 public:
  explicit Variates(std::uint64_t seed) : draws_{mix64(seed), stream_id("chances of the best"), 0} {}
  double uniform() { return draws_.uniform(next_++); }
  double normal() {  // Box & Muller (Ann. Math. Statist. 29, 1958)
    has_other_ = !has_other_;
    if (!has_other_) return other_;
    const double radius = std::sqrt(-2 * std::log(uniform())), angle = 2 * pi * uniform();
    other_ = radius * std::sin(angle);
    return radius * std::cos(angle);
  }
  /// Marsaglia & Tsang (A simple method for generating gamma variables, ACM TOMS 26, 2000), with their boost below shape 1.
  double chi_squared(double degrees) {
    const double shape = degrees / 2, d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3, c = 1 / std::sqrt(9 * d);
    const double boost = shape < 1 ? std::pow(uniform(), 1 / shape) : 1;
    while (true) {
      const double x = normal(), root = 1 + c * x, v = root * root * root;
      if (v > 0 && std::log(uniform()) < x * x / 2 + d - d * v + d * std::log(v)) return 2 * d * v * boost;
    }
  }
  /// Standard deviation over its estimate of so many degrees of freedom.
  double spread(double degrees) { return std::sqrt(degrees / chi_squared(degrees)); }

 private:
  Draws draws_;
  std::uint64_t next_ = 0;
  bool has_other_ = false;
  double other_ = 0;
};

/// Lower triangle L with L L' = m, row by row; of a semidefinite matrix, too: a column without anything new is 0.
std::vector<double> cholesky(std::vector<double> m, std::size_t k) {
  constexpr double nothing_new = 1e-10;  // of the variance
  for (std::size_t j = 0; j < k; ++j) {
    const double all = m[j * k + j];
    double left = all;
    for (std::size_t c = 0; c < j; ++c) left -= m[j * k + c] * m[j * k + c];
    const double pivot = left > nothing_new * all ? std::sqrt(left) : 0;
    for (std::size_t i = j; i < k; ++i) {
      double sum = m[i * k + j];
      for (std::size_t c = 0; c < j; ++c) sum -= m[i * k + c] * m[j * k + c];
      m[i * k + j] = i == j ? pivot : pivot > 0 ? sum / pivot : 0;
      if (i > j) m[j * k + i] = 0;
    }
  }
  return m;
}

/// Covariances of the means of systems with common random numbers.
std::vector<double> covariances(const Contest& contest, const std::vector<std::size_t>& systems,
                                const std::vector<Entrant>& entrants, std::size_t shared) {
  const std::size_t k = systems.size();
  std::vector<std::vector<double>> away(k);  // from the mean, over the root of their sum of squares
  for (std::size_t i = 0; i < k; ++i) {
    const double mean = observed(contest, systems[i], shared).mean;
    double squares = 0;
    for (std::size_t r = 0; r < shared; ++r) {
      away[i].push_back(contest.value(systems[i], r) - mean);
      squares += away[i].back() * away[i].back();
    }
    for (double& x : away[i]) x /= squares > 0 ? std::sqrt(squares) : 1;
  }
  std::vector<double> out(k * k);
  for (std::size_t i = 0; i < k; ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      double correlation = i == j ? 1 : 0;
      for (std::size_t r = 0; r < shared && i != j; ++r) correlation += away[i][r] * away[j][r];
      const double n = static_cast<double>(std::max(entrants[i].replications, entrants[j].replications));
      out[i * k + j] = out[j * k + i] = correlation * entrants[i].sd * entrants[j].sd / n;
    }
  return out;
}

}  // namespace

std::vector<double> chances_of_best(const Contest& contest, const std::vector<std::size_t>& systems,
                                    const std::vector<std::size_t>& replications, const ChanceOptions& options) {
  const std::size_t k = systems.size();
  RETWIN_CHECK(k > 0 && replications.size() == k && *std::min_element(replications.begin(), replications.end()) >= 2);
  const std::size_t shared = *std::min_element(replications.begin(), replications.end());
  std::vector<Entrant> entrants;
  for (std::size_t i = 0; i < k; ++i) entrants.push_back(observed(contest, systems[i], replications[i]));
  const std::vector<double> factor =
      options.common ? cholesky(covariances(contest, systems, entrants, shared), k) : std::vector<double>();
  Variates variates(options.seed);
  std::vector<double> wins(k), normal(k), drawn(k);
  const double sign = options.maximise ? 1 : -1;
  for (std::size_t draw = 0; draw < options.draws; ++draw) {
    const double spread = options.common ? variates.spread(static_cast<double>(shared - 1)) : 0;
    for (std::size_t i = 0; i < k; ++i) {
      normal[i] = variates.normal();
      double away = 0;
      if (options.common) {
        away =
            spread * std::inner_product(normal.begin(), normal.begin() + static_cast<std::ptrdiff_t>(i) + 1, &factor[i * k], 0.0);
      } else {
        const double n = static_cast<double>(replications[i]);
        away = normal[i] * variates.spread(n - 1) * entrants[i].sd / std::sqrt(n);
      }
      drawn[i] = sign * entrants[i].mean + away;
    }
    const double best = *std::max_element(drawn.begin(), drawn.end());
    for (std::size_t i = 0; i < k; ++i) wins[i] += drawn[i] >= best - options.indifference;
  }
  for (double& share : wins) share /= static_cast<double>(options.draws);
  return wins;
}

}  // namespace retwin
