// What matters: how a response changes with each decision, and the share of its variance that each is responsible for.
#include "core/study/effects.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/problem.hpp"
#include "core/base/random.hpp"
#include "core/stats/tally.hpp"

namespace retwin {
namespace {

/// The responses of some of the points.
struct LevelCell {
  Tally tally;
  double noise = 0;  ///< sum of variances
  void add(const Responses& responses, std::size_t k) {
    tally.add(responses.mean[k]);
    noise += responses.variance(k);
  }
  double mean() const { return tally.count() == 0 ? nan : tally.mean(); }
  double noise_error() const { return tally.count() == 0 ? nan : std::sqrt(noise) / static_cast<double>(tally.count()); }
};

/// Responses by the levels of one decision.
std::vector<LevelCell> by_level(const Points& points, std::size_t decision, std::size_t levels, const Responses& responses) {
  std::vector<LevelCell> cells(levels);
  for (std::size_t k = 0; k < points.size(); ++k) cells[level_of(points[k][decision], levels)].add(responses, k);
  return cells;
}

void check_sizes(const Points& points, std::span<const std::size_t> levels, const Responses& responses) {
  RETWIN_CHECK(levels.size() == points.dimensions && responses.mean.size() == points.size());
  RETWIN_CHECK(responses.error.empty() || responses.error.size() == points.size());
}

/// The terms of the sums behind the indices, group by group.
struct Terms {
  std::size_t groups, width;
  std::vector<double> values;  ///< a + b, a^2 + b^2, noise of a and b, then for each dimension: first, total
};

Terms terms_of(std::size_t d, const Responses& responses) {
  const std::size_t groups = responses.mean.size() / (d + 2);
  double centre = 0;
  for (std::size_t k = 0; k < groups; ++k) centre += responses.mean[k * (d + 2)] + responses.mean[k * (d + 2) + 1];
  centre /= 2 * static_cast<double>(groups);
  Terms terms{groups, 3 + 2 * d, {}};
  terms.values.reserve(groups * terms.width);
  for (std::size_t at = 0; at < responses.mean.size(); at += d + 2) {
    const double a = responses.mean[at] - centre, b = responses.mean[at + 1] - centre;
    terms.values.insert(terms.values.end(), {a + b, a * a + b * b, responses.variance(at) + responses.variance(at + 1)});
    for (std::size_t i = 0; i < d; ++i) {
      const double mixed = responses.mean[at + 2 + i] - centre, noise = responses.variance(at) + responses.variance(at + 2 + i);
      terms.values.insert(terms.values.end(), {b * (mixed - a), ((a - mixed) * (a - mixed) - noise) / 2});
    }
  }
  return terms;
}

/// Variance without noise, then first and total index of each dimension, from the sums of so many groups.
std::vector<double> indices(const std::vector<double>& sums, std::size_t groups) {
  const double n = static_cast<double>(groups);
  std::vector<double> out{(sums[1] - sums[0] * sums[0] / (2 * n)) / (2 * n - 1) - sums[2] / (2 * n)};
  for (std::size_t k = 3; k < sums.size(); ++k) out.push_back(sums[k] / n / out[0]);
  return out;
}

std::vector<double> sums_of_all(const Terms& terms) {
  std::vector<double> sums(terms.width, 0.0);
  for (std::size_t k = 0; k < terms.values.size(); ++k) sums[k % terms.width] += terms.values[k];
  return sums;
}

/// Sums over as many groups, drawn with replacement.
std::vector<double> sums_of_resample(const Terms& terms, const Draws& draws) {
  std::vector<double> sums(terms.width, 0.0);
  for (std::size_t k = 0; k < terms.groups; ++k) {
    const double* group = &terms.values[level_of(draws.uniform(k), terms.groups) * terms.width];
    for (std::size_t j = 0; j < terms.width; ++j) sums[j] += group[j];
  }
  return sums;
}

/// Between the values around it.
double percentile(const std::vector<double>& sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const double above = sorted[std::min(below + 1, sorted.size() - 1)];
  return sorted[below] + (place - static_cast<double>(below)) * (above - sorted[below]);
}

/// @param resampled NaN among them: unknown
Bounds bounds_of(double estimate, std::vector<double> resampled, double confidence) {
  if (resampled.empty() || std::any_of(resampled.begin(), resampled.end(), [](double x) { return std::isnan(x); })) {
    return {estimate, nan, nan, confidence};
  }
  std::sort(resampled.begin(), resampled.end());
  return {estimate, percentile(resampled, (1 - confidence) / 2), percentile(resampled, (1 + confidence) / 2), confidence};
}

}  // namespace

Responses responses_of(const std::vector<std::vector<double>>& by_point) {
  Responses out;
  for (const std::vector<double>& figures : by_point) out.mean.push_back(mean(figures));
  const std::size_t points = by_point.size(), replications = points == 0 ? 0 : by_point[0].size();
  if (points < 2 || replications < 2) return out;
  std::vector<double> common(replications, 0.0);  // how far all points are off in a replication
  for (std::size_t p = 0; p < points; ++p) {
    RETWIN_CHECK(by_point[p].size() == replications);
    for (std::size_t r = 0; r < replications; ++r) common[r] += (by_point[p][r] - out.mean[p]) / static_cast<double>(points);
  }
  const double freedom = static_cast<double>(replications - 1) * (1 - 1 / static_cast<double>(points));
  for (std::size_t p = 0; p < points; ++p) {
    double squares = 0;
    for (std::size_t r = 0; r < replications; ++r) squares += std::pow(by_point[p][r] - out.mean[p] - common[r], 2);
    out.error.push_back(std::sqrt(squares / freedom / static_cast<double>(replications)));
  }
  return out;
}

std::vector<LevelEffect> main_effects(const Points& points, std::span<const std::size_t> levels, const Responses& responses,
                                      double confidence) {
  check_sizes(points, levels, responses);
  const double all = mean(responses.mean);
  std::vector<LevelEffect> out;
  for (std::size_t j = 0; j < levels.size(); ++j) {
    const std::vector<LevelCell> cells = by_level(points, j, levels[j], responses);
    for (std::size_t level = 0; level < cells.size(); ++level) {
      const LevelCell& cell = cells[level];
      out.push_back({j, level, static_cast<std::size_t>(cell.tally.count()), student_interval(cell.tally, confidence),
                     cell.noise_error(), cell.mean() - all});
    }
  }
  return out;
}

std::vector<PairEffect> pair_effects(const Points& points, std::span<const std::size_t> levels, const Responses& responses,
                                     double confidence) {
  check_sizes(points, levels, responses);
  const double all = mean(responses.mean);
  std::vector<std::vector<LevelCell>> alone;
  for (std::size_t j = 0; j < levels.size(); ++j) alone.push_back(by_level(points, j, levels[j], responses));
  std::vector<PairEffect> out;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    for (std::size_t j = i + 1; j < levels.size(); ++j) {
      std::vector<LevelCell> cells(levels[i] * levels[j]);
      for (std::size_t k = 0; k < points.size(); ++k) {
        cells[level_of(points[k][i], levels[i]) * levels[j] + level_of(points[k][j], levels[j])].add(responses, k);
      }
      for (std::size_t c = 0; c < cells.size(); ++c) {
        const std::size_t a = c / levels[j], b = c % levels[j];
        out.push_back({i, j, a, b, static_cast<std::size_t>(cells[c].tally.count()), student_interval(cells[c].tally, confidence),
                       cells[c].noise_error(), cells[c].mean() - alone[i][a].mean() - alone[j][b].mean() + all});
      }
    }
  }
  return out;
}

SobolIndices sobol_indices(std::size_t dimensions, const Responses& responses, double confidence, std::uint64_t seed,
                           std::size_t resamples) {
  RETWIN_CHECK(!responses.mean.empty() && responses.mean.size() % (dimensions + 2) == 0);
  RETWIN_CHECK(responses.error.empty() || responses.error.size() == responses.mean.size());
  const Terms terms = terms_of(dimensions, responses);
  std::vector<double> sums = sums_of_all(terms), found = indices(sums, terms.groups);
  if (!(found[0] > 0)) std::fill(found.begin() + 1, found.end(), nan);
  std::vector<std::vector<double>> resampled(found.size());
  for (std::size_t k = 0; terms.groups > 1 && k < resamples; ++k) {
    const std::vector<double> again = indices(sums_of_resample(terms, {seed, stream_id("sobol.bootstrap"), k}), terms.groups);
    for (std::size_t j = 1; j < again.size(); ++j) resampled[j].push_back(again[0] > 0 ? again[j] : nan);
  }
  SobolIndices out{{}, found[0], sums[2] / (2 * static_cast<double>(terms.groups))};
  for (std::size_t j = 1; j < found.size(); j += 2) {
    out.of.push_back({bounds_of(found[j], std::move(resampled[j]), confidence),
                      bounds_of(found[j + 1], std::move(resampled[j + 1]), confidence)});
  }
  return out;
}

}  // namespace retwin
