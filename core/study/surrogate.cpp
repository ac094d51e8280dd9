// A Gaussian process through what was found at a few points: what the response would be elsewhere, and where to look next.
#include "core/study/surrogate.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/constants.hpp"
#include "core/base/problem.hpp"
#include "core/base/random.hpp"
#include "core/study/gaussian_process.hpp"

namespace retwin {
namespace {

/// Logarithm of density(z) + z probability(z), the expected excess of a standard normal value over -z; far below 0 by the first term of
/// Mills' ratio.
double log_excess(double z) {
  const double log_density = -z * z / 2 - std::log(2 * pi) / 2;
  if (z < -30) return log_density - 2 * std::log(-z);
  const double probability = std::erfc(-z / std::sqrt(2.0)) / 2;
  return z > -1 ? std::log(std::exp(log_density) + z * probability)
                : log_density + std::log1p(z * probability / std::exp(log_density));
}

/// Logarithm of the expected improvement.
double log_improvement(const Predicted& predicted, double best) {
  const double sd = std::sqrt(predicted.variance), below = best - predicted.mean;
  if (sd == 0) return below > 0 ? std::log(below) : -infinity;
  return std::log(sd) + log_excess(below / sd);
}

}  // namespace

struct Surrogate::Fitted {
  GaussianData data;
  GaussianProcess process;
  Hyperparameters hyperparameters;
  std::size_t best = 0;
  Fitted(GaussianData all, const SurrogateOptions& options) : data(std::move(all)), process(most_likely(data, options)) {
    const double square = data.scale * data.scale;
    const Eigen::VectorXd theta = process.theta().head(static_cast<Eigen::Index>(data.points.dimensions)).array().exp();
    hyperparameters = {{theta.begin(), theta.end()},
                       data.offset + data.scale * process.mean(),
                       square * process.variance(),
                       square * process.nugget(),
                       process.log_likelihood() - static_cast<double>(data.size()) * std::log(data.scale)};
    for (std::size_t k = 0; k < data.points.size(); ++k) {
      if (process.predict(data.points[k]).mean < process.predict(data.points[best]).mean) best = k;
    }
  }
  Fitted(const Fitted&) = delete;
  Fitted& operator=(const Fitted&) = delete;
  /// Of the noise of a response at a point that is not known yet: as at the others, on average.
  double noise() const { return data.scale * data.scale * data.noise.mean() + hyperparameters.nugget; }
  Predicted in_units(const Predicted& predicted) const {
    return {data.offset + data.scale * predicted.mean, data.scale * data.scale * predicted.variance};
  }
};

Surrogate::Surrogate(Points points, const Responses& responses, const SurrogateOptions& options)
    : fitted_(std::make_shared<Fitted>(gaussian_data(std::move(points), responses, options.nugget), options)) {}

Predicted Surrogate::predict(std::span<const double> x) const {
  RETWIN_CHECK(x.size() == fitted_->data.points.dimensions);
  return fitted_->in_units(fitted_->process.predict(x));
}

const Hyperparameters& Surrogate::hyperparameters() const { return fitted_->hyperparameters; }

std::vector<Predicted> Surrogate::left_out() const {
  if (fitted_->data.size() == 1) return {{retwin::nan, retwin::nan}};
  std::vector<Predicted> out = fitted_->process.left_out();
  for (Predicted& predicted : out) predicted = fitted_->in_units(predicted);
  return out;
}

std::size_t Surrogate::best() const { return fitted_->best; }

std::vector<std::size_t> Surrogate::draw_lowest(const Points& candidates, std::size_t draws, std::uint64_t seed) const {
  RETWIN_CHECK(candidates.dimensions == fitted_->data.points.dimensions);
  const auto [mean, root] = fitted_->process.predict_all(candidates);
  const auto m = static_cast<std::size_t>(mean.size());
  std::vector<std::size_t> lowest;
  std::vector<bool> taken(m, false);
  for (std::size_t draw = 0; draw < std::min(draws, m); ++draw) {
    Eigen::VectorXd response = mean;
    if (draw > 0) {  // normal variables by Box & Muller (Annals of Mathematical Statistics 29, 1958)
      Eigen::VectorXd normal(mean.size());
      for (Eigen::Index k = 0; k < normal.size(); ++k) {
        const auto at = static_cast<std::uint64_t>(k);
        normal[k] = std::sqrt(-2 * std::log(to_unit(philox(seed, draw, 2 * at)))) * std::cos(2 * pi * to_unit(philox(seed, draw, 2 * at + 1)));
      }
      response += root * normal;
    }
    std::size_t best = m;
    for (std::size_t k = 0; k < m; ++k) {
      if (!taken[k] && (best == m || response[static_cast<Eigen::Index>(k)] < response[static_cast<Eigen::Index>(best)])) best = k;
    }
    taken[best] = true;
    lowest.push_back(best);
  }
  return lowest;
}

double Surrogate::expected_improvement(std::span<const double> x, double best) const {
  return std::exp(log_improvement(predict(x), best));
}

namespace {

/// A point and how good it is.
struct Found {
  std::vector<double> at;
  double value;
};

void snap_to(const Snap& snap, std::vector<double>& x) {
  for (double& coordinate : x) coordinate = std::clamp(coordinate, 0.0, 1.0);
  if (snap) snap(x);
}

/// Searches along the axes with steps that are halved where none helps (Hooke & Jeeves, J. ACM 8, 1961, without their pattern moves).
template <class Value>
Found search_axes(Found from, const Snap& snap, Value value) {
  constexpr double first_step = 0.25, least_step = 1e-5;
  int left = 500 * static_cast<int>(from.at.size());
  for (double step = first_step; step > least_step && left > 0;) {
    bool better = false;
    for (std::size_t k = 0; k < 2 * from.at.size(); ++k, --left) {
      std::vector<double> at = from.at;
      at[k / 2] += k % 2 == 0 ? step : -step;
      snap_to(snap, at);
      if (at == from.at) continue;
      const double here = value(at);
      if (here > from.value) from = {std::move(at), here}, better = true;
    }
    if (!better) step /= 2;
  }
  return from;
}

}  // namespace

Proposal Surrogate::propose(std::uint64_t seed, const Snap& snap, std::size_t candidates) const {
  constexpr std::size_t searched = 3;
  constexpr double near[] = {0.2, 0.02, 0.002};  // widths of the boxes around the best point
  const std::size_t d = fitted_->data.points.dimensions;
  const auto centre = fitted_->data.points[fitted_->best];
  const double lowest = predict(centre).mean, noise = fitted_->noise();
  const auto value = [&](std::span<const double> x) {
    const Predicted predicted = predict(x);
    return log_improvement(predicted, lowest) + (noise > 0 ? std::log1p(-std::sqrt(noise / (predicted.variance + noise))) : 0);
  };
  std::vector<Found> found;
  const auto consider = [&](std::vector<double> at) {
    snap_to(snap, at);
    const double here = value(at);
    found.push_back({std::move(at), here});
  };
  const Points all = sobol_points(std::max(candidates, searched), d, seed);
  for (std::size_t k = 0; k < all.size(); ++k) {
    const auto unit = all[k];
    consider({unit.begin(), unit.end()});
    if (k >= all.size() / 8) continue;
    std::vector<double> step(d);
    for (std::size_t j = 0; j < d; ++j) step[j] = centre[j] + near[k % 3] * (unit[j] - 0.5);
    consider(std::move(step));
  }
  std::stable_sort(found.begin(), found.end(), [](const Found& a, const Found& b) { return a.value > b.value; });
  Found best = found[0];
  for (std::size_t k = 0; k < searched; ++k) {
    Found here = search_axes(found[k], snap, value);
    if (here.value > best.value) best = std::move(here);
  }
  const double improvement = expected_improvement(best.at, lowest);
  return {std::move(best.at), improvement};
}

}  // namespace retwin
