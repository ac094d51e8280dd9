// Values gathered in cells, and the likelihood and distances of a distribution there.
#include "core/stats/fit_cells.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/constants.hpp"
#include "core/stats/intervals.hpp"

namespace retwin {

namespace {

double quantile_of(const Cells& cells, double p) {
  double passed = 0;
  for (std::size_t i = 0; i < cells.x.size(); ++i) {
    passed += cells.count[i];
    if (passed >= p * cells.n) return cells.x[i];
  }
  return cells.max();
}

/// Neighbours of one grid cell become one, at the value that is half of them, else at their mean.
Cells on_grid(const Cells& cells) {
  Cells out;
  double cell = -infinity, sum = 0;
  std::size_t heaviest = 0;
  const double from = cells.min() - cells.width / 2;
  const auto close = [&] {
    if (out.count.empty()) return;
    out.x.back() = 2 * cells.count[heaviest] > out.count.back() ? cells.x[heaviest] : sum / out.count.back();
  };
  for (std::size_t i = 0; i < cells.x.size(); ++i) {
    const double at = std::floor((cells.x[i] - from) / cells.width);
    if (at != cell) {
      close();
      out.x.push_back(0);
      out.count.push_back(0);
      cell = at, sum = 0, heaviest = i;
    }
    if (cells.count[i] > cells.count[heaviest]) heaviest = i;
    out.count.back() += cells.count[i];
    sum += cells.count[i] * cells.x[i];
  }
  close();
  out.resolution = cells.resolution;
  out.width = cells.width;
  return out;
}

/// Integral of (G - F)^2 / (F (1 - F)) over F from a to b, where G runs evenly from p to q. Where it is infinite, F keeps 1e-15
/// away from its ends.
double anderson_darling_piece(double a, double b, double p, double q) {
  if (!(b > a)) return 0;
  if (b - a < 1e-3 * std::min(b, 1 - a)) {
    const double f = (a + b) / 2, gap = (p + q) / 2 - f, turn = (q - p) - (b - a);
    return (gap * gap + turn * turn / 12) / (f * (1 - f)) * (b - a);
  }
  // (alpha + beta F)^2 / (F (1 - F)) = alpha^2 / F + (alpha + beta)^2 / (1 - F) - beta^2
  const double slope = (q - p) / (b - a), alpha = p - slope * a, beta = slope - 1;
  constexpr double end = 1e-15;
  return alpha * alpha * std::log(b / std::max(a, end)) +
         (alpha + beta) * (alpha + beta) * std::log((1 - a) / std::max(1 - b, end)) - beta * beta * (b - a);
}

}  // namespace

double detect_resolution(std::span<const double> values) {
  static constexpr double steps[] = {900, 300, 60, 10, 5, 1, 0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6};
  for (const double step : steps) {
    const double off = std::min(1e-3 * step, 1e-6);  // differences of stamps in seconds since 1970 are no better
    const bool divides = std::all_of(values.begin(), values.end(), [step, off](double x) {
      return std::abs(x - step * std::round(x / step)) <= off && std::abs(x / step) < 1e12;
    });
    if (divides) return step;
  }
  return 0;
}

void summarise(Cells& cells) {
  cells.n = 0;
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < cells.x.size(); ++i) {
    cells.n += cells.count[i];
    sum += cells.count[i] * (cells.x[i] - cells.x[0]);
  }
  cells.mean = cells.x[0] + sum / cells.n;
  for (std::size_t i = 0; i < cells.x.size(); ++i) {
    squares += cells.count[i] * (cells.x[i] - cells.mean) * (cells.x[i] - cells.mean);
  }
  cells.sd = std::sqrt(squares / std::max(1.0, cells.n - 1));
  const double middle = (quantile_of(cells, 0.75) - quantile_of(cells, 0.25)) / 1.349;
  cells.spread = middle > 0 ? std::min(cells.sd, middle) : cells.sd;
}

void take_logarithms(Cells& cells) {
  cells.log_x.resize(cells.x.size());
  std::transform(cells.x.begin(), cells.x.end(), cells.log_x.begin(), [](double x) { return std::log(x); });
}

Cells gather(std::span<const double> sorted, double resolution, std::size_t most) {
  Cells cells;
  for (const double x : sorted) {
    if (cells.x.empty() || x > cells.x.back()) {
      cells.x.push_back(x);
      cells.count.push_back(0);
    }
    cells.count.back() += 1;
  }
  summarise(cells);
  cells.resolution = resolution;
  const double of_spread = static_cast<double>(most) / 4;
  cells.width = std::max({resolution, cells.spread / of_spread, 1e-12 * std::max(std::abs(cells.min()), std::abs(cells.max()))});
  if (cells.x.size() > most) {
    cells = on_grid(cells);
    summarise(cells);
  }
  take_logarithms(cells);
  return cells;
}

Cells without(const Cells& cells, std::size_t leave_out) {
  Cells rest = cells;
  rest.x.erase(rest.x.begin() + static_cast<std::ptrdiff_t>(leave_out));
  rest.count.erase(rest.count.begin() + static_cast<std::ptrdiff_t>(leave_out));
  rest.log_x.erase(rest.log_x.begin() + static_cast<std::ptrdiff_t>(leave_out));
  summarise(rest);
  return rest;  // same width, or the likelihoods would not add up
}

FitPart Curve::part(double weight) const {
  FitPart out{weight, key, {}};
  for (const Named& parameter : named) {
    if (parameter.name != nullptr) out.parameters.emplace_back(parameter.name, parameter.value);
  }
  return out;
}

double Curve::log_cell_exactly(double x, double w) const {
  const double p = distribution.probability(x - w / 2, x + w / 2);
  return p > 0 ? std::log(p) : -infinity;
}

double Curve::log_cell(const Cells& cells, std::size_t cell) const {
  double found = 0;
  each_log_cell(cells, [&](std::size_t i, double log_cell) {
    found = log_cell;
    return i < cell;
  });
  return found;
}

double log_likelihood(const Cells& cells, const Curve& curve) {
  double sum = 0;
  curve.each_log_cell(cells, [&](std::size_t i, double log_cell) {
    if (cells.count[i] > 0) sum += cells.count[i] * log_cell;
    if (!cells.censored.empty() && cells.censored[i] > 0) {
      sum += cells.censored[i] * std::log(curve.distribution.probability(cells.x[i], infinity));
    }
    if (!(sum > -infinity)) sum = -infinity;
    return sum > -infinity;
  });
  return sum;
}

Fit weighed(const Cells& cells, Distribution distribution, std::string family, std::vector<FitPart> parts, int n_parameters,
            double log_likelihood, int ends) {
  Fit fit;
  fit.family = std::move(family);
  fit.parts = std::move(parts);
  fit.n_parameters = n_parameters;
  fit.n = static_cast<std::size_t>(cells.n);
  fit.cell = cells.width;
  fit.log_likelihood = log_likelihood;
  fit.aic = 2 * n_parameters - 2 * log_likelihood;
  fit.bic = (n_parameters + ends) * std::log(cells.n) - 2 * log_likelihood;
  fit.distribution = std::move(distribution);
  return fit;
}

void measure(const Cells& cells, Fit& fit) {
  if (!std::isnan(fit.ks)) return;
  const Distribution& distribution = fit.distribution;
  double below = 0, seen = 0, distance = 0, area = 0;
  for (std::size_t i = 0; i < cells.x.size(); ++i) {
    // cells do not overlap: each ends half-way to its neighbours at the latest
    const double x = cells.x[i], w = cells.width;
    const double from = i == 0 ? x - w / 2 : std::max(x - w / 2, (x + cells.x[i - 1]) / 2);
    const double to = i + 1 == cells.x.size() ? x + w / 2 : std::min(x + w / 2, (x + cells.x[i + 1]) / 2);
    const double at = std::clamp(distribution.cdf(from), below, 1.0), above = std::clamp(distribution.cdf(to), at, 1.0);
    const double now = i + 1 == cells.x.size() ? 1 : seen + cells.count[i] / cells.n;
    distance = std::max({distance, std::abs(at - seen), std::abs(above - now)});
    area += anderson_darling_piece(below, at, seen, seen) + anderson_darling_piece(at, above, seen, now);
    below = above, seen = now;
  }
  area += anderson_darling_piece(below, 1, 1, 1);
  const TestResult test = kolmogorov_test(distance, cells.n);
  fit.ks = test.statistic;
  fit.ks_p = test.p_value;
  fit.anderson_darling = cells.n * area;
}

}  // namespace retwin
