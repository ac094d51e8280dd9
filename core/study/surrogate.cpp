// A Gaussian process through what was found at a few points: what the response would be elsewhere, and where to look next.
#include "core/study/surrogate.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

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

/// Logarithm of the chance of a value above 0; far below by the first term of Mills' ratio.
double log_chance_above_0(const Predicted& predicted) {
  const double sd = std::sqrt(predicted.variance);
  if (sd == 0) return predicted.mean >= 0 ? 0 : -infinity;
  const double z = predicted.mean / sd;
  return z < -30 ? -z * z / 2 - std::log(2 * pi) / 2 - std::log(-z) : std::log(std::erfc(-z / std::sqrt(2.0)) / 2);
}

}  // namespace

namespace {

double log_chance_to_hold(const Conditions& conditions, std::span<const double> x) {
  double sum = 0;
  for (const Surrogate& condition : conditions) sum += log_chance_above_0(condition.predict(x));
  return sum;
}

}  // namespace

double chance_to_hold(const Conditions& conditions, std::span<const double> x) { return std::exp(log_chance_to_hold(conditions, x)); }

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

namespace {

/// Draws of a process at several points.
class ProcessDraws {
 public:
  /// @param first number of the streams of its normal variables: another one for each process
  ProcessDraws(const GaussianProcess& process, const Points& at, std::uint64_t seed, std::uint64_t first) : seed_(seed), first_(first) {
    std::tie(mean_, root_) = process.predict_all(at);
  }
  /// Number 0 is the mean. Normal variables by Box & Muller (Annals of Mathematical Statistics 29, 1958).
  Eigen::VectorXd operator()(std::uint64_t number) const {
    if (number == 0) return mean_;
    Eigen::VectorXd normal(mean_.size());
    for (Eigen::Index k = 0; k < normal.size(); ++k) {
      const auto at = first_ + 2 * static_cast<std::uint64_t>(k);
      normal[k] = std::sqrt(-2 * std::log(to_unit(philox(seed_, number, at)))) * std::cos(2 * pi * to_unit(philox(seed_, number, at + 1)));
    }
    return mean_ + root_ * normal;
  }

 private:
  std::uint64_t seed_, first_;
  Eigen::VectorXd mean_;
  Eigen::MatrixXd root_;
};

}  // namespace

std::vector<std::size_t> Surrogate::draw_lowest(const Points& candidates, std::size_t draws, std::uint64_t seed, const Conditions& conditions) const {
  RETWIN_CHECK(candidates.dimensions == fitted_->data.points.dimensions);
  constexpr std::uint64_t streams = std::uint64_t{1} << 32;
  const auto m = static_cast<Eigen::Index>(candidates.size());
  const ProcessDraws response(fitted_->process, candidates, seed, 0);
  std::vector<ProcessDraws> margins;
  for (const Surrogate& condition : conditions) margins.emplace_back(condition.fitted_->process, candidates, seed, streams * (margins.size() + 1));
  std::vector<std::size_t> lowest;
  std::vector<bool> taken(candidates.size(), false);
  for (std::uint64_t draw = 0; draw < std::min(draws, candidates.size()); ++draw) {
    Eigen::VectorXd worst = Eigen::VectorXd::Zero(m);  // 0: all conditions hold
    for (std::size_t c = 0; c < margins.size(); ++c) {
      const GaussianData& data = conditions[c].fitted_->data;
      worst = worst.cwiseMin((margins[c](draw).array() + data.offset / data.scale).matrix());
    }
    const Eigen::VectorXd here = response(draw);
    const auto better = [&](Eigen::Index a, Eigen::Index b) { return worst[a] != worst[b] ? worst[a] > worst[b] : here[a] < here[b]; };
    Eigen::Index best = m;
    for (Eigen::Index k = 0; k < m; ++k) {
      if (!taken[static_cast<std::size_t>(k)] && (best == m || better(k, best))) best = k;
    }
    taken[static_cast<std::size_t>(best)] = true;
    lowest.push_back(static_cast<std::size_t>(best));
  }
  return lowest;
}

std::optional<std::size_t> Surrogate::best_of(const Conditions& conditions) const {
  if (conditions.empty()) return fitted_->best;
  std::optional<std::size_t> best;
  double lowest = infinity;
  for (std::size_t k = 0; k < fitted_->data.points.size(); ++k) {
    const auto x = fitted_->data.points[k];
    if (std::any_of(conditions.begin(), conditions.end(), [&](const Surrogate& one) { return one.predict(x).mean < 0; })) continue;
    const double here = predict(x).mean;
    if (here < lowest) best = k, lowest = here;
  }
  return best;
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

Proposal Surrogate::propose(std::uint64_t seed, const Snap& snap, const Conditions& conditions, std::size_t candidates) const {
  constexpr std::size_t searched = 3;
  constexpr double near[] = {0.2, 0.02, 0.002};  // widths of the boxes around the best point
  const std::size_t d = fitted_->data.points.dimensions;
  const std::optional<std::size_t> known = best_of(conditions);
  const auto centre = fitted_->data.points[known.value_or(fitted_->best)];
  const double lowest = predict(centre).mean, noise = fitted_->noise();
  const auto value = [&](std::span<const double> x) {
    const double sum = log_chance_to_hold(conditions, x);
    if (!known) return sum;
    const Predicted predicted = predict(x);
    return sum + log_improvement(predicted, lowest) + (noise > 0 ? std::log1p(-std::sqrt(noise / (predicted.variance + noise))) : 0);
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
