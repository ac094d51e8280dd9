// Two-component mixtures by expectation and maximisation (Dempster, Laird & Rubin, J. R. Stat. Soc. B 39, 1977).
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/stats/fit_families.hpp"

#include "core/base/constants.hpp"

namespace retwin {

namespace {

/// What a mixture is made of: the curve of a component by the mean and sd of the scale on which it is fitted.
struct Kind {
  const char* name;
  int parameters;  ///< of one component
  bool logarithms;
  std::optional<Curve> (*curve)(double mean, double sd, bool non_negative);
};

std::optional<Curve> finished(std::optional<Curve> curve) {
  if (curve) curve->finish();
  return curve;
}

const Kind kinds[] = {
    {"two exponentials", 1, false,
     [](double mean, double, bool) { return finished(positive_family("exponential").curve(mean, 1)); }},
    {"two lognormals", 2, true,
     [](double mean, double sd, bool) { return finished(positive_family("lognormal").curve(std::exp(mean + sd * sd / 2), sd)); }},
    {"two normals", 2, false, normal_curve},
};

struct Component {
  double weight = 0, mean = 0, sd = 0;
};
struct Mixture {
  Component parts[2];
  double log_likelihood = -infinity;
};

/// Components from the share of each cell that belongs to the first one; false if one of them has vanished.
bool maximise(const Cells& cells, const std::vector<double>& y, const std::vector<double>& share, double least_sd,
              Component (&parts)[2]) {
  for (int j = 0; j < 2; ++j) {
    const auto of = [&](std::size_t i) { return cells.count[i] * (j == 0 ? share[i] : 1 - share[i]); };
    double weight = 0, sum = 0, squares = 0;
    for (std::size_t i = 0; i < y.size(); ++i) weight += of(i), sum += of(i) * y[i];
    if (!(weight >= 3)) return false;
    const double mean = sum / weight;
    for (std::size_t i = 0; i < y.size(); ++i) squares += of(i) * (y[i] - mean) * (y[i] - mean);
    parts[j] = {weight / cells.n, mean, std::max(least_sd, std::sqrt(squares / weight))};
  }
  return true;
}

/// Share of the first component in each cell; returns the log-likelihood, -inf if a component is not possible.
double expect(const Kind& kind, const Cells& cells, const Component (&parts)[2], std::vector<double>& share) {
  const bool non_negative = cells.non_negative();
  const std::optional<Curve> first = kind.curve(parts[0].mean, parts[0].sd, non_negative);
  const std::optional<Curve> second = kind.curve(parts[1].mean, parts[1].sd, non_negative);
  if (!first || !second) return -infinity;
  const double a0 = std::log(parts[0].weight), b0 = std::log(parts[1].weight);
  first->each_log_cell(cells, [&](std::size_t i, double log_cell) {
    share[i] = a0 + log_cell;
    return true;
  });
  double sum = 0;
  second->each_log_cell(cells, [&](std::size_t i, double log_cell) {
    const double a = share[i], b = b0 + log_cell;
    const double top = std::max(a, b), rest = std::log1p(std::exp(-std::abs(a - b)));
    share[i] = std::exp(a - top - rest);
    sum += cells.count[i] * (top + rest);
    if (!(top > -infinity)) sum = -infinity;
    return sum > -infinity;
  });
  return sum;
}

/// From a split of the sorted values at this share of them.
Mixture climb(const Kind& kind, const Cells& cells, const std::vector<double>& y, double split, int rounds) {
  const double least_sd = kind.logarithms ? 1e-3 : cells.width;
  std::vector<double> share(y.size());
  double seen = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    seen += cells.count[i];
    share[i] = seen <= split * cells.n ? 0.9 : 0.1;
  }
  Mixture best;
  for (int round = 0; round < rounds; ++round) {
    Mixture next;
    if (!maximise(cells, y, share, least_sd, next.parts)) break;
    next.log_likelihood = expect(kind, cells, next.parts, share);
    const double gained = next.log_likelihood - best.log_likelihood;
    if (!(gained > 0)) break;
    best = next;
    if (gained < 1e-5) break;
  }
  return best;
}

std::optional<Fit> fit_kind(const Kind& kind, const Cells& cells) {
  const bool needs_positive = kind.curve != static_cast<decltype(kind.curve)>(normal_curve);
  if (needs_positive && !cells.non_negative()) return std::nullopt;
  std::vector<double> y = cells.x;
  if (kind.logarithms) {
    for (double& x : y) x = std::log(std::max(x, cells.width / 4));
  }
  double split = 0.5, most = -infinity;
  for (const double at : {0.2, 0.5, 0.8, 0.95}) {
    const double reached = climb(kind, cells, y, at, 15).log_likelihood;
    if (reached > most) most = reached, split = at;
  }
  const Mixture mixture = climb(kind, cells, y, split, 1000);
  if (!(mixture.log_likelihood > -infinity)) return std::nullopt;
  std::vector<Distribution> parts;
  std::vector<FitPart> described;
  std::vector<double> weights;
  for (const Component& part : mixture.parts) {
    const std::optional<Curve> curve = kind.curve(part.mean, part.sd, cells.non_negative());
    if (curve->distribution.sd() < cells.width / 2) return std::nullopt;  // that is a constant, see "constant + ..."
    parts.push_back(curve->distribution);
    weights.push_back(part.weight);
    described.push_back(curve->part(part.weight));
  }
  return weighed(cells, Distribution::mixture(std::move(parts), std::move(weights)), kind.name, std::move(described),
                 2 * kind.parameters + 1, mixture.log_likelihood);
}

}  // namespace

std::vector<Fit> fit_mixtures(const Cells& cells) {
  std::vector<Fit> fits;
  for (const Kind& kind : kinds) {
    if (auto fit = fit_kind(kind, cells)) fits.push_back(std::move(*fit));
  }
  return fits;
}

}  // namespace retwin
