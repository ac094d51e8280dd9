// The Gaussian process behind a surrogate: its matrix, its likelihood, and the search for the hyperparameters of the highest.
#include "core/study/gaussian_process.hpp"

#include <algorithm>
#include <numeric>

#include "core/base/constants.hpp"
#include "core/base/problem.hpp"
#include "core/base/random.hpp"
#include "core/stats/tally.hpp"

namespace retwin {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr std::size_t most_to_search = 100;  // points that the starts are told apart by
// In what the logarithms of the hyperparameters are searched: lengths in unit cubes, variances in those of the responses.
constexpr double length_range[] = {0.02, 20}, variances[] = {1e-4, 1e4}, nuggets[] = {1e-8, 10};
// Where the search starts.
constexpr double first_lengths[] = {0.1, 3}, first_variances[] = {0.3, 3}, first_nuggets[] = {1e-4, 0.3};

/// Some of the points, at random; all if there are no more.
GaussianData some_of(const GaussianData& data, std::size_t most, std::uint64_t seed) {
  const std::size_t n = data.points.size();
  if (n <= most) return data;
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto rank = [&](std::size_t k) { return philox(seed, stream_id("surrogate.subset"), k); };
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
  GaussianData some{{data.points.dimensions, {}}, VectorXd(most), VectorXd(most), data.nugget, data.offset, data.scale};
  for (std::size_t k = 0; k < most; ++k) {
    some.points.add(data.points[order[k]]);
    some.y[static_cast<Eigen::Index>(k)] = data.y[static_cast<Eigen::Index>(order[k])];
    some.noise[static_cast<Eigen::Index>(k)] = data.noise[static_cast<Eigen::Index>(order[k])];
  }
  return some;
}

double matern(double r) { return (1 + std::sqrt(5.0) * r + 5.0 / 3 * r * r) * std::exp(-std::sqrt(5.0) * r); }
/// -d matern / d r / r
double matern_slope(double r) { return 5.0 / 3 * (1 + std::sqrt(5.0) * r) * std::exp(-std::sqrt(5.0) * r); }

/// Squared distance in lengths.
double squared_distance(std::span<const double> a, std::span<const double> b, const VectorXd& inverse_squares) {
  double sum = 0;
  for (std::size_t j = 0; j < a.size(); ++j) sum += (a[j] - b[j]) * (a[j] - b[j]) * inverse_squares[static_cast<Eigen::Index>(j)];
  return sum;
}

/// Bounds of theta, and its place in a box from a point of the unit cube.
struct Box {
  VectorXd low, high;
  Box(const GaussianData& data, const double (&length)[2], const double (&variance)[2], const double (&nugget)[2])
      : low(VectorXd::Constant(data.parameters(), std::log(length[0]))),
        high(VectorXd::Constant(data.parameters(), std::log(length[1]))) {
    const auto d = static_cast<Eigen::Index>(data.points.dimensions);
    const auto set = [&](Eigen::Index k, const double(&range)[2]) { low[k] = std::log(range[0]), high[k] = std::log(range[1]); };
    set(d, variance);
    if (data.nugget) set(d + 1, nugget);
  }
  VectorXd at(std::span<const double> unit) const {
    return low + (high - low).cwiseProduct(Eigen::Map<const VectorXd>(unit.data(), low.size()));
  }
  VectorXd clamped(const VectorXd& x) const { return x.cwiseMax(low).cwiseMin(high); }
};

/// One step along a direction within the box, halved until the likelihood rises enough (Armijo's rule). @return the process before, if
/// it does not
GaussianProcess step(const GaussianData& data, const Box& box, const GaussianProcess& from, const VectorXd& gradient,
                     const VectorXd& direction) {
  constexpr double longest = 1.5, least_share = 1e-4;
  double length = std::min(1.0, longest / direction.cwiseAbs().maxCoeff());
  for (int k = 0; k < 12; ++k, length /= 2) {
    GaussianProcess next(data, box.clamped(from.theta() + length * direction));
    if (next.log_likelihood() > from.log_likelihood() + least_share * gradient.dot(next.theta() - from.theta())) return next;
  }
  return from;
}

/// Climbs to a maximum of the likelihood: the quasi-Newton search of Broyden, Fletcher, Goldfarb & Shanno (Nocedal & Wright, Numerical
/// Optimization, 2006, (6.17), (6.20)) among the parameters that are not held at a bound (Bertsekas, SIAM J. Control and Optimization 20,
/// 1982).
GaussianProcess climb(const GaussianData& data, const Box& box, GaussianProcess at, int steps) {
  constexpr double enough = 1e-3;  // of a logarithm of the likelihood: what it tells of no data
  const Eigen::Index n = at.theta().size();
  MatrixXd h = MatrixXd::Identity(n, n);
  bool fresh = true;
  VectorXd gradient = at.gradient();
  for (int k = 0; k < steps; ++k) {
    const auto held = (at.theta().array() <= box.low.array() && gradient.array() < 0) ||
                      (at.theta().array() >= box.high.array() && gradient.array() > 0);
    const VectorXd open = held.select(VectorXd::Zero(n), VectorXd::Ones(n));
    const VectorXd direction = open.cwiseProduct(h * open.cwiseProduct(gradient));
    if (!direction.allFinite() || direction.isZero(0)) break;
    GaussianProcess next = step(data, box, at, gradient, direction);
    const VectorXd moved = next.theta() - at.theta();
    const double gain = next.log_likelihood() - at.log_likelihood();
    if (gain < enough) {
      if (gain > 0) at = std::move(next);
      if (fresh) break;
      h.setIdentity();
      fresh = true;
      if (gain > 0) gradient = at.gradient();
      continue;
    }
    at = std::move(next);
    const VectorXd before = gradient;
    gradient = at.gradient();
    const VectorXd turned = before - gradient;
    const double curvature = moved.dot(turned);
    if (curvature <= 1e-10 * moved.norm() * turned.norm()) continue;
    if (fresh) h *= curvature / turned.squaredNorm();
    fresh = false;
    const MatrixXd left = MatrixXd::Identity(n, n) - moved * turned.transpose() / curvature;
    h = left * h * left.transpose() + moved * moved.transpose() / curvature;
  }
  return at;
}

}  // namespace

GaussianData gaussian_data(Points points, const Responses& responses, bool nugget) {
  const std::size_t n = points.size();
  RETWIN_CHECK(n > 0 && responses.mean.size() == n && (responses.error.empty() || responses.error.size() == n));
  Tally tally, noise;
  for (std::size_t k = 0; k < n; ++k) tally.add(responses.mean[k]), noise.add(responses.variance(k));
  const double spread = (n > 1 ? tally.variance() : 0) + noise.mean();
  GaussianData data{std::move(points), VectorXd(n), VectorXd(n), nugget, tally.mean(), spread > 0 ? std::sqrt(spread) : 1};
  for (std::size_t k = 0; k < n; ++k) {
    data.y[static_cast<Eigen::Index>(k)] = (responses.mean[k] - data.offset) / data.scale;
    data.noise[static_cast<Eigen::Index>(k)] = responses.variance(k) / (data.scale * data.scale);
  }
  RETWIN_CHECK(data.y.allFinite() && data.noise.allFinite());
  return data;
}

GaussianProcess::GaussianProcess(const GaussianData& data, VectorXd theta)
    : data_(&data),
      theta_(std::move(theta)),
      inverse_squares_((-2 * theta_.head(dimensions())).array().exp()),
      variance_(std::exp(theta_[dimensions()])) {
  factorise(kernel());
  const VectorXd ones = VectorXd::Ones(data.size());
  inverse_ones_ = factor_.solve(ones);
  precision_ = inverse_ones_.sum();
  mean_ = inverse_ones_.dot(data.y) / precision_;
  weights_ = factor_.solve(data.y - mean_ * ones);
  const double log_determinant = 2 * factor_.matrixLLT().diagonal().array().log().sum();
  log_likelihood_ =
      -(weights_.dot(data.y - mean_ * ones) + log_determinant + static_cast<double>(data.size()) * std::log(2 * pi)) / 2;
}

VectorXd GaussianProcess::gradient() const {
  const MatrixXd k = inverse();
  const auto w = [&](Eigen::Index i, Eigen::Index j) { return weights_[i] * weights_[j] - k(i, j); };
  const double with_jitter = variance_ * (1 + jitter_);
  VectorXd out = VectorXd::Zero(theta_.size());
  const Eigen::Index d = dimensions();
  for (Eigen::Index i = 0; i < data_->size(); ++i) {
    const auto a = data_->points[static_cast<std::size_t>(i)];
    out[d] += w(i, i) * with_jitter / 2;
    if (data_->nugget) out[d + 1] += w(i, i) * nugget() / 2;
    for (Eigen::Index j = 0; j < i; ++j) {
      const auto b = data_->points[static_cast<std::size_t>(j)];
      const double r = std::sqrt(squared_distance(a, b, inverse_squares_)), slope = w(i, j) * variance_ * matern_slope(r);
      out[d] += w(i, j) * variance_ * matern(r);
      for (Eigen::Index m = 0; m < d; ++m) {
        const double apart = a[static_cast<std::size_t>(m)] - b[static_cast<std::size_t>(m)];
        out[m] += slope * apart * apart * inverse_squares_[m];
      }
    }
  }
  return out;
}

Predicted GaussianProcess::predict(std::span<const double> x) const {
  VectorXd k(data_->size());
  for (Eigen::Index i = 0; i < k.size(); ++i) {
    k[i] = variance_ * correlation(x, data_->points[static_cast<std::size_t>(i)]);
  }
  const double mean = mean_ + k.dot(weights_), of_mean = 1 - k.dot(inverse_ones_);
  factor_.matrixL().solveInPlace(k);
  return {mean, std::max(0.0, variance_ - k.squaredNorm() + of_mean * of_mean / precision_)};
}

std::pair<VectorXd, MatrixXd> GaussianProcess::predict_all(const Points& at) const {
  const auto m = static_cast<Eigen::Index>(at.size());
  MatrixXd k(data_->size(), m), covariance(m, m);
  for (Eigen::Index j = 0; j < m; ++j) {
    const auto x = at[static_cast<std::size_t>(j)];
    for (Eigen::Index i = 0; i < data_->size(); ++i) k(i, j) = variance_ * correlation(x, data_->points[static_cast<std::size_t>(i)]);
    for (Eigen::Index i = j; i < m; ++i) covariance(i, j) = variance_ * correlation(at[static_cast<std::size_t>(i)], x);
  }
  const VectorXd mean = VectorXd::Constant(m, mean_) + k.transpose() * weights_, of_mean = VectorXd::Ones(m) - k.transpose() * inverse_ones_;
  factor_.matrixL().solveInPlace(k);
  covariance = covariance.selfadjointView<Eigen::Lower>();
  covariance += of_mean * of_mean.transpose() / precision_ - k.transpose() * k;
  for (double more = 1e-10;; more *= 10) {  // as in factorise()
    MatrixXd firmer = covariance;
    firmer.diagonal().array() += more * variance_;
    const Eigen::LLT<MatrixXd> root(firmer);
    if (root.info() == Eigen::Success) return {mean, root.matrixL()};
    RETWIN_CHECK(more < 1);
  }
}

/// The inverse without what the mean takes: its rows sum to 0.
std::vector<Predicted> GaussianProcess::left_out() const {
  const VectorXd diagonal = inverse().diagonal() - inverse_ones_.cwiseAbs2() / precision_;
  std::vector<Predicted> out;
  for (Eigen::Index i = 0; i < data_->size(); ++i) out.push_back({data_->y[i] - weights_[i] / diagonal[i], 1 / diagonal[i]});
  return out;
}

double GaussianProcess::correlation(std::span<const double> a, std::span<const double> b) const {
  return matern(std::sqrt(squared_distance(a, b, inverse_squares_)));
}

/// Its lower half.
MatrixXd GaussianProcess::kernel() const {
  MatrixXd k(data_->size(), data_->size());
  for (Eigen::Index j = 0; j < data_->size(); ++j) {
    const auto b = data_->points[static_cast<std::size_t>(j)];
    k(j, j) = variance_ + data_->noise[j] + nugget();
    for (Eigen::Index i = j + 1; i < data_->size(); ++i) {
      k(i, j) = variance_ * correlation(data_->points[static_cast<std::size_t>(i)], b);
    }
  }
  return k;
}

/// With as much on the diagonal as it takes, in shares of the variance: points may stand close together, or twice.
void GaussianProcess::factorise(const MatrixXd& kernel) {
  for (jitter_ = 1e-12;; jitter_ *= 10) {
    MatrixXd firmer = kernel;
    firmer.diagonal().array() += jitter_ * variance_;
    factor_.compute(firmer);
    if (factor_.info() == Eigen::Success) return;
    RETWIN_CHECK(jitter_ < 1);
  }
}

/// Its lower half, a few columns at a time: of those above, neither substitution needs more than the corner below them.
MatrixXd GaussianProcess::inverse() const {
  constexpr Eigen::Index most = 64;
  const Eigen::Index n = data_->size();
  MatrixXd out(n, n);
  for (Eigen::Index first = 0; first < n; first += most) {
    const Eigen::Index rest = n - first, columns = std::min(most, rest);
    const auto corner = factor_.matrixLLT().bottomRightCorner(rest, rest);
    MatrixXd block = MatrixXd::Identity(rest, columns);
    corner.triangularView<Eigen::Lower>().solveInPlace(block);
    corner.transpose().triangularView<Eigen::Upper>().solveInPlace(block);
    out.block(first, first, rest, columns) = block;
  }
  return out;
}

GaussianProcess most_likely(const GaussianData& data, const SurrogateOptions& options) {
  const Box box(data, length_range, variances, nuggets), starts(data, first_lengths, first_variances, first_nuggets);
  const GaussianData part = some_of(data, most_to_search, options.seed);
  const Points units = sobol_points(static_cast<std::size_t>(std::max(1, options.starts)),
                                    static_cast<std::size_t>(data.parameters()), options.seed);
  GaussianProcess best = climb(part, box, GaussianProcess(part, starts.at(units[0])), 40);
  for (std::size_t k = 1; k < units.size(); ++k) {
    GaussianProcess other = climb(part, box, GaussianProcess(part, starts.at(units[k])), 40);
    if (other.log_likelihood() > best.log_likelihood()) best = std::move(other);
  }
  return climb(data, box, GaussianProcess(data, best.theta()), 12);
}

}  // namespace retwin
